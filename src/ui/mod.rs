//! Drawing. Free functions, one file a region; they read the screen's state and the engine, change nothing and know no
//! clock but the moment they are given.
//!
//! ```text
//!  header     ─ runbook, ticket, REHEARSAL, elapsed; an alarm in its place
//!  header     ─ phases in one line (under 100 columns)
//!  ────────────────────────────────────────────────────────────
//!  servers    ─ the servers side by side
//!  ───────────────┬────────────────────────────────────────────
//!  list           │ step
//!  (from 100      │   step::blocks  what is read
//!  columns, else  │   step::parts   what is worked on
//!  over the step) │   step::gates   may I go on
//!  ───────────────┴── footer::message ─────────────────────────
//!  footer::keys
//!
//!             dialogs ─ one at a time, over the step
//! ```

mod clock;
mod dialogs;
mod footer;
mod header;
mod list;
mod servers;
mod step;
pub mod theme;
mod values;
mod view;

use std::cell::{Cell, OnceCell};

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::Time;
use crate::app::state::{SMALLEST, WIDE};
use crate::app::{App, Extent, Outputs};
use crate::engine::Engine;
use clock::Clock;
use step::layout::Layout;
use theme::Role;
pub use theme::Theme;
use view::{View, put, row};

/// Columns of the list of steps: what its titles need, at least a quarter of the screen and less than a third.
fn list_columns(view: &View, width: u16) -> u16 {
    let least = (width / 4).clamp(30, 48);
    (*view.titles.get_or_init(|| list::wanted_columns(view))).clamp(least, least.max((width * 3 / 10).min(48)))
}

/// What came of drawing a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// When a shown word changes by time alone, on the session's clock
    pub until: Option<Time>,
    /// What was measured, for [`App::measured`]
    pub extent: Extent,
}

/// Draws the frames of one session.
#[derive(Debug)]
pub struct Painter {
    theme: Theme,
    layout: Layout,
    titles: OnceCell<u16>,
}

impl Painter {
    /// One that draws with these looks.
    pub fn new(theme: Theme) -> Self {
        Self { theme, layout: Layout::default(), titles: OnceCell::new() }
    }

    /// Draws a frame.
    pub fn draw(&self, frame: &mut Frame, app: &App, engine: &Engine, outputs: &Outputs, now: Time) -> Drawn {
        let area = frame.area();
        let mut app_of_size = None;
        // The frame's size rules: a resize may be drawn before its message came.
        let app =
            if app.size == (area.width, area.height) { app } else { app_of_size.insert(app.at_size((area.width, area.height))) };
        let (theme, clock, extent) = (self.theme, Clock::new(now), Cell::new(Extent::default()));
        let view = View { app, engine, outputs, theme, clock, extent, layout: &self.layout, titles: &self.titles };
        let buffer = frame.buffer_mut();
        if app.is_too_small() {
            too_small(&view, area, buffer);
        } else {
            main(&view, area, buffer);
        }
        theme.finish(buffer);
        Drawn { until: view.clock.until(), extent: view.extent.get() }
    }
}

/// What a terminal too small for a session is told; also the words with which it is refused at the start.
pub fn too_small_words(size: (u16, u16)) -> String {
    format!("lockstep needs {} x {} cells, this terminal has {} x {}", SMALLEST.0, SMALLEST.1, size.0, size.1)
}

/// One line says what is needed; an alarm is still said.
fn too_small(view: &View, area: Rect, buffer: &mut Buffer) {
    let words = format!("{}; the session goes on.", too_small_words(view.app.size));
    let mut n = 0;
    if view.engine.alarm().is_some() && area.height > 1 {
        header::draw(view, row(area, 0), buffer);
        n = 1;
    }
    for (line, text) in crate::text::wrap::wrap(&words, area.width.into()).into_iter().enumerate() {
        put(buffer, row(area, n + line), &[view.run(text, Role::Text)]);
    }
}

fn main(view: &View, area: Rect, buffer: &mut Buffer) {
    let mut below = area;
    let mut take = |rows: u16| {
        let rows = rows.min(below.height);
        let taken = Rect { height: rows, ..below };
        below = Rect { y: below.y + rows, height: below.height - rows, ..below };
        taken
    };
    header::draw(view, take(1), buffer);
    let wide = area.width >= WIDE;
    if !wide && !view.app.zoomed {
        header::phases(view, take(1), buffer);
    }
    view.rule(take(1), buffer);
    let table = if view.app.zoomed { area.height } else { servers::height(view) };
    // Three rows below the table: its rule, the message, the keys; and some of the step.
    let spare = if view.app.zoomed { 2 } else { 6 };
    let used = if wide || view.app.zoomed { 2 } else { 3 };
    servers::draw(view, take(table.min(area.height.saturating_sub(used + spare))), buffer);
    let body = if view.app.zoomed {
        Rect::default()
    } else {
        let rule = take(1);
        view.rule(rule, buffer);
        let height = area.bottom().saturating_sub(rule.bottom() + 2);
        let body = take(height);
        panes(view, rule, body, buffer);
        footer::above(view, rule, buffer);
        body
    };
    let message = take(1);
    view.rule(message, buffer);
    if wide && !body.is_empty() {
        joint(buffer, body.x + list_columns(view, body.width), message.y, "┴");
    }
    footer::message(view, message, buffer);
    let last = take(1);
    if view.app.dialog.is_none() {
        footer::keys(view, last, buffer);
    }
    let room = if body.is_empty() { area } else { body };
    dialogs::draw(view, area, room, buffer);
}

/// The list and the step, side by side or one over the other.
fn panes(view: &View, rule: Rect, body: Rect, buffer: &mut Buffer) {
    if body.width >= WIDE {
        let columns = list_columns(view, body.width);
        let list_area = Rect { width: columns, ..body };
        list::draw(view, list_area, buffer);
        joint(buffer, body.x + columns, rule.y, "┬");
        for y in body.top()..body.bottom() {
            joint(buffer, body.x + columns, y, "│");
        }
        let step_area = Rect { x: body.x + columns + 1, width: body.width - columns - 1, ..body };
        step::draw(view, step_area, buffer);
    } else if view.app.shows_list() {
        list::draw(view, body, buffer);
    } else {
        step::draw(view, body, buffer);
    }
}

/// One cell of a rule.
fn joint(buffer: &mut Buffer, x: u16, y: u16, symbol: &str) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_symbol(symbol);
    }
}
