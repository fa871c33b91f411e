//! What a gate line came out as: its truth, every condition that was looked at, and the facts that were seen.

use super::ast::Span;
use super::truth::Truth;
use crate::Time;
use crate::powershell::Value;

/// The answer to one gate line.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether the line holds
    pub truth: Truth,
    /// Why, in one line of words
    pub why: String,
    /// The conditions that were looked at, in the order of the line; what `-and` and `-or` passed over is not among them
    pub clauses: Vec<Clause>,
}

/// One condition of a line: what stands between `-and` and `-or`.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// As written
    pub text: String,
    /// Where it stands in the line
    pub span: Span,
    /// Whether it holds
    pub truth: Truth,
    /// Why, in words, without ages
    pub why: String,
    /// The facts it read
    pub seen: Vec<Seen>,
}

/// A fact as it was when the line was evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// As `$old.Scheduler.StagingModeEnabled`, with indexes and `.Count` where written
    pub path: String,
    /// What it was
    pub value: Value,
    /// When it was read, where the tree says so in `$read`: of several groups or servers the oldest
    pub read: Option<Time>,
    /// The server's name, where the fact is one server's
    pub server: Option<String>,
}
