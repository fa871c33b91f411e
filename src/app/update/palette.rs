//! The palette: typing narrows it, Enter does the selected row.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::super::command::{Id, Scope};
use super::super::dialog::{Dialog, Purpose};
use super::super::palette::{Choice, rows};
use super::super::{App, Effect};
use crate::engine::{Act, Engine, Moment};

pub(super) fn on_key(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let Some(Dialog::Palette(palette)) = &mut app.dialog else { return Vec::new() };
    match key.code {
        KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => palette.query.push(c),
        KeyCode::Backspace => {
            palette.query.pop();
        }
        _ => return Vec::new(),
    }
    palette.selected = 0;
    Vec::new()
}

pub(super) fn perform(app: &mut App, engine: &Engine, id: Id, at: Moment) -> Vec<Effect> {
    let Some(Dialog::Palette(palette)) = &app.dialog else { return Vec::new() };
    let rows = rows(app, engine, &palette.query);
    let last = rows.len().saturating_sub(1);
    let selected = palette.selected.min(last);
    let moved = match id {
        Id::Down => (selected + 1).min(last),
        Id::Up => selected.saturating_sub(1),
        Id::Pick => {
            app.dialog = None;
            return rows.get(selected).map_or_else(Vec::new, |row| pick(app, engine, &row.choice, row.why_not.clone(), at));
        }
        _ => {
            app.dialog = None;
            return Vec::new();
        }
    };
    if let Some(Dialog::Palette(palette)) = &mut app.dialog {
        palette.selected = moved;
    }
    Vec::new()
}

fn pick(app: &mut App, engine: &Engine, choice: &Choice, why_not: Option<String>, at: Moment) -> Vec<Effect> {
    if let Some(why) = why_not {
        app.refuse(why);
        return Vec::new();
    }
    match choice {
        Choice::Do(id) => super::perform(app, engine, *id, Scope::Main, at),
        Choice::Aside(phase) => {
            app.dialog = Some(Dialog::reason(Purpose::Aside(phase.clone())));
            Vec::new()
        }
        Choice::Withdraw(attachment) => super::act(app, Act::WithdrawAttachment(attachment.clone())),
        Choice::CopyTarget(target) => {
            app.say("The target is copied.");
            vec![Effect::Copy(target.clone())]
        }
    }
}
