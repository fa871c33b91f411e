//! What of a server is worth an event when it changes: role, scheduler settings, service, wizard, version, connection.
//! What changes by itself all the time (cycles, next start) is not.

use super::differ::differs;
use super::server::{Link, Server};
use crate::powershell::Value;
use crate::rb1::Group;

/// The watched paths with their groups, in the order they are told.
const WATCHED: [(Group, &str); 20] = [
    (Group::Core, "Host"),
    (Group::Core, "Installed"),
    (Group::Core, "Version"),
    (Group::Core, "BootTime"),
    (Group::Core, "Service.Status"),
    (Group::Core, "Service.StartType"),
    (Group::Core, "Scheduler.StagingModeEnabled"),
    (Group::Core, "Scheduler.SyncCycleEnabled"),
    (Group::Core, "Scheduler.SchedulerSuspended"),
    (Group::Core, "Scheduler.MaintenanceEnabled"),
    (Group::Core, "Scheduler.AllowedSyncCycleInterval"),
    (Group::Core, "Scheduler.CustomizedSyncCycleInterval"),
    (Group::Core, "Scheduler.PurgeRunHistoryInterval"),
    (Group::Core, "Scheduler.NextSyncCyclePolicyType"),
    (Group::Core, "Wizard.Open"),
    (Group::Core, "Wizard.User"),
    (Group::Core, "Wizard.SessionState"),
    (Group::Core, "SynchronizationServiceManager.Open"),
    (Group::Configuration, "AutoUpgrade.State"),
    (Group::Configuration, "DeletionThreshold"),
];

/// What changed from one look at a server to the next: path, value before (none at the first reading), value now.
///
/// Only known values count: a reading that failed changes no fact. The connection is told as `Reachable`.
pub fn changes(old: &Server, new: &Server) -> Vec<(String, Option<Value>, Value)> {
    let value = |server: &Server, group: Group, path: &str| {
        server
            .groups
            .get(&group)
            .and_then(|state| state.last.as_ref()?.values.at(path).cloned())
            .filter(|value| !value.is_unknown())
    };
    let facts = WATCHED.iter().filter_map(|(group, path)| {
        let (from, to) = (value(old, *group, path), value(new, *group, path)?);
        let changed = match &from {
            None => true,
            Some(from) => is_change(path, from, &to),
        };
        changed.then(|| ((*path).to_owned(), from, to))
    });
    connection(old, new).into_iter().chain(facts).collect()
}

/// Whether a watched value says something else than before.
pub fn is_change(path: &str, from: &Value, to: &Value) -> bool {
    if path == "BootTime" { is_another_boot(from, to) } else { differs([Some(from), Some(to)]) }
}

/// A boot time wanders with the measured skew; a restart moves it by more than a minute.
fn is_another_boot(from: &Value, to: &Value) -> bool {
    match (from.as_time(), to.as_time()) {
        (Some(from), Some(to)) => to.signed_duration_since(from).num_seconds().abs() > 60,
        _ => true,
    }
}

fn connection(old: &Server, new: &Server) -> Option<(String, Option<Value>, Value)> {
    let live = |server: &Server| match server.link {
        Link::Live { .. } => Some(true),
        Link::Lost { .. } | Link::Refused { .. } => Some(false),
        Link::Idle | Link::Starting { .. } => None,
    };
    // A restart of an agent passes through Starting: what counts is what it comes from and what becomes of it.
    let (from, to) = (live(old), live(new)?);
    (from != Some(to)).then(|| ("Reachable".to_owned(), from.map(Value::Bool), Value::Bool(to)))
}
