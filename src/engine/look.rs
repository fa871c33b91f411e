//! A look at the gates of a step: what was asked, what came of it, and whether it is being waited for.

use crate::Time;
use crate::facts::ServerName;
use crate::gate::Truth;
use crate::rb1::Group;
use crate::runbook::ids::{PartId, StepId};
use crate::session::event::{GateRecord, LineRecord};

/// Why the gates are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The step is to begin: its `when`, its `before` gates, and the guard of a promotion.
    Begin,
    /// The step is to be confirmed.
    Confirm,
}

/// A look at the gates of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Which step
    pub step: StepId,
    /// Why
    pub purpose: Purpose,
    /// When the operator (or the opening) asked; only answers to requests made after this count.
    pub asked: Time,
    /// How far it is
    pub state: LookState,
    /// Gates as they stand now; complete once the state is `Done`
    pub gates: Vec<GateRecord>,
    /// The guard of a promotion: one line a server, and the `never` conditions
    pub guard: Vec<LineRecord>,
    /// Being waited for
    pub waiting: Option<Waiting>,
    /// Whether every gate that did not pass may be waived
    pub waivable: bool,
}

/// How far a look is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookState {
    /// Servers are being asked; these groups have not answered yet.
    Asking(Vec<(ServerName, Group)>),
    /// Every answer is here (or its failure).
    Done {
        /// When
        at: Time,
    },
}

/// A wait for a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Since when
    pub since: Time,
    /// When `within` is over; none: no limit was given
    pub until: Option<Time>,
}

impl Look {
    /// Whether every line is True and every answer is here.
    pub fn passed(&self) -> bool {
        matches!(self.state, LookState::Done { .. }) && self.lines().all(|line| line.truth.passes())
    }

    /// Whether that gate has a line that did not pass.
    pub fn is_blocked_by(&self, gate: &PartId) -> bool {
        self.gates.iter().any(|record| &record.gate == gate && record.lines.iter().any(|line| !line.truth.passes()))
    }

    /// Every line: gates first, then the guard.
    pub fn lines(&self) -> impl Iterator<Item = &LineRecord> {
        self.gates.iter().flat_map(|gate| gate.lines.iter()).chain(self.guard.iter())
    }

    /// How many lines came out so.
    pub fn count(&self, truth: Truth) -> usize {
        self.lines().filter(|line| line.truth == truth).count()
    }
}

/// What holds a confirmation back before any gate is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// A required item is not ticked.
    Item(PartId),
    /// A CAUTION is not acknowledged.
    Caution(PartId),
    /// A form is not saved, or a required field of it is empty.
    Form(PartId),
    /// Wanted evidence is not attached.
    Evidence(PartId),
    /// A command of the step is under way.
    Running(String),
    /// A command's end was never seen and nobody has said what became of it.
    Interrupted(String),
}

impl Hold {
    /// In words, for one line.
    pub fn words(&self) -> String {
        match self {
            Self::Item(_) => "an item is not ticked".into(),
            Self::Caution(_) => "a CAUTION is not acknowledged".into(),
            Self::Form(form) => format!("the form '{form}' is not filled in"),
            Self::Evidence(name) => format!("the evidence '{name}' is not attached"),
            Self::Running(_) => "a command is still running".into(),
            Self::Interrupted(_) => "a command was interrupted: say what became of it".into(),
        }
    }
}

/// A question that only the operator can answer: whether a step applies whose `when` is Unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The step
    pub step: StepId,
    /// The condition as it was looked at
    pub condition: GateRecord,
}
