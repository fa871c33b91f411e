//! What PowerShell answers when a comparison or a cast cannot be made: its own words.

use std::fmt;

/// A terminating error of an operator or a cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The error's id, such as `ComparisonFailure` or `InvalidCast`.
    pub id: &'static str,
    /// The message, in PowerShell 7's English words.
    pub message: String,
}

impl Error {
    /// An error with its id and words.
    pub fn new(id: &'static str, message: impl Into<String>) -> Self {
        Self { id, message: message.into() }
    }

    /// `Could not compare "2.6.92.0" to "word". Error: "…"`
    pub fn comparison(left: &str, right: &str, why: &str) -> Self {
        Self::new("ComparisonFailure", format!("Could not compare \"{left}\" to \"{right}\". Error: \"{why}\""))
    }

    /// `Cannot convert value "x" to type "System.Int32". Error: "…"`
    pub fn invalid_value(value: &str, type_name: &str, why: &str) -> Self {
        Self::new("InvalidCast", format!("Cannot convert value \"{value}\" to type \"{type_name}\". Error: \"{why}\""))
    }

    /// `Cannot convert the "x" value of type "System.Version" to type "System.Int32".`
    pub fn no_conversion(value: &str, from: &str, to: &str) -> Self {
        Self::new("InvalidCast", format!("Cannot convert the \"{value}\" value of type \"{from}\" to type \"{to}\"."))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
