//! The engine: what may happen next. [`Engine::step`] takes what the operator did, what was observed, or that time has
//! come, and answers with effects; it is pure, knows no keys and no screen, and drives a session on the screen and a
//! rehearsal without one alike.

mod absent;
pub mod act;
mod acts;
mod asking;
mod commands;
mod confirm;
pub mod effect;
mod findings;
mod index;
mod journey;
pub mod look;
mod names;
mod observe;
pub mod observed;
mod opening;
mod record;
pub mod resume;
mod roles;
mod syntax;
mod values;
pub mod view;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

pub use act::Act;
pub use effect::Effect;
pub use look::{Hold, Look, LookState, Purpose, Question};
pub use observed::Observed;
pub use opening::Opening;
pub use resume::ResumeReport;

use crate::Time;
use crate::facts::table::Names;
use crate::facts::{Server, ServerName};
use crate::health::Steady;
use crate::powershell::Value;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::model::Runbook;
use crate::session::Session;
use crate::session::event::{By, Change, GateRecord};

/// A moment, on every clock that an event records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The session's clock
    pub now: Time,
    /// The console's UTC clock
    pub wall: Time,
    /// Milliseconds since this run of the program began
    pub mono: u64,
}

/// What the engine is told.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "inputs are made, taken once and dropped; they are never kept")]
pub enum Input {
    /// The operator did something.
    Act(Act),
    /// Something was seen.
    Observed(Observed),
    /// A moment the engine asked for has come.
    Woke,
}

/// A session under way.
#[derive(Debug, Clone)]
pub struct Engine {
    runbook: Arc<Runbook>,
    index: index::Index,
    session: Session,
    servers: Vec<Server>,
    /// What the runbook adds to the table of facts
    names: Names,
    by: By,
    /// How many events are on disk
    durable: u64,
    /// Effects that wait until so many events are on disk
    held: VecDeque<(u64, Effect)>,
    read_only: Option<String>,
    asking: asking::Asking,
    syntax: syntax::Syntax,
    look: Option<Look>,
    question: Option<Question>,
    /// The operator's answer for a step whose `when` is Unknown
    answered_when: Option<(StepId, GateRecord, String)>,
    preview: Vec<GateRecord>,
    resume: Option<ResumeReport>,
    /// Automatic commands of the open step that wait for their server
    automatic: VecDeque<PartId>,
    /// Runs that were cancelled before they were sent
    cancelled_early: Vec<String>,
    /// Servers that have answered since their changes were last told
    news: BTreeSet<ServerName>,
    /// What the health rules came to at the looks so far
    steady: Steady,
    /// Findings of the health rules that the journal holds and that no reading has said anything about yet
    inherited: BTreeSet<String>,
    /// What was told of the servers since the session was opened again
    told_since_resume: Vec<(ServerName, Vec<Change>)>,
    /// `$findings` as the health rules came to it when `core` was last read
    findings: Value,
    /// The value tree on what is known now
    tree: Value,
    /// Whether the tree, the preview and the findings are behind what is known
    stale: bool,
    /// When the tree was last made: values age
    refreshed: Option<Time>,
}

impl Engine {
    /// Takes one input and answers with effects, in the order in which they are to be carried out.
    pub fn step(&mut self, moment: Moment, input: Input) -> Vec<Effect> {
        let mut out = Vec::new();
        match input {
            Input::Act(act) => self.act(moment, act, &mut out),
            Input::Observed(observed) => self.observe(moment, observed, &mut out),
            Input::Woke => {}
        }
        self.end_cancelled_early(moment, &mut out);
        // After the close nothing is asked any more: what was known then stands, and does not grow old.
        let ages = self.session.closed.is_none();
        if self.stale || ages && self.refreshed.is_none_or(|at| moment.now - at >= self.wait_pace()) {
            self.refresh(moment, &mut out);
        }
        self.progress_look(moment, &mut out);
        self.go_on(moment, &mut out);
        self.progress_look(moment, &mut out);
        self.next_automatic(moment, &mut out);
        self.ask_due(moment, &mut out);
        self.ask_syntax(&mut out);
        if self.stale {
            self.refresh(moment, &mut out);
        }
        out
    }

    /// The next moment (session clock) at which something is due without an input; none: nothing is.
    pub fn next_wake(&self) -> Option<Time> {
        let waiting = self.look.as_ref().and_then(|look| match look.state {
            LookState::Done { at } if look.waiting.is_some() => Some(at + self.wait_pace()),
            _ => None,
        });
        let aging = self.session.closed.is_none().then(|| self.refreshed.map(|at| at + self.wait_pace())).flatten();
        [waiting, aging, self.next_ask()].into_iter().flatten().min()
    }

    /// Brings everything that follows from the facts up to date: the tree, the gates' preview, changes, findings.
    fn refresh(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        self.stale = false;
        self.refreshed = Some(moment.now);
        self.follow_record();
        let read = self.tell_changes(moment, out);
        self.tree = self.tree_now(moment, read);
        self.judge(moment, out);
        self.preview = self.preview_now();
        self.progress_resume();
        self.stale = false;
    }

    /// Asks no group more often than this, however short its interval: a fast rehearsal.
    pub fn set_pace(&mut self, pace: chrono::TimeDelta) {
        self.asking.pace = pace;
    }
}
