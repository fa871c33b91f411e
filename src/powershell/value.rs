//! One value of the kinds that facts have: PowerShell's scalars, arrays, objects, and Unknown.

use std::fmt;

use chrono::TimeDelta;

use super::Record;
use crate::Time;

/// A value as PowerShell would hold it, with one addition: [`Value::Unknown`], a value that was not observed.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// `$null`: the server said that there is none. Never used for what was not read.
    #[default]
    Null,
    /// `[bool]`
    Bool(bool),
    /// `[int]` or `[long]`
    Int(i64),
    /// `[double]`
    Double(f64),
    /// `[string]`; an enum, a Guid and a SID travel as text too.
    Text(String),
    /// `[version]`
    Version(Version),
    /// `[timespan]`
    TimeSpan(TimeDelta),
    /// `[datetime]`, always UTC
    DateTime(Time),
    /// `[object[]]`
    Array(Vec<Value>),
    /// An object with properties
    Object(Record),
    /// Not observed, stale or failed; the words say why.
    Unknown(String),
}

impl Value {
    /// An Unknown with its reason in words, such as `not read yet` or `EC02 did not answer`.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown(why.into())
    }

    /// Whether this is Unknown itself (an array that holds one is not).
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// The boolean, where it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The whole number, where it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }

    /// The moment, where it is one.
    pub fn as_time(&self) -> Option<Time> {
        if let Self::DateTime(value) = self { Some(*value) } else { None }
    }

    /// The span, where it is one.
    pub fn as_span(&self) -> Option<TimeDelta> {
        if let Self::TimeSpan(value) = self { Some(*value) } else { None }
    }

    /// The object, where it is one.
    pub fn as_object(&self) -> Option<&Record> {
        if let Self::Object(value) = self { Some(value) } else { None }
    }

    /// The elements, where it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(value) = self { Some(value) } else { None }
    }

    /// The value at a dotted path below this one (`Scheduler.StagingModeEnabled`), by names only: no member enumeration.
    pub fn at(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(self, |value, name| value.as_object()?.get(name))
    }
}

macro_rules! from {
    ($($kind:ty => $arm:expr),* $(,)?) => {$(
        impl From<$kind> for Value {
            fn from(value: $kind) -> Self { $arm(value) }
        }
    )*};
}

from! {
    bool => Value::Bool,
    i64 => Value::Int,
    i32 => |v: i32| Value::Int(i64::from(v)),
    u32 => |v: u32| Value::Int(i64::from(v)),
    f64 => Value::Double,
    String => Value::Text,
    &str => |v: &str| Value::Text(v.to_owned()),
    Version => Value::Version,
    TimeDelta => Value::TimeSpan,
    Time => Value::DateTime,
    Vec<Value> => Value::Array,
    Record => Value::Object,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// `[version]`: two to four numbers. An absent number is less than 0, as in .NET: `2.6` is less than `2.6.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Major number
    pub major: u32,
    /// Minor number
    pub minor: u32,
    /// Build number, where given
    pub build: Option<u32>,
    /// Revision, where given
    pub revision: Option<u32>,
}

impl Version {
    /// Reads `2.6.92.0`; two to four numbers between dots. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [None; 4];
        for (count, part) in text.trim().split('.').enumerate() {
            *numbers.get_mut(count)? = Some(part.trim().parse::<i32>().ok().and_then(|n| u32::try_from(n).ok())?);
        }
        Some(Self { major: numbers[0]?, minor: numbers[1]?, build: numbers[2], revision: numbers[3] })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if let Some(build) = self.build {
            write!(f, ".{build}")?;
        }
        if let Some(revision) = self.revision {
            write!(f, ".{revision}")?;
        }
        Ok(())
    }
}
