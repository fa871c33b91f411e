//! One group of facts of one server: the last answer, and what became of asking since.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Map, Value as Json};

use super::server::Skew;
use super::table::shape_of_group;
use super::typed::Typing;
use crate::Time;
use crate::powershell::Record;
use crate::powershell::tree::parse_datetime;
use crate::rb1::{ErrorRecord, Frame, Group};

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

impl Reading {
    /// Types an answer by the table. `asked` and `answered` are of the session's clock; every time of the server's clock
    /// is moved onto it by `skew`, and left as it came where none was measured.
    ///
    /// Missing and extra properties are tolerated, and one of the wrong kind is Unknown with words; it is an error only
    /// where the frame is no reading or does not say the server's own time.
    pub fn from_frame(frame: &Frame, asked: Time, answered: Time, skew: Option<Skew>) -> Result<Self, String> {
        let Frame::Reading { group, server_utc, values, errors, .. } = frame else {
            return Err("expected a reading, found another frame".to_owned());
        };
        let typing = Typing {
            errors,
            offset: skew.map_or_else(TimeDelta::zero, |skew| skew.offset),
            absent: (values.get("Installed") == Some(&Json::Bool(false))).then_some(NOT_INSTALLED),
        };
        Ok(Self {
            group: *group,
            asked,
            answered,
            server_utc: server_time(server_utc)?,
            values: typing.object(shape_of_group(*group), Some(values), "", None),
            raw: values.clone(),
            errors: errors.clone(),
        })
    }
}

/// Why the product's facts are unknown where it is not there.
pub const NOT_INSTALLED: &str = "the product is not installed";

/// The server's own time of a reading.
pub(super) fn server_time(text: &str) -> Result<Time, String> {
    parse_datetime(text)
        .ok_or_else(|| format!("a reading's server_utc is '{text}', expected a time such as 2026-11-21T03:00:00Z"))
}
