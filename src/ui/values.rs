//! Values in the few words of a cell.

use crate::powershell::Value;
use crate::powershell::tree::format_timespan;
use crate::text::Safe;
use crate::text::age::second_utc;

/// A value as a reader expects it: `True`, `00:30:00`, `22:53:10 UTC`, `not set`, `unknown`.
pub fn words(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Text(text) if text.is_empty() => "''".to_owned(),
        Value::Text(text) => Safe::line(text).into_string(),
        Value::Version(version) => version.to_string(),
        Value::TimeSpan(span) => format_timespan(*span),
        Value::DateTime(time) => second_utc(*time),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(record) => {
            record.iter().map(|(name, value)| format!("{} {}", Safe::line(name), words(value))).collect::<Vec<_>>().join(", ")
        }
        Value::Unknown(_) => "unknown".to_owned(),
    }
}

/// Bytes as a person says them.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_024 => format!("{count} bytes"),
        1_024..1_048_576 => format!("{} KiB", count.div_ceil(1_024)),
        _ => format!("{}.{} MiB", count / 1_048_576, count % 1_048_576 * 10 / 1_048_576),
    }
}

/// `1 item`, `2 items`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
