//! What one run does: dispatch by profile and connector, what keeps it from its work, and its outcome.

mod duration;
mod export;
mod import;
mod report;
mod synchronize;

use super::Around;
use super::access::Refusal;
use super::connector::{Connector, Kind};
use super::cycle::Active;
use super::directory::Changes;
use super::history::{Counters, ObjectError, Profile};
use super::server::Server;
use crate::lab::fault::Fault;

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::lab::world) struct Outcome {
    /// Result word
    pub result: String,
    /// Counters
    pub counters: Counters,
    /// Objects that failed
    pub errors: Vec<ObjectError>,
}

impl Outcome {
    fn success(counters: Counters) -> Self {
        Self { result: "success".to_owned(), counters, errors: Vec::new() }
    }

    fn failed(result: &str) -> Self {
        Self { result: result.to_owned(), counters: Counters::default(), errors: Vec::new() }
    }
}

/// What the event log says of a connector whose assembly is older than the one on the disk (6947).
pub(super) const OLD_ASSEMBLY: &str = "Assembly version in AAD Connector configuration (\"1.1.1302.0\") is earlier than the actual version (\"1.1.1953.0\") of \"C:\\Program Files\\Microsoft Azure AD Sync\\Extensions\\Microsoft.IAM.Connector.GenericLdap.dll\".";

/// Beyond this the clocks of Kerberos and TLS refuse each other.
const SKEW_LIMIT_MS: i64 = 300_000;

impl Server {
    /// Does what a run does, at its end; everything was read at its start.
    pub(in crate::lab::world) fn run(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let kind = self.product.as_ref().and_then(|product| product.connector(&active.connector)).map(|c| c.kind);
        let Some(kind) = kind else { return Outcome::failed("no-start-ma") };
        if let Some(result) = self.hindrance(kind, active.profile, around) {
            if active.profile.is_import()
                && let Some(connector) = self.connector_mut(&active.connector)
            {
                connector.stale = true;
            }
            return Outcome::failed(result);
        }
        match (active.profile, kind) {
            (Profile::DeltaImport | Profile::FullImport, Kind::Forest) => self.import_forest(active, around),
            (Profile::DeltaImport | Profile::FullImport, Kind::Entra) => self.import_cloud(active, around),
            (Profile::DeltaSynchronization | Profile::FullSynchronization, _) => self.synchronize(active, kind, around),
            (Profile::Export, Kind::Forest) => self.export_forest(active, around),
            (Profile::Export, Kind::Entra) => self.export_cloud(active, around),
            (_, Kind::GenericLdap) => Outcome::success(Counters::default()),
        }
    }

    fn connector_mut(&mut self, name: &str) -> Option<&mut Connector> {
        self.product.as_mut()?.connectors.iter_mut().find(|connector| connector.name == name)
    }

    /// What keeps a run from doing its work, as its result.
    fn hindrance(&self, kind: Kind, profile: Profile, around: &Around) -> Option<&'static str> {
        let product = self.product.as_ref()?;
        if product.database_is_full(around.directory) {
            return Some("stopped-database-disk-full");
        }
        if profile.is_synchronization() {
            return None;
        }
        match kind {
            Kind::Forest if self.has(Fault::DomainControllerDown) => Some("no-start-no-domain-controller"),
            Kind::Forest | Kind::GenericLdap if !self.reaches_directory() => Some("no-start-connection"),
            Kind::Forest if self.host.skew_ms.abs() > SKEW_LIMIT_MS => Some("no-start-credentials"),
            Kind::Entra if self.host.skew_ms.abs() > SKEW_LIMIT_MS => Some("stopped-extension-dll-exception"),
            Kind::Entra if product.version < around.cloud.floor => Some("stopped-extension-dll-exception"),
            Kind::Entra => self.refusal(around.cloud, around.now).map(Refusal::result),
            Kind::GenericLdap if self.has(Fault::LdapAssemblyOld) => Some("stopped-extension-dll-file-not-found"),
            Kind::Forest | Kind::GenericLdap => None,
        }
    }
}

fn counters(changes: Changes, unchanged: u64) -> Counters {
    Counters { adds: changes.adds, updates: changes.updates, deletes: changes.deletes, unchanged, ..Counters::default() }
}

fn with_errors(changes: Changes, errors: Vec<ObjectError>) -> Outcome {
    let failures = u64::try_from(errors.len()).unwrap_or(0);
    let result = if failures == 0 { "success" } else { "completed-export-errors" };
    Outcome { result: result.to_owned(), counters: Counters { failures, ..counters(changes, 0) }, errors }
}
