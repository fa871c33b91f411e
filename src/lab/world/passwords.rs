//! Password hash synchronization: a loop of its own, every two minutes where it may run, whatever the scheduler does.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::eventlog::{EventLog, Level, Source};
use crate::Time;

/// The loop's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passwords {
    /// Since when it runs; none: staging, off, or the service does not run
    pub since: Option<Time>,
    /// Up to here password changes were read when it last stopped
    pub watermark: Option<Time>,
    /// The backlog is worked off by then
    pub caught_up: Option<Time>,
    /// The next heartbeat (event 654)
    pub heartbeat: Option<Time>,
    /// Why every round fails
    pub failing: bool,
}

const ROUND: TimeDelta = TimeDelta::seconds(120);
const HEARTBEAT: TimeDelta = TimeDelta::minutes(30);
/// How long it takes to begin.
const START: TimeDelta = TimeDelta::seconds(5);
/// How far back a server goes that never synchronized password hashes.
const UNKNOWN: TimeDelta = TimeDelta::days(30);

/// Password changes since the watermark, and how long they take: one user in a hundred changes the password each day; the backlog is
/// worked off at 50 a second.
fn backlog(watermark: Option<Time>, users: u64, now: Time) -> (i64, TimeDelta) {
    let away = watermark.map_or(UNKNOWN, |mark| now - mark);
    let backlog = i64::try_from(users).unwrap_or(0) * away.num_minutes() / (100 * 24 * 60);
    (backlog, START + TimeDelta::milliseconds(backlog * 20))
}

impl Passwords {
    /// Not running.
    pub fn idle() -> Self {
        Self { since: None, watermark: None, caught_up: None, heartbeat: None, failing: false }
    }

    /// Starts or stops the loop; `users` is the size of the population that may have changed passwords meanwhile.
    pub fn set(&mut self, may_run: bool, users: u64, now: Time, log: &mut EventLog) {
        match (self.since, may_run) {
            (None, true) => {
                let (backlog, work) = backlog(self.watermark, users, now);
                self.since = Some(now);
                self.caught_up = Some(now + work);
                self.heartbeat = Some(now + ROUND);
                log.write(
                    now,
                    Source::DirectorySynchronization,
                    650,
                    Level::Information,
                    format!("Provision credentials batch start. Count: {backlog}"),
                );
            }
            (Some(_), false) => {
                self.watermark = self.carried(now);
                self.failing = false;
                self.since = None;
                self.caught_up = None;
                self.heartbeat = None;
                log.write(
                    now,
                    Source::DirectorySynchronization,
                    609,
                    Level::Information,
                    "Password Hash Synchronization Manager has stopped.",
                );
            }
            _ => {}
        }
    }

    /// The end of the newest successful round.
    pub fn last_success(&self, now: Time) -> Option<Time> {
        let Some(since) = self.since.filter(|_| !self.failing) else { return self.watermark };
        let begun = self.caught_up.map_or(since, |done| done.max(since));
        if now < begun {
            return self.watermark;
        }
        let rounds = (now - begun).num_seconds() / ROUND.num_seconds();
        Some(begun + TimeDelta::seconds(rounds * ROUND.num_seconds()))
    }

    /// The moment of the directory up to which this server has brought password changes into the cloud, and will not have to again. A
    /// backlog is worked off in the order in which the passwords were changed.
    pub fn carried(&self, now: Time) -> Option<Time> {
        let (Some(since), Some(done)) = (self.since.filter(|_| !self.failing), self.caught_up) else { return self.watermark };
        let begun = since + START;
        if now < begun {
            return self.watermark;
        }
        if now >= done {
            return self.last_success(now);
        }
        let mark = self.watermark.unwrap_or(since - UNKNOWN);
        let (spent, whole) = ((now - begun).num_milliseconds(), (done - begun).num_milliseconds().max(1));
        Some(mark + TimeDelta::seconds((since - mark).num_seconds() * spent / whole))
    }

    /// Until when it works off a backlog.
    pub fn busy_until(&self, now: Time) -> Option<Time> {
        self.since.and(self.caught_up).filter(|done| now < *done)
    }

    /// Something keeps its rounds from succeeding, or no longer does: then what was left undone is a backlog.
    pub fn hinder(&mut self, hindered: bool, users: u64, now: Time, log: &mut EventLog) {
        if self.since.is_none() || self.failing == hindered {
            return;
        }
        if hindered {
            self.watermark = self.carried(now);
            self.failing = true;
        } else {
            (self.failing, self.since) = (false, None);
            self.set(true, users, now, log);
        }
    }

    /// PasswordSyncLastCycleStatus
    pub fn status(&self, now: Time) -> &'static str {
        match (self.since, self.caught_up) {
            (Some(_), _) if self.failing => "Failed",
            (Some(_), Some(done)) if now < done => "InProgress",
            (Some(_), _) => "Successful",
            (None, _) if self.watermark.is_some() => "Successful",
            (None, _) => "None",
        }
    }

    /// Writes the heartbeat that is due.
    pub fn beat(&mut self, now: Time, log: &mut EventLog) {
        self.heartbeat = Some(now + HEARTBEAT);
        if self.failing {
            log.write(
                now,
                Source::DirectorySynchronization,
                652,
                Level::Error,
                "Failed credential provisioning batch. Error: Microsoft.Online.PasswordSynchronization.SynchronizationManagerException.",
            );
        } else {
            log.write(
                now,
                Source::DirectorySynchronization,
                654,
                Level::Information,
                "Password Hash Synchronization heartbeat: ping to Microsoft Entra ID succeeded.",
            );
        }
    }
}
