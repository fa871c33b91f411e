//! Sessions that are rehearsed one after the other in one world: what the first leaves, the next one finds.

use std::sync::Arc;

use chrono::TimeDelta;

use super::operator::Operator;
use super::outcome::Outcome;
use super::script::Script;
use crate::Time;
use crate::lab::{Lab, Scenario};
use crate::runbook::model::Runbook;
use crate::session::event::PinnedRunbook;

/// A session to be rehearsed.
#[derive(Debug)]
pub struct Planned {
    /// What is done
    pub runbook: Arc<Runbook>,
    /// How its journal names it
    pub pinned: PinnedRunbook,
    /// How it is done
    pub script: Script,
    /// The session that follows in the same world, and how long nobody is there before it
    pub then: Option<(TimeDelta, Box<Planned>)>,
}

/// Takes a runbook through the lab, and then those that follow it. A session that went wrong is the last one.
pub fn rehearse(planned: &Planned, scenario: &Scenario, begin: Time) -> Vec<Outcome> {
    let mut lab = Lab::new(scenario, planned.script.seed.unwrap_or(1), begin);
    let mut outcomes = Vec::new();
    let mut next = Some(planned);
    let mut told = 0;
    while let Some(planned) = next {
        let (outcome, world) = play(planned, scenario, lab, told);
        told += outcome.left_out.len();
        let ok = outcome.is_ok();
        outcomes.push(outcome);
        let (Some(world), true) = (world, ok) else { break };
        lab = world;
        next = planned.then.as_ref().map(|(pause, then)| {
            lab.advance(lab.now() + *pause);
            then.as_ref()
        });
    }
    outcomes
}

/// One session, and the world as it leaves it; what that left out before is told already.
fn play(planned: &Planned, scenario: &Scenario, lab: Lab, told: usize) -> (Outcome, Option<Lab>) {
    let begin = lab.now();
    let name = planned.pinned.title.clone();
    match Operator::start(planned, scenario, lab) {
        Ok(mut operator) => {
            operator.go_through();
            let (outcome, world) = operator.finish(name, begin, told);
            (outcome, Some(world))
        }
        Err(problem) => {
            let outcome = Outcome {
                runbook: name,
                script: planned.script.title.clone(),
                scenario: scenario.name.clone(),
                steps: Vec::new(),
                stopped: false,
                problems: vec![problem],
                left_out: Vec::new(),
                lab_time: TimeDelta::zero(),
                events: Vec::new(),
            };
            (outcome, None)
        }
    }
}
