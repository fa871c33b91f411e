//! The connection log: for each server how its connections went, newest first, and what came that was no answer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::reading::scrolled;
use crate::app::words;
use crate::facts::connection_log::{Entry, Logged};
use crate::text::Safe;
use crate::text::age::second_utc;
use crate::text::wrap::wrap;
use crate::ui::theme::Role;
use crate::ui::view::{Run, View};

/// Columns before the words: time and agent.
const HEAD: usize = 21;

/// Draws it, scrolled.
pub fn draw(view: &View, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width.min(100)).saturating_sub(4);
    let mut rows: Vec<Vec<Run>> = Vec::new();
    for server in view.engine.servers() {
        if !rows.is_empty() {
            rows.push(Vec::new());
        }
        let title = format!(" {}  {}", words::server(view.engine, &server.name), Safe::line(&server.target));
        rows.push(vec![view.run(title, Role::Strong)]);
        match view.app.connections.get(&server.name) {
            Some(log) => {
                rows.extend(log.entries().rev().flat_map(|logged| entry(view, logged, columns)));
                if log.left_out() > 0 {
                    let words = format!(" {} bytes of older text are left out.", log.left_out());
                    rows.push(vec![view.run(words, Role::Quiet)]);
                }
            }
            None => rows.push(vec![view.run(" Nothing was tried yet.", Role::Quiet)]),
        }
    }
    scrolled(view, "Connections", &rows, scroll, area, buffer);
}

/// An entry: what a server said is quiet, what became of the connection is not.
fn entry(view: &View, logged: &Logged, columns: usize) -> Vec<Vec<Run>> {
    let (text, role) = match &logged.entry {
        Entry::State(words) => (words, Role::Text),
        Entry::Text(line) => (line, Role::Quiet),
    };
    let mut head = format!(" {} {:<6}", second_utc(logged.at), logged.agent);
    let lines = wrap(text.as_str(), columns.saturating_sub(HEAD)).into_iter();
    lines.map(|line| vec![view.run(format!("{:<HEAD$}", std::mem::take(&mut head)), Role::Quiet), view.run(line, role)]).collect()
}
