//! The run history of a server: one row a run, newest first, purged after the interval.

use std::collections::VecDeque;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Time;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
    /// `Delta Import`
    DeltaImport,
    /// `Full Import`
    FullImport,
    /// `Delta Synchronization`
    DeltaSynchronization,
    /// `Full Synchronization`
    FullSynchronization,
    /// `Export`
    Export,
}

impl Profile {
    /// All run profiles of a connector.
    pub const ALL: [Self; 5] =
        [Self::FullImport, Self::FullSynchronization, Self::DeltaImport, Self::DeltaSynchronization, Self::Export];

    /// RunProfileName
    pub fn name(self) -> &'static str {
        match self {
            Self::DeltaImport => "Delta Import",
            Self::FullImport => "Full Import",
            Self::DeltaSynchronization => "Delta Synchronization",
            Self::FullSynchronization => "Full Synchronization",
            Self::Export => "Export",
        }
    }

    /// By its name, without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name().eq_ignore_ascii_case(text))
    }

    /// Whether it reads a directory.
    pub fn is_import(self) -> bool {
        matches!(self, Self::DeltaImport | Self::FullImport)
    }

    /// Whether it applies rules.
    pub fn is_synchronization(self) -> bool {
        matches!(self, Self::DeltaSynchronization | Self::FullSynchronization)
    }
}

/// A run's counters: of staging for imports, of flows for synchronizations, of exports for exports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Adds (import, export), projections (synchronization)
    pub adds: u64,
    /// Updates
    pub updates: u64,
    /// Renames
    #[serde(default, skip_serializing_if = "zero")]
    pub renames: u64,
    /// Deletes
    pub deletes: u64,
    /// Objects that failed
    #[serde(default, skip_serializing_if = "zero")]
    pub failures: u64,
    /// Objects looked at and found unchanged
    #[serde(default, skip_serializing_if = "zero")]
    pub unchanged: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn zero(value: &u64) -> bool {
    *value == 0
}

/// An object that failed in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectError {
    /// ErrorType
    pub kind: String,
    /// Distinguished name in the connector space
    pub dn: String,
    /// Display name
    pub name: String,
    /// cd-error code, such as 8344
    pub code: Option<i64>,
    /// What the connected directory said
    pub message: String,
    /// First occurrence
    pub first: Time,
    /// Tries after the first
    pub retries: u64,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// RunNumber
    pub number: u64,
    /// RunHistoryId
    pub id: String,
    /// ConnectorName
    pub connector: String,
    /// What it did
    pub profile: Profile,
    /// Result word (structures.md 5.3)
    pub result: String,
    /// Start
    pub start: Time,
    /// End, once it is over
    pub end: Option<Time>,
    /// Who
    pub user: String,
    /// Counters
    pub counters: Counters,
    /// Objects that failed
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ObjectError>,
}

impl Run {
    /// Whether it is over.
    pub fn is_complete(&self) -> bool {
        self.end.is_some()
    }

    /// Whether its objects were dealt with, with or without errors of single objects.
    pub fn succeeded(&self) -> bool {
        self.result == "success" || self.result.starts_with("completed-")
    }
}

/// The history, oldest first inside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    runs: VecDeque<Run>,
    counter: u64,
}

/// Who runs a scheduler's steps.
pub const SERVICE_ACCOUNT: &str = "NT SERVICE\\ADSync";

impl History {
    /// Opens a row and answers its number.
    pub fn open(&mut self, id: String, connector: &str, profile: Profile, user: &str, at: Time) -> u64 {
        self.counter += 1;
        self.runs.push_back(Run {
            number: self.counter,
            id,
            connector: connector.to_owned(),
            profile,
            result: "in-progress".to_owned(),
            start: at,
            end: None,
            user: user.to_owned(),
            counters: Counters::default(),
            errors: Vec::new(),
        });
        self.counter
    }

    /// Closes a row.
    pub fn close(&mut self, number: u64, at: Time, result: &str, counters: Counters, errors: Vec<ObjectError>) {
        if let Some(run) = self.runs.iter_mut().rev().find(|run| run.number == number) {
            run.end = Some(at);
            result.clone_into(&mut run.result);
            run.counters = counters;
            run.errors = errors;
        }
    }

    /// Rows, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().rev()
    }

    /// A row by its number.
    pub fn run(&self, number: u64) -> Option<&Run> {
        self.newest_first().find(|run| run.number == number)
    }

    /// The start of the oldest row.
    pub fn begins(&self) -> Option<Time> {
        self.runs.front().map(|run| run.start)
    }

    /// The newest finished row of a connector that does this kind of thing.
    pub fn newest(&self, connector: &str, kind: impl Fn(Profile) -> bool) -> Option<&Run> {
        self.newest_first().find(|run| run.is_complete() && run.connector == connector && kind(run.profile))
    }

    /// Forgets rows that ended before the interval.
    pub fn purge(&mut self, now: Time, interval: TimeDelta) {
        while self.runs.front().is_some_and(|run| run.end.is_some_and(|end| end < now - interval)) {
            self.runs.pop_front();
        }
    }
}
