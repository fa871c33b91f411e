//! The engine: what may happen next. [`Engine::step`] takes what the operator did, what was observed, or that time has
//! come, and answers with effects; it is pure, knows no keys and no screen, and drives a session on the screen and a
//! rehearsal without one alike.

pub mod act;
pub mod effect;
pub mod look;
pub mod observed;
pub mod resume;
pub mod view;

use std::collections::VecDeque;
use std::sync::Arc;

pub use act::Act;
pub use effect::Effect;
pub use look::{Hold, Look, LookState, Purpose, Question};
pub use observed::Observed;
pub use resume::ResumeReport;

use crate::Time;
use crate::facts::{Server, ServerName};
use crate::powershell::Value;
use crate::runbook::model::{Runbook, Step};
use crate::session::Session;
use crate::session::event::{By, GateRecord};

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
    session: Session,
    servers: Vec<Server>,
    by: By,
    /// How many events are on disk
    durable: u64,
    /// Effects that wait until so many events are on disk
    held: VecDeque<(u64, Effect)>,
    read_only: Option<String>,
    look: Option<Look>,
    question: Option<Question>,
    preview: Vec<GateRecord>,
    resume: Option<ResumeReport>,
    tree: Value,
}

impl Engine {
    fn next_step(&self) -> Option<&Step> {
        self.runbook
            .phases
            .iter()
            .filter(|phase| phase.aside.is_none())
            .flat_map(|phase| &phase.steps)
            .find(|step| !self.session.status(&step.id).is_done())
    }

    fn intends_active(&self, _name: &ServerName) -> bool {
        false
    }
}
