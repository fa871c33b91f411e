//! RB1, the agent protocol, as a pure codec: requests are one JSON object a line; the agent's frames are ASCII lines
//! `@RB1 <nonce> <json>` that are found anywhere in a line. Everything else is noise, kept and shown, never an error.

pub mod agent_side;
pub mod client;
pub mod decode;
pub mod encode;
pub mod frame;
pub mod request;
pub mod syntax;

#[cfg(test)]
mod tests;

pub use agent_side::{AgentSide, Heard};
pub use client::{Client, PROTO, Turn};
pub use decode::{Decoder, Incoming};
pub use encode::{FrameWriter, parse_request};
pub use frame::{ErrorRecord, Frame, Hello, Out, Stream};
pub use request::Request;

/// The groups of facts an agent reads at once (the words of `read`). Facts of the group `local` never travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Scheduler, service, wizard, version, connection: every 5 s, never queued behind another group.
    Core,
    /// Run history.
    Runs,
    /// Connectors and their statistics.
    Statistics,
    /// Event log since the session began.
    Events,
    /// Password hash synchronisation.
    Passwords,
    /// Settings, rules, scope, credentials.
    Configuration,
    /// Operating system, .NET, TLS, disk, database, other agents.
    Host,
}

impl Group {
    /// Every group, the most urgent first.
    pub const ALL: [Self; 7] =
        [Self::Core, Self::Runs, Self::Statistics, Self::Events, Self::Passwords, Self::Configuration, Self::Host];

    /// The word used on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Runs => "runs",
            Self::Statistics => "statistics",
            Self::Events => "events",
            Self::Passwords => "passwords",
            Self::Configuration => "configuration",
            Self::Host => "host",
        }
    }
}
