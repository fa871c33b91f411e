//! Answers `read` from the world's own state, by the wire of the table of facts. Every time is of the server's own clock.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::fault::Fault;
use super::world::World;
use super::world::directory::is_in;
use super::world::history::{Counters, Run};
use super::world::host::{DOT_NET_32, DOT_NET_64};
use super::world::pending::{has_rights, statistics};
use super::world::server::{Product, Server, ServiceStatus};
use super::world::settings::Feature;
use crate::Time;
use crate::powershell::tree::{format_datetime, format_timespan};
use crate::rb1::{ErrorRecord, Group};

/// One group as an agent sends it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// `values`
    pub values: Map<String, Json>,
    /// `errors`
    pub errors: BTreeMap<String, ErrorRecord>,
}

/// Entries of the run history that are sent.
const RUNS: usize = 50;

/// Answers for a group; `since` is of the server's clock.
pub fn answer(world: &World, at: usize, group: Group, since: Option<Time>) -> Answer {
    let server = &world.servers[at];
    let reader = Reader { world, server };
    match (group, &server.product) {
        (Group::Core, _) => reader.core(),
        (Group::Host, _) => reader.host(),
        (Group::Events, _) => reader.events(since),
        (_, None) => Answer::default(),
        (Group::Passwords, Some(product)) => reader.passwords(product),
        (_, Some(product)) if product.service.status != ServiceStatus::Running => Reader::not_running(group),
        (Group::Runs, Some(product)) => reader.runs(product),
        (Group::Statistics, Some(product)) => reader.statistics(product),
        (Group::Configuration, Some(product)) => reader.configuration(product),
    }
}

/// What every cmdlet says while the service does not run.
pub fn service_not_running() -> ErrorRecord {
    ErrorRecord {
        message: "Synchronization Service is not running.".to_owned(),
        category: "ConnectionError".to_owned(),
        exception: "System.InvalidOperationException".to_owned(),
        ..ErrorRecord::default()
    }
}

/// What a cmdlet says that wants a window where there is none.
fn modal_dialog() -> ErrorRecord {
    ErrorRecord {
        message: super::cmdlets::MODAL.to_owned(),
        category: "InvalidOperation".to_owned(),
        exception: "System.InvalidOperationException".to_owned(),
        ..ErrorRecord::default()
    }
}

struct Reader<'a> {
    world: &'a World,
    server: &'a Server,
}

fn object(value: Json) -> Map<String, Json> {
    if let Json::Object(map) = value { map } else { Map::new() }
}

impl Reader<'_> {
    fn time(&self, moment: Time) -> Json {
        let clock = self.server.clock(moment);
        Json::String(format_datetime(chrono::SubsecRound::trunc_subsecs(clock, 3)))
    }

    fn maybe(&self, moment: Option<Time>) -> Json {
        moment.map_or(Json::Null, |moment| self.time(moment))
    }

    fn not_running(group: Group) -> Answer {
        let paths: &[&str] = match group {
            Group::Runs => &["RunHistory", "RunHistoryBegins"],
            Group::Statistics => &["Connectors"],
            _ => &[
                "SignIn",
                "Features",
                "SourceAnchor",
                "UserPrincipalNameAttribute",
                "DeletionThreshold",
                "AutoUpgrade",
                "Rules",
                "Scope",
                "EntraCredential",
            ],
        };
        let errors = paths.iter().map(|path| ((*path).to_owned(), service_not_running())).collect();
        Answer { values: Map::new(), errors }
    }

    fn core(&self) -> Answer {
        let server = self.server;
        let now = self.world.now;
        let wizard = server.wizard.as_ref();
        let mut values = object(json!({
            "Host": server.host.name,
            "Domain": server.host.domain,
            "Now": self.time(now),
            "BootTime": self.time(server.host.booted),
            "Installed": server.product.is_some(),
            "Wizard": {
                "Open": wizard.is_some(),
                "User": wizard.map(|wizard| wizard.user.clone()),
                "SessionState": wizard.map(|wizard| wizard.session.name()),
                "Since": self.maybe(wizard.map(|wizard| wizard.since)),
            },
            "SynchronizationServiceManager": {
                "Open": server.service_manager.is_some(),
                "User": server.service_manager,
            },
        }));
        let mut errors = BTreeMap::new();
        if let Some(product) = &server.product {
            values.insert("Version".to_owned(), json!(product.version.to_string()));
            values.insert(
                "Service".to_owned(),
                json!({ "Status": product.service.status.name(), "StartType": product.service.start_type.name() }),
            );
            if self.server.has(Fault::ModalDialog) {
                errors.insert("Scheduler".to_owned(), modal_dialog());
            } else if product.service.status == ServiceStatus::Running {
                values.insert("Scheduler".to_owned(), Json::Object(self.scheduler(product)));
                let busy: Vec<Json> = product
                    .active
                    .iter()
                    .map(|active| json!({ "ConnectorName": active.connector, "RunState": "Busy" }))
                    .collect();
                values.insert("ConnectorRunStatus".to_owned(), Json::Array(busy));
            } else {
                errors.insert("Scheduler".to_owned(), service_not_running());
                errors.insert("ConnectorRunStatus".to_owned(), service_not_running());
            }
        }
        Answer { values, errors }
    }

    fn scheduler(&self, product: &Product) -> Map<String, Json> {
        let settings = &product.scheduler;
        let mut values = object(json!({
            "AllowedSyncCycleInterval": format_timespan(settings.allowed),
            "CurrentlyEffectiveSyncCycleInterval": format_timespan(settings.effective()),
            "CustomizedSyncCycleInterval": settings.customized.map(format_timespan),
            "NextSyncCyclePolicyType": settings.next_policy.name(),
            "NextSyncCycleStartTimeInUTC": self.time(settings.next_start),
            "PurgeRunHistoryInterval": format_timespan(settings.purge),
            "SyncCycleEnabled": settings.enabled,
            "MaintenanceEnabled": settings.maintenance,
            "StagingModeEnabled": settings.staging,
        }));
        if !self.server.has(Fault::NineProperties) {
            values.insert("SchedulerSuspended".to_owned(), json!(settings.suspended));
            values.insert("SyncCycleInProgress".to_owned(), json!(product.in_progress()));
        }
        values
    }

    fn run(&self, run: &Run) -> Json {
        // Synchronizations count nothing as staged: their own counters are flows.
        let staged = if run.profile.is_synchronization() { Counters::default() } else { run.counters };
        json!({
            "RunNumber": run.number,
            "ConnectorName": run.connector,
            "RunProfileName": run.profile.name(),
            "Result": run.result,
            "StartDate": self.time(run.start),
            "EndDate": self.maybe(run.end),
            "Username": run.user,
            "IsRunComplete": run.is_complete(),
            "Adds": staged.adds,
            "Updates": staged.updates,
            "Renames": staged.renames,
            "Deletes": staged.deletes,
            "Failures": run.counters.failures,
            "ErrorTypes": run.errors.iter().map(|error| error.kind.as_str()).collect::<BTreeSet<_>>(),
        })
    }

    fn runs(&self, product: &Product) -> Answer {
        let mut values = Map::new();
        let runs: Vec<Json> = product.history.newest_first().take(RUNS).map(|run| self.run(run)).collect();
        values.insert("RunHistory".to_owned(), Json::Array(runs));
        values.insert("RunHistoryBegins".to_owned(), self.maybe(product.history.begins()));
        if product.scheduler.staging {
            if let Some(since) = product.staging_since {
                values.insert("StagingSince".to_owned(), self.time(since));
            }
        } else {
            values.insert("StagingSince".to_owned(), Json::Null);
        }
        Answer { values, errors: BTreeMap::new() }
    }

    fn statistics(&self, product: &Product) -> Answer {
        let rights = has_rights(self.server);
        let connectors: Vec<Json> = product
            .connectors
            .iter()
            .map(|connector| {
                let counted = statistics(product, connector, &self.world.directory, rights);
                json!({
                    "Name": connector.name,
                    "Identifier": connector.identifier,
                    "Type": connector.kind.type_name(),
                    "Subtype": Some(connector.kind.subtype()).filter(|subtype| !subtype.is_empty()),
                    "Statistics": {
                        "ExportAdds": counted.export.adds,
                        "ExportUpdates": counted.export.updates,
                        "ExportDeletes": counted.export.deletes,
                        "ImportAdds": counted.import.adds,
                        "ImportUpdates": counted.import.updates,
                        "ImportDeletes": counted.import.deletes,
                        "ImportNoChange": counted.unchanged,
                        "TotalConnectors": counted.total,
                    },
                    "Override": {
                        "FullImportRequired": connector.full_import_required,
                        "FullSyncRequired": connector.full_sync_required,
                    },
                })
            })
            .collect();
        Answer { values: object(json!({ "Connectors": connectors })), errors: BTreeMap::new() }
    }

    fn passwords(&self, product: &Product) -> Answer {
        let now = self.world.now;
        let passwords = &product.passwords;
        let mut answer = Answer::default();
        answer.values.insert(
            "PasswordHashSync".to_owned(),
            json!({
                "Enabled": product.options.features.contains(&Feature::PasswordHashSync),
                "LastSuccess": self.maybe(passwords.last_success(now)),
                "LastStatus": passwords.status(now),
            }),
        );
        if product.service.status != ServiceStatus::Running {
            answer.values.clear();
            answer.errors.insert("PasswordHashSync".to_owned(), service_not_running());
        }
        answer
    }

    fn configuration(&self, product: &Product) -> Answer {
        let options = &product.options;
        let features: Map<String, Json> =
            Feature::ALL.iter().map(|feature| (feature.name().to_owned(), json!(options.features.contains(feature)))).collect();
        let name_of = |identifier: &str| product.connectors.iter().find(|c| c.identifier == identifier).map(|c| c.name.clone());
        let rules: Vec<Json> = product
            .rules
            .iter()
            .map(|rule| {
                json!({
                    "Name": rule.name,
                    "ImmutableTag": Some(&rule.tag).filter(|tag| !tag.is_empty()),
                    "Direction": rule.direction.name(),
                    "Precedence": rule.precedence,
                    "Disabled": rule.disabled,
                    "IsStandardRule": rule.is_standard(),
                    "ConnectorName": name_of(&rule.connector),
                    "Fingerprint": rule.fingerprint(),
                })
            })
            .collect();
        let scope: Vec<Json> = product
            .forests()
            .map(|connector| {
                let all = self.world.directory.container_names();
                let included: Vec<&String> =
                    all.iter().filter(|dn| is_in(dn, &connector.name) && !connector.excluded.contains(*dn)).collect();
                let partition = self.world.directory.forests.iter().find(|forest| forest.name == connector.name);
                json!({
                    "ConnectorName": connector.name,
                    "DN": partition.map(super::world::directory::Forest::dn),
                    "Selected": true,
                    "Inclusions": included,
                    "Exclusions": connector.excluded,
                })
            })
            .collect();
        let accounts: Vec<Json> = product
            .connectors
            .iter()
            .map(|connector| json!({ "Identifier": connector.identifier, "Account": connector.account }))
            .collect();
        let identity = &product.identity;
        let values = object(json!({
            "Connectors": accounts,
            "SignIn": { "Method": options.sign_in.name(), "DesktopSsoEnabled": options.desktop_sso },
            "Features": features,
            "SourceAnchor": options.source_anchor,
            "UserPrincipalNameAttribute": options.user_principal_name,
            "DeletionThreshold": options.deletion_threshold,
            "AutoUpgrade": {
                "State": options.auto_upgrade.name(),
                "SuspensionReason": Some(options.auto_upgrade.reason()).filter(|reason| !reason.is_empty()),
            },
            "MachineId": product.machine_id,
            "Rules": rules,
            "Scope": scope,
            "EntraCredential": {
                "Type": if identity.application { "Application" } else { "ServiceAccount" },
                "Application": Some(&identity.name).filter(|_| identity.application),
                "Expires": self.maybe(identity.expires),
            },
        }));
        Answer { values, errors: BTreeMap::new() }
    }

    fn host(&self) -> Answer {
        let host = &self.server.host;
        let running = |installed: Option<bool>| installed.map(|runs| if runs { "Running" } else { "Stopped" });
        let mut values = object(json!({
            "OS": { "Caption": host.os, "Version": host.os_version },
            "DotNetRelease": host.dot_net,
            "Tls12": {
                "Client": host.tls12("Client"),
                "Server": host.tls12("Server"),
                "StrongCrypto64": host.strong_crypto(DOT_NET_64),
                "StrongCrypto32": host.strong_crypto(DOT_NET_32),
            },
            "DomainJoined": true,
            "PowerShellVersion": "5.1.20348.2849",
            "DiskFreeBytes": host.disk_free,
            "PtaAgent": { "Status": running(host.authentication_agent) },
            "HealthAgent": { "Status": running(host.health_agent) },
        }));
        let mut errors = BTreeMap::new();
        match &self.server.product {
            Some(product) if product.service.status == ServiceStatus::Running => {
                let database = json!({
                    "UsedSpaceInMb": product.database_mb(&self.world.directory),
                    "IsLocalDBInstalled": product.local_db,
                });
                values.insert("Database".to_owned(), database);
            }
            Some(_) => {
                errors.insert("Database".to_owned(), service_not_running());
            }
            None => {}
        }
        Answer { values, errors }
    }

    fn events(&self, since: Option<Time>) -> Answer {
        let events: Vec<Json> = self
            .server
            .host
            .log
            .newest_first()
            .take_while(|event| since.is_none_or(|since| self.server.clock(event.at) > since))
            .take(500)
            .map(|event| {
                json!({
                    "TimeCreated": self.time(event.at),
                    "ProviderName": event.source.name(),
                    "Id": event.id,
                    "Level": event.level.name(),
                    "Message": event.message,
                })
            })
            .collect();
        Answer { values: object(json!({ "Events": events })), errors: BTreeMap::new() }
    }
}
