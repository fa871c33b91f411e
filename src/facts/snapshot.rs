//! One group of facts of one server: the last answer, and what became of asking since.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::Time;
use crate::powershell::Record;
use crate::rb1::{ErrorRecord, Group};

/// An answered group, typed by the table, every server time moved onto the session's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Which group
    pub group: Group,
    /// When it was asked for, on the session's clock
    pub asked: Time,
    /// When the answer was here
    pub answered: Time,
    /// The server's own clock when it answered, as it said
    pub server_utc: Time,
    /// Typed values by the table's paths (`Scheduler` is an object, `RunHistory` an array)
    pub values: Record,
    /// The answer as it came, times unmoved
    pub raw: Map<String, Json>,
    /// Parts that failed, by path
    pub errors: BTreeMap<String, ErrorRecord>,
}

/// What is known of one group of one server.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupState {
    /// The newest answer
    pub last: Option<Reading>,
    /// The newest failure to answer, where it is newer than `last`
    pub failed: Option<Failure>,
    /// A request under way since
    pub asking: Option<Time>,
}

/// A request that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When
    pub at: Time,
    /// Why, in words
    pub why: String,
}
