//! A command before it runs, exactly as it will be sent; and an interrupted one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::fields;
use super::{boxed, paragraphs};
use crate::app::dialog::{Resolve, Run as RunDialog};
use crate::app::words;
use crate::facts::Link;
use crate::runbook::model::{Command, RunMode};
use crate::text::Safe;
use crate::text::age::{duration, second_utc};
use crate::text::width::split_at_width;
use crate::ui::theme::Role;
use crate::ui::view::{Run, View};

/// Draws the command.
pub fn draw(view: &View, run: &RunDialog, area: Rect, room: Rect, buffer: &mut Buffer) {
    let Some(command) = view.engine.command(&run.command) else { return };
    let on = command.on.as_ref().map(|on| words::server(view.engine, on)).unwrap_or_default();
    let title = if command.run == RunMode::Manual { format!("By hand on {on}") } else { format!("Run on {on}") };
    let columns = usize::from(area.width.min(super::ORDINARY)).saturating_sub(4);
    let mut rows = text(view, command, columns);
    rows.push(Vec::new());
    rows.extend(paragraphs(view, &terms(view, command), Role::Text));
    if let Some(problem) = view.engine.syntax_problem(command) {
        rows.extend(paragraphs(view, &format!("PowerShell on {on} cannot read this: {}", Safe::line(problem)), Role::Bad));
    }
    if let Some((entered, _)) = &run.typed {
        fields::boxed(view, &title, rows, entered, area, room, buffer);
    } else {
        rows.push(Vec::new());
        boxed(view, &title, &rows, area, room, buffer);
    }
}

/// The exact text. A line that is too long goes on below, its rows marked.
fn text(view: &View, command: &Command, columns: usize) -> Vec<Vec<Run>> {
    let mut rows = Vec::new();
    for line in Safe::lines(command.text.trim_end()) {
        let mut rest = line.as_str();
        loop {
            let (head, tail) = split_at_width(rest, columns.saturating_sub(2).max(2));
            let mut runs = vec![view.run("  ", Role::Text), view.run(head, Role::Code)];
            if !tail.is_empty() {
                runs.push(view.run("…", Role::Quiet));
            }
            rows.push(runs);
            if tail.is_empty() {
                break;
            }
            rest = tail;
        }
    }
    rows
}

/// Where it runs, as whom, how long.
fn terms(view: &View, command: &Command) -> String {
    let server = command.on.as_ref().and_then(|on| view.engine.server(on));
    let target = server.map(|server| Safe::line(&server.target).into_string()).unwrap_or_default();
    let user = server.and_then(|server| match &server.link {
        Link::Live { user, .. } if !user.is_empty() => Some(format!(" as {}", Safe::line(user))),
        _ => None,
    });
    let mut words = vec![format!("{target}{}.", user.unwrap_or_default())];
    if command.run == RunMode::Manual {
        words.push("lockstep does not run this one: copy it, do it by hand, attach what it printed.".to_owned());
    } else {
        words.push(command.timeout.map_or_else(
            || "No time limit; c cancels it.".to_owned(),
            |limit| format!("Stops after {}.", duration(chrono::TimeDelta::from_std(limit).unwrap_or_default())),
        ));
    }
    if let Some(name) = &command.into {
        words.push(format!("Keeps what it returns as $results.{}.", Safe::line(name)));
    }
    words.join("  ")
}

/// Draws an interrupted command: first what became of it, then how that is known.
pub fn resolve(view: &View, resolve: &Resolve, area: Rect, room: Rect, buffer: &mut Buffer) {
    let run = view.engine.session().runs.iter().find(|run| run.approved.run == resolve.run);
    let mut rows = Vec::new();
    if let Some(run) = run {
        let on = words::server(view.engine, &run.approved.server);
        let began = run.started.map_or_else(|| "was approved".to_owned(), |at| format!("began {}", second_utc(at)));
        let first = Safe::line(run.approved.text.lines().next().unwrap_or_default());
        rows.extend(paragraphs(view, &format!("A command on {on} {began}; its end was never seen."), Role::Text));
        rows.push(vec![view.run(format!("  {first}"), Role::Code)]);
        rows.extend(paragraphs(view, "It is not run again by itself.", Role::Text));
    }
    match resolve.how {
        None => {
            rows.push(Vec::new());
            boxed(view, "Interrupted", &rows, area, room, buffer);
        }
        Some(how) => {
            let said = match how {
                crate::session::event::Resolution::Finished => "It finished.",
                crate::session::event::Resolution::DidNotRun => "It did not run.",
            };
            rows.push(vec![view.run(format!(" {said}"), Role::Strong)]);
            fields::boxed(view, "Interrupted", rows, &resolve.fields, area, room, buffer);
        }
    }
}
