//! What is handed over afterwards: a session's journal as Markdown for the change ticket ([`markdown`]), as JSON with the
//! meaning of every event ([`json`]), and each event in a few words ([`summary`]). Pure: the same journal gives the same
//! text, whenever and wherever it is asked for.

use std::collections::BTreeMap;

use crate::runbook::model::Runbook;
use crate::session::line::Digest;
use crate::session::{Event, Session};

pub mod json;
pub mod markdown;
pub mod names;
pub mod status;
pub mod summary;
mod words;

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The pinned runbook
    pub runbook: &'a Runbook,
    /// The events in order; the first opens the session
    pub events: &'a [Event],
    /// What they add up to
    pub session: &'a Session,
    /// The SHA-256 of the journal's last line
    pub head: Option<Digest>,
    /// What is wrong with kept files, in words, by the SHA-256 their event names
    pub damaged: &'a BTreeMap<String, String>,
}
