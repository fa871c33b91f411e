//! Flat JSON to typed values, along the table's shape: what is missing, failed or of the wrong kind becomes Unknown with
//! words; what the table does not know is left out.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Map, Value as Json};

use super::table::{Fact, Kind, Shape};
use crate::powershell::tree::{parse_datetime, parse_timespan};
use crate::powershell::{Record, Value, Version};
use crate::rb1::ErrorRecord;

/// What an answer is typed with.
pub(super) struct Typing<'a> {
    /// Parts that failed, by path
    pub errors: &'a BTreeMap<String, ErrorRecord>,
    /// Server clock minus session clock: taken off every time of the server's clock
    pub offset: TimeDelta,
    /// Why top-level parts are missing, where that is known (`the product is not installed`)
    pub absent: Option<&'a str>,
}

impl Typing<'_> {
    /// The members of an object, every one that the shape names.
    pub fn object(&self, shape: &Shape, json: Option<&Map<String, Json>>, path: &str, why: Option<&str>) -> Record {
        let member = |member: &Shape| {
            let path = if path.is_empty() { member.name.to_owned() } else { format!("{path}.{}", member.name) };
            // PowerShell's hashtables find names without regard to case; an agent's spelling is not worth a lost fact.
            let found = json.and_then(|map| {
                map.get(member.name).or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(member.name)).map(|(_, v)| v))
            });
            (member.name, self.value(member, found, &path, why))
        };
        shape.members.iter().map(member).collect()
    }

    fn value(&self, shape: &Shape, json: Option<&Json>, path: &str, why: Option<&str>) -> Value {
        let failed = self.error(path);
        let why = failed.as_deref().or(why);
        let missing = || {
            let words = || self.absent.map_or_else(|| format!("the server's answer has no {path}"), str::to_owned);
            Value::unknown(why.map_or_else(words, str::to_owned))
        };
        let wrong = |json: &Json| Value::unknown(format!("{path}: expected {}, found {}", expected(shape), excerpt(json)));
        match json {
            _ if failed.is_some() && shape.array => missing(),
            None if shape.array => missing(),
            Some(Json::Array(items)) if shape.array => {
                items.iter().map(|item| self.one(shape, item, path)).collect::<Vec<_>>().into()
            }
            Some(json) if shape.array => wrong(json),
            Some(Json::Object(map)) if !shape.members.is_empty() => self.object(shape, Some(map), path, why).into(),
            None if !shape.members.is_empty() => self.object(shape, None, path, why).into(),
            Some(json) if !shape.members.is_empty() => {
                let Value::Unknown(words) = wrong(json) else { return Value::Null };
                self.object(shape, None, path, Some(why.unwrap_or(&words))).into()
            }
            Some(json) if failed.is_none() => shape.fact.and_then(|fact| self.scalar(fact, json)).unwrap_or_else(|| wrong(json)),
            _ => missing(),
        }
    }

    /// One element of an array.
    fn one(&self, shape: &Shape, json: &Json, path: &str) -> Value {
        let typed = match json {
            Json::Object(map) if !shape.members.is_empty() => Some(self.object(shape, Some(map), path, None).into()),
            json => shape.fact.and_then(|fact| self.scalar(fact, json)),
        };
        typed.unwrap_or_else(|| Value::unknown(format!("an element of {path} is {}", excerpt(json))))
    }

    /// A leaf of the right kind, or none.
    fn scalar(&self, fact: &Fact, json: &Json) -> Option<Value> {
        match (fact.kind, json) {
            (_, Json::Null) => fact.nullable.then_some(Value::Null),
            (Kind::Bool, Json::Bool(value)) => Some((*value).into()),
            (Kind::Int, Json::Number(number)) => number.as_i64().map(Value::Int),
            (Kind::Double, Json::Number(number)) => number.as_f64().map(Value::Double),
            (Kind::Text, Json::String(text)) => Some(text.as_str().into()),
            (Kind::Version, Json::String(text)) => Version::parse(text).map(Value::Version),
            (Kind::TimeSpan, Json::String(text)) => parse_timespan(text).map(Value::TimeSpan),
            (Kind::DateTime, Json::String(text)) => {
                let offset = if fact.moved { self.offset } else { TimeDelta::zero() };
                parse_datetime(text)?.checked_sub_signed(offset).map(Value::DateTime)
            }
            _ => None,
        }
    }

    /// The words of the failure that covers a path, if there is one.
    fn error(&self, path: &str) -> Option<String> {
        self.errors.iter().find(|(failed, _)| failed.replace("[]", "").eq_ignore_ascii_case(path)).map(|(_, error)| {
            let message = error.message.trim();
            if message.is_empty() { format!("reading {path} failed") } else { message.to_owned() }
        })
    }
}

fn expected(shape: &Shape) -> String {
    match (shape.array, shape.fact) {
        (true, _) => "an array".to_owned(),
        (false, Some(fact)) => fact.kind.to_string(),
        (false, None) => "an object".to_owned(),
    }
}

/// The start of a JSON value, for a message.
fn excerpt(json: &Json) -> String {
    const LONGEST: usize = 40;
    let text = json.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}
