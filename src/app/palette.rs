//! The palette: every command of the main view by name, and the asides of the runbook.

use super::command::{Command, Id, Scope, in_scope};
use super::{App, words};
use crate::engine::Engine;
use crate::runbook::ids::PhaseId;
use crate::text::Safe;

/// What is typed, and which row is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Palette {
    /// The letters typed so far
    pub query: String,
    /// The selected row
    pub selected: usize,
}

/// What a row does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A command of the table.
    Do(Id),
    /// Enter a phase off the main path.
    Aside(PhaseId),
    /// Withdraw an attachment of the step on the screen.
    Withdraw(String),
    /// Copy the target of a server.
    CopyTarget(String),
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it does
    pub choice: Choice,
    /// Its name
    pub name: String,
    /// One line of help
    pub help: String,
    /// Its key
    pub key: String,
    /// Why it cannot be done now
    pub why_not: Option<String>,
}

/// The rows that match what is typed: every letter in its order, the tightest match first.
pub fn rows(app: &App, engine: &Engine, query: &str) -> Vec<Row> {
    let navigation = |command: &&Command| {
        !matches!(command.id, Id::Palette | Id::Up | Id::Down | Id::PageUp | Id::PageDown | Id::Top | Id::Bottom | Id::Back)
    };
    let commands = in_scope(Scope::Main).filter(navigation).map(|command| Row {
        choice: Choice::Do(command.id),
        name: command.name.to_owned(),
        help: command.help.to_owned(),
        key: command.keys.first().map(ToString::to_string).unwrap_or_default(),
        why_not: (command.enabled)(app, engine).err(),
    });
    let asides = engine.runbook().phases.iter().filter(|phase| phase.aside.is_some()).map(|phase| Row {
        choice: Choice::Aside(phase.id.clone()),
        name: format!("Aside: {}", Safe::line(&phase.title)),
        help: "Enter this phase off the main path, with a reason".to_owned(),
        key: String::new(),
        why_not: engine.session().aside.as_ref().map(|_| "An aside is entered already.".to_owned()),
    });
    let step = app.step(engine).map(|step| &step.id);
    let attachments = step.into_iter().flat_map(|step| engine.session().attachments_of(step)).map(|kept| Row {
        choice: Choice::Withdraw(kept.attachment.attachment.clone()),
        name: format!("Withdraw the attachment {}", Safe::line(&kept.attachment.name)),
        help: "It stays in the journal, marked; its bytes stay too".to_owned(),
        key: String::new(),
        why_not: super::enabled::write(app, engine).err(),
    });
    let targets = engine.servers().iter().map(|server| Row {
        choice: Choice::CopyTarget(server.target.clone()),
        name: format!("Copy the target of {}", words::server(engine, &server.name)),
        help: Safe::line(&server.target).into_string(),
        key: String::new(),
        why_not: None,
    });
    let mut rows: Vec<(usize, Row)> = commands
        .chain(asides)
        .chain(attachments)
        .chain(targets)
        .filter_map(|row| Some((looseness(&row.name, query)?, row)))
        .collect();
    rows.sort_by_key(|(looseness, _)| *looseness);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// How loosely the letters of the query are spread in the name; none if they are not all there in their order.
fn looseness(name: &str, query: &str) -> Option<usize> {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let (mut at, mut gaps) = (0, 0);
    for wanted in query.to_lowercase().chars().filter(|c| !c.is_whitespace()) {
        let found = name[at..].iter().position(|c| *c == wanted)?;
        gaps += found;
        at += found + 1;
    }
    Some(gaps)
}
