//! Asking the servers: which group is due when, one request an agent at a time. The watch agent has `core` and nothing
//! else, so that no slow group ever stands before the scheduler's state.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::{Effect, Engine, Moment};
use crate::Time;
use crate::facts::fresh::Intervals;
use crate::facts::{Link, ServerName};
use crate::rb1::Group;

/// The two agents that are asked for facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Watch,
    Survey,
}

impl Lane {
    fn of(group: Group) -> Self {
        if group == Group::Core { Self::Watch } else { Self::Survey }
    }
}

/// What was asked, and what is wanted before its interval is over.
#[derive(Debug, Clone, Default)]
pub(super) struct Asking {
    /// How often each group is asked
    pub(super) intervals: Intervals,
    /// No group is asked more often than this (a fast rehearsal)
    pub(super) pace: TimeDelta,
    in_flight: BTreeMap<(ServerName, Lane), BTreeSet<Group>>,
    asked: BTreeMap<(ServerName, Group), Time>,
    wanted: BTreeMap<(ServerName, Group), Time>,
}

impl Asking {
    /// Nothing was asked yet.
    pub(super) fn new(intervals: Intervals) -> Self {
        Self { intervals, pace: TimeDelta::zero(), ..Self::default() }
    }

    /// Wants an answer to a request made at or after `since`.
    pub(super) fn want(&mut self, server: &ServerName, group: Group, since: Time) {
        let slot = self.wanted.entry((server.clone(), group)).or_insert(since);
        *slot = (*slot).max(since);
    }

    /// When a group is due: at once where it is wanted or was never asked.
    fn due(&self, server: &ServerName, group: Group) -> Time {
        let key = (server.clone(), group);
        let Some(asked) = self.asked.get(&key) else { return Time::MIN_UTC };
        let by_interval = *asked + self.interval(group);
        match self.wanted.get(&key) {
            Some(since) if asked < since => *since,
            _ => by_interval,
        }
    }

    /// How often a group is asked: its interval, but never more often than the pace allows.
    pub(super) fn interval(&self, group: Group) -> TimeDelta {
        self.intervals.get(group).max(self.pace)
    }

    /// The intervals as they are kept, for judging how old an answer may be.
    pub(super) fn kept_intervals(&self) -> Intervals {
        Group::ALL.into_iter().fold(self.intervals.clone(), |all, group| all.with(group, self.interval(group)))
    }

    fn is_busy(&self, server: &ServerName, lane: Lane) -> bool {
        self.in_flight.get(&(server.clone(), lane)).is_some_and(|groups| !groups.is_empty())
    }

    /// A group was answered, or will not be.
    pub(super) fn answered(&mut self, server: &ServerName, group: Group) {
        if let Some(groups) = self.in_flight.get_mut(&(server.clone(), Lane::of(group))) {
            groups.remove(&group);
        }
    }

    /// Whether the newest request for a group was made at or after `since`.
    pub(super) fn was_asked_since(&self, server: &ServerName, group: Group, since: Time) -> bool {
        self.asked.get(&(server.clone(), group)).is_some_and(|asked| *asked >= since)
    }

    /// The watch agent is gone: its request is over.
    pub(super) fn watch_lost(&mut self, server: &ServerName) {
        self.in_flight.remove(&(server.clone(), Lane::Watch));
    }
}

impl Engine {
    /// Asks every server for what is due.
    pub(super) fn ask_due(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        if self.session.closed.is_some() {
            return;
        }
        for server in &mut self.servers {
            if !matches!(server.link, Link::Live { .. }) {
                continue;
            }
            for lane in [Lane::Watch, Lane::Survey] {
                if self.asking.is_busy(&server.name, lane) {
                    continue;
                }
                let groups: Vec<Group> = Group::ALL
                    .into_iter()
                    .filter(|group| Lane::of(*group) == lane)
                    .filter(|group| self.asking.due(&server.name, *group) <= moment.now)
                    .collect();
                if groups.is_empty() {
                    continue;
                }
                for group in &groups {
                    self.asking.asked.insert((server.name.clone(), *group), moment.now);
                    server.asked(*group, moment.now);
                }
                self.asking.in_flight.insert((server.name.clone(), lane), groups.iter().copied().collect());
                let since = groups.contains(&Group::Events).then_some(self.session.started);
                out.push(Effect::Read { server: server.name.clone(), groups, since });
            }
        }
    }

    /// The next moment at which a group is due on an agent that is free.
    pub(super) fn next_ask(&self) -> Option<Time> {
        if self.session.closed.is_some() {
            return None;
        }
        self.servers
            .iter()
            .filter(|server| matches!(server.link, Link::Live { .. }))
            .flat_map(|server| Group::ALL.into_iter().map(move |group| (server, group)))
            .filter(|(server, group)| !self.asking.is_busy(&server.name, Lane::of(*group)))
            .map(|(server, group)| self.asking.due(&server.name, group))
            .min()
    }

    /// `F5`: these groups of every server, or all of them.
    pub(super) fn ask_now(&mut self, moment: Moment, groups: &[Group]) {
        let groups = if groups.is_empty() { &Group::ALL } else { groups };
        for server in &self.servers {
            for group in groups {
                self.asking.want(&server.name, *group, moment.now);
            }
        }
    }
}
