//! What reaches the engine from outside: answers of agents, ends of commands, the journal's word that an event is durable.

use crate::Time;
use crate::facts::{Link, ServerName};
use crate::rb1::Frame;
use crate::session::event::{EndState, Output, Results, Transcript};

/// An observation. Its moment comes with `Engine::step`, on the session's clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// The events up to and with this sequence number are on disk.
    Durable(u64),
    /// The journal cannot be written any more: the session is read-only from here.
    JournalFailed(String),
    /// The connection of a server's watch agent changed.
    Link {
        /// Which server
        server: ServerName,
        /// As it is now
        link: Link,
    },
    /// A `reading` frame came; the group says which agent it was.
    Reading {
        /// Which server
        server: ServerName,
        /// When its group was asked for, on the session's clock
        asked: Time,
        /// The frame, always [`Frame::Reading`]
        frame: Frame,
    },
    /// Groups were not answered.
    ReadFailed {
        /// Which server
        server: ServerName,
        /// Which groups
        groups: Vec<crate::rb1::Group>,
        /// Why, in words
        why: String,
    },
    /// A server's PowerShell has read a text without running it.
    Parsed {
        /// Which server
        server: ServerName,
        /// The text
        script: String,
        /// What is wrong with it, in words
        problem: Option<String>,
    },
    /// A run began on its server.
    Started {
        /// Which run
        run: String,
        /// What the agent received
        sha256: String,
    },
    /// A run is over; its transcript is complete on disk.
    Ended {
        /// Which run
        run: String,
        /// How
        state: EndState,
        /// Error records written
        errors: u64,
        /// The last native exit code
        exit: Option<i64>,
        /// Why it stopped or failed, in words
        why: Option<String>,
        /// The transcript
        transcript: Transcript,
        /// Head and tail
        output: Output,
        /// What `into=` captured
        results: Option<Results>,
    },
}
