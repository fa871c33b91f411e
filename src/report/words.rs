//! Values, sizes and moments as a report writes them: exact rather than short.

use chrono::SecondsFormat;

use crate::Time;
use crate::powershell::tree::{format_datetime, format_timespan};
use crate::powershell::{Record, Value};
use crate::session::event::{EndState, Outcome, Resolution};
use crate::session::state::StepStatus;

/// A value on one line; what was not observed says so.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "$null".to_owned(),
        Value::Bool(v) => if *v { "True" } else { "False" }.to_owned(),
        Value::Int(v) => v.to_string(),
        Value::Double(v) => v.to_string(),
        Value::Text(v) => v.clone(),
        Value::Version(v) => v.to_string(),
        Value::TimeSpan(v) => format_timespan(*v),
        Value::DateTime(v) => format_datetime(*v),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(self::value).collect::<Vec<_>>().join(", "),
        Value::Object(record) => self::record(record),
        Value::Unknown(why) => format!("unknown: {why}"),
    }
}

/// `Name=contoso.com; Type=AD`.
fn record(record: &Record) -> String {
    record.iter().map(|(name, inner)| format!("{name}={}", value(inner))).collect::<Vec<_>>().join("; ")
}

/// `2026-11-21 03:00:00 UTC`.
pub(super) fn moment(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true).replace('T', " ").replace('Z', " UTC")
}

/// `0.4 s`, from milliseconds.
pub(super) fn milliseconds(ms: u64) -> String {
    crate::text::age::took(ms)
}

/// `1 byte`, `2 lines`.
pub(super) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// How a session ended.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::Aborted => "aborted",
        Outcome::RolledBack => "rolled back",
    }
}

/// How a command's end was seen.
pub(super) fn end_state(state: EndState) -> &'static str {
    match state {
        EndState::Completed => "ran to its end",
        EndState::Failed => "failed",
        EndState::Stopped => "was stopped",
        EndState::Refused => "was refused and never began",
        EndState::Interrupted => "was interrupted: its end was not seen",
    }
}

/// What became of an interrupted command.
pub(super) fn resolution(how: Resolution) -> &'static str {
    match how {
        Resolution::Finished => "it finished",
        Resolution::DidNotRun => "it did not run",
    }
}

/// Where a step stands.
pub(super) fn status(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Pending => "not begun",
        StepStatus::Open => "open",
        StepStatus::Confirmed => "confirmed",
        StepStatus::Waived => "confirmed with a WAIVER",
        StepStatus::Skipped => "does not apply",
        StepStatus::Reopened => "to be done again",
    }
}
