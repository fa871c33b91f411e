//! `lockstep resume`: an interrupted session exactly where it stood.

use std::io::Write;

use clap::Args;

use super::data_dir::DataDir;
use crate::io::config::Config;
use crate::runner::opening;

/// Go on with a session where it stood
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The session's id, or its beginning; without it the newest that is not closed
    pub id: Option<String>,
    /// Only look at it
    #[arg(long)]
    pub read_only: bool,
    /// The most that is kept of a command's output, such as 1GiB; 0 for no limit
    #[arg(long, value_name = "SIZE", value_parser = crate::io::config::size)]
    pub transcript_cap: Option<u64>,
    #[command(flatten)]
    data: DataDir,
}

/// Runs the verb: 0 where everything was recorded, 1 where not.
///
/// # Errors
/// In words: no such session, a damaged journal with its line.
pub fn run(args: &ResumeArgs, _out: &mut dyn Write) -> color_eyre::Result<u8> {
    let config = Config::load()?.with_transcript_cap(args.transcript_cap);
    let sessions = args.data.sessions(&config)?;
    let size = opening::terminal_size()?;
    let id = if let Some(id) = &args.id { sessions.find(Some(id))? } else { sessions.find_unfinished()? };
    let opened = if args.read_only { sessions.read(&id)? } else { sessions.open(&id, &opening::owner_text(&opening::who()))? };
    super::run::on_screen(|| opening::resume(opened, &config, &sessions, size))
}
