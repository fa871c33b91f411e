//! Properties of values and static members of types.

use chrono::{Datelike, TimeDelta, Timelike};

use super::super::item::{Item, Object};
use super::convert::{full_name, full_type_name};
use super::{Evaluator, Flow};
use crate::Time;
use crate::powershell::token::Span;
use crate::powershell::{Value, Version};

/// Days of the week and kinds as .NET numbers them.
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const KINDS: [&str; 3] = ["Unspecified", "Utc", "Local"];

/// A type literal as a value, where the type is known.
pub fn type_literal(name: &str) -> Option<Item> {
    full_name(name).map(|full| Item::Type(full.into()))
}

/// A property. `None` where there is none, which PowerShell reads as `$null`. An array without such a property of its own
/// answers with those of its elements.
pub fn property(of: &Item, name: &str) -> Option<Item> {
    let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    match of {
        Item::Object(object) => {
            if let Some(found) = object.get(name) {
                return Some(found.clone());
            }
            if object.is(Object::HASHTABLE) {
                let length = i64::try_from(object.len()).unwrap_or(i64::MAX);
                return match () {
                    () if is("Count") => Some(Item::from(length)),
                    () if is("Keys") => Some(Item::array(object.iter().map(|(key, _)| Item::from(key.to_string())).collect())),
                    () if is("Values") => Some(Item::array(object.iter().map(|(_, value)| value.clone()).collect())),
                    () => None,
                };
            }
            one_of_itself(name).or_else(|| is("PSObject").then(|| ps_object(object)))
        }
        Item::Array(items) => {
            if is("Count") || is("Length") || is("LongLength") {
                return i64::try_from(items.len()).ok().map(Item::from);
            }
            let mut found: Vec<Item> = Vec::new();
            for value in items.iter().filter_map(|item| property(item, name)) {
                match value {
                    Item::Array(more) => found.extend(more.iter().cloned()),
                    single => found.push(single),
                }
            }
            match found.len() {
                0 => None,
                1 => found.pop(),
                _ => Some(Item::array(found)),
            }
        }
        item if item.is_null() => is("Count").then(|| Item::from(0)),
        Item::Guid(text) if is("Guid") => Some(Item::from(text.to_string())),
        Item::Enum(member) if is("value__") => Some(Item::from(member.number)),
        Item::Type(full) => match () {
            () if is("FullName") => Some(Item::from(full.to_string())),
            () if is("Name") => Some(Item::from(full.rsplit('.').next().unwrap_or(full).to_owned())),
            () => None,
        },
        Item::Value(value) => of_value(value, name).or_else(|| one_of_itself(name)),
        _ => one_of_itself(name),
    }
}

/// A single thing has `Count` 1 and `Length` 1, as an array of it would.
fn one_of_itself(name: &str) -> Option<Item> {
    ["count", "length"].contains(&name.to_ascii_lowercase().as_str()).then(|| Item::from(1))
}

fn ps_object(object: &Object) -> Item {
    let properties = object
        .iter()
        .map(|(name, value)| {
            Object::new("System.Management.Automation.PSNoteProperty")
                .with("Name", name.to_string())
                .with("Value", value.clone())
                .with("TypeNameOfValue", full_type_name(value))
                .into()
        })
        .collect();
    Object::new("System.Management.Automation.PSMemberSet").with("Properties", Item::array(properties)).into()
}

fn of_value(value: &Value, name: &str) -> Option<Item> {
    let name = name.to_ascii_lowercase();
    match value {
        Value::Text(text) if name == "length" => i64::try_from(text.encode_utf16().count()).ok().map(Item::from),
        Value::Version(version) => of_version(*version, &name),
        Value::TimeSpan(span) => of_span(*span, &name),
        Value::DateTime(time) => of_time(*time, &name),
        _ => None,
    }
}

fn of_version(version: Version, name: &str) -> Option<Item> {
    let part = |part: Option<u32>| Some(Item::from(part.map_or(-1, i64::from)));
    match name {
        "major" => part(Some(version.major)),
        "minor" => part(Some(version.minor)),
        "build" => part(version.build),
        "revision" => part(version.revision),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "TotalSeconds and its like are doubles in .NET")]
fn of_span(span: TimeDelta, name: &str) -> Option<Item> {
    let ticks = span.num_nanoseconds().map_or_else(|| span.num_seconds().saturating_mul(10_000_000), |nanos| nanos / 100);
    let total = |unit: i64| Some(Item::from(ticks as f64 / unit as f64));
    let part = |unit: i64, of: i64| Some(Item::from(ticks / unit % of));
    match name {
        "days" => Some(Item::from(ticks / 864_000_000_000)),
        "hours" => part(36_000_000_000, 24),
        "minutes" => part(600_000_000, 60),
        "seconds" => part(10_000_000, 60),
        "milliseconds" => part(10_000, 1_000),
        "ticks" => Some(Item::from(ticks)),
        "totaldays" => total(864_000_000_000),
        "totalhours" => total(36_000_000_000),
        "totalminutes" => total(600_000_000),
        "totalseconds" => total(10_000_000),
        "totalmilliseconds" => total(10_000),
        _ => None,
    }
}

fn of_time(time: Time, name: &str) -> Option<Item> {
    let number = |value: u32| Some(Item::from(value));
    match name {
        "year" => Some(Item::from(time.year())),
        "month" => number(time.month()),
        "day" => number(time.day()),
        "hour" => number(time.hour()),
        "minute" => number(time.minute()),
        "second" => number(time.second()),
        "millisecond" => number(time.timestamp_subsec_millis()),
        "dayofyear" => number(time.ordinal()),
        "ticks" => Some(Item::from(
            621_355_968_000_000_000 + time.timestamp() * 10_000_000 + i64::from(time.timestamp_subsec_nanos() / 100),
        )),
        "date" => time.date_naive().and_hms_opt(0, 0, 0).map(|date| Item::from(date.and_utc())),
        "timeofday" => Some(Item::from(time.time().signed_duration_since(chrono::NaiveTime::MIN))),
        "dayofweek" => {
            let number = time.weekday().num_days_from_sunday();
            DAYS.get(usize::try_from(number).ok()?).map(|day| Item::member("System.DayOfWeek", *day, i64::from(number)))
        }
        "kind" => Some(Item::member("System.DateTimeKind", "Utc", 1)),
        _ => None,
    }
}

impl Evaluator {
    /// `[type]::name`
    pub async fn static_member(&mut self, of: &Item, name: &str, span: &Span) -> Result<Item, Flow> {
        let Item::Type(full) = of else {
            return Err(self.not_played("a static member of a value", span));
        };
        let found = match (&**full, name.to_ascii_lowercase().as_str()) {
            // The servers of the lab keep UTC as their own time.
            ("System.DateTime", "utcnow" | "now") => Item::from(self.port.now()),
            ("System.DateTime", "today") => property(&Item::from(self.port.now()), "Date").unwrap_or(Item::NULL),
            ("System.TimeSpan", "zero") => Item::from(TimeDelta::zero()),
            ("System.Guid", "empty") => Item::guid("00000000-0000-0000-0000-000000000000"),
            ("System.String", "empty") => Item::from(""),
            // Kinds are known and not kept: the servers of the lab keep UTC as their own time.
            ("System.DateTimeKind", kind) => match KINDS.iter().position(|known| known.eq_ignore_ascii_case(kind)) {
                Some(number) => Item::member("System.DateTimeKind", KINDS[number], i64::try_from(number).unwrap_or(0)),
                None => Item::NULL,
            },
            ("System.DayOfWeek", day) => match DAYS.iter().position(|known| known.eq_ignore_ascii_case(day)) {
                Some(number) => Item::member("System.DayOfWeek", DAYS[number], i64::try_from(number).unwrap_or(0)),
                None => Item::NULL,
            },
            ("System.IO.Path", "directoryseparatorchar") => Item::from("\\"),
            ("System.Int32", "maxvalue") => Item::from(i32::MAX),
            ("System.Int32", "minvalue") => Item::from(i32::MIN),
            ("System.Int64", "maxvalue") => Item::from(i64::MAX),
            ("System.Int64", "minvalue") => Item::from(i64::MIN),
            ("System.Math", "pi") => Item::from(std::f64::consts::PI),
            ("System.Environment", "newline") => Item::from("\r\n"),
            ("System.Environment", "machinename") => Item::from(self.port.environment("COMPUTERNAME").await),
            ("System.Environment", "username") => Item::from(self.port.environment("USERNAME").await),
            ("System.Environment", "userdomainname") => Item::from(self.port.environment("USERDOMAIN").await),
            ("System.Globalization.CultureInfo", "invariantculture") => {
                Object::new("System.Globalization.CultureInfo").with("Name", "").into()
            }
            _ => return Err(self.not_played(&format!("[{full}]::{name}"), span)),
        };
        Ok(found)
    }
}
