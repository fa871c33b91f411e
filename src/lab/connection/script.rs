//! One run of a script on a simulated server: the shell's output as frames, its waits on the world's clock, its end.

use std::fmt::Write as _;

use chrono::TimeDelta;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::german;
use crate::Time;
use crate::lab::cmdlets::ServerHost;
use crate::lab::fault::Fault;
use crate::lab::shell::{End, Execution, Next, Output};
use crate::lab::world::World;
use crate::powershell::syntax;
use crate::powershell::{Record, Value};
use crate::rb1::{ErrorRecord, Frame, Out, Stream};

/// A run under way.
pub(super) struct Script {
    id: String,
    execution: Execution,
    began: Time,
    /// When it is polled next, on the world's clock
    next: Time,
    deadline: Option<Time>,
    why: Option<&'static str>,
    /// It does not stop: when that is said
    stuck: Option<Time>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script").field("id", &self.id).field("next", &self.next).finish_non_exhaustive()
    }
}

/// What a request to run holds.
pub(super) struct Asked {
    pub id: String,
    pub script: String,
    pub vars: Map<String, Json>,
    pub timeout_ms: Option<u64>,
    pub into: bool,
}

/// A batch of work takes this long, so that a loop that never ends takes time as it does on a server.
const BATCH: TimeDelta = TimeDelta::milliseconds(5);
const STOPPING: TimeDelta = TimeDelta::milliseconds(40);
/// A run that does not stop is called stuck after this long.
const GRACE: TimeDelta = TimeDelta::seconds(5);

/// SHA-256 of a text in hex.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Script {
    /// Begins a run: the frame that says so, and the run.
    pub fn begin(asked: Asked, world: &World, at: usize) -> (Frame, Self) {
        let server = &world.servers[at];
        let held: Record =
            asked.vars.iter().map(|(name, json)| (name.clone(), Value::from_json(json).unwrap_or_default())).collect();
        let variables = Record::new().with("Run", held);
        let execution = Execution::new(&asked.script, &variables, asked.into, server.clock(world.now));
        let started = Frame::Started { id: asked.id.clone(), sha256: sha256(&asked.script) };
        let deadline = asked.timeout_ms.and_then(|ms| i64::try_from(ms).ok()).map(|ms| world.now + TimeDelta::milliseconds(ms));
        let script =
            Self { id: asked.id, execution, began: world.now, next: world.now + BATCH, deadline, why: None, stuck: None };
        (started, script)
    }

    /// Whether it is the run with that id.
    pub fn is(&self, id: &str) -> bool {
        self.id == id
    }

    /// When it does something next.
    pub fn due(&self) -> Time {
        let next = self.stuck.unwrap_or(self.next);
        if self.why.is_some() { next } else { self.deadline.map_or(next, |deadline| next.min(deadline)) }
    }

    /// Asks it to stop.
    pub fn stop(&mut self, why: &'static str, world: &World, at: usize) {
        if self.why.is_some() {
            return;
        }
        self.why = Some(why);
        self.next = world.now + STOPPING;
        if world.servers[at].has(Fault::CmdletHangs) {
            self.stuck = Some(world.now + GRACE);
        } else {
            self.execution.stop();
        }
    }

    /// Does what is due; whether the run is over.
    pub fn serve(&mut self, world: &mut World, at: usize, send: &mut dyn FnMut(&Frame)) -> bool {
        let now = world.now;
        if self.why.is_none() && self.deadline.is_some_and(|deadline| deadline <= now) {
            self.stop("timeout", world, at);
            return false;
        }
        if let Some(moment) = self.stuck {
            if moment <= now {
                let ms = u64::try_from(GRACE.num_milliseconds()).unwrap_or(0);
                send(&Frame::Stuck { id: self.id.clone(), ms });
                self.stuck = Some(now + TimeDelta::days(365));
            }
            return false;
        }
        if self.next > now {
            return false;
        }
        let progress = self.execution.poll(&mut ServerHost { world, at });
        let german = world.servers[at].has(Fault::GermanDates);
        for output in progress.output {
            let output = match output {
                Output::Text(text) if german => Output::Text(german::dates(&text)),
                output => output,
            };
            send(&self.frame(output));
        }
        match progress.next {
            Next::Again => self.next = now + BATCH,
            Next::At(moment) => self.next = world.servers[at].from_clock(moment).max(now + TimeDelta::milliseconds(1)),
            Next::Finished(end) => {
                send(&self.end(end, now));
                return true;
            }
        }
        false
    }

    fn frame(&self, output: Output) -> Frame {
        let out = |s: Stream, d: String| Out { id: self.id.clone(), s, d, err: None, a: None, pct: None, done: None };
        Frame::Out(match output {
            Output::Record(record) => {
                let Json::Object(v) = Value::Object(record).to_json() else {
                    return Frame::Record { id: self.id.clone(), v: Map::new() };
                };
                return Frame::Record { id: self.id.clone(), v };
            }
            Output::Text(text) => out(Stream::Stdout, text),
            Output::Error { record, .. } => Out { err: Some(record), ..out(Stream::Error, String::new()) },
            Output::Warning(text) => out(Stream::Warning, text),
            Output::Verbose(text) => out(Stream::Verbose, text),
            Output::Information(text) => out(Stream::Info, text),
            Output::NativeError(text) => out(Stream::NativeErr, format!("{text}\n")),
            Output::Progress { activity, status, percent, completed } => {
                Out { a: Some(activity), pct: Some(percent), done: Some(completed), ..out(Stream::Progress, status) }
            }
        })
    }

    fn end(&self, end: End, now: Time) -> Frame {
        Frame::End {
            id: self.id.clone(),
            state: end.state.name().to_owned(),
            why: self.why.map(str::to_owned),
            errors: end.errors,
            exit: end.exit,
            ms: u64::try_from((now - self.began).num_milliseconds()).unwrap_or(0),
            err: end.error,
            dropped: end.dropped,
        }
    }
}

/// The answer to a request to parse: the engine's own words for what is wrong.
pub(super) fn parsed(id: String, script: &str) -> Frame {
    let parsed = syntax::parse(script);
    let line_of = |start: usize| script[..start.min(script.len())].matches('\n').count() + 1;
    let err = parsed.errors.first().map(|first| ErrorRecord {
        message: parsed
            .errors
            .iter()
            .map(|error| format!("line {}: {}", line_of(error.span.start), error.message))
            .collect::<Vec<_>>()
            .join("\n"),
        fqid: first.id.to_owned(),
        category: "ParserError".to_owned(),
        line: u64::try_from(line_of(first.span.start)).ok(),
        position: script.get(first.span.clone()).unwrap_or_default().to_owned(),
        ..ErrorRecord::default()
    });
    let state = if err.is_some() { "Failed" } else { "Completed" };
    Frame::End { id, state: state.to_owned(), why: None, errors: err.is_some(), exit: None, ms: 0, err, dropped: 0 }
}
