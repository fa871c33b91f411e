//! Where a fact of the tree comes from: its server, and when its groups were read.

use crate::Time;
use crate::facts::table::{Names, resolve};
use crate::powershell::{Record, Value};

/// Variables that are not roles.
const FIXED: &[&str] = &["servers", "pair", "tenant", "findings", "inputs", "forms", "results", "step"];

/// The servers of a tree by role, with the variables that hold them.
fn servers(tree: &Value) -> impl Iterator<Item = (&str, &Record)> {
    let variables = tree.as_object().into_iter().flat_map(Record::iter);
    variables
        .filter(|(name, _)| !FIXED.iter().any(|fixed| fixed.eq_ignore_ascii_case(name)))
        .filter_map(|(name, value)| Some((name, value.as_object()?)))
}

/// The first name of `$old.Scheduler.StagingModeEnabled`.
fn root(path: &str) -> &str {
    path.trim_start_matches('$').split(['.', '[']).next().unwrap_or_default()
}

/// The name of the server whose fact a path is: its `Host`, else its role.
pub(super) fn server(tree: &Value, path: &str) -> Option<String> {
    let (role, facts) = servers(tree).find(|(role, _)| role.eq_ignore_ascii_case(root(path)))?;
    Some(facts.get("Host").and_then(Value::as_text).unwrap_or(role).to_owned())
}

/// When facts were read, as a tree itself says by the `$read` beside each server's facts.
pub struct ReadTimes<'t> {
    servers: Vec<(&'t str, &'t Record)>,
    names: Names,
}

impl<'t> ReadTimes<'t> {
    /// Those of a tree.
    pub fn of(tree: &'t Value) -> Self {
        let servers: Vec<_> = servers(tree).collect();
        let names = Names { roles: servers.iter().map(|(role, _)| (*role).to_owned()).collect(), ..Names::default() };
        Self { servers, names }
    }

    /// When the groups of a path were read: of several groups or servers the oldest.
    pub fn read_at(&self, path: &str) -> Option<Time> {
        let one = self.servers.iter().find(|(role, _)| role.eq_ignore_ascii_case(root(path)));
        let groups = resolve(path, &self.names).ok()?.groups;
        let asked = self.servers.iter().filter(|(role, _)| one.is_none_or(|(one, _)| one == role));
        let times = asked.flat_map(|(_, facts)| {
            let read = facts.get("$read").and_then(Value::as_object);
            groups.iter().filter_map(move |group| read?.get(group.name())?.as_time())
        });
        times.min()
    }
}
