//! Commands: approved as shown, started once the approval is durable, ended as seen, never run again by themselves.

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::view::parts;
use super::{Effect, Engine, Moment};
use crate::facts::Link;
use crate::powershell::Value;
use crate::runbook::ids::PartId;
use crate::runbook::model::{Block, Command, RunMode};
use crate::session::event::{Body, CommandApproved, CommandEnded, EndState, Resolution};
use crate::session::state::RunStatus;
use crate::text::age::took;
use crate::text::hex;

impl Engine {
    /// Why a command of the open step cannot run now; none: it can.
    pub fn why_not_run(&self, command: &Command) -> Option<String> {
        if let Some(why) = &self.read_only {
            return Some(format!("the session is read-only: {why}"));
        }
        if self.session.current.is_none() {
            return Some("the step has not begun".into());
        }
        if command.run == RunMode::Manual {
            return Some("this command is run by hand: copy it with c".into());
        }
        let Some(server) = &command.on else { return Some("the command names no server".into()) };
        if self.server(server).is_none() {
            return Some(format!("no server has the role '{server}'"));
        }
        if let Some(run) = self.session.runs.iter().find(|run| run.is_open() && &run.approved.server == server) {
            return Some(format!("another command is running on {server} (step {})", run.approved.step));
        }
        let missing = command.wants.iter().find(|want| self.captured(want).is_none_or(Value::is_unknown))?;
        let mut names = missing.split('.');
        let server = names.next().is_some_and(|root| root.eq_ignore_ascii_case("servers")).then(|| names.next()).flatten();
        let absent = server.and_then(|name| self.no_server_named(name));
        Some(absent.map_or_else(|| format!("$Run.{missing} is not captured yet"), |why| format!("$Run.{missing}: {why}")))
    }

    /// What a path below `$Run` holds now.
    fn captured(&self, want: &str) -> Option<&Value> {
        let (root, rest) = want.split_once('.')?;
        match root.to_ascii_lowercase().as_str() {
            "inputs" => self.tree.at("inputs")?.at(rest),
            "forms" => self.tree.at("forms")?.at(rest),
            "results" => self.tree.at("results")?.at(rest.split('.').next()?),
            "servers" => self.tree.at(rest),
            _ => None,
        }
    }

    /// Runs a command of the open step that the operator has seen.
    pub(super) fn run(&mut self, moment: Moment, id: &PartId, auto: bool, out: &mut Vec<Effect>) {
        let Some(command) = self.command(id).cloned() else {
            out.push(Effect::Refuse(format!("the open step has no command '{id}'")));
            return;
        };
        if let Some(why) = self.why_not_run(&command) {
            out.push(Effect::Refuse(why));
            return;
        }
        let (Some(server), Some(step)) = (command.on.clone(), self.session.current.clone()) else { return };
        self.automatic.retain(|waiting| waiting != id);
        let target = self.server(&server).map(|server| server.target.clone()).unwrap_or_default();
        let run = format!("r{}", self.session.events);
        let approved = CommandApproved {
            run: run.clone(),
            step,
            command: command.id.clone(),
            server: server.clone(),
            target,
            sha256: hex(&Sha256::digest(command.text.as_bytes())),
            text: command.text.clone(),
            auto,
        };
        self.append(moment, Body::CommandApproved(approved), out);
        let timeout_ms = command.timeout.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        let vars = self.run_variables();
        self.when_durable(Effect::Run { run, server, script: command.text, vars, timeout_ms, into: command.into });
    }

    /// `$Run`: everything that was captured, and each server's host and target, in the tagged forms of the value tree.
    fn run_variables(&self) -> Map<String, Json> {
        let branch = |name: &str| self.tree.at(name).map_or(Json::Null, Value::to_json);
        let servers: Map<String, Json> = self
            .servers
            .iter()
            .map(|server| {
                let facts = ["Host", "Domain", "Target", "Version"]
                    .into_iter()
                    .filter_map(|fact| Some((fact.to_owned(), self.tree.at(server.name.as_str())?.at(fact)?)))
                    .filter(|(_, value)| !value.is_unknown())
                    .map(|(fact, value)| (fact, value.to_json()));
                (server.name.to_string(), Json::Object(facts.collect()))
            })
            .collect();
        let mut vars = Map::new();
        vars.insert("Inputs".into(), branch("inputs"));
        vars.insert("Forms".into(), branch("forms"));
        vars.insert("Results".into(), branch("results"));
        vars.insert("Servers".into(), Json::Object(servers));
        vars
    }

    /// Commands that run by themselves whenever their step opens.
    pub(super) fn run_automatic(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        let Some((_, step)) = self.session.current.clone().and_then(|id| self.step_of(&id)) else { return };
        let automatic: Vec<PartId> = parts(&step.blocks)
            .filter_map(|block| match block {
                Block::Command(command) if command.run == RunMode::Auto => Some(command.id.clone()),
                _ => None,
            })
            .collect();
        self.automatic.extend(automatic);
        self.next_automatic(moment, out);
    }

    /// One automatic command a server at a time; the others wait their turn, their values and their server's connection.
    pub(super) fn next_automatic(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        for id in std::mem::take(&mut self.automatic) {
            let Some(command) = self.command(&id).cloned() else { continue };
            let live = |name| self.server(name).is_some_and(|server| matches!(server.link, Link::Live { .. }));
            match self.why_not_run(&command) {
                None if command.on.as_ref().is_some_and(live) => self.run(moment, &id, true, out),
                _ => self.automatic.push_back(id),
            }
        }
    }

    pub(super) fn on_started(&mut self, moment: Moment, run: String, sha256: String, out: &mut Vec<Effect>) {
        if self.session.runs.iter().any(|known| known.approved.run == run && known.is_open()) {
            self.append(moment, Body::CommandStarted { run, sha256 }, out);
        }
    }

    pub(super) fn on_ended(&mut self, moment: Moment, mut end: CommandEnded, out: &mut Vec<Effect>) {
        let Some(run) = self.session.runs.iter().find(|known| known.approved.run == end.run && known.is_open()) else { return };
        let since = run.started.unwrap_or(run.mark.at);
        let (server, step, failed) = (run.approved.server.clone(), run.approved.step.clone(), end.state != EndState::Completed);
        let rollback = self.rollback_of(&step, &run.approved.command);
        end.ms = u64::try_from((moment.now - since).num_milliseconds()).unwrap_or(0);
        let words = end_words(&self.command_words(run), &end);
        self.append(moment, Body::CommandEnded(end), out);
        // What the command did shows in the facts: they are asked for again at once.
        for group in crate::rb1::Group::ALL.into_iter().take(3) {
            self.asking.want(&server, group, moment.now);
        }
        out.push(Effect::Say(match rollback.filter(|_| failed) {
            Some(rollback) => format!("{words}; the runbook offers {rollback}"),
            None => words,
        }));
    }

    fn rollback_of(&self, step: &crate::runbook::ids::StepId, command: &PartId) -> Option<String> {
        let (_, step) = self.step_of(step)?;
        Self::commands_of(step).find(|known| &known.id == command)?.rollback.clone()
    }

    pub(super) fn cancel(&mut self, run: String, out: &mut Vec<Effect>) {
        match self.session.runs.iter().find(|known| known.approved.run == run) {
            Some(known) if known.is_open() => {
                let before = self.held.len();
                self.held.retain(|(_, effect)| !matches!(effect, Effect::Run { run: waiting, .. } if *waiting == run));
                if before == self.held.len() {
                    out.push(Effect::Cancel { run });
                } else {
                    self.cancelled_early.push(run);
                }
            }
            _ => out.push(Effect::Refuse("no such command is running".into())),
        }
    }

    /// Commands that were cancelled before their approval was durable never reached a server.
    pub(super) fn end_cancelled_early(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        for run in std::mem::take(&mut self.cancelled_early) {
            let end = CommandEnded {
                run,
                state: EndState::Refused,
                ms: 0,
                errors: 0,
                exit: None,
                why: Some("cancelled before it was sent".into()),
                transcript: crate::session::event::Transcript::default(),
                output: crate::session::event::Output::default(),
                results: None,
            };
            self.on_ended(moment, end, out);
        }
    }

    pub(super) fn resolve(&mut self, moment: Moment, run: String, how: Resolution, reason: String, out: &mut Vec<Effect>) {
        let status =
            self.session.runs.iter().find(|known| known.approved.run == run).map(crate::session::state::RunState::status);
        if status != Some(RunStatus::Interrupted) {
            out.push(Effect::Refuse("only an interrupted command is resolved".into()));
        } else if reason.trim().is_empty() {
            out.push(Effect::Refuse("say how you know".into()));
        } else {
            self.append(moment, Body::CommandResolved { run, how, reason }, out);
        }
    }
}

/// What the message line says of an end.
fn end_words(which: &str, end: &CommandEnded) -> String {
    let took = took(end.ms);
    let errors = match end.errors {
        0 => String::new(),
        1 => ", 1 error".into(),
        n => format!(", {n} errors"),
    };
    let why = end.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    match end.state {
        EndState::Completed => format!("{which} ended in {took}{errors}"),
        EndState::Failed => format!("{which} failed after {took}{errors}{why}"),
        EndState::Stopped => format!("{which} stopped after {took}{why}"),
        EndState::Refused => format!("{which} did not run{why}"),
        EndState::Interrupted => format!("{which} was interrupted{why}; say what became of it"),
    }
}
