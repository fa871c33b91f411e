//! An object with named properties in their order, as PowerShell shows them: names are found without regard to case.

use std::sync::Arc;

use super::Value;

/// Ordered properties of an object. Looking a name up ignores ASCII case, as PowerShell does. A clone shares them until one
/// of the two is changed: facts are passed on far more often than they are changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    properties: Arc<Vec<(String, Value)>>,
}

impl Record {
    /// An object without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a property, or `None` where the object has no such property (which is not `$null`).
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties.iter().find(|(key, _)| is_name(key, name)).map(|(_, value)| value)
    }

    /// The value at a dotted path (`Scheduler.StagingModeEnabled`), by names only: no member enumeration.
    pub fn at(&self, path: &str) -> Option<&Value> {
        match path.split_once('.') {
            None => self.get(path),
            Some((name, below)) => self.get(name)?.at(below),
        }
    }

    /// The value of a property for writing.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.properties.iter().position(|(key, _)| is_name(key, name))?;
        Arc::make_mut(&mut self.properties).get_mut(place).map(|(_, value)| value)
    }

    /// Sets a property: replaces the value of an existing name (its place and spelling stay), else appends it.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.get_mut(&name) {
            Some(slot) => *slot = value,
            None => Arc::make_mut(&mut self.properties).push((name, value)),
        }
    }

    /// The same, for building an object in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Whether the two are one and the same object, neither changed since one was cloned from the other.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.properties, &other.properties)
    }

    /// Properties in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.properties.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.properties.len()
    }

    /// Whether there is no property.
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty()
    }
}

/// Whether a key is that name. Facts are looked up by the million and mostly as they are spelled: what cannot be it is told
/// by its length and its first letter.
fn is_name(key: &str, name: &str) -> bool {
    let (key, name) = (key.as_bytes(), name.as_bytes());
    let first = |bytes: &[u8]| bytes.first().map(u8::to_ascii_lowercase);
    key.len() == name.len() && first(key) == first(name) && (key == name || key.eq_ignore_ascii_case(name))
}

impl<N: Into<String>> FromIterator<(N, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(pairs: I) -> Self {
        let mut record = Self::new();
        for (name, value) in pairs {
            record.set(name, value);
        }
        record
    }
}
