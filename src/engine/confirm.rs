//! Confirming: the servers are asked anew, the gates evaluated on the answers, and confirmation and check become one event.

use chrono::TimeDelta;

use super::look::{Look, LookState, Purpose, Waiting};
use super::{Effect, Engine, Moment};
use crate::Time;
use crate::facts::{Link, ServerName};
use crate::rb1::Group;
use crate::runbook::ids::StepId;
use crate::runbook::model::{Block, Gate, Makes, Step};
use crate::session::event::{Body, Confirmation};

/// A look that passed can be confirmed for so long; after that the servers are asked again.
pub(super) const LOOK_LASTS: TimeDelta = TimeDelta::seconds(30);

impl Engine {
    /// The operator asks: `Enter`, or `l` for once more.
    pub(super) fn start_look(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let again = self.look.as_ref().filter(|look| look.purpose == Purpose::Begin).map(|look| look.step.clone());
        if let Some(step) = again.or_else(|| self.question.take().map(|question| question.step)) {
            self.look_at(moment, step, Purpose::Begin);
            return;
        }
        let Some(step) = self.session.current.clone() else {
            out.push(Effect::Refuse("no step is open".into()));
            return;
        };
        match self.holds().first() {
            Some(hold) => out.push(Effect::Refuse(hold.words())),
            None => self.look_at(moment, step, Purpose::Confirm),
        }
    }

    /// Asks for every group that the gates read.
    pub(super) fn look_at(&mut self, moment: Moment, step: StepId, purpose: Purpose) {
        let needs = self.needs_of(&step, purpose);
        for (server, group) in &needs {
            self.asking.want(server, *group, moment.now);
        }
        self.look = Some(Look {
            step,
            purpose,
            asked: moment.now,
            state: LookState::Asking(needs),
            gates: Vec::new(),
            guard: Vec::new(),
            waiting: None,
            waivable: false,
        });
        self.evaluate_look(moment);
    }

    /// The gates of a step that this kind of look is about.
    pub(super) fn gates_of(step: &Step, purpose: Purpose) -> impl Iterator<Item = &Gate> {
        super::view::parts(&step.blocks).filter_map(move |block| match block {
            Block::Gate(gate) if gate.before == (purpose == Purpose::Begin) => Some(gate),
            _ => None,
        })
    }

    /// Takes the look further: answers that came, a wait that is due for another round.
    pub(super) fn progress_look(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(look) = &self.look else { return };
        let (step, purpose, asked, waiting) = (look.step.clone(), look.purpose, look.asked, look.waiting);
        match &look.state {
            LookState::Asking(before) => {
                let missing = self.unanswered(&step, purpose, asked);
                if &missing == before && !missing.is_empty() {
                    // Nothing that the look reads has been answered meanwhile.
                    return;
                }
                if let Some(look) = &mut self.look {
                    look.state =
                        if missing.is_empty() { LookState::Done { at: moment.now } } else { LookState::Asking(missing.clone()) };
                }
                self.evaluate_look(moment);
                if missing.is_empty() {
                    self.look_is_done(moment, out);
                }
            }
            LookState::Done { at } => {
                let next = *at + self.wait_pace();
                if waiting.is_some() && !look.passed() && moment.now >= next {
                    self.look_at(moment, step, purpose);
                    self.look.as_mut().into_iter().for_each(|look| look.waiting = waiting);
                }
            }
        }
    }

    /// The groups of the look that have neither answered nor failed since it was asked.
    fn unanswered(&self, step: &StepId, purpose: Purpose, asked: Time) -> Vec<(ServerName, Group)> {
        let mut needs = self.needs_of(step, purpose);
        needs.retain(|(server, group)| {
            self.server(server).is_none_or(|server| {
                let down = matches!(server.link, Link::Lost { .. } | Link::Refused { .. });
                let state = server.groups.get(group);
                let answered = state.and_then(|s| s.last.as_ref()).is_some_and(|last| last.asked >= asked);
                // A request that was under way before says nothing of the one that this look waits for.
                let failed = state.and_then(|s| s.failed.as_ref()).is_some_and(|failed| failed.at >= asked)
                    && self.asking.was_asked_since(&server.name, *group, asked);
                !(down || answered || failed)
            })
        });
        needs
    }

    fn look_is_done(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(look) = &self.look else { return };
        if look.purpose == Purpose::Begin {
            self.decide_begin(moment, out);
        } else if look.passed() {
            if look.waiting.is_some() {
                out.push(Effect::Say("every line of the gate is true now: Enter records the confirmation".into()));
            }
            self.look.as_mut().into_iter().for_each(|look| look.waiting = None);
        } else {
            self.look_not_passed(moment, out);
        }
    }

    /// Records a look that did not pass (while waiting only where its answer changed), and ends a wait that is over.
    pub(super) fn look_not_passed(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(look) = self.look.clone() else { return };
        let truths = |gates: &[crate::session::event::GateRecord]| {
            gates.iter().flat_map(|gate| &gate.lines).map(|line| line.truth).collect::<Vec<_>>()
        };
        let records = look.records();
        let last = self.session.steps.get(&look.step).and_then(|state| state.failed_looks.last()).map(|last| truths(&last.gates));
        if look.waiting.is_none() || last != Some(truths(&records)) {
            self.append(moment, Body::GateNotPassed { step: look.step.clone(), gates: records }, out);
        }
        if look.waiting.and_then(|waiting| waiting.until).is_some_and(|until| moment.now >= until) {
            out.push(Effect::Say("the time that the gate allows for waiting is over; it did not come true".into()));
            self.look.as_mut().into_iter().for_each(|look| look.waiting = None);
        }
    }

    /// Looks again and again until the gates pass or `within` is over.
    pub(super) fn wait(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(look) = self.look.clone().filter(|look| matches!(look.state, LookState::Done { .. }) && !look.passed()) else {
            out.push(Effect::Refuse("there is no look that did not pass: Enter looks".into()));
            return;
        };
        let until = self.wait_until(&look, moment.now);
        if until.is_some_and(|until| until <= moment.now) {
            out.push(Effect::Refuse(
                "the time that the gate allows for waiting is over: look again, waive with a reason, or stop".into(),
            ));
            return;
        }
        self.look.as_mut().into_iter().for_each(|look| look.waiting = Some(Waiting { since: moment.now, until }));
    }

    /// When waiting stops making sense: the longest `within` of the gates that did not pass, from the first look that did
    /// not.
    pub fn wait_until(&self, look: &Look, now: Time) -> Option<Time> {
        let (_, step) = self.step_of(&look.step)?;
        let longest = Self::gates_of(step, look.purpose)
            .filter(|gate| look.is_blocked_by(&gate.id))
            .filter_map(|gate| gate.within)
            .max()?;
        let first = self.session.steps.get(&look.step).and_then(|state| state.failed_looks.first()).map_or(now, |look| look.at);
        Some(first + TimeDelta::from_std(longest).unwrap_or(TimeDelta::MAX))
    }

    /// Records the confirmation of the look that passed.
    pub(super) fn confirm(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some(look) = self.look.clone().filter(|look| look.purpose == Purpose::Confirm) else {
            out.push(Effect::Refuse("look at the gate first: Enter".into()));
            return;
        };
        let LookState::Done { at } = look.state else {
            out.push(Effect::Refuse("the servers have not all answered yet".into()));
            return;
        };
        let at = self.answered_since(&look, at);
        if !look.passed() {
            out.push(Effect::Refuse("not every line is true: look again, wait, waive with a reason, or stop".into()));
        } else if let Some(hold) = self.holds().first() {
            out.push(Effect::Refuse(hold.words()));
        } else if moment.now - at > LOOK_LASTS.max(self.asking.pace * 300) {
            self.look_at(moment, look.step, Purpose::Confirm);
            out.push(Effect::Say("what was seen is too old to be confirmed: the servers are asked again".into()));
        } else {
            self.confirm_as_known_now(moment, out);
        }
    }

    /// The oldest answer that stands behind a look. Its groups are asked on in the background, and what they say counts:
    /// an operator who reads on is not sent back because of the clock.
    fn answered_since(&self, look: &Look, done: Time) -> Time {
        let needs = self.needs_of(&look.step, look.purpose);
        let answers = needs.iter().filter_map(|(server, group)| self.server(server)?.groups.get(group)?.last.as_ref());
        answers.map(|answer| answer.answered.max(done)).min().unwrap_or(done)
    }

    /// What was read since the look counts too: a server that has changed meanwhile is not confirmed as it was.
    fn confirm_as_known_now(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        self.evaluate_look(moment);
        let Some(look) = self.look.clone() else { return };
        if look.passed() {
            let confirmation = self.confirmation(&look);
            self.look = None;
            self.append(moment, Body::StepConfirmed(confirmation), out);
        } else {
            self.look_not_passed(moment, out);
            out.push(Effect::Refuse(
                "what was true at the look is not any more: look again, wait, waive with a reason, or stop".into(),
            ));
        }
    }

    /// Confirms, or begins, all the same. The guard of a promotion is never waived.
    pub(super) fn waive(&mut self, moment: Moment, reason: String, out: &mut Vec<Effect>) {
        if !self.look.as_ref().is_some_and(|look| matches!(look.state, LookState::Done { .. }) && !look.passed()) {
            out.push(Effect::Refuse("there is no look that did not pass".into()));
            return;
        }
        // A reason takes its time to write: the guard is judged on what is known by now.
        self.evaluate_look(moment);
        let Some(look) = self.look.clone() else { return };
        if look.passed() {
            out.push(Effect::Refuse("every line is true by now: nothing is to be waived".into()));
            self.look_is_done(moment, out);
        } else if look.guard.iter().any(|line| !line.truth.passes()) {
            out.push(Effect::Refuse(
                "the guard of a promotion is not waived: put the other server into staging, or record how it is isolated".into(),
            ));
        } else if !look.waivable {
            out.push(Effect::Refuse("the runbook forbids a waiver here (no-waiver)".into()));
        } else if reason.trim().is_empty() {
            out.push(Effect::Refuse("a waiver needs a reason: it stands in the report".into()));
        } else if look.purpose == Purpose::Begin {
            let answered = self.answered_for(&look.step).map(|(_, answer)| format!("{answer}; {reason}"));
            self.open(moment, look.step.clone(), look.records(), Some(answered.unwrap_or(reason)), out);
        } else if let Some(hold) = self.holds().first() {
            out.push(Effect::Refuse(hold.words()));
        } else {
            let confirmation = self.confirmation(&look);
            self.look = None;
            self.append(moment, Body::StepWaived { confirmation, reason }, out);
        }
    }

    fn confirmation(&self, look: &Look) -> Confirmation {
        let state = self.session.steps.get(&look.step);
        Confirmation {
            step: look.step.clone(),
            items: state.map_or_else(Vec::new, |state| state.ticked.keys().cloned().collect()),
            attachments: self.session.attachments_of(&look.step).map(|kept| kept.attachment.attachment.clone()).collect(),
            gates: look.gates.clone(),
            guard: look.guard.clone(),
        }
    }

    /// Closes the look. A step that is to begin is looked at again when the operator asks.
    pub(super) fn stop_look(&mut self) {
        if let Some(look) = &mut self.look {
            if look.purpose == Purpose::Confirm {
                self.look = None;
            } else {
                look.waiting = None;
            }
        }
    }

    /// How often a wait looks again: as often as `core` is asked.
    pub(super) fn wait_pace(&self) -> TimeDelta {
        self.asking.interval(Group::Core)
    }

    /// Whether the step promotes its server.
    pub(super) fn promotes(step: &Step) -> bool {
        step.makes == Some(Makes::Active)
    }
}
