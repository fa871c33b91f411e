//! Carries a verb out in the world, and answers in words what a human would have seen.

use super::fault;
use super::fault::Fault;
use super::portal;
use super::verb::{AgentVerb, Churn as Rate, InstallerVerb, ServiceVerb, Verb, VmVerb, WizardVerb};
use super::world::World;
use super::world::directory::{Churn, Flaw};
use super::world::files::is_share;
use super::world::installer::Turn;
use super::world::network::{OPEN, Path, Way};
use super::world::server::Power;
use super::world::wizard::{Change, Page, Session};

/// Rates in thousandths a day (lab.md 8.1).
pub fn rates(rate: Rate, since: crate::Time) -> Churn {
    let (created, deleted, modified) = match rate {
        Rate::Off => (0, 0, 0),
        Rate::Low => (1, 1, 5),
        Rate::Normal => (10, 10, 50),
        Rate::High => (50, 50, 250),
    };
    Churn { since, created, deleted, modified }
}

/// Does it. The error says why it is not possible and what to do.
pub fn operate(world: &mut World, verb: &Verb) -> Result<String, String> {
    match verb {
        Verb::Wizard(role, verb) => wizard(world, role, verb),
        Verb::Installer(role, verb) => installer(world, role, verb),
        Verb::Upgrade(role, start) => {
            let (at, to, user) = (find(world, role)?, world.offered, world.user.clone());
            let (server, mut around) = world.split(at);
            server.upgrade(to, *start, &user, &mut around)
        }
        Verb::Uninstall(role) => {
            let at = find(world, role)?;
            let (server, mut around) = world.split(at);
            server.uninstall(&mut around)
        }
        Verb::Service(role, verb) => service(world, role, *verb),
        Verb::ServiceManager(role, open) => {
            let (at, user) = (find(world, role)?, world.user.clone());
            let server = &mut world.servers[at];
            if server.product.is_none() {
                return Err(format!("Microsoft Entra Connect is not installed on {}", server.host.name));
            }
            server.service_manager = open.then_some(user);
            Ok(format!(
                "The Synchronization Service Manager is {} on {}",
                if *open { "open" } else { "closed" },
                server.host.name
            ))
        }
        Verb::AuthenticationAgent(role, verb) => authentication_agent(world, role, *verb),
        Verb::Vm(role, verb) => vm(world, role, *verb),
        Verb::Resync(role) => {
            let at = find(world, role)?;
            let server = &mut world.servers[at];
            server.faults.remove(&Fault::ClockSkew);
            server.host.skew_ms = 0;
            Ok(format!("The clock of {} is set", server.host.name))
        }
        Verb::Network(role, way, path) => network(world, role, *way, *path),
        Verb::Policy(verb) => portal::policy(world, verb),
        Verb::Fault(fault, role) => {
            let at = find(world, role)?;
            fault::inject(world, at, *fault)
        }
        Verb::Cure(fault, role) => {
            let at = find(world, role)?;
            fault::cure(world, at, *fault)
        }
        Verb::CreateUser { name, container, illegal } => {
            let now = world.now;
            let dn = world.directory.find_container(container).map_or_else(|| container.clone(), |found| found.dn.clone());
            let user = &world.directory.create(name, &dn, illegal.then_some(Flaw::IllegalAttribute), now)?.first;
            Ok(format!("{} is in {}", user.upn(), user.container))
        }
        Verb::ChangeUser(name) => world.change_user(name),
        Verb::SetUser(name, attribute, value) => world.set_user(name, attribute, value),
        Verb::ChangePassword(name) => world.change_password(name),
        Verb::EnableUser(name, enabled) => world.enable_user(name, *enabled),
        Verb::MoveUser(name, container) => world.move_user(name, container),
        Verb::DeleteUser(name) => world.delete_user(name),
        Verb::Member { group, user, add } => world.change_member(group, user, *add),
        Verb::Churn(rate) => {
            let rates = rates(*rate, world.now);
            world.directory.set_churn(rates);
            Ok("The directory's rate of change is set".to_owned())
        }
        Verb::PortalUser(name) => Ok(portal::user(world, name)),
        Verb::PortalDeleted => Ok(portal::deleted(world)),
        Verb::PortalRestore(name) => portal::restore(world, name),
        Verb::PortalSync => Ok(portal::sync(world)),
        Verb::PortalFeatures => Ok(portal::features(world)),
        Verb::PortalIdentities => Ok(portal::identities(world)),
        Verb::PortalRemove(name) => portal::remove(world, name),
    }
}

fn find(world: &World, role: &str) -> Result<usize, String> {
    world.find(role).ok_or_else(|| {
        let names: Vec<&str> = world.servers.iter().map(|server| server.role.as_str()).collect();
        format!("there is no server {role} in this lab; there are {}", names.join(", "))
    })
}

fn wizard(world: &mut World, role: &str, verb: &WizardVerb) -> Result<String, String> {
    let (at, operator) = (find(world, role)?, world.user.clone());
    let (server, mut around) = world.split(at);
    match verb {
        WizardVerb::Open(user) => server.open_wizard(user.as_deref().unwrap_or(&operator), around.now),
        WizardVerb::Stage(enable, start) => server.configure(Change::Staging { enable: *enable, start: *start }, &around),
        WizardVerb::ViewSignIn => server.look_at(&Page::SignIn, &around),
        WizardVerb::SignIn(method, sso) => server.configure(Change::SignIn { method: *method, sso: *sso }, &around),
        WizardVerb::ViewFeatures => server.look_at(&Page::Features, &around),
        WizardVerb::Features(features) => server.configure(Change::Features { features: features.clone() }, &around),
        WizardVerb::Scope(container, selected, start) => {
            let dn = around.directory.find_container(container).map(|found| found.dn.clone()).ok_or_else(|| {
                format!("there is no container {container}; there are {}", around.directory.container_names().join(", "))
            })?;
            server.configure(Change::Scope { dn, selected: *selected, start: *start }, &around)
        }
        WizardVerb::View => server.look_at(&Page::View, &around),
        WizardVerb::Export(path) => {
            let text = server.export_settings(&around)?;
            let name = server.host.name.clone();
            world.write_file(at, path, text);
            Ok(format!("The settings of {name} are in {path}"))
        }
        WizardVerb::Exit => server.exit_wizard(&mut around),
        WizardVerb::Kill => server.kill_wizard(&mut around),
        WizardVerb::Disconnect => {
            let name = server.host.name.clone();
            let wizard = server.wizard.as_mut().ok_or_else(|| format!("The wizard is not open on {name}"))?;
            wizard.session = Session::Disconnected;
            Ok(format!("{} is disconnected from {name}; the wizard stays open", wizard.user))
        }
    }
}

fn network(world: &mut World, role: &str, way: Way, path: Path) -> Result<String, String> {
    let at = find(world, role)?;
    let (server, around) = world.split(at);
    server.host.network.set(way, path);
    // The faults that are nothing but this way's state went with it.
    server.faults.retain(|fault| !way.faults().contains(fault));
    server.look_again_now(around.now);
    let to = match way {
        Way::Directory => "to the domain controllers",
        Way::Cloud => "to the tenant (outbound 443)",
        Way::Console => "from the console (WinRM)",
    };
    let state = match path {
        Path::Blocked => "is blocked".to_owned(),
        OPEN => "is open".to_owned(),
        Path::Open(_) => format!("is open and {path} slow"),
    };
    Ok(format!("{}: the way {to} {state}", server.host.name))
}

fn installer(world: &mut World, role: &str, verb: &InstallerVerb) -> Result<String, String> {
    let (at, offered, operator) = (find(world, role)?, world.offered, world.user.clone());
    let turn = match verb {
        InstallerVerb::Open => {
            let (server, around) = world.split(at);
            return server.open_installer(&operator, offered, &around);
        }
        InstallerVerb::Express => Turn::Express,
        InstallerVerb::Customize(None) => Turn::Customize(None),
        InstallerVerb::Customize(Some(path)) => {
            let files = if is_share(path) { &world.shares } else { &world.servers[at].files };
            let found = files.iter().find(|(known, _)| known.eq_ignore_ascii_case(path)).map(|(_, text)| text.clone());
            let text = found.ok_or_else(|| {
                format!(
                    "{} does not see the file {path}; a file of another server must be on a share",
                    world.servers[at].host.name
                )
            })?;
            Turn::Customize(Some(text))
        }
        InstallerVerb::SignIn(method, sso) => Turn::SignIn(*method, *sso),
        InstallerVerb::Accounts => Turn::Accounts,
        InstallerVerb::Features(features) => Turn::Features(features.clone()),
        InstallerVerb::Ready(staging, start) => Turn::Ready(*staging, *start),
    };
    let (server, around) = world.split(at);
    server.installer_turn(turn, &around)
}

fn service(world: &mut World, role: &str, verb: ServiceVerb) -> Result<String, String> {
    let at = find(world, role)?;
    let (server, around) = world.split(at);
    let name = server.host.name.clone();
    let doing = match verb {
        ServiceVerb::Start => {
            server.start_service(around.now)?;
            "starting"
        }
        ServiceVerb::Stop => {
            server.stop_service(around.now, false)?;
            "stopping"
        }
        ServiceVerb::Restart => {
            server.stop_service(around.now, true)?;
            "restarting"
        }
    };
    Ok(format!("ADSync is {doing} on {name}"))
}

fn authentication_agent(world: &mut World, role: &str, verb: AgentVerb) -> Result<String, String> {
    let at = find(world, role)?;
    let server = &mut world.servers[at];
    match verb {
        AgentVerb::Install => server.install_authentication_agent()?,
        AgentVerb::Uninstall => server.uninstall_authentication_agent()?,
    }
    let done = if verb == AgentVerb::Install { "is installed on" } else { "was removed from" };
    let agents = match world.authentication_agents() {
        0 if world.cloud.pass_through => "no agent runs any more: nobody can sign in".to_owned(),
        1 => "one agent runs".to_owned(),
        n => format!("{n} agents run"),
    };
    Ok(format!("The pass-through authentication agent {done} {}; {agents}", world.servers[at].host.name))
}

fn vm(world: &mut World, role: &str, verb: VmVerb) -> Result<String, String> {
    let at = find(world, role)?;
    let (server, mut around) = world.split(at);
    let name = server.host.name.clone();
    match (verb, server.host.power) {
        (VmVerb::Pause, Power::On) => server.pause(&mut around),
        (VmVerb::Resume, Power::Paused(_)) => server.resume(&mut around),
        (VmVerb::Off, Power::On | Power::Paused(_) | Power::Starting(_)) => server.power_off(&mut around),
        (VmVerb::On, Power::Off) | (VmVerb::Reboot, Power::On) => server.power_on(&mut around),
        (_, power) => {
            let state = match power {
                Power::On => "is on",
                Power::Off => "is off",
                Power::Paused(_) => "is paused",
                Power::Starting(_) => "is starting",
            };
            return Err(format!("{name} {state}"));
        }
    }
    let now = match verb {
        VmVerb::Pause => "is paused",
        VmVerb::Resume => "goes on",
        VmVerb::Off => "is off",
        VmVerb::On => "is starting",
        VmVerb::Reboot => "restarts",
    };
    Ok(format!("{name} {now}"))
}
