//! What an agent answers. Unknown fields are ignored, unknown frame types are kept as [`Frame::Other`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Group;

/// One frame of an agent, without its sequence number (the decoder checks that).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Frame {
    /// Stage 1 runs and waits for the script.
    Ready,
    /// The agent itself runs.
    Hello(Hello),
    /// One group of facts.
    Reading {
        /// The request's id.
        id: String,
        /// Which group.
        group: Group,
        /// The server's own clock when it answered, RFC 3339 UTC.
        server_utc: String,
        /// How long the group took on the server.
        ms: u64,
        /// Flat JSON by the paths of facts.md (`Scheduler` is an object, `RunHistory` an array of objects).
        values: Map<String, Json>,
        /// Parts that failed, by path: the rest of the group stands.
        #[serde(default)]
        errors: std::collections::BTreeMap<String, ErrorRecord>,
    },
    /// A run began.
    Started {
        /// The request's id.
        id: String,
        /// SHA-256 (hex) of the script's UTF-8 bytes as the agent received them.
        sha256: String,
    },
    /// Something a run printed.
    Out(Out),
    /// One object of a run's pipeline, flattened (`into`).
    Record {
        /// The request's id.
        id: String,
        /// Its scalar properties, in the tagged forms of the value tree.
        v: Map<String, Json>,
    },
    /// The request is over.
    End {
        /// The request's id.
        id: String,
        /// `Completed`, `Failed`, `Stopped`, or `Busy` (refused: another run is under way).
        state: String,
        /// Why it stopped: `cancel`, `timeout`, `shutdown`.
        #[serde(default)]
        why: Option<String>,
        /// Whether PowerShell saw errors, terminating or not.
        #[serde(default)]
        errors: bool,
        /// The last native exit code of the run, where there was a native program.
        #[serde(default)]
        exit: Option<i64>,
        /// How long it took on the server.
        #[serde(default)]
        ms: u64,
        /// The terminating error.
        #[serde(default)]
        err: Option<ErrorRecord>,
        /// Objects past the limit of `into` that were not sent.
        #[serde(default)]
        dropped: u64,
    },
    /// A run did not stop within its grace; the client kills the process.
    Stuck {
        /// The run's id.
        id: String,
        /// Milliseconds since the stop was asked for.
        ms: u64,
    },
    /// The agent is about to print something large and may answer nothing for so long.
    Busy {
        /// The run's id.
        id: String,
        /// Milliseconds, at most.
        ms: u64,
    },
    /// Liveness.
    Pong {
        /// As in the ping.
        id: String,
    },
    /// The agent is going.
    Bye,
    /// A request the agent could not read.
    Oops {
        /// In words.
        #[serde(default)]
        message: Option<String>,
        /// As an error record.
        #[serde(default)]
        err: Option<ErrorRecord>,
    },
    /// A frame type of a later protocol: ignored.
    #[serde(other)]
    Other,
}

impl Frame {
    /// The request that a frame answers; none for frames of the process itself and for `pong`.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Reading { id, .. }
            | Self::Started { id, .. }
            | Self::Record { id, .. }
            | Self::End { id, .. }
            | Self::Busy { id, .. }
            | Self::Stuck { id, .. } => Some(id),
            Self::Out(out) => Some(&out.id),
            Self::Ready | Self::Hello(_) | Self::Pong { .. } | Self::Bye | Self::Oops { .. } | Self::Other => None,
        }
    }
}

/// What an agent says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hello {
    /// Protocol version; this program speaks 1.
    pub proto: u32,
    /// SHA-256 of the agent's text, where it could tell.
    pub agent_sha: String,
    /// PowerShell's version.
    pub ps: String,
    /// `Desktop` or `Core`.
    pub edition: String,
    /// 32 or 64.
    pub bits: u32,
    /// Language mode, such as `FullLanguage` or `ConstrainedLanguage`.
    pub lang: String,
    /// Computer name.
    pub machine: String,
    /// `DOMAIN\user`.
    pub user: String,
    /// Process id on the server.
    pub pid: u32,
    /// Whether native children cannot eat the protocol's input.
    pub stdin_isolated: bool,
    /// Whether the process is elevated; none where that could not be told.
    pub elevated: Option<bool>,
    /// Whether the ADSync module is found.
    pub adsync: Option<bool>,
}

/// Output of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Out {
    /// The run's id.
    pub id: String,
    /// Which stream.
    pub s: Stream,
    /// The text (may hold line ends); for `progress` the status.
    #[serde(default)]
    pub d: String,
    /// The error record of the `error` stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<ErrorRecord>,
    /// Progress: what is being done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a: Option<String>,
    /// Progress: percent, negative where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pct: Option<i64>,
    /// Progress: this activity is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
}

/// PowerShell's streams, and the standard error of native programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// What the pipeline returned, printed.
    Stdout,
    /// Error records.
    Error,
    /// `Write-Warning`
    Warning,
    /// `Write-Verbose`
    Verbose,
    /// `Write-Debug`
    Debug,
    /// `Write-Information`, `Write-Host`
    Info,
    /// `Write-Progress`
    Progress,
    /// Standard error of a native program: not a failure by itself.
    NativeErr,
}

/// A PowerShell error record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorRecord {
    /// The message.
    pub message: String,
    /// FullyQualifiedErrorId
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fqid: String,
    /// Category name
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Target name
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// The exception's .NET type
    #[serde(skip_serializing_if = "String::is_empty")]
    pub exception: String,
    /// PositionMessage: where in the script
    #[serde(skip_serializing_if = "String::is_empty")]
    pub position: String,
    /// Line in the script
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// ScriptStackTrace
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stack: String,
}
