//! Where a fact of the tree comes from: its server, and when its groups were read.

use crate::Time;
use crate::facts::table::{Names, resolve};
use crate::powershell::{Record, Value};

/// Variables that are not roles.
const FIXED: &[&str] = &["servers", "pair", "tenant", "findings", "inputs", "forms", "results", "step"];

/// The servers of a tree, by role.
pub(super) struct Provenance<'t> {
    servers: Vec<(&'t str, &'t Record)>,
    names: Names,
}

impl<'t> Provenance<'t> {
    pub(super) fn of(tree: &'t Value) -> Self {
        let variables = tree.as_object().into_iter().flat_map(Record::iter);
        let servers: Vec<_> = variables
            .filter(|(name, _)| !FIXED.iter().any(|fixed| fixed.eq_ignore_ascii_case(name)))
            .filter_map(|(name, value)| Some((name, value.as_object()?)))
            .collect();
        let names = Names { roles: servers.iter().map(|(role, _)| (*role).to_owned()).collect(), ..Names::default() };
        Self { servers, names }
    }

    /// When the groups of a path were read, the oldest of them, and on which server where it is one.
    pub(super) fn find(&self, path: &str) -> (Option<Time>, Option<String>) {
        let root = path.trim_start_matches('$').split(['.', '[']).next().unwrap_or_default();
        let server = self.servers.iter().find(|(role, _)| role.eq_ignore_ascii_case(root));
        let groups = resolve(path, &self.names).map(|resolved| resolved.groups).unwrap_or_default();
        let asked = self.servers.iter().filter(|(role, _)| server.is_none_or(|(one, _)| one == role));
        let reads = asked.flat_map(|(_, facts)| {
            let read = facts.get("$read").and_then(Value::as_object);
            groups.iter().filter_map(move |group| read?.get(group.name())?.as_time())
        });
        let host = server.map(|(role, facts)| facts.get("Host").and_then(Value::as_text).unwrap_or(role).to_owned());
        (reads.min(), host)
    }
}
