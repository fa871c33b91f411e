//! The agents of the session's servers: up to three processes a server, each on a thread of its own. Orders go in, events
//! come out, nothing here waits for the screen. How a server is reached is a [`Transport`].

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::Time;
use crate::facts::ServerName;
use crate::rb1::Group;

mod backoff;
pub mod event;
mod job;
mod lane;
mod live;
pub mod local;
pub mod order;
mod output;
pub mod parser;
mod plain;
pub mod process;
pub mod refusal;
mod serve;
pub mod ssh;
mod streams;
pub mod tail;
pub mod target;
pub mod transport;

pub use event::{AgentEvent, Ended, LinkState, Purpose};
pub use order::{Options, RunOrder};
pub use tail::{SharedTail, Tail, TailLine};
pub use target::Target;
pub use transport::{Nonce, Opened, Transport};

use lane::{Lane, Noise, Told};
use order::Order;

/// The agent's text, as it is sent and as `lockstep agent` prints it.
pub const AGENT: &str = include_str!("../../../assets/agent.ps1");

impl Target {
    /// The way to a real server; none for a simulated one, whose transport the runner makes.
    pub fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(match self.clone() {
            Self::Local { agent } => Arc::new(local::Local::new(agent)),
            Self::Ssh { user, host, port, agent } => Arc::new(ssh::Ssh::new(user, host, port, agent)),
            Self::Winrm { host, port, configuration, ssl } => {
                let port = port.map(std::num::NonZeroU16::get);
                Arc::new(local::Local::remote_runspace(transport::Connect { host, port, configuration, ssl }))
            }
            Self::Lab { .. } => return None,
        })
    }
}

/// All agents of a session. Dropping it ends their processes.
pub struct Agents {
    servers: BTreeMap<ServerName, BTreeMap<Purpose, UnboundedSender<Order>>>,
    /// Until they begin
    prepared: Vec<Lane>,
    threads: Vec<JoinHandle<()>>,
    events: UnboundedSender<AgentEvent>,
}

impl Agents {
    /// Starts the agents: *watch* and *survey* at once, *step* with the first command.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(
        servers: Vec<(ServerName, Arc<dyn Transport>)>,
        options: Options,
        events: UnboundedSender<AgentEvent>,
    ) -> io::Result<Self> {
        let mut agents = Self::prepare(servers, options, events);
        agents.begin()?;
        Ok(agents)
    }

    /// Agents that take orders and begin with them later.
    pub fn prepare(
        servers: Vec<(ServerName, Arc<dyn Transport>)>,
        options: Options,
        events: UnboundedSender<AgentEvent>,
    ) -> Self {
        let options = Arc::new(options);
        let mut agents = Self { servers: BTreeMap::new(), prepared: Vec::new(), threads: Vec::new(), events };
        for (server, transport) in servers {
            let mut lanes = BTreeMap::new();
            for purpose in [Purpose::Watch, Purpose::Survey, Purpose::Step] {
                let (sender, orders) = unbounded_channel();
                let lane = Lane {
                    told: Told { server: server.clone(), purpose, events: agents.events.clone() },
                    transport: Arc::clone(&transport),
                    options: Arc::clone(&options),
                    orders,
                    waiting: VecDeque::new(),
                    noise: Noise::default(),
                };
                agents.prepared.push(lane);
                lanes.insert(purpose, sender);
            }
            agents.servers.insert(server, lanes);
        }
        agents
    }

    /// Starts those that were prepared.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn begin(&mut self) -> io::Result<()> {
        for lane in self.prepared.drain(..) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let name = format!("{} {}", lane.told.purpose.name(), lane.told.server);
            let thread = std::thread::Builder::new().name(name).spawn(move || runtime.block_on(lane.live()))?;
            self.threads.push(thread);
        }
        Ok(())
    }

    /// Asks for groups of facts; each has `deadline` on the server. Answered by `Reading` for each group, or `ReadFailed`.
    /// One request an agent at a time: others wait for it.
    pub fn read(&self, server: &ServerName, groups: &[Group], since: Option<Time>, deadline: Duration) {
        for purpose in [Purpose::Watch, Purpose::Survey] {
            let groups: Vec<Group> = groups.iter().copied().filter(|group| Purpose::of(*group) == purpose).collect();
            if !groups.is_empty() && !self.send(server, purpose, Order::Read { groups: groups.clone(), since, deadline }) {
                let why = "there is no agent for this server".to_owned();
                self.tell(AgentEvent::ReadFailed { server: server.clone(), groups, why });
            }
        }
    }

    /// Asks the survey agent whether PowerShell can read a text. Answered by `Parsed`, or not at all.
    pub fn parse(&self, server: &ServerName, script: String) {
        self.send(server, Purpose::Survey, Order::Parse { script });
    }

    /// Runs a command. Answered by `Started` and `Ended`; its output is in the tail.
    pub fn run(&self, order: RunOrder) -> SharedTail {
        let tail = SharedTail::default();
        let server = order.server.clone();
        let ended = job::never_began(&order, "there is no agent for this server");
        let order = Order::Run { order: Box::new(order), tail: tail.clone() };
        if !self.send(&server, Purpose::Step, order) {
            self.tell(AgentEvent::Ended(Box::new(ended)));
        }
        tail
    }

    /// Asks a run to stop. One that does not within its grace is ended with its agent, and interrupted.
    pub fn cancel(&self, run: &str) {
        for server in self.servers.keys() {
            self.send(server, Purpose::Step, Order::Cancel { run: run.to_owned() });
        }
    }

    /// Tries a lost or refused server again now.
    pub fn retry(&self, server: &ServerName) {
        for purpose in [Purpose::Watch, Purpose::Survey] {
            self.send(server, purpose, Order::Retry);
        }
    }

    /// Ends all agents: they are told to leave, given a moment, then ended. Blocks for a few seconds at most.
    pub fn stop(mut self) {
        for server in self.servers.keys() {
            for purpose in [Purpose::Watch, Purpose::Survey, Purpose::Step] {
                self.send(server, purpose, Order::Stop);
            }
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has told it already, and its process is gone.
            let _ = thread.join();
        }
    }

    fn send(&self, server: &ServerName, purpose: Purpose, order: Order) -> bool {
        self.servers.get(server).and_then(|lanes| lanes.get(&purpose)).is_some_and(|lane| lane.send(order).is_ok())
    }

    fn tell(&self, event: AgentEvent) {
        let _ = self.events.send(event);
    }
}
