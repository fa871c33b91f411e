//! The servers side by side: what each is, then as many rows as there is room for. A value that differs has `≠` before
//! it, a late one is dim and says its age, an unknown one says why.

mod rows;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::theme::Role;
use super::view::{Run, View, cell, put, row};
use crate::app::words;
use crate::facts::fresh::{Freshness, Policy};
use crate::facts::{Activity, Server};
use crate::rb1::Group;
use crate::text::Safe;
use crate::text::age::minute_utc;
use crate::text::width::width;
use rows::{Cell, Row};

/// The narrowest column that tells anything.
const NARROWEST: usize = 16;

/// How many rows the table has on a terminal of that height.
pub fn height(view: &View) -> u16 {
    let rows = 1 + rows::for_height(view.app.size.1, view.app.zoomed).len();
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// How the columns lie.
struct Columns {
    label: usize,
    server: usize,
    shown: usize,
}

impl Columns {
    fn new(columns: usize, servers: usize, zoomed: bool) -> Self {
        let label = if zoomed { 37.min(columns * 45 / 100) } else { (columns * 28 / 100).clamp(12, 37) };
        let room = columns - label;
        let shown = servers.min(room / (NARROWEST + 3)).max(1);
        Self { label, server: (room / shown).saturating_sub(3), shown }
    }
}

/// Draws the table.
pub fn draw(view: &View, area: Rect, buffer: &mut Buffer) {
    let policy = view.engine.watching();
    late_moments(view, &policy);
    let servers = view.servers();
    let columns = Columns::new(area.width.into(), servers.len(), view.app.zoomed);
    let shown = &servers[..columns.shown.min(servers.len())];
    put(buffer, row(area, 0), &head(view, shown, servers.len(), &columns, &policy));
    for (n, kind) in rows::for_height(view.app.size.1, view.app.zoomed).iter().enumerate() {
        let place = row(area, n + 1);
        if !place.is_empty() {
            put(buffer, place, &table_row(view, *kind, shown, &columns, &policy));
        }
    }
}

/// A value that grows late or unknown changes its words without an answer.
fn late_moments(view: &View, policy: &Policy) {
    for server in view.servers() {
        let core = server.groups.get(&Group::Core).and_then(|state| state.last.as_ref());
        for times in [3, 10] {
            if let Some(reading) = core {
                let moment = reading.answered + policy.intervals.get(Group::Core) * times;
                view.clock.wrong_from(moment + chrono::TimeDelta::milliseconds(1));
            }
        }
    }
}

/// Roles in words. A server that has no column is counted.
fn head(view: &View, shown: &[Server], all: usize, columns: &Columns, policy: &Policy) -> Vec<Run> {
    let at = view.pictured();
    let time = if at == view.clock.now { view.clock.minute() } else { minute_utc(at) };
    let hidden = all - shown.len();
    let label = if hidden > 0 { format!(" {time}, {hidden} more: z") } else { format!(" {time}") };
    let mut runs = vec![cell(&label, columns.label, view.style(Role::Quiet))];
    for server in shown {
        let activity = server.activity(view.pictured(), policy);
        let role = match activity {
            Activity::Active => Role::Active,
            Activity::Staging => Role::Staging,
            Activity::Unknown(_) | Activity::Stopped | Activity::Absent | Activity::Isolated => Role::Doubt,
        };
        let word = activity.word();
        let mut style = view.style(role);
        if role == Role::Active {
            style = style.add_modifier(Modifier::UNDERLINED);
        }
        // The word is never cut: the role's name gives way, then the machine's.
        let room = columns.server.saturating_sub(word.len() + 2);
        let full = words::server(view.engine, &server.name);
        let name = if width(&full) <= room { full } else { words::machine(view.engine, &server.name) };
        let name = crate::text::width::truncate(&name, room);
        let rest = columns.server.saturating_sub(width(&name) + 2 + word.len());
        runs.push(view.run(format!("   {name}  "), Role::Strong));
        runs.push((word.to_owned(), style));
        runs.push(view.run(" ".repeat(rest), Role::Text));
    }
    runs
}

fn table_row(view: &View, kind: Row, shown: &[Server], columns: &Columns, policy: &Policy) -> Vec<Run> {
    let mut runs = vec![cell(&format!(" {}", kind.label()), columns.label, view.style(Role::Quiet))];
    let mut before: Option<Cell> = None;
    for server in shown {
        let now = kind.cell(view, server, policy);
        let differs = kind.compares() && before.as_ref().is_some_and(|before| before.differs(&now));
        runs.push(view.run(if differs { " ≠ " } else { "   " }, Role::Strong));
        runs.push(cell(&now.text, columns.server, cell_style(view, &now)));
        before = Some(now);
    }
    runs
}

fn cell_style(view: &View, cell: &Cell) -> Style {
    match cell.worth {
        rows::Worth::Known => view.style(Role::Text),
        rows::Worth::Late | rows::Worth::Nothing => view.style(Role::Quiet),
        rows::Worth::Unknown => view.style(Role::Doubt).remove_modifier(Modifier::BOLD),
    }
}

/// The words of a connection: `live`, or since when it is not and why.
fn connection(view: &View, server: &Server, policy: &Policy) -> Cell {
    use crate::facts::Link;
    let text = match &server.link {
        Link::Idle => return Cell::unknown("not connected yet"),
        Link::Starting { .. } => return Cell::late("starting"),
        Link::Live { limits, .. } => match server.freshness(Group::Core, view.pictured(), policy) {
            Freshness::Fresh(_) if limits.is_empty() => return Cell::known("live"),
            Freshness::Fresh(_) => {
                let less: Vec<&str> = limits.iter().map(|limit| limit.words()).collect();
                format!("live, {}", less.join(", "))
            }
            Freshness::Late(reading, age) => {
                let since = view.clock.ago(reading.answered);
                return Cell::late(if age.num_minutes() < 1 { "late".to_owned() } else { format!("late, answered {since}") });
            }
            Freshness::Unknown(_) => match &server.groups.get(&Group::Core).and_then(|state| state.last.as_ref()) {
                Some(reading) => format!("no answer since {}", minute_utc(reading.answered)),
                None => return Cell::late("live, not read yet"),
            },
        },
        Link::Lost { since, why, .. } => format!("lost {}: {}", view.clock.ago(*since), Safe::line(why)),
        Link::Refused { why, remedy, .. } => format!("refused: {}. {}", Safe::line(why), Safe::line(remedy)),
    };
    Cell::doubtful(text)
}
