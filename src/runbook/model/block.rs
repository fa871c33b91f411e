//! What stands in a step, in the order of the document: text, and what is to be done.

use std::time::Duration;

use super::Span;
use crate::facts::ServerName;
use crate::gate;
use crate::runbook::ids::{PartId, StepId};

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
