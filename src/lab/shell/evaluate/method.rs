//! Methods of values and of types: a small list. A method that is not in it is not played; it is never taken for absent.

use chrono::{Months, TimeDelta};

use super::super::display::{format_value, format_with, text_of};
use super::super::error::{of_value, runtime};
use super::super::host::Failure;
use super::super::item::{Item, Object};
use super::convert::{argument, full_type_name, representable};
use super::{Evaluator, Flow};
use crate::Time;
use crate::powershell::Value;
use crate::powershell::token::Span;
use crate::powershell::tree::parse_timespan;

impl Evaluator {
    /// `of.name(arguments)`
    pub fn method(&mut self, of: &Item, name: &str, arguments: &[Item], span: &Span) -> Result<Item, Flow> {
        if of.is_null() {
            return Err(self.error(runtime("InvokeMethodOnNull", "You cannot call a method on a null-valued expression."), span));
        }
        let lower = name.to_ascii_lowercase();
        let first = arguments.first();
        let general = match (lower.as_str(), first) {
            ("gettype", None) => Some(Item::Type(full_type_name(of).into())),
            ("tostring", None) => Some(Item::from(text_of(of))),
            ("tostring", Some(format)) => {
                let text = format_value(of, &text_of(format));
                Some(Item::from(text.map_err(|message| self.method_failed(name, &message, "FormatException", span))?))
            }
            ("equals", Some(other)) => Some(Item::from(of == other)),
            _ => None,
        };
        if let Some(found) = general {
            return Ok(found);
        }
        let found = match of {
            Item::Value(Value::Text(text)) => of_text(text, &lower, arguments),
            Item::Value(Value::DateTime(time)) => of_time(*time, &lower, arguments),
            Item::Value(Value::TimeSpan(span)) => of_span(*span, &lower, arguments),
            Item::Object(table) if table.is(Object::HASHTABLE) && matches!(lower.as_str(), "containskey" | "contains") => {
                first.map(|key| Ok(Item::from(table.get(&text_of(key)).is_some())))
            }
            Item::Array(items) if lower == "contains" => first.map(|wanted| Ok(Item::from(items.contains(wanted)))),
            Item::Array(items) => {
                // As with properties, a method of an array's elements is called on each.
                let items = std::sync::Arc::clone(items);
                let all: Result<Vec<Item>, Flow> = items.iter().map(|item| self.method(item, name, arguments, span)).collect();
                return all.map(Item::array);
            }
            _ => None,
        };
        match found {
            Some(Ok(item)) => Ok(item),
            Some(Err(message)) => Err(self.method_failed(name, &message, "ArgumentOutOfRangeException", span)),
            None => Err(self.not_played(&format!("the method {name} of {}", full_type_name(of)), span)),
        }
    }

    fn method_failed(&self, name: &str, message: &str, exception: &'static str, span: &Span) -> Flow {
        let message = format!("Exception calling \"{name}\" with arguments: \"{message}\"");
        let failure =
            Failure::new(message, "System.Management.Automation.MethodInvocationException", "NotSpecified").id(exception);
        self.error(failure, span)
    }

    /// `[type]::name(arguments)`
    pub fn static_call(&mut self, of: &Item, name: &str, arguments: &[Item], span: &Span) -> Result<Item, Flow> {
        let Item::Type(full) = of else {
            return Err(self.not_played("a static method of a value", span));
        };
        let lower = name.to_ascii_lowercase();
        let text = |nth: usize| arguments.get(nth).map(text_of).unwrap_or_default();
        let number = |nth: usize| arguments.get(nth).and_then(|item| float(&item.to_value())).unwrap_or(0.0);
        let found = match (&**full, lower.as_str()) {
            (
                "System.DateTime" | "System.TimeSpan" | "System.Version" | "System.Guid" | "System.Int32" | "System.Double",
                "parse",
            ) => {
                return self.cast(full, arguments.first().cloned().unwrap_or(Item::NULL), span);
            }
            ("System.DateTime", "specifykind") => arguments.first().cloned().unwrap_or(Item::NULL),
            ("System.TimeSpan", "fromdays" | "fromhours" | "fromminutes" | "fromseconds" | "frommilliseconds") => {
                let unit = match lower.as_str() {
                    "fromdays" => 86_400_000.0,
                    "fromhours" => 3_600_000.0,
                    "fromminutes" => 60_000.0,
                    "fromseconds" => 1_000.0,
                    _ => 1.0,
                };
                match milliseconds(number(0) * unit) {
                    Some(span) => Item::from(span),
                    None => {
                        return Err(self.method_failed(
                            name,
                            "TimeSpan overflowed because the duration is too long.",
                            "OverflowException",
                            span,
                        ));
                    }
                }
            }
            ("System.String", "isnullorempty") => Item::from(text(0).is_empty()),
            ("System.String", "isnullorwhitespace") => Item::from(text(0).trim().is_empty()),
            ("System.String", "join") => {
                let rest: Vec<String> = match arguments.get(1) {
                    Some(Item::Array(items)) => items.iter().map(text_of).collect(),
                    _ => arguments.iter().skip(1).map(text_of).collect(),
                };
                Item::from(rest.join(&text(0)))
            }
            ("System.String", "format") => match format_with(&text(0), arguments.get(1..).unwrap_or_default()) {
                Ok(text) => Item::from(text),
                Err(message) => return Err(self.method_failed(name, &message, "FormatException", span)),
            },
            ("System.Math", "round") => {
                let factor = 10_f64.powi(
                    arguments.get(1).and_then(|item| item.to_value().as_int()).and_then(|n| i32::try_from(n).ok()).unwrap_or(0),
                );
                Item::from((number(0) * factor).round_ties_even() / factor)
            }
            ("System.Math", "floor") => Item::from(number(0).floor()),
            ("System.Math", "ceiling") => Item::from(number(0).ceil()),
            ("System.Math", "truncate") => Item::from(number(0).trunc()),
            ("System.Math", "abs" | "max" | "min") => return self.extreme(&lower, arguments, span),
            _ => return Err(self.not_played(&format!("[{full}]::{name}()"), span)),
        };
        Ok(found)
    }

    fn extreme(&self, name: &str, arguments: &[Item], span: &Span) -> Result<Item, Flow> {
        let chosen = match (name, arguments) {
            ("abs", [one]) if float(&one.to_value()).is_some_and(|value| value < 0.0) => {
                self.binary("-", &Item::from(0), one, span)?
            }
            ("abs", [one]) => one.clone(),
            (_, [left, right]) => {
                let less = super::compare_items(left, right, crate::powershell::Case::Default).is_lt();
                if less == (name == "min") { left.clone() } else { right.clone() }
            }
            _ => return Err(self.not_played("this number of arguments", span)),
        };
        Ok(chosen)
    }
}

#[expect(clippy::cast_precision_loss, reason = ".NET converts to a double here too")]
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Double(value) => Some(*value),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
fn milliseconds(value: f64) -> Option<TimeDelta> {
    (value.abs() < 9.0e15).then(|| TimeDelta::try_milliseconds(value.round() as i64))?
}

type Found = Option<Result<Item, String>>;

fn of_text(text: &str, name: &str, arguments: &[Item]) -> Found {
    let first = arguments.first().map(text_of);
    let number = |nth: usize| arguments.get(nth).and_then(|item| item.to_value().as_int());
    let done = |item: Item| Some(Ok(item));
    let chars = |set: &str| set.chars().collect::<Vec<char>>();
    let trims = |text: &str| if text.is_empty() { vec![' ', '\t', '\r', '\n'] } else { chars(text) };
    match (name, &first) {
        ("toupper" | "toupperinvariant", None) => done(Item::from(text.to_uppercase())),
        ("tolower" | "tolowerinvariant", None) => done(Item::from(text.to_lowercase())),
        ("trim", _) => done(Item::from(text.trim_matches(trims(&first.unwrap_or_default()).as_slice()))),
        ("trimstart", _) => done(Item::from(text.trim_start_matches(trims(&first.unwrap_or_default()).as_slice()))),
        ("trimend", _) => done(Item::from(text.trim_end_matches(trims(&first.unwrap_or_default()).as_slice()))),
        ("startswith", Some(start)) => done(Item::from(text.starts_with(start.as_str()))),
        ("endswith", Some(end)) => done(Item::from(text.ends_with(end.as_str()))),
        ("contains", Some(part)) => done(Item::from(text.contains(part.as_str()))),
        ("indexof", Some(part)) => {
            let place = text.find(part.as_str()).map_or(-1, |at| i64::try_from(text[..at].chars().count()).unwrap_or(-1));
            done(Item::from(place))
        }
        ("replace", Some(from)) if !from.is_empty() => {
            done(Item::from(text.replace(from.as_str(), &arguments.get(1).map(text_of).unwrap_or_default())))
        }
        ("split", Some(separators)) => done(Item::array(text.split(chars(separators).as_slice()).map(Item::from).collect())),
        ("substring", Some(_)) => {
            let all: Vec<char> = text.chars().collect();
            let start = number(0).and_then(|start| usize::try_from(start).ok())?;
            let length = match arguments.get(1) {
                Some(_) => number(1).and_then(|length| usize::try_from(length).ok())?,
                None => all.len().saturating_sub(start),
            };
            match all.get(start..start.saturating_add(length)) {
                Some(part) => done(Item::from(part.iter().collect::<String>())),
                None => Some(Err("Index and length must refer to a location within the string.".to_owned())),
            }
        }
        ("padleft" | "padright", Some(_)) => {
            let width = number(0).and_then(|width| usize::try_from(width).ok()).filter(|width| *width < 10_000)?;
            let fill = arguments.get(1).map(text_of).and_then(|fill| fill.chars().next()).unwrap_or(' ');
            let padding = fill.to_string().repeat(width.saturating_sub(text.chars().count()));
            done(Item::from(if name == "padleft" { padding + text } else { text.to_owned() + &padding }))
        }
        _ => None,
    }
}

fn of_time(time: Time, name: &str, arguments: &[Item]) -> Found {
    let first = arguments.first();
    let number = first.and_then(|item| float(&item.to_value()));
    let out_of_range = || "The added or subtracted value results in an un-representable DateTime.".to_owned();
    let shifted = |unit: f64| {
        let span = milliseconds(number? * unit);
        Some(span.and_then(|span| time.checked_add_signed(span)).and_then(representable).map(Item::from).ok_or_else(out_of_range))
    };
    match (name, first) {
        ("addmilliseconds", Some(_)) => shifted(1.0),
        ("addseconds", Some(_)) => shifted(1_000.0),
        ("addminutes", Some(_)) => shifted(60_000.0),
        ("addhours", Some(_)) => shifted(3_600_000.0),
        ("adddays", Some(_)) => shifted(86_400_000.0),
        ("addmonths" | "addyears", Some(months)) => {
            let factor = if name == "addyears" { 12 } else { 1 };
            let months = months.to_value().as_int()?.checked_mul(factor)?;
            let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
            let moved = if months < 0 { time.checked_sub_months(count) } else { time.checked_add_months(count) };
            Some(moved.and_then(representable).map(Item::from).ok_or_else(out_of_range))
        }
        ("touniversaltime" | "tolocaltime", None) => Some(Ok(Item::from(time))),
        ("toshortdatestring", None) => Some(Ok(Item::from(time.format("%-m/%-d/%Y").to_string()))),
        ("toshorttimestring", None) => Some(Ok(Item::from(time.format("%-I:%M %p").to_string()))),
        ("subtract" | "add", Some(Item::Value(Value::TimeSpan(span)))) => {
            let moved = if name == "add" { time.checked_add_signed(*span) } else { time.checked_sub_signed(*span) };
            Some(moved.and_then(representable).map(Item::from).ok_or_else(out_of_range))
        }
        ("subtract", Some(Item::Value(Value::DateTime(other)))) => Some(Ok(Item::from(time - *other))),
        _ => None,
    }
}

fn of_span(span: TimeDelta, name: &str, arguments: &[Item]) -> Found {
    let other = arguments.first().and_then(|item| match item.to_value() {
        Value::TimeSpan(span) => Some(span),
        Value::Text(text) => parse_timespan(&text),
        _ => None,
    });
    let too_long = || "TimeSpan overflowed because the duration is too long.".to_owned();
    match (name, other) {
        ("add", Some(other)) => Some(span.checked_add(&other).map(Item::from).ok_or_else(too_long)),
        ("subtract", Some(other)) => Some(span.checked_sub(&other).map(Item::from).ok_or_else(too_long)),
        ("negate", None) => Some(Ok(Item::from(-span))),
        ("duration", None) => Some(Ok(Item::from(span.abs()))),
        _ => None,
    }
}

impl Evaluator {
    /// A value for a type's constructor, as `New-Object` takes it.
    pub fn constructed(&self, kind: super::super::host::Kind, item: Item, span: &Span) -> Result<Item, Flow> {
        argument(item, kind).map_err(|error| self.error(of_value(&error), span))
    }
}
