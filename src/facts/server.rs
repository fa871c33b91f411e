//! One server of the session as it is known right now: its connection, its clock and its groups of facts.

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::baseline::Baselines;
use super::fresh::{Freshness, Policy};
use super::obstacle::{Limit, Loss, Obstacle};
use super::snapshot::{Failure, GroupState, Reading, server_time};
use crate::Time;
use crate::rb1::{Frame, Group};

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
    /// The `core` answer before the newest: `Idle` needs two in a row
    pub core_before: Option<Reading>,
    /// Server clock minus console clock, and how far off that may be (half the round trip).
    pub skew: Option<Skew>,
    /// The operator's record that it cannot export.
    pub isolated: Option<Isolation>,
    /// When it was seen going into staging, from the session's own record.
    pub staging_since: Option<Time>,
    /// What its standard rules are held against
    pub baselines: Baselines,
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
        /// What it works without
        limits: Vec<Limit>,
    },
    /// It was lost; the next try is due then.
    Lost {
        /// Since when
        since: Time,
        /// How
        what: Loss,
        /// Why, in words
        why: String,
        /// Next try
        retry_at: Time,
    },
    /// It cannot work as it is (host key, language mode, 32-bit, no module): what was found and what to do.
    Refused {
        /// Since when
        since: Time,
        /// Which obstacle
        what: Obstacle,
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
            core_before: None,
            skew: None,
            isolated: None,
            staging_since: None,
            baselines: Baselines::default(),
        }
    }

    /// The same, its standard rules held against these.
    #[must_use]
    pub fn with_baselines(mut self, baselines: Baselines) -> Self {
        self.baselines = baselines;
        self
    }

    /// A request for a group went out.
    pub fn asked(&mut self, group: Group, at: Time) {
        self.groups.entry(group).or_default().asking = Some(at);
    }

    /// An answer came: it is typed, its times are moved, and it takes the place of the one before. An answer to an older
    /// request than the one already here changes nothing.
    ///
    /// The frame must be a [`Frame::Reading`]; the error says what was wrong with it.
    pub fn answered(&mut self, frame: &Frame, asked: Time, answered: Time) -> Result<(), String> {
        if let Frame::Reading { group, server_utc, .. } = frame {
            let measured = Skew::measure(asked, answered, server_time(server_utc)?);
            // A slow group says little about the clock: once `core` has been read, only `core` measures it.
            if *group == Group::Core || self.skew.is_none() {
                self.skew = match (self.skew, measured) {
                    (Some(known), Some(newer)) => Some(known.refined(newer)),
                    (known, newer) => newer.or(known),
                };
            }
        }
        let reading = Reading::from_frame(frame, asked, answered, self.skew)?;
        let state = self.groups.entry(reading.group).or_default();
        if state.last.as_ref().is_some_and(|last| last.asked > reading.asked) {
            return Ok(());
        }
        let core = reading.group == Group::Core;
        let before = state.last.replace(reading);
        (state.failed, state.asking) = (None, None);
        if core {
            self.core_before = before;
        }
        self.mark_rules();
        Ok(())
    }

    /// `Rules[].Changed` rests on two groups: the rules, and the version in `core`.
    fn mark_rules(&mut self) {
        let core = self.groups.get(&Group::Core).and_then(|state| state.last.as_ref());
        let version = core.and_then(|core| core.values.get("Version").cloned());
        if let Some(reading) = self.groups.get_mut(&Group::Configuration).and_then(|state| state.last.as_mut()) {
            self.baselines.mark(version.as_ref(), &mut reading.values);
        }
    }

    /// A group was not answered.
    pub fn not_answered(&mut self, group: Group, at: Time, why: impl Into<String>) {
        let state = self.groups.entry(group).or_default();
        state.failed = Some(Failure { at, why: why.into() });
        state.asking = None;
    }

    /// What a group's last answer is worth now.
    pub fn freshness(&self, group: Group, now: Time, policy: &Policy) -> Freshness<'_> {
        match self.groups.get(&group) {
            Some(state) => state.freshness(group, now, policy),
            None => Freshness::Unknown(format!("{} not read yet", group.name())),
        }
    }

    /// The last request for `core` was answered (for a gate: one made after the operator asked). Never unknown.
    pub fn reachable(&self, policy: &Policy) -> bool {
        let lost = matches!(self.link, Link::Lost { .. } | Link::Refused { .. });
        self.groups.get(&Group::Core).is_some_and(|core| {
            let late = |reading: &Reading| policy.asked_since.is_some_and(|since| reading.asked < since);
            !lost && core.failed.is_none() && core.last.as_ref().is_some_and(|last| !late(last))
        })
    }

    /// The computer's own name once it is known, else the role's: what a sentence calls the server.
    pub fn title(&self) -> &str {
        let host = self.groups.get(&Group::Core).and_then(|core| core.last.as_ref()?.values.get("Host")?.as_text());
        host.unwrap_or(self.name.as_str())
    }
}
