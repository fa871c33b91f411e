//! The palette: what is typed, the rows that match, the help of the selected one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{ORDINARY, keys, open};
use crate::app::palette::{self, Palette};
use crate::text::Safe;
use crate::ui::theme::Role;
use crate::ui::view::{View, ends, put, row};

/// Draws the palette.
pub fn draw(view: &View, state: &Palette, area: Rect, room: Rect, buffer: &mut Buffer) {
    let rows = palette::rows(view.app, view.engine, &state.query);
    let inner = open(view, "Palette", 14, ORDINARY, area, room, buffer);
    put(buffer, row(inner, 0), &[view.run(" : ", Role::Key), view.run(format!("{}_", Safe::line(&state.query)), Role::Text)]);
    let height = usize::from(inner.height).saturating_sub(3);
    let selected = state.selected.min(rows.len().saturating_sub(1));
    let from = selected.saturating_sub(height / 2).min(rows.len().saturating_sub(height));
    let columns = usize::from(inner.width);
    for (n, item) in rows.iter().skip(from).take(height).enumerate() {
        let place = row(inner, n + 1);
        let role = if item.why_not.is_some() { Role::Quiet } else { Role::Text };
        let left = [view.run(format!(" {}", item.name), role)];
        put(buffer, place, &ends(&left, &[view.run(format!("{} ", item.key), Role::Key)], columns));
        if from + n == selected {
            buffer.set_style(place, view.style(Role::Selected));
        }
    }
    let help = rows.get(selected).map_or_else(
        || "Nothing matches.".to_owned(),
        |item| item.why_not.as_ref().map_or_else(|| item.help.clone(), |why| format!("Not now: {why}")),
    );
    put(buffer, row(inner, height + 1), &[view.run(format!(" {help}"), Role::Quiet)]);
    keys(view, inner, buffer);
}
