//! What reaches the loop from outside, and what of it the engine is told.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Time;
use crate::engine::Observed;
use crate::facts::{ConnectionLog, Limit, Link, ServerName};
use crate::io::agent::{AgentEvent, Ended, LinkState, Purpose};
use crate::io::attachments::{Kept, NotKept};
use crate::io::journal::JournalNews;
use crate::runbook::ids::{PartId, StepId};
use crate::text::Safe;

use super::clock::Clock;
use super::lab::thread::LabNews;

/// Something from outside.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "news is taken once and dropped; it is never kept")]
pub enum News {
    /// An agent tells.
    Agent(AgentEvent),
    /// The journal's writer tells.
    Journal(JournalNews),
    /// A rehearsal's world tells.
    Lab(LabNews),
    /// A file or a text was kept for an attachment, or not.
    Kept {
        /// What came of it
        kept: Result<Kept, NotKept>,
        /// The wanted evidence it answers
        wanted: Option<PartId>,
        /// The step that was open when it was given
        step: Option<StepId>,
    },
    /// The end of a transcript was read: its lines and their number, or why not.
    Loaded {
        /// Of this run
        run: String,
        /// What came of it
        loaded: Result<(Vec<Safe>, u64), String>,
    },
}

/// What the loop does with a piece of news.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "taken once and dropped")]
pub enum Told {
    /// The engine is to know it.
    Engine(Observed),
    /// A server came up: the engine is to know it, and the operator what the agent works without.
    Connected {
        /// For the engine
        observed: Observed,
        /// The server
        server: ServerName,
        /// Never none
        limits: Vec<Limit>,
    },
    /// There is new output of a run.
    Output(String),
    /// An event is on disk: the journal's head is shown.
    Durable(u64, String),
    /// The loop itself knows what to do with it.
    Here(News),
    /// Nothing that the session needs to know.
    Nothing,
}

/// Keeps what belongs into a connection log.
pub fn keep(logs: &mut BTreeMap<ServerName, ConnectionLog>, news: &News, clock: &Clock) {
    match news {
        News::Agent(AgentEvent::Link { server, purpose, link }) => {
            logs.entry(server.clone()).or_default().state(clock.now(), purpose.name(), &link.words());
        }
        News::Agent(AgentEvent::Noise { server, purpose, text }) => {
            logs.entry(server.clone()).or_default().text(clock.now(), purpose.name(), text);
        }
        _ => {}
    }
}

/// Puts a piece of news on the session's clock.
pub fn translate(news: News, clock: &Clock) -> Told {
    match news {
        News::Journal(JournalNews::Durable { seq, head }) => Told::Durable(seq, head.to_string()),
        News::Journal(JournalNews::Failed(why)) => Told::Engine(Observed::JournalFailed(why)),
        other @ (News::Lab(_) | News::Kept { .. } | News::Loaded { .. }) => Told::Here(other),
        News::Agent(event) => agent(event, clock),
    }
}

fn agent(event: AgentEvent, clock: &Clock) -> Told {
    Told::Engine(match event {
        AgentEvent::Link { server, purpose: Purpose::Watch, link } => {
            let limits = if let LinkState::Live { limits, .. } = &link { limits.clone() } else { Vec::new() };
            let observed = link_of(server.clone(), link, clock);
            if !limits.is_empty() {
                return Told::Connected { observed, server, limits };
            }
            observed
        }
        AgentEvent::Link { .. } | AgentEvent::Noise { .. } => return Told::Nothing,
        AgentEvent::Reading { server, asked_elapsed, frame } => {
            Observed::Reading { server, asked: clock.ago(asked_elapsed), frame }
        }
        AgentEvent::ReadFailed { server, groups, why } => Observed::ReadFailed { server, groups, why },
        AgentEvent::Parsed { server, script, problem } => Observed::Parsed { server, script, problem },
        AgentEvent::Started { run, sha256 } => Observed::Started { run, sha256 },
        AgentEvent::OutputChanged { run } => return Told::Output(run),
        AgentEvent::Ended(ended) => ended_of(*ended),
    })
}

fn ended_of(ended: Ended) -> Observed {
    let Ended { run, state, errors, exit, why, transcript, transcript_trouble, output, results } = ended;
    let why = match (why, transcript_trouble) {
        (why, None) => why,
        (None, Some(trouble)) => Some(format!("the transcript is not complete: {trouble}")),
        (Some(why), Some(trouble)) => Some(format!("{why}; the transcript is not complete: {trouble}")),
    };
    Observed::Ended { run, state, errors, exit, why, transcript, output, results }
}

fn link_of(server: ServerName, link: LinkState, clock: &Clock) -> Observed {
    let since = clock.now();
    let later = |real: Duration| -> Time {
        since + chrono::TimeDelta::from_std(real.mul_f64(clock.speed())).unwrap_or(chrono::TimeDelta::MAX)
    };
    let link = match link {
        LinkState::Idle => Link::Idle,
        LinkState::Starting => Link::Starting { since },
        LinkState::Live { hello, limits } => Link::Live { since, machine: hello.machine, user: hello.user, limits },
        LinkState::Lost { what, why, retry_in } => Link::Lost { since, what, why, retry_at: later(retry_in) },
        LinkState::Refused { what, why, remedy, retry_in } => {
            Link::Refused { since, what, why, remedy, retry_at: later(retry_in) }
        }
    };
    Observed::Link { server, link }
}
