//! The rows of the table of servers: which facts, in which order, and their words.

use crate::facts::fresh::{Freshness, Policy};
use crate::facts::snapshot::NOT_INSTALLED;
use crate::facts::{Server, words as said};
use crate::powershell::Value;
use crate::rb1::Group;
use crate::text::Safe;
use crate::ui::values;
use crate::ui::view::View;

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// One of the scheduler's eleven properties.
    Scheduler(&'static str),
    /// `SyncCycleInProgress`, with what runs.
    Cycle,
    /// When the next cycle begins, and of which policy.
    NextCycle,
    /// What the scheduler goes by now.
    Interval,
    /// The newest export to the tenant.
    LastExport,
    /// What waits to be exported to the tenant.
    PendingExports,
    /// The product's version.
    Version,
    /// The Windows service.
    Service,
    /// The wizard and who has it open.
    Wizard,
    /// The clock against the console's.
    Clock,
    /// Which of the compared rows differ.
    Differs,
    /// The connection.
    Connection,
}

use Row::{
    Clock, Connection, Cycle, Differs, Interval, LastExport, NextCycle, PendingExports, Scheduler, Service, Version, Wizard,
};

const TINY: &[Row] = &[Differs, NextCycle, Connection];
const SMALL: &[Row] = &[Scheduler("StagingModeEnabled"), Scheduler("SyncCycleEnabled"), Cycle, NextCycle, Version, Connection];
const MIDDLE: &[Row] = &[
    Scheduler("StagingModeEnabled"),
    Scheduler("SyncCycleEnabled"),
    Cycle,
    Scheduler("SchedulerSuspended"),
    NextCycle,
    Interval,
    LastExport,
    PendingExports,
    Version,
    Connection,
];
const ALL: &[Row] = &[
    Scheduler("AllowedSyncCycleInterval"),
    Scheduler("CurrentlyEffectiveSyncCycleInterval"),
    Scheduler("CustomizedSyncCycleInterval"),
    Scheduler("NextSyncCyclePolicyType"),
    Scheduler("NextSyncCycleStartTimeInUTC"),
    Scheduler("PurgeRunHistoryInterval"),
    Scheduler("SyncCycleEnabled"),
    Scheduler("MaintenanceEnabled"),
    Scheduler("StagingModeEnabled"),
    Scheduler("SchedulerSuspended"),
    Cycle,
    NextCycle,
    LastExport,
    PendingExports,
    Service,
    Wizard,
    Version,
    Clock,
    Connection,
];

/// The rows for a terminal of that height, or for the servers alone on it.
pub(super) fn for_height(height: u16, zoomed: bool) -> &'static [Row] {
    match height {
        _ if zoomed => ALL,
        ..20 => TINY,
        20..30 => SMALL,
        30..50 => MIDDLE,
        50.. => ALL,
    }
}

/// What a value is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    Known,
    Late,
    /// There is nothing to be known: the product is not there.
    Nothing,
    Unknown,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) worth: Worth,
}

impl Cell {
    pub(super) fn known(text: impl Into<String>) -> Self {
        Self { text: text.into(), worth: Worth::Known }
    }

    pub(super) fn late(text: impl Into<String>) -> Self {
        Self { text: text.into(), worth: Worth::Late }
    }

    pub(super) fn doubtful(text: impl Into<String>) -> Self {
        Self { text: text.into(), worth: Worth::Unknown }
    }

    pub(super) fn unknown(why: &str) -> Self {
        if why == NOT_INSTALLED {
            return Self { text: "-".to_owned(), worth: Worth::Nothing };
        }
        Self::doubtful(format!("unknown, {}", Safe::line(why)))
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Unknown(why) => Self::unknown(why),
            value => Self::known(values::words(value)),
        }
    }

    /// Two known values that are not the same.
    pub(super) fn differs(&self, other: &Self) -> bool {
        let told = |cell: &Self| matches!(cell.worth, Worth::Known | Worth::Late);
        told(self) && told(other) && self.text != other.text
    }
}

impl Row {
    /// What stands at its beginning.
    pub(super) fn label(self) -> &'static str {
        match self {
            Scheduler(name) => name,
            Cycle => "SyncCycleInProgress",
            NextCycle => "next cycle",
            Interval => "effective interval",
            LastExport => "last export",
            PendingExports => "pending exports",
            Version => "Version",
            Service => "service",
            Wizard => "wizard",
            Clock => "clock",
            Differs => "differs",
            Connection => "connection",
        }
    }

    /// Whether a difference between two servers means something.
    pub(super) fn compares(self) -> bool {
        match self {
            Scheduler(name) => name != "NextSyncCycleStartTimeInUTC",
            Interval | Version | Service => true,
            _ => false,
        }
    }

    pub(super) fn cell(self, view: &View, server: &Server, policy: &Policy) -> Cell {
        let fact = |path: &str| view.fact(&server.name, path);
        match self {
            Connection => super::connection(view, server, policy),
            Differs => differs(view, server, policy),
            LastExport => last_export(view, &fact("LastExport"), &fact("Scheduler.StagingModeEnabled")),
            PendingExports => pending(&fact("PendingExports")),
            _ => match server.freshness(Group::Core, view.pictured(), policy) {
                // What went wrong last says more than how long ago it went well, which the connection says.
                Freshness::Unknown(why) => Cell::unknown(failure(server).unwrap_or(&why)),
                Freshness::Fresh(reading) => self.core(view, server, &reading.values),
                Freshness::Late(reading, _) => {
                    let cell = self.core(view, server, &reading.values);
                    if cell.worth == Worth::Known { Cell::late(cell.text) } else { cell }
                }
            },
        }
    }

    /// A cell from a reading of `core`.
    fn core(self, view: &View, server: &Server, core: &crate::powershell::Record) -> Cell {
        let at = |object: &str, name: &str| {
            let value =
                core.get(object).map(|object| if object.is_unknown() { object } else { object.at(name).unwrap_or(object) });
            value.cloned().unwrap_or_else(|| Value::unknown("not read"))
        };
        match self {
            Scheduler(name) => Cell::of(&at("Scheduler", name)),
            Interval => Cell::of(&at("Scheduler", "CurrentlyEffectiveSyncCycleInterval")),
            Cycle => cycle(&at("Scheduler", "SyncCycleInProgress"), core.get("ConnectorRunStatus")),
            NextCycle => next_cycle(view, &at),
            // Said once, in the row where one looks for it; the other rows have nothing to tell then.
            Version if core.get("Installed") == Some(&Value::Bool(false)) => Cell::known("not installed"),
            Version => Cell::of(core.get("Version").unwrap_or(&Value::unknown("not read"))),
            Service => Cell::of(&at("Service", "Status")),
            Wizard => wizard(&at("Wizard", "Open"), &at("Wizard", "User")),
            Clock => Cell::known(server.skew.map_or_else(
                || "not measured yet".to_owned(),
                |skew| match skew.offset.num_seconds() {
                    0 => "as here".to_owned(),
                    ahead @ 1.. => format!("{ahead} s ahead"),
                    behind => format!("{} s behind", -behind),
                },
            )),
            LastExport | PendingExports | Differs | Connection => Cell::known(""),
        }
    }
}

/// Why the newest request for `core` was not answered.
fn failure(server: &Server) -> Option<&str> {
    server.groups.get(&Group::Core)?.failed.as_ref().map(|failure| failure.why.as_str())
}

/// `True, contoso.com Import`
fn cycle(in_progress: &Value, runs: Option<&Value>) -> Cell {
    let mut cell = Cell::of(in_progress);
    let first = runs.and_then(Value::as_array).and_then(<[Value]>::first);
    let text =
        |name: &str| first.and_then(|run| run.at(name)).and_then(Value::as_text).map(|text| Safe::line(text).into_string());
    if let (Some(connector), Some(state)) = (text("ConnectorName"), text("RunState")) {
        cell.text = format!("{}, {connector} {state}", cell.text);
    }
    cell
}

/// `Delta in 12 min, 22:53 UTC`, or why there is none.
fn next_cycle(view: &View, at: &dyn Fn(&str, &str) -> Value) -> Cell {
    let scheduler = |name: &str| at("Scheduler", name);
    if scheduler("SyncCycleInProgress") == Value::Bool(true) {
        return Cell::known("running");
    }
    if scheduler("SchedulerSuspended") == Value::Bool(true) {
        return Cell::known("none, suspended");
    }
    if scheduler("SyncCycleEnabled") == Value::Bool(false) {
        return Cell::known("none, not enabled");
    }
    match (scheduler("NextSyncCyclePolicyType"), scheduler("NextSyncCycleStartTimeInUTC")) {
        (Value::Text(policy), Value::DateTime(start)) => {
            let left = view.clock.left(start, crate::text::age::Pace::Calm);
            let when = left.map_or_else(|| "due".to_owned(), |left| format!("in {left}"));
            let at = crate::text::age::minute_utc(start);
            Cell::known(if view.app.size.0 < 100 { format!("{policy} {when}") } else { format!("{policy} {when}, {at}") })
        }
        (_, Value::Unknown(why)) => Cell::unknown(&why),
        _ => Cell::unknown("the scheduler did not say"),
    }
}

/// `success, 18 min ago, 3 updates`
fn last_export(view: &View, export: &Value, staging: &Value) -> Cell {
    let of = |name: &str| export.at(name);
    match export {
        Value::Unknown(why) => Cell::unknown(why),
        Value::Null if staging == &Value::Bool(true) => Cell::known("none in staging"),
        Value::Null => Cell::known("none"),
        _ => {
            let result = of("Result").map(values::words).unwrap_or_default();
            let end = of("EndDate").or_else(|| of("StartDate")).and_then(Value::as_time);
            let when = end.map(|end| format!(", {}", view.clock.ago(end))).unwrap_or_default();
            let counts = ["Adds", "Updates", "Deletes"].map(|name| (of(name).and_then(Value::as_int).unwrap_or_default(), name));
            let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| {
                let one = name.to_lowercase();
                said::count(*count, one.trim_end_matches('s'))
            });
            let counts: Vec<String> = counts.collect();
            let counts = if counts.is_empty() { "no changes".to_owned() } else { counts.join(", ") };
            Cell::known(format!("{result}{when}, {counts}"))
        }
    }
}

/// `2 updates, 0 deletes`
fn pending(pending: &Value) -> Cell {
    match pending {
        Value::Unknown(why) => Cell::unknown(why),
        _ if pending.at("Total") == Some(&Value::Int(0)) => Cell::known("0"),
        _ => {
            let unknown = ["Adds", "Updates", "Deletes"].iter().find_map(|name| match pending.at(name) {
                Some(Value::Unknown(why)) => Some(why.clone()),
                _ => None,
            });
            unknown.map_or_else(|| Cell::known(changes(pending)), |why| Cell::unknown(&why))
        }
    }
}

fn changes(counts: &Value) -> String {
    let of = |name: &str| counts.at(name).and_then(Value::as_int).unwrap_or_default();
    let adds = if of("Adds") > 0 { format!("{}, ", said::count(of("Adds"), "add")) } else { String::new() };
    format!("{adds}{}, {}", said::count(of("Updates"), "update"), said::count(of("Deletes"), "delete"))
}

fn wizard(open: &Value, user: &Value) -> Cell {
    match (open, user.as_text()) {
        (Value::Bool(true), Some(user)) => Cell::known(format!("open, {}", Safe::line(user))),
        (Value::Bool(true), None) => Cell::known("open"),
        (Value::Bool(false), _) => Cell::known("closed"),
        (other, _) => Cell::of(other),
    }
}

/// On a small terminal: which compared rows are not as on the first server.
fn differs(view: &View, server: &Server, policy: &Policy) -> Cell {
    let Some(first) = view.servers().first().filter(|first| first.name != server.name) else { return Cell::known("") };
    let names: Vec<&str> = MIDDLE
        .iter()
        .filter(|row| row.compares() && row.cell(view, first, policy).differs(&row.cell(view, server, policy)))
        .map(|row| row.label())
        .collect();
    Cell::known(if names.is_empty() { "nothing".to_owned() } else { names.join(", ") })
}
