//! Facts that no agent sends: made here out of the groups that were read, by the rules of the table.

use chrono::TimeDelta;

use super::fresh::Policy;
use super::history::{History, Kind};
use super::server::Server;
use super::snapshot::Reading;
use super::table::ENTRA_CONNECTOR;
use crate::Time;
use crate::powershell::{Record, Value};
use crate::rb1::Group;

/// A server's groups as they count now: typed, and Unknown where they do not count.
pub(super) struct Groups {
    pub core: Record,
    pub runs: Record,
    pub statistics: Record,
    pub events: Record,
    pub passwords: Record,
    pub configuration: Record,
    pub host: Record,
}

/// `Idle`: no cycle in progress and no run status in two successive readings.
pub(super) fn of_core(server: &Server, now: Time, policy: &Policy) -> Record {
    let idle = match server.freshness(Group::Core, now, policy).known() {
        Err(why) => Value::Unknown(why),
        Ok(last) => match (quiet(last), &server.core_before) {
            (Err(why), _) => Value::Unknown(why),
            (Ok(false), _) => Value::Bool(false),
            (Ok(true), Some(before)) if follows(last, before, policy) => quiet(before).map_or_else(Value::Unknown, Value::Bool),
            (Ok(true), _) => Value::unknown("it takes two readings in a row, the second is to come"),
        },
    };
    Record::new().with("Idle", idle)
}

fn follows(last: &Reading, before: &Reading, policy: &Policy) -> bool {
    last.answered.signed_duration_since(before.answered) <= policy.intervals.get(Group::Core) * 3
}

fn quiet(core: &Reading) -> Result<bool, String> {
    let running = core.values.at("Scheduler.SyncCycleInProgress");
    match (running, core.values.get("ConnectorRunStatus")) {
        (Some(Value::Bool(true)), _) => Ok(false),
        (_, Some(Value::Array(busy))) if !busy.is_empty() => Ok(false),
        (Some(Value::Bool(false)), Some(Value::Array(_))) => Ok(true),
        (Some(Value::Unknown(why)), _) | (_, Some(Value::Unknown(why))) => Err(why.clone()),
        _ => Err("the scheduler was not read".to_owned()),
    }
}

/// `StagingSince`: null out of staging; else the server's own trace of the switch, else the session's record.
pub(super) fn staging_since(server: &Server, groups: &mut Groups) {
    let staging = groups.core.at("Scheduler.StagingModeEnabled");
    let since = match (staging, groups.runs.get("StagingSince")) {
        (Some(Value::Bool(false)), _) => Value::Null,
        (Some(Value::Unknown(why)), _) => Value::unknown(why.clone()),
        (_, Some(since @ Value::DateTime(_))) => since.clone(),
        _ => server.staging_since.map_or_else(|| Value::unknown("no trace of when it went into staging"), Value::DateTime),
    };
    groups.runs.set("StagingSince", since);
}

/// `LastExport`, `LastCycle`, `LastDeltaSync`, `LastFullSync`, `LastFullImport`.
pub(super) fn of_runs(server: &Server, now: Time, policy: &Policy, groups: &Groups) -> Record {
    let names = names(groups);
    let history = History::of(&groups.runs);
    let newest = |profile: &str| match (&history, &names) {
        (Ok(history), Ok(names)) => history.oldest_of_newest(profile, names),
        (Err(why), _) | (_, Err(why)) => Value::unknown(why.clone()),
    };
    Record::new()
        .with(
            "LastExport",
            entra(groups).map_or_else(Value::Unknown, |entra| last_run(history.as_ref(), entra.as_ref(), Kind::Export)),
        )
        .with("LastCycle", last_cycle(server, now, policy, groups, history.as_ref()))
        .with("LastDeltaSync", newest("Delta Synchronization"))
        .with("LastFullSync", newest("Full Synchronization"))
        .with("LastFullImport", newest("Full Import"))
}

fn last_cycle(server: &Server, now: Time, policy: &Policy, groups: &Groups, history: Result<&History<'_>, &String>) -> Record {
    let cycle = || {
        let core = server.freshness(Group::Core, now, policy).known()?;
        let history = history.map_err(Clone::clone)?;
        let running = match groups.core.at("Scheduler.SyncCycleInProgress") {
            Some(Value::Bool(running)) => *running,
            Some(Value::Unknown(why)) => return Err(why.clone()),
            _ => return Err("the scheduler was not read".to_owned()),
        };
        let events = groups.events.get("Events").and_then(Value::as_array).unwrap_or_default();
        history.last_cycle((running, core.answered), events).ok_or_else(|| "no complete cycle in the run history".to_owned())
    };
    match cycle() {
        Ok(cycle) => {
            Record::new().with("StartDate", cycle.start).with("EndDate", cycle.end).with("PolicyType", cycle.policy).with(
                "Succeeded",
                cycle.succeeded.map_or_else(|| Value::unknown("its runs are not in the run history"), Value::Bool),
            )
        }
        Err(why) => ["StartDate", "EndDate", "PolicyType", "Succeeded"]
            .into_iter()
            .map(|name| (name, Value::unknown(why.clone())))
            .collect(),
    }
}

/// `SinceDeltaSync` and `StagingFor`.
pub(super) fn spans(now: Time, groups: &Groups, of_runs: &Record) -> Record {
    let since = |value: Option<&Value>| match value {
        Some(Value::DateTime(then)) => Value::TimeSpan(now.signed_duration_since(*then).max(TimeDelta::zero())),
        Some(other) => other.clone(),
        None => Value::unknown("not read"),
    };
    Record::new()
        .with("SinceDeltaSync", since(of_runs.get("LastDeltaSync")))
        .with("StagingFor", since(groups.runs.get("StagingSince")))
}

/// `Connectors` with accounts and last runs, `EntraConnector`, `PendingExports`.
pub(super) fn of_connectors(groups: &Groups) -> Record {
    let history = History::of(&groups.runs);
    let connectors: Result<Vec<Record>, String> =
        connectors(groups).map(|all| all.map(|one| complete(one, groups, history.as_ref())).collect());
    let entra = match &connectors {
        Err(why) => Value::unknown(why.clone()),
        Ok(all) => all.iter().find(|one| is_entra(one)).cloned().into(),
    };
    let count = |name: &str| match (&entra, entra.at(name)) {
        (Value::Unknown(why), _) | (_, Some(Value::Unknown(why))) => Err(why.clone()),
        (_, Some(Value::Int(count))) => Ok(*count),
        _ => Err("there is no Entra connector".to_owned()),
    };
    let pending = |kinds: &[&str]| {
        let counts = kinds.iter().map(|kind| count(&format!("Statistics.Export{kind}"))).collect::<Result<Vec<_>, _>>();
        counts.map_or_else(Value::Unknown, |counts| Value::Int(counts.into_iter().fold(0, i64::saturating_add)))
    };
    let exports = Record::new()
        .with("Adds", pending(&["Adds"]))
        .with("Updates", pending(&["Updates"]))
        .with("Deletes", pending(&["Deletes"]))
        .with("Total", pending(&["Adds", "Updates", "Deletes"]));
    let all = connectors.map_or_else(Value::Unknown, |all| Value::Array(all.into_iter().map(Value::Object).collect()));
    Record::new().with("Connectors", all).with("EntraConnector", entra).with("PendingExports", exports)
}

/// A connector with what other groups know of it.
fn complete(connector: &Record, groups: &Groups, history: Result<&History<'_>, &String>) -> Record {
    let account = match groups.configuration.get("Connectors") {
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(Value::as_object)
            .find(|one| is_same(text(one, "Identifier"), text(connector, "Identifier")))
            .and_then(|one| one.get("Account").cloned())
            .unwrap_or_else(|| Value::unknown("the configuration does not name this connector")),
        Some(Value::Unknown(why)) => Value::unknown(why.clone()),
        _ => Value::unknown("configuration not read"),
    };
    connector
        .clone()
        .with("Account", account)
        .with("LastImport", last_run(history, Some(connector), Kind::Import))
        .with("LastSync", last_run(history, Some(connector), Kind::Sync))
        .with("LastExport", last_run(history, Some(connector), Kind::Export))
}

fn last_run(history: Result<&History<'_>, &String>, connector: Option<&Record>, kind: Kind) -> Value {
    match (history, connector.and_then(|connector| text(connector, "Name"))) {
        (Ok(history), Some(name)) => history.last(name, kind),
        (Err(why), _) => Value::unknown(why.clone()),
        (Ok(_), None) => Value::unknown("there is no such connector"),
    }
}

fn connectors(groups: &Groups) -> Result<impl Iterator<Item = &Record>, String> {
    match groups.statistics.get("Connectors") {
        Some(Value::Array(all)) => Ok(all.iter().filter_map(Value::as_object)),
        Some(Value::Unknown(why)) => Err(why.clone()),
        _ => Err("statistics not read".to_owned()),
    }
}

fn names(groups: &Groups) -> Result<Vec<String>, String> {
    connectors(groups)?
        .map(|connector| text(connector, "Name").map(str::to_owned).ok_or_else(|| "a connector's name was not read".to_owned()))
        .collect()
}

fn entra(groups: &Groups) -> Result<Option<Record>, String> {
    Ok(connectors(groups)?.find(|connector| is_entra(connector)).cloned())
}

/// Whether a connector is the one that exports to the tenant.
pub(super) fn is_entra(connector: &Record) -> bool {
    is_same(text(connector, "Identifier"), Some(ENTRA_CONNECTOR))
}

/// Guids come with or without braces, in any case.
fn is_same(a: Option<&str>, b: Option<&str>) -> bool {
    let bare = |text: &str| text.trim_matches(['{', '}']).to_ascii_lowercase();
    matches!((a, b), (Some(a), Some(b)) if bare(a) == bare(b))
}

fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_text)
}
