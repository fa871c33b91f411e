//! How spans and versions are written in `lab.json`: as PowerShell writes them.

/// A span as `d.hh:mm:ss`.
pub mod span {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use crate::powershell::tree::{format_timespan, parse_timespan};

    /// Writes it.
    pub fn serialize<S: Serializer>(value: &TimeDelta, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format_timespan(*value))
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeDelta, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_timespan(&text).ok_or_else(|| D::Error::custom(format!("'{text}' is no span such as 00:30:00")))
    }
}

/// A span that may be unset.
pub mod span_option {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use crate::powershell::tree::{format_timespan, parse_timespan};

    /// Writes it, or null.
    #[allow(clippy::ref_option, reason = "serde's `with` hands a reference to the field")]
    pub fn serialize<S: Serializer>(value: &Option<TimeDelta>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(format_timespan).serialize(serializer)
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TimeDelta>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        parse_timespan(&text).map(Some).ok_or_else(|| D::Error::custom(format!("'{text}' is no span such as 00:30:00")))
    }
}

/// A version as `2.6.84.0`.
pub mod version {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use crate::powershell::Version;

    /// Writes it.
    pub fn serialize<S: Serializer>(value: &Version, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
        let text = String::deserialize(deserializer)?;
        Version::parse(&text).ok_or_else(|| D::Error::custom(format!("'{text}' is no version such as 2.6.84.0")))
    }
}
