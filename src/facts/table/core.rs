//! The group `core`: scheduler, service, wizard, version. Read every few seconds and never queued behind another group.

use super::fact::Kind::{Bool, DateTime, Text, TimeSpan, Version};
use super::fact::{Fact, Kind};
use crate::rb1::Group;

const fn row(path: &'static str, kind: Kind, source: &'static str, text: &'static str) -> Fact {
    Fact::read(Group::Core, &[Group::Core], path, kind, source, text)
}

const fn scheduler(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    row(path, kind, "Get-ADSyncScheduler", text)
}

pub(super) static ROWS: &[&[Fact]] = &[
    &[
        row("Host", Text, "computer name", "The server's computer name"),
        row("Domain", Text, "computer system", "The Active Directory domain it is joined to").or_null(),
        row("Now", DateTime, "[DateTime]::UtcNow", "The server's own clock, as the server says it").unmoved(),
        row("BootTime", DateTime, "operating system", "When Windows was started"),
        row("Installed", Bool, "service and module", "Whether the product is there (service and module)"),
        row("Version", Version, "miiserver.exe file version", "Version of the product, not of the module"),
        Fact::derived(
            Group::Core,
            &[Group::Core],
            "Idle",
            Bool,
            "two successive readings",
            "No cycle in progress and no run status, twice in a row",
        ),
        row("Service.Status", Text, "Get-Service ADSync", "Running, Stopped, StartPending or StopPending"),
        row("Service.StartType", Text, "Get-Service ADSync", "Automatic, Manual or Disabled"),
    ],
    &[
        scheduler("Scheduler.AllowedSyncCycleInterval", TimeSpan, "Shortest interval that the tenant allows"),
        scheduler(
            "Scheduler.CurrentlyEffectiveSyncCycleInterval",
            TimeSpan,
            "Interval in use: the customised one, where allowed",
        ),
        scheduler("Scheduler.CustomizedSyncCycleInterval", TimeSpan, "Interval set by an administrator; null where unset")
            .or_null(),
        scheduler("Scheduler.NextSyncCyclePolicyType", Text, "What the next cycle does: Delta or Initial"),
        scheduler(
            "Scheduler.NextSyncCycleStartTimeInUTC",
            DateTime,
            "When the next cycle is due; stays in the past while one runs",
        )
        .or_null(),
        scheduler("Scheduler.PurgeRunHistoryInterval", TimeSpan, "How long the run history is kept"),
        scheduler("Scheduler.SyncCycleEnabled", Bool, "Whether the scheduler starts cycles by itself"),
        scheduler("Scheduler.MaintenanceEnabled", Bool, "Whether keys and certificates are renewed and history is purged"),
        scheduler("Scheduler.StagingModeEnabled", Bool, "In staging mode: imports and synchronises, exports nothing"),
        scheduler("Scheduler.SchedulerSuspended", Bool, "Suspended by set-up or an upgrade"),
        scheduler("Scheduler.SyncCycleInProgress", Bool, "Whether a cycle of the scheduler runs"),
    ],
    &[
        row("ConnectorRunStatus[].ConnectorName", Text, "Get-ADSyncConnectorRunStatus", "A connector that runs a step now"),
        row("ConnectorRunStatus[].RunState", Text, "Get-ADSyncConnectorRunStatus", "What it is doing, such as Busy"),
        row("Wizard.Open", Bool, "process AzureADConnect.exe", "Whether the wizard is open: no cycle starts meanwhile"),
        row("Wizard.User", Text, "process AzureADConnect.exe", "Who has it open").or_null(),
        row("Wizard.SessionState", Text, "session of the process", "Active, or Disc where the session is disconnected").or_null(),
        row("Wizard.Since", DateTime, "process AzureADConnect.exe", "Since when").or_null(),
        row("SynchronizationServiceManager.Open", Bool, "process miisclient.exe", "Whether the Service Manager is open"),
        row("SynchronizationServiceManager.User", Text, "process miisclient.exe", "Who has it open").or_null(),
    ],
];
