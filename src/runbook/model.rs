//! The runbook as lockstep understands it. Every part knows its place in the source ([`Span`], byte offsets).
//! Built by the parser, never changed afterwards; a session works on one pinned copy.

mod block;

use std::ops::Range;

use super::ids::{PhaseId, StepId};
use crate::facts::ServerName;

pub use block::{
    Alert, AlertKind, Block, Command, Condition, Field, FieldKind, Form, Gate, Inline, Item, Keep, Prose, RunMode, Wanted,
};

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
