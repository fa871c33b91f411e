//! Servers without a session: connected, asked by their intervals and known as they answer. Nothing is run on them and
//! nothing is recorded. Simulated servers belong to a fresh lab that runs in real time; those of one scenario share it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use color_eyre::eyre::{WrapErr, bail, eyre};
use futures_util::future::select_all;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::clock::Clock;
use super::effects::{CORE_DEADLINE, SURVEY_DEADLINE};
use super::lab::alone;
use super::lab::host::{LabHost, LabTransport};
use super::news::{News, Told, keep, translate};
use crate::Time;
use crate::engine::Observed;
use crate::facts::{Baselines, ConnectionLog, Intervals, Link, Policy, Server, ServerName};
use crate::io::agent::{AgentEvent, Agents, Options, Purpose, Target, Transport};
use crate::rb1::{Frame, Group};

/// The first two `core` answers, of which `Idle` is made, come no further apart than this.
const SECOND_LOOK: TimeDelta = TimeDelta::seconds(2);

/// Servers that are looked at.
pub struct Watching {
    servers: Vec<Server>,
    policy: Policy,
    clock: Clock,
    began: Time,
    agents: Agents,
    events: UnboundedReceiver<AgentEvent>,
    labs: BTreeMap<String, LabHost>,
    asked: BTreeMap<(ServerName, Group), Time>,
    open: BTreeMap<(ServerName, Purpose), BTreeSet<Group>>,
    connections: BTreeMap<ServerName, ConnectionLog>,
}

impl Watching {
    /// Starts the agents of these servers: role and target; their rules are held against the baselines. Belongs into a
    /// tokio runtime.
    ///
    /// # Errors
    /// In words: a target, a scenario or a role that is none, or no threads.
    pub fn start(targets: &[(ServerName, String)], intervals: Intervals, baselines: &Baselines) -> color_eyre::Result<Self> {
        let mut labs = BTreeMap::new();
        let mut transports: Vec<(ServerName, std::sync::Arc<dyn Transport>)> = Vec::new();
        for (name, text) in targets {
            let target = Target::parse(text).map_err(|why| eyre!("the target of '{name}': {why}"))?;
            let transport = match (target.transport(), &target) {
                (Some(transport), _) => transport,
                (None, Target::Lab { scenario, role }) => std::sync::Arc::new(simulated(&mut labs, scenario, role)?),
                (None, _) => bail!("there is no way to '{text}'"),
            };
            transports.push((name.clone(), transport));
        }
        let (tell, events) = unbounded_channel();
        let agents = Agents::start(transports, Options::default(), tell).wrap_err("the agents cannot be started")?;
        let clock = Clock::console();
        Ok(Self {
            servers: targets
                .iter()
                .map(|(name, target)| Server::new(name.clone(), target.clone()).with_baselines(baselines.clone()))
                .collect(),
            policy: Policy::watching(intervals),
            began: clock.now(),
            clock,
            agents,
            events,
            labs,
            asked: BTreeMap::new(),
            open: BTreeMap::new(),
            connections: BTreeMap::new(),
        })
    }

    /// The servers as they are known now, in the order in which they were given.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// What counts as fresh.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The console's time.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// How the connections went, and what the servers said besides, by server.
    pub fn connections(&self) -> &BTreeMap<ServerName, ConnectionLog> {
        &self.connections
    }

    /// How many of its groups a server has answered or failed, and of how many.
    pub fn progress(server: &Server) -> (usize, usize) {
        let done = |group| match server.groups.get(&group) {
            Some(state) if group == Group::Core => state.failed.is_some() || server.core_before.is_some(),
            Some(state) => state.failed.is_some() || state.last.is_some(),
            None => false,
        };
        (Group::ALL.into_iter().filter(|group| done(*group)).count(), Group::ALL.len())
    }

    /// Whether every server has answered or failed every group, or cannot be reached.
    pub fn is_complete(&self) -> bool {
        self.servers.iter().all(|server| {
            let (done, of) = Self::progress(server);
            done == of || matches!(server.link, Link::Lost { .. } | Link::Refused { .. })
        })
    }

    /// Asks what is due, and waits until something became known. Safe to drop while it waits.
    pub async fn turn(&mut self) {
        self.ask();
        let wait = self.next_due().map_or(Duration::from_secs(1), |due| (due - self.clock.now()).to_std().unwrap_or_default());
        tokio::select! {
            event = self.events.recv() => {
                if let Some(event) = event {
                    self.take(event);
                }
            }
            () = worlds(&mut self.labs, &self.clock) => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Ends the agents. The worlds go first: an agent of theirs then has nothing to wait for.
    pub async fn stop(self) {
        drop(self.labs);
        let agents = self.agents;
        // It fails only where a thread panicked, which has told so already.
        let _ = tokio::task::spawn_blocking(move || agents.stop()).await;
    }

    /// When a group is asked next; at once where it never was.
    fn due(&self, server: &Server, group: Group) -> Time {
        let interval = self.policy.intervals.get(group);
        let first = group == Group::Core && server.core_before.is_none();
        let interval = if first { interval.min(SECOND_LOOK) } else { interval };
        self.asked.get(&(server.name.clone(), group)).map_or(self.began, |asked| *asked + interval)
    }

    fn is_free(&self, server: &Server, group: Group) -> bool {
        let busy = self.open.get(&(server.name.clone(), Purpose::of(group))).is_some_and(|groups| !groups.is_empty());
        matches!(server.link, Link::Live { .. }) && !busy
    }

    fn next_due(&self) -> Option<Time> {
        let groups = self.servers.iter().flat_map(|server| Group::ALL.map(|group| (server, group)));
        groups.filter(|(server, group)| self.is_free(server, *group)).map(|(server, group)| self.due(server, group)).min()
    }

    fn ask(&mut self) {
        let now = self.clock.now();
        for at in 0..self.servers.len() {
            for purpose in [Purpose::Watch, Purpose::Survey] {
                let server = &self.servers[at];
                let groups: Vec<Group> = Group::ALL
                    .into_iter()
                    .filter(|group| Purpose::of(*group) == purpose && self.is_free(server, *group))
                    .filter(|group| self.due(server, *group) <= now)
                    .collect();
                if groups.is_empty() {
                    continue;
                }
                let name = server.name.clone();
                let deadline = if purpose == Purpose::Watch { CORE_DEADLINE } else { SURVEY_DEADLINE };
                self.agents.read(&name, &groups, groups.contains(&Group::Events).then_some(self.began), deadline);
                for group in &groups {
                    self.asked.insert((name.clone(), *group), now);
                    self.servers[at].asked(*group, now);
                }
                self.open.insert((name, purpose), groups.into_iter().collect());
            }
        }
    }

    fn take(&mut self, event: AgentEvent) {
        let news = News::Agent(event);
        keep(&mut self.connections, &news, &self.clock);
        match translate(news, &self.clock) {
            Told::Engine(observed) | Told::Connected { observed, .. } => self.observe(observed),
            Told::Output(_) | Told::Durable(..) | Told::Here(_) | Told::Nothing => {}
        }
    }

    fn observe(&mut self, observed: Observed) {
        let now = self.clock.now();
        match observed {
            Observed::Link { server, link } => {
                let gone = match &link {
                    Link::Lost { why, what, .. } => Some(format!("{why}; {}", what.remedy())),
                    Link::Refused { why, remedy, .. } => Some(format!("{why}. {remedy}")),
                    _ => None,
                };
                let Some(known) = self.servers.iter_mut().find(|known| known.name == server) else { return };
                known.link = link;
                if let Some(why) = gone {
                    known.not_answered(Group::Core, now, why);
                    self.open.remove(&(server, Purpose::Watch));
                }
            }
            Observed::Reading { server, asked, frame } => {
                let Frame::Reading { group, .. } = &frame else { return };
                self.closed(&server, *group);
                let Some(known) = self.servers.iter_mut().find(|known| known.name == server) else { return };
                if let Err(why) = known.answered(&frame, asked, now) {
                    known.not_answered(*group, now, why);
                }
            }
            Observed::ReadFailed { server, groups, why } => {
                for group in groups {
                    self.closed(&server, group);
                    if let Some(known) = self.servers.iter_mut().find(|known| known.name == server) {
                        known.not_answered(group, now, why.clone());
                    }
                }
            }
            // Of commands and of a journal: there are none.
            _ => {}
        }
    }

    fn closed(&mut self, server: &ServerName, group: Group) {
        if let Some(groups) = self.open.get_mut(&(server.clone(), Purpose::of(group))) {
            groups.remove(&group);
        }
    }
}

/// The way to a server of a scenario's world, which is made with its first server.
fn simulated(labs: &mut BTreeMap<String, LabHost>, scenario: &str, role: &str) -> color_eyre::Result<LabTransport> {
    let host = match labs.entry(scenario.to_ascii_lowercase()) {
        std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
        std::collections::btree_map::Entry::Vacant(free) => free.insert(alone::fresh(scenario)?),
    };
    alone::way(host, scenario, role)
}

/// The turn of whichever world has one; without a world, never.
async fn worlds(labs: &mut BTreeMap<String, LabHost>, clock: &Clock) {
    if labs.is_empty() {
        return std::future::pending().await;
    }
    select_all(labs.values_mut().map(|lab| Box::pin(lab.turn(clock)))).await;
}
