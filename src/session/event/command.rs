//! What is recorded of a command: its approval, its end, what it printed and captured.

use serde::{Deserialize, Serialize};

use crate::facts::ServerName;
use crate::powershell::Value;
use crate::runbook::ids::{PartId, StepId};

/// An approved command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandApproved {
    /// This run's id
    pub run: String,
    /// In this step
    pub step: StepId,
    /// Which command
    pub command: PartId,
    /// On this server
    pub server: ServerName,
    /// As it was reached
    pub target: String,
    /// The exact text
    pub text: String,
    /// SHA-256 of the text
    pub sha256: String,
    /// Whether it ran by itself (`run=auto`)
    #[serde(default)]
    pub auto: bool,
}

/// How a command's end was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndState {
    /// The pipeline ran to its end (errors may have been written).
    Completed,
    /// A terminating error.
    Failed,
    /// Cancelled or timed out, and it stopped.
    Stopped,
    /// It never began: the agent or the target refused it.
    Refused,
    /// The end was not seen: connection lost, process killed. The operator resolves it.
    Interrupted,
}

/// The end of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandEnded {
    /// Which run
    pub run: String,
    /// How
    pub state: EndState,
    /// Duration on the session's clock, milliseconds
    pub ms: u64,
    /// Error records that were written
    pub errors: u64,
    /// The last native exit code
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i64>,
    /// Why it stopped or failed, in words
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The transcript in `transcripts/`
    #[serde(default)]
    pub transcript: Transcript,
    /// First and last lines of the output, sanitised, for the report
    #[serde(default, skip_serializing_if = "Output::is_empty")]
    pub output: Output,
    /// `into=`: name and flat records
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Results>,
}

/// What is known of a transcript file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// Bytes in the file
    pub bytes: u64,
    /// SHA-256 of the file
    pub sha256: String,
    /// Lines that came
    pub lines: u64,
    /// Bytes that the cap left out of the middle
    #[serde(default)]
    pub dropped_bytes: u64,
}

/// Head and tail of an output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The first lines
    pub head: Vec<String>,
    /// The last lines, where there were more than fit the head
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tail: Vec<String>,
    /// Lines between the two
    #[serde(default)]
    pub omitted: u64,
}

impl Output {
    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }
}

/// What `into=` captured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// `$results.NAME`
    pub name: String,
    /// One flat object per pipeline object
    pub records: Vec<Value>,
    /// Objects past the limit
    #[serde(default)]
    pub dropped: u64,
}

/// What became of an interrupted command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It finished.
    Finished,
    /// It did not run.
    DidNotRun,
}
