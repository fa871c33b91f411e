//! What `status --watch` tells: values that changed, and findings that came or went.

use crate::facts::{Server, changes};
use crate::health::Finding;
use crate::powershell::Value;
use crate::powershell::format::to_text;
use crate::rb1::Group;
use crate::report::status::Status;

/// A look, kept to compare the next one with.
pub(super) struct Seen {
    servers: Vec<Server>,
    findings: Vec<Finding>,
}

impl Seen {
    pub(super) fn of(servers: &[Server], status: &Status<'_>) -> Self {
        Self { servers: servers.to_vec(), findings: status.findings().into_iter().cloned().collect() }
    }

    /// What is another since then, a line each.
    pub(super) fn since(&self, before: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for (old, new) in before.servers.iter().zip(&self.servers) {
            let name =
                if new.title() == new.name.as_str() { new.name.to_string() } else { format!("{} {}", new.name, new.title()) };
            let cycle = cycle(new).filter(|now| cycle(old).is_some_and(|then| then != *now));
            let cycle = cycle.map(|now| ("Scheduler.SyncCycleInProgress".to_owned(), Some(!now), now));
            let cycle = cycle.map(|(path, from, to)| (path, from.map(Value::Bool), Value::Bool(to)));
            for (path, from, to) in changes(old, new).into_iter().chain(cycle) {
                let from = from.map_or_else(String::new, |from| format!("{} -> ", shown(&from)));
                lines.push(format!("{name}: {path} {from}{}", shown(&to)));
            }
        }
        let told = |all: &[Finding], one: &Finding| all.iter().any(|other| other.id == one.id && other.text == one.text);
        let fires = self.findings.iter().filter(|one| !told(&before.findings, one));
        lines.extend(fires.map(|one| format!("{}: {} ({})", one.severity, one.words(), one.id)));
        let over = before.findings.iter().filter(|one| !self.findings.iter().any(|other| other.id == one.id));
        lines.extend(over.map(|one| format!("no longer: {}", one.id)));
        lines
    }
}

fn shown(value: &Value) -> String {
    if matches!(value, Value::Null) { "none".to_owned() } else { to_text(value) }
}

fn cycle(server: &Server) -> Option<bool> {
    let core = server.groups.get(&Group::Core)?.last.as_ref()?;
    core.values.get("Scheduler")?.at("SyncCycleInProgress").and_then(Value::as_bool)
}
