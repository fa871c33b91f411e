//! Fresh, late or unknown: how old a group's answer may be. A gate takes only answers to requests made after the operator
//! asked; everything else marks a value late after three intervals of its group and unknown after ten.

use chrono::TimeDelta;

use super::snapshot::{GroupState, Reading};
use crate::Time;
use crate::rb1::Group;
use crate::text::age::duration;

/// How often each group is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intervals {
    by_group: [TimeDelta; Group::ALL.len()],
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            by_group: Group::ALL.map(|group| match group {
                Group::Core => TimeDelta::seconds(5),
                Group::Runs | Group::Statistics | Group::Events => TimeDelta::seconds(30),
                Group::Passwords => TimeDelta::seconds(60),
                Group::Configuration | Group::Host => TimeDelta::minutes(15),
            }),
        }
    }
}

impl Intervals {
    /// A group's interval.
    pub fn get(&self, group: Group) -> TimeDelta {
        self.by_group[Self::place(group)]
    }

    /// The same, with another interval for one group.
    #[must_use]
    pub fn with(mut self, group: Group, interval: TimeDelta) -> Self {
        self.by_group[Self::place(group)] = interval;
        self
    }

    fn place(group: Group) -> usize {
        match group {
            Group::Core => 0,
            Group::Runs => 1,
            Group::Statistics => 2,
            Group::Events => 3,
            Group::Passwords => 4,
            Group::Configuration => 5,
            Group::Host => 6,
        }
    }
}

/// After how many intervals a value is late.
const LATE_AFTER: i32 = 3;
/// After how many it is unknown.
const UNKNOWN_AFTER: i32 = 10;

/// What counts as fresh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// How often each group is asked for
    pub intervals: Intervals,
    /// For a gate: only answers to requests made then or later count
    pub asked_since: Option<Time>,
}

impl Policy {
    /// For the screen, `never`, `keep` and the findings.
    pub fn watching(intervals: Intervals) -> Self {
        Self { intervals, asked_since: None }
    }

    /// For a gate that the operator asked for at this moment.
    pub fn asked_since(intervals: Intervals, moment: Time) -> Self {
        Self { intervals, asked_since: Some(moment) }
    }
}

/// What a group's last answer is worth at a moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Freshness<'a> {
    /// It counts.
    Fresh(&'a Reading),
    /// It counts, and its age is said.
    Late(&'a Reading, TimeDelta),
    /// There is none that counts; the words say why.
    Unknown(String),
}

impl<'a> Freshness<'a> {
    /// The answer, where one counts.
    pub fn reading(&self) -> Option<&'a Reading> {
        match self {
            Self::Fresh(reading) | Self::Late(reading, _) => Some(reading),
            Self::Unknown(_) => None,
        }
    }

    /// The answer, or why there is none.
    pub fn known(self) -> Result<&'a Reading, String> {
        match self {
            Self::Fresh(reading) | Self::Late(reading, _) => Ok(reading),
            Self::Unknown(why) => Err(why),
        }
    }
}

impl GroupState {
    /// What the last answer is worth now.
    pub fn freshness(&self, group: Group, now: Time, policy: &Policy) -> Freshness<'_> {
        let why = |words: String| {
            let failed = self.failed.as_ref().map_or_else(String::new, |failure| format!(": {}", failure.why));
            Freshness::Unknown(words + &failed)
        };
        let Some(reading) = &self.last else { return why(format!("{} not read yet", group.name())) };
        if let Some(since) = policy.asked_since {
            return if reading.asked >= since {
                Freshness::Fresh(reading)
            } else {
                why(format!("{} not answered yet", group.name()))
            };
        }
        let (age, interval) = (now.signed_duration_since(reading.answered), policy.intervals.get(group));
        if age > interval * UNKNOWN_AFTER {
            why(format!("{} last read {} ago", group.name(), duration(age)))
        } else if age > interval * LATE_AFTER {
            Freshness::Late(reading, age)
        } else {
            Freshness::Fresh(reading)
        }
    }
}
