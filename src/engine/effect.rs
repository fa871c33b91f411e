//! What the engine asks for. The runner carries effects out in order; `lockstep test` does the same without a screen.

use serde_json::{Map, Value as Json};

use crate::Time;
use crate::facts::ServerName;
use crate::rb1::Group;
use crate::session::event::Event;

/// An effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Append this event to the journal; answered by `Observed::Durable` once it is on disk.
    Append(Event),
    /// Ask a server for groups of facts, now. One request an agent at a time: the watch agent has `core`, the survey
    /// agent all others.
    Read {
        /// Which server
        server: ServerName,
        /// Which groups, all of one agent
        groups: Vec<Group>,
        /// Events later than this
        since: Option<Time>,
    },
    /// Ask a server's survey agent whether PowerShell can read a text; answered by `Observed::Parsed`, or not at all.
    Parse {
        /// Which server
        server: ServerName,
        /// The text
        script: String,
    },
    /// Run a command on a server's step agent. Its `command_started` and `command_approved` events are durable.
    Run {
        /// This run's id
        run: String,
        /// Which server
        server: ServerName,
        /// The exact text
        script: String,
        /// `$Run`
        vars: Map<String, Json>,
        /// Stopped after this many milliseconds of the session's clock
        timeout_ms: Option<u64>,
        /// Name to keep the pipeline's objects under
        into: Option<String>,
    },
    /// Ask a run to stop; a run that does not within its grace is killed with its agent.
    Cancel {
        /// Which run
        run: String,
    },
    /// The act was not possible; the words say why and what to do instead.
    Refuse(String),
    /// Something worth saying in the message line.
    Say(String),
}
