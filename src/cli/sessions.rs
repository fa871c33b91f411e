//! `lockstep sessions`: what sessions there are and where each of them stands, newest first; a damaged one with what is wrong.

use std::io::Write;

use chrono::Utc;
use serde_json::{Value as Json, json};

use super::data_dir::DataDir;
use super::report::pinned_runbook;
use crate::Time;
use crate::io::session_dir::{Access, Listed, OpenSession, WhyReadOnly};
use crate::powershell::Value;
use crate::report::names::Names;
use crate::session::Session;
use crate::session::event::Outcome;
use crate::text::{Safe, age};

/// List sessions with where each of them stands
#[derive(Debug, Clone, clap::Args)]
pub struct SessionsArgs {
    /// Write JSON instead
    #[arg(long)]
    pub json: bool,
    /// Where sessions are kept
    #[command(flatten)]
    pub data: DataDir,
}

/// Runs the verb; answers the exit code.
///
/// # Errors
/// The directory itself cannot be read.
pub fn run(args: &SessionsArgs, out: &mut dyn Write) -> color_eyre::Result<u8> {
    let sessions = args.data.sessions(&crate::io::config::Config::load()?)?;
    let listed: Vec<Row> = sessions.list()?.into_iter().rev().map(Row::of).collect();
    if args.json {
        let rows: Vec<Json> = listed.iter().map(Row::json).collect();
        writeln!(out, "{}", Json::Array(rows))?;
    } else if listed.is_empty() {
        writeln!(out, "There is no session yet.")?;
    } else {
        let now = Utc::now();
        for row in &listed {
            row.write(out, now)?;
        }
    }
    Ok(0)
}

/// One session in the list.
struct Row {
    id: String,
    held: Option<String>,
    known: Result<Known, String>,
}

/// What is known of a session that can be read.
struct Known {
    title: String,
    ticket: Option<String>,
    rehearsal: bool,
    stands: Stands,
    events: u64,
    head: Option<String>,
    last: Time,
    newer: bool,
}

/// Where a session stands.
enum Stands {
    At(String),
    BetweenSteps,
    Closed(Outcome),
}

impl Row {
    fn of(listed: Listed) -> Self {
        let known = match listed.session {
            Ok(opened) => Known::of(&opened).map_err(|error| error.to_string()),
            Err(trouble) => Err(trouble.to_string()),
        };
        Self { id: listed.id, held: listed.held, known }
    }

    fn write(&self, out: &mut dyn Write, now: Time) -> std::io::Result<()> {
        let id = Safe::line(&self.id);
        let known = match &self.known {
            Ok(known) => known,
            Err(wrong) => return writeln!(out, "{id}  cannot be opened\n    {}", Safe::line(wrong)),
        };
        let mark = if known.rehearsal { "  REHEARSAL" } else { "" };
        let ticket = known.ticket.as_deref().map(|ticket| format!("  {}", Safe::line(ticket))).unwrap_or_default();
        writeln!(out, "{id}{mark}  {}{ticket}", Safe::line(&known.title))?;
        let held = match self.held.as_deref() {
            Some("") => ", open now".to_owned(),
            Some(owner) => format!(", open now: {}", Safe::line(owner)),
            None => String::new(),
        };
        let newer = if known.newer { ", written by a later program: read-only here" } else { "" };
        let events = if known.events == 1 { "1 event".to_owned() } else { format!("{} events", known.events) };
        writeln!(out, "    {}, {events}, the last {}{held}{newer}", known.stands.words(), age::ago(known.last, now).text)
    }

    fn json(&self) -> Json {
        match &self.known {
            Err(wrong) => json!({ "id": self.id, "state": "unreadable", "trouble": wrong, "held_by": self.held }),
            Ok(known) => json!({
                "id": self.id,
                "state": known.stands.state(),
                "stands": known.stands.words(),
                "runbook": known.title,
                "ticket": known.ticket,
                "rehearsal": known.rehearsal,
                "events": known.events,
                "head": known.head,
                "last_event": known.last,
                "read_only": known.newer,
                "held_by": self.held,
            }),
        }
    }
}

impl Known {
    fn of(opened: &OpenSession) -> color_eyre::Result<Self> {
        let session = Session::fold(&opened.events)?;
        let stands = match (&session.closed, &session.current) {
            (Some(closed), _) => Stands::Closed(closed.outcome),
            (None, Some(step)) => Stands::At(Names::of(&pinned_runbook(opened)?).step(step).full()),
            (None, None) => Stands::BetweenSteps,
        };
        Ok(Self {
            title: session.opened.runbook.title.clone(),
            ticket: session.opened.inputs.get("ticket").and_then(Value::as_text).map(str::to_owned),
            rehearsal: session.opened.rehearsal.is_some(),
            stands,
            events: session.events,
            head: opened.head.map(|head| head.to_string()),
            last: opened.events.last().map_or(session.started, |event| event.wall),
            newer: matches!(opened.access, Access::ReadOnly(WhyReadOnly::Newer { .. })),
        })
    }
}

impl Stands {
    fn words(&self) -> String {
        match self {
            Self::At(step) => format!("at {}", Safe::line(step)),
            Self::BetweenSteps => "between two steps".to_owned(),
            Self::Closed(Outcome::Completed) => "closed, completed".to_owned(),
            Self::Closed(Outcome::Aborted) => "closed, aborted".to_owned(),
            Self::Closed(Outcome::RolledBack) => "closed, rolled back".to_owned(),
        }
    }

    fn state(&self) -> &'static str {
        match self {
            Self::Closed(_) => "closed",
            Self::At(_) | Self::BetweenSteps => "open",
        }
    }
}
