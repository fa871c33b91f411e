//! What servers and commands are called in messages.

use super::Engine;
use crate::facts::{Link, ServerName};
use crate::powershell::Value;
use crate::session::state::RunState;

impl Engine {
    /// A server's computer name: as it says itself, else as the journal has it, else the host in its target, else its role.
    /// It is the server's own word: not safe to draw.
    pub fn machine(&self, name: &ServerName) -> String {
        let text = |value: &Value| value.as_text().map(ToOwned::to_owned);
        let server = self.server(name);
        let linked = || match &server?.link {
            Link::Live { machine, .. } => Some(machine.clone()),
            _ => None,
        };
        let recorded = || text(&self.session.observed.get(name)?.get("Host")?.value);
        let target = || server.map(|server| host_of(&server.target).to_owned());
        let told = text(&self.value(&format!("{name}.Host")));
        let some = |text: &String| !text.is_empty();
        let known = told.filter(some).or_else(|| linked().filter(some)).or_else(|| recorded().filter(some));
        known.or_else(|| target().filter(some)).unwrap_or_else(|| name.to_string())
    }

    /// `command 2 on EC01`, or `the command on EC01` where its step has no other.
    pub fn command_words(&self, run: &RunState) -> String {
        let approved = &run.approved;
        let commands = self.step_of(&approved.step).map(|(_, step)| Self::commands_of(step).map(|command| &command.id));
        let ids: Vec<_> = commands.into_iter().flatten().collect();
        let on = self.machine(&approved.server);
        match ids.iter().position(|id| **id == approved.command).filter(|_| ids.len() > 1) {
            Some(place) => format!("command {} on {on}", place + 1),
            None => format!("the command on {on}"),
        }
    }
}

/// The host of a target: `ssh://anna@ec01?agent=x` is `ec01`.
fn host_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let rest = rest.split(['?', '/']).next().unwrap_or(rest);
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if target.starts_with("lab:") || host == "local" { "" } else { host }
}
