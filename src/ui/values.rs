//! Values in the few words of a cell.

use chrono::{Datelike, TimeDelta};

use crate::Time;
use crate::powershell::Value;
use crate::powershell::tree::format_timespan;
use crate::text::Safe;
use crate::text::age::{day_and_minute_utc, second_utc};

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

/// The same beside the clock: a moment of another day says its date, a span of seconds or more leaves the fractions out.
pub fn words_at(value: &Value, now: Time) -> String {
    match value {
        Value::DateTime(time) if time.date_naive() == now.date_naive() => second_utc(*time),
        Value::DateTime(time) if time.year() == now.year() => day_and_minute_utc(*time, now),
        Value::DateTime(time) => time.format("%-d %b %Y %H:%M UTC").to_string(),
        Value::TimeSpan(span) if span.num_seconds() != 0 => format_timespan(TimeDelta::seconds(span.num_seconds())),
        Value::Array(items) if !items.is_empty() => items.iter().map(|item| words_at(item, now)).collect::<Vec<_>>().join(", "),
        value => words(value),
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

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn a_moment_of_another_day_says_which() {
        let at = |year, day| chrono::Utc.with_ymd_and_hms(year, 11, day, 9, 23, 41).single().unwrap();
        let now = at(2026, 21);
        assert_eq!(words_at(&Value::DateTime(at(2026, 21)), now), "09:23:41 UTC");
        assert_eq!(words_at(&Value::DateTime(at(2026, 16)), now), "16 Nov 09:23 UTC");
        assert_eq!(words_at(&Value::DateTime(at(2028, 16)), now), "16 Nov 2028 09:23 UTC");
        let span = |ms| words_at(&Value::TimeSpan(TimeDelta::milliseconds(ms)), now);
        assert_eq!(span(432_068_475), "5.00:01:08");
        assert_eq!(span(20), "00:00:00.0200000");
        assert_eq!(words_at(&Value::Array(vec![Value::DateTime(at(2026, 16)), Value::Null]), now), "16 Nov 09:23 UTC, not set");
    }
}
