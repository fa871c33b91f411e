//! The single acts of a rehearsal's operator: what a script can say, and the usual handiwork of a step.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::operator::{Operator, PATIENCE};
use super::script::{Act as Said, Visit};
use crate::engine::view::parts;
use crate::engine::{Act, Hold};
use crate::facts::ServerName;
use crate::gate;
use crate::lab::Verb;
use crate::powershell::Value;
use crate::runbook::fields;
use crate::runbook::ids::{PartId, PhaseId, StepId};
use crate::runbook::model::{Block, Command, Field, FieldKind, Makes, RunMode, Step};
use crate::session::event::Resolution;

impl Operator<'_> {
    /// Does one act of the script.
    pub(super) fn do_said(&mut self, step: &Step, act: &Said) -> Result<(), String> {
        match act {
            Said::Lab(text) => self.play(text),
            Said::Wait(span) => {
                self.drive.pass(TimeDelta::from_std(span.0).unwrap_or(PATIENCE));
                Ok(())
            }
            Said::Until(line) => self.wait_until(line),
            Said::Run(id) => self.run_to_end(&PartId::from(id.as_str())),
            Said::Interrupt(id) => self.interrupt(&PartId::from(id.as_str())),
            Said::Resolve(resolve) => {
                let run = self.drive.engine.session().interrupted().next().map(|run| run.approved.run.clone());
                let run = run.ok_or("no command is interrupted")?;
                self.drive.act(Act::Resolve { run, how: resolve.how, reason: resolve.reason.clone() })
            }
            Said::Note(text) => self.drive.act(Act::Note(text.clone())),
            Said::Form(forms) => {
                forms.iter().try_for_each(|(form, values)| self.fill(step, &PartId::from(form.as_str()), values))
            }
            Said::Isolate(isolate) => self.drive.act(Act::Isolate {
                server: ServerName::from(isolate.server.as_str()),
                how: isolate.how.clone(),
                checked: isolate.checked.clone(),
            }),
            Said::Cancel(id) => self.cancel(&PartId::from(id.as_str())),
            Said::Applies(answer) => self.drive.act(Act::Applies { applies: answer.applies, reason: answer.reason.clone() }),
            Said::Reopen(reopen) => {
                let step = StepId::from(reopen.step.as_str());
                self.drive.act(Act::Reopen { step, reason: reopen.reason.clone() })
            }
            Said::Acknowledge(id) => self.drive.act(Act::AcknowledgeFinding(id.clone())),
            Said::Aside(phase) => {
                self.drive.act(Act::EnterAside { phase: PhaseId::from(phase.as_str()), reason: "the script says so".into() })
            }
            Said::Leave(_) => self.drive.act(Act::LeaveAside),
            Said::Finding(id) => self.expect_finding(id, true),
            Said::NoFinding(id) => self.expect_finding(id, false),
            Said::Check(line) => match self.truth(line)? {
                (true, _) => Ok(()),
                (false, why) => Err(format!("{line}: {why}")),
            },
        }
    }

    /// A verb of the lab panel. What needs an idle server (the wizard) waits for it as a person would.
    fn play(&mut self, text: &str) -> Result<(), String> {
        let verb: Verb = text.parse()?;
        self.drive.lab.operate(&verb).map_err(|why| format!("lab: {text}: {why}"))?;
        self.drive.settle();
        Ok(())
    }

    fn truth(&self, line: &str) -> Result<(bool, String), String> {
        let expr = gate::parse(line).map_err(|error| format!("{line}: {}", error.message))?;
        let outcome = expr.evaluate(self.drive.engine.tree(), &|_| None);
        Ok((outcome.truth.passes(), outcome.why))
    }

    fn wait_until(&mut self, line: &str) -> Result<(), String> {
        let begun = self.drive.now();
        while !self.truth(line)?.0 {
            self.drive.watch_since(begun);
            if !self.drive.jump(begun + PATIENCE) {
                return Err(format!("{line} did not come true in two days: {}", self.truth(line)?.1));
            }
        }
        self.drive.watch_since(self.drive.now());
        Ok(())
    }

    /// A finding fires (or not) within three readings.
    fn expect_finding(&mut self, id: &str, fires: bool) -> Result<(), String> {
        let limit = self.drive.now() + TimeDelta::minutes(2);
        let came = self.drive.until(limit, |drive| drive.engine.session().findings.contains_key(id) == fires);
        let now: Vec<&String> = self.drive.engine.session().findings.keys().collect();
        if came {
            Ok(())
        } else {
            Err(format!("the finding '{id}' was to be {}; firing now: {now:?}", if fires { "there" } else { "gone" }))
        }
    }

    /// Runs a command of the step and lets it end.
    fn run_to_end(&mut self, id: &PartId) -> Result<(), String> {
        self.drive.act(Act::Run(id.clone())).map_err(|why| format!("command {id}: {why}"))?;
        let limit = self.drive.now() + PATIENCE;
        if self.drive.until(limit, |drive| drive.engine.session().runs.iter().all(|run| !run.is_open())) {
            Ok(())
        } else {
            Err(format!("command {id} did not end in two days"))
        }
    }

    /// Starts a command and loses its connection: while it runs, or before its answer where it is over at once.
    fn interrupt(&mut self, id: &PartId) -> Result<(), String> {
        self.drive.break_before_end();
        self.drive.act(Act::Run(id.clone())).map_err(|why| format!("command {id}: {why}"))?;
        let limit = self.drive.now() + TimeDelta::minutes(1);
        let started = |drive: &super::drive::Drive| {
            drive.engine.session().runs.last().is_some_and(|run| run.started.is_some() || !run.is_open())
        };
        self.drive.until(limit, started);
        if self.drive.engine.session().interrupted().next().is_some() {
            return Ok(());
        }
        let run = self.drive.engine.session().runs.iter().rev().find(|run| run.is_open()).map(|run| run.approved.run.clone());
        self.drive.cut(&run.ok_or(format!("command {id} ended before it could be interrupted"))?);
        Ok(())
    }

    /// Starts a command and stops it a moment later.
    fn cancel(&mut self, id: &PartId) -> Result<(), String> {
        self.drive.act(Act::Run(id.clone())).map_err(|why| format!("command {id}: {why}"))?;
        let started = |drive: &super::drive::Drive| {
            drive.engine.session().runs.last().is_some_and(|run| run.started.is_some() || !run.is_open())
        };
        self.drive.until(self.drive.now() + TimeDelta::minutes(1), started);
        let run = self.drive.engine.session().runs.iter().rev().find(|run| run.is_open()).map(|run| run.approved.run.clone());
        self.drive.act(Act::Cancel(run.ok_or(format!("command {id} ended before it could be stopped"))?))?;
        let limit = self.drive.now() + PATIENCE;
        self.drive.until(limit, |drive| drive.engine.session().runs.iter().all(|run| !run.is_open()));
        Ok(())
    }

    /// The commands of a visit: those that the script names, else every one with `run=ask`.
    pub(super) fn run_commands(&mut self, step: &Step, visit: &Visit) -> Result<(), String> {
        self.see_commands_through();
        let ids: Vec<PartId> = match &visit.run {
            Some(ids) => ids.iter().map(|id| PartId::from(id.as_str())).collect(),
            None => commands(step).filter(|command| command.run == RunMode::Ask).map(|command| command.id.clone()).collect(),
        };
        ids.iter().try_for_each(|id| self.run_to_end(id))
    }

    /// Fills in the forms first: the step's commands may need what they say.
    pub(super) fn fill_forms(&mut self, step: &Step) -> Result<(), String> {
        self.drive.engine.holds().into_iter().try_for_each(|hold| match hold {
            Hold::Form(form) => self.fill(step, &form, &BTreeMap::new()),
            _ => Ok(()),
        })
    }

    /// Ticks, acknowledges, attaches and fills in what the step still asks for.
    pub(super) fn do_the_usual(&mut self, step: &Step) -> Result<(), String> {
        for hold in self.drive.engine.holds() {
            match hold {
                Hold::Item(item) => self.drive.act(Act::Toggle(item))?,
                Hold::Caution(caution) => self.drive.act(Act::Acknowledge(caution))?,
                Hold::Form(form) => self.fill(step, &form, &BTreeMap::new())?,
                Hold::Evidence(wanted) => {
                    let text = format!("rehearsed evidence: {wanted}");
                    let sha256 = crate::text::hex(&Sha256::digest(text.as_bytes()));
                    let name = format!("{wanted}.txt");
                    let bytes = text.len() as u64;
                    self.drive.act(Act::Attach { wanted: Some(wanted), sha256, bytes, kind: "txt".into(), name })?;
                }
                Hold::Running(run) => {
                    let limit = self.drive.now() + PATIENCE;
                    self.drive.until(limit, |drive| {
                        drive.engine.session().runs.iter().all(|known| known.approved.run != run || !known.is_open())
                    });
                }
                Hold::Interrupted(run) => self.resolve_reading(step, run)?,
            }
        }
        Ok(())
    }

    /// What runs by itself only reads: the usual operator says that it did not run, and reads on the screen what it was to show.
    fn resolve_reading(&mut self, step: &Step, run: String) -> Result<(), String> {
        let runs = &self.drive.engine.session().runs;
        let command = runs.iter().find(|known| known.approved.run == run).map(|known| known.approved.command.clone());
        let reads = commands(step).any(|known| known.run == RunMode::Auto && Some(&known.id) == command.as_ref());
        if !reads {
            return Err(format!("the command {run} was interrupted and not resolved"));
        }
        let reason = "It only reads, and the connection broke".to_owned();
        self.drive.act(Act::Resolve { run, how: Resolution::DidNotRun, reason })
    }

    /// Fills a form: what is given, then what was saved before, then the examples.
    fn fill(&mut self, step: &Step, id: &PartId, given: &BTreeMap<String, String>) -> Result<(), String> {
        let form = parts(&step.blocks).find_map(|block| match block {
            Block::Form(form) if &form.id == id => Some(form),
            _ => None,
        });
        let form = form.ok_or(format!("the step has no form '{id}'"))?;
        let values = form
            .fields
            .iter()
            .map(|field| {
                let value = given.get(&field.name).cloned().or_else(|| field.example.clone()).unwrap_or_else(|| usual(field));
                (field.name.clone(), value)
            })
            .collect();
        self.drive.act(Act::SaveForm { form: id.clone(), values })
    }

    /// The wizard as a step with `makes=staging` or `makes=active` asks for it.
    pub(super) fn play_role_change(&mut self, step: &Step) -> Result<(), String> {
        let (Some(server), Some(makes)) = (&step.on, step.makes) else { return Ok(()) };
        let stage = match makes {
            Makes::Staging => "on",
            Makes::Active => "off",
            Makes::Stopped | Makes::Installed | Makes::Removed => return Ok(()),
        };
        self.wait_until(&format!("${server}.Idle"))?;
        let pages = ["open".to_owned(), format!("stage {stage} start on"), "exit".to_owned()];
        let server = self.drive.in_lab(server);
        pages.iter().try_for_each(|page| self.play(&format!("wizard {server} {page}")))
    }
}

fn commands(step: &Step) -> impl Iterator<Item = &Command> {
    parts(&step.blocks).filter_map(|block| if let Block::Command(command) = block { Some(command) } else { None })
}

/// What an operator would enter where the runbook gives no example.
fn usual(field: &Field) -> String {
    match &field.kind {
        FieldKind::Choice(choices) => choices.first().cloned().unwrap_or_default(),
        FieldKind::Bool => "yes".into(),
        FieldKind::Number => "1".into(),
        FieldKind::DateTime => "2026-11-21T03:00:00Z".into(),
        FieldKind::Text | FieldKind::Secret if field.required => "rehearsed".into(),
        FieldKind::Text | FieldKind::Secret => String::new(),
    }
}

/// The inputs of a rehearsal: what is given, else the examples.
pub fn inputs_of(fields: &[Field], given: &BTreeMap<String, String>) -> Result<BTreeMap<String, Value>, String> {
    if let Some(unknown) = given.keys().find(|name| !fields.iter().any(|field| &field.name == *name)) {
        return Err(format!("the runbook has no input '{unknown}'"));
    }
    let mut inputs = BTreeMap::new();
    for field in fields {
        let text = given.get(&field.name).or(field.example.as_ref()).map_or("", String::as_str);
        if let Some(value) = fields::read(field, text).map_err(|why| format!("input {}: {why}", field.name))? {
            inputs.insert(field.name.clone(), value);
        }
    }
    Ok(inputs)
}
