//! Dialogs of fields: words on what they are for, the fields, what is wrong, the keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, DataCursor, TextArea};

use super::{ORDINARY, keys, open, paragraphs, widest};
use crate::app::dialog::{Dialog, Purpose};
use crate::app::entry::{Entry, Fields, Kind};
use crate::app::steps;
use crate::text::Safe;
use crate::text::width::pad;
use crate::ui::theme::Role;
use crate::ui::view::{Run, View, put, row};

/// Lines from which on only those near the cursor are drawn.
const LONG: usize = 200;
/// Columns that what is entered has at least.
const VALUE: usize = 30;

/// Draws a dialog of fields.
pub fn draw(view: &View, dialog: &Dialog, area: Rect, room: Rect, buffer: &mut Buffer) {
    let Some(fields) = dialog.fields() else { return };
    let step = view.app.step(view.engine).map(|step| steps::title(view.engine, step)).unwrap_or_default();
    let (title, words) = match dialog {
        Dialog::Note(_) => (format!("Note at {step}"), String::new()),
        Dialog::Attach(attach) => {
            let caption = attach.wanted.as_ref().map(|(_, caption)| format!("For: {}", Safe::line(caption)));
            (format!("Attach to {step}"), caption.unwrap_or_else(|| "For no wanted evidence in particular.".to_owned()))
        }
        Dialog::Form(_) => (format!("Fill in, {step}"), String::new()),
        Dialog::Reason(reason) => reason_words(view, &reason.purpose),
        Dialog::Isolate(_) => (
            "Isolate a server".to_owned(),
            "Records that it cannot export. It counts as not active until it is seen running again; the report says so loudly."
                .to_owned(),
        ),
        Dialog::Close(_) => ("Close the session".to_owned(), closing(view)),
        _ => (String::new(), String::new()),
    };
    let rows = if words.is_empty() { Vec::new() } else { paragraphs(view, &words, Role::Text) };
    boxed(view, &title, rows, fields, area, room, buffer);
}

fn reason_words(view: &View, purpose: &Purpose) -> (String, String) {
    let title = |id| view.engine.step_of(id).map_or_else(String::new, |(_, step)| steps::title(view.engine, step));
    match purpose {
        Purpose::Waive => ("Waive with a reason".to_owned(), waived(view)),
        Purpose::Reopen(step) => (
            format!("Reopen {}", title(step)),
            "Records that the step is to be done again. Its confirmation stays in the journal.".to_owned(),
        ),
        Purpose::Aside(phase) => {
            let phase = view.engine.phase_of(phase).map(|phase| Safe::line(&phase.title).into_string()).unwrap_or_default();
            (format!("Enter: {phase}"), "Leaves the main path until the aside is done or left.".to_owned())
        }
        Purpose::Applies => {
            let lines = view.engine.question().map(|question| question.condition.lines.as_slice()).unwrap_or_default();
            let lines: Vec<String> =
                lines.iter().map(|line| format!("{} is unknown: {}", Safe::line(&line.text), Safe::line(&line.why))).collect();
            ("Does the step apply?".to_owned(), lines.join("\n"))
        }
    }
}

/// Which lines are waived, and what that does.
fn waived(view: &View) -> String {
    let lines = view.engine.look().map(|look| look.lines().filter(|line| !line.truth.passes()).collect::<Vec<_>>());
    let lines = lines.unwrap_or_default().into_iter().map(|line| format!("{} is {}\n", Safe::line(&line.text), line.truth));
    format!(
        "{}Records the lines as they are, with your reason, and goes on. The report says so loudly.",
        lines.collect::<String>()
    )
}

fn closing(view: &View) -> String {
    let interrupted = view.engine.session().interrupted().count();
    let end = if view.engine.is_at_end() { "Every step is done." } else { "Not every step is done." };
    let open = if interrupted > 0 { " A command's end was never seen and nobody has said what became of it." } else { "" };
    format!("{end}{open} A closed session cannot be opened for writing again.")
}

/// A box of rows and fields. Texts get what room is left.
pub fn boxed(view: &View, title: &str, mut rows: Vec<Vec<Run>>, fields: &Fields, area: Rect, room: Rect, buffer: &mut Buffer) {
    if !rows.is_empty() {
        rows.push(Vec::new());
    }
    let texts = fields.entries.iter().filter(|entry| entry.kind == Kind::Text).count();
    let wanted = if matches!(view.app.dialog, Some(Dialog::Note(_))) { 6 } else { 3 };
    let fixed = rows.len() + fields.entries.len() - texts + texts + 2;
    let most = usize::from(area.height.saturating_sub(4)).saturating_sub(fixed);
    let text_rows = most.checked_div(texts).map_or(0, |rows| rows.clamp(1, wanted));
    let inner = open(view, title, fixed + texts * text_rows, ORDINARY, area, room, buffer);
    let height = usize::from(inner.height).saturating_sub(2);
    // Where there is too little room, the words above give way to the focused field.
    let over = (fixed + texts * text_rows).saturating_sub(usize::from(inner.height)).min(rows.len());
    let mut y = 0;
    for runs in rows.iter().skip(over) {
        put(buffer, row(inner, y), runs);
        y += 1;
    }
    let labels =
        widest(fields.entries.iter().map(|entry| entry.label.as_str())).min(usize::from(inner.width).saturating_sub(VALUE));
    let heights = |entry: &Entry| if entry.kind == Kind::Text { 1 + text_rows } else { 1 };
    let room_left = height.saturating_sub(y);
    let mut from = 0;
    while fields.entries[from.min(fields.focus)..=fields.focus.min(fields.entries.len().saturating_sub(1))]
        .iter()
        .map(heights)
        .sum::<usize>()
        > room_left
        && from < fields.focus
    {
        from += 1;
    }
    for (n, entry) in fields.entries.iter().enumerate().skip(from) {
        if y >= height {
            break;
        }
        let rows = heights(entry).min(height - y);
        let place =
            Rect { y: inner.y + u16::try_from(y).unwrap_or_default(), height: u16::try_from(rows).unwrap_or_default(), ..inner };
        draw_entry(view, entry, labels, n == fields.focus, place, buffer);
        y += rows;
    }
    if let Some(problem) = &fields.problem {
        put(buffer, row(inner, height), &[view.run(format!(" {}", Safe::line(problem)), Role::Bad)]);
    }
    keys(view, inner, buffer);
}

fn draw_entry(view: &View, entry: &Entry, labels: usize, focused: bool, place: Rect, buffer: &mut Buffer) {
    let label_role = if focused { Role::Strong } else { Role::Text };
    let mark = if focused { "›" } else { " " };
    let hint = if focused && !entry.hint.is_empty() { format!("({})", Safe::line(&entry.hint)) } else { String::new() };
    let label = Safe::line(&entry.label).into_string();
    if entry.kind == Kind::Text {
        put(buffer, row(place, 0), &[view.run(format!("{mark}{label}  "), label_role), view.run(hint, Role::Quiet)]);
        let area = Rect {
            x: place.x + 2.min(place.width),
            y: place.y + 1,
            width: place.width.saturating_sub(4),
            height: place.height.saturating_sub(1),
        };
        draw_area(view, entry, focused, area.intersection(buffer.area), buffer);
        return;
    }
    let lead = format!("{mark}{}  ", pad(&label, labels));
    let indent = u16::try_from(labels + 3).unwrap_or(u16::MAX).min(place.width);
    put(buffer, row(place, 0), &[view.run(lead, label_role)]);
    let mut area = Rect { x: place.x + indent, width: place.width.saturating_sub(indent + 1), height: 1, ..place };
    if let Kind::Choice(choices) = &entry.kind {
        let chosen = entry.chosen.and_then(|n| choices.get(n)).map(|(shown, _)| Safe::line(shown).into_string());
        let (text, role) = chosen.map_or(("not chosen yet".to_owned(), Role::Quiet), |shown| (shown, Role::Text));
        let style = if focused { Role::Selected } else { role };
        put(buffer, area, &[view.run(text, style), view.run("  ", Role::Text), view.run(hint, Role::Quiet)]);
        return;
    }
    let hint_columns = u16::try_from(crate::text::width::width(&hint)).unwrap_or(u16::MAX);
    let written = entry.area.lines().iter().map(|line| crate::text::width::width(line)).sum::<usize>();
    let text_columns = u16::try_from(written + 2).unwrap_or(u16::MAX).max(24);
    if hint_columns > 0 && area.width > text_columns.saturating_add(hint_columns) {
        let at = Rect { x: area.right() - hint_columns, width: hint_columns, ..area };
        put(buffer, at, &[view.run(hint, Role::Quiet)]);
        area.width -= hint_columns + 2;
    }
    draw_area(view, entry, focused, area.intersection(buffer.area), buffer);
}

/// The text being written, its cursor only where the keys go.
fn draw_area(view: &View, entry: &Entry, focused: bool, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let mut text = near_the_cursor(&entry.area, usize::from(area.height));
    text.set_cursor_line_style(view.style(Role::Text));
    text.set_cursor_style(view.style(if focused { Role::Selected } else { Role::Text }));
    text.render(area, buffer);
}

/// The text near its cursor where it is long: more could not be seen, and the widget counts its rows in sixteen bits.
fn near_the_cursor(whole: &TextArea<'static>, height: usize) -> TextArea<'static> {
    let DataCursor(at, column) = whole.cursor();
    let from = at.saturating_sub(height);
    if whole.lines().len() <= LONG {
        return whole.clone();
    }
    let near = whole.lines().iter().skip(from).take(2 * height + 1).cloned().collect();
    let mut text = TextArea::new(near);
    text.set_wrap_mode(whole.wrap_mode());
    let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    text.move_cursor(CursorMove::Jump(small(at - from), small(column)));
    text
}
