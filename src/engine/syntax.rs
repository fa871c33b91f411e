//! Whether PowerShell can read the commands of the runbook: asked of each server when it comes up, so that it is known before
//! a command is run. Nothing runs for it, and nothing of it is recorded.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, Engine};
use crate::facts::{Link, ServerName};
use crate::runbook::model::Command;

/// Commands that one server is asked about.
const MOST: usize = 500;

/// What was asked and answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Syntax {
    /// Servers that were asked since they came up
    asked: BTreeSet<ServerName>,
    /// What each server finds wrong with a text; none: nothing
    answers: BTreeMap<(ServerName, String), Option<String>>,
}

impl Engine {
    /// Asks the servers that came up for the commands of the steps that are not done.
    pub(super) fn ask_syntax(&mut self, out: &mut Vec<Effect>) {
        if self.session.closed.is_some() || self.read_only.is_some() || !self.runbook.strict {
            return;
        }
        let is_up = |name: &ServerName| self.server(name).is_some_and(|server| matches!(server.link, Link::Live { .. }));
        let up: BTreeSet<ServerName> =
            self.servers.iter().map(|server| &server.name).filter(|name| is_up(name)).cloned().collect();
        for server in up.difference(&self.syntax.asked) {
            let mut texts: Vec<&str> = Vec::new();
            let open = self.runbook.steps().filter(|(_, step)| !self.session.status(&step.id).is_done());
            for command in open.flat_map(|(_, step)| step.commands()).filter(|command| command.on.as_ref() == Some(server)) {
                let known = self.syntax.answers.contains_key(&(server.clone(), command.text.clone()));
                if !known && texts.len() < MOST && !texts.contains(&command.text.as_str()) {
                    texts.push(&command.text);
                }
            }
            out.extend(texts.into_iter().map(|text| Effect::Parse { server: server.clone(), script: text.to_owned() }));
        }
        self.syntax.asked = up;
    }

    /// A server has answered.
    pub(super) fn on_parsed(&mut self, server: ServerName, script: String, problem: Option<String>, out: &mut Vec<Effect>) {
        if let Some(problem) = &problem {
            let is_it = |command: &Command| command.on.as_ref() == Some(&server) && command.text == script;
            let step = self.runbook.steps().map(|(_, step)| step).find(|step| step.commands().any(is_it));
            let of = step.map(|step| format!(" of '{}'", step.title)).unwrap_or_default();
            out.push(Effect::Say(format!("PowerShell on {server} cannot read a command{of}: {problem}")));
        }
        self.syntax.answers.insert((server, script), problem);
    }

    /// What the server of a command finds wrong with its text, where it was asked.
    pub fn syntax_problem(&self, command: &Command) -> Option<&str> {
        self.syntax.answers.get(&(command.on.clone()?, command.text.clone()))?.as_deref()
    }
}
