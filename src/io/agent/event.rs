//! What the agents tell the runner. Durations are real time from here; the runner puts them on the session's clock.

use std::time::Duration;

use crate::facts::{Limit, Loss, Obstacle, ServerName};
use crate::rb1::{Frame, Group, Hello};
use crate::session::event::{EndState, Output, Results, Transcript};

/// What one agent process of a server is for. A stuck one is ended without touching the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// The `core` group and nothing else: its connection is the server's.
    Watch,
    /// The slower groups, one after another.
    Survey,
    /// Commands; started when the first one is run.
    Step,
}

impl Purpose {
    /// Which agent reads a group.
    pub fn of(group: Group) -> Self {
        if group == Group::Core { Self::Watch } else { Self::Survey }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Survey => "survey",
            Self::Step => "step",
        }
    }
}

/// The life of one agent's connection.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkState {
    /// Not started: nothing is asked of it.
    Idle,
    /// Being started.
    Starting,
    /// It answers.
    Live {
        /// What it said of itself, sanitised
        hello: Box<Hello>,
        /// What it works without
        limits: Vec<Limit>,
    },
    /// Lost; tried again by itself.
    Lost {
        /// How
        what: Loss,
        /// In words
        why: String,
        /// From now
        retry_in: Duration,
    },
    /// It cannot work as it is; tried again all the same, slowly.
    Refused {
        /// Which obstacle
        what: Obstacle,
        /// What was found
        why: String,
        /// What to do
        remedy: String,
        /// From now
        retry_in: Duration,
    },
}

impl LinkState {
    /// For the connection log: what it is, why, and what to do.
    pub fn words(&self) -> String {
        match self {
            Self::Idle => "idle".to_owned(),
            Self::Starting => "starting".to_owned(),
            Self::Live { hello, limits } => {
                let Hello { machine, user, ps, edition, bits, lang, .. } = hello.as_ref();
                let less = limits.iter().fold(String::new(), |all, limit| all + "; " + limit.sentence());
                format!("live: {machine} as {user}, PowerShell {ps} {edition}, {bits} bit, {lang}{less}")
            }
            Self::Lost { what, why, retry_in } => {
                format!("lost ({}): {why}; {}; next try in {} s", what.name(), what.remedy(), seconds(*retry_in))
            }
            Self::Refused { what, why, remedy, retry_in } => {
                format!("refused ({}): {why}. {remedy}; next try in {} s", what.name(), seconds(*retry_in))
            }
        }
    }
}

/// Whole seconds, never none.
fn seconds(span: Duration) -> u64 {
    span.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

/// Something that an agent's task tells. All text is safe to draw but for frames, which are as the server sent them.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "handled at once, never kept")]
pub enum AgentEvent {
    /// A connection changed.
    Link {
        /// Which server
        server: ServerName,
        /// Which of its agents
        purpose: Purpose,
        /// As it is now
        link: LinkState,
    },
    /// A group was answered.
    Reading {
        /// Which server
        server: ServerName,
        /// How long ago the request for it was written
        asked_elapsed: Duration,
        /// Always [`Frame::Reading`]
        frame: Frame,
    },
    /// Groups were not answered.
    ReadFailed {
        /// Which server
        server: ServerName,
        /// Which groups
        groups: Vec<Group>,
        /// Why, in words
        why: String,
    },
    /// A text was read by the server's PowerShell, without running it.
    Parsed {
        /// Which server
        server: ServerName,
        /// The text
        script: String,
        /// What is wrong with it, in one line
        problem: Option<String>,
    },
    /// A run began on its server.
    Started {
        /// Which run
        run: String,
        /// SHA-256 of what the agent received
        sha256: String,
    },
    /// There is something new in a run's tail. Not told again before the view has looked.
    OutputChanged {
        /// Which run
        run: String,
    },
    /// A run is over; its transcript is complete on disk.
    Ended(Box<Ended>),
    /// Text that is no answer: banners, prompts, standard error. For the connection log.
    Noise {
        /// Which server
        server: ServerName,
        /// Which of its agents
        purpose: Purpose,
        /// Lines of text
        text: String,
    },
}

/// The end of a run.
#[derive(Debug)]
pub struct Ended {
    /// Which run
    pub run: String,
    /// How
    pub state: EndState,
    /// Error records written
    pub errors: u64,
    /// The last native exit code
    pub exit: Option<i64>,
    /// Why it stopped or failed, in words
    pub why: Option<String>,
    /// The transcript; empty where none was made
    pub transcript: Transcript,
    /// Why the transcript is not complete: the disk
    pub transcript_trouble: Option<String>,
    /// Head and tail
    pub output: Output,
    /// What `into=` captured
    pub results: Option<Results>,
}
