//! A console on a simulated server: an agent is started, scripts go in as requests, what it prints comes back.

use std::fmt::Write as _;

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::lab::{ConnectionId, Lab, Scenario};
use lockstep::rb1::{Client, Frame, Group, Request, Stream, Turn};
use serde_json::Map;

/// The moment at which the rehearsals of these tests begin.
pub fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

/// A lab and one agent on each server that was spoken to.
pub struct Console {
    pub lab: Lab,
    agents: Vec<(String, ConnectionId, Client)>,
    asked: u64,
}

impl Console {
    pub fn new(scenario: &str) -> Self {
        Self { lab: Lab::new(&Scenario::bundled(scenario).expect("a scenario"), 5, start()), agents: Vec::new(), asked: 0 }
    }

    pub fn pass(&mut self, minutes: i64) {
        let to = self.lab.now() + TimeDelta::minutes(minutes);
        self.lab.advance(to);
    }

    pub fn say(&mut self, verb: &str) -> String {
        self.lab.operate(&verb.parse().expect("a verb")).unwrap_or_else(|why| panic!("{verb}: {why}"))
    }

    /// Lets no cycle run on a server for a while: waits for the end of the one under way.
    pub fn idle(&mut self, role: &str) {
        let busy = |lab: &Lab| {
            let server = lab.world().servers.iter().find(|server| server.role == role).expect("a role");
            server.product.as_ref().is_some_and(|p| p.cycle.is_some() || p.active.is_some() || p.requested.is_some())
        };
        while busy(&self.lab) {
            let to = self.lab.now() + TimeDelta::seconds(1);
            self.lab.advance(to);
        }
    }

    fn agent(&mut self, role: &str) -> usize {
        // An agent that went with its machine is no longer there.
        let lab = &self.lab;
        self.agents.retain(|(_, id, _)| !lab.ended(*id));
        if let Some(at) = self.agents.iter().position(|(known, ..)| known == role) {
            return at;
        }
        let id = self.lab.connect(role).expect("a server");
        let client = Client::new("0123456789abcdef".to_owned(), "# the agent\n");
        self.lab.write(id, &client.opening());
        self.agents.push((role.to_owned(), id, client));
        let at = self.agents.len() - 1;
        while !self.agents[at].2.is_live() {
            self.step();
            self.listen(at);
        }
        at
    }

    fn step(&mut self) {
        let next = self.lab.next_due().expect("something to come");
        self.lab.advance(next);
    }

    fn listen(&mut self, at: usize) -> Vec<Frame> {
        let (_, id, client) = &mut self.agents[at];
        let bytes = self.lab.read(*id);
        let mut frames = Vec::new();
        for turn in client.feed(&bytes) {
            match turn {
                Turn::Send(bytes) => self.lab.write(*id, &bytes),
                Turn::Frame(frame) => frames.push(frame),
                _ => {}
            }
        }
        frames
    }

    fn ask(&mut self, role: &str, request: impl FnOnce(String) -> Request) -> Vec<Frame> {
        let at = self.agent(role);
        self.asked += 1;
        let request = request(format!("q{}", self.asked));
        let (_, id, client) = &mut self.agents[at];
        let bytes = client.request(&request);
        self.lab.write(*id, &bytes);
        let mut frames = self.listen(at);
        while !frames.iter().any(|frame| matches!(frame, Frame::End { .. })) {
            assert!(!self.lab.ended(self.agents[at].1), "the agent is gone");
            self.step();
            frames.extend(self.listen(at));
        }
        frames
    }

    /// All frames of a run.
    pub fn frames(&mut self, role: &str, script: &str) -> Vec<Frame> {
        self.frames_with(role, script, Map::new())
    }

    /// All frames of a run with variables set before it.
    pub fn frames_with(&mut self, role: &str, script: &str, vars: Map<String, serde_json::Value>) -> Vec<Frame> {
        let script = script.to_owned();
        self.ask(role, |id| Request::Run { id, script, command: None, vars, timeout_ms: None, into: true })
    }

    /// The end of a run that is stopped after a while: its state, and why.
    pub fn limited(&mut self, role: &str, script: &str, ms: u64) -> (String, Option<String>) {
        let script = script.to_owned();
        let frames =
            self.ask(role, |id| Request::Run { id, script, command: None, vars: Map::new(), timeout_ms: Some(ms), into: false });
        frames
            .into_iter()
            .find_map(|frame| if let Frame::End { state, why, .. } = frame { Some((state, why)) } else { None })
            .expect("an end")
    }

    /// What a run prints: its output, and its errors as `ERROR message`.
    pub fn run(&mut self, role: &str, script: &str) -> String {
        let mut text = String::new();
        for frame in self.frames(role, script) {
            match frame {
                Frame::Out(out) if out.s == Stream::Error => {
                    writeln!(text, "ERROR {}", out.err.expect("a record").message).expect("memory");
                }
                Frame::Out(out) if out.s == Stream::Warning => writeln!(text, "WARNING {}", out.d).expect("memory"),
                Frame::Out(out) => text.push_str(&out.d),
                Frame::End { err: Some(err), .. } => writeln!(text, "FAILED {}", err.message).expect("memory"),
                _ => {}
            }
        }
        text
    }

    /// One group of facts: its values and its errors.
    pub fn read(&mut self, role: &str, group: Group) -> (serde_json::Value, Vec<String>) {
        let frames = self.ask(role, |id| Request::Read { id, groups: vec![group], deadline_ms: 5_000, since: None });
        frames
            .into_iter()
            .find_map(|frame| match frame {
                Frame::Reading { values, errors, .. } => Some((values.into(), errors.into_keys().collect())),
                _ => None,
            })
            .expect("a reading")
    }
}
