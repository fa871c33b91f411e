//! What the client asks of an agent: one JSON object a line, ASCII, no length limit but the line cap.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Group;

/// A request to an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Request {
    /// Read groups of facts: one `reading` frame a group, then `end`.
    Read {
        /// Chosen by the client, echoed in every frame of the answer.
        id: String,
        /// The groups, in the order of the answers.
        groups: Vec<Group>,
        /// Each group's own deadline in milliseconds.
        deadline_ms: u64,
        /// For the group `events`: only events later than this (RFC 3339, UTC).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<String>,
    },
    /// Run one script: `started`, any number of `out`, `record` where asked for, then `end`.
    Run {
        /// Chosen by the client, echoed in every frame of the answer.
        id: String,
        /// The text, exactly as the operator saw it.
        script: String,
        /// What `$Run` holds: plain data, set as a variable, never pasted into the text.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        vars: Map<String, Json>,
        /// Stops the run after this long; none: it may take as long as it likes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u64>,
        /// Also send a flat `record` for each object the pipeline returned.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        into: bool,
    },
    /// Check a script's syntax with the engine's own parser, running nothing: `end` with the parse errors.
    Parse {
        /// Chosen by the client, echoed in the answer.
        id: String,
        /// The text to parse.
        script: String,
    },
    /// Ask a run to stop (`BeginStop`, then grace, then `stuck`).
    Cancel {
        /// The run's id.
        id: String,
    },
    /// Liveness.
    Ping {
        /// Echoed in `pong`.
        id: String,
    },
    /// Finish: the agent says `bye` and exits.
    Bye,
}
