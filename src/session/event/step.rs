//! What is recorded of a step: its confirmation with what the gates saw, and what was attached.

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::gate::Truth;
use crate::powershell::Value;
use crate::runbook::ids::{PartId, StepId};

/// What was there when a step was confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Which step
    pub step: StepId,
    /// Ticked items
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<PartId>,
    /// Attachments of the step
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// Gate lines with what was seen
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateRecord>,
    /// For a role change: what was seen of every server
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guard: Vec<LineRecord>,
}

/// One gate as it was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRecord {
    /// The gate's id; `when` for a condition
    pub gate: PartId,
    /// Its lines
    pub lines: Vec<LineRecord>,
}

/// One line of a gate as it was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineRecord {
    /// As written
    pub text: String,
    /// What came of it
    pub truth: Truth,
    /// Why, in words (the explanation of the clauses)
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The facts that were seen
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<SeenFact>,
}

/// A fact as a gate saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenFact {
    /// Such as `$old.Scheduler.StagingModeEnabled`
    pub path: String,
    /// The value; Unknown carries its reason
    pub value: Value,
    /// When its group was answered, on the session's clock
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Time>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its own id
    pub attachment: String,
    /// At this step
    pub step: StepId,
    /// The wanted evidence it answers
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<PartId>,
    /// SHA-256 of its bytes: also its name in `attachments/`
    pub sha256: String,
    /// Size
    pub bytes: u64,
    /// `png`, `jpg`, `txt`, …: sniffed, the file's ending in `attachments/`
    pub kind: String,
    /// The file's own name, as data
    pub name: String,
}
