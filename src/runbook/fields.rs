//! What an operator enters into a field, checked against what the field takes. Forms and session inputs share it.

use super::model::{Field, FieldKind};
use crate::powershell::Value;
use crate::powershell::tree::parse_datetime;

/// The value of an entered text. An empty text is `None` where the field is not required. Of a secret only `true` is
/// kept: that it was given.
pub fn read(field: &Field, text: &str) -> Result<Option<Value>, String> {
    let text = text.trim();
    if text.is_empty() {
        return if field.required { Err("is required".into()) } else { Ok(None) };
    }
    if let Some(pattern) = &field.matches {
        let regex = regex::Regex::new(pattern).map_err(|_| format!("its pattern {pattern} cannot be read"))?;
        if !regex.is_match(text) {
            let example = field.example.as_deref().map(|example| format!(", such as {example}")).unwrap_or_default();
            return Err(format!("'{text}' does not match {pattern}{example}"));
        }
    }
    let value = match &field.kind {
        FieldKind::Text => Value::from(text),
        FieldKind::Secret => Value::Bool(true),
        FieldKind::Bool => match text.to_ascii_lowercase().as_str() {
            "yes" | "y" | "true" => Value::Bool(true),
            "no" | "n" | "false" => Value::Bool(false),
            _ => return Err(format!("takes yes or no, found '{text}'")),
        },
        FieldKind::Choice(choices) => match choices.iter().find(|choice| choice.eq_ignore_ascii_case(text)) {
            Some(choice) => Value::from(choice.as_str()),
            None => return Err(format!("takes one of {}, found '{text}'", choices.join(", "))),
        },
        FieldKind::Number => match text.parse::<i64>() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Double(
                text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or(format!("takes a number, found '{text}'"))?,
            ),
        },
        FieldKind::DateTime => {
            Value::DateTime(parse_datetime(text).ok_or(format!("takes a UTC time such as 2026-11-21T03:00:00Z, found '{text}'"))?)
        }
    };
    Ok(Some(value))
}
