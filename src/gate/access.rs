//! Properties and elements: `.Name` with member enumeration, `.Count`, `[0]`, as PowerShell takes them.
//!
//! A name that is not there is Unknown with the words, where PowerShell would say `$null`: a typing error never passes.

use std::borrow::Cow;

use super::parse::nearest;
use super::paths::is_count;
use crate::powershell::convert::{is_open, unknown_in};
use crate::powershell::{Error, Record, Value};

/// What an expression holds while it is evaluated.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Held<'t> {
    /// A value of the tree, or a made one
    Value(Cow<'t, Value>),
    /// The count of an array with an Unknown among its elements: at least so many, and why it is not known
    AtLeast(i64, String),
}

impl<'t> Held<'t> {
    pub(super) fn made(value: impl Into<Value>) -> Self {
        Self::Value(Cow::Owned(value.into()))
    }

    /// As a plain value: a count that is not known is Unknown.
    pub(super) fn settle(self) -> Cow<'t, Value> {
        match self {
            Self::Value(value) => value,
            Self::AtLeast(_, why) => Cow::Owned(Value::Unknown(why)),
        }
    }
}

/// `.name` of a value; `path` is how the value is written, for the words.
pub(super) fn member<'t>(held: Held<'t>, name: &str, path: &str) -> Held<'t> {
    match held.settle() {
        Cow::Borrowed(value) => look(value, name, path),
        Cow::Owned(value) => match look(&value, name, path) {
            Held::Value(found) => Held::Value(Cow::Owned(found.into_owned())),
            Held::AtLeast(count, why) => Held::AtLeast(count, why),
        },
    }
}

fn look<'v>(value: &'v Value, name: &str, path: &str) -> Held<'v> {
    let found = match value {
        Value::Unknown(_) => Some(value),
        Value::Object(record) => record.get(name),
        Value::Null if !is_count(name) => Some(value),
        _ => None,
    };
    if let Some(found) = found {
        return Held::Value(Cow::Borrowed(found));
    }
    match value {
        Value::Array(items) if is_count(name) => count(value, items),
        Value::Array(items) => Held::made(enumerate(items, name, path)),
        Value::Null => Held::made(0),
        Value::Text(text) if name.eq_ignore_ascii_case("Length") => {
            Held::made(i64::try_from(text.encode_utf16().count()).unwrap_or(i64::MAX))
        }
        _ if is_count(name) => Held::made(1),
        Value::Object(record) => Held::made(missing(path, name, record.iter().map(|(known, _)| known))),
        _ => Held::made(missing(path, name, [])),
    }
}

fn count<'v>(value: &Value, items: &[Value]) -> Held<'v> {
    let known = items.iter().filter(|item| !item.is_unknown());
    if !is_open(value) {
        return Held::made(i64::try_from(items.len()).unwrap_or(i64::MAX));
    }
    // A single $null may turn out to be no array: its count is 0.
    let at_least = match known.clone().count() {
        1 if known.clone().all(|item| *item == Value::Null) => 0,
        known => known,
    };
    Held::AtLeast(i64::try_from(at_least).unwrap_or(i64::MAX), unknown_in(value).unwrap_or_default().to_owned())
}

/// The property of each element that has it, opened by one level; one value is itself, none is `$null`.
fn enumerate(items: &[Value], name: &str, path: &str) -> Value {
    let mut all = Enumerated { values: Vec::new(), having: 0, lacking: None };
    all.take(items, name);
    match all {
        Enumerated { having: 0, lacking: Some(record), .. } => missing(path, name, record.iter().map(|(known, _)| known)),
        Enumerated { mut values, .. } if values.len() == 1 => values.remove(0),
        Enumerated { values, .. } if values.is_empty() => Value::Null,
        Enumerated { values, .. } => Value::Array(values),
    }
}

struct Enumerated {
    values: Vec<Value>,
    having: usize,
    /// The last object without the property; empty for what is no object
    lacking: Option<Record>,
}

impl Enumerated {
    fn take(&mut self, items: &[Value], name: &str) {
        for item in items {
            match item {
                Value::Null => {}
                Value::Unknown(_) => self.values.push(item.clone()),
                Value::Array(inner) => self.take(inner, name),
                Value::Object(record) => match record.get(name) {
                    Some(value) => {
                        self.having += 1;
                        match value {
                            Value::Array(inner) => self.values.extend(inner.iter().cloned()),
                            other => self.values.push(other.clone()),
                        }
                    }
                    None => self.lacking = Some(record.clone()),
                },
                _ => self.lacking = Some(Record::new()),
            }
        }
    }
}

/// The Unknown of a name that is not there.
pub(super) fn missing<'n>(path: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> Value {
    let known = known.into_iter().filter(|known| !known.starts_with('$'));
    let (shown, sign) = if path.is_empty() { (format!("${name}"), "$") } else { (format!("{path}.{name}"), "") };
    let hint = nearest(name, known).map_or_else(String::new, |meant| format!("; did you mean {sign}{meant}?"));
    Value::Unknown(format!("no such name {shown}{hint}"))
}

/// `[index]` of a value.
pub(super) fn element(held: Held<'_>, index: i64) -> Result<Held<'_>, Error> {
    let value = held.settle();
    let place = |length: usize| {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        usize::try_from(if index < 0 { index.checked_add(length)? } else { index }).ok()
    };
    let found = match &value {
        Cow::Borrowed(Value::Array(items)) if !is_open(&value) => {
            place(items.len()).and_then(|at| items.get(at)).map(Cow::Borrowed)
        }
        Cow::Owned(Value::Array(items)) if !is_open(&value) => {
            place(items.len()).and_then(|at| items.get(at)).cloned().map(Cow::Owned)
        }
        _ => match &*value {
            Value::Array(_) => Some(Cow::Owned(Value::unknown(unknown_in(&value).unwrap_or_default()))),
            Value::Unknown(_) => Some(value),
            Value::Null => return Err(Error::new("NullArray", "Cannot index into a null array.")),
            Value::Text(_) => {
                return Err(Error::new("TextIndex", "a gate takes no single characters of a text: use -like or -match"));
            }
            _ if index == 0 || index == -1 => Some(value),
            _ => None,
        },
    };
    Ok(Held::Value(found.unwrap_or(Cow::Owned(Value::Null))))
}
