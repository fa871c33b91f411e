//! The agents of a rehearsal without a screen: the same sans-IO client that the real transports drive, wired to the lab
//! directly. Whatever time a request takes is lab time.

mod running;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use running::Running;
use serde_json::{Map, Value as Json};

use crate::Time;
use crate::engine::Observed;
use crate::facts::{Link, ServerName};
use crate::io::agent::Purpose;
use crate::lab::{ConnectionId, Lab};
use crate::rb1::client::{Client, Turn};
use crate::rb1::{Frame, Group, Request};
use crate::session::event::EndState;

/// How long a group may take before its server counts as silent.
const CORE_DEADLINE: TimeDelta = TimeDelta::seconds(15);
/// The survey's groups may wait for the cloud.
const SURVEY_DEADLINE: TimeDelta = TimeDelta::seconds(90);
/// A lost agent is started again after this.
const RETRY: TimeDelta = TimeDelta::seconds(5);

/// Why a run that the script interrupts is lost.
const CUT: &str = "the connection was cut";

/// Which server of the lab plays a server of the session.
pub type Cast = Vec<(ServerName, String)>;

/// Every agent of the rehearsal.
#[derive(Debug, Default)]
pub struct Agents {
    cast: Cast,
    running: BTreeMap<(ServerName, Purpose), Agent>,
    /// Runs whose agent is still starting
    waiting: Vec<(ServerName, Request, Option<String>, String)>,
    serial: u64,
    /// The connection breaks before the end of the next run that ends is told
    breaks: bool,
}

#[derive(Debug)]
struct Agent {
    state: State,
}

#[derive(Debug)]
enum State {
    Lost { retry_at: Time },
    Open { id: ConnectionId, client: Box<Client>, live: bool, doing: Option<Doing> },
}

#[derive(Debug)]
enum Doing {
    Read { groups: Vec<Group>, asked: Time, deadline: Time },
    Run(Box<Running>),
}

impl Agents {
    /// Starts watch and survey agents; the step agents start with the first command.
    pub fn start(cast: Cast, lab: &mut Lab, now: Time) -> Self {
        let servers: Vec<ServerName> = cast.iter().map(|(server, _)| server.clone()).collect();
        let mut agents = Self { cast, ..Self::default() };
        for server in &servers {
            for purpose in [Purpose::Watch, Purpose::Survey] {
                agents.open(server, purpose, lab, now);
            }
        }
        agents
    }

    /// The lab's name of a server of the session.
    pub fn in_lab<'a>(&'a self, server: &'a ServerName) -> &'a str {
        self.cast.iter().find(|(known, _)| known == server).map_or(server.as_str(), |(_, name)| name)
    }

    fn open(&mut self, server: &ServerName, purpose: Purpose, lab: &mut Lab, now: Time) {
        self.serial += 1;
        let client = Client::new(format!("{:016x}", self.serial), "# the lab plays the agent\n");
        let state = match lab.connect(self.in_lab(server)) {
            Ok(id) => {
                lab.write(id, &client.opening());
                State::Open { id, client: Box::new(client), live: false, doing: None }
            }
            Err(_) => State::Lost { retry_at: now + RETRY },
        };
        self.running.insert((server.clone(), purpose), Agent { state });
    }
}

impl Agents {
    /// Asks for groups; the answers come from [`Agents::pump`].
    pub fn read(
        &mut self,
        server: &ServerName,
        groups: Vec<Group>,
        since: Option<Time>,
        lab: &mut Lab,
        now: Time,
    ) -> Vec<Observed> {
        let Some(first) = groups.first() else { return Vec::new() };
        let purpose = Purpose::of(*first);
        let id = self.next_id("q");
        let State::Open { id: connection, client, live: true, doing } = self.state_of(server, purpose) else {
            let why = "the agent is not running".to_owned();
            return vec![Observed::ReadFailed { server: server.clone(), groups, why }];
        };
        let deadline = if purpose == Purpose::Watch { CORE_DEADLINE } else { SURVEY_DEADLINE };
        let request = Request::Read {
            id,
            groups: groups.clone(),
            deadline_ms: u64::try_from(deadline.num_milliseconds()).unwrap_or(u64::MAX),
            since: since.map(crate::powershell::tree::format_datetime),
        };
        lab.write(*connection, &client.request(&request));
        let all = i32::try_from(groups.len()).unwrap_or(i32::MAX);
        *doing = Some(Doing::Read { groups, asked: now, deadline: now + deadline * all });
        Vec::new()
    }

    /// Starts a run on the server's step agent.
    #[allow(clippy::too_many_arguments, reason = "the parts of one order, given once by the driver")]
    pub fn run(
        &mut self,
        run: String,
        server: &ServerName,
        script: String,
        vars: Map<String, Json>,
        timeout_ms: Option<u64>,
        into: Option<String>,
        lab: &mut Lab,
        now: Time,
    ) {
        let key = (server.clone(), Purpose::Step);
        if !matches!(self.running.get(&key).map(|agent| &agent.state), Some(State::Open { .. })) {
            self.open(server, Purpose::Step, lab, now);
        }
        let request = Request::Run { id: run.clone(), script, command: None, vars, timeout_ms, into: into.is_some() };
        self.waiting.push((server.clone(), request, into, run));
    }

    /// Asks a run to stop.
    pub fn cancel(&mut self, run: &str, lab: &mut Lab) {
        for agent in self.running.values_mut() {
            if let State::Open { id, client, doing: Some(Doing::Run(running)), .. } = &mut agent.state
                && running.run == run
            {
                lab.write(*id, &client.request(&Request::Cancel { id: run.to_owned() }));
            }
        }
    }

    /// Cuts the connection of the step agent that runs this command: its end is never seen.
    pub fn cut(&mut self, run: &str, lab: &mut Lab, now: Time) -> Vec<Observed> {
        let found = self.running.iter().find_map(|(key, agent)| match &agent.state {
            State::Open { id, doing: Some(Doing::Run(running)), .. } if running.run == run => Some((key.clone(), *id)),
            _ => None,
        });
        let Some((key, id)) = found else { return Vec::new() };
        lab.disconnect(id);
        self.breaks = false;
        self.lose(&key, CUT, now)
    }

    /// Lets the connection of the next run break before its end is told: commands that start something are over at once.
    pub fn break_before_end(&mut self) {
        self.breaks = true;
    }

    /// Ends every agent; what was under way is not seen through.
    pub fn stop(&mut self, lab: &mut Lab) {
        for agent in std::mem::take(&mut self.running).into_values() {
            if let State::Open { id, .. } = agent.state {
                lab.disconnect(id);
            }
        }
        self.waiting.clear();
    }

    fn next_id(&mut self, kind: &str) -> String {
        self.serial += 1;
        format!("{kind}{}", self.serial)
    }

    fn state_of(&mut self, server: &ServerName, purpose: Purpose) -> &mut State {
        let lost = || Agent { state: State::Lost { retry_at: Time::MIN_UTC } };
        &mut self.running.entry((server.clone(), purpose)).or_insert_with(lost).state
    }

    /// Takes what the lab's agents wrote, sends what waits, and gives up on what is overdue.
    pub fn pump(&mut self, lab: &mut Lab, now: Time) -> Vec<Observed> {
        let mut seen = Vec::new();
        let keys: Vec<_> = self.running.keys().cloned().collect();
        for key in keys {
            self.pump_one(&key, lab, now, &mut seen);
        }
        self.send_waiting(lab);
        seen
    }

    fn pump_one(&mut self, key: &(ServerName, Purpose), lab: &mut Lab, now: Time, seen: &mut Vec<Observed>) {
        let Some(agent) = self.running.get_mut(key) else { return };
        match &mut agent.state {
            State::Lost { retry_at } => {
                if now >= *retry_at && key.1 != Purpose::Step {
                    self.open(&key.0, key.1, lab, now);
                }
            }
            State::Open { id, client, live, doing } => {
                let id = *id;
                let turns = client.feed(&lab.read(id));
                let mut broken = None;
                for turn in turns {
                    match turn {
                        Turn::Send(bytes) => lab.write(id, &bytes),
                        Turn::Frame(Frame::End { .. }) if self.breaks && matches!(doing, Some(Doing::Run(_))) => {
                            self.breaks = false;
                            broken = Some(CUT.to_owned());
                            break;
                        }
                        Turn::Frame(frame) => take(key, frame, live, doing, now, seen),
                        Turn::Noise(_) => {}
                        Turn::OtherProtocol(found) => broken = Some(format!("the agent speaks protocol {found}")),
                        Turn::Broken(why) => broken = Some(why),
                    }
                }
                let overdue = matches!(doing, Some(Doing::Read { deadline, .. }) if now >= *deadline);
                let why = broken
                    .or_else(|| lab.ended(id).then(|| "the agent ended".to_owned()))
                    .or_else(|| overdue.then(|| "no answer within the deadline".to_owned()));
                if let Some(why) = why {
                    lab.disconnect(id);
                    seen.extend(self.lose(key, &why, now));
                }
            }
        }
    }

    fn send_waiting(&mut self, lab: &mut Lab) {
        let mut still = Vec::new();
        for (server, request, into, run) in std::mem::take(&mut self.waiting) {
            match self.state_of(&server, Purpose::Step) {
                State::Open { id, client, live: true, doing } if doing.is_none() => {
                    lab.write(*id, &client.request(&request));
                    *doing = Some(Doing::Run(Box::new(Running::new(run, into))));
                }
                _ => still.push((server, request, into, run)),
            }
        }
        self.waiting = still;
    }

    fn lose(&mut self, key: &(ServerName, Purpose), why: &str, now: Time) -> Vec<Observed> {
        let retry_at = now + RETRY;
        let Some(agent) = self.running.get_mut(key) else { return Vec::new() };
        let before = std::mem::replace(&mut agent.state, State::Lost { retry_at });
        let mut seen = Vec::new();
        if let State::Open { doing: Some(doing), .. } = before {
            match doing {
                Doing::Read { groups, .. } => {
                    seen.push(Observed::ReadFailed { server: key.0.clone(), groups, why: why.to_owned() });
                }
                Doing::Run(running) => seen.push(running.end(EndState::Interrupted, None, Some(why.to_owned()), 0)),
            }
        }
        if key.1 == Purpose::Watch {
            let link = Link::Lost { since: now, what: crate::facts::Loss::Ended, why: why.to_owned(), retry_at };
            seen.insert(0, Observed::Link { server: key.0.clone(), link });
        }
        if key.1 == Purpose::Step {
            self.waiting.retain(|(server, _, into, run)| {
                let gone = server == &key.0;
                if gone {
                    let running = Running::new(run.clone(), into.clone());
                    seen.push(running.end(EndState::Refused, None, Some(why.to_owned()), 0));
                }
                !gone
            });
        }
        seen
    }

    /// The next moment at which something is overdue or is tried again.
    pub fn next_due(&self) -> Option<Time> {
        self.running
            .iter()
            .filter_map(|(key, agent)| match &agent.state {
                State::Lost { retry_at } if key.1 != Purpose::Step => Some(*retry_at),
                State::Open { doing: Some(Doing::Read { deadline, .. }), .. } => Some(*deadline),
                _ => None,
            })
            .min()
    }
}

/// What one frame means.
fn take(
    key: &(ServerName, Purpose),
    frame: Frame,
    live: &mut bool,
    doing: &mut Option<Doing>,
    now: Time,
    seen: &mut Vec<Observed>,
) {
    match (frame, doing.as_mut()) {
        (Frame::Hello(hello), _) => {
            *live = true;
            if key.1 == Purpose::Watch {
                let link = Link::Live { since: now, machine: hello.machine, user: hello.user, limits: Vec::new() };
                seen.push(Observed::Link { server: key.0.clone(), link });
            }
        }
        (frame @ Frame::Reading { .. }, Some(Doing::Read { groups, asked, .. })) => {
            if let Frame::Reading { group, .. } = &frame {
                groups.retain(|waiting| waiting != group);
            }
            seen.push(Observed::Reading { server: key.0.clone(), asked: *asked, frame });
        }
        (Frame::End { err, why, .. }, Some(Doing::Read { groups, .. })) => {
            let groups = std::mem::take(groups);
            *doing = None;
            if !groups.is_empty() {
                let why = why.or(err.map(|err| err.message)).unwrap_or_else(|| "not answered".into());
                seen.push(Observed::ReadFailed { server: key.0.clone(), groups, why });
            }
        }
        (Frame::Started { id, sha256 }, Some(Doing::Run(_))) => seen.push(Observed::Started { run: id, sha256 }),
        (Frame::Out(out), Some(Doing::Run(running))) => running.print(&out),
        (Frame::Record { v, .. }, Some(Doing::Run(running))) => running.record(v),
        (Frame::End { state, why, exit, err, dropped, .. }, Some(Doing::Run(_))) => {
            let Some(Doing::Run(running)) = doing.take() else { return };
            let state = match state.as_str() {
                "Completed" => EndState::Completed,
                "Stopped" => EndState::Stopped,
                "Busy" => EndState::Refused,
                _ => EndState::Failed,
            };
            seen.push(running.end(state, exit, why.or(err.map(|err| err.message)), dropped));
        }
        _ => {}
    }
}
