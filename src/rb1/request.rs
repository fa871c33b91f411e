//! What the client asks of an agent: one JSON object a line, ASCII, no length limit but the line cap.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Group;

/// A command and its arguments apart, for an endpoint without language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// What is called.
    pub name: String,
    /// In order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<CommandArgument>,
}

/// An argument: a named value, a switch (a name alone), or a value by its place (a value alone).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandArgument {
    /// Without its hyphen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Plain data, or a value in its tagged form.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "given")]
    pub value: Option<Json>,
}

/// `null` is a value too, and another thing than none.
mod given {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value as Json;

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(value: &Option<Json>, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Json>, D::Error> {
        Json::deserialize(from).map(Some)
    }
}

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
        /// The text's one command, for an endpoint that takes no script.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<Command>,
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
