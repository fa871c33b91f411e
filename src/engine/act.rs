//! What the operator does, whatever key or script it came from.

use std::collections::BTreeMap;

use crate::facts::ServerName;
use crate::rb1::Group;
use crate::runbook::ids::{PartId, PhaseId, StepId};
use crate::session::event::{Outcome, Resolution};

/// An act of the operator. Acts that are not possible now are answered with [`super::Effect::Refuse`], never ignored.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Tick or untick an item of the current step.
    Toggle(PartId),
    /// Acknowledge a CAUTION of the current step.
    Acknowledge(PartId),
    /// Save a form of the current step; values are checked against its fields.
    SaveForm {
        /// Which form
        form: PartId,
        /// Values by field name, as entered
        values: BTreeMap<String, String>,
    },
    /// Run a command of the current step: the operator has seen text and target.
    Run(PartId),
    /// Stop a run.
    Cancel(String),
    /// Say what became of an interrupted command.
    Resolve {
        /// Which run
        run: String,
        /// What became of it
        how: Resolution,
        /// How that is known
        reason: String,
    },
    /// Look at the gates on fresh facts (`Enter`, or `l`).
    Look,
    /// Stop looking and close the confirmation.
    StopLooking,
    /// Look again and again until the gates pass or `within` is over.
    Wait,
    /// Record the confirmation of the step whose look passed.
    Confirm,
    /// Confirm all the same, with a reason.
    Waive(String),
    /// Answer a `when` or a skip question that is Unknown: whether the step applies, with a reason.
    Applies {
        /// Whether it does
        applies: bool,
        /// Why
        reason: String,
    },
    /// Open a confirmed step again, with a reason.
    Reopen {
        /// Which
        step: StepId,
        /// Why
        reason: String,
    },
    /// Write a note, at the current step.
    Note(String),
    /// Withdraw a note.
    WithdrawNote(String),
    /// Attach bytes that are already kept in the session directory.
    Attach {
        /// The wanted evidence it answers, where it does
        wanted: Option<PartId>,
        /// SHA-256 hex
        sha256: String,
        /// Size
        bytes: u64,
        /// Sniffed kind
        kind: String,
        /// The file's own name
        name: String,
    },
    /// Withdraw an attachment.
    WithdrawAttachment(String),
    /// Ask every server for every group now (`F5`), or for these groups.
    AskNow(Vec<Group>),
    /// Record that a server cannot export.
    Isolate {
        /// Which
        server: ServerName,
        /// How it was isolated
        how: String,
        /// How that was checked
        checked: String,
    },
    /// Acknowledge a finding.
    AcknowledgeFinding(String),
    /// Enter a phase off the main path.
    EnterAside {
        /// Which
        phase: PhaseId,
        /// Why
        reason: String,
    },
    /// Leave it.
    LeaveAside,
    /// Close the session.
    Close {
        /// How it ended
        outcome: Outcome,
        /// In the operator's words
        summary: String,
    },
    /// The report of the resumption was seen.
    SeenResume,
}
