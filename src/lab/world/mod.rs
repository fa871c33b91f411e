//! The simulated world: a directory, a tenant and any number of servers on one virtual clock. Pure: nothing here knows a real clock,
//! a file or a random number that is not part of the state.

pub mod access;
pub mod cloud;
pub mod configure;
pub mod connector;
pub mod container;
pub mod cycle;
pub mod database;
pub mod directory;
pub mod eventlog;
pub mod files;
pub mod generator;
pub mod hand;
pub mod history;
pub mod host;
pub mod installer;
pub mod kept;
pub mod maintenance;
pub mod network;
pub mod object;
pub mod passwords;
pub mod pending;
pub mod policy;
pub mod population;
pub mod product;
pub mod roles;
pub mod rules;
pub mod run;
pub mod scheduler;
pub mod server;
pub mod service;
pub mod settings;
pub mod shuffle;
pub mod space;
pub mod wire;
pub mod wizard;

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use self::cloud::Cloud;
use self::directory::Directory;
use self::server::{Listener, Power, Server};
use super::fault::Fault;
use super::verb::{Verb, WizardVerb};
use crate::Time;
use crate::powershell::Version;

/// Everything there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// Now
    pub now: Time,
    /// Active Directory
    pub directory: Directory,
    /// How far source anchors were written back into each container
    pub anchored: BTreeMap<String, Time>,
    /// Entra ID
    pub cloud: Cloud,
    /// Servers, in the scenario's order
    pub servers: Vec<Server>,
    /// The release of the installer that is at hand
    #[serde(with = "wire::version")]
    pub offered: Version,
    /// Files on shares, by path
    pub shares: BTreeMap<String, String>,
    /// When each of them was written
    #[serde(default)]
    pub shares_written: BTreeMap<String, Time>,
    /// What happens by itself: a scenario's verbs and their moments, the next first
    pub script: Vec<Planned>,
    /// What of it was not possible at its moment, the oldest first
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// The scheduler's settings that all servers share, where the scenario has them share (default: each its own)
    pub shared_scheduler: Option<settings::SharedScheduler>,
    /// The user who operates the lab
    pub user: String,
}

/// A verb that happens by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// When
    pub at: Time,
    /// What
    pub verb: Verb,
    /// How often it had to wait for a cycle's end
    #[serde(default)]
    pub waited: u32,
}

/// A verb that should have happened by itself and was not possible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// When
    pub at: Time,
    /// What
    pub verb: Verb,
    /// Why it was not possible
    pub why: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' at {}: {}", self.verb, self.at.format("%Y-%m-%d %H:%M:%S UTC"), self.why)
    }
}

/// How often, and how long each time, a planned verb waits for a cycle to end.
const PATIENCE: (u32, TimeDelta) = (40, TimeDelta::seconds(30));

/// What a server sees of the world around it.
#[derive(Debug)]
pub struct Around<'a> {
    /// Now
    pub now: Time,
    /// Active Directory
    pub directory: &'a mut Directory,
    /// How far source anchors were written back
    pub anchored: &'a mut BTreeMap<String, Time>,
    /// Entra ID
    pub cloud: &'a mut Cloud,
}

impl World {
    /// A server and what is around it.
    pub fn split(&mut self, at: usize) -> (&mut Server, Around<'_>) {
        let around =
            Around { now: self.now, directory: &mut self.directory, anchored: &mut self.anchored, cloud: &mut self.cloud };
        (&mut self.servers[at], around)
    }

    /// The place of a server, by role or by host name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.servers.iter().position(|s| s.role.eq_ignore_ascii_case(name) || s.host.name.eq_ignore_ascii_case(name))
    }

    /// How many pass-through authentication agents answer sign-ins.
    pub fn authentication_agents(&self) -> usize {
        self.servers.iter().filter(|server| server.is_on() && server.host.authentication_agent == Some(true)).count()
    }

    /// The next moment at which anything happens.
    pub fn next_due(&self) -> Option<Time> {
        let servers = self.servers.iter().filter_map(Server::next_due);
        servers.chain(self.script.first().map(|planned| planned.at)).min()
    }

    /// Lets time pass, event by event.
    pub fn advance(&mut self, to: Time) {
        while let Some(due) = self.next_due().filter(|due| *due <= to) {
            self.now = self.now.max(due);
            self.happen();
        }
        self.now = self.now.max(to);
    }

    /// Lets a verb happen by itself at its moment.
    pub fn plan(&mut self, planned: Planned) {
        let place = self.script.partition_point(|known| known.at <= planned.at);
        self.script.insert(place, planned);
    }

    /// Whether a verb needs a server without a cycle, and there is one under way.
    fn is_premature(&self, verb: &Verb) -> bool {
        let needs_quiet = matches!(
            verb,
            Verb::Wizard(_, WizardVerb::Open(_))
                | Verb::Upgrade(..)
                | Verb::Fault(Fault::WizardLeftOpen | Fault::ManualExport | Fault::AutoUpgradeFires, _)
        );
        let server = verb.server().filter(|_| needs_quiet).and_then(|name| self.find(name));
        server
            .and_then(|at| self.servers[at].product.as_ref())
            .is_some_and(|product| product.in_progress() || product.active.is_some() || product.requested.is_some())
    }

    /// Does one thing that is due now.
    fn happen(&mut self) {
        if self.script.first().is_some_and(|planned| planned.at <= self.now) {
            let planned = self.script.remove(0);
            if planned.waited < PATIENCE.0 && self.is_premature(&planned.verb) {
                // Whoever does it waits for the cycle's end, as a person would.
                self.plan(Planned { at: self.now + PATIENCE.1, waited: planned.waited + 1, ..planned });
                return;
            }
            if let Err(why) = super::operate::operate(self, &planned.verb) {
                self.left_out.push(LeftOut { at: self.now, verb: planned.verb, why });
            }
            self.settle();
            return;
        }
        let now = self.now;
        if let Some(at) = self.servers.iter().position(|server| server.next_due().is_some_and(|due| due <= now)) {
            let (server, mut around) = self.split(at);
            server.tick(&mut around);
            self.settle();
        }
    }

    /// Where the servers share their scheduler's settings (scheduler.md 1.6), the one that was changed changes the others.
    fn share_scheduler_settings(&mut self) {
        let Some(shared) = &self.shared_scheduler else { return };
        let products = || self.servers.iter().filter_map(|server| server.product.as_ref());
        let Some(changed) = products().map(|product| product.scheduler.shared()).find(|settings| settings != shared) else {
            return;
        };
        for product in self.servers.iter_mut().filter_map(|server| server.product.as_mut()) {
            product.scheduler.share(&changed);
        }
        self.shared_scheduler = Some(changed);
    }
}

impl Server {
    /// The next moment at which anything happens on this server.
    pub fn next_due(&self) -> Option<Time> {
        match self.host.power {
            Power::On => {}
            Power::Starting(at) => return Some(at),
            Power::Paused(_) | Power::Off => return None,
        }
        let work = self.wizard.as_ref().and_then(|wizard| wizard.work.as_ref()).map(|work| work.until);
        let Some(product) = &self.product else { return work };
        let listener = if let Listener::Lost(again) = product.listener { Some(again) } else { None };
        [work, product.service.due, product.run_due(), product.scheduler_due(), product.passwords.heartbeat, listener]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does the one thing that is due first.
    fn tick(&mut self, around: &mut Around) {
        let now = around.now;
        let due = |moment: Option<Time>| moment.is_some_and(|moment| moment <= now);
        if let Power::Starting(_) = self.host.power {
            self.booted(around);
            return;
        }
        if due(self.wizard.as_ref().and_then(|wizard| wizard.work.as_ref()).map(|work| work.until)) {
            self.wizard_due(around);
            return;
        }
        let Some(product) = self.product.as_mut() else { return };
        if due(product.service.due) {
            self.service_due(around);
        } else if due(product.run_due()) {
            self.run_tick(around);
        } else if due(product.scheduler_due()) {
            self.scheduler_tick(around);
        } else if due(product.passwords.heartbeat) {
            product.passwords.beat(now, &mut self.host.log);
        } else if matches!(product.listener, Listener::Lost(again) if again <= now) {
            self.open_listener(now);
        }
    }

    /// Starts or stops what depends on the server's state, after a change from outside.
    pub fn settle_now(&mut self, around: &Around) {
        self.settle_passwords(around);
    }

    /// Lets a held-back scheduler look again, after a change from outside.
    pub fn look_again_now(&mut self, now: Time) {
        self.look_again(now);
    }
}

/// The short name of a domain: `CONTOSO` of `contoso.com`.
pub fn netbios(domain: &str) -> String {
    domain.split('.').next().unwrap_or_default().to_ascii_uppercase()
}

impl World {
    /// Reads a world as it was saved.
    pub fn deserialize_checked(json: &serde_json::Value) -> Result<Self, String> {
        Self::deserialize(json).map_err(|error| {
            format!("lab.json is not readable: {error}. Another version of lockstep wrote it, or somebody changed it: begin a new rehearsal")
        })
    }
}
