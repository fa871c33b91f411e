//! What travels through a pipeline: scalars, enums, typed objects, arrays.

use std::sync::Arc;

use crate::powershell::syntax::ScriptBlock;
use crate::powershell::{Record, Value};

/// One thing in a pipeline or in a variable. Cloning is cheap.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A scalar or `$null`; never an array or an object (see [`Item::from`]).
    Value(Value),
    /// `[guid]`, in lower case with hyphens.
    Guid(Arc<str>),
    /// A member of a .NET enum: printed by name, a number in JSON.
    Enum(Enumeration),
    /// An object with a .NET type and properties.
    Object(Arc<Object>),
    /// `[object[]]`
    Array(Arc<Vec<Item>>),
    /// What a command without output leaves: `$null`, but a pipeline does not pass it on.
    Nothing,
    /// A script block `{ … }`.
    Block(Arc<ScriptBlock>),
    /// A type literal `[datetime]` used as a value: its .NET name.
    Type(Arc<str>),
}

/// A member of a .NET enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    /// The enum's .NET name, such as `Microsoft.IdentityManagement.PowerShell.ObjectModel.SynchronizationPolicyType`.
    pub type_name: &'static str,
    /// The member's name, as it is printed.
    pub name: Arc<str>,
    /// Its number, as `ConvertTo-Json` of 5.1 writes it.
    pub number: i64,
}

/// An object: a .NET type and properties in the order in which `Format-List *` prints them.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The full .NET name. It decides the default display (`display/`) and what `Get-Member` and errors say.
    pub type_name: Arc<str>,
    properties: Vec<(Arc<str>, Item)>,
    /// What `"$object"` prints, where it is not the type's name.
    pub text: Option<Arc<str>>,
}

impl Object {
    /// The type of `[pscustomobject]` and of what `Select-Object` makes.
    pub const CUSTOM: &'static str = "System.Management.Automation.PSCustomObject";
    /// The type of `@{ … }`.
    pub const HASHTABLE: &'static str = "System.Collections.Hashtable";

    /// An object of that .NET type without properties.
    pub fn new(type_name: impl Into<Arc<str>>) -> Self {
        Self { type_name: type_name.into(), properties: Vec::new(), text: None }
    }

    /// A `[pscustomobject]`.
    pub fn custom() -> Self {
        Self::new(Self::CUSTOM)
    }

    /// Sets a property, for building an object in one expression. A name that exists keeps its place and spelling.
    #[must_use]
    pub fn with(mut self, name: impl Into<Arc<str>>, value: impl Into<Item>) -> Self {
        self.set(name, value);
        self
    }

    /// What `"$object"` prints, for types whose `ToString()` is their own.
    #[must_use]
    pub fn shown_as(mut self, text: impl Into<Arc<str>>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Sets a property; a name that exists keeps its place and spelling.
    pub fn set(&mut self, name: impl Into<Arc<str>>, value: impl Into<Item>) {
        let (name, value) = (name.into(), value.into());
        match self.properties.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(&name)) {
            Some((_, slot)) => *slot = value,
            None => self.properties.push((name, value)),
        }
    }

    /// The value of a property, case-insensitive; `None` where there is no such property.
    pub fn get(&self, name: &str) -> Option<&Item> {
        self.properties.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Properties in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Item)> {
        self.properties.iter().map(|(name, value)| (name, value))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.properties.len()
    }

    /// Whether there is no property.
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty()
    }

    /// Whether it is of that .NET type (full name, any case).
    pub fn is(&self, type_name: &str) -> bool {
        self.type_name.eq_ignore_ascii_case(type_name)
    }
}

impl Item {
    /// `$null`
    pub const NULL: Self = Self::Value(Value::Null);

    /// A `[guid]`; the text is lowered.
    pub fn guid(text: &str) -> Self {
        Self::Guid(text.to_ascii_lowercase().into())
    }

    /// A member of an enum.
    pub fn member(type_name: &'static str, name: impl Into<Arc<str>>, number: i64) -> Self {
        Self::Enum(Enumeration { type_name, name: name.into(), number })
    }

    /// An `[object[]]`.
    pub fn array(items: Vec<Item>) -> Self {
        Self::Array(Arc::new(items))
    }

    /// Whether this is `$null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Value(Value::Null) | Self::Nothing)
    }

    /// The object, where it is one.
    pub fn as_object(&self) -> Option<&Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The text of a string, a Guid or an enum; `None` for anything else.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Value(Value::Text(text)) => Some(text),
            Self::Guid(text) => Some(text),
            Self::Enum(member) => Some(&member.name),
            _ => None,
        }
    }

    /// As a plain value for comparing and for facts: Guids and enums become text, objects become records.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Nothing => Value::Null,
            Self::Guid(text) | Self::Type(text) => Value::Text(text.to_string()),
            Self::Block(block) => Value::Text(block.text().to_owned()),
            Self::Enum(member) => Value::Text(member.name.to_string()),
            Self::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(object) => {
                Value::Object(object.iter().map(|(name, item)| (name.to_string(), item.to_value())).collect::<Record>())
            }
        }
    }
}

impl<T: Into<Value>> From<T> for Item {
    fn from(value: T) -> Self {
        match value.into() {
            Value::Array(items) => Self::array(items.into_iter().map(Self::from).collect()),
            Value::Object(record) => {
                let mut object = Object::custom();
                for (name, value) in record.iter() {
                    object.set(name, value.clone());
                }
                Self::Object(Arc::new(object))
            }
            value => Self::Value(value),
        }
    }
}

impl From<Object> for Item {
    fn from(object: Object) -> Self {
        Self::Object(Arc::new(object))
    }
}

impl From<Vec<Item>> for Item {
    fn from(items: Vec<Item>) -> Self {
        Self::array(items)
    }
}
