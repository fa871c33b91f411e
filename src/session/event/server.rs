//! What is recorded of a server.

use serde::{Deserialize, Serialize};

use crate::powershell::Value;

/// A change on a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The fact's path on that server
    pub path: String,
    /// Before; none at the first reading, which is not `$null`
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub from: Option<Value>,
    /// Now
    pub to: Value,
}

/// A field that is there is `Some`, `null` too.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
