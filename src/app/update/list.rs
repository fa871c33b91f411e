//! The list of steps: moving, searching, showing another step.

use crossterm::event::{KeyCode, KeyEvent};

use super::super::command::Id;
use super::super::dialog::{Dialog, Purpose, Scroll};
use super::super::state::Body;
use super::super::steps::{self, Row, Search};
use super::super::{App, Effect, Pane, enabled};
use crate::engine::{Engine, Moment};

pub(super) fn perform(app: &mut App, engine: &Engine, id: Id, _: Moment) -> Vec<Effect> {
    let last = steps::rows(engine, &app.list).len().saturating_sub(1);
    let selected = app.list.selected.min(last);
    match id {
        Id::Down => app.list.selected = (selected + 1).min(last),
        Id::Up => app.list.selected = selected.saturating_sub(1),
        Id::PageDown => app.list.selected = (selected + 10).min(last),
        Id::PageUp => app.list.selected = selected.saturating_sub(10),
        Id::Top => app.list.selected = 0,
        Id::Bottom => app.list.selected = last,
        Id::Search => {
            app.list.search = Some(Search { text: String::new(), typing: true });
            app.list.selected = 0;
        }
        Id::OpenRow => open_row(app, engine, selected),
        Id::About => {
            let rows = steps::rows(engine, &app.list);
            let phase = rows.iter().take(selected + 1).rev().find_map(|row| match row {
                Row::Phase(phase, _) | Row::Aside(phase) => Some(phase.id.clone()),
                Row::Step(_) => None,
            });
            app.dialog = Some(Dialog::about(phase));
        }
        Id::OtherPane => app.pane = Pane::Body,
        Id::Back if app.list.search.is_some() => {
            app.list.search = None;
            select_step(app, engine);
        }
        Id::Back => {
            app.body = Body::default();
            app.pane = Pane::Body;
        }
        Id::Quit => return super::main::quit(app, engine),
        Id::Help => app.dialog = Some(Dialog::Help(Scroll::default())),
        _ => {}
    }
    Vec::new()
}

/// Selects the row of the step on the screen.
pub(super) fn select_step(app: &mut App, engine: &Engine) {
    let shown = app.step(engine).map(|step| &step.id);
    let rows = steps::rows(engine, &app.list);
    let found = rows.iter().position(|row| matches!(row, Row::Step(step) if Some(&step.id) == shown));
    app.list.selected = found.unwrap_or(app.list.selected.min(rows.len().saturating_sub(1)));
}

fn open_row(app: &mut App, engine: &Engine, selected: usize) {
    match steps::rows(engine, &app.list).get(selected) {
        Some(Row::Step(step)) => {
            let open = engine.current_step().is_some_and(|current| current.id == step.id);
            app.body = Body { viewing: (!open).then(|| step.id.clone()), ..Body::default() };
            app.pane = Pane::Body;
            app.list.search = None;
        }
        Some(Row::Phase(phase, _)) if app.list.open.contains(&phase.id) => {
            app.list.open.remove(&phase.id);
        }
        Some(Row::Phase(phase, _)) => {
            app.list.open.insert(phase.id.clone());
        }
        Some(Row::Aside(phase)) => match enabled::write(app, engine) {
            Err(why) => app.refuse(why),
            Ok(()) if engine.session().aside.is_some() => app.refuse("An aside is entered already."),
            Ok(()) => app.dialog = Some(Dialog::reason(Purpose::Aside(phase.id.clone()))),
        },
        None => {}
    }
}

/// A key while the words of a search are written.
pub(super) fn on_search_key(app: &mut App, engine: &Engine, key: KeyEvent) -> Vec<Effect> {
    let Some(search) = &mut app.list.search else { return Vec::new() };
    match key.code {
        KeyCode::Char(c) => search.text.push(c),
        KeyCode::Backspace => {
            search.text.pop();
        }
        KeyCode::Enter if search.text.is_empty() => app.list.search = None,
        KeyCode::Enter | KeyCode::Down | KeyCode::Up => search.typing = false,
        KeyCode::Esc => app.list.search = None,
        _ => return Vec::new(),
    }
    let first = steps::rows(engine, &app.list).iter().position(|row| matches!(row, Row::Step(_)));
    app.list.selected = first.unwrap_or(0);
    if app.list.search.is_none() {
        select_step(app, engine);
    }
    Vec::new()
}
