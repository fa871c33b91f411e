//! The operator of a rehearsal: does what the script says at each step, and what any operator would where it says nothing.

use chrono::TimeDelta;

use super::Planned;
use super::agents::Cast;
use super::drive::Drive;
use super::outcome::{Outcome, StepOutcome};
use super::script::{Act as Said, End, Expect, Script, Visit};
use crate::Time;
use crate::engine::{Act, Engine, Look, LookState, Opening, Purpose};
use crate::facts::Baselines;
use crate::facts::fresh::Intervals;
use crate::lab::{Lab, Scenario};
use crate::runbook::ids::StepId;
use crate::runbook::model::Step;
use crate::session::event::{self, Body, Rehearsal, SessionOpened};
use crate::session::state::StepStatus;

/// Nothing in a rehearsal takes longer than this without a word of the script.
pub(super) const PATIENCE: TimeDelta = TimeDelta::days(2);

/// The longest pause between two looks at a gate that says nothing of waiting.
const STANDS_BY: TimeDelta = TimeDelta::minutes(45);

/// So long an operator waits for a server that a command could not be started on.
const GIVES_UP: TimeDelta = TimeDelta::minutes(2);

/// A rehearsal cannot visit more steps than this: a runbook that reopens itself for ever is stopped.
const MOST_VISITS: usize = 500;

pub(super) struct Operator<'a> {
    pub(super) drive: Drive,
    script: &'a Script,
    used: Vec<bool>,
    scenario: String,
    steps: Vec<StepOutcome>,
    problems: Vec<String>,
    stopped: bool,
    /// How many events were looked at for skipped steps
    read: usize,
}

/// Why a visit did not come out as it should.
type Came = Result<(Expect, String), String>;

impl<'a> Operator<'a> {
    /// Opens the session in a world as it is.
    pub(super) fn start(planned: &'a Planned, scenario: &Scenario, lab: Lab) -> Result<Self, String> {
        let Planned { runbook, pinned, script, .. } = planned;
        let (begin, seed) = (lab.now(), script.seed.unwrap_or(1));
        let inputs = super::acts::inputs_of(&runbook.inputs, &script.inputs)?;
        let servers = crate::runner::servers::cast(runbook, scenario, &script.servers).map_err(|why| why.to_string())?;
        let plays = servers
            .iter()
            .map(|server| Ok((server.role.clone(), crate::runner::servers::lab_role(&server.target)?)))
            .collect::<color_eyre::Result<Cast>>()
            .map_err(|why| why.to_string())?;
        let opened = SessionOpened {
            session: "rehearsal".into(),
            runbook: pinned.clone(),
            servers,
            inputs,
            rehearsal: Some(Rehearsal { scenario: scenario.name.clone(), seed }),
        };
        let by = event::By {
            user: "operator".into(),
            host: "rehearsal".into(),
            program: concat!("lockstep ", env!("CARGO_PKG_VERSION")).into(),
        };
        let opening = Opening { runbook: runbook.clone(), by, intervals: Intervals::default(), baselines: Baselines::default() };
        let moment = crate::engine::Moment { now: begin, wall: begin, mono: 0 };
        let (engine, effects) = Engine::open_session(opening, opened, moment);
        Ok(Self {
            drive: Drive::start(engine, effects, lab, plays),
            script,
            used: vec![false; script.steps.len()],
            scenario: scenario.name.clone(),
            steps: Vec::new(),
            problems: Vec::new(),
            stopped: false,
            read: 0,
        })
    }

    /// Does every step, as the script says.
    pub(super) fn go_through(&mut self) {
        for _ in 0..MOST_VISITS {
            // A session that ends early ends after the last thing that its script says.
            if self.script.end != End::Completed && self.used.iter().all(|used| *used) {
                return self.close();
            }
            let limit = self.drive.now() + PATIENCE;
            let ready = self.drive.until(limit, |drive| is_ready(&drive.engine));
            self.note_skipped();
            if !ready {
                self.problems.push("nothing happened for two days: no step opened".into());
                return;
            }
            let Some(step) = self.drive.engine.current_step().cloned() else { return self.close() };
            let began = self.drive.now();
            let visit = self.take_visit(&step.id);
            let came = self.visit(&step, &visit);
            let failed = !matches!(&came, Ok((came, _)) if *came == visit.expect);
            let came = came.map_err(|why| if failed { why + &self.refused_commands(&step.id) } else { why });
            let why = came.as_ref().map_or_else(String::clone, |(_, why)| why.clone());
            let because = visit.because.as_deref().filter(|because| !failed && !why.contains(because));
            let came = match because {
                Some(because) => Err(format!("it was to be because of '{because}'; it was because of: {why}")),
                None => came.map(|(came, _)| came),
            };
            let ended = self.drive.now();
            let wrong = failed || came.is_err();
            self.steps.push(StepOutcome {
                step: step.id.to_string(),
                title: step.title,
                began,
                ended,
                expected: visit.expect,
                came,
                why,
            });
            if wrong {
                self.stopped = true;
                return;
            }
        }
        self.problems.push(format!("more than {MOST_VISITS} visits: the runbook opens its own steps again for ever"));
    }

    /// What commands of a step that went wrong have said.
    fn refused_commands(&self, step: &StepId) -> String {
        let runs = self.drive.engine.session().runs.iter().filter(|run| &run.approved.step == step);
        let wrong = runs.filter_map(|run| {
            let (_, end) = run.ended.as_ref().filter(|(_, end)| end.errors > 0 || end.why.is_some())?;
            let said = end.why.as_ref().or(end.output.head.first())?;
            Some(format!("\ncommand {}: {said}", run.approved.command))
        });
        wrong.collect()
    }

    /// The first unused visit of the script for a step, else the usual one.
    fn take_visit(&mut self, step: &StepId) -> Visit {
        let next = self.script.steps.iter().enumerate().find(|(at, visit)| !self.used[*at] && visit.step == step.as_str());
        match next {
            Some((at, visit)) => {
                self.used[at] = true;
                visit.clone()
            }
            None => {
                Visit { step: step.to_string(), acts: Vec::new(), run: None, expect: Expect::Passed, because: None, waive: None }
            }
        }
    }

    /// Steps that were skipped since the last look at the events.
    fn note_skipped(&mut self) {
        let skipped: Vec<_> = self.drive.events[self.read..]
            .iter()
            .filter_map(|event| match &event.body {
                Body::StepSkipped { step, reason, .. } => Some((step.clone(), reason.clone(), event.at)),
                _ => None,
            })
            .collect();
        self.read = self.drive.events.len();
        for (step, why, at) in skipped {
            let expected = match self.script.steps.iter().position(|visit| visit.step == step.as_str()) {
                Some(place) if !self.used[place] => {
                    self.used[place] = true;
                    self.script.steps[place].expect
                }
                _ => Expect::Skipped,
            };
            let title = self.drive.engine.step_of(&step).map(|(_, step)| step.title.clone()).unwrap_or_default();
            self.steps.push(StepOutcome {
                step: step.to_string(),
                title,
                began: at,
                ended: at,
                expected,
                came: Ok(Expect::Skipped),
                why,
            });
        }
    }

    fn visit(&mut self, step: &Step, visit: &Visit) -> Came {
        let mut left = false;
        for act in &visit.acts {
            left |= matches!(act, Said::Aside(_) | Said::Leave(_) | Said::Reopen(_));
            self.do_said(step, act)?;
        }
        if self.drive.engine.session().status(&step.id) == StepStatus::Skipped {
            // The script said that it does not apply.
            self.read = self.drive.events.len();
            return Ok((Expect::Skipped, Self::answer(visit)));
        }
        if left {
            return Ok((Expect::Left, String::new()));
        }
        if visit.expect == Expect::Interrupted {
            let interrupted = self.drive.engine.session().interrupted().next().map(|run| run.approved.command.to_string());
            return interrupted.map(|command| (Expect::Interrupted, command)).ok_or("no command was interrupted".into());
        }
        if let Some(question) = self.drive.engine.question().cloned() {
            let why = question.condition.lines.iter().map(|line| line.why.clone()).collect::<Vec<_>>().join("; ");
            return Err(format!("whether the step applies is unknown: {why}"));
        }
        if visit.acts.is_empty() {
            self.play_role_change(step)?;
        }
        if self.is_blocked_at_begin()
            && let Some(came) = self.get_in(visit)?
        {
            return Ok(came);
        }
        self.fill_forms(step)?;
        self.run_commands(step, visit)?;
        self.do_the_usual(step)?;
        self.confirm(step, visit)
    }

    /// The reason that the script gave for whether the step applies.
    fn answer(visit: &Visit) -> String {
        let reason = |act: &Said| if let Said::Applies(applies) = act { Some(applies.reason.clone()) } else { None };
        visit.acts.iter().find_map(reason).unwrap_or_default()
    }

    fn is_blocked_at_begin(&self) -> bool {
        self.drive.engine.session().current.is_none()
    }

    /// The step may not begin yet: look again, and wait where the visit is to pass.
    fn get_in(&mut self, visit: &Visit) -> Result<Option<(Expect, String)>, String> {
        self.drive.act(Act::Look)?;
        self.settle_look();
        if self.drive.engine.session().current.is_some() {
            return Ok(None);
        }
        let why = self.blocking();
        match visit.expect {
            Expect::Blocked => Ok(Some((Expect::Blocked, why))),
            Expect::Waived => {
                self.drive.act(Act::Waive(visit.waive.clone().unwrap_or_else(|| "rehearsed".into())))?;
                Ok(None)
            }
            _ => {
                self.wait_for_look()?;
                if self.drive.engine.session().current.is_some() { Ok(None) } else { Err(self.blocking()) }
            }
        }
    }

    fn confirm(&mut self, step: &Step, visit: &Visit) -> Came {
        self.see_commands_through();
        if let Err(why) = self.drive.act(Act::Look) {
            return if visit.expect == Expect::Blocked { Ok((Expect::Blocked, why)) } else { Err(why) };
        }
        self.settle_look();
        let passed = |drive: &Drive| drive.engine.look().is_some_and(crate::engine::Look::passed);
        if !passed(&self.drive) {
            let why = self.blocking();
            match visit.expect {
                Expect::Blocked => {
                    self.drive.act(Act::StopLooking)?;
                    return Ok((Expect::Blocked, why));
                }
                Expect::Waived => {
                    self.drive.act(Act::Waive(visit.waive.clone().unwrap_or_else(|| "rehearsed".into())))?;
                    return Ok((Expect::Waived, why));
                }
                _ => self.wait_for_look()?,
            }
        }
        if !passed(&self.drive) {
            return Err(self.blocking());
        }
        self.drive.act(Act::Confirm)?;
        let done = self.drive.engine.session().status(&step.id).is_done();
        if done { Ok((Expect::Passed, String::new())) } else { Err("it was not confirmed".into()) }
    }

    /// Nobody confirms while a command that runs by itself is under way; for one whose server does not answer nobody waits long.
    pub(super) fn see_commands_through(&mut self) {
        let begun = self.drive.now();
        self.drive.until(begun + TimeDelta::hours(1), |drive| {
            let given_up = drive.now() >= begun + GIVES_UP && drive.engine.session().runs.iter().all(|run| !run.is_open());
            given_up || !drive.engine.has_commands_under_way()
        });
    }

    /// Lets the look that is under way come to its end.
    fn settle_look(&mut self) {
        let limit = self.drive.now() + TimeDelta::minutes(10);
        self.drive.until(limit, |drive| drive.engine.look().is_none_or(|look| matches!(look.state, LookState::Done { .. })));
    }

    /// Waits as long as the gate allows. Where it says nothing of waiting, the operator looks again now and then.
    fn wait_for_look(&mut self) -> Result<(), String> {
        let why = self.blocking();
        let until = self.drive.engine.look().and_then(|look| self.drive.engine.wait_until(look, self.drive.now()));
        let Some(until) = until else { return self.look_again() };
        self.drive.act(Act::Wait).map_err(|refused| format!("{why}\n{refused}"))?;
        let limit = until + TimeDelta::minutes(1);
        self.drive.until(limit, |drive| {
            drive.engine.look().is_none_or(|look| look.waiting.is_none() && matches!(look.state, LookState::Done { .. }))
        });
        Ok(())
    }

    /// Looks again, at first soon, for as long as somebody would stand by.
    fn look_again(&mut self) -> Result<(), String> {
        let mut pause = TimeDelta::seconds(10);
        while pause < STANDS_BY {
            self.drive.pass(pause);
            self.drive.act(Act::Look)?;
            self.settle_look();
            if self.drive.engine.look().is_none_or(Look::passed) {
                return Ok(());
            }
            pause = pause * 2;
        }
        Err(self.blocking())
    }

    /// The lines that hold the look back, in words.
    fn blocking(&self) -> String {
        let Some(look) = self.drive.engine.look() else { return "there is no look".into() };
        let lines = look.lines().filter(|line| !line.truth.passes());
        lines.map(|line| format!("{}: {} ({})", line.text, line.truth, line.why)).collect::<Vec<_>>().join("\n")
    }

    fn close(&mut self) {
        let outcome = match self.script.end {
            End::Completed => event::Outcome::Completed,
            End::Aborted => event::Outcome::Aborted,
            End::RolledBack => event::Outcome::RolledBack,
        };
        let summary = format!("Rehearsed in the lab: {}", self.script.title);
        if let Err(why) = self.drive.act(Act::Close { outcome, summary }) {
            self.problems.push(format!("the session could not be closed: {why}"));
        }
    }

    /// What came of it, and the world as it was left. `left_out`: how much the scenario had left out before the session.
    pub(super) fn finish(mut self, runbook: String, begin: Time, left_out: usize) -> (Outcome, Lab) {
        if self.problems.is_empty() && !self.stopped {
            for (visit, used) in self.script.steps.iter().zip(&self.used) {
                if !used {
                    self.problems.push(format!("the script's visit of '{}' was never reached", visit.step));
                }
            }
        }
        let lab_time = self.drive.now() - begin;
        let (events, world) = self.drive.end();
        let outcome = Outcome {
            runbook,
            script: self.script.title.clone(),
            scenario: self.scenario,
            steps: self.steps,
            stopped: self.stopped,
            problems: self.problems,
            left_out: world.left_out().iter().skip(left_out).map(ToString::to_string).collect(),
            lab_time,
            events,
        };
        (outcome, world)
    }
}

/// Whether the operator has something to do.
fn is_ready(engine: &Engine) -> bool {
    let blocked = engine.look().is_some_and(|look| {
        look.purpose == Purpose::Begin && matches!(look.state, LookState::Done { .. }) && !look.passed() && look.waiting.is_none()
    });
    engine.session().current.is_some() || engine.question().is_some() || blocked || engine.is_at_end()
}
