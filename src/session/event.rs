//! The journal's vocabulary. A name, once released, is never changed; a field may be added with a default.
//! The line format around it (chain and checksum) is in `session::line`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::Time;
use crate::facts::ServerName;
use crate::gate::Truth;
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

/// A change on a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The fact's path on that server
    pub path: String,
    /// Before; none at the first reading, which is not `$null`
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub from: Option<Value>,
    /// Now
    pub to: Value,
}

/// A field that is there is `Some`, `null` too.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
