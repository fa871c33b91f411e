//! What the events of a session add up to. Built by `session::fold` alone.

use std::collections::BTreeMap;

use super::event::{
    Attachment, By, CommandApproved, CommandEnded, Confirmation, EndState, GateRecord, Outcome, Resolution, SessionOpened,
};
use crate::Time;
use crate::facts::ServerName;
use crate::powershell::Value;
use crate::runbook::ids::{PartId, PhaseId, StepId};

/// The state of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// What it started with
    pub opened: SessionOpened,
    /// When it started
    pub started: Time,
    /// Who started it
    pub by: By,
    /// How many events there are; the next one's sequence number
    pub events: u64,
    /// When the newest event was
    pub last_at: Time,
    /// When it was last resumed, and when the event before that was
    pub resumed: Option<Resumed>,
    /// Steps by id; one that is missing is pending
    pub steps: BTreeMap<StepId, StepState>,
    /// The open step
    pub current: Option<StepId>,
    /// The aside that is entered
    pub aside: Option<AsideState>,
    /// When each phase off the main path was last entered
    pub asides_entered: BTreeMap<PhaseId, Time>,
    /// Notes in order, withdrawn ones among them
    pub notes: Vec<Note>,
    /// Attachments in order, withdrawn ones among them
    pub attachments: Vec<AttachmentState>,
    /// Saved forms by name
    pub forms: BTreeMap<PartId, FormState>,
    /// `$results` by name
    pub results: BTreeMap<String, Captured>,
    /// Command runs in order
    pub runs: Vec<RunState>,
    /// Findings that fire now, by id
    pub findings: BTreeMap<String, FindingState>,
    /// Servers recorded as isolated
    pub isolated: BTreeMap<ServerName, IsolationState>,
    /// The last value that `server_observed` events told, by server and path
    pub observed: BTreeMap<ServerName, BTreeMap<String, ObservedValue>>,
    /// How it ended
    pub closed: Option<Closed>,
    /// Events of types that this program does not know: sequence number and type
    pub unknown: Vec<(u64, String)>,
}

/// A resumption.
#[derive(Debug, Clone, PartialEq)]
pub struct Resumed {
    /// When
    pub at: Time,
    /// The newest event before it
    pub last_before: Time,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepStatus {
    /// Still to come.
    #[default]
    Pending,
    /// Open now, or left open by an aside.
    Open,
    /// Confirmed with its check.
    Confirmed,
    /// Confirmed with a waiver.
    Waived,
    /// Does not apply.
    Skipped,
    /// Was confirmed and is to be done again.
    Reopened,
}

impl StepStatus {
    /// Whether nothing more is to be done in it.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Confirmed | Self::Waived | Self::Skipped)
    }
}

/// What happened in a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepState {
    /// Where it stands
    pub status: StepStatus,
    /// When it was last opened: `$step.StartedAt`
    pub opened: Option<Time>,
    /// Ticked items, when and by whom
    pub ticked: BTreeMap<PartId, Mark>,
    /// Acknowledged cautions
    pub acknowledged: BTreeMap<PartId, Mark>,
    /// The newest confirmation, and the reason where it is a waiver
    pub confirmed: Option<Confirmed>,
    /// Looks that did not pass, since it was last opened
    pub failed_looks: Vec<FailedLook>,
    /// Why it does not apply
    pub skipped: Option<String>,
    /// Why it was opened again, each time
    pub reopened: Vec<(Time, String)>,
}

/// When something was done, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When
    pub at: Time,
    /// The user
    pub by: String,
}

/// A confirmation in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmed {
    /// When and by whom
    pub mark: Mark,
    /// What was seen
    pub confirmation: Confirmation,
    /// The reason of a waiver
    pub waiver: Option<String>,
}

/// A look that did not pass.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedLook {
    /// When
    pub at: Time,
    /// What was seen
    pub gates: Vec<GateRecord>,
}

/// The aside that is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideState {
    /// Which
    pub phase: PhaseId,
    /// The step of the main path that was open then
    pub from: Option<StepId>,
    /// When
    pub since: Time,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its own id
    pub id: String,
    /// At this step
    pub step: Option<StepId>,
    /// What it says
    pub text: String,
    /// When and by whom
    pub mark: Mark,
    /// When it was withdrawn
    pub withdrawn: Option<Time>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentState {
    /// What it is
    pub attachment: Attachment,
    /// When and by whom
    pub mark: Mark,
    /// When it was withdrawn
    pub withdrawn: Option<Time>,
}

/// A saved form.
#[derive(Debug, Clone, PartialEq)]
pub struct FormState {
    /// In this step
    pub step: StepId,
    /// Values by field
    pub values: BTreeMap<String, Value>,
    /// When and by whom
    pub mark: Mark,
}

/// What `into=` captured.
#[derive(Debug, Clone, PartialEq)]
pub struct Captured {
    /// The records
    pub records: Vec<Value>,
    /// On this server
    pub server: ServerName,
    /// By this run
    pub run: String,
    /// When
    pub at: Time,
}

/// One run of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct RunState {
    /// Its approval: run id, step, command, server, text
    pub approved: CommandApproved,
    /// When and by whom
    pub mark: Mark,
    /// When the agent began it
    pub started: Option<Time>,
    /// Its end
    pub ended: Option<(Time, CommandEnded)>,
    /// The program ended before its end was seen.
    pub interrupted: Option<Time>,
    /// What the operator said of it
    pub resolved: Option<(Mark, Resolution, String)>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// Approved, not yet begun.
    Approved,
    /// Under way.
    Running,
    /// Ended, as the state says (never [`EndState::Interrupted`]).
    Ended(EndState),
    /// Its end was never seen.
    Interrupted,
    /// Its end was never seen, and the operator said what became of it.
    Resolved(Resolution),
}

impl RunState {
    /// Where it stands.
    pub fn status(&self) -> RunStatus {
        if let Some((_, how, _)) = &self.resolved {
            return RunStatus::Resolved(*how);
        }
        match &self.ended {
            Some((_, end)) if end.state == EndState::Interrupted => RunStatus::Interrupted,
            Some((_, end)) => RunStatus::Ended(end.state),
            None if self.interrupted.is_some() => RunStatus::Interrupted,
            None if self.started.is_some() => RunStatus::Running,
            None => RunStatus::Approved,
        }
    }

    /// Whether it is under way as far as this program knows.
    pub fn is_open(&self) -> bool {
        matches!(self.status(), RunStatus::Approved | RunStatus::Running)
    }
}

/// A finding that fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingState {
    /// `critical`, `warning`, `information`
    pub severity: String,
    /// What to tell the operator
    pub text: String,
    /// The servers it is about
    pub servers: Vec<ServerName>,
    /// Since when
    pub since: Time,
    /// Whether the runbook says that it is normal
    pub expected: bool,
    /// When the operator acknowledged it
    pub acknowledged: Option<Mark>,
}

/// The operator's record that a server cannot export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsolationState {
    /// How it was isolated
    pub how: String,
    /// How that was checked
    pub checked: String,
    /// When and by whom
    pub mark: Mark,
}

/// A value that was told of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedValue {
    /// The value
    pub value: Value,
    /// Since when
    pub since: Time,
}

/// How the session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How
    pub outcome: Outcome,
    /// In the operator's words
    pub summary: String,
    /// When and by whom
    pub mark: Mark,
}

impl Session {
    /// Where a step stands.
    pub fn status(&self, step: &StepId) -> StepStatus {
        self.steps.get(step).map_or(StepStatus::Pending, |state| state.status)
    }

    /// Runs of a step's command, oldest first.
    pub fn runs_of<'a>(&'a self, step: &'a StepId, command: &'a PartId) -> impl Iterator<Item = &'a RunState> {
        self.runs.iter().filter(move |run| &run.approved.step == step && &run.approved.command == command)
    }

    /// Runs of a step whose end was never seen and that nobody has resolved.
    pub fn interrupted(&self) -> impl Iterator<Item = &RunState> {
        self.runs.iter().filter(|run| run.status() == RunStatus::Interrupted)
    }

    /// Attachments of a step that count: not withdrawn, and added since the step was last opened.
    pub fn attachments_of<'a>(&'a self, step: &'a StepId) -> impl Iterator<Item = &'a AttachmentState> {
        let since = self.steps.get(step).and_then(|state| state.reopened.last()).map(|(at, _)| *at);
        self.attachments.iter().filter(move |kept| {
            &kept.attachment.step == step && kept.withdrawn.is_none() && since.is_none_or(|since| kept.mark.at >= since)
        })
    }
}
