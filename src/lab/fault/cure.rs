//! Puts a fault right again.

use chrono::TimeDelta;

use super::{Fault, LATE_RULE, REFUSED, missing_rules, require_full_sync};
use crate::lab::world::World;
use crate::lab::world::connector::{Connector, ENTRA, Kind};
use crate::lab::world::host::SCHANNEL;
use crate::lab::world::network::{OPEN, Path, Way};
use crate::lab::world::rules::Rule;
use crate::lab::world::server::{Product, Server, ServiceStatus, StartType};
use crate::lab::world::settings::{AutoUpgrade, Feature, SignIn};
use crate::powershell::Version;

/// Puts it right again. The answer says what was done; the error that there is nothing to cure.
pub fn cure(world: &mut World, at: usize, fault: Fault) -> Result<String, String> {
    let name = world.servers[at].host.name.clone();
    if fault == Fault::WizardLeftOpen {
        let (server, mut around) = world.split(at);
        return server.kill_wizard(&mut around);
    }
    if world.servers[at].product.is_none() && !fault.is_of_the_machine() {
        return Ok(format!("{name}: {} went with the product", fault.name()));
    }
    if !world.servers[at].has(fault) && !fault.cures_what_is_found() && !is_so(world, at, fault) {
        return Err(format!("{name} does not have the fault {}", fault.name()));
    }
    match fault {
        Fault::RuleMissing => bring_rules_back(world, at),
        Fault::VersionBelowFloor | Fault::WizardTooOld | Fault::VersionSkew => {
            let to = newest_release(world, at);
            if let Some(product) = world.servers[at].product.as_mut() {
                product.version = to;
            }
        }
        Fault::ExportErrors => {
            let now = world.now;
            let refused = |name: &str| REFUSED.iter().any(|(known, _)| *known == name);
            for kept in world.directory.kept.iter_mut().filter(|kept| refused(&kept.first.name)) {
                kept.mend(now);
            }
        }
        Fault::ThresholdLowered => {
            world.cloud.deletion_threshold = 500;
            for product in world.servers.iter_mut().filter_map(|server| server.product.as_mut()) {
                product.options.deletion_threshold = 500;
            }
        }
        _ => mend(world, at, fault)?,
    }
    let (server, around) = world.split(at);
    server.faults.remove(&fault);
    server.settle_now(&around);
    server.look_again_now(around.now);
    Ok(format!("{name}: {} is cured", fault.name()))
}

/// Whether a fault that is nothing but the state of the network or the tenant came about by other means.
fn is_so(world: &World, at: usize, fault: Fault) -> bool {
    let server = &world.servers[at];
    let network = &server.host.network;
    match fault {
        Fault::DirectoryConnection => network.ad == Path::Blocked,
        Fault::CloudBlocked => network.cloud == Path::Blocked,
        Fault::Unreachable => network.winrm == Path::Blocked,
        Fault::ConnectionSlow => network.winrm.latency() > TimeDelta::zero(),
        Fault::ConditionalAccess => server.stopped_by_policy(&world.cloud),
        _ => false,
    }
}

/// The release that the others run, else the one at hand.
fn newest_release(world: &World, at: usize) -> Version {
    let others = world.servers.iter().enumerate().filter(|(other, _)| *other != at);
    others.filter_map(|(_, server)| server.product.as_ref()).map(|product| product.version).max().unwrap_or(world.offered)
}

/// Custom rules that the others have are imported again.
fn bring_rules_back(world: &mut World, at: usize) {
    let missing = missing_rules(world, at);
    let server = &mut world.servers[at];
    let Some(product) = server.product.as_mut() else { return };
    let connector = product.forests().next().map(|c| c.identifier.clone()).unwrap_or_default();
    for mut rule in missing {
        rule.identifier = server.chance.guid();
        rule.connector.clone_from(&connector);
        product.rules.insert(0, rule);
    }
    product.rules.sort_by_key(|rule| rule.precedence);
    require_full_sync(product);
}

fn mend(world: &mut World, at: usize, fault: Fault) -> Result<(), String> {
    let (tenant, operator) = (world.cloud.tenant.clone(), world.user.clone());
    let (server, around) = world.split(at);
    let now = around.now;
    match fault {
        Fault::ClockSkew => server.host.skew_ms = 0,
        Fault::DirectoryConnection => server.host.network.ad = OPEN,
        Fault::CloudBlocked => server.host.network.cloud = OPEN,
        Fault::Unreachable | Fault::ConnectionSlow => {
            server.host.network.winrm = OPEN;
            server.faults.retain(|fault| !Way::Console.faults().contains(fault));
        }
        Fault::ConditionalAccess => {
            // As an administrator cures it: the server's identity and the one at its wizard are excluded, the policies stay.
            let identity = server.product.as_ref().map(|product| product.identity.name.clone());
            for policy in &mut around.cloud.policies {
                policy.excluded.extend(identity.clone());
                policy.excluded.insert(operator.clone());
            }
        }
        Fault::ServiceStopped => server.start_service(now)?,
        Fault::ServiceWillNotStart => {
            server.faults.remove(&fault);
            if server.product.as_ref().is_some_and(|product| product.service.status == ServiceStatus::Stopped) {
                server.start_service(now)?;
            }
        }
        Fault::Rogue => {
            server.faults.remove(&Fault::DomainControllerDown);
            server.set_staging(true, &around);
        }
        Fault::DualActive => server.set_staging(true, &around),
        Fault::NoneActive => server.set_staging(false, &around),
        Fault::OtherOperator => server.service_manager = None,
        Fault::TlsOff => {
            for side in ["Client", "Server"] {
                let key = format!("{SCHANNEL}\\{side}");
                server.host.registry.insert(format!("{key}\\Enabled"), 1);
                server.host.registry.insert(format!("{key}\\DisabledByDefault"), 0);
            }
        }
        Fault::NeverEndingCycle => server.stop_cycle(now),
        Fault::PassThroughDisabled => around.cloud.pass_through = true,
        _ => {}
    }
    let Server { product, chance, host, .. } = server;
    let Some(product) = product.as_mut() else { return Ok(()) };
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
        Fault::RuleEdited => {
            product.rules.iter_mut().for_each(Rule::reset);
            require_full_sync(product);
        }
        Fault::AutoUpgradeFires => product.options.auto_upgrade = AutoUpgrade::Disabled,
        Fault::RulePrecedence => product.rules.retain(|rule| rule.name != LATE_RULE),
        Fault::PassThroughDisabled => product.options.sign_in = SignIn::PassthroughAuthentication,
        Fault::PasswordsOff => {
            product.options.features.insert(Feature::PasswordHashSync);
        }
        Fault::OverridesPending => {
            for connector in &mut product.connectors {
                connector.full_import_required = false;
                connector.full_sync_required = false;
            }
        }
        Fault::CertificateExpiring | Fault::CertificateExpired => product.identity.expires = Some(now + TimeDelta::days(180)),
        Fault::DatabaseFull => product.unpurged_mb = 0,
        Fault::Clone | Fault::SharedApplication => {
            if fault == Fault::Clone {
                product.machine_id = chance.guid();
            }
            register_anew(product, &host.name, &tenant, &chance.hex12());
        }
        Fault::ConnectorMissing => {
            let account = product.identity.name.clone();
            product.connectors.push(Connector::new(format!("{tenant} - AAD"), ENTRA, Kind::Entra, account, now));
        }
        _ => {}
    }
    Ok(())
}

/// An application or account of the server's own.
fn register_anew(product: &mut Product, host: &str, tenant: &str, tail: &str) {
    let name = if product.identity.application {
        format!("ConnectSyncProvisioning_{host}_{tail}")
    } else {
        format!("Sync_{host}_{tail}@{tenant}")
    };
    product.identity.name.clone_from(&name);
    if let Some(entra) = product.entra_mut() {
        entra.account = name;
    }
}
