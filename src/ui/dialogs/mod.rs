//! Dialogs: the only boxes on the screen. Each says what will happen before the key that does it.

mod connections;
mod fields;
mod lab;
mod look;
mod palette;
mod reading;
mod run;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget};

use super::footer;
use super::theme::Role;
use super::view::{Run, View, put, row};
use crate::app::command::Scope;
use crate::app::{Dialog, words};
use crate::text::width::{truncate, width};

/// Columns of an ordinary dialog.
const ORDINARY: u16 = 80;

/// Draws the open dialog: over the step where it fits there (`room`), else anywhere.
pub fn draw(view: &View, area: Rect, room: Rect, buffer: &mut Buffer) {
    let Some(dialog) = &view.app.dialog else { return };
    match dialog {
        Dialog::Look => look::draw(view, area, room, buffer),
        Dialog::Run(run) => run::draw(view, run, area, room, buffer),
        Dialog::Leave => leave(view, area, room, buffer),
        Dialog::Resume(scroll) => reading::resume(view, scroll.0, area, buffer),
        Dialog::Findings(selected) => reading::findings(view, *selected, area, room, buffer),
        Dialog::Output(output) => reading::output(view, output, area, buffer),
        Dialog::About(about) => reading::about(view, about, area, buffer),
        Dialog::Connections(scroll) => connections::draw(view, scroll.0, area, buffer),
        Dialog::Help(scroll) => reading::help(view, scroll.0, area, buffer),
        Dialog::Palette(palette) => palette::draw(view, palette, area, room, buffer),
        Dialog::Lab(dialog) => lab::draw(view, dialog, area, room, buffer),
        Dialog::Resolve(resolve) => run::resolve(view, resolve, area, room, buffer),
        other => fields::draw(view, other, area, room, buffer),
    }
}

/// A box of rows, with the keys of the dialog as its last row.
fn boxed(view: &View, title: &str, rows: &[Vec<Run>], area: Rect, room: Rect, buffer: &mut Buffer) {
    let inner = open(view, title, rows.len() + 1, ORDINARY, area, room, buffer);
    let text = usize::from(inner.height).saturating_sub(1);
    // A box too small for all keeps its last rows: they say what will happen.
    let from = if rows.len() > text { rows.len() - text } else { 0 };
    for (n, runs) in rows.iter().skip(from).enumerate() {
        put(buffer, row(inner, n), runs);
    }
    keys(view, inner, buffer);
}

/// The keys in the last row of a box.
fn keys(view: &View, inner: Rect, buffer: &mut Buffer) {
    let place = row(inner, usize::from(inner.height).saturating_sub(1));
    put(buffer, place, &footer::keys_line(view, Scope::of(view.app), usize::from(inner.width)));
}

/// Draws an empty box for so many rows; answers with the place inside it.
fn open(view: &View, title: &str, rows: usize, columns: u16, area: Rect, room: Rect, buffer: &mut Buffer) -> Rect {
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2);
    // Over the step, its servers still in sight; where that is too low, from the first row below the header.
    let space = if height <= room.height { room } else { Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area } };
    let (height, columns) = (height.min(space.height), columns.min(area.width));
    let place = Rect { x: area.x + (area.width - columns) / 2, y: space.y + (space.height - height) / 2, width: columns, height }
        .intersection(buffer.area);
    Clear.render(place, buffer);
    let title = format!(" {} ", truncate(title, usize::from(columns).saturating_sub(4)));
    Block::bordered()
        .title(title)
        .border_style(view.style(Role::Text))
        .title_style(view.style(Role::Strong))
        .render(place, buffer);
    let inner = Rect {
        x: place.x + 1.min(place.width),
        y: place.y + 1.min(place.height),
        width: place.width.saturating_sub(2),
        height: place.height.saturating_sub(2),
    };
    let shown = usize::from(inner.height);
    view.measure(|extent| extent.page = shown);
    inner
}

fn leave(view: &View, area: Rect, room: Rect, buffer: &mut Buffer) {
    let running = view.engine.session().runs.iter().find(|run| run.is_open());
    let on = running.map(|run| words::server(view.engine, &run.approved.server)).unwrap_or_default();
    let text = format!("A command is running on {on}. Leaving stops it; if its end is not seen, it counts as interrupted.");
    let mut rows = paragraphs(view, &text, Role::Text);
    rows.push(Vec::new());
    boxed(view, "Leave", &rows, area, room, buffer);
}

/// Wrapped text for an ordinary box.
fn paragraphs(view: &View, text: &str, role: Role) -> Vec<Vec<Run>> {
    let columns = usize::from(ORDINARY.min(view.app.size.0)).saturating_sub(4);
    crate::text::wrap::wrap(text, columns).into_iter().map(|line| vec![view.run(format!(" {line}"), role)]).collect()
}

/// The widest of some texts.
fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(width).max().unwrap_or_default()
}
