//! The parsed form of one gate line: what is compared with what, and where it stands in the text.
//!
//! [`std::fmt::Display`] writes a line back in one canonical form that reads as the same line.

use std::fmt;
use std::ops::Range;

use crate::powershell::convert::Type;
use crate::powershell::{Operator, Value};

/// Byte offsets in the line.
pub type Span = Range<usize>;

/// A gate line: its text and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub(super) text: String,
    pub(super) root: Node,
}

impl Expr {
    /// The line as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says.
    pub fn root(&self) -> &Node {
        &self.root
    }
}

/// A part of a line with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is
    pub kind: Kind,
    /// Where it stands
    pub span: Span,
}

/// The parts of the language, the loosest binding last.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `12`, `'text'`, `$true`, `$null`
    Literal(Literal),
    /// `$old`
    Variable(String),
    /// `.Scheduler`, `[0]` upon something, in their order
    Steps(Box<Node>, Vec<Step>),
    /// `( … )`
    Group(Box<Node>),
    /// `@( … )`, or `@()`
    Array(Option<Box<Node>>),
    /// `[version]…`
    Cast(Type, Box<Node>),
    /// `-not …`, `! …`
    Not(NotSign, Box<Node>),
    /// `'a','b'`
    List(Vec<Node>),
    /// `… -eq …`
    Compare(Box<Node>, Operator, Box<Node>),
    /// `… -and … -or …`: equal in rank, from left to right
    Logic(Box<Node>, Vec<(Logic, Node)>),
}

/// A value as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `$null`
    Null,
    /// `$true`, `$false`
    Bool(bool),
    /// A number: how it is written and what it is
    Number(String, Value),
    /// A text
    Text(String),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it takes
    pub kind: StepKind,
    /// Where it stands, with its dot or brackets
    pub span: Span,
}

/// What a step takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// `.Name`
    Member(String),
    /// `[0]`, `[-1]`
    Index(i64),
}

/// The two ways to write a negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSign {
    /// `-not`
    Word,
    /// `!`
    Mark,
}

/// `-and`, `-or`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logic {
    /// `-and`
    And,
    /// `-or`
    Or,
}

impl Node {
    /// Whether the truth of this is made of other conditions' by `-and` and `-or`, under parentheses and negations too.
    pub(super) fn is_joined(&self) -> bool {
        match &self.kind {
            Kind::Logic(..) => true,
            Kind::Group(inner) | Kind::Not(_, inner) => inner.is_joined(),
            _ => false,
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Literal(literal) => literal.fmt(f),
            Kind::Variable(name) => write!(f, "${name}"),
            Kind::Steps(base, steps) => {
                base.fmt(f)?;
                steps.iter().try_for_each(|step| step.kind.fmt(f))
            }
            Kind::Group(inner) => write!(f, "({inner})"),
            Kind::Array(None) => f.write_str("@()"),
            Kind::Array(Some(inner)) => write!(f, "@({inner})"),
            Kind::Cast(to, inner) => write!(f, "[{}]{inner}", to.name()),
            Kind::Not(NotSign::Word, inner) => write!(f, "-not {inner}"),
            Kind::Not(NotSign::Mark, inner) => write!(f, "!{inner}"),
            Kind::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Kind::Compare(left, operator, right) => write!(f, "{left} {operator} {right}"),
            Kind::Logic(first, rest) => {
                first.fmt(f)?;
                rest.iter().try_for_each(|(logic, node)| write!(f, " {logic} {node}"))
            }
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("$null"),
            Self::Bool(value) => write!(f, "${value}"),
            Self::Number(written, _) => f.write_str(written),
            Self::Text(text) => {
                f.write_str("'")?;
                for c in text.chars() {
                    // Each of PowerShell's single quotes is written twice within them.
                    if crate::powershell::token::is_single_quote(c) {
                        write!(f, "{c}")?;
                    }
                    write!(f, "{c}")?;
                }
                f.write_str("'")
            }
        }
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => write!(f, ".{name}"),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Display for Logic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::And => "-and",
            Self::Or => "-or",
        })
    }
}
