//! The journey: which step opens next, whether it applies, and the way off the main path and back.

use super::look::{Look, Purpose, Question};
use super::{Effect, Engine, Moment};
use crate::Time;
use crate::gate::Truth;
use crate::runbook::ids::{PartId, PhaseId, StepId};
use crate::runbook::model::{Condition, Phase, Step};
use crate::session::event::{Body, GateRecord, Outcome};
use crate::session::state::StepStatus;

/// The name under which a `when` stands in a record.
pub(super) const WHEN: &str = "when";

impl Engine {
    /// The first step that is not done: of the aside that is entered, else of the main path.
    pub(super) fn next_step(&self) -> Option<&Step> {
        let in_aside = self.session.aside.as_ref().map(|aside| &aside.phase);
        self.runbook
            .phases
            .iter()
            .filter(|phase| in_aside.map_or(phase.aside.is_none(), |aside| &phase.id == aside))
            .flat_map(|phase| &phase.steps)
            .find(|step| !self.session.status(&step.id).is_done())
    }

    /// Opens the next step once everything recorded so far is durable.
    pub(super) fn go_on(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let busy = self.session.current.is_some() || self.look.is_some() || self.question.is_some();
        if busy || self.session.closed.is_some() || self.read_only.is_some() || self.durable < self.session.events {
            return;
        }
        let Some((phase, step)) = self.next_step().and_then(|step| self.step_of(&step.id)) else {
            self.leave_finished_aside(moment, out);
            return;
        };
        let (whole_phase, step_id) = (self.why_phase_absent(phase).is_some(), step.id.clone());
        match self.why_absent(phase, step) {
            Some(why) => self.skip(moment, &step_id, whole_phase, &why, None, out),
            None => self.look_at(moment, step_id, Purpose::Begin),
        }
    }

    /// What must be known before a step opens: its own and its phase's `when`.
    pub(super) fn conditions_of(&self, step: &StepId) -> Vec<Condition> {
        let Some((phase, step)) = self.step_of(step) else { return Vec::new() };
        self.phase_condition(phase).into_iter().chain(step.when.iter()).cloned().collect()
    }

    /// A phase's `when`, until a step of it has begun: what a phase does may end its own condition, and it is evaluated once.
    fn phase_condition<'a>(&self, phase: &'a Phase) -> Option<&'a Condition> {
        let entered = self.session.aside.as_ref().filter(|aside| aside.phase == phase.id).map(|aside| aside.since);
        let opened = |step: &Step| self.session.steps.get(&step.id).and_then(|state| state.opened);
        let begun = phase.steps.iter().filter_map(opened).any(|at| entered.is_none_or(|entered| at >= entered));
        phase.when.as_ref().filter(|_| !begun)
    }

    /// A step does not apply; where it is its phase that does not, by its condition or its server, no step of the phase does.
    fn skip(
        &mut self,
        moment: Moment,
        step: &StepId,
        whole_phase: bool,
        reason: &str,
        condition: Option<&GateRecord>,
        out: &mut Vec<Effect>,
    ) {
        let pending = |id: &&StepId| !self.session.status(id).is_done();
        let steps: Vec<StepId> = match self.step_of(step) {
            Some((phase, _)) if whole_phase => step_ids(phase).iter().filter(pending).cloned().collect(),
            _ => vec![step.clone()],
        };
        self.look = None;
        self.answered_when = None;
        for step in steps {
            let (reason, looked) = (reason.to_owned(), condition.cloned().into_iter().collect());
            self.append(moment, Body::StepSkipped { step, reason, looked }, out);
        }
    }

    /// The truth of a phase's `when` in the record of a condition, where it is part of it: its first line.
    fn phase_truth(&self, step: &StepId, condition: &GateRecord) -> Option<Truth> {
        let (phase, _) = self.step_of(step)?;
        self.phase_condition(phase)?;
        condition.lines.first().map(|line| line.truth)
    }

    /// The `when` of the step that is to begin was looked at: True opens, False skips, Unknown asks.
    pub(super) fn decide_begin(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(look) = self.look.clone().filter(|look| look.purpose == Purpose::Begin) else { return };
        let when = look.gates.iter().find(|gate| gate.gate.as_str() == WHEN).cloned();
        let truth = when.iter().flat_map(|gate| &gate.lines).fold(Truth::True, |all, line| all.and(line.truth));
        match (truth, when) {
            (Truth::False, Some(condition)) => {
                let whole_phase = self.phase_truth(&look.step, &condition) == Some(Truth::False);
                let reason = if whole_phase { "the condition of its phase is False" } else { "its condition is False" };
                self.skip(moment, &look.step, whole_phase, reason, Some(&condition), out);
            }
            (Truth::Unknown, Some(condition)) => {
                self.look = None;
                self.question = Some(Question { step: look.step, condition });
            }
            _ if look.passed() => {
                let reason = self.answered_for(&look.step).map(|(_, reason)| reason.to_owned());
                self.open(moment, look.step.clone(), look.records(), reason, out);
            }
            _ => self.look_not_passed(moment, out),
        }
    }

    /// Opens a step.
    pub(super) fn open(
        &mut self,
        moment: Moment,
        step: StepId,
        looked: Vec<GateRecord>,
        reason: Option<String>,
        out: &mut Vec<Effect>,
    ) {
        self.look = None;
        self.question = None;
        self.answered_when = None;
        self.automatic.clear();
        self.append(moment, Body::StepOpened { step, looked, reason }, out);
        self.refresh(moment, out);
        self.run_automatic(moment, out);
    }

    /// The operator's answer where a `when` is Unknown.
    pub(super) fn applies(&mut self, moment: Moment, applies: bool, reason: String, out: &mut Vec<Effect>) {
        let Some(question) = self.question.take() else {
            out.push(Effect::Refuse("nothing is asked".into()));
            return;
        };
        if reason.trim().is_empty() {
            self.question = Some(question);
            out.push(Effect::Refuse("say why".into()));
        } else if applies {
            self.answered_when = Some((question.step.clone(), question.condition, reason));
            self.look_at(moment, question.step, Purpose::Begin);
        } else {
            let whole_phase = question.condition.lines.len() == 1
                && self.phase_truth(&question.step, &question.condition) == Some(Truth::Unknown);
            self.skip(moment, &question.step, whole_phase, &reason, Some(&question.condition), out);
        }
    }

    /// Opens a done step again.
    pub(super) fn reopen(&mut self, moment: Moment, step: StepId, reason: String, out: &mut Vec<Effect>) {
        let status = self.session.status(&step);
        if !status.is_done() {
            out.push(Effect::Refuse("only a step that is done can be opened again".into()));
        } else if self.session.aside.is_some() || self.step_of(&step).is_none_or(|(phase, _)| phase.aside.is_some()) {
            out.push(Effect::Refuse("a step of an aside is done again by entering the aside again".into()));
        } else if let Some(why) = self.step_of(&step).and_then(|(phase, step)| self.why_absent(phase, step)) {
            out.push(Effect::Refuse(why));
        } else if reason.trim().is_empty() {
            out.push(Effect::Refuse("say why".into()));
        } else if !self.is_running(out) {
            self.look = None;
            self.question = None;
            self.answered_when = None;
            self.automatic.clear();
            self.append(moment, Body::StepReopened { step, reason }, out);
        }
    }

    /// Enters a phase off the main path.
    pub(super) fn enter_aside(&mut self, moment: Moment, phase: PhaseId, reason: String, out: &mut Vec<Effect>) {
        let Some(steps) = self.phase_of(&phase).filter(|phase| phase.aside.is_some()).map(step_ids) else {
            out.push(Effect::Refuse(format!("'{phase}' is not an aside of this runbook")));
            return;
        };
        if self.session.aside.as_ref().is_some_and(|aside| aside.phase == phase) {
            out.push(Effect::Refuse("you are in it".into()));
            return;
        }
        if let Some(why) = self.phase_of(&phase).and_then(|phase| self.why_phase_absent(phase)) {
            out.push(Effect::Refuse(why));
            return;
        }
        if self.is_running(out) {
            return;
        }
        self.look = None;
        self.question = None;
        self.answered_when = None;
        let from = self.session.aside.as_ref().map_or_else(|| self.session.current.clone(), |aside| aside.from.clone());
        if let Some(left) = self.session.aside.as_ref().map(|aside| aside.phase.clone()) {
            self.append(moment, Body::AsideLeft { phase: left, completed: false }, out);
        }
        self.append(moment, Body::AsideEntered { phase, from, reason }, out);
        for step in steps {
            if self.session.status(&step).is_done() {
                self.append(moment, Body::StepReopened { step, reason: "the aside is entered again".into() }, out);
            }
        }
    }

    /// Leaves it before its end.
    pub(super) fn leave_aside(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(phase) = self.session.aside.as_ref().map(|aside| aside.phase.clone()) else {
            out.push(Effect::Refuse("no aside is entered".into()));
            return;
        };
        if self.is_running(out) {
            return;
        }
        self.look = None;
        self.question = None;
        self.answered_when = None;
        self.append(moment, Body::AsideLeft { phase, completed: false }, out);
    }

    /// Whether a command is under way, which keeps the operator in its step; refuses with words where it is.
    fn is_running(&self, out: &mut Vec<Effect>) -> bool {
        let running = self.session.runs.iter().find(|run| run.is_open());
        out.extend(running.map(|run| Effect::Refuse(format!("a command is running on {}: stop it first", run.approved.server))));
        running.is_some()
    }

    fn leave_finished_aside(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(id) = self.session.aside.as_ref().map(|aside| aside.phase.clone()) else { return };
        let Some(phase) = self.phase_of(&id) else { return };
        let (title, aside) = (phase.title.clone(), phase.aside.clone().unwrap_or_default());
        self.append(moment, Body::AsideLeft { phase: id, completed: true }, out);
        for step in aside.reopens {
            if self.session.status(&step).is_done() {
                self.append(moment, Body::StepReopened { step, reason: format!("after '{title}'") }, out);
            }
        }
    }

    /// Closes the session.
    pub(super) fn close(&mut self, moment: Moment, outcome: Outcome, summary: String, out: &mut Vec<Effect>) {
        if self.is_running(out) {
            return;
        }
        if let Some(run) = self.session.interrupted().next() {
            out.push(Effect::Refuse(format!("say first what became of the interrupted command of step {}", run.approved.step)));
        } else if outcome == Outcome::Completed && !self.is_at_end() {
            out.push(Effect::Refuse("steps are still to come: close it as aborted or rolled back, or finish them".into()));
        } else if summary.trim().is_empty() {
            out.push(Effect::Refuse("a summary is needed: it stands at the head of the report".into()));
        } else {
            self.look = None;
            self.question = None;
            self.append(moment, Body::SessionClosed { outcome, summary }, out);
        }
    }

    /// Whether an aside that opens this step again was entered since it was confirmed: its `keep` gates have ended then.
    pub(super) fn is_undone_by_aside(&self, step: &StepId, confirmed: Time) -> bool {
        self.session.asides_entered.iter().any(|(phase, entered)| {
            let aside = self.phase_of(phase).and_then(|phase| phase.aside.as_ref());
            *entered >= confirmed && aside.is_some_and(|aside| aside.reopens.contains(step))
        })
    }

    /// The record of a `when` that the operator answered for.
    pub(super) fn answered_for(&self, step: &StepId) -> Option<(&GateRecord, &str)> {
        let (answered, condition, reason) = self.answered_when.as_ref()?;
        (answered == step).then_some((condition, reason.as_str()))
    }

    /// Whether the step of a status still keeps its place on the path.
    pub fn is_open_again(&self, step: &StepId) -> bool {
        self.session.status(step) == StepStatus::Reopened
    }
}

fn step_ids(phase: &Phase) -> Vec<StepId> {
    phase.steps.iter().map(|step| step.id.clone()).collect()
}

impl Look {
    /// Its gates and its guard as the journal keeps them.
    pub(super) fn records(&self) -> Vec<GateRecord> {
        let guard = (!self.guard.is_empty()).then(|| GateRecord { gate: PartId::from("guard"), lines: self.guard.clone() });
        self.gates.iter().cloned().chain(guard).collect()
    }
}
