//! The lab: simulated servers behind the agent's protocol. A pure world ([`world`]) with an operator ([`verb`], [`operate`]), faults and
//! scenarios; answers `read` from its own state ([`facts`]), plays commands ([`shell`], [`cmdlets`]) and speaks the very bytes that a
//! real agent would send ([`connection`]).

pub mod cmdlets;
pub mod connection;
pub mod facts;
pub mod fault;
pub mod operate;
pub mod panel;
mod portal;
pub mod scenario;
pub mod shell;
pub mod verb;
pub mod world;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value as Json;

pub use self::connection::ConnectionId;
pub use self::fault::Fault;
pub use self::panel::Panel;
pub use self::scenario::Scenario;
pub use self::verb::Verb;

use self::connection::Connection;
use self::scenario::{ServerSpec, Starts};
use self::world::cloud::Cloud;
use self::world::directory::{Container, Directory, Forest};
use self::world::generator::Generator;
use self::world::product::Installation;
use self::world::server::{Requested, Server};
use self::world::settings::{AutoUpgrade, Options, Policy};
use self::world::{LeftOut, Planned, World, rules};
use crate::Time;
use crate::powershell::Version;

/// A rehearsal's servers and the connections to them.
#[derive(Debug)]
pub struct Lab {
    world: World,
    connections: BTreeMap<ConnectionId, Connection>,
    opened: u64,
}

impl Lab {
    /// A world as the scenario describes it. It has been running for the scenario's history: it lives through it before it is handed out.
    pub fn new(scenario: &Scenario, seed: u64, now: Time) -> Self {
        let begun = now - scenario.history;
        let mut world = World {
            now: begun,
            directory: directory(scenario, begun),
            anchored: BTreeMap::new(),
            cloud: Cloud {
                tenant: scenario.tenant.clone(),
                allowed_interval: TimeDelta::minutes(30),
                deletion_threshold: scenario.deletion_threshold,
                floor: Version { major: 2, minor: 5, build: Some(79), revision: Some(0) },
                wizard_floor: Version { major: 2, minor: 4, build: Some(18), revision: Some(0) },
                populations: BTreeMap::new(),
                kept: BTreeMap::new(),
                client: None,
                exports: std::collections::VecDeque::new(),
                features: scenario.servers.iter().flat_map(|server| server.features.iter().copied()).collect(),
                policies: Vec::new(),
                phs_last: None,
                left_behind: BTreeMap::new(),
                recycle_bin: std::collections::VecDeque::new(),
                writes_fit: None,
                pass_through: scenario.servers.iter().any(|server| server.authentication_agent),
            },
            servers: Vec::new(),
            offered: scenario.offers,
            shares: BTreeMap::new(),
            shares_written: BTreeMap::new(),
            script: Vec::new(),
            left_out: Vec::new(),
            shared_scheduler: None,
            user: format!("{}\\anna", world::netbios(&scenario.forests[0].name)),
        };
        for spec in &scenario.servers {
            let server = server(spec, scenario, seed, &world);
            world.servers.push(server);
        }
        if scenario.shared_scheduler {
            let mut products = world.servers.iter().filter_map(|server| server.product.as_ref());
            world.shared_scheduler = products.next().map(|product| product.scheduler.shared());
        }
        for at in 0..world.servers.len() {
            let (server, around) = world.split(at);
            server.settle_now(&around);
        }
        let faults =
            scenario.servers.iter().flat_map(|spec| spec.faults.iter().map(|fault| Verb::Fault(*fault, spec.role.clone())));
        let mut script: Vec<Planned> =
            scenario.script.iter().map(|(at, verb)| Planned { at: now + *at, verb: verb.clone(), waited: 0 }).collect();
        let ways = scenario
            .servers
            .iter()
            .flat_map(|spec| spec.network.iter().map(|(way, path)| Verb::Network(spec.role.clone(), *way, *path)));
        script.extend(ways.chain(faults).map(|verb| Planned { at: now, verb, waited: 0 }));
        script.sort_by_key(|planned| planned.at);
        world.script = script;
        world.advance(now);
        Self { world, connections: BTreeMap::new(), opened: 0 }
    }

    /// The world as it is, for `lab.json`. Connections are processes: they do not outlive the program.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(&self.world).unwrap_or(Json::Null)
    }

    /// A world as it was saved. The error says what is wrong with the file.
    pub fn from_json(json: &Json) -> Result<Self, String> {
        let world = World::deserialize_checked(json)?;
        Ok(Self { world, connections: BTreeMap::new(), opened: 0 })
    }

    /// The world's clock.
    pub fn now(&self) -> Time {
        self.world.now
    }

    /// Lets time pass. A moment before now changes nothing.
    pub fn advance(&mut self, to: Time) {
        while let Some(due) = self.next_due().filter(|due| *due <= to) {
            self.world.advance(due);
            self.serve();
        }
        self.world.advance(to);
        self.serve();
    }

    /// The next moment at which anything happens, in the world or on a connection.
    pub fn next_due(&self) -> Option<Time> {
        let connections = self.connections.values().filter_map(Connection::next_due);
        self.world.next_due().into_iter().chain(connections).min().map(|due| due.max(self.world.now))
    }

    /// Role and host name of each server, in the scenario's order.
    pub fn servers(&self) -> Vec<(String, String)> {
        self.world.servers.iter().map(|server| (server.role.clone(), server.host.name.clone())).collect()
    }

    /// The world itself, for looking at it.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What the scenario would have done by itself and was not possible at its moment, the oldest first.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.world.left_out
    }

    /// Starts an agent on a server; its start-up takes a moment of the world's clock. The error says why there is none.
    pub fn connect(&mut self, server: &str) -> Result<ConnectionId, String> {
        let at = self.world.find(server).ok_or_else(|| format!("there is no server {server} in this lab"))?;
        self.opened += 1;
        let id = ConnectionId(self.opened);
        self.connections.insert(id, Connection::open(at, self.opened, &self.world));
        Ok(id)
    }

    /// Bytes for an agent's input.
    pub fn write(&mut self, id: ConnectionId, bytes: &[u8]) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.send_in(bytes, &self.world);
        }
        self.serve();
    }

    /// What an agent has written since it was last read.
    pub fn read(&mut self, id: ConnectionId) -> Vec<u8> {
        self.connections.get_mut(&id).map(Connection::take_output).unwrap_or_default()
    }

    /// Whether an agent is gone.
    pub fn ended(&self, id: ConnectionId) -> bool {
        self.connections.get(&id).is_none_or(Connection::ended)
    }

    /// Ends an agent, as killing its process does.
    pub fn disconnect(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
    }

    /// What the operator of the lab sees.
    pub fn panel(&self) -> Panel {
        Panel::of(&self.world)
    }

    /// Does what a human would do. The answer and the error are words for that human.
    pub fn operate(&mut self, verb: &Verb) -> Result<String, String> {
        let said = operate::operate(&mut self.world, verb);
        self.world.settle();
        self.serve();
        said
    }

    /// Lets every agent do what it can do now.
    fn serve(&mut self) {
        for connection in self.connections.values_mut() {
            connection.serve(&mut self.world);
        }
        self.world.settle();
    }
}

fn directory(scenario: &Scenario, begun: Time) -> Directory {
    let forests = scenario
        .forests
        .iter()
        .map(|spec| {
            let short = spec.name.split('.').next().unwrap_or_default().to_ascii_uppercase();
            let domain_controllers = ["DC01", "DC02"]
                .map(|name| if spec.name == scenario.forests[0].name { name.to_owned() } else { format!("{short}-{name}") });
            let forest =
                Forest { name: spec.name.clone(), domain_controllers: domain_controllers.to_vec(), containers: Vec::new() };
            let dn = forest.dn();
            let containers =
                spec.containers.iter().map(|(name, held)| Container { dn: format!("OU={name},{dn}"), held: *held }).collect();
            Forest { containers, ..forest }
        })
        .collect();
    Directory { forests, churn: vec![operate::rates(scenario.churn, begun)], kept: Vec::new() }
}

/// A server as it was installed when the world began.
fn server(spec: &ServerSpec, scenario: &Scenario, seed: u64, world: &World) -> Server {
    let mut chance = Generator::new(seed, &spec.host);
    let mut host = world::server::Host::new(&spec.host, &scenario.forests[0].name, world.now - TimeDelta::days(3));
    host.authentication_agent = spec.authentication_agent.then_some(true);
    host.health_agent = (spec.starts != Starts::Absent).then_some(true);
    let product = (spec.starts != Starts::Absent).then(|| {
        let forest = scenario.forests[0].name.clone();
        let installation = Installation {
            version: spec.version,
            host: spec.host.clone(),
            tenant: scenario.tenant.clone(),
            forests: scenario.forests.iter().map(|forest| forest.name.clone()).collect(),
            excluded: std::collections::BTreeSet::new(),
            custom: spec
                .custom_rules
                .iter()
                .zip(50..)
                .map(|(name, precedence)| (forest.clone(), rules::custom(name, precedence, "", 100, &mut chance)))
                .collect(),
            options: Options {
                sign_in: spec.sign_in,
                desktop_sso: spec.sso,
                features: spec.features.clone(),
                deletion_threshold: scenario.deletion_threshold,
                auto_upgrade: AutoUpgrade::Disabled,
                ..Options::express()
            },
            staging: spec.starts == Starts::Staging,
            start: true,
        };
        let mut product = installation.install(&world.directory, world.cloud.allowed_interval, world.now, &mut chance);
        let wait = chance.between(60_000, 1_200_000);
        product.requested = Some(Requested { at: world.now + wait, policy: Policy::Initial });
        product
    });
    Server {
        role: spec.role.clone(),
        host,
        product,
        wizard: None,
        service_manager: None,
        files: BTreeMap::new(),
        written: BTreeMap::new(),
        faults: std::collections::BTreeSet::new(),
        abandoned: false,
        wizard_suspends: spec.wizard_suspends,
        chance,
    }
}
