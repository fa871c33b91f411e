//! The one table of facts, as data: everything that polls, gates, shows, compares, exports or simulates a server speaks
//! of facts by these names. A row may be added; a name is never changed.
//!
//! [`find`] looks a row up by its path, [`resolve`] answers for a variable path of a gate (`$new.Connectors.Name`).
//!
//! # The wire: what an agent sends
//!
//! One `reading` a group. Its `values` hold, as top-level keys, the first path segments of the rows that [`Origin::Read`]
//! names for that group; a path `A.B` is an object `A` with a key `B`, a path `A[].B` an array `A` of objects with a key
//! `B`. Values are flat JSON: text, whole numbers, booleans, null, arrays and objects of these; a TimeSpan is
//! `d.hh:mm:ss` or `hh:mm:ss`, a DateTime UTC `yyyy-MM-ddTHH:mm:ss[.fff]Z` **of the server's own clock, not moved**; a
//! version, an enum and a Guid are text (a Guid in lower case without braces).
//!
//! **Absent or null.** A key is left out where the server's build has no such property or the value could not be had
//! without an error worth telling; `null` is sent only where the server says that there is none (rows marked nullable). A
//! part that failed is left out of `values` and named in `errors` by its path (`"Scheduler": {message…}`): the longest
//! path that covers what failed. Empty arrays are sent as `[]`, one-element arrays as arrays.
//!
//! ```text
//! core           Host, Domain|null, Now, BootTime, Installed,
//!                Version, Service {Status, StartType}, Scheduler {the eleven},
//!                ConnectorRunStatus [{ConnectorName, RunState}],
//!                Wizard {Open, User|null, SessionState|null, Since|null},
//!                SynchronizationServiceManager {Open, User|null}
//!                Where Installed is false, the second and third line are left out (Version too) and are no errors.
//!                Where the service is stopped, Scheduler and ConnectorRunStatus are errors in Get-ADSyncScheduler's words.
//! runs           RunHistory [{RunNumber, ConnectorName, RunProfileName, Result, StartDate, EndDate|null, Username|null,
//!                             IsRunComplete, Adds, Updates, Renames, Deletes, Failures}]  newest first, 50 at most
//!                RunHistoryBegins|null   start of the oldest entry the server has (not only of the 50); null: none at all
//!                StagingSince|null       null: not in staging; left out: in staging, but no trace of the switch was found
//! statistics     Connectors [{Name, Identifier, Type, Subtype|null,
//!                             Statistics {ExportAdds, ExportUpdates, ExportDeletes, ImportAdds, ImportUpdates,
//!                                         ImportDeletes, ImportNoChange, TotalConnectors},
//!                             Override {FullImportRequired, FullSyncRequired}}]
//! events         Events [{TimeCreated, ProviderName, Id, Level, Message}]  those later than the request's `since`
//! passwords      PasswordHashSync {Enabled, LastSuccess|null, LastStatus|null}
//! configuration  Connectors [{Identifier, Account|null}]  merged into those of `statistics` by Identifier
//!                SignIn {Method, DesktopSsoEnabled}, Features {seven}, SourceAnchor|null,
//!                UserPrincipalNameAttribute|null, DeletionThreshold (0: off), AutoUpgrade {State, SuspensionReason|null},
//!                MachineId|null,
//!                Rules [{Name, ImmutableTag|null, Direction, Precedence, Disabled, IsStandardRule, ConnectorName|null,
//!                        Fingerprint}],
//!                Scope [{ConnectorName, DN, Selected, Inclusions [], Exclusions []}],
//!                EntraCredential {Type, Application|null, Expires|null}
//! host           OS {Caption, Version}, DotNetRelease|null, Tls12 {Client|null, Server|null, StrongCrypto64|null,
//!                StrongCrypto32|null}, DomainJoined, PowerShellVersion, DiskFreeBytes,
//!                Database {UsedSpaceInMb|null, IsLocalDBInstalled}, PtaAgent {Status|null}, HealthAgent {Status|null}
//! ```
//!
//! Everything else of the table is [`Origin::Derived`] or [`Origin::Local`]: the client makes it (`Idle`, `LastExport`,
//! `LastCycle`, `PendingExports`, …). What an agent sends under such a name is ignored.

mod configuration;
mod connectors;
mod core;
mod fact;
mod host;
mod local;
mod resolve;
mod runs;
mod session;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use fact::{Fact, Kind, Origin, Scope};
pub use resolve::{Names, NoSuchFact, Resolved, Whose, resolve};
pub(crate) use shape::{Shape, shape_of_group};

/// The Entra connector's identifier: the same on every server and in every tenant.
pub const ENTRA_CONNECTOR: &str = "b891884f-051e-4a83-95af-2544101c9083";

/// Every row, in the order of the reference page.
pub fn all() -> impl Iterator<Item = &'static Fact> {
    [local::ROWS, core::ROWS, runs::ROWS, connectors::ROWS, configuration::ROWS, host::ROWS, session::ROWS]
        .into_iter()
        .flatten()
        .copied()
        .flatten()
}

/// The row of a path as the table writes it, without regard to case: `Scheduler.StagingModeEnabled`,
/// `RunHistory[].Result` (also without the `[]`), `$pair.RuleDifferences`.
pub fn find(path: &str) -> Option<&'static Fact> {
    static BY_PATH: LazyLock<HashMap<String, &'static Fact>> =
        LazyLock::new(|| all().map(|fact| (key(fact.path), fact)).collect());
    BY_PATH.get(&key(path)).copied()
}

/// Paths are compared without case and without the marks of arrays, since member enumeration needs none.
fn key(path: &str) -> String {
    path.replace("[]", "").to_ascii_lowercase()
}
