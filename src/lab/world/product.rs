//! The product as an installation leaves it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::connector::{Connector, ENTRA, Kind};
use super::database::fits_local_db;
use super::directory::Directory;
use super::generator::Generator;
use super::history::History;
use super::passwords::Passwords;
use super::rules::{self, Rule};
use super::server::{Identity, Listener, Product, Service, ServiceStatus, StartType};
use super::settings::{Options, Policy, SchedulerSettings};
use crate::Time;
use crate::powershell::Version;

/// What an installation is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Installation {
    /// Release
    pub version: Version,
    /// The machine's name
    pub host: String,
    /// The tenant, `contoso.onmicrosoft.com`
    pub tenant: String,
    /// Forests to connect, by name
    pub forests: Vec<String>,
    /// Containers that are left out
    pub excluded: BTreeSet<String>,
    /// Custom rules, each with the name of its forest
    pub custom: Vec<(String, Rule)>,
    /// The wizard's options
    pub options: Options,
    /// Staging mode
    pub staging: bool,
    /// Start the synchronization process when configuration completes
    pub start: bool,
}

impl Installation {
    /// Carries it out.
    pub fn install(&self, directory: &Directory, allowed: TimeDelta, now: Time, chance: &mut Generator) -> Product {
        let objects = directory.container_names().iter().map(|dn| directory.population(dn, now)).sum();
        let mut connectors = Vec::new();
        for forest in directory.forests.iter().filter(|forest| self.forests.contains(&forest.name)) {
            let account = format!("{}\\MSOL_{}", forest.netbios(), chance.hex12());
            let mut connector = Connector::new(&forest.name, chance.guid(), Kind::Forest, account, now);
            connector.excluded =
                self.excluded.iter().filter(|dn| forest.containers.iter().any(|c| c.dn == **dn)).cloned().collect();
            connectors.push(connector);
        }
        let application = self.version >= Version { major: 2, minor: 5, build: Some(76), revision: Some(0) };
        let tail = chance.hex12();
        let identity = if application {
            Identity {
                application,
                name: format!("ConnectSyncProvisioning_{}_{tail}", self.host),
                expires: Some(now + TimeDelta::days(365)),
                checked: None,
            }
        } else {
            Identity { application, name: format!("Sync_{}_{tail}@{}", self.host, self.tenant), expires: None, checked: None }
        };
        connectors.push(Connector::new(format!("{} - AAD", self.tenant), ENTRA, Kind::Entra, &identity.name, now));
        let forests: Vec<(String, String)> =
            connectors.iter().filter(|c| c.kind == Kind::Forest).map(|c| (c.name.clone(), c.identifier.clone())).collect();
        let mut all = rules::standard(self.version, &forests, ENTRA, chance);
        for (forest, rule) in &self.custom {
            if let Some((_, connector)) = forests.iter().find(|(name, _)| name == forest) {
                all.push(Rule { identifier: chance.guid(), connector: connector.clone(), ..rule.clone() });
            }
        }
        all.sort_by_key(|rule| rule.precedence);
        Product {
            version: self.version,
            installed: now,
            staging_since: self.staging.then_some(now),
            service: Service { status: ServiceStatus::Running, start_type: StartType::Automatic, due: None, again: false },
            scheduler: SchedulerSettings {
                allowed,
                customized: None,
                next_policy: Policy::Initial,
                next_start: now + TimeDelta::minutes(30),
                purge: TimeDelta::days(7),
                enabled: self.start,
                maintenance: true,
                staging: self.staging,
                suspended: false,
            },
            blocked: None,
            frozen: false,
            requested: None,
            cycle: None,
            active: None,
            options: self.options.clone(),
            connectors,
            synced: BTreeMap::new(),
            left: BTreeSet::new(),
            kept: BTreeMap::new(),
            rules: all,
            history: History::default(),
            last_cycle: None,
            passwords: Passwords::idle(),
            listener: Listener::Closed,
            identity,
            machine_id: chance.guid(),
            unpurged_mb: 0,
            local_db: fits_local_db(objects),
        }
    }
}
