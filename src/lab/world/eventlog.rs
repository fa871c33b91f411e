//! The Windows event log of a server (structures.md 5.6): sources, ids, levels and texts.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::Time;

/// Event log levels, by their display names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// Information
    Information,
    /// Warning
    Warning,
    /// Error
    Error,
}

impl Level {
    /// LevelDisplayName
    pub fn name(self) -> &'static str {
        match self {
            Self::Information => "Information",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }

    /// Level as a number
    pub fn number(self) -> i64 {
        match self {
            Self::Information => 4,
            Self::Warning => 3,
            Self::Error => 2,
        }
    }
}

/// Sources of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// `Directory Synchronization`
    DirectorySynchronization,
    /// `ADSync`
    AdSync,
    /// `Entra Connect Admin Actions`
    AdminActions,
    /// `Microsoft Entra Connect Upgrade`
    Upgrade,
    /// `PasswordResetService`
    PasswordReset,
    /// `Microsoft-Windows-Kernel-General`, of the log System
    Kernel,
}

impl Source {
    /// ProviderName
    pub fn name(self) -> &'static str {
        match self {
            Self::DirectorySynchronization => "Directory Synchronization",
            Self::AdSync => "ADSync",
            Self::AdminActions => "Entra Connect Admin Actions",
            Self::Upgrade => "Microsoft Entra Connect Upgrade",
            Self::PasswordReset => "PasswordResetService",
            Self::Kernel => "Microsoft-Windows-Kernel-General",
        }
    }

    /// LogName
    pub fn log(self) -> &'static str {
        if self == Self::Kernel { "System" } else { "Application" }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, on the world's clock
    pub at: Time,
    /// Source
    pub source: Source,
    /// Id
    pub id: i64,
    /// Level
    pub level: Level,
    /// Text
    pub message: String,
}

/// The log, oldest first; the oldest leave when it is full.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventLog {
    events: VecDeque<Event>,
}

const ROOM: usize = 3_000;

impl EventLog {
    /// Writes an event.
    pub fn write(&mut self, at: Time, source: Source, id: i64, level: Level, message: impl Into<String>) {
        if self.events.len() == ROOM {
            self.events.pop_front();
        }
        self.events.push_back(Event { at, source, id, level, message: message.into() });
    }

    /// The engine's narrative (904).
    pub fn narrate(&mut self, at: Time, message: impl Into<String>) {
        self.write(at, Source::DirectorySynchronization, 904, Level::Information, message);
    }

    /// Events, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().rev()
    }
}
