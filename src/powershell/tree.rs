//! The value tree as JSON: plain scalars, arrays and objects, and the tagged forms
//! `{"$version": …}`, `{"$timespan": …}`, `{"$datetime": …}`, `{"$unknown": …}`.
//! `status --json`, facts files, the journal and `into` records all use this one form.

use chrono::{SecondsFormat, TimeDelta};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value as Json, json};

use super::{Record, Value, Version};
use crate::Time;

impl Value {
    /// The tagged JSON form. A Double that JSON cannot hold (NaN, infinity) becomes null's neighbour: its text.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(v) => json!(v),
            Self::Int(v) => json!(v),
            Self::Double(v) => serde_json::Number::from_f64(*v).map_or_else(|| json!(v.to_string()), Json::Number),
            Self::Text(v) => json!(v),
            Self::Version(v) => json!({ "$version": v.to_string() }),
            Self::TimeSpan(v) => json!({ "$timespan": format_timespan(*v) }),
            Self::DateTime(v) => json!({ "$datetime": format_datetime(*v) }),
            Self::Array(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Object(record) => {
                Json::Object(record.iter().map(|(name, value)| (name.to_owned(), value.to_json())).collect::<Map<_, _>>())
            }
            Self::Unknown(why) => json!({ "$unknown": why }),
        }
    }

    /// Reads the tagged JSON form. The error names the tag and what was found.
    pub fn from_json(json: &Json) -> Result<Self, String> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(v) => Self::Bool(*v),
            Json::Number(v) => v.as_i64().map_or_else(|| Self::Double(v.as_f64().unwrap_or(f64::NAN)), Self::Int),
            Json::String(v) => Self::Text(v.clone()),
            Json::Array(items) => Self::Array(items.iter().map(Self::from_json).collect::<Result<_, _>>()?),
            Json::Object(map) => match tag_of(map) {
                Some((tag, inner)) => from_tag(tag, inner)?,
                None => Self::Object(
                    map.iter().map(|(name, v)| Ok((name.clone(), Self::from_json(v)?))).collect::<Result<Record, String>>()?,
                ),
            },
        })
    }
}

/// The one tag of `{"$tag": …}`; other objects (`$read` beside facts among them) have none.
fn tag_of(map: &Map<String, Json>) -> Option<(&str, &Json)> {
    let (name, inner) = map.iter().next().filter(|_| map.len() == 1)?;
    matches!(name.as_str(), "$version" | "$timespan" | "$datetime" | "$unknown").then_some((name.as_str(), inner))
}

fn from_tag(tag: &str, inner: &Json) -> Result<Value, String> {
    let text = inner.as_str().ok_or_else(|| format!("{tag} takes a text, found {inner}"))?;
    let wrong = |expected: &str| format!("{tag} takes {expected}, found '{text}'");
    match tag {
        "$version" => Version::parse(text).map(Value::Version).ok_or_else(|| wrong("a version such as 2.6.92.0")),
        "$timespan" => parse_timespan(text).map(Value::TimeSpan).ok_or_else(|| wrong("a span such as 7.00:00:00")),
        "$datetime" => parse_datetime(text).map(Value::DateTime).ok_or_else(|| wrong("a UTC time such as 2026-11-21T03:00:00Z")),
        _ => Ok(Value::Unknown(text.to_owned())),
    }
}

/// A TimeSpan in .NET's constant form `[-][d.]hh:mm:ss[.fffffff]`.
pub fn format_timespan(span: TimeDelta) -> String {
    let nanos = span.num_nanoseconds().map_or_else(|| i128::from(span.num_seconds()) * 1_000_000_000, i128::from);
    let (sign, ticks) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs() / 100);
    let (seconds, fraction) = (ticks / 10_000_000, ticks % 10_000_000);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let days = if days == 0 { String::new() } else { format!("{days}.") };
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:07}") };
    format!("{sign}{days}{hours:02}:{minutes:02}:{:02}{fraction}", seconds % 60)
}

/// Reads .NET's constant form: `[-][d.]hh:mm[:ss[.fffffff]]`, or whole days (`7`). `None` for anything else.
pub fn parse_timespan(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let number = |part: &str| (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i64>().ok())?;
    let span = if let Some((head, rest)) = text.split_once(':') {
        let (days, hours) = head.split_once('.').unwrap_or(("0", head));
        let (days, hours) = (number(days)?, number(hours)?);
        let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
        let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
        let (minutes, seconds) = (number(minutes)?, number(seconds)?);
        if hours > 23 || minutes > 59 || seconds > 59 || fraction.len() > 7 {
            return None;
        }
        let ticks = number(&format!("{fraction:0<7}"))?;
        TimeDelta::try_days(days)?
            .checked_add(&TimeDelta::try_seconds(hours * 3_600 + minutes * 60 + seconds)?)?
            .checked_add(&TimeDelta::nanoseconds(ticks * 100))?
    } else {
        TimeDelta::try_days(number(text)?)?
    };
    (span <= LONGEST_SPAN).then_some(if negative { -span } else { span })
}

/// The whole days of .NET's `TimeSpan.MaxValue`: longer ones it does not read either.
const LONGEST_SPAN: TimeDelta = TimeDelta::days(10_675_199);

/// A UTC moment as `2026-11-21T03:00:00Z`, with a fraction only where there is one.
pub fn format_datetime(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Reads an RFC 3339 time, any offset, into UTC.
pub fn parse_datetime(text: &str) -> Option<Time> {
    chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|time| time.with_timezone(&chrono::Utc))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Json::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_back_as_written() {
        for text in ["00:30:00", "7.00:00:00", "-1.02:03:04", "00:00:00.0000005"] {
            assert_eq!(format_timespan(parse_timespan(text).unwrap()), text);
        }
        for text in ["", "24:00:00", "1.24:00:00", "00:60", "x:00", "1.:00"] {
            assert_eq!(parse_timespan(text), None, "{text}");
        }
    }
}
