//! Operators between values. Comparing and converting is PowerShell's own, in `powershell::{compare, convert}`; here stand
//! arithmetic, text operators and what is different for objects.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::TimeDelta;

use super::super::display::{format_with, text_of};
use super::super::error::{of_value, runtime};
use super::super::item::{Item, Object};
use super::convert::representable;
use super::{Evaluator, Flow, convert};
use crate::powershell::compare;
use crate::powershell::convert::{self as values, Type};
use crate::powershell::format::to_text;
use crate::powershell::token::Span;
use crate::powershell::{Case, Comparison, Error, Operator, Value};

/// What counts as true.
pub fn truthy(item: &Item) -> bool {
    match item {
        Item::Object(_) | Item::Block(_) | Item::Type(_) | Item::Guid(_) => true,
        Item::Enum(member) => member.number != 0,
        Item::Array(items) => match items.as_slice() {
            [] => false,
            [single] => truthy(single),
            _ => true,
        },
        Item::Value(_) | Item::Nothing => values::truthy(&item.to_value()).unwrap_or(false),
    }
}

/// How two items order, for sorting: what cannot be compared is compared as text.
pub fn compare_items(left: &Item, right: &Item, case: Case) -> Ordering {
    let (left, right) = (left.to_value(), right.to_value());
    match compare::order(&left, &right, case) {
        Ok(Some(ordering)) => ordering,
        _ => crate::powershell::format::to_text(&left).cmp(&crate::powershell::format::to_text(&right)),
    }
}

/// Whether two items are the same for grouping.
pub fn equal_items(left: &Item, right: &Item, case: Case) -> bool {
    compare_items(left, right, case) == Ordering::Equal
}

impl Evaluator {
    /// `left OP right`; the operator in lower case without its hyphen.
    pub fn binary(&self, name: &str, left: &Item, right: &Item, span: &Span) -> Result<Item, Flow> {
        if let Some(operator) = Operator::parse(name) {
            return comparison(operator, left, right).map_err(|error| self.error(of_value(&error), span));
        }
        match name {
            "xor" => Ok(Item::from(truthy(left) != truthy(right))),
            "+" | "-" | "*" | "/" | "%" => self.arithmetic(name, left, right, span),
            "band" | "bor" | "bxor" => {
                let (left, right) = (self.whole(left, span)?, self.whole(right, span)?);
                Ok(Item::from(match name {
                    "band" => left & right,
                    "bor" => left | right,
                    _ => left ^ right,
                }))
            }
            ".." => {
                let (first, last) = self.bounds(left, right, span)?;
                let range: Vec<Item> = if first <= last {
                    (first..=last).map(Item::from).collect()
                } else {
                    (last..=first).rev().map(Item::from).collect()
                };
                Ok(Item::array(range))
            }
            "f" => {
                let arguments = match right {
                    Item::Array(items) => items.as_ref().clone(),
                    single => vec![single.clone()],
                };
                format_with(&text_of(left), &arguments)
                    .map(Item::from)
                    .map_err(|message| self.error(runtime("FormatError", message), span))
            }
            "join" => {
                let texts: Vec<String> = match left {
                    Item::Array(items) => items.iter().map(text_of).collect(),
                    single => vec![text_of(single)],
                };
                Ok(Item::from(texts.join(&text_of(right))))
            }
            "split" | "isplit" | "csplit" => self.split(left, right, name == "csplit", span),
            "replace" | "ireplace" | "creplace" => self.replace(left, right, name == "creplace", span),
            "is" | "isnot" => {
                let wanted = type_name(right);
                Ok(Item::from(convert::is_of_type(left, &wanted) == (name == "is")))
            }
            "as" => Ok(self.cast(&type_name(right), left.clone(), span).unwrap_or(Item::NULL)),
            other => Err(self.not_played(&format!("the operator -{other}"), span)),
        }
    }

    /// The ends of a range.
    pub fn bounds(&self, left: &Item, right: &Item, span: &Span) -> Result<(i64, i64), Flow> {
        Ok((self.whole(left, span)?, self.whole(right, span)?))
    }

    fn whole(&self, item: &Item, span: &Span) -> Result<i64, Flow> {
        values::cast(Type::Int, &item.to_value())
            .map_err(|error| self.error(of_value(&error), span))
            .map(|value| value.as_int().unwrap_or(0))
    }

    fn arithmetic(&self, name: &str, left: &Item, right: &Item, span: &Span) -> Result<Item, Flow> {
        if name == "+" {
            match (left, right) {
                (Item::Array(items), _) => {
                    let mut items = items.as_ref().clone();
                    match right {
                        Item::Array(more) => items.extend(more.iter().cloned()),
                        Item::Nothing => {}
                        single => items.push(single.clone()),
                    }
                    return Ok(Item::array(items));
                }
                (Item::Object(table), Item::Object(more)) if table.is(Object::HASHTABLE) && more.is(Object::HASHTABLE) => {
                    let mut table = Arc::clone(table);
                    for (key, value) in more.iter() {
                        Arc::make_mut(&mut table).set(Arc::clone(key), value.clone());
                    }
                    return Ok(Item::Object(table));
                }
                (Item::Value(Value::Text(text)), _) => return Ok(Item::from(format!("{text}{}", text_of(right)))),
                _ if left.is_null() => return Ok(right.clone()),
                _ => {}
            }
        }
        if let ("*", Item::Value(Value::Text(text))) = (name, left) {
            let times = usize::try_from(self.whole(right, span)?).unwrap_or(0);
            if text.len().saturating_mul(times) > 1 << 24 {
                return Err(self.not_played("a text of that length", span));
            }
            return Ok(Item::from(text.repeat(times)));
        }
        let (l, r) = (left.to_value(), right.to_value());
        if let Some(result) = of_times(name, &l, &r) {
            return Ok(Item::Value(result));
        }
        let numbers = number(&l).and_then(|l| number(&r).map(|r| (l, r)));
        match numbers {
            Ok((l, r)) => calculate(name, &l, &r).map(Item::Value).map_err(|failure| self.error(failure, span)),
            Err(Some(error)) => Err(self.error(of_value(&error), span)),
            Err(None) => {
                let message = format!(
                    "Method invocation failed because [{}] does not contain a method named '{}'.",
                    convert::full_type_name(left),
                    method_of(name)
                );
                Err(self.error(runtime("MethodNotFound", message), span))
            }
        }
    }

    fn split(&self, left: &Item, right: &Item, case: bool, span: &Span) -> Result<Item, Flow> {
        let (pattern, limit) = match right {
            Item::Array(items) => (
                items.first().map(text_of).unwrap_or_default(),
                items.get(1).and_then(|item| item.to_value().as_int()).unwrap_or(0),
            ),
            single => (text_of(single), 0),
        };
        let regex = self.regex(&pattern, case, span)?;
        let limit = usize::try_from(limit).unwrap_or(0);
        let texts = match left {
            Item::Array(items) => items.iter().map(text_of).collect(),
            single => vec![text_of(single)],
        };
        let mut parts = Vec::new();
        for text in &texts {
            if limit > 0 {
                parts.extend(regex.splitn(text, limit).map(Item::from));
            } else {
                parts.extend(regex.split(text).map(Item::from));
            }
        }
        Ok(Item::array(parts))
    }

    fn replace(&self, left: &Item, right: &Item, case: bool, span: &Span) -> Result<Item, Flow> {
        let (pattern, with) = match right {
            Item::Array(items) => (items.first().map(text_of).unwrap_or_default(), items.get(1).map(text_of).unwrap_or_default()),
            single => (text_of(single), String::new()),
        };
        let regex = self.regex(&pattern, case, span)?;
        let one = |item: &Item| Item::from(regex.replace_all(&text_of(item), with.as_str()).into_owned());
        Ok(match left {
            Item::Array(items) => Item::array(items.iter().map(one).collect()),
            single => one(single),
        })
    }

    fn regex(&self, pattern: &str, case: bool, span: &Span) -> Result<regex::Regex, Flow> {
        regex::RegexBuilder::new(pattern)
            .case_insensitive(!case)
            .size_limit(1 << 20)
            .build()
            .map_err(|_| self.not_played(&format!("the regular expression '{pattern}'"), span))
    }
}

fn comparison(operator: Operator, left: &Item, right: &Item) -> Result<Item, Error> {
    let filters = !matches!(operator.asks, Comparison::In | Comparison::NotIn | Comparison::Contains | Comparison::NotContains);
    if let (Item::Array(items), true) = (left, filters) {
        let right = right.to_value();
        // Of `-like` the texts that it compared are left, as in PowerShell; of the others the elements themselves.
        let as_text = matches!(operator.asks, Comparison::Like | Comparison::NotLike);
        let mut kept = Vec::new();
        for item in items.iter() {
            let value = item.to_value();
            if compare::scalar(operator, &value, &right)? == Some(true) {
                kept.push(if as_text { Item::from(to_text(&value)) } else { item.clone() });
            }
        }
        return Ok(Item::array(kept));
    }
    Ok(Item::from(compare::apply(operator, &left.to_value(), &right.to_value())?))
}

/// The type that stands on the right of `-is`: a literal, or its name as text.
fn type_name(item: &Item) -> String {
    match item {
        Item::Type(name) => name.to_string(),
        other => text_of(other),
    }
}

/// Moments and spans.
fn of_times(name: &str, left: &Value, right: &Value) -> Option<Value> {
    let span_of = |value: &Value| match value {
        Value::TimeSpan(span) => Some(*span),
        Value::Text(text) => crate::powershell::tree::parse_timespan(text),
        _ => None,
    };
    match (name, left, right) {
        ("-", Value::DateTime(left), Value::DateTime(right)) => Some(Value::TimeSpan(*left - *right)),
        ("-", Value::DateTime(left), right) => {
            left.checked_sub_signed(span_of(right)?).and_then(representable).map(Value::DateTime)
        }
        ("+", Value::DateTime(left), right) => {
            left.checked_add_signed(span_of(right)?).and_then(representable).map(Value::DateTime)
        }
        ("+", Value::TimeSpan(left), right) => left.checked_add(&span_of(right)?).map(Value::TimeSpan),
        ("-", Value::TimeSpan(left), right) => left.checked_sub(&span_of(right)?).map(Value::TimeSpan),
        ("-", Value::Int(0), Value::TimeSpan(span)) => Some(Value::TimeSpan(TimeDelta::zero() - *span)),
        _ => None,
    }
}

/// A value as a number; `Err(None)` where its type has no arithmetic at all.
fn number(value: &Value) -> Result<Value, Option<Error>> {
    match value {
        Value::Null => Ok(Value::Int(0)),
        Value::Int(_) | Value::Double(_) => Ok(value.clone()),
        Value::Bool(value) => Ok(Value::Int(i64::from(*value))),
        Value::Text(text) => match crate::powershell::number::parse(text.trim()) {
            Some(number) => Ok(number),
            None => values::cast(Type::Int, value).map_err(Some),
        },
        _ => Err(None),
    }
}

#[expect(clippy::cast_precision_loss, reason = "PowerShell goes over to a double where whole numbers do not fit")]
fn calculate(name: &str, left: &Value, right: &Value) -> Result<Value, super::super::host::Failure> {
    let by_zero = || runtime("RuntimeException", "Attempted to divide by zero.");
    if let (Value::Int(l), Value::Int(r)) = (left, right) {
        let whole = match name {
            "+" => l.checked_add(*r),
            "-" => l.checked_sub(*r),
            "*" => l.checked_mul(*r),
            _ if *r == 0 => return Err(by_zero()),
            "/" => (l % r == 0).then(|| l.checked_div(*r)).flatten(),
            _ => l.checked_rem(*r),
        };
        if let Some(whole) = whole {
            return Ok(Value::Int(whole));
        }
    }
    let float = |value: &Value| match value {
        Value::Int(value) => *value as f64,
        Value::Double(value) => *value,
        _ => f64::NAN,
    };
    let (l, r) = (float(left), float(right));
    Ok(Value::Double(match name {
        "+" => l + r,
        "-" => l - r,
        "*" => l * r,
        "/" => l / r,
        _ => l % r,
    }))
}

fn method_of(operator: &str) -> &'static str {
    match operator {
        "+" => "op_Addition",
        "-" => "op_Subtraction",
        "*" => "op_Multiply",
        "/" => "op_Division",
        _ => "op_Modulus",
    }
}
