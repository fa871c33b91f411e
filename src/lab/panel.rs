//! What the operator of a rehearsal sees beside the session: the servers as one stands before them, the directory, the tenant, and what
//! can be done.

use serde::Serialize;

use super::fault::Fault;
use super::portal::moment;
use super::verb::HELP;
use super::world::World;
use super::world::history::Profile;
use super::world::installer::Step;
use super::world::pending::pending_count;
use super::world::server::{Power, Product, Server};
use super::world::wizard::{Page, Session};
use crate::Time;

/// The lab panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Panel {
    /// The world's clock
    pub now: Time,
    /// Servers in the scenario's order
    pub servers: Vec<ServerPanel>,
    /// One line of the directory
    pub directory: String,
    /// One line of the tenant
    pub tenant: String,
    /// What should not be: two active servers, an export from staging, a scenario that could not be played as written
    pub alarms: Vec<String>,
    /// Forms of all verbs with what they do
    pub verbs: Vec<(String, String)>,
    /// Names of all faults with what they are
    pub faults: Vec<(String, String)>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServerPanel {
    /// Role
    pub role: String,
    /// Machine's name
    pub host: String,
    /// Power, product, service, role, in one line
    pub state: String,
    /// What its wizard or installer shows; none where it is closed
    pub wizard: Option<String>,
    /// What runs, or when the next cycle is due
    pub cycle: String,
    /// Names of the faults it has
    pub faults: Vec<String>,
    /// Verbs that make sense now, ready to be said
    pub offers: Vec<String>,
}

impl Panel {
    /// The panel of a world.
    pub fn of(world: &World) -> Self {
        let objects: u64 = world.directory.container_names().iter().map(|dn| world.directory.population(dn, world.now)).sum();
        let controllers: Vec<String> = world
            .directory
            .forests
            .iter()
            .map(|forest| {
                let usn = world.directory.usn(forest, world.now);
                format!("{} at USN {usn} ({})", forest.name, forest.domain_controllers.join(", "))
            })
            .collect();
        let client = world.cloud.client.as_ref().map_or_else(
            || "never synchronized".to_owned(),
            |client| format!("last synchronized by {} at {}", client.machine, moment(client.last_sync, world.now)),
        );
        Self {
            now: world.now,
            servers: world.servers.iter().map(|server| panel_of(world, server)).collect(),
            directory: format!(
                "{objects} objects in {} containers; {}",
                world.directory.container_names().len(),
                controllers.join("; ")
            ),
            tenant: format!("{}: {client}", world.cloud.tenant),
            alarms: alarms(world),
            verbs: HELP.iter().map(|(form, text)| ((*form).to_owned(), (*text).to_owned())).collect(),
            faults: Fault::ALL.iter().map(|fault| (fault.name().to_owned(), fault.description().to_owned())).collect(),
        }
    }
}

/// What should not be.
fn alarms(world: &World) -> Vec<String> {
    let active: Vec<&str> =
        world.servers.iter().filter(|server| server.is_active()).map(|server| server.host.name.as_str()).collect();
    let mut alarms: Vec<String> = world.left_out.iter().map(|left| format!("left out of the scenario: {left}")).collect();
    if active.len() > 1 {
        alarms.push(format!("{} are active at once", active.join(" and ")));
    }
    if world.cloud.pass_through && world.authentication_agents() == 0 {
        alarms.push("pass-through authentication is enabled and no agent runs: nobody can sign in".to_owned());
    }
    for server in &world.servers {
        let Some((product, since)) = server.product.as_ref().and_then(|product| Some((product, product.staging_since?))) else {
            continue;
        };
        let export = product.history.newest_first().find(|run| run.profile == Profile::Export && run.start > since);
        if let Some(run) = export {
            let at = moment(run.start, world.now);
            alarms.push(format!("{} exported from staging at {at} ({})", server.host.name, run.user));
        }
    }
    alarms
}

fn panel_of(world: &World, server: &Server) -> ServerPanel {
    let state = match (server.host.power, &server.product) {
        (Power::Off, _) => "powered off".to_owned(),
        (Power::Paused(_), _) => "paused".to_owned(),
        (Power::Starting(_), _) => "starting".to_owned(),
        (Power::On, None) => "not installed".to_owned(),
        (Power::On, Some(product)) => format!(
            "{} {}, ADSync {}, {} pending",
            if product.scheduler.staging { "staging" } else { "active" },
            product.version,
            product.service.status.name(),
            pending_count(product, &world.directory).total(),
        ),
    };
    let cycle = match (&server.product, server.host.power) {
        (None, _) | (_, Power::Off | Power::Paused(_) | Power::Starting(_)) => "-".to_owned(),
        (Some(product), Power::On) => match (&product.active, &product.cycle) {
            (Some(active), _) => format!("{} {}", active.connector, active.profile.name()),
            (None, Some(_)) => "between two steps".to_owned(),
            (None, None) if !product.scheduler.enabled => "SyncCycleEnabled False".to_owned(),
            (None, None) => match product.scheduler.next_start - world.now {
                left if left < chrono::TimeDelta::zero() => "held back".to_owned(),
                left => format!("next in {} min", left.num_minutes()),
            },
        },
    };
    ServerPanel {
        role: server.role.clone(),
        host: server.host.name.clone(),
        state,
        wizard: server.wizard.as_ref().map(|wizard| {
            let busy = wizard
                .work
                .as_ref()
                .map_or(String::new(), |work| format!(", {} s left", (work.until - world.now).num_seconds().max(0)));
            format!("{} ({}, {}{busy})", wizard.page.title(), wizard.user, wizard.session.name())
        }),
        cycle,
        faults: server.faults.iter().map(|fault| fault.name().to_owned()).collect(),
        offers: offers(world, server),
    }
}

/// What one would do on a page.
fn next_page(role: &str, page: &Page, product: Option<&Product>) -> Vec<String> {
    let staging = product.is_some_and(|product| product.scheduler.staging);
    let verbs: &[&str] = match page {
        Page::Installer(draft) => match draft.step {
            Step::Express => &["customize", "express"],
            Step::SignIn => &["sign-in PHS"],
            Step::Accounts => &["accounts"],
            Step::Features => &["features PasswordHashSync"],
            Step::Ready => &["ready staging on start on"],
        },
        Page::CannotChange | Page::Waiting | Page::Configuring | Page::Upgrade => &[],
        Page::Tasks | Page::View | Page::SignIn | Page::Features | Page::Complete if product.is_none() => &[],
        Page::Tasks | Page::View | Page::SignIn | Page::Features | Page::Complete => {
            let tick = if staging { "off" } else { "on" };
            return vec![format!("wizard {role} stage {tick} start on")];
        }
    };
    verbs.iter().map(|verb| format!("installer {role} {verb}")).collect()
}

/// What one would do at this server now.
fn offers(world: &World, server: &Server) -> Vec<String> {
    let role = &server.role;
    let mut offers = Vec::new();
    match (server.host.power, &server.product, &server.wizard) {
        (Power::Off, ..) => offers.push(format!("vm {role} on")),
        (Power::Paused(_), ..) => offers.push(format!("vm {role} resume")),
        (Power::Starting(_), ..) => {}
        (Power::On, product, Some(wizard)) => {
            if wizard.session == Session::Disconnected {
                offers.push(format!("wizard {role} kill"));
            } else if wizard.work.is_none() {
                offers.extend(next_page(role, &wizard.page, product.as_ref()));
            }
            offers.push(format!("wizard {role} exit"));
        }
        (Power::On, None, None) => offers.push(format!("installer {role} open")),
        (Power::On, Some(product), None) => {
            offers.push(format!("wizard {role} open"));
            if product.version < world.offered {
                offers.push(format!("upgrade {role} start on"));
            }
        }
    }
    offers.extend(server.faults.iter().map(|fault| format!("cure {} on {role}", fault.name())));
    offers
}
