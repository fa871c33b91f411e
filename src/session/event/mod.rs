//! The journal's vocabulary. A name, once released, is never changed; a field may be added with a default.
//! The line format around it (chain and checksum) is in `session::line`.

mod command;
mod opening;
mod server;
mod step;

pub use command::{CommandApproved, CommandEnded, EndState, Output, Resolution, Results, Transcript};
pub use opening::{Outcome, PinnedRunbook, Rehearsal, ServerTarget, SessionOpened};
pub use server::Change;
pub use step::{Attachment, Confirmation, GateRecord, LineRecord, SeenFact};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::Time;
use crate::facts::ServerName;
use crate::powershell::Value;
use crate::runbook::ids::{PartId, PhaseId, StepId};

/// One event: what happened, when, and who was there.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Place in the journal, from 0.
    pub seq: u64,
    /// When, on the session's clock.
    pub at: Time,
    /// When, by the console's UTC clock (the same in a real session).
    pub wall: Time,
    /// Milliseconds since this run of the program began: orders events across a clock that was set.
    pub mono: u64,
    /// Who and with what.
    pub by: By,
    /// What happened.
    pub body: Body,
}

/// Who wrote an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// The signed-in user of the console.
    pub user: String,
    /// The console's host name.
    pub host: String,
    /// Program and version.
    pub program: String,
}

/// What happened. Serialised as `"type": …, "data": {…}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Body {
    /// The first event.
    SessionOpened(SessionOpened),
    /// The program opened the session again.
    SessionResumed {
        /// Events there were.
        events: u64,
    },
    /// A torn last line was cut and kept aside.
    JournalRecovered {
        /// Bytes cut
        dropped_bytes: u64,
        /// Their SHA-256
        sha256: String,
        /// File name beside the journal
        kept_as: String,
    },
    /// The session is over.
    SessionClosed {
        /// How it ended
        outcome: Outcome,
        /// In the operator's words
        summary: String,
    },
    /// A step became the current one and may be worked on.
    StepOpened {
        /// Which
        step: StepId,
        /// Its `when`, as evaluated, its `before` gates and the guard of a promotion.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        looked: Vec<GateRecord>,
        /// Why it may begin although a `before` gate did not pass, or although its `when` is Unknown
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Confirmation and check, as one event.
    StepConfirmed(Confirmation),
    /// The same, where gate lines that did not pass were waived with a reason.
    StepWaived {
        /// What was there
        confirmation: Confirmation,
        /// Why it may go on all the same
        reason: String,
    },
    /// A confirmed step is open again.
    StepReopened {
        /// Which
        step: StepId,
        /// Why
        reason: String,
    },
    /// A step does not apply.
    StepSkipped {
        /// Which
        step: StepId,
        /// Why: its condition, or the operator's answer where that was Unknown
        reason: String,
        /// The condition as evaluated
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        looked: Vec<GateRecord>,
    },
    /// An item was ticked.
    ItemTicked {
        /// In this step
        step: StepId,
        /// Which
        item: PartId,
    },
    /// A tick was taken back.
    ItemUnticked {
        /// In this step
        step: StepId,
        /// Which
        item: PartId,
    },
    /// A CAUTION was acknowledged.
    CautionAcknowledged {
        /// In this step
        step: StepId,
        /// Which
        caution: PartId,
    },
    /// A note was written.
    NoteWritten {
        /// The note's own id
        note: String,
        /// At this step
        step: Option<StepId>,
        /// What it says
        text: String,
    },
    /// A note was withdrawn; it stays in the journal.
    NoteWithdrawn {
        /// Which
        note: String,
    },
    /// A file, picture or pasted text was attached.
    AttachmentAdded(Attachment),
    /// An attachment was withdrawn; its bytes stay.
    AttachmentWithdrawn {
        /// Which
        attachment: String,
    },
    /// A form was filled in.
    FormSaved {
        /// In this step
        step: StepId,
        /// Which
        form: PartId,
        /// Values by field; of a secret only `true`, that it was given
        values: BTreeMap<String, Value>,
    },
    /// The operator let a command run: text and target as they were shown.
    CommandApproved(CommandApproved),
    /// The agent began it.
    CommandStarted {
        /// Which run
        run: String,
        /// What the agent received, SHA-256 hex
        sha256: String,
    },
    /// It is over, as seen from here.
    CommandEnded(CommandEnded),
    /// The operator says what became of a command whose end was never seen.
    CommandResolved {
        /// Which run
        run: String,
        /// What became of it
        how: Resolution,
        /// How that is known
        reason: String,
    },
    /// A gate was looked at and did not pass.
    GateNotPassed {
        /// In this step
        step: StepId,
        /// Every gate of that look
        gates: Vec<GateRecord>,
    },
    /// Something of note changed on a server (role, scheduler, service, wizard, version, connection).
    ServerObserved {
        /// Which
        server: ServerName,
        /// Paths with the value before and now
        changes: Vec<Change>,
    },
    /// A health rule began to fire.
    FindingRaised {
        /// The rule's id
        finding: String,
        /// `critical`, `warning`, `information`
        severity: String,
        /// What to tell the operator
        text: String,
        /// The servers it is about
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        servers: Vec<ServerName>,
        /// Whether the runbook says that it is normal here
        #[serde(default)]
        expected: bool,
    },
    /// It stopped firing.
    FindingCleared {
        /// The rule's id
        finding: String,
    },
    /// The operator has seen it.
    FindingAcknowledged {
        /// The rule's id
        finding: String,
    },
    /// The operator has recorded that a server cannot export.
    ServerIsolated {
        /// Which
        server: ServerName,
        /// How it was isolated
        how: String,
        /// How that was checked
        checked: String,
    },
    /// An isolated server was seen running again: it does not count as isolated any more.
    IsolationEnded {
        /// Which
        server: ServerName,
        /// What was seen
        reason: String,
    },
    /// A phase off the main path was entered.
    AsideEntered {
        /// Which
        phase: PhaseId,
        /// Where it was entered from
        #[serde(default)]
        from: Option<StepId>,
        /// Why
        reason: String,
    },
    /// It was left again.
    AsideLeft {
        /// Which
        phase: PhaseId,
        /// Whether every step of it was done
        completed: bool,
    },
    /// An event type of a later program with the same `v`: kept, shown, and a bar to sealing.
    #[serde(skip)]
    Unknown {
        /// Its type
        kind: String,
        /// Its data, untouched
        data: Json,
    },
}
