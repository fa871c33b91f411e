//! One agent process on a simulated server: hears the bytes of the protocol and writes the bytes that a real agent would.

mod german;
mod script;

use std::collections::VecDeque;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use self::script::{Asked, Script};
use super::facts;
use super::fault::Fault;
use super::world::World;
use crate::Time;
use crate::powershell::tree::{format_datetime, parse_datetime};
use crate::rb1::{AgentSide, Frame, FrameWriter, Group, Heard, Hello, Request};

/// Which connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId(pub u64);

/// An agent.
#[derive(Debug)]
pub struct Connection {
    server: usize,
    serial: u64,
    opened: Time,
    heard: AgentSide,
    writer: Option<FrameWriter>,
    output: Vec<u8>,
    /// On the way to the agent
    inbound: VecDeque<(Time, Vec<u8>)>,
    /// On the way from it
    outbound: VecDeque<(Time, Vec<u8>)>,
    /// Frames that go out at their moment, the earliest first
    outbox: VecDeque<(Time, Due)>,
    script: Option<Script>,
    ended: bool,
}

/// What is done at a moment.
#[derive(Debug)]
enum Due {
    Frame(Box<Frame>),
    Read { id: String, groups: VecDeque<Group>, since: Option<Time> },
    Leave,
}

/// How long an agent takes to say that it is ready, and then to say hello.
const READY: TimeDelta = TimeDelta::milliseconds(350);
const HELLO: TimeDelta = TimeDelta::milliseconds(700);

/// How long a group takes on the server, in milliseconds.
fn reading_ms(group: Group) -> u64 {
    match group {
        Group::Core => 20,
        Group::Passwords => 60,
        Group::Runs | Group::Statistics | Group::Events => 150,
        Group::Host => 400,
        Group::Configuration => 900,
    }
}

fn span(ms: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(0))
}

/// A connection of a flapping server lives this long.
const FLAP: TimeDelta = TimeDelta::seconds(40);

impl Connection {
    /// A new process on a server.
    pub(super) fn open(server: usize, serial: u64, world: &World) -> Self {
        Self {
            server,
            serial,
            opened: world.now,
            heard: AgentSide::new(),
            writer: None,
            output: Vec::new(),
            inbound: VecDeque::new(),
            outbound: VecDeque::new(),
            outbox: VecDeque::new(),
            script: None,
            ended: !world.servers[server].answers(),
        }
    }

    /// When it does something next.
    pub(super) fn next_due(&self) -> Option<Time> {
        let script = self.script.as_ref().map(Script::due);
        let inbound = self.inbound.front().map(|(at, _)| *at);
        let outbound = self.outbound.front().map(|(at, _)| *at);
        let outbox = self.outbox.front().map(|(at, _)| *at);
        [inbound, outbound, outbox, script].into_iter().flatten().min().filter(|_| !self.ended)
    }

    /// Whether it is gone.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// What it has written.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes bytes of its input; they arrive after half of the way's latency.
    pub(super) fn send_in(&mut self, bytes: &[u8], world: &World) {
        if !self.ended {
            travel(&mut self.inbound, bytes.to_vec(), world, self.server);
        }
    }

    fn hear(&mut self, bytes: &[u8], world: &mut World) {
        for heard in self.heard.feed(bytes) {
            match heard {
                Heard::StageOne { nonce } => {
                    self.writer = Some(FrameWriter::new(&nonce));
                    self.after(world, READY, Due::Frame(Box::new(Frame::Ready)));
                }
                Heard::Script(text) => {
                    let hello = Hello { agent_sha: script::sha256(&text), ..self.hello(world) };
                    self.after(world, HELLO, Due::Frame(Box::new(Frame::Hello(hello))));
                }
                Heard::Request(Ok(request)) => self.request(request, world),
                Heard::Request(Err(message)) => {
                    let oops = Frame::Oops { message: Some(message), err: None };
                    self.after(world, TimeDelta::zero(), Due::Frame(Box::new(oops)));
                }
                Heard::Nonsense(_) => self.ended = true,
            }
        }
    }

    fn after(&mut self, world: &World, wait: TimeDelta, due: Due) {
        self.at(world.now + wait, due);
    }

    /// Puts it behind everything that goes out at the same moment or before.
    fn at(&mut self, moment: Time, due: Due) {
        let place = self.outbox.partition_point(|(at, _)| *at <= moment);
        self.outbox.insert(place, (moment, due));
    }

    fn hello(&self, world: &World) -> Hello {
        let server = &world.servers[self.server];
        Hello {
            proto: 1,
            agent_sha: String::new(),
            ps: "5.1.20348.2849".to_owned(),
            edition: "Desktop".to_owned(),
            bits: 64,
            lang: "FullLanguage".to_owned(),
            machine: server.host.name.clone(),
            user: world.user.clone(),
            pid: 5_000 + u32::try_from(self.serial % 10_000).unwrap_or(0) * 4,
            stdin_isolated: true,
            elevated: Some(true),
            adsync: Some(server.product.is_some()),
        }
    }

    fn request(&mut self, request: Request, world: &mut World) {
        match request {
            Request::Read { id, .. } | Request::Run { id, .. } | Request::Parse { id, .. } if self.script.is_some() => {
                self.after(world, TimeDelta::zero(), Due::Frame(Box::new(busy(id))));
            }
            Request::Read { id, groups, since, .. } => {
                let since = since.as_deref().and_then(parse_datetime);
                let first = groups.first().map_or(TimeDelta::zero(), |group| span(reading_ms(*group)));
                self.after(world, first, Due::Read { id, groups: groups.into(), since });
            }
            Request::Ping { id } => self.after(world, TimeDelta::zero(), Due::Frame(Box::new(Frame::Pong { id }))),
            Request::Bye => {
                self.after(world, TimeDelta::zero(), Due::Frame(Box::new(Frame::Bye)));
                self.after(world, TimeDelta::zero(), Due::Leave);
            }
            Request::Run { id, script, vars, timeout_ms, into, .. } => {
                let (started, script) = Script::begin(Asked { id, script, vars, timeout_ms, into }, world, self.server);
                self.send(&started, world);
                self.script = Some(script);
            }
            Request::Parse { id, script } => {
                self.after(world, TimeDelta::zero(), Due::Frame(Box::new(script::parsed(id, &script))));
            }
            Request::Cancel { id } => {
                let server = self.server;
                if let Some(script) = self.script.as_mut().filter(|script| script.is(&id)) {
                    script.stop("cancel", world, server);
                }
            }
        }
    }

    /// Does what is due.
    pub(super) fn serve(&mut self, world: &mut World) {
        let flaps = world.servers[self.server].has(Fault::ConnectionFlapping) && world.now - self.opened >= FLAP;
        if !self.ended && (!world.servers[self.server].answers() || flaps) {
            self.ended = true;
        }
        while !self.ended
            && let Some(bytes) = arrived(&mut self.inbound, world.now)
        {
            self.hear(&bytes, world);
        }
        while !self.ended && self.outbox.front().is_some_and(|(at, _)| *at <= world.now) {
            let Some((_, due)) = self.outbox.pop_front() else { return };
            match due {
                Due::Frame(frame) => self.send(&frame, world),
                Due::Leave => self.ended = true,
                Due::Read { id, groups, since } => self.read(id, groups, since, world),
            }
        }
        self.go_on(world);
        while !self.ended
            && let Some(bytes) = arrived(&mut self.outbound, world.now)
        {
            self.output.extend(bytes);
        }
    }

    /// Lets the run under way go on.
    fn go_on(&mut self, world: &mut World) {
        let Some(mut script) = self.script.take_if(|_| !self.ended) else { return };
        let (server, mut frames) = (self.server, Vec::new());
        let over = script.serve(world, server, &mut |frame| frames.push(frame.clone()));
        for frame in &frames {
            self.send(frame, world);
        }
        if !over {
            self.script = Some(script);
        }
    }

    /// Answers the next group of a request, and comes back for the others.
    fn read(&mut self, id: String, mut groups: VecDeque<Group>, since: Option<Time>, world: &World) {
        let Some(group) = groups.pop_front() else {
            self.send(&end(id), world);
            return;
        };
        let server = &world.servers[self.server];
        if server.has(Fault::CmdletHangs) && group == Group::Core {
            // The cmdlet does not come back: neither does the agent that called it.
            return;
        }
        let answer = facts::answer(world, self.server, group, since);
        let reading = Frame::Reading {
            id: id.clone(),
            group,
            server_utc: format_datetime(server.clock(world.now)),
            ms: reading_ms(group),
            values: answer.values,
            errors: answer.errors,
        };
        self.send(&reading, world);
        let next = groups.front().map_or(TimeDelta::zero(), |group| span(reading_ms(*group)));
        self.at(world.now + next, Due::Read { id, groups, since });
    }

    fn send(&mut self, frame: &Frame, world: &World) {
        if let Some(writer) = self.writer.as_mut() {
            travel(&mut self.outbound, writer.write(frame), world, self.server);
        }
    }
}

fn busy(id: String) -> Frame {
    Frame::End { id, state: "Busy".to_owned(), why: None, errors: false, exit: None, ms: 0, err: None, dropped: 0 }
}

fn end(id: String) -> Frame {
    Frame::End { id, state: "Completed".to_owned(), why: None, errors: false, exit: None, ms: 20, err: None, dropped: 0 }
}

/// Sends bytes on their way: half of a question's and its answer's latency, and never before what went earlier.
fn travel(way: &mut VecDeque<(Time, Vec<u8>)>, bytes: Vec<u8>, world: &World, server: usize) {
    let arrives = world.now + world.servers[server].host.network.winrm.latency() / 2;
    way.push_back((way.back().map_or(arrives, |(at, _)| arrives.max(*at)), bytes));
}

/// The next bytes that have come through by now.
fn arrived(way: &mut VecDeque<(Time, Vec<u8>)>, now: Time) -> Option<Vec<u8>> {
    let (at, _) = way.front()?;
    if *at <= now { way.pop_front().map(|(_, bytes)| bytes) } else { None }
}
