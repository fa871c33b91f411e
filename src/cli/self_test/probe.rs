//! One server's agents and a patient listener, for the self-test.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};
use serde_json::{Map, Value as Json};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::facts::connection_log::Entry;
use crate::facts::{ConnectionLog, ServerName};
use crate::io::agent::{AgentEvent, Agents, Ended, LinkState, Nonce, Options, Purpose, RunOrder, TailLine, Transport};
use crate::rb1::{ErrorRecord, Frame, Group};
use crate::text::age::second_utc;

const SERVER: &str = "server";

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(200);

/// A server under test.
pub(super) struct Probe {
    agents: Agents,
    events: UnboundedReceiver<AgentEvent>,
    runtime: Runtime,
    folder: PathBuf,
    runs: u32,
    log: ConnectionLog,
}

/// A run that is over.
pub(super) struct Outcome {
    pub(super) ended: Ended,
    pub(super) lines: Vec<TailLine>,
    pub(super) took: Duration,
}

/// What came of a group of facts.
pub(super) enum Read {
    Answered { ms: u64, values: usize, errors: BTreeMap<String, ErrorRecord> },
    Failed(String),
}

impl Probe {
    pub(super) fn start(transport: Arc<dyn Transport>) -> Result<Self> {
        let (sender, events) = unbounded_channel();
        let folder = std::env::temp_dir().join(format!("lockstep-self-test-{}", Nonce::random()?.as_str()));
        std::fs::create_dir(&folder).wrap_err_with(|| format!("no folder '{}' for the output", folder.display()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let agents = Agents::start(vec![(ServerName::from(SERVER), transport)], Options::default(), sender)?;
        Ok(Self { agents, events, runtime, folder, runs: 0, log: ConnectionLog::default() })
    }

    /// The first state of the connection that is more than a beginning.
    pub(super) fn link(&mut self) -> Result<LinkState> {
        self.until(CONNECTING, |event| match event {
            AgentEvent::Link { purpose: Purpose::Watch, link, .. } if !matches!(link, LinkState::Idle | LinkState::Starting) => {
                Some(link)
            }
            _ => None,
        })?
        .ok_or_else(|| eyre!("the agent was not reached within {} s", CONNECTING.as_secs()))
    }

    /// Runs a script to its end; none where it has none in time.
    pub(super) fn run(&mut self, script: &str, vars: &[(&str, &str)]) -> Result<Option<Outcome>> {
        let begun = Instant::now();
        let (run, tail) = self.begin(script, vars);
        let ended = self.ended(&run)?;
        Ok(ended.map(|ended| Outcome { ended, lines: tail.lock().last(50), took: begun.elapsed() }))
    }

    /// Runs a script, cancels it once it runs, and says how long its end took.
    pub(super) fn cancelled(&mut self, script: &str) -> Result<Option<(Outcome, Duration)>> {
        let (run, tail) = self.begin(script, &[]);
        let started = self.until(PATIENCE, |event| match event {
            AgentEvent::Started { run: started, .. } if started == run => Some(()),
            _ => None,
        })?;
        if started.is_none() {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(300));
        let asked = Instant::now();
        self.agents.cancel(&run);
        let ended = self.ended(&run)?;
        let took = asked.elapsed();
        Ok(ended.map(|ended| (Outcome { ended, lines: tail.lock().last(50), took }, took)))
    }

    /// Reads one group.
    pub(super) fn read(&mut self, group: Group) -> Result<Read> {
        self.agents.read(&ServerName::from(SERVER), &[group], None, PATIENCE);
        let read = self.until(PATIENCE + Duration::from_secs(10), |event| match event {
            AgentEvent::Reading { frame: Frame::Reading { group: of, ms, values, errors, .. }, .. } if of == group => {
                Some(Read::Answered { ms, values: values.values().map(leaves).sum(), errors })
            }
            AgentEvent::ReadFailed { groups, why, .. } if groups.contains(&group) => Some(Read::Failed(why)),
            _ => None,
        })?;
        Ok(read.unwrap_or_else(|| Read::Failed("no answer".to_owned())))
    }

    /// Writes how the connections went, and what the server said besides.
    pub(super) fn told(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "\nConnections")?;
        for logged in self.log.entries() {
            let (sign, words) = match &logged.entry {
                Entry::State(words) => (' ', words),
                Entry::Text(line) => ('|', line),
            };
            writeln!(out, "  {} {:<6} {sign} {words}", second_utc(logged.at), logged.agent)?;
        }
        Ok(())
    }

    /// Lets the server go and removes what was written here.
    pub(super) fn stop(self) {
        self.agents.stop();
        // What is left is a temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }

    fn begin(&mut self, script: &str, vars: &[(&str, &str)]) -> (String, crate::io::agent::SharedTail) {
        self.runs += 1;
        let run = format!("check{}", self.runs);
        let vars: Map<String, Json> = vars.iter().map(|(name, text)| ((*name).to_owned(), Json::from(*text))).collect();
        let tail = self.agents.run(RunOrder {
            run: run.clone(),
            server: ServerName::from(SERVER),
            script: script.to_owned(),
            vars,
            timeout_ms: Some(40_000),
            into: Some("result".to_owned()),
            transcript: self.folder.join(format!("{run}.log")),
        });
        (run, tail)
    }

    fn ended(&mut self, run: &str) -> Result<Option<Ended>> {
        self.until(PATIENCE, |event| match event {
            AgentEvent::Ended(ended) if ended.run == run => Some(*ended),
            _ => None,
        })
    }

    fn until<T>(&mut self, patience: Duration, mut pick: impl FnMut(AgentEvent) -> Option<T>) -> Result<Option<T>> {
        let Self { runtime, events, log, .. } = self;
        runtime.block_on(async {
            let deadline = tokio::time::Instant::now() + patience;
            loop {
                match tokio::time::timeout_at(deadline, events.recv()).await {
                    Err(_) => return Ok(None),
                    Ok(None) => return Err(eyre!("the agents' threads are gone")),
                    Ok(Some(event)) => {
                        match &event {
                            AgentEvent::Link { purpose, link, .. } => log.state(Utc::now(), purpose.name(), &link.words()),
                            AgentEvent::Noise { purpose, text, .. } => log.text(Utc::now(), purpose.name(), text),
                            _ => {}
                        }
                        if let Some(found) = pick(event) {
                            return Ok(Some(found));
                        }
                    }
                }
            }
        })
    }
}

/// Scalars in a JSON value.
fn leaves(json: &Json) -> usize {
    match json {
        Json::Array(items) => items.iter().map(leaves).sum(),
        Json::Object(map) => map.values().map(leaves).sum(),
        _ => 1,
    }
}
