//! What can be wrong with a server: each fault is injected by its name and cured again.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::world::World;
use super::world::connector::Kind;
use super::world::directory::Flaw;
use super::world::rules;
use super::world::server::StartType;
use super::world::settings::{Feature, SignIn};
use super::world::wizard::{Page, Session};
use crate::powershell::Version;

macro_rules! faults {
    ($($variant:ident $name:literal $rule:literal $doc:literal;)*) => {
        /// A fault (lab.md 8.6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Fault {
            $(#[doc = $doc] #[serde(rename = $name)] $variant,)*
        }

        impl Fault {
            /// All faults.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name it is injected by.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it is, in words.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }

            /// The health rule that should notice it (health-rules.md); empty where it shows otherwise.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule),* }
            }
        }
    };
}

faults! {
    WizardLeftOpen "wizard-left-open" "H08" "Another administrator left the wizard open in a disconnected session.";
    SuspendedLeak "suspended-leak" "H07" "SchedulerSuspended stays set after an upgrade.";
    SchedulerFrozen "scheduler-frozen" "H09" "The scheduler is stuck in the past until the service is restarted.";
    ServiceStopped "service-stopped" "H13" "The ADSync service crashed.";
    ServiceManual "service-manual" "H14" "The ADSync service starts by hand only.";
    ServiceWillNotStart "service-will-not-start" "H13" "An edited miiserver.exe.config keeps the service from starting.";
    SchedulerDisabled "scheduler-disabled" "H05" "SyncCycleEnabled was set to False and forgotten.";
    Reboot "reboot" "H57" "The machine restarts now, inside a cycle if one runs.";
    ClockSkew "clock-skew" "H28" "The machine's clock is six minutes ahead.";
    DomainControllerDown "domain-controller-down" "H15" "No domain controller can be reached.";
    CloudBlocked "cloud-blocked" "H51" "Outbound 443 is blocked.";
    ExportErrors "export-errors" "H16" "Three users that Entra ID refuses.";
    PermissionIssue "permission-issue" "H18" "The account of the AD connector has no rights on some users (8344).";
    OuMissing "ou-missing" "H38" "An organizational unit is not ticked on this server.";
    RuleMissing "rule-missing" "H39" "A custom rule that the other server has is missing here.";
    RuleDisabled "rule-disabled" "H39" "A standard rule is disabled here.";
    VersionBelowFloor "version-below-floor" "H24" "A build that Entra ID no longer lets synchronize.";
    WizardTooOld "wizard-too-old" "H24" "A build whose wizard can no longer sign in.";
    VersionSkew "version-skew" "H27" "An older build than the other server's.";
    AutoUpgradeFires "auto-upgrade" "H36" "The product upgrades itself now.";
    OverridesPending "overrides-pending" "H30" "Full import and full synchronization are required.";
    PasswordsOff "passwords-off" "H45" "Password hash synchronization is not ticked here.";
    PassThroughDisabled "pass-through-disabled" "H53" "The sign-in page of this server switched pass-through authentication off for the tenant.";
    SharedApplication "shared-application" "H49" "Two servers share one application: its certificates fight (AADSTS700027).";
    Clone "clone" "H48" "The machine is a clone of the first server.";
    DualActive "dual-active" "H01" "Staging mode was switched off here by mistake.";
    Rogue "rogue" "H47" "Out of staging, without a domain controller: it writes old values again and again.";
    ManualExport "manual-export" "H60" "Somebody runs the Export profile by hand.";
    ThresholdLowered "threshold-lowered" "H21" "The tenant's deletion threshold is 10.";
    DatabaseFull "database-full" "H55" "LocalDB has reached its 10 GB.";
    NeverEndingCycle "never-ending-cycle" "H11" "A synchronization run does not end.";
    ConnectorMissing "connector-missing" "" "The Entra connector does not exist.";
    LdapAssemblyOld "ldap-assembly-old" "" "A Generic LDAP connector whose assembly is older (event 6947).";
    RulePrecedence "rule-precedence" "" "A custom rule has a precedence over 99: the settings file cannot be imported.";
    TlsOff "tls-off" "H29" "TLS 1.2 is switched off in the registry.";
    ConnectionSlow "connection-slow" "H61" "Every answer takes some seconds.";
    ConnectionFlapping "connection-flapping" "H61" "Connections break again and again.";
    Unreachable "unreachable" "H03" "The machine cannot be reached.";
    CmdletHangs "cmdlet-hangs" "H61" "The scheduler's cmdlet does not answer.";
    ModalDialog "modal-dialog" "H62" "A cmdlet wants to show a dialog.";
    GermanDates "german-dates" "" "The server prints dates as German ones do.";
    NineProperties "nine-properties" "" "Get-ADSyncScheduler shows nine properties, as early builds did.";
}

impl Fault {
    /// Whether it is of the machine and its connections, not of the product.
    pub fn is_of_the_machine(self) -> bool {
        matches!(
            self,
            Self::ClockSkew
                | Self::CloudBlocked
                | Self::ConnectionFlapping
                | Self::ConnectionSlow
                | Self::DomainControllerDown
                | Self::GermanDates
                | Self::Reboot
                | Self::TlsOff
                | Self::Unreachable
        )
    }

    /// By its name; the error says which name is nearest.
    pub fn named(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| {
            let near = Self::ALL
                .iter()
                .map(|fault| fault.name())
                .max_by(|a, b| strsim::jaro_winkler(a, text).total_cmp(&strsim::jaro_winkler(b, text)));
            format!("'{text}' is no fault; did you mean '{}'?", near.unwrap_or_default())
        })
    }

    /// By its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name().eq_ignore_ascii_case(text))
    }
}

const CUSTOM_RULE: &str = "In from AD - User Custom Staff";

/// Makes it so. The answer says what was done.
pub fn inject(world: &mut World, at: usize, fault: Fault) -> Result<String, String> {
    let now = world.now;
    let (server, mut around) = world.split(at);
    let name = server.host.name.clone();
    if server.product.is_none() && !fault.is_of_the_machine() {
        return Err(format!("Microsoft Entra Connect is not installed on {name}"));
    }
    server.faults.insert(fault);
    match fault {
        Fault::WizardLeftOpen => {
            server.faults.remove(&fault);
            server.open_wizard(&format!("{}\\bob", super::world::netbios(&server.host.domain)), now)?;
            if let Some(wizard) = server.wizard.as_mut() {
                wizard.session = Session::Disconnected;
                wizard.page = Page::Tasks;
            }
        }
        Fault::ServiceStopped => server.crash_service(&mut around),
        Fault::Reboot => {
            server.faults.remove(&fault);
            server.power_on(&mut around);
        }
        Fault::ClockSkew => server.host.skew_ms = 360_000,
        Fault::ExportErrors => {
            server.faults.remove(&fault);
            let dn = around.directory.container_names().into_iter().next().unwrap_or_default();
            for (name, flaw) in
                [("Rita Duplicate", Flaw::Duplicate), ("Sven Softmatch", Flaw::SoftMatch), ("Hanna Hardmatch", Flaw::HardMatch)]
            {
                around.directory.create(name, &dn, Some(flaw), now)?;
            }
        }
        Fault::ManualExport => {
            server.faults.remove(&fault);
            let entra = server.product.as_ref().and_then(|p| p.entra()).map(|c| c.name.clone()).unwrap_or_default();
            let user = format!("{}\\bob", super::world::netbios(&server.host.domain));
            server.start_run(&entra, super::world::history::Profile::Export, &user, &around)?;
        }
        Fault::ThresholdLowered => around.cloud.deletion_threshold = 10,
        Fault::AutoUpgradeFires => {
            server.faults.remove(&fault);
            let to = world.offered;
            let (server, mut around) = world.split(at);
            server.auto_upgrade(to, &mut around)?;
        }
        Fault::TlsOff => {
            for side in ["Client", "Server"] {
                let key = format!("{}\\{side}", super::world::host::SCHANNEL);
                server.host.registry.insert(format!("{key}\\Enabled"), 0);
                server.host.registry.insert(format!("{key}\\DisabledByDefault"), 1);
            }
        }
        Fault::Clone => {
            let first = world.servers.iter().find_map(|s| s.product.as_ref()).map(|p| (p.machine_id.clone(), p.identity.clone()));
            if let (Some((id, identity)), Some(product)) = (first, world.servers[at].product.as_mut()) {
                product.machine_id = id;
                product.identity = identity;
            }
        }
        _ => inject_product(world, at, fault)?,
    }
    Ok(format!("{name}: {}", fault.description()))
}

/// Faults of the product's own state.
fn inject_product(world: &mut World, at: usize, fault: Fault) -> Result<(), String> {
    let now = world.now;
    let (server, mut around) = world.split(at);
    let Some(product) = server.product.as_mut() else { return Ok(()) };
    match fault {
        Fault::SuspendedLeak => product.scheduler.suspended = true,
        Fault::SchedulerFrozen => {
            product.frozen = true;
            product.scheduler.next_start = now - TimeDelta::minutes(47);
        }
        Fault::ServiceManual => product.service.start_type = StartType::Manual,
        Fault::SchedulerDisabled => product.scheduler.enabled = false,
        Fault::OuMissing => {
            let forest = product.connectors.iter_mut().find(|c| c.kind == Kind::Forest).ok_or("there is no AD connector")?;
            let suffix = forest.name.clone();
            let dn = around
                .directory
                .forests
                .iter()
                .find(|f| f.name == suffix)
                .and_then(|f| f.containers.iter().rev().find(|c| !forest.excluded.contains(&c.dn)))
                .map(|c| c.dn.clone())
                .ok_or("there is no container to leave out")?;
            forest.excluded.insert(dn);
            forest.full_import_required = true;
        }
        Fault::RuleMissing => {
            let missing = product.rules.iter().position(|rule| !rule.is_standard());
            match missing {
                Some(position) => drop(product.rules.remove(position)),
                None => {
                    // No server has a custom rule yet: then all the others get it.
                    for (other, server) in world.servers.iter_mut().enumerate() {
                        let chance = &mut server.chance;
                        if let Some(product) = server.product.as_mut().filter(|_| other != at) {
                            let connector = product.forests().next().map(|c| c.identifier.clone()).unwrap_or_default();
                            product.rules.insert(0, rules::custom(CUSTOM_RULE, 50, &connector, 100, chance));
                            require_full_sync(product);
                        }
                    }
                }
            }
            if let Some(product) = world.servers[at].product.as_mut() {
                require_full_sync(product);
            }
        }
        Fault::RuleDisabled => {
            if let Some(rule) = product.rules.iter_mut().find(|rule| rule.name == "In from AD - User Common") {
                rule.disabled = true;
            }
            require_full_sync(product);
        }
        Fault::RulePrecedence => {
            let connector = product.forests().next().map(|c| c.identifier.clone()).unwrap_or_default();
            product.rules.push(rules::custom("In from AD - User Late Rule", 250, &connector, 0, &mut server.chance));
        }
        Fault::VersionBelowFloor => product.version = Version { major: 2, minor: 5, build: Some(76), revision: Some(0) },
        Fault::WizardTooOld => product.version = Version { major: 2, minor: 3, build: Some(20), revision: Some(0) },
        Fault::VersionSkew => product.version = Version { major: 2, minor: 5, build: Some(190), revision: Some(0) },
        Fault::OverridesPending => {
            for connector in &mut product.connectors {
                connector.full_import_required = true;
                connector.full_sync_required = true;
            }
        }
        Fault::PasswordsOff => {
            product.options.features.remove(&Feature::PasswordHashSync);
            server.settle_now(&mut around);
        }
        Fault::PassThroughDisabled => {
            product.options.sign_in = SignIn::PasswordHashSynchronization;
            around.cloud.pass_through = false;
        }
        Fault::DualActive | Fault::Rogue => {
            product.scheduler.staging = false;
            product.staging_since = None;
            product.scheduler.enabled = true;
            if fault == Fault::Rogue {
                server.faults.insert(Fault::DomainControllerDown);
            }
            server.faults.remove(&Fault::DualActive);
            server.settle_now(&mut around);
        }
        Fault::DatabaseFull => product.database_mb = 10_240,
        Fault::ConnectorMissing => product.connectors.retain(|connector| connector.kind != Kind::Entra),
        Fault::LdapAssemblyOld => {
            let identifier = server.chance.guid();
            let connector =
                super::world::connector::Connector::new("ldap.contoso.com", identifier, Kind::GenericLdap, "cn=sync", now);
            product.connectors.push(super::world::connector::Connector {
                full_import_required: false,
                full_sync_required: false,
                ..connector
            });
        }
        _ => {}
    }
    Ok(())
}

fn require_full_sync(product: &mut super::world::server::Product) {
    for connector in product.connectors.iter_mut().filter(|connector| connector.kind == Kind::Forest) {
        connector.full_sync_required = true;
    }
}

/// Puts it right again. The answer says what was done; some faults are cured at the server itself, as on a real one.
pub fn cure(world: &mut World, at: usize, fault: Fault) -> Result<String, String> {
    let offered = world.offered;
    let (server, mut around) = world.split(at);
    let name = server.host.name.clone();
    let known = server.faults.remove(&fault);
    match fault {
        Fault::WizardLeftOpen => {
            server.kill_wizard(&mut around)?;
        }
        Fault::ClockSkew => server.host.skew_ms = 0,
        Fault::ServiceStopped => server.start_service(around.now)?,
        Fault::Rogue => {
            server.faults.remove(&Fault::DomainControllerDown);
        }
        Fault::ThresholdLowered => around.cloud.deletion_threshold = 500,
        Fault::PassThroughDisabled => around.cloud.pass_through = true,
        Fault::TlsOff => server.host.registry.retain(|key, _| !key.starts_with(super::world::host::SCHANNEL)),
        Fault::NeverEndingCycle => server.stop_cycle(around.now),
        _ => {
            if let Some(product) = server.product.as_mut() {
                match fault {
                    Fault::SuspendedLeak => product.scheduler.suspended = false,
                    Fault::SchedulerFrozen => product.frozen = false,
                    Fault::ServiceManual => product.service.start_type = StartType::Automatic,
                    Fault::SchedulerDisabled => product.scheduler.enabled = true,
                    Fault::OuMissing => {
                        for connector in product.connectors.iter_mut().filter(|c| !c.excluded.is_empty()) {
                            connector.excluded.pop_last();
                            connector.full_import_required = true;
                            connector.full_sync_required = true;
                        }
                    }
                    Fault::RuleDisabled => {
                        for rule in &mut product.rules {
                            rule.disabled = false;
                        }
                        require_full_sync(product);
                    }
                    Fault::RuleMissing => {
                        let connector = product.forests().next().map(|c| c.identifier.clone()).unwrap_or_default();
                        product.rules.insert(0, rules::custom(CUSTOM_RULE, 50, &connector, 100, &mut server.chance));
                        require_full_sync(product);
                    }
                    Fault::VersionBelowFloor | Fault::WizardTooOld | Fault::VersionSkew => product.version = offered,
                    Fault::PasswordsOff => {
                        product.options.features.insert(Feature::PasswordHashSync);
                    }
                    Fault::DatabaseFull => product.database_mb = 900,
                    Fault::DualActive => product.scheduler.staging = true,
                    _ if !known => return Err(format!("{name} does not have the fault {}", fault.name())),
                    _ => {}
                }
            }
            server.settle_now(&mut around);
        }
    }
    let (server, around) = world.split(at);
    server.look_again_now(around.now);
    Ok(format!("{name}: {} is cured", fault.name()))
}
