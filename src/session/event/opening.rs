//! What a session begins with, and how it ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::ServerName;
use crate::powershell::Value;

/// What a session starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionOpened {
    /// The session's id, also the directory's name
    pub session: String,
    /// The pinned runbook
    pub runbook: PinnedRunbook,
    /// Servers by role
    pub servers: Vec<ServerTarget>,
    /// Inputs by name; of a secret only `true`
    #[serde(default)]
    pub inputs: BTreeMap<String, Value>,
    /// A rehearsal is marked for ever
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Rehearsal>,
}

/// The runbook a session runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedRunbook {
    /// Its title
    pub title: String,
    /// `id` of the front matter
    #[serde(default)]
    pub id: Option<String>,
    /// `version` of the front matter
    #[serde(default)]
    pub version: Option<String>,
    /// Where it was read from
    pub path: String,
    /// SHA-256 of its bytes
    pub sha256: String,
}

/// A server of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerTarget {
    /// Role name
    pub role: ServerName,
    /// `local`, `ssh://…`, `winrm://…`, `lab:…`
    pub target: String,
}

/// What a rehearsal runs on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// The scenario's name
    pub scenario: String,
    /// The world's seed
    pub seed: u64,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The runbook was gone through.
    Completed,
    /// Stopped before its end.
    Aborted,
    /// The roles are as they were.
    RolledBack,
}
