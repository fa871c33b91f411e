//! Types by their names, casts, and the conversion of arguments to what a parameter takes.

use std::sync::Arc;

use chrono::{Datelike, TimeDelta};

use super::super::display::text_of;
use super::super::error::of_value;
use super::super::host::Kind;
use super::super::item::{Item, Object};
use super::{Evaluator, Flow, truthy};
use crate::powershell::convert::{Type, cast as cast_value};
use crate::powershell::token::Span;
use crate::powershell::{Error, Value};

/// Short names of types and .NET's own.
const TYPES: &[(&str, &str)] = &[
    ("version", "System.Version"),
    ("timespan", "System.TimeSpan"),
    ("datetime", "System.DateTime"),
    ("int", "System.Int32"),
    ("int32", "System.Int32"),
    ("long", "System.Int64"),
    ("int64", "System.Int64"),
    ("uint32", "System.UInt32"),
    ("double", "System.Double"),
    ("decimal", "System.Decimal"),
    ("string", "System.String"),
    ("bool", "System.Boolean"),
    ("switch", "System.Management.Automation.SwitchParameter"),
    ("guid", "System.Guid"),
    ("void", "System.Void"),
    ("object", "System.Object"),
    ("array", "System.Array"),
    ("hashtable", "System.Collections.Hashtable"),
    ("ordered", "System.Collections.Specialized.OrderedDictionary"),
    ("pscustomobject", Object::CUSTOM),
    ("psobject", "System.Management.Automation.PSObject"),
    ("scriptblock", "System.Management.Automation.ScriptBlock"),
    ("datetimekind", "System.DateTimeKind"),
    ("dayofweek", "System.DayOfWeek"),
    ("io.path", "System.IO.Path"),
    ("math", "System.Math"),
    ("environment", "System.Environment"),
    ("globalization.cultureinfo", "System.Globalization.CultureInfo"),
    ("cultureinfo", "System.Globalization.CultureInfo"),
    ("regex", "System.Text.RegularExpressions.Regex"),
    ("timezoneinfo", "System.TimeZoneInfo"),
];

/// The full name of a type that is known here, element type for `[string[]]`.
pub fn full_name(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches("[]");
    TYPES
        .iter()
        .find(|(short, full)| {
            short.eq_ignore_ascii_case(name)
                || full.eq_ignore_ascii_case(name)
                || full["System.".len()..].eq_ignore_ascii_case(name)
        })
        .map(|(_, full)| *full)
}

/// The .NET name of an item's type.
pub fn full_type_name(item: &Item) -> String {
    match item {
        Item::Nothing => "System.Object".to_owned(),
        Item::Value(Value::Int(value)) if i32::try_from(*value).is_err() => "System.Int64".to_owned(),
        Item::Value(value) => crate::powershell::convert::type_name(value).to_owned(),
        Item::Guid(_) => "System.Guid".to_owned(),
        Item::Enum(member) => member.type_name.to_owned(),
        Item::Object(object) => object.type_name.to_string(),
        Item::Array(_) => "System.Object[]".to_owned(),
        Item::Block(_) => "System.Management.Automation.ScriptBlock".to_owned(),
        Item::Type(_) => "System.RuntimeType".to_owned(),
    }
}

/// `-is`
pub fn is_of_type(item: &Item, name: &str) -> bool {
    if item.is_null() {
        return false;
    }
    let wanted = full_name(name).unwrap_or(name);
    let own = full_type_name(item);
    own.eq_ignore_ascii_case(wanted)
        || wanted == "System.Object"
        || (wanted == "System.Array" && matches!(item, Item::Array(_)))
        || (name.ends_with("[]") && matches!(item, Item::Array(_)))
        || (wanted.ends_with("PSObject") && matches!(item, Item::Object(object) if object.is(Object::CUSTOM)))
        || own.to_ascii_lowercase().ends_with(&format!(".{}", name.to_ascii_lowercase()))
}

/// The exceptions that every error is one of.
pub fn is_base_exception(name: &str) -> bool {
    ["exception", "system.exception", "system.systemexception"].contains(&name.to_ascii_lowercase().as_str())
}

/// An error of a conversion, in the words of .NET.
fn invalid(item: &Item, type_name: &str, why: &str) -> Error {
    Error::invalid_value(&text_of(item), type_name, why)
}

/// A Guid from its text, in .NET's forms with or without braces.
pub fn guid(item: &Item) -> Result<Item, Error> {
    let text = text_of(item);
    let bare: String = text.trim().trim_matches(['{', '}', '(', ')']).to_owned();
    let digits: String = bare.chars().filter(|c| *c != '-').collect();
    let shape = bare.split('-').map(str::len).collect::<Vec<_>>();
    if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) || !(shape == [32] || shape == [8, 4, 4, 4, 12]) {
        let why = "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).";
        return Err(invalid(item, "System.Guid", why));
    }
    let part = |from: usize, to: usize| &digits[from..to];
    Ok(Item::guid(&format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))))
}

/// A moment that a .NET `DateTime` holds: the years 1 to 9999.
pub fn representable(time: crate::Time) -> Option<crate::Time> {
    (1..=9_999).contains(&time.year()).then_some(time)
}

/// A span: from text in .NET's form, from a whole number as ticks.
fn time_span(item: &Item) -> Result<Item, Error> {
    match item.to_value() {
        Value::Int(ticks) => Ok(Item::Value(Value::TimeSpan(TimeDelta::nanoseconds(ticks.saturating_mul(100))))),
        value => cast_value(Type::TimeSpan, &value).map(Item::Value),
    }
}

fn boolean(item: &Item) -> Result<Item, Error> {
    match item {
        Item::Value(Value::Bool(_)) => Ok(item.clone()),
        Item::Value(Value::Int(_) | Value::Double(_)) => Ok(Item::from(truthy(item))),
        other => Err(Error::new(
            "InvalidCast",
            format!(
                "Cannot convert value \"{}\" to type \"System.Boolean\". Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0.",
                full_type_name(other)
            ),
        )),
    }
}

fn member(item: &Item, type_name: &'static str, members: &'static [(&'static str, i64)]) -> Result<Item, Error> {
    let found = match item {
        Item::Value(Value::Int(number)) => members.iter().find(|(_, value)| value == number),
        other => {
            let text = text_of(other);
            let text = text.trim();
            let exact = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
            let begins = |name: &str| !text.is_empty() && name.to_ascii_lowercase().starts_with(&text.to_ascii_lowercase());
            exact.or_else(|| {
                let mut abbreviated = members.iter().filter(|(name, _)| begins(name));
                abbreviated.next().filter(|_| abbreviated.next().is_none())
            })
        }
    };
    if let Some((name, number)) = found {
        return Ok(Item::member(type_name, *name, *number));
    }
    let text = text_of(item);
    let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    let why = format!(
        "Unable to match the identifier name {text} to a valid enumerator name. Specify one of the following enumerator names and try again:\n{}",
        names.join(", ")
    );
    Err(invalid(item, type_name, &why))
}

/// An argument as its parameter takes it. `$null` is refused where the parameter cannot hold it.
pub fn argument(item: Item, kind: Kind) -> Result<Item, Error> {
    let plain = |kind: Type, item: &Item| cast_value(kind, &item.to_value()).map(Item::Value);
    match kind {
        Kind::Switch => Ok(Item::from(truthy(&item))),
        Kind::NullableBool | Kind::NullableTimeSpan if item.is_null() => Ok(Item::NULL),
        Kind::Bool | Kind::NullableBool => boolean(&item),
        Kind::TimeSpan | Kind::NullableTimeSpan => time_span(&item),
        Kind::Text => Ok(match item {
            Item::Value(Value::Text(_)) => item,
            other => Item::from(text_of(&other)),
        }),
        Kind::Texts => Ok(Item::array(many(item).iter().map(|item| Item::from(text_of(item))).collect())),
        Kind::Int => plain(Type::Int, &item),
        Kind::DateTime => plain(Type::DateTime, &item),
        Kind::Version => plain(Type::Version, &item),
        Kind::Guid => guid(&item),
        Kind::Enum(type_name, members) => member(&item, type_name, members),
        Kind::Block => match item {
            Item::Block(_) => Ok(item),
            other => {
                Err(Error::no_conversion(&text_of(&other), &full_type_name(&other), "System.Management.Automation.ScriptBlock"))
            }
        },
        Kind::Any => Ok(if matches!(item, Item::Nothing) { Item::NULL } else { item }),
        Kind::Many => Ok(Item::array(many(item))),
    }
}

/// The elements of an array, or the one item.
pub fn many(item: Item) -> Vec<Item> {
    match item {
        Item::Array(items) => Arc::try_unwrap(items).unwrap_or_else(|shared| shared.as_ref().clone()),
        Item::Nothing => Vec::new(),
        single => vec![single],
    }
}

/// The .NET name of what a parameter takes, for error messages.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Switch => "System.Management.Automation.SwitchParameter",
        Kind::Bool => "System.Boolean",
        Kind::NullableBool => "System.Nullable`1[System.Boolean]",
        Kind::Text => "System.String",
        Kind::Texts => "System.String[]",
        Kind::Int => "System.Int32",
        Kind::TimeSpan => "System.TimeSpan",
        Kind::NullableTimeSpan => "System.Nullable`1[System.TimeSpan]",
        Kind::DateTime => "System.DateTime",
        Kind::Guid => "System.Guid",
        Kind::Version => "System.Version",
        Kind::Enum(name, _) => name,
        Kind::Block => "System.Management.Automation.ScriptBlock",
        Kind::Any => "System.Object",
        Kind::Many => "System.Object[]",
    }
}

impl Evaluator {
    /// `[type]value`
    pub fn cast(&self, type_name: &str, item: Item, span: &Span) -> Result<Item, Flow> {
        let wrong = |error: Error| self.error(of_value(&error), span);
        let Some(full) = full_name(type_name) else {
            return Err(self.not_played(&format!("the type [{type_name}]"), span));
        };
        if type_name.ends_with("[]") {
            let element = type_name.trim_end_matches("[]");
            let items: Result<Vec<Item>, Flow> = many(item).into_iter().map(|item| self.cast(element, item, span)).collect();
            return Ok(Item::array(items?));
        }
        let kind = match full {
            "System.Void" => return Ok(Item::Nothing),
            "System.Object" | "System.Management.Automation.PSObject" => return Ok(item),
            "System.Array" => return Ok(Item::array(many(item))),
            "System.Boolean" => return Ok(Item::from(truthy(&item))),
            "System.String" => return Ok(Item::from(text_of(&item))),
            "System.Guid" => return guid(&item).map_err(wrong),
            "System.TimeSpan" => return time_span(&item).map_err(wrong),
            Object::CUSTOM => {
                return Ok(match item {
                    Item::Object(mut object) => {
                        Arc::make_mut(&mut object).type_name = Object::CUSTOM.into();
                        Item::Object(object)
                    }
                    other => other,
                });
            }
            "System.Collections.Specialized.OrderedDictionary" | Object::HASHTABLE => return Ok(item),
            "System.Int64" | "System.UInt32" | "System.Decimal" => match item.to_value() {
                value @ (Value::Int(_) | Value::Double(_)) if full == "System.Decimal" => return Ok(Item::Value(value)),
                value @ Value::Int(_) => return Ok(Item::Value(value)),
                Value::Text(text) if text.trim().parse::<i64>().is_ok() => {
                    return Ok(Item::from(text.trim().parse::<i64>().unwrap_or(0)));
                }
                _ => Type::Int,
            },
            _ => match Type::ALL.iter().find(|(.., name)| *name == full) {
                Some((kind, ..)) => *kind,
                None => return Err(self.not_played(&format!("a cast to [{type_name}]"), span)),
            },
        };
        cast_value(kind, &item.to_value()).map(Item::Value).map_err(wrong)
    }
}
