//! The run history and what is derived from it, events, and password hash synchronisation.

use super::fact::Kind::{Bool, DateTime, Int, Object, Text};
use super::fact::{Fact, Kind};
use crate::rb1::Group;

/// The rows of one entry of the run history, below a prefix; `$make` is [`Fact::read`] or [`Fact::derived`].
macro_rules! run_entry {
    ($make:path, $needs:expr, $prefix:literal) => {
        [
            run_entry!(@ $make, $needs, concat!($prefix, ".RunNumber"), Kind::Int, "Number of the run"),
            run_entry!(@ $make, $needs, concat!($prefix, ".ConnectorName"), Kind::Text, "The connector that ran"),
            run_entry!(@ $make, $needs, concat!($prefix, ".RunProfileName"), Kind::Text, "Such as Delta Import or Export"),
            run_entry!(@ $make, $needs, concat!($prefix, ".Result"), Kind::Text, "Such as success or stopped-server-down"),
            run_entry!(@ $make, $needs, concat!($prefix, ".StartDate"), Kind::DateTime, "When it began"),
            run_entry!(@ $make, $needs, concat!($prefix, ".EndDate"), Kind::DateTime, "When it ended; null while it runs").or_null(),
            run_entry!(@ $make, $needs, concat!($prefix, ".Username"), Kind::Text, "Who started it").or_null(),
            run_entry!(@ $make, $needs, concat!($prefix, ".IsRunComplete"), Kind::Bool, "Whether every step of it is over"),
            run_entry!(@ $make, $needs, concat!($prefix, ".Adds"), Kind::Int, "Objects added"),
            run_entry!(@ $make, $needs, concat!($prefix, ".Updates"), Kind::Int, "Objects updated"),
            run_entry!(@ $make, $needs, concat!($prefix, ".Renames"), Kind::Int, "Objects renamed"),
            run_entry!(@ $make, $needs, concat!($prefix, ".Deletes"), Kind::Int, "Objects deleted"),
            run_entry!(@ $make, $needs, concat!($prefix, ".Failures"), Kind::Int, "Objects that failed"),
            run_entry!(@ $make, $needs, concat!($prefix, ".ErrorTypes[]"), Kind::Text, "Why objects failed, each reason once: permission-issue, …"),
        ]
    };
    (@ $make:path, $needs:expr, $path:expr, $kind:expr, $text:literal) => {
        $make(crate::rb1::Group::Runs, $needs, $path, $kind, "Get-ADSyncRunProfileResult", $text)
    };
}
pub(super) use run_entry;

const fn derived(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    Fact::derived(Group::Runs, &[Group::Runs, Group::Statistics], path, kind, "RunHistory", text)
}

/// A cycle is known to be over only by the scheduler's word.
const fn cycle(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    Fact::derived(Group::Runs, &[Group::Core, Group::Runs], path, kind, "event 904, else RunHistory", text)
}

const fn event(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    Fact::read(Group::Events, &[Group::Events], path, kind, "Get-WinEvent", text)
}

const fn passwords(path: &'static str, kind: Kind, source: &'static str, text: &'static str) -> Fact {
    Fact::read(Group::Passwords, &[Group::Passwords], path, kind, source, text)
}

pub(super) static ROWS: &[&[Fact]] = &[
    &run_entry!(Fact::read, &[Group::Runs], "RunHistory[]"),
    &[
        Fact::read(
            Group::Runs,
            &[Group::Runs],
            "RunHistoryBegins",
            DateTime,
            "Get-ADSyncRunProfileResult",
            "Start of the oldest entry that the server still has",
        )
        .or_null(),
        derived("LastExport", Object, "Newest export of the Entra connector; null where there never was one").or_null(),
    ],
    &run_entry!(Fact::derived, &[Group::Runs, Group::Statistics], "LastExport"),
    &[
        cycle("LastCycle.StartDate", DateTime, "When the newest complete cycle began"),
        cycle("LastCycle.EndDate", DateTime, "When it ended"),
        cycle("LastCycle.PolicyType", Text, "Delta or Initial"),
        cycle("LastCycle.Succeeded", Bool, "Whether every run of it went through"),
        derived("LastDeltaSync", DateTime, "Each connector's newest delta synchronization that went through, the oldest of them"),
        derived("LastFullSync", DateTime, "The same of full synchronizations"),
        derived("LastFullImport", DateTime, "The same of full imports"),
        Fact::read(
            Group::Runs,
            &[Group::Core, Group::Runs],
            "StagingSince",
            DateTime,
            "audit event or Applied-SynchronizationPolicy-* file, else the session's own record",
            "When it went into staging; null where it is not in staging",
        )
        .or_null(),
    ],
    &[
        passwords(
            "PasswordHashSync.Enabled",
            Bool,
            "Get-ADSyncAADPasswordSyncConfiguration",
            "Whether password hashes are synchronised",
        ),
        passwords(
            "PasswordHashSync.LastSuccess",
            DateTime,
            "Get-ADSyncPartitionPasswordSyncState",
            "Last successful cycle, the oldest over the partitions",
        )
        .or_null(),
        passwords("PasswordHashSync.LastStatus", Text, "Get-ADSyncPartitionPasswordSyncState", "Status of the last cycle")
            .or_null(),
    ],
    &[
        event("Events[].TimeCreated", DateTime, "When it was logged"),
        event("Events[].ProviderName", Text, "Its source, such as ADSync"),
        event("Events[].Id", Int, "Its number, without facility bits"),
        event("Events[].Level", Text, "Information, Warning or Error"),
        event("Events[].Message", Text, "What it says"),
    ],
];
