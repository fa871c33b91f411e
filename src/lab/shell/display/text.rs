//! Items as text: in strings, in cells, by a format.

use super::super::item::{Item, Object};
use super::{number, time};
use crate::powershell::Value;
use crate::powershell::format::to_text;

/// As `"$item"` and `[string]$item` write it: invariant culture.
pub fn text_of(item: &Item) -> String {
    match item {
        Item::Array(items) => items
            .iter()
            .map(|item| if matches!(item, Item::Array(_)) { "System.Object[]".to_owned() } else { text_of(item) })
            .collect::<Vec<_>>()
            .join(" "),
        Item::Object(object) => match &object.text {
            Some(text) => text.to_string(),
            None if object.is(Object::CUSTOM) || object.type_name.starts_with("Selected.") => {
                let properties = object.iter().map(|(name, value)| {
                    let text = match value {
                        Item::Object(inner) if inner.text.is_none() => String::new(),
                        Item::Array(_) => "System.Object[]".to_owned(),
                        value => text_of(value),
                    };
                    format!("{name}={text}")
                });
                format!("@{{{}}}", properties.collect::<Vec<_>>().join("; "))
            }
            None => object.type_name.to_string(),
        },
        Item::Block(block) => block.text().to_owned(),
        Item::Type(name) => name.trim_start_matches("System.").to_owned(),
        other => to_text(&other.to_value()),
    }
}

/// How many elements of a collection a cell shows.
const ENUMERATION_LIMIT: usize = 4;

/// As a cell of a table or a list shows it: the user's culture, collections in braces.
pub fn shown(item: &Item) -> String {
    match item {
        Item::Value(Value::DateTime(moment)) => time::general(*moment),
        Item::Array(items) => braces(items.iter().map(shown)),
        Item::Object(object) if object.is(Object::HASHTABLE) => {
            braces(object.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().into_iter())
        }
        other => text_of(other),
    }
}

fn braces(texts: impl ExactSizeIterator<Item = String>) -> String {
    let more = texts.len() > ENUMERATION_LIMIT;
    let shown: Vec<String> = texts.take(ENUMERATION_LIMIT).collect();
    format!("{{{}{}}}", shown.join(", "), if more { "..." } else { "" })
}

/// `.ToString(format)`. The error is .NET's.
pub fn format_value(item: &Item, format: &str) -> Result<String, String> {
    let invalid = || "Input string was not in a correct format.".to_owned();
    match item {
        Item::Value(Value::DateTime(moment)) => time::format(*moment, format).ok_or_else(invalid),
        Item::Value(Value::TimeSpan(span)) => {
            time::format_span(*span, format).ok_or_else(|| "Input string was not in a correct format.".to_owned())
        }
        Item::Value(value @ (Value::Int(_) | Value::Double(_))) => number::format(value, format).ok_or_else(invalid),
        Item::Guid(text) => {
            match format {
                "" | "D" | "d" => Ok(text.to_string()),
                "N" | "n" => Ok(text.replace('-', "")),
                "B" | "b" => Ok(format!("{{{text}}}")),
                "P" | "p" => Ok(format!("({text})")),
                _ => Err("Format String can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\"."
                    .to_owned()),
            }
        }
        Item::Enum(member) if format.eq_ignore_ascii_case("d") => Ok(member.number.to_string()),
        other => Ok(text_of(other)),
    }
}

/// `'{0:N2} {1,10}' -f …`
pub fn format_with(format: &str, arguments: &[Item]) -> Result<String, String> {
    const WRONG: &str = "Error formatting a string: Input string was not in a correct format..";
    const FEW: &str = "Error formatting a string: Index (zero based) must be greater than or equal to zero and less than the size of the argument list..";
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' if chars.next_if_eq(&'{').is_some() => text.push('{'),
            '}' if chars.next_if_eq(&'}').is_some() => text.push('}'),
            '}' => return Err(WRONG.to_owned()),
            '{' => {
                let mut inside = String::new();
                loop {
                    match chars.next() {
                        Some('}') => break,
                        Some(c) => inside.push(c),
                        None => return Err(WRONG.to_owned()),
                    }
                }
                let (head, pattern) = inside.split_once(':').unwrap_or((&inside, ""));
                let (index, width) = head.split_once(',').unwrap_or((head, "0"));
                let index: usize = index.trim().parse().map_err(|_| WRONG.to_owned())?;
                let width: i32 = width.trim().parse().map_err(|_| WRONG.to_owned())?;
                let item = arguments.get(index).ok_or_else(|| FEW.to_owned())?;
                // Without a pattern `-f` uses the user's culture, which shows a date as a cell does.
                let filled = if pattern.is_empty() { shown_alone(item) } else { format_value(item, pattern)? };
                let room = usize::try_from(width.unsigned_abs()).unwrap_or(0).min(10_000);
                let padding = " ".repeat(room.saturating_sub(filled.chars().count()));
                if width >= 0 {
                    text.push_str(&padding);
                    text.push_str(&filled);
                } else {
                    text.push_str(&filled);
                    text.push_str(&padding);
                }
            }
            other => text.push(other),
        }
    }
    Ok(text)
}

fn shown_alone(item: &Item) -> String {
    match item {
        Item::Array(_) => "System.Object[]".to_owned(),
        Item::Value(Value::DateTime(moment)) => time::general(*moment),
        other => text_of(other),
    }
}

/// Breaks a line into rows of at most `width` columns. A blank belongs to the word before it; a word that is too long for any
/// row is broken where the row ends.
pub fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut rows = vec![];
    let mut row = String::new();
    let mut length = 0;
    for word in line.split_inclusive(' ') {
        let columns = word.chars().count();
        if length + columns > width && columns <= width {
            rows.push(std::mem::take(&mut row));
            length = 0;
        }
        for c in word.chars() {
            if length == width {
                rows.push(std::mem::take(&mut row));
                length = 0;
            }
            row.push(c);
            length += 1;
        }
    }
    rows.push(row);
    rows.into_iter().map(|row| row.trim_end().to_owned()).collect()
}
