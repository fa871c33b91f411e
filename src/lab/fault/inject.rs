//! Makes a fault so.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{CUSTOM_RULE, Fault, LATE_RULE, REFUSED, SLOW, colleague, require_full_sync};
use crate::lab::verb::Verb;
use crate::lab::world::access::{AccessPolicy, PolicyState, Stops};
use crate::lab::world::connector::{Connector, Kind};
use crate::lab::world::history::Profile;
use crate::lab::world::host::SCHANNEL;
use crate::lab::world::network::{Path, Way};
use crate::lab::world::rules;
use crate::lab::world::server::{Identity, Product, StartType};
use crate::lab::world::settings::{AutoUpgrade, Feature, SignIn};
use crate::lab::world::wizard::Session;
use crate::lab::world::{Planned, World};
use crate::powershell::Version;

/// Makes it so. The answer says what was done, the error why it cannot be.
pub fn inject(world: &mut World, at: usize, fault: Fault) -> Result<String, String> {
    let name = world.servers[at].host.name.clone();
    if world.servers[at].product.is_none() && !fault.is_of_the_machine() {
        return Err(format!("Microsoft Entra Connect is not installed on {name}"));
    }
    if happens(world, at, fault)? {
        return Ok(format!("{name}: {}", fault.description()));
    }
    make(world, at, fault)?;
    world.servers[at].faults.insert(fault);
    Ok(format!("{name}: {}", fault.description()))
}

/// What happens once and is no state: it leaves no fault to cure. Answers whether the fault is of that kind.
fn happens(world: &mut World, at: usize, fault: Fault) -> Result<bool, String> {
    let (now, offered) = (world.now, world.offered);
    let (server, mut around) = world.split(at);
    match fault {
        Fault::Reboot => server.power_on(&mut around),
        Fault::ManualExport => {
            let entra = server.product.as_ref().and_then(Product::entra).map(|c| c.name.clone()).unwrap_or_default();
            let user = colleague(&server.host.domain);
            server.start_run(&entra, Profile::Export, &user, &around)?;
        }
        Fault::WizardLeftOpen if server.product.as_ref().is_some_and(Product::in_progress) => {
            let verb = Verb::Fault(fault, server.role.clone());
            world.plan(Planned { at: now + TimeDelta::seconds(30), verb, waited: 0 });
        }
        Fault::WizardLeftOpen => {
            let user = colleague(&server.host.domain);
            server.open_wizard(&user, now)?;
            if let Some(wizard) = server.wizard.as_mut() {
                wizard.session = Session::Disconnected;
            }
        }
        Fault::AutoUpgradeFires => {
            if let Some(product) = server.product.as_mut() {
                product.options.auto_upgrade = AutoUpgrade::Enabled;
            }
            server.auto_upgrade(offered, &mut around)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn make(world: &mut World, at: usize, fault: Fault) -> Result<(), String> {
    let now = world.now;
    let (server, mut around) = world.split(at);
    match fault {
        Fault::ServiceStopped => server.crash_service(&mut around),
        Fault::ClockSkew => server.host.skew_ms = 360_000,
        Fault::DatabaseFull => server.fill_database(&around)?,
        Fault::DirectoryConnection => server.host.network.ad = Path::Blocked,
        Fault::CloudBlocked => server.host.network.cloud = Path::Blocked,
        Fault::Unreachable | Fault::ConnectionSlow => {
            // One way has one state: the later fault is what it is now.
            server.faults.retain(|known| !Way::Console.faults().contains(known));
            server.host.network.winrm = if fault == Fault::Unreachable { Path::Blocked } else { Path::Open(SLOW) };
        }
        Fault::ConditionalAccess => {
            let host = server.host.name.clone();
            let name = format!("Block sign-ins from {host}");
            around.cloud.policies.retain(|policy| policy.name != name);
            let policy =
                AccessPolicy { name, state: PolicyState::Enabled, stops: Stops::Location(host), excluded: BTreeSet::new() };
            around.cloud.policies.push(policy);
        }
        Fault::OtherOperator => server.service_manager = Some(colleague(&server.host.domain)),
        Fault::ExportErrors => {
            let dn = around.directory.container_names().into_iter().next().unwrap_or_default();
            for (name, flaw) in REFUSED {
                around.directory.create(name, &dn, Some(flaw), now)?;
            }
        }
        Fault::ThresholdLowered => {
            around.cloud.deletion_threshold = 10;
            if let Some(product) = server.product.as_mut() {
                product.options.deletion_threshold = 10;
            }
        }
        Fault::TlsOff => {
            for side in ["Client", "Server"] {
                let key = format!("{SCHANNEL}\\{side}");
                server.host.registry.insert(format!("{key}\\Enabled"), 0);
                server.host.registry.insert(format!("{key}\\DisabledByDefault"), 1);
            }
        }
        Fault::NoneActive | Fault::DualActive => {
            let staging = server.product.as_ref().is_some_and(|product| product.scheduler.staging);
            let enable = fault == Fault::NoneActive;
            if staging == enable {
                let state = if staging { "in staging" } else { "out of staging" };
                return Err(format!("{} is {state} already", server.host.name));
            }
            if let Some(product) = server.product.as_mut() {
                product.scheduler.enabled = true;
            }
            server.set_staging(enable, &around);
        }
        Fault::Rogue => {
            if let Some(product) = server.product.as_mut() {
                product.scheduler.enabled = true;
            }
            server.faults.insert(Fault::DomainControllerDown);
            server.set_staging(false, &around);
        }
        Fault::Clone | Fault::SharedApplication => copy_identity(world, at, fault)?,
        Fault::RuleMissing => lose_rule(world, at),
        _ => change_product(world, at, fault)?,
    }
    Ok(())
}

/// Takes over the identity of another server.
fn copy_identity(world: &mut World, at: usize, fault: Fault) -> Result<(), String> {
    let others = world.servers.iter().enumerate().filter(|(other, _)| *other != at);
    let found =
        others.filter_map(|(_, server)| server.product.as_ref()).map(|p| (p.machine_id.clone(), p.identity.clone())).next();
    let (id, identity) = found.ok_or("there is no other server to share anything with")?;
    let Some(product) = world.servers[at].product.as_mut() else { return Ok(()) };
    if fault == Fault::Clone {
        product.machine_id = id;
    }
    product.identity = Identity { expires: product.identity.expires.or(identity.expires), ..identity };
    let name = product.identity.name.clone();
    if let Some(entra) = product.entra_mut() {
        entra.account = name;
    }
    Ok(())
}

/// A custom rule is lost here; where no server has one, all the others get one.
fn lose_rule(world: &mut World, at: usize) {
    let Some(product) = world.servers[at].product.as_mut() else { return };
    if let Some(position) = product.rules.iter().position(|rule| !rule.is_standard()) {
        product.rules.remove(position);
        require_full_sync(product);
        return;
    }
    for (_, server) in world.servers.iter_mut().enumerate().filter(|(other, _)| *other != at) {
        let chance = &mut server.chance;
        if let Some(product) = server.product.as_mut() {
            let connector = product.forests().next().map(|c| c.identifier.clone()).unwrap_or_default();
            product.rules.insert(0, rules::custom(CUSTOM_RULE, 50, &connector, 100, chance));
            require_full_sync(product);
        }
    }
}

/// Faults of the product's own state.
fn change_product(world: &mut World, at: usize, fault: Fault) -> Result<(), String> {
    let now = world.now;
    let (server, around) = world.split(at);
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
            let containers =
                around.directory.forests.iter().find(|known| known.name == forest.name).map(|known| &known.containers);
            let dn = containers
                .and_then(|containers| containers.iter().rev().find(|container| !forest.excluded.contains(&container.dn)))
                .map(|container| container.dn.clone())
                .ok_or("there is no container to leave out")?;
            forest.excluded.insert(dn);
            forest.full_import_required = true;
        }
        Fault::RuleDisabled => {
            if let Some(rule) = product.rules.iter_mut().find(|rule| rule.name == "In from AD - User Common") {
                rule.disabled = true;
            }
            require_full_sync(product);
        }
        Fault::RuleEdited => {
            let rule = product.rules.iter_mut().find(|rule| rule.name == "In from AD - User Common");
            let rule = rule.ok_or("the rule In from AD - User Common is not there")?;
            let flow = rule.flows.iter_mut().find(|flow| flow.destination == "title").ok_or("it writes no title any more")?;
            (flow.source, flow.kind) = ("Trim([title])".to_owned(), "Expression".to_owned());
            require_full_sync(product);
        }
        Fault::RulePrecedence => {
            let connector = product.forests().next().map(|c| c.identifier.clone()).unwrap_or_default();
            product.rules.push(rules::custom(LATE_RULE, 250, &connector, 0, &mut server.chance));
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
            server.settle_now(&around);
        }
        Fault::PassThroughDisabled => {
            if product.options.sign_in != SignIn::PassthroughAuthentication {
                return Err(format!("{} does not sign users in by pass-through authentication", server.host.name));
            }
            product.options.sign_in = SignIn::PasswordHashSynchronization;
            around.cloud.pass_through = false;
        }
        Fault::CertificateExpiring | Fault::CertificateExpired | Fault::CertificateWithoutTpm => {
            if !product.identity.application {
                return Err(format!("{} signs in with an account, not with an application's certificate", server.host.name));
            }
            product.identity.checked = None;
            match fault {
                Fault::CertificateExpiring => product.identity.expires = Some(now + TimeDelta::days(20)),
                Fault::CertificateExpired => product.identity.expires = Some(now - TimeDelta::days(1)),
                _ => {}
            }
        }
        Fault::ConnectorMissing => product.connectors.retain(|connector| connector.kind != Kind::Entra),
        Fault::LdapAssemblyOld => {
            if !product.connectors.iter().any(|connector| connector.kind == Kind::GenericLdap) {
                let connector = Connector::new("ldap.contoso.com", server.chance.guid(), Kind::GenericLdap, "cn=sync", now);
                product.connectors.push(Connector { full_import_required: false, full_sync_required: false, ..connector });
            }
            server.warn_of_assemblies(now);
        }
        _ => {}
    }
    Ok(())
}
