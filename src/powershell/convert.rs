//! Casts and conversions: `[version]'2.6.92.0'`, `[timespan]`, `[int]` …, and what counts as true.

use chrono::{DateTime, TimeDelta, Utc};

use super::date::{self, DateText};
use super::format::to_text;
use super::number::{self, as_double};
use super::tree::parse_timespan;
use super::{Error, Value, Version};

/// .NET ticks (100 ns) from year 1 to 1970.
const TICKS_TO_1970: i64 = 621_355_968_000_000_000;
const FORMAT: &str = "Input string was not in a correct format.";

/// The types that can be cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `[version]`
    Version,
    /// `[timespan]`
    TimeSpan,
    /// `[datetime]`, always UTC
    DateTime,
    /// `[int]`, 32 bits
    Int,
    /// `[double]`
    Double,
    /// `[string]`
    String,
    /// `[bool]`
    Bool,
}

impl Type {
    /// All of them with PowerShell's short name and .NET's full one.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Version, "version", "System.Version"),
        (Self::TimeSpan, "timespan", "System.TimeSpan"),
        (Self::DateTime, "datetime", "System.DateTime"),
        (Self::Int, "int", "System.Int32"),
        (Self::Double, "double", "System.Double"),
        (Self::String, "string", "System.String"),
        (Self::Bool, "bool", "System.Boolean"),
    ];

    /// Reads a short name, in any case, without brackets.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, short, _)| short.eq_ignore_ascii_case(name)).map(|(kind, ..)| *kind)
    }

    /// The short name, as in `[version]`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, short, _)| short)
    }

    /// .NET's name, as in error messages.
    pub fn full_name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., full)| full)
    }
}

/// .NET's name of a value's type, as in error messages.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "System.Boolean",
        Value::Int(v) if i32::try_from(*v).is_ok() => "System.Int32",
        Value::Int(_) => "System.Int64",
        Value::Double(_) => "System.Double",
        Value::Text(_) => "System.String",
        Value::Version(_) => "System.Version",
        Value::TimeSpan(_) => "System.TimeSpan",
        Value::DateTime(_) => "System.DateTime",
        Value::Array(_) => "System.Object[]",
        Value::Object(_) => "System.Management.Automation.PSCustomObject",
        Value::Unknown(_) => "unknown",
    }
}

/// What counts as true: not `$false`, `$null`, 0, the empty text, the empty array, or an array of one such.
/// `None` where an Unknown decides it.
pub fn truthy(value: &Value) -> Option<bool> {
    match value {
        Value::Null => Some(false),
        Value::Bool(v) => Some(*v),
        Value::Int(v) => Some(*v != 0),
        Value::Double(v) => Some(*v != 0.0),
        Value::Text(v) => Some(!v.is_empty()),
        Value::Version(_) | Value::TimeSpan(_) | Value::DateTime(_) | Value::Object(_) => Some(true),
        Value::Array(items) => array_truthy(items),
        Value::Unknown(_) => None,
    }
}

/// An Unknown in an array stands for any number of elements: it matters unless two others are there, or one that is true.
fn array_truthy(items: &[Value]) -> Option<bool> {
    let mut known = items.iter().filter(|item| !item.is_unknown());
    let (first, second, complete) = (known.next(), known.next(), !items.iter().any(Value::is_unknown));
    match (first, second) {
        (None, _) => complete.then_some(false),
        (Some(_), Some(_)) => Some(true),
        (Some(single), None) => match single {
            Value::Array(inner) if !is_open(single) => Some(!inner.is_empty()),
            Value::Array(_) => None,
            other => truthy(other),
        }
        .filter(|truth| complete || *truth),
    }
}

/// Whether what a value is depends on an Unknown: it is one, or an array with one among its elements.
pub fn is_open(value: &Value) -> bool {
    match value {
        Value::Unknown(_) => true,
        Value::Array(items) => items.iter().any(is_open),
        _ => false,
    }
}

/// Why a value has an Unknown in it that its text would show.
pub fn unknown_in(value: &Value) -> Option<&str> {
    match value {
        Value::Unknown(why) => Some(why),
        Value::Array(items) => items.iter().find_map(unknown_in),
        Value::Object(record) => record.iter().find_map(|(_, value)| unknown_in(value)),
        _ => None,
    }
}

/// Casts a value. An Unknown stays Unknown; what cannot be cast is PowerShell's error.
pub fn cast(to: Type, value: &Value) -> Result<Value, Error> {
    if let Value::Unknown(why) = value {
        return Ok(Value::Unknown(why.clone()));
    }
    match to {
        Type::Bool => Ok(truthy(value).map_or_else(|| Value::unknown(unknown_in(value).unwrap_or_default()), Value::Bool)),
        Type::String => Ok(unknown_in(value).map_or_else(|| Value::Text(to_text(value)), Value::unknown)),
        Type::Int => int(value),
        Type::Double => double(value),
        Type::Version => version(value),
        Type::TimeSpan => timespan(value),
        Type::DateTime => datetime(value),
    }
}

/// A text as the number that a comparison with a number on the left takes it for. `left` names the left side's type.
pub(super) fn text_as_number(text: &str, left: &str) -> Result<Value, Error> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Value::Int(0));
    }
    number::parse(trimmed).or_else(|| with_thousands(trimmed)).ok_or_else(|| Error::invalid_value(trimmed, left, FORMAT))
}

/// `1,000`: the conversions of .NET take commas between digits, the literals of PowerShell do not.
fn with_thousands(text: &str) -> Option<Value> {
    let plain = text.contains(',') && text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b",.-".contains(&b));
    (plain && digits).then(|| number::parse(&text.replace(',', "")))?
}

fn none(value: &Value, to: Type) -> Error {
    let text = if matches!(value, Value::Array(_)) { type_name(value).to_owned() } else { to_text(value) };
    Error::no_conversion(&text, type_name(value), to.full_name())
}

fn from_null(to: Type) -> Error {
    Error::new("InvalidCastFromNull", format!("Cannot convert null to type \"{}\".", to.full_name()))
}

/// .NET offers a conversion for these pairs and then refuses it.
fn refused(value: &Value, to: Type) -> Error {
    let why = format!("Invalid cast from '{}' to '{}'.", type_name(value), to.full_name());
    Error::invalid_value(&to_text(value), to.full_name(), &why)
}

fn int(value: &Value) -> Result<Value, Error> {
    let too_large = || {
        let why = "Value was either too large or too small for an Int32.";
        Error::invalid_value(&to_text(value), Type::Int.full_name(), why)
    };
    let fit = |number: Option<i64>| number.filter(|v| i32::try_from(*v).is_ok()).map(Value::Int).ok_or_else(too_large);
    match value {
        Value::Null => Ok(Value::Int(0)),
        Value::Bool(v) => Ok(Value::Int(i64::from(*v))),
        Value::Int(v) => fit(Some(*v)),
        Value::Double(v) => fit(number::round(*v)),
        Value::Text(v) => match text_as_number(v, Type::Int.full_name())? {
            Value::Double(v) => fit(number::round(v)),
            other => fit(other.as_int()),
        },
        Value::DateTime(_) => Err(refused(value, Type::Int)),
        _ => Err(none(value, Type::Int)),
    }
}

fn double(value: &Value) -> Result<Value, Error> {
    match value {
        Value::Null => Ok(Value::Double(0.0)),
        Value::Bool(v) => Ok(Value::Double(if *v { 1.0 } else { 0.0 })),
        Value::Int(v) => Ok(Value::Double(as_double(*v))),
        Value::Double(v) => Ok(Value::Double(*v)),
        Value::Text(v) => Ok(match text_as_number(v, Type::Double.full_name())? {
            Value::Int(v) => Value::Double(as_double(v)),
            other => other,
        }),
        Value::DateTime(_) => Err(refused(value, Type::Double)),
        _ => Err(none(value, Type::Double)),
    }
}

fn version(value: &Value) -> Result<Value, Error> {
    let read = |text: &str| {
        let why = || match text.split('.').count() {
            2..=4 if text.split('.').any(|part| part.trim().parse::<i32>().is_err()) => FORMAT,
            2..=4 => "Version's parameters must be greater than or equal to zero.",
            _ => "Version string portion was too short or too long.",
        };
        Version::parse(text).map(Value::Version).ok_or_else(|| Error::invalid_value(text, Type::Version.full_name(), why()))
    };
    match value {
        Value::Null => Ok(Value::Null),
        Value::Version(v) => Ok(Value::Version(*v)),
        Value::Text(v) => read(v),
        Value::Int(_) | Value::Double(_) => read(&to_text(value)),
        Value::Bool(_) | Value::DateTime(_) => Err(refused(value, Type::Version)),
        _ => Err(none(value, Type::Version)),
    }
}

fn timespan(value: &Value) -> Result<Value, Error> {
    let read = |text: &str| {
        // `6:12:14:45` is days, hours, minutes, seconds.
        let dotted = (text.matches(':').count() == 3 && !text.contains('.')).then(|| text.replacen(':', ".", 1));
        parse_timespan(dotted.as_deref().unwrap_or(text)).map(Value::TimeSpan).ok_or_else(|| {
            let why = format!("String '{text}' was not recognized as a valid TimeSpan.");
            Error::invalid_value(text, Type::TimeSpan.full_name(), &why)
        })
    };
    match value {
        Value::Null => Err(from_null(Type::TimeSpan)),
        Value::TimeSpan(v) => Ok(Value::TimeSpan(*v)),
        Value::Text(v) => read(v),
        Value::Int(ticks) => Ok(Value::TimeSpan(from_ticks(*ticks))),
        Value::Double(_) => read(&to_text(value)),
        Value::Bool(_) | Value::DateTime(_) => Err(refused(value, Type::TimeSpan)),
        _ => Err(none(value, Type::TimeSpan)),
    }
}

fn datetime(value: &Value) -> Result<Value, Error> {
    match value {
        Value::Null => Err(from_null(Type::DateTime)),
        Value::DateTime(v) => Ok(Value::DateTime(*v)),
        Value::Text(v) => text_as_date(v),
        Value::Int(ticks) => (0..=3_155_378_975_999_999_999)
            .contains(ticks)
            .then(|| DateTime::<Utc>::UNIX_EPOCH.checked_add_signed(from_ticks(ticks - TICKS_TO_1970)).map(Value::DateTime))
            .flatten()
            .ok_or_else(|| {
                let why = "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.";
                Error::invalid_value(&to_text(value), Type::DateTime.full_name(), why)
            }),
        Value::Double(_) => text_as_date(&to_text(value)),
        Value::Bool(_) => Err(refused(value, Type::DateTime)),
        _ => Err(none(value, Type::DateTime)),
    }
}

/// Ticks as a span: whole microseconds and the rest, so that no product overflows.
fn from_ticks(ticks: i64) -> TimeDelta {
    TimeDelta::microseconds(ticks / 10) + TimeDelta::nanoseconds(ticks % 10 * 100)
}

/// The id of the error for a text that .NET may read as a date and lockstep does not: nothing may be decided on it.
pub const UNSURE_DATE: &str = "UnsureDate";

fn text_as_date(text: &str) -> Result<Value, Error> {
    match date::read(text) {
        DateText::Is(time) => Ok(Value::DateTime(time)),
        DateText::Not => {
            let why = format!("String '{text}' was not recognized as a valid DateTime.");
            Err(Error::invalid_value(text, Type::DateTime.full_name(), &why))
        }
        DateText::Unsure => {
            Err(Error::new(UNSURE_DATE, format!("\"{text}\" is not read as a date here: write it as 2026-11-20T03:30:00Z")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::from(value)
    }

    #[test]
    fn truth_follows_powershell() {
        for (value, truth) in [
            (Value::Null, false),
            (Value::Int(0), false),
            (Value::Double(0.0), false),
            (text(""), false),
            (text("False"), true),
            (Value::Array(vec![]), false),
            (Value::Array(vec![Value::Bool(false)]), false),
            (Value::Array(vec![Value::Array(vec![Value::Bool(false)])]), true),
            (Value::Array(vec![Value::Bool(false); 2]), true),
            (Value::TimeSpan(TimeDelta::zero()), true),
        ] {
            assert_eq!(truthy(&value), Some(truth), "{value:?}");
        }
        let with_unknown = |known: &[bool]| {
            let known = known.iter().map(|v| Value::Bool(*v));
            truthy(&Value::Array(known.chain([Value::unknown("late")]).collect()))
        };
        assert_eq!(with_unknown(&[]), None);
        assert_eq!(with_unknown(&[false]), None);
        assert_eq!(with_unknown(&[true]), Some(true));
        assert_eq!(with_unknown(&[false, false]), Some(true));
    }

    #[test]
    fn casts_convert() {
        for (to, value, expected) in [
            (Type::Int, text("0x1F"), Value::Int(31)),
            (Type::Int, text("2.5"), Value::Int(2)),
            (Type::Int, text("1,000"), Value::Int(1000)),
            (Type::Int, text(" "), Value::Int(0)),
            (Type::Int, Value::Double(3.5), Value::Int(4)),
            (Type::Int, Value::Null, Value::Int(0)),
            (Type::Double, text("1kb"), Value::Double(1024.0)),
            (Type::Version, Value::Double(2.5), Value::Version(Version::parse("2.5").unwrap())),
            (Type::Version, Value::Null, Value::Null),
            (Type::TimeSpan, text("1:00"), Value::TimeSpan(TimeDelta::hours(1))),
            (Type::TimeSpan, text("1:2:3:4"), Value::TimeSpan(TimeDelta::seconds(93_784))),
            (Type::TimeSpan, Value::Int(10_000_000), Value::TimeSpan(TimeDelta::seconds(1))),
            (Type::DateTime, Value::Int(TICKS_TO_1970), Value::DateTime(DateTime::UNIX_EPOCH)),
            (Type::String, Value::Bool(true), text("True")),
            (Type::Bool, text("False"), Value::Bool(true)),
        ] {
            assert_eq!(cast(to, &value), Ok(expected), "[{}]{value:?}", to.name());
        }
    }

    #[test]
    fn failing_casts_say_powershells_words() {
        for (to, value, words) in [
            (
                Type::Int,
                text("abc"),
                "Cannot convert value \"abc\" to type \"System.Int32\". Error: \"Input string was not in a correct format.\"",
            ),
            (
                Type::Int,
                text("3000000000"),
                "Cannot convert value \"3000000000\" to type \"System.Int32\". Error: \"Value was either too large or too small for an Int32.\"",
            ),
            (
                Type::Version,
                text("ec02"),
                "Cannot convert value \"ec02\" to type \"System.Version\". Error: \"Version string portion was too short or too long.\"",
            ),
            (
                Type::Int,
                Value::TimeSpan(TimeDelta::hours(1)),
                "Cannot convert the \"01:00:00\" value of type \"System.TimeSpan\" to type \"System.Int32\".",
            ),
            (Type::TimeSpan, Value::Null, "Cannot convert null to type \"System.TimeSpan\"."),
            (
                Type::DateTime,
                text("delta"),
                "Cannot convert value \"delta\" to type \"System.DateTime\". Error: \"String 'delta' was not recognized as a valid DateTime.\"",
            ),
        ] {
            assert_eq!(cast(to, &value).unwrap_err().message, words);
        }
    }
}
