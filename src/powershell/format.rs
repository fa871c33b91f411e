//! A value as text, as `[string]$x` writes it: invariant culture, arrays joined by a space, `$null` empty.

use super::tree::format_timespan;
use super::{Record, Value};

/// The text of a value. Unknown has no text in PowerShell; it is written as the word with its reason, for people only.
pub fn to_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(v) => if *v { "True" } else { "False" }.to_owned(),
        Value::Int(v) => v.to_string(),
        Value::Double(v) => double(*v),
        Value::Text(v) => v.clone(),
        Value::Version(v) => v.to_string(),
        Value::TimeSpan(v) => format_timespan(*v),
        Value::DateTime(v) => v.format("%m/%d/%Y %H:%M:%S").to_string(),
        Value::Array(items) => items.iter().map(element).collect::<Vec<_>>().join(" "),
        Value::Object(record) => object(record),
        Value::Unknown(why) => format!("unknown: {why}"),
    }
}

/// An element of an array: PowerShell does not open an array within an array.
fn element(value: &Value) -> String {
    if matches!(value, Value::Array(_)) { "System.Object[]".to_owned() } else { to_text(value) }
}

/// `@{Name=contoso.com; Type=AD}`; an object within an object is written empty.
fn object(record: &Record) -> String {
    let properties = record.iter().map(|(name, value)| match value {
        Value::Object(_) => format!("{name}="),
        other => format!("{name}={}", element(other)),
    });
    format!("@{{{}}}", properties.collect::<Vec<_>>().join("; "))
}

/// The shortest digits that read back as the same number, with an exponent from `1E+15` on and below `1E-04`.
fn double(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return value.to_string() };
    match exponent.parse::<i32>() {
        Ok(exponent) if exponent >= 15 => format!("{digits}E+{exponent:02}"),
        Ok(exponent) if exponent <= -5 => format!("{digits}E-{:02}", -exponent),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};

    use super::*;

    #[test]
    fn scalars_are_written_invariantly() {
        let time = Utc.with_ymd_and_hms(2026, 11, 20, 3, 0, 12).unwrap();
        for (value, text) in [
            (Value::Null, ""),
            (Value::Bool(true), "True"),
            (Value::Int(-2), "-2"),
            (Value::Double(312.5), "312.5"),
            (Value::Double(500.0), "500"),
            (Value::Double(1e15), "1E+15"),
            (Value::Double(123_456_789_012_345.0), "123456789012345"),
            (Value::Double(0.0001), "0.0001"),
            (Value::Double(0.000_01), "1E-05"),
            (Value::Double(1.25e-7), "1.25E-07"),
            (Value::TimeSpan(TimeDelta::days(7)), "7.00:00:00"),
            (Value::DateTime(time), "11/20/2026 03:00:12"),
        ] {
            assert_eq!(to_text(&value), text);
        }
    }

    #[test]
    fn arrays_and_objects_are_written_flat() {
        let object = Record::new().with("Name", "contoso.com").with("Tags", vec![Value::Int(1)]).with("Inner", Record::new());
        let array = Value::Array(vec![Value::Int(1), Value::Null, Value::Array(vec![Value::Int(2)]), object.into()]);
        assert_eq!(to_text(&array), "1  System.Object[] @{Name=contoso.com; Tags=System.Object[]; Inner=}");
    }
}
