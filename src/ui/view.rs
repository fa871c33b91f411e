//! What every region needs to draw itself, and the few hands they all use.

use std::cell::{Cell, OnceCell};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::clock::Clock;
use super::step::layout::Layout;
use super::theme::{Role, Theme};
use crate::Time;
use crate::app::{App, Extent, Outputs};
use crate::engine::Engine;
use crate::facts::{Server, ServerName};
use crate::powershell::Value;
use crate::text::width::{pad, truncate, width};

/// A piece of text with its style.
pub type Run = (String, Style);

/// What is drawn.
pub struct View<'a> {
    /// The screen's state
    pub app: &'a App,
    /// The session
    pub engine: &'a Engine,
    /// Command outputs
    pub outputs: &'a Outputs,
    /// Looks
    pub theme: Theme,
    /// Time
    pub clock: Clock,
    /// What this frame measures
    pub extent: Cell<Extent>,
    /// What was laid out for the frames before
    pub layout: &'a Layout,
    /// Columns of the widest title of a step: measured once, because a runbook never changes in a session
    pub titles: &'a OnceCell<u16>,
}

impl View<'_> {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// A piece of text in a role.
    pub fn run(&self, text: impl Into<String>, role: Role) -> Run {
        (text.into(), self.style(role))
    }

    /// The servers, as they are or as they were when the picture was stopped.
    pub fn servers(&self) -> &[Server] {
        self.app.frozen.as_ref().map_or(self.engine.servers(), |frozen| &frozen.servers)
    }

    /// The moment of the servers' picture: now, or when it was stopped, or when the session was closed and nobody asked
    /// them any more.
    pub fn pictured(&self) -> Time {
        let closed = || self.engine.session().closed.as_ref().map(|closed| closed.mark.at);
        self.app.frozen.as_ref().map(|frozen| frozen.at).or_else(closed).unwrap_or(self.clock.now)
    }

    /// A fact of a server that is derived from several readings.
    pub fn fact(&self, server: &ServerName, path: &str) -> Value {
        let tree = self.app.frozen.as_ref().map_or(self.engine.tree(), |frozen| &frozen.tree);
        tree.at(&format!("{server}.{path}")).cloned().unwrap_or_else(|| Value::unknown("not read yet"))
    }

    /// Notes what this frame measured.
    pub fn measure(&self, change: impl FnOnce(&mut Extent)) {
        let mut extent = self.extent.get();
        change(&mut extent);
        self.extent.set(extent);
    }

    /// A horizontal rule.
    pub fn rule(&self, area: Rect, buffer: &mut Buffer) {
        let rule = "─".repeat(area.width.into());
        put(buffer, row(area, 0), &[(rule, self.style(Role::Quiet))]);
    }
}

/// The `n`-th row of an area; empty where it has none.
pub fn row(area: Rect, n: usize) -> Rect {
    let n = u16::try_from(n).unwrap_or(u16::MAX);
    if n < area.height { Rect { y: area.y + n, height: 1, ..area } } else { Rect::default() }
}

/// Draws runs into the first row of an area; what does not fit is cut and shown by `…`.
pub fn put(buffer: &mut Buffer, area: Rect, runs: &[Run]) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let fitted = fit(runs, area.width.into());
    buffer.set_line(area.x, area.y, &line(&fitted), area.width);
}

/// Runs as a line.
pub fn line(runs: &[Run]) -> Line<'_> {
    Line::from(runs.iter().map(|(text, style)| Span::styled(text.as_str(), *style)).collect::<Vec<_>>())
}

/// Columns of runs.
pub fn runs_width(runs: &[Run]) -> usize {
    runs.iter().map(|(text, _)| width(text)).sum()
}

/// Runs in at most that many columns.
pub fn fit(runs: &[Run], columns: usize) -> Vec<Run> {
    if runs_width(runs) <= columns {
        return runs.to_vec();
    }
    let (mut fitted, mut used): (Vec<Run>, usize) = (Vec::new(), 0);
    for (text, style) in runs {
        let room = columns - used;
        let wide = width(text);
        // One column stays for the mark of what follows.
        if wide < room {
            used += wide;
            fitted.push((text.clone(), *style));
        } else {
            let cut = if wide == room { format!("{text} ") } else { text.clone() };
            fitted.push((truncate(&cut, room), *style));
            break;
        }
    }
    fitted
}

/// Runs on the left and runs on the right of one row; the left is cut first.
pub fn ends(left: &[Run], right: &[Run], columns: usize) -> Vec<Run> {
    let right = fit(right, columns);
    let room = columns.saturating_sub(runs_width(&right));
    let mut all = fit(left, room.saturating_sub(usize::from(!right.is_empty())));
    let gap = room.saturating_sub(runs_width(&all));
    all.push((" ".repeat(gap), Style::new()));
    all.extend(right);
    all
}

/// A text in exactly that many columns.
pub fn cell(text: &str, columns: usize, style: Style) -> Run {
    (pad(text, columns), style)
}
