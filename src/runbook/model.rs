//! The runbook as lockstep understands it. Every part knows its place in the source ([`Span`], byte offsets).
//! Built by the parser, never changed afterwards; a session works on one pinned copy.

use std::ops::Range;
use std::time::Duration;

use super::ids::{PartId, PhaseId, StepId};
use crate::facts::ServerName;
use crate::gate;

/// Byte offsets into the runbook's text.
pub type Span = Range<usize>;

/// A whole runbook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Runbook {
    /// Whether the file says `lockstep: 1`; otherwise it is any Markdown how-to and nothing in it is an error.
    pub strict: bool,
    /// From the front matter, else the first `#` heading, else the file's name.
    pub title: String,
    /// `id` of the front matter
    pub id: Option<String>,
    /// `version` of the front matter
    pub version: Option<String>,
    /// Servers by role, in the order written.
    pub roles: Vec<Role>,
    /// What is asked when a session starts.
    pub inputs: Vec<Field>,
    /// Conditions that must not be True at any time (`dual-active` always is one, by the engine).
    pub never: Vec<Condition>,
    /// Where the text comes from.
    pub sources: Vec<String>,
    /// What stands before the first `##`.
    pub preface: Vec<Block>,
    /// Phases in document order, asides among them.
    pub phases: Vec<Phase>,
}

/// A server's part in the runbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Such as `old`: the name in facts and `on=`.
    pub name: ServerName,
    /// In words
    pub title: String,
    /// What the server must be when the session starts.
    pub starts: Starts,
    /// Whether a session may have no server in it.
    pub optional: bool,
    /// Place
    pub span: Span,
}

/// What a server is when a session starts, compared with the servers before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// Out of staging: it exports.
    Active,
    /// In staging mode.
    Staging,
    /// Not installed yet.
    Absent,
    /// Not said.
    Any,
}

/// What a step does to its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// Into staging mode.
    Staging,
    /// Out of staging mode: the promotion, guarded.
    Active,
    /// Its service stopped.
    Stopped,
    /// Installed, in staging.
    Installed,
    /// The product removed.
    Removed,
}

/// A `##` heading with its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Stable name
    pub id: PhaseId,
    /// Heading text
    pub title: String,
    /// Off the main path, where it is.
    pub aside: Option<Aside>,
    /// The server of its steps, unless nearer said.
    pub on: Option<ServerName>,
    /// Findings that are normal here.
    pub expects: Vec<String>,
    /// Applies only where True.
    pub when: Option<Condition>,
    /// Introduction without anything to do (with something to do it is the first step).
    pub intro: Vec<Block>,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Place of the heading
    pub span: Span,
}

/// How a phase off the main path is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aside {
    /// Findings that offer it.
    pub for_findings: Vec<String>,
    /// Steps of the main path that are open again when it is done.
    pub reopens: Vec<StepId>,
}

/// A `###` heading: the unit that is opened, worked and confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Stable name
    pub id: StepId,
    /// Heading text
    pub title: String,
    /// Its server; none: the operator's own.
    pub on: Option<ServerName>,
    /// The role change it makes.
    pub makes: Option<Makes>,
    /// Findings that are normal here.
    pub expects: Vec<String>,
    /// Applies only where True.
    pub when: Option<Condition>,
    /// Everything in it, in order.
    pub blocks: Vec<Block>,
    /// Place of the heading
    pub span: Span,
}

/// One block of a step, in document order.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A deeper heading (level 4 to 6).
    Heading {
        /// 4 to 6
        level: u8,
        /// Its text
        text: Prose,
    },
    /// A paragraph.
    Paragraph(Prose),
    /// A list without boxes.
    List {
        /// First number of an ordered list.
        start: Option<u64>,
        /// Items, each with its blocks.
        items: Vec<Vec<Block>>,
    },
    /// A block quote that is no alert.
    Quote(Vec<Block>),
    /// A table: header, then rows.
    Table {
        /// Header cells
        header: Vec<Prose>,
        /// Rows of cells
        rows: Vec<Vec<Prose>>,
    },
    /// A thematic break.
    Rule,
    /// `- [ ]` items.
    Checklist(Vec<Item>),
    /// `> [!NOTE]` and its kin.
    Alert(Alert),
    /// A PowerShell fence with a target.
    Command(Command),
    /// A fence that lockstep shows and never runs.
    Code {
        /// The word after the backticks
        language: String,
        /// The text
        text: String,
        /// Place
        span: Span,
    },
    /// A form to fill in.
    Form(Form),
    /// A gate.
    Gate(Gate),
    /// A reference picture beside the runbook.
    Picture {
        /// Words for it
        caption: String,
        /// Path as written
        path: String,
        /// Place
        span: Span,
    },
    /// Evidence that must be attached.
    Wanted(Wanted),
}

/// Inline text.
pub type Prose = Vec<Inline>;

/// A run of inline text.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Plain text
    Text(String),
    /// `**strong**`
    Strong(Prose),
    /// `*emphasis*`
    Emphasis(Prose),
    /// `~~struck~~`
    Struck(Prose),
    /// `` `code` ``
    Code(String),
    /// A link; `#id` targets lead to steps and asides.
    Link {
        /// Its text
        text: Prose,
        /// Where to, as written
        target: String,
    },
    /// `{{ new.Host }}`: a live or captured value.
    Placeholder {
        /// The path between the braces
        path: String,
        /// Place
        span: Span,
    },
    /// A line break the author wrote.
    Break,
}

/// A checklist item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Stable name
    pub id: PartId,
    /// Its text
    pub text: Prose,
    /// `(optional)` items do not hold a step back.
    pub optional: bool,
    /// Nested items
    pub items: Vec<Item>,
    /// Place
    pub span: Span,
}

/// Kinds of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertKind {
    /// NOTE
    Note,
    /// TIP
    Tip,
    /// IMPORTANT
    Important,
    /// WARNING
    Warning,
    /// CAUTION: must be acknowledged before the step can be confirmed.
    Caution,
}

/// An alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Stable name
    pub id: PartId,
    /// Which kind
    pub kind: AlertKind,
    /// What it says
    pub blocks: Vec<Block>,
    /// Place
    pub span: Span,
}

/// How a command may be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunMode {
    /// Text and target are shown, one key runs it.
    Ask,
    /// The operator types the server's name first.
    Type,
    /// Read-only: a new run by itself whenever the step opens.
    Auto,
    /// Never run by lockstep: copied and done by hand.
    Manual,
}

/// A PowerShell command of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Stable name
    pub id: PartId,
    /// The server it runs on: the nearest `on=`.
    pub on: Option<ServerName>,
    /// How it may be run
    pub run: RunMode,
    /// Stopped after this long
    pub timeout: Option<Duration>,
    /// Keeps what the pipeline returned as `$results.NAME`.
    pub into: Option<String>,
    /// The aside, step or command that is offered when this one fails.
    pub rollback: Option<String>,
    /// Paths below `$Run` that the text names (`Inputs.share`).
    pub wants: Vec<String>,
    /// The exact text
    pub text: String,
    /// Sample output, shown beside the real one, never compared.
    pub sample: Option<String>,
    /// Place of the text
    pub span: Span,
}

/// A form.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Its name: `$forms.NAME.FIELD`.
    pub id: PartId,
    /// Fields in order
    pub fields: Vec<Field>,
    /// Place
    pub span: Span,
}

/// One field of a form, or an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in facts
    pub name: String,
    /// What the operator reads
    pub label: String,
    /// What may be entered
    pub kind: FieldKind,
    /// Whether it must be filled
    pub required: bool,
    /// A regular expression the text must match as a whole where it says `^…$`
    pub matches: Option<String>,
    /// A value to show as an example; fills the field in a rehearsal.
    pub example: Option<String>,
    /// Place
    pub span: Span,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text
    Text,
    /// Yes or no
    Bool,
    /// One of these
    Choice(Vec<String>),
    /// A number
    Number,
    /// A UTC time
    DateTime,
    /// Text that is never written to the journal, only that it was given.
    Secret,
}

/// A gate: lines that must all be True.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Stable name
    pub id: PartId,
    /// The lines in order
    pub lines: Vec<Condition>,
    /// Evaluated before the step may begin, instead of at its confirmation.
    pub before: bool,
    /// How long waiting may make sense
    pub within: Option<Duration>,
    /// Whether and how long it must go on holding
    pub keep: Keep,
    /// `no-waiver`: nobody passes it with a reason.
    pub waivable: bool,
    /// Place
    pub span: Span,
}

/// Whether a gate must go on holding after its step was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// It was true when recorded; the record stands.
    No,
    /// To the end of the session.
    ToTheEnd,
    /// Until that step opens.
    Until(StepId),
}

/// One condition: a gate line, a `when`, a `never`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As written
    pub text: String,
    /// Compiled
    pub expr: gate::Expr,
    /// Place
    pub span: Span,
}

/// Evidence a step asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its name (`evidence:name`)
    pub id: PartId,
    /// What it should show
    pub caption: String,
    /// `evidence:name?`
    pub optional: bool,
    /// Place
    pub span: Span,
}
