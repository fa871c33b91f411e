//! `lockstep report`: a session as evidence for the change ticket.

use std::io::Write;

use color_eyre::eyre::eyre;

use super::data_dir::DataDir;
use crate::io::kept::damaged_files;
use crate::io::session_dir::OpenSession;
use crate::report::{Source, json, markdown};
use crate::runbook::load::load;
use crate::runbook::model::Runbook;
use crate::session::Session;

/// Write a session's report to standard output, as Markdown for the change ticket
#[derive(Debug, Clone, clap::Args)]
pub struct ReportArgs {
    /// The session's id or how it begins; without one the newest session
    pub id: Option<String>,
    /// Write JSON instead: every event with its meaning
    #[arg(long)]
    pub json: bool,
    /// Where sessions are kept
    #[command(flatten)]
    pub data: DataDir,
}

/// Runs the verb; answers the exit code: 1 where a kept file is missing or not as it was, which the report says.
///
/// # Errors
/// There is no such session, or its journal or pinned runbook is damaged: nothing is written then.
pub fn run(args: &ReportArgs, out: &mut dyn Write) -> color_eyre::Result<u8> {
    let sessions = args.data.sessions(&crate::io::config::Config::load()?)?;
    let opened = sessions.read(&sessions.find(args.id.as_deref())?)?;
    let runbook = pinned_runbook(&opened)?;
    let session = Session::fold(&opened.events)?;
    let damaged = damaged_files(sessions.storage().as_ref(), &opened.dir, &opened.events);
    let source = Source { runbook: &runbook, events: &opened.events, session: &session, head: opened.head, damaged: &damaged };
    let text = if args.json { json::write(&source) } else { markdown::write(&source) };
    out.write_all(text.as_bytes())?;
    Ok(u8::from(!damaged.is_empty()))
}

/// The runbook a session runs on.
pub(super) fn pinned_runbook(opened: &OpenSession) -> color_eyre::Result<Runbook> {
    let path = opened.dir.runbook();
    load("runbook.md", &opened.runbook).runbook.ok_or_else(|| eyre!("{}: the pinned runbook is no text", path.display()))
}
