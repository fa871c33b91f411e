//! The last two rows: the rule that carries what was said last, and the keys that do something now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Role;
use super::view::{Run, View, put, runs_width};
use crate::app::command::{self, Scope};
use crate::app::state::open_findings;
use crate::text::Safe;
use crate::text::width::width;

/// Draws what stands in the rule above the footer. What was said last stands in it; else the worst finding that nobody has seen yet.
pub fn message(view: &View, area: Rect, buffer: &mut Buffer) {
    let said = view.app.message.as_ref().map(|message| {
        let role = if message.refused { Role::Bad } else { Role::Strong };
        view.run(format!(" {} ", Safe::line(&message.text)), role)
    });
    let finding = || {
        let mut findings = open_findings(view.engine);
        let (_, state) = findings.next()?;
        let more = findings.count();
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        Some(view.run(format!(" ! {}{more} ", Safe::line(&state.text)), Role::Doubt))
    };
    // What was said goes before how far the gate is, and that before a finding, which `!` shows in full.
    let needed = said.as_ref().map_or(0, |(text, _)| width(text) + 2);
    let run = said.or_else(finding);
    let below = view.extent.get().below;
    let ends = match below {
        0 => [String::new(), String::new()],
        _ => [format!(" {}↓ {below} more ", gate_words(view)), format!(" ↓ {below} more ")],
    };
    let fits = |words: &&String| needed + width(words) < usize::from(area.width);
    let words = ends.iter().find(fits).filter(|words| !words.is_empty() && !view.app.zoomed && view.app.dialog.is_none());
    let area = match words {
        Some(words) => at_the_end(view, words.clone(), area, buffer),
        None => area,
    };
    if let Some(run) = run {
        let inner = Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(2), ..area };
        put(buffer, inner, &[run]);
    }
}

/// How far the gate is that may be out of sight.
fn gate_words(view: &View) -> String {
    if !view.app.is_open_step(view.engine) {
        return String::new();
    }
    let lines: Vec<bool> = view.engine.preview().iter().flat_map(|gate| &gate.lines).map(|line| line.truth.passes()).collect();
    let passed = lines.iter().filter(|passes| **passes).count();
    if lines.is_empty() { String::new() } else { format!("gate {passed} of {} true  ", lines.len()) }
}

/// Says on the rule above the step how much of it is out of sight there.
pub fn above(view: &View, area: Rect, buffer: &mut Buffer) {
    let above = view.extent.get().top;
    if above > 0 {
        at_the_end(view, format!(" ↑ {above} more "), area, buffer);
    }
}

/// Words at the end of a rule; answers with what is left of it.
fn at_the_end(view: &View, words: String, area: Rect, buffer: &mut Buffer) -> Rect {
    let columns = u16::try_from(width(&words)).unwrap_or(u16::MAX).saturating_add(1).min(area.width);
    let left = Rect { width: area.width - columns, ..area };
    put(buffer, Rect { x: left.right(), width: columns - 1, ..area }, &[view.run(words, Role::Strong)]);
    left
}

/// Draws the keys.
pub fn keys(view: &View, area: Rect, buffer: &mut Buffer) {
    put(buffer, area, &keys_line(view, Scope::of(view.app), usize::from(area.width)));
}

/// The keys of a scope that do something now, as many as fit; the help always does.
pub fn keys_line(view: &View, scope: Scope, columns: usize) -> Vec<Run> {
    let offers = command::offers(view.app, view.engine, scope);
    let pair = |(key, words): &(String, &'static str)| {
        vec![view.run(format!(" {key}"), Role::Key), view.run(format!(" {words} "), Role::Text)]
    };
    let (pinned, free): (Vec<_>, Vec<_>) = offers.iter().partition(|(_, words)| matches!(*words, "help" | "palette" | "back"));
    let mut tail: Vec<Run> = pinned.into_iter().flat_map(pair).collect();
    let mut runs: Vec<Run> = Vec::new();
    for offer in free {
        let next = pair(offer);
        if runs_width(&runs) + runs_width(&next) + runs_width(&tail) > columns {
            break;
        }
        runs.extend(next);
    }
    runs.append(&mut tail);
    runs
}
