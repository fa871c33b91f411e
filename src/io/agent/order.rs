//! What the runner asks of the agents.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::tail::SharedTail;
use crate::Time;
use crate::facts::ServerName;
use crate::rb1::Group;

/// A command to run on a server's step agent.
#[derive(Debug, Clone)]
pub struct RunOrder {
    /// This run's id
    pub run: String,
    /// Which server
    pub server: ServerName,
    /// The exact text
    pub script: String,
    /// `$Run`
    pub vars: Map<String, Json>,
    /// The server stops it after this many milliseconds
    pub timeout_ms: Option<u64>,
    /// Name to keep the pipeline's objects under
    pub into: Option<String>,
    /// Where its transcript is to be made; there must be no such file
    pub transcript: PathBuf,
}

/// An order to one agent.
pub(super) enum Order {
    Read { groups: Vec<Group>, since: Option<Time>, deadline: Duration },
    Parse { script: String },
    Run { order: Box<RunOrder>, tail: SharedTail },
    Cancel { run: String },
    Retry,
    Stop,
}

/// The patience and the limits of all agents.
#[derive(Debug, Clone)]
pub struct Options {
    /// The agent's text.
    pub script: String,
    /// An agent that has not answered for so long is said to be slow.
    pub start_warn: Duration,
    /// An agent that has not answered for so long is given up.
    pub start_fail: Duration,
    /// Silence after which an agent is asked for a sign of life.
    pub ping_after: Duration,
    /// Silence after which an agent is dead, if it did not say that it would be silent.
    pub silence: Duration,
    /// How long an agent has to stop a command (it says `stuck` after 5 s by itself).
    pub stop_grace: Duration,
    /// How long an agent has to leave at the end.
    pub leave_grace: Duration,
    /// Cap of a transcript in bytes, 0 for none.
    pub transcript_cap: u64,
    /// Free space that has to be there before a command runs, in bytes.
    pub free_space: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            script: super::AGENT.to_owned(),
            start_warn: Duration::from_secs(30),
            start_fail: Duration::from_secs(180),
            ping_after: Duration::from_secs(5),
            silence: Duration::from_secs(14),
            stop_grace: Duration::from_secs(8),
            leave_grace: Duration::from_secs(4),
            transcript_cap: crate::io::transcript::DEFAULT_CAP,
            free_space: 64 << 20,
        }
    }
}
