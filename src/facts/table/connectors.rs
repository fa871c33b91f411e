//! Connectors: what they are, what is pending in them, and when each ran last.

use super::fact::Kind::{Bool, Int, Object, Text};
use super::fact::{Fact, Kind};
use super::runs::run_entry;
use crate::rb1::Group;

/// A connector's last runs need the history and the connectors' names.
const HISTORY: &[Group] = &[Group::Runs, Group::Statistics];
const ACCOUNT: &[Group] = &[Group::Statistics, Group::Configuration];

/// The rows of one connector that `Get-ADSyncConnector` and its companions give; `$make` is [`Fact::read`] or
/// [`Fact::derived`].
macro_rules! connector {
    ($make:path, $prefix:literal) => {
        &[
            connector!(@ $make, concat!($prefix, ".Name"), Text, "Get-ADSyncConnector", "Its name: the forest's, or the tenant's"),
            connector!(@ $make, concat!($prefix, ".Identifier"), Text, "Get-ADSyncConnector", "Its own Guid, different on every server but for Entra's"),
            connector!(@ $make, concat!($prefix, ".Type"), Text, "Get-ADSyncConnector", "AD or Extensible2"),
            connector!(@ $make, concat!($prefix, ".Subtype"), Text, "Get-ADSyncConnector", "Its subtype, such as Windows Azure Active Directory (Microsoft)").or_null(),
            connector!(@ $make, concat!($prefix, ".Statistics.ExportAdds"), Int, "Get-ADSyncConnectorStatistics", "Pending exports that add"),
            connector!(@ $make, concat!($prefix, ".Statistics.ExportUpdates"), Int, "Get-ADSyncConnectorStatistics", "Pending exports that update"),
            connector!(@ $make, concat!($prefix, ".Statistics.ExportDeletes"), Int, "Get-ADSyncConnectorStatistics", "Pending exports that delete"),
            connector!(@ $make, concat!($prefix, ".Statistics.ImportAdds"), Int, "Get-ADSyncConnectorStatistics", "Pending imports that add"),
            connector!(@ $make, concat!($prefix, ".Statistics.ImportUpdates"), Int, "Get-ADSyncConnectorStatistics", "Pending imports that update"),
            connector!(@ $make, concat!($prefix, ".Statistics.ImportDeletes"), Int, "Get-ADSyncConnectorStatistics", "Pending imports that delete"),
            connector!(@ $make, concat!($prefix, ".Statistics.ImportNoChange"), Int, "Get-ADSyncConnectorStatistics", "Pending imports without a change"),
            connector!(@ $make, concat!($prefix, ".Statistics.TotalConnectors"), Int, "Get-ADSyncConnectorStatistics", "Objects joined to the metaverse"),
            connector!(@ $make, concat!($prefix, ".Override.FullImportRequired"), Bool, "Get-ADSyncSchedulerConnectorOverride", "The next cycle imports it in full"),
            connector!(@ $make, concat!($prefix, ".Override.FullSyncRequired"), Bool, "Get-ADSyncSchedulerConnectorOverride", "The next cycle synchronises it in full"),
        ]
    };
    (@ $make:path, $path:expr, $kind:expr, $source:literal, $text:literal) => {
        $make(crate::rb1::Group::Statistics, &[crate::rb1::Group::Statistics], $path, $kind, $source, $text)
    };
}

const fn last(path: &'static str, text: &'static str) -> Fact {
    Fact::derived(Group::Runs, HISTORY, path, Object, "RunHistory", text).or_null()
}

const fn pending(path: &'static str, text: &'static str) -> Fact {
    pending_kind(path, Int, text)
}

const fn pending_kind(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    Fact::derived(Group::Statistics, &[Group::Statistics], path, kind, "statistics of the Entra connector", text)
}

const ACCOUNT_TEXT: &str = "The account that reads the directory";
const LAST_IMPORT: &str = "Its newest import, full or delta";
const LAST_SYNC: &str = "Its newest synchronization, full or delta";
const LAST_EXPORT: &str = "Its newest export";

#[rustfmt::skip]
pub(super) static ROWS: &[&[Fact]] = &[
    connector!(Fact::read, "Connectors[]"),
    &[
        Fact::read(Group::Configuration, ACCOUNT, "Connectors[].Account", Text, "Get-ADSyncConnector", ACCOUNT_TEXT).or_null(),
        last("Connectors[].LastImport", LAST_IMPORT),
        last("Connectors[].LastSync", LAST_SYNC),
        last("Connectors[].LastExport", LAST_EXPORT),
    ],
    &run_entry!(Fact::derived, HISTORY, "Connectors[].LastImport"),
    &run_entry!(Fact::derived, HISTORY, "Connectors[].LastSync"),
    &run_entry!(Fact::derived, HISTORY, "Connectors[].LastExport"),
    &[pending_kind("EntraConnector", Object, "The entry of Connectors that exports to the tenant; null where it is missing").or_null()],
    connector!(Fact::derived, "EntraConnector"),
    &[
        Fact::derived(Group::Configuration, ACCOUNT, "EntraConnector.Account", Text, "Get-ADSyncConnector", ACCOUNT_TEXT).or_null(),
        last("EntraConnector.LastImport", LAST_IMPORT),
        last("EntraConnector.LastSync", LAST_SYNC),
        last("EntraConnector.LastExport", LAST_EXPORT),
    ],
    &run_entry!(Fact::derived, HISTORY, "EntraConnector.LastImport"),
    &run_entry!(Fact::derived, HISTORY, "EntraConnector.LastSync"),
    &run_entry!(Fact::derived, HISTORY, "EntraConnector.LastExport"),
    &[
        pending("PendingExports.Adds", "Objects that the next export would add"),
        pending("PendingExports.Updates", "Objects that it would update"),
        pending("PendingExports.Deletes", "Objects that it would delete"),
        pending("PendingExports.Total", "All of them"),
    ],
];
