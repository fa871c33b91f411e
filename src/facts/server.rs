//! One server of the session as it is known right now: its connection, its clock and its groups of facts.

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::snapshot::GroupState;
use crate::Time;
use crate::rb1::Group;

/// A server's role name in the runbook (`old`, `new`): its name in facts, on the screen and in the journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerName(pub String);

impl ServerName {
    /// As written in the runbook.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ServerName {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that is known of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Its role
    pub name: ServerName,
    /// How it is reached, as written
    pub target: String,
    /// The connection of the `watch` agent, which reads the `core` group
    pub link: Link,
    /// What was read, by group
    pub groups: BTreeMap<Group, GroupState>,
    /// Server clock minus console clock, and how far off that may be (half the round trip).
    pub skew: Option<Skew>,
    /// The operator's record that it cannot export.
    pub isolated: Option<Isolation>,
    /// When it was seen going into staging, from the session's own record.
    pub staging_since: Option<Time>,
}

/// The life of a connection, as the screen says it. Times are of the session's clock.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Link {
    /// Nothing was tried yet.
    #[default]
    Idle,
    /// The agent is being started.
    Starting {
        /// Since when
        since: Time,
    },
    /// It answers.
    Live {
        /// Since when
        since: Time,
        /// The server's computer name and the identity in use, from hello
        machine: String,
        /// `DOMAIN\user`
        user: String,
    },
    /// It was lost; the next try is due then.
    Lost {
        /// Since when
        since: Time,
        /// Why, in words
        why: String,
        /// Next try
        retry_at: Time,
    },
    /// It cannot work as it is (host key, language mode, 32-bit, no module): what was found and what to do.
    Refused {
        /// Since when
        since: Time,
        /// What was found
        why: String,
        /// What to do
        remedy: String,
        /// Next try
        retry_at: Time,
    },
}

/// A measured clock difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skew {
    /// Server minus console
    pub offset: TimeDelta,
    /// Half the round trip it was measured over
    pub error: TimeDelta,
}

/// The operator's record of an isolated server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// When it was recorded
    pub at: Time,
    /// How it was isolated
    pub how: String,
    /// How that was checked
    pub checked: String,
}

impl Server {
    /// A server that nothing is known of.
    pub fn new(name: ServerName, target: impl Into<String>) -> Self {
        Self {
            name,
            target: target.into(),
            link: Link::Idle,
            groups: BTreeMap::new(),
            skew: None,
            isolated: None,
            staging_since: None,
        }
    }
}
