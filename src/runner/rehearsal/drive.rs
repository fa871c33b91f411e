//! The engine and the lab in one thread without real time: effects are carried out at once, every event is durable at
//! once, and the clock jumps to the next moment at which anything is due.

use std::collections::VecDeque;

use chrono::TimeDelta;

use super::agents::{Agents, Cast};
use crate::Time;
use crate::engine::{Act, Effect, Engine, Input, Moment, Observed};
use crate::facts::ServerName;
use crate::lab::Lab;
use crate::session::Event;

/// How often the servers are asked while the operator works: nobody watches the screen, but every change must be seen.
const WATCHING: TimeDelta = TimeDelta::seconds(10);
/// How often at least while time merely passes.
const SELDOM: TimeDelta = TimeDelta::hours(4);
/// Into how many looks a long wait is divided.
const LOOKS: i32 = 200;

/// A session in the lab, driven by hand.
#[derive(Debug)]
pub struct Drive {
    /// The session
    pub engine: Engine,
    /// The world
    pub lab: Lab,
    agents: Agents,
    /// Every event so far
    pub events: Vec<Event>,
    /// What the message line said last
    pub said: Option<String>,
    refused: Option<String>,
    began: Time,
}

impl Drive {
    /// Starts the agents and carries out the effects of the opening.
    pub fn start(engine: Engine, opening: Vec<Effect>, mut lab: Lab, cast: Cast) -> Self {
        let now = lab.now();
        let agents = Agents::start(cast, &mut lab, now);
        let mut engine = engine;
        engine.set_pace(WATCHING);
        let mut drive = Self { engine, lab, agents, events: Vec::new(), said: None, refused: None, began: now };
        drive.carry(opening);
        drive.settle();
        drive
    }

    /// The lab's name of a server of the session.
    pub fn in_lab(&self, server: &ServerName) -> String {
        self.agents.in_lab(server).to_owned()
    }

    /// The session's clock.
    pub fn now(&self) -> Time {
        self.lab.now()
    }

    /// Ends the agents; gives every event, and the world for whoever comes after.
    pub fn end(mut self) -> (Vec<Event>, Lab) {
        self.agents.stop(&mut self.lab);
        (self.events, self.lab)
    }

    fn moment(&self) -> Moment {
        let now = self.lab.now();
        Moment { now, wall: now, mono: u64::try_from((now - self.began).num_milliseconds()).unwrap_or(0) }
    }

    /// Does one act; the error is the engine's refusal.
    pub fn act(&mut self, act: Act) -> Result<(), String> {
        self.refused = None;
        let effects = self.engine.step(self.moment(), Input::Act(act));
        self.carry(effects);
        self.settle();
        self.refused.take().map_or(Ok(()), Err)
    }

    /// Lets the next command's connection break before its end is seen.
    pub fn break_before_end(&mut self) {
        self.agents.break_before_end();
    }

    /// Cuts the connection that runs a command.
    pub fn cut(&mut self, run: &str) {
        let now = self.now();
        let seen = self.agents.cut(run, &mut self.lab, now);
        self.observe(seen);
        self.settle();
    }

    fn observe(&mut self, seen: Vec<Observed>) {
        for observed in seen {
            let effects = self.engine.step(self.moment(), Input::Observed(observed));
            self.carry(effects);
        }
    }

    fn carry(&mut self, effects: Vec<Effect>) {
        let now = self.now();
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Append(event) => {
                    let seq = event.seq;
                    self.events.push(event);
                    queue.extend(self.engine.step(self.moment(), Input::Observed(Observed::Durable(seq))));
                }
                Effect::Read { server, groups, since } => {
                    let failed = self.agents.read(&server, groups, since, &mut self.lab, now);
                    for observed in failed {
                        queue.extend(self.engine.step(self.moment(), Input::Observed(observed)));
                    }
                }
                Effect::Run { run, server, script, vars, timeout_ms, into } => {
                    self.agents.run(run, &server, script, vars, timeout_ms, into, &mut self.lab, now);
                }
                // A rehearsal runs the commands themselves: what cannot be read fails there.
                Effect::Parse { .. } => {}
                Effect::Cancel { run } => self.agents.cancel(&run, &mut self.lab),
                Effect::Refuse(why) => self.refused = Some(why),
                Effect::Say(words) => self.said = Some(words),
            }
        }
    }

    /// Carries out everything that is due at this moment.
    pub fn settle(&mut self) {
        // A bound, so that an agent that answers itself for ever shows as a hang of nothing but this rehearsal's moment.
        for _ in 0..10_000 {
            let now = self.now();
            let seen = self.agents.pump(&mut self.lab, now);
            let due = self.engine.next_wake().is_some_and(|at| at <= now);
            if seen.is_empty() && !due {
                return;
            }
            self.observe(seen);
            if due {
                let effects = self.engine.step(self.moment(), Input::Woke);
                let idle = effects.is_empty() && self.engine.next_wake().is_some_and(|at| at <= now);
                self.carry(effects);
                if idle {
                    return;
                }
            }
        }
    }

    /// Jumps to the next moment at which anything is due, at most to `limit`. False once `limit` is reached.
    pub fn jump(&mut self, limit: Time) -> bool {
        let now = self.now();
        if now >= limit {
            return false;
        }
        let tick = TimeDelta::milliseconds(1);
        let next = [self.engine.next_wake(), self.agents.next_due(), self.lab.next_due()].into_iter().flatten().min();
        self.lab.advance(next.unwrap_or(limit).max(now + tick).min(limit));
        self.settle();
        true
    }

    /// Lets time pass until the condition holds, at most to `limit`. Whether it holds.
    pub fn until(&mut self, limit: Time, mut holds: impl FnMut(&Self) -> bool) -> bool {
        loop {
            if holds(self) {
                return true;
            }
            if !self.jump(limit) {
                return false;
            }
        }
    }

    /// What is waited for since long is looked for less often, as a person would.
    pub fn watch_since(&mut self, begun: Time) {
        let pace = ((self.now() - begun) / LOOKS).clamp(WATCHING, SELDOM);
        self.engine.set_pace(pace);
    }

    /// Lets so much time pass. Through weeks of staging the servers are looked at every few hours, as a person would.
    pub fn pass(&mut self, span: TimeDelta) {
        let limit = self.now() + span;
        self.engine.set_pace((span / LOOKS).clamp(WATCHING, SELDOM));
        while self.jump(limit) {}
        self.engine.set_pace(WATCHING);
        let _ = self.act(Act::AskNow(Vec::new()));
    }
}
