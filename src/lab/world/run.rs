//! What one run does: imports, synchronizations and exports, their counters, results and durations.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::Around;
use super::cloud::{CloudPerson, Written};
use super::connector::{Kind, Known, Synced, entra_dn};
use super::cycle::Active;
use super::directory::Changes;
use super::eventlog::{Level, Source};
use super::history::{Counters, ObjectError, Profile};
use super::pending::{Pending, pending_to_cloud, pending_to_forest};
use super::rules;
use super::server::Server;
use crate::Time;
use crate::lab::fault::Fault;

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
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

/// Beyond this the clocks of Kerberos and TLS refuse each other.
const SKEW_LIMIT_MS: i64 = 300_000;

impl Server {
    /// Does what a run does, at its end; everything was read at its start.
    pub(super) fn run(&mut self, active: &Active, around: &mut Around) -> Outcome {
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
            (Profile::Export, Kind::Entra) => self.export_cloud(around),
            (_, Kind::GenericLdap) => Outcome::success(Counters::default()),
        }
    }

    fn connector_mut(&mut self, name: &str) -> Option<&mut super::connector::Connector> {
        self.product.as_mut()?.connectors.iter_mut().find(|connector| connector.name == name)
    }

    /// What keeps a run from doing its work, as its result.
    fn hindrance(&self, kind: Kind, profile: Profile, around: &Around) -> Option<&'static str> {
        let product = self.product.as_ref()?;
        if self.has(Fault::DatabaseFull) {
            return Some("stopped-database-disk-full");
        }
        if profile.is_synchronization() {
            return None;
        }
        match kind {
            Kind::Forest if self.has(Fault::DomainControllerDown) => Some("no-start-no-domain-controller"),
            Kind::Forest if self.host.skew_ms.abs() > SKEW_LIMIT_MS => Some("no-start-credentials"),
            Kind::Entra if self.has(Fault::CloudBlocked) => Some("stopped-connectivity"),
            Kind::Entra if self.host.skew_ms.abs() > SKEW_LIMIT_MS => Some("stopped-extension-dll-exception"),
            Kind::Entra if product.version < around.cloud.floor || self.has(Fault::SharedApplication) => {
                Some("stopped-extension-dll-exception")
            }
            Kind::GenericLdap if self.has(Fault::LdapAssemblyOld) => Some("stopped-extension-dll-file-not-found"),
            Kind::Forest | Kind::Entra | Kind::GenericLdap => None,
        }
    }

    /// How long a run takes (lab.md 8.4).
    pub(super) fn duration(&mut self, connector: &str, profile: Profile, around: &Around) -> TimeDelta {
        let Some(product) = self.product.as_ref() else { return TimeDelta::zero() };
        let Some(found) = product.connector(connector) else { return TimeDelta::seconds(1) };
        let now = around.now;
        let in_forest = |dn: &str| dn.to_lowercase().ends_with(&forest_suffix(&found.name));
        let objects: u64 = match found.kind {
            Kind::Forest => around
                .directory
                .container_names()
                .iter()
                .filter(|dn| in_forest(dn) && !found.excluded.contains(*dn))
                .map(|dn| around.directory.population(dn, now))
                .sum(),
            Kind::Entra => product.synced.iter().map(|(dn, synced)| around.directory.population(dn, synced.as_of)).sum(),
            Kind::GenericLdap => 0,
        };
        let changed: u64 = match (profile, found.kind) {
            (Profile::DeltaImport, Kind::Forest) => {
                found.imported.iter().map(|(dn, as_of)| around.directory.between(dn, *as_of, now).total()).sum()
            }
            (Profile::DeltaImport, Kind::Entra) => around
                .cloud
                .populations
                .iter()
                .map(|(dn, written)| match found.known.get(dn) {
                    Some(known) => around.directory.between(dn, known.as_of, written.as_of).total(),
                    None => around.directory.population(dn, written.as_of),
                })
                .sum(),
            (Profile::DeltaSynchronization, Kind::Forest) => found
                .imported
                .iter()
                .map(|(dn, as_of)| match product.synced.get(dn) {
                    Some(synced) => around.directory.between(dn, synced.as_of, *as_of).total(),
                    None => around.directory.population(dn, *as_of),
                })
                .sum(),
            (Profile::Export, Kind::Entra) => pending_to_cloud(product, around.directory).changes().total(),
            (Profile::Export, Kind::Forest) => pending_to_forest(product, found, around.directory),
            _ => 0,
        };
        let (n, d) = (i64::try_from(objects).unwrap_or(0), i64::try_from(changed).unwrap_or(0));
        let ms = match (profile, found.kind) {
            (Profile::DeltaImport, Kind::Entra) => 6_000 + 30 * d,
            (Profile::DeltaImport, _) => 4_000 + 20 * d,
            (Profile::FullImport, Kind::Entra) => 15_000 + n * 1_000 / 60,
            (Profile::FullImport, _) => 8_000 + n * 1_000 / 60,
            (Profile::DeltaSynchronization, _) => 1_000 + 50 * d,
            (Profile::FullSynchronization, _) => 10_000 + n * 1_000 / 40,
            // Batches at 20 a second, held to 7,000 writes in five minutes beyond the first of them.
            (Profile::Export, Kind::Entra) => 3_000 + (d * 50).max((d - 7_000).max(0) * 300_000 / 7_000),
            (Profile::Export, _) => 1_000 + d * 1_000 / 30,
        };
        if self.has(Fault::NeverEndingCycle) && profile.is_synchronization() {
            return TimeDelta::days(365);
        }
        self.chance.about(ms)
    }

    fn import_forest(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let as_of = active.started;
        let full = active.profile == Profile::FullImport;
        let directory = &*around.directory;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let Some(connector) = product.connectors.iter_mut().find(|c| c.name == active.connector) else {
            return Outcome::failed("no-start-ma");
        };
        if !full && connector.imported.is_empty() && connector.full_import_required {
            return Outcome::failed("no-start-full-import-required");
        }
        let suffix = forest_suffix(&connector.name);
        let mut counted = Changes::default();
        let mut unchanged = 0;
        if full {
            let selected: Vec<String> = directory
                .container_names()
                .into_iter()
                .filter(|dn| dn.to_lowercase().ends_with(&suffix) && !connector.excluded.contains(dn))
                .collect();
            let gone: Vec<String> = connector.imported.keys().filter(|dn| !selected.contains(dn)).cloned().collect();
            for dn in gone {
                if let Some(before) = connector.imported.remove(&dn) {
                    counted.deletes += directory.population(&dn, before);
                }
            }
            for dn in selected {
                let population = directory.population(&dn, as_of);
                match connector.imported.insert(dn.clone(), as_of) {
                    Some(before) => {
                        let changed = directory.between(&dn, before, as_of);
                        unchanged += population.saturating_sub(changed.adds + changed.updates);
                        counted += changed;
                    }
                    None => counted.adds += population,
                }
            }
            connector.full_import_required = false;
        } else {
            for (dn, before) in &mut connector.imported {
                counted += directory.between(dn, *before, as_of);
                *before = as_of;
            }
        }
        for (dn, at) in &mut connector.anchored {
            *at = around.anchored.get(dn).copied().unwrap_or(*at);
        }
        connector.stale = false;
        let scope: BTreeSet<&String> = connector.imported.keys().collect();
        for person in directory.people.iter().filter(|p| p.changed <= as_of && p.container.to_lowercase().ends_with(&suffix)) {
            let copy = product.people.entry(person.id).or_default();
            let read = (!person.deleted && scope.contains(&person.container)).then_some(person.version);
            match (copy.imported, read) {
                (None, Some(_)) => counted.adds += 1,
                (Some(_), None) => counted.deletes += 1,
                (Some(had), Some(has)) if had != has => counted.updates += 1,
                _ => {}
            }
            copy.imported = read;
        }
        Outcome::success(counters(counted, unchanged))
    }

    fn import_cloud(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let directory = &*around.directory;
        let cloud = &*around.cloud;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let rules = &product.rules;
        let Some(connector) = product.connectors.iter_mut().find(|c| c.kind == Kind::Entra) else {
            return Outcome::failed("no-start-ma");
        };
        let mut counted = Changes::default();
        let mut total = 0;
        for (dn, written) in &cloud.populations {
            let population = directory.population(dn, written.as_of);
            total += population;
            let known = Known { as_of: written.as_of, flavour: written.flavour.clone() };
            match connector.known.insert(dn.clone(), known) {
                None => counted.adds += population,
                Some(before) => {
                    counted += directory.between(dn, before.as_of.min(written.as_of), written.as_of.max(before.as_of));
                    counted.updates += population * rules::share(rules, &before.flavour, &written.flavour) / 100;
                }
            }
        }
        let gone: Vec<String> = connector.known.keys().filter(|dn| !cloud.populations.contains_key(*dn)).cloned().collect();
        for dn in gone {
            if let Some(before) = connector.known.remove(&dn) {
                counted.deletes += directory.population(&dn, before.as_of);
            }
        }
        if active.profile == Profile::FullImport {
            connector.full_import_required = false;
        }
        connector.stale = false;
        for person in &directory.people {
            let written = cloud.people.get(&person.id).map(|p| p.version);
            let copy = product.people.entry(person.id).or_default();
            match (copy.known, written) {
                (None, Some(_)) => counted.adds += 1,
                (Some(_), None) => counted.deletes += 1,
                (Some(had), Some(has)) if had != has => counted.updates += 1,
                _ => {}
            }
            copy.known = written;
        }
        let unchanged =
            if active.profile == Profile::FullImport { total.saturating_sub(counted.adds + counted.updates) } else { 0 };
        Outcome::success(counters(counted, unchanged))
    }

    fn synchronize(&mut self, active: &Active, kind: Kind, around: &mut Around) -> Outcome {
        let full = active.profile == Profile::FullSynchronization;
        let directory = &*around.directory;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let ours = rules::flavour(&product.rules);
        let Some(connector) = product.connectors.iter_mut().find(|c| c.name == active.connector) else {
            return Outcome::failed("no-start-ma");
        };
        if full {
            connector.full_sync_required = false;
        }
        if kind != Kind::Forest {
            return Outcome::success(Counters::default());
        }
        let suffix = forest_suffix(&connector.name);
        let mut counted = Changes::default();
        let gone: Vec<String> = product
            .synced
            .keys()
            .filter(|dn| dn.to_lowercase().ends_with(&suffix) && !connector.imported.contains_key(*dn))
            .cloned()
            .collect();
        for dn in gone {
            if let Some(before) = product.synced.remove(&dn) {
                counted.deletes += directory.population(&dn, before.as_of);
                product.left.insert(dn);
            }
        }
        for (dn, as_of) in &connector.imported {
            product.left.remove(dn);
            if let Some(synced) = product.synced.get_mut(dn) {
                counted += directory.between(dn, synced.as_of, *as_of);
                synced.as_of = *as_of;
                if full && synced.flavour != ours {
                    counted.updates +=
                        directory.population(dn, *as_of) * rules::share(&product.rules, &synced.flavour, &ours) / 100;
                    synced.flavour.clone_from(&ours);
                }
            } else {
                counted.adds += directory.population(dn, *as_of);
                product.synced.insert(dn.clone(), Synced { as_of: *as_of, flavour: ours.clone() });
                connector.anchored.entry(dn.clone()).or_insert(*as_of);
            }
        }
        for copy in product.people.values_mut() {
            match (copy.synced, copy.imported) {
                (None, Some(_)) => counted.adds += 1,
                (Some(_), None) => counted.deletes += 1,
                (Some(had), Some(has)) if had != has => counted.updates += 1,
                _ => {}
            }
            copy.synced = copy.imported;
        }
        Outcome::success(counters(counted, 0))
    }

    fn export_cloud(&mut self, around: &mut Around) -> Outcome {
        let now = around.now;
        let host = self.host.name.clone();
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let pending = pending_to_cloud(product, around.directory);
        let limit = around.cloud.deletion_threshold;
        if limit > 0 && pending.changes().deletes > limit {
            return Outcome {
                result: "stopped-deletion-threshold-exceeded".to_owned(),
                counters: Counters::default(),
                errors: Vec::new(),
            };
        }
        let Pending { parts, people } = pending;
        let mut counted = Changes::default();
        for part in parts {
            counted += part.changes;
            let known = match product.synced.get(&part.dn) {
                Some(synced) => Some(Known { as_of: synced.as_of, flavour: synced.flavour.clone() }),
                None => None,
            };
            match &known {
                Some(known) => {
                    let written = Written { as_of: known.as_of, flavour: known.flavour.clone(), by: host.clone() };
                    around.cloud.populations.insert(part.dn.clone(), written);
                }
                None => {
                    around.cloud.populations.remove(&part.dn);
                    product.left.remove(&part.dn);
                }
            }
            if let Some(entra) = product.connectors.iter_mut().find(|c| c.kind == Kind::Entra) {
                match known {
                    Some(known) => entra.known.insert(part.dn, known),
                    None => entra.known.remove(&part.dn),
                };
            }
        }
        let mut errors = Vec::new();
        for id in people {
            let Some(person) = around.directory.people.iter().find(|p| p.id == id) else { continue };
            let copy = product.people.entry(id).or_default();
            if let (Some(flaw), Some(_)) = (person.flaw, copy.synced) {
                let before = copy.error.take();
                let error = ObjectError {
                    kind: flaw.error_type().to_owned(),
                    dn: entra_dn(&person.name),
                    name: person.name.clone(),
                    code: None,
                    message: flaw.message().to_owned(),
                    first: before.as_ref().map_or(now, |e| e.first),
                    retries: before.map_or(0, |e| e.retries + 1),
                };
                copy.error = Some(error.clone());
                errors.push(error);
                continue;
            }
            copy.error = None;
            match (copy.known, copy.synced) {
                (None, Some(_)) => counted.adds += 1,
                (Some(_), None) => counted.deletes += 1,
                _ => counted.updates += 1,
            }
            copy.known = copy.synced;
            match copy.synced {
                Some(version) => {
                    around.cloud.people.insert(id, CloudPerson { version, by: host.clone(), at: now });
                }
                None => {
                    around.cloud.people.remove(&id);
                }
            }
        }
        around.cloud.exported(now, &host, &product.version.to_string(), counted.total());
        with_errors(counted, errors)
    }

    fn export_forest(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let now = around.now;
        let refused = self.has(Fault::PermissionIssue);
        let directory = &*around.directory;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let Some(at) = product.connectors.iter().position(|c| c.name == active.connector) else {
            return Outcome::failed("no-start-ma");
        };
        let pending = pending_to_forest(product, &product.connectors[at], directory);
        if refused {
            let protected = product.connectors[at].imported.iter().next().map(|(dn, as_of)| (dn.clone(), *as_of));
            let Some((dn, as_of)) = protected else { return Outcome::success(Counters::default()) };
            let before = std::mem::take(&mut product.connectors[at].failing);
            let failing: Vec<ObjectError> = directory
                .names(&dn, as_of, 4 + pending)
                .into_iter()
                .map(|name| {
                    let earlier = before.iter().find(|error| error.name == name);
                    ObjectError {
                        kind: "permission-issue".to_owned(),
                        dn: format!("CN={name},{dn}"),
                        code: Some(8344),
                        message: "Insufficient access rights to perform the operation.".to_owned(),
                        first: earlier.map_or(now, |e| e.first),
                        retries: earlier.map_or(0, |e| e.retries + 1),
                        name,
                    }
                })
                .collect();
            product.connectors[at].failing.clone_from(&failing);
            return with_errors(Changes::default(), failing);
        }
        product.connectors[at].failing.clear();
        let written: Vec<(String, Time)> = product
            .synced
            .iter()
            .filter(|(dn, _)| product.connectors[at].imported.contains_key(*dn))
            .map(|(dn, synced)| (dn.clone(), synced.as_of))
            .collect();
        for (dn, as_of) in written {
            let slot = around.anchored.entry(dn.clone()).or_insert(as_of);
            *slot = (*slot).max(as_of);
            product.connectors[at].anchored.insert(dn, as_of);
        }
        Outcome::success(counters(Changes { adds: 0, updates: pending, deletes: 0 }, 0))
    }

    /// Writes what the event log says of a run's end.
    pub(super) fn report(&mut self, active: &Active, outcome: &Outcome, now: Time) {
        let name = &active.connector;
        let profile = active.profile.name();
        let log = &mut self.host.log;
        let shared = self.faults.contains(&Fault::SharedApplication);
        let pending = self.product.as_ref().map(|product| product.options.deletion_threshold);
        match outcome.result.as_str() {
            "success" if active.profile == Profile::Export && name.ends_with(" - AAD") => log.write(
                now,
                Source::DirectorySynchronization,
                114,
                Level::Information,
                format!("Export cycle completed. Tracking id: {:016x}.", super::generator::mix(active.number)),
            ),
            "success" => {}
            "stopped-deletion-threshold-exceeded" => log.write(
                now,
                Source::DirectorySynchronization,
                116,
                Level::Warning,
                format!(
                    "Prevent Accidental Deletes: The number of deletions for this sync cycle has exceeded the current threshold of {} objects. Deletions will be suppressed for this sync cycle.",
                    pending.unwrap_or(0)
                ),
            ),
            "completed-export-errors" => log.write(
                now,
                Source::AdSync,
                6100,
                Level::Warning,
                format!("The management agent \"{name}\" completed run profile \"{profile}\" with errors. {} objects failed.", outcome.errors.len()),
            ),
            "no-start-no-domain-controller" => log.write(
                now,
                Source::AdSync,
                6007,
                Level::Error,
                format!("The management agent \"{name}\" failed on run profile \"{profile}\" because no domain controller could be reached."),
            ),
            "no-start-credentials" => log.write(
                now,
                Source::AdSync,
                6000,
                Level::Error,
                format!("The management agent \"{name}\" failed on run profile \"{profile}\" because the credentials were refused: the clocks differ too much."),
            ),
            "stopped-database-disk-full" => log.write(
                now,
                Source::AdSync,
                6073,
                Level::Error,
                format!("The management agent \"{name}\" run profile \"{profile}\" was stopped: the database is full."),
            ),
            "stopped-user-termination-from-wmi-or-ui" => log.write(
                now,
                Source::AdSync,
                6051,
                Level::Warning,
                format!("The management agent \"{name}\" run profile \"{profile}\" was stopped by a user."),
            ),
            "stopped-extension-dll-file-not-found" => log.write(
                now,
                Source::AdSync,
                6947,
                Level::Warning,
                "Assembly version in AAD Connector configuration (\"1.1.1302.0\") is earlier than the actual version (\"1.1.1953.0\") of \"C:\\Program Files\\Microsoft Azure AD Sync\\Extensions\\Microsoft.IAM.Connector.GenericLdap.dll\".",
            ),
            "stopped-extension-dll-exception" | "stopped-connectivity" => {
                let why = if shared {
                    "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application."
                } else if outcome.result == "stopped-connectivity" {
                    "Unable to connect to the remote server."
                } else {
                    "This version of Microsoft Entra Connect can no longer synchronize. Upgrade to a supported version."
                };
                log.write(now, Source::DirectorySynchronization, 906, Level::Error, format!("{profile} on {name} failed. {why}"));
            }
            other => log.write(
                now,
                Source::AdSync,
                6803,
                Level::Error,
                format!("The management agent \"{name}\" failed on run profile \"{profile}\": {other}."),
            ),
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

/// `dc=contoso,dc=com`: how the distinguished names of a forest end, in lower case.
pub fn forest_suffix(name: &str) -> String {
    name.split('.').map(|label| format!("dc={}", label.to_lowercase())).collect::<Vec<_>>().join(",")
}
