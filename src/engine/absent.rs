//! Optional roles that this session has no server in: their steps and phases do not apply, their commands do not exist, and
//! what reads their facts is Unknown with that reason.

use std::sync::Arc;

use super::Engine;
use crate::facts::{Server, ServerName};
use crate::powershell::Value;
use crate::runbook::ids::StepId;
use crate::runbook::model::{Block, Phase, Role, Runbook, Step};

impl Engine {
    /// The optional roles that this session has no server in.
    pub fn absent_roles(&self) -> impl Iterator<Item = &Role> {
        absent(&self.runbook, &self.servers)
    }

    /// Why a step does not apply in this session, where its role or its phase's has no server here.
    pub fn why_absent(&self, phase: &Phase, step: &Step) -> Option<String> {
        self.why_phase_absent(phase).or_else(|| self.no_server_in(step.on.as_ref()?))
    }

    /// Whether a step does not apply for that reason.
    pub fn is_absent(&self, step: &StepId) -> bool {
        self.step_of(step).is_some_and(|(phase, step)| self.why_absent(phase, step).is_some())
    }

    /// The same of a whole phase.
    pub fn why_phase_absent(&self, phase: &Phase) -> Option<String> {
        self.no_server_in(phase.on.as_ref()?)
    }

    fn no_server_in(&self, role: &ServerName) -> Option<String> {
        self.absent_roles().find(|absent| absent.name == *role).map(words)
    }

    /// Why a fact or a value of `$Run` that begins with this name cannot be known here.
    pub(super) fn no_server_named(&self, name: &str) -> Option<String> {
        self.absent_roles().find(|absent| absent.name.as_str().eq_ignore_ascii_case(name)).map(words)
    }

    /// The variables of the absent roles: Unknown, with the reason.
    pub(super) fn with_absent(&self, mut tree: Value) -> Value {
        if let Value::Object(variables) = &mut tree {
            for role in self.absent_roles() {
                variables.set(role.name.to_string(), Value::Unknown(words(role)));
            }
        }
        tree
    }
}

fn absent<'a>(runbook: &'a Runbook, servers: &'a [Server]) -> impl Iterator<Item = &'a Role> {
    runbook.roles.iter().filter(|role| role.optional && !servers.iter().any(|server| server.name == role.name))
}

fn words(role: &Role) -> String {
    let title = if role.title == role.name.as_str() { String::new() } else { format!(" ({})", role.title) };
    format!("this session has no server in the role '{}'{title}", role.name)
}

/// The runbook for these servers: in a step that applies, a command on an absent role does not exist.
pub(super) fn runbook_for(runbook: Arc<Runbook>, servers: &[Server]) -> Arc<Runbook> {
    let absent: Vec<ServerName> = absent(&runbook, servers).map(|role| role.name.clone()).collect();
    if absent.is_empty() {
        return runbook;
    }
    let mut runbook = Arc::unwrap_or_clone(runbook);
    let is_absent = |on: &Option<ServerName>| on.as_ref().is_some_and(|on| absent.contains(on));
    for phase in runbook.phases.iter_mut().filter(|phase| !is_absent(&phase.on)) {
        for step in phase.steps.iter_mut().filter(|step| !is_absent(&step.on)) {
            step.blocks.retain(|block| !matches!(block, Block::Command(command) if is_absent(&command.on)));
        }
    }
    Arc::new(runbook)
}
