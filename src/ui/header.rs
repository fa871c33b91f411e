//! The first row: which runbook, for which ticket, since when; an alarm takes its place. Below it, where the list of
//! steps has no room, the phases in one line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Role;
use super::view::{Run, View, ends, put};
use crate::app::state::WIDE;
use crate::app::words;
use crate::engine::view::Progress;
use crate::health::DUAL_ACTIVE;
use crate::powershell::Value;
use crate::runbook::model::Phase;
use crate::session::state::FindingState;
use crate::text::Safe;
use crate::text::age::{Pace, minute_utc};
use crate::text::width::{split_at_width, width};

/// A word longer than this is cut rather than left out where an alarm is too long.
const LONG_WORD: usize = 14;

/// Draws the first row.
pub fn draw(view: &View, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width);
    if let Some((id, finding)) = view.engine.alarm() {
        let role = if finding.acknowledged.is_none() { Role::Alarm } else { Role::Bad };
        // The fullest words that fit; where none do, they end at a word and say that there is more.
        let words = alarm_words(view, id, finding);
        // An alarm takes the header's place, but not the mark of a rehearsal.
        let mark = if view.engine.session().opened.rehearsal.is_some() { "REHEARSAL  " } else { "" };
        let room = |more: &str| columns.saturating_sub(more.len() + mark.len() + 2);
        let whole = |more: &'static str| Some((words.iter().find(|words| width(words) <= room(more))?.clone(), more));
        let last = words.last().map(String::as_str).unwrap_or_default();
        let (words, more) = whole("! recovery ")
            .or_else(|| whole(""))
            .unwrap_or_else(|| (cut_at_word(last, room("! shows all ")), "! shows all "));
        let runs = ends(&[view.run(format!(" {mark}{words}"), role)], &[view.run(more, role)], columns);
        put(buffer, area, &runs.into_iter().map(|(text, _)| view.run(text, role)).collect::<Vec<_>>());
        return;
    }
    let session = view.engine.session();
    let mut left = vec![view.run(format!(" {}", Safe::line(&view.engine.runbook().title)), Role::Strong)];
    if let Some(ticket) = ticket(view) {
        left.push(view.run(format!("   {ticket}"), Role::Text));
    }
    if area.width >= WIDE {
        let who = &session.by;
        left.push(view.run(format!("   {} on {}", Safe::line(&who.user), Safe::line(&who.host)), Role::Quiet));
    }
    let mut right = Vec::new();
    if view.engine.read_only().is_some() {
        right.push(view.run(" READ-ONLY ", Role::Alarm));
        right.push(view.run("  ", Role::Text));
    }
    if let Some(frozen) = &view.app.frozen {
        right.push(view.run(format!(" FROZEN {} ", minute_utc(frozen.at)), Role::Alarm));
        right.push(view.run("  ", Role::Text));
    }
    if session.opened.rehearsal.is_some() {
        right.push(view.run("REHEARSAL  ", Role::Strong));
    }
    match &session.closed {
        Some(_) => right.push(view.run("closed", Role::Strong)),
        None => right.push(view.run(view.clock.elapsed(view.engine.started(), Pace::Calm), Role::Text)),
    }
    if area.width >= WIDE {
        let pending = view.engine.pending_events();
        let late = if pending > 0 { format!(", {pending} not on disk yet") } else { String::new() };
        // Its first digits: what is read out or photographed can be found again in the journal.
        let head = view.app.head.as_deref().and_then(|head| head.get(..6)).map(|head| format!(" {head}")).unwrap_or_default();
        right.push(view.run(format!("   event {}{head}{late}", session.events), Role::Quiet));
    }
    right.push(view.run(" ", Role::Text));
    put(buffer, area, &ends(&left, &right, columns));
}

/// The alarm in one line, what to do now among it: in full, then shorter and shorter.
fn alarm_words(view: &View, id: &str, finding: &FindingState) -> Vec<String> {
    let since = minute_utc(finding.since);
    if id != DUAL_ACTIVE {
        let text = Safe::line(&finding.text).into_string();
        return vec![format!("{since}: {text}"), text];
    }
    let intended = view.engine.intended_active();
    let mut wrong = finding.servers.iter().filter(|server| !intended.contains(server));
    let which = match (wrong.next(), wrong.next()) {
        (Some(server), None) => words::machine(view.engine, server),
        _ => "one of them".to_owned(),
    };
    vec![
        format!("TWO ACTIVE SERVERS since {since}: put {which} into staging now."),
        format!("TWO ACTIVE since {since}: put {which} into staging now."),
        format!("TWO ACTIVE since {since}: {which} into staging now."),
        format!("TWO ACTIVE SERVERS: put {which} into staging now."),
        format!("TWO ACTIVE: {which} into staging now."),
    ]
}

/// As many whole words as fit, with `…` after them; a long word, such as a path of facts, is cut rather than lost.
fn cut_at_word(text: &str, columns: usize) -> String {
    let (head, rest) = split_at_width(text, columns.saturating_sub(2));
    let whole = head.rsplit_once(' ').map_or(head, |(words, _)| words);
    if !rest.starts_with(' ') && width(head) - width(whole) > LONG_WORD {
        return format!("{head}…");
    }
    let whole = if rest.starts_with(' ') { head } else { whole };
    format!("{} …", whole.trim_end_matches([' ', ',', ';', ':']))
}

/// The input that names the change: `ticket`, else the first short text.
fn ticket(view: &View) -> Option<String> {
    let inputs = &view.engine.session().opened.inputs;
    let named = inputs.get("ticket").or_else(|| inputs.values().find(|value| matches!(value, Value::Text(_))))?;
    named.as_text().map(|text| Safe::line(text).into_string()).filter(|text| !text.is_empty() && width(text) <= 24)
}

/// Draws the phases in one line, the current one always among them.
pub fn phases(view: &View, area: Rect, buffer: &mut Buffer) {
    let shown: Vec<(bool, Run)> = view
        .engine
        .runbook()
        .phases
        .iter()
        .map(|phase| (phase, view.engine.progress(phase)))
        .filter(|(phase, progress)| phase.aside.is_none() || progress.current)
        .map(|(phase, progress)| (progress.current, phase_run(view, phase, progress)))
        .collect();
    let columns = usize::from(area.width).saturating_sub(2);
    let whole = |gap: usize| shown.iter().map(|(_, (text, _))| width(text) + gap).sum::<usize>().saturating_sub(gap);
    // Where all of them fit a little closer, they do.
    let gap = if whole(2) > columns && whole(1) <= columns { 1 } else { 2 };
    // As many as fit, beginning with the first; where the current one would be cut, the line begins later.
    let current = shown.iter().position(|(current, _)| *current).unwrap_or_default();
    let wide = |to: usize, from: usize| shown[from..=to].iter().map(|(_, (text, _))| width(text) + gap).sum::<usize>() - gap;
    let more = |to: usize| if to + 1 < shown.len() { gap + 1 } else { 0 };
    let from = if shown.is_empty() {
        0
    } else {
        (0..current).find(|from| wide(current, *from) + more(current) <= columns).unwrap_or(current)
    };
    let mut runs = vec![view.run(if from > 0 { "… " } else { " " }, Role::Quiet)];
    for (n, (_, run)) in shown.iter().enumerate().skip(from) {
        let fits = wide(n, from) + more(n) <= columns;
        if !fits && n > current {
            // A phase that only its symbol would be left of says less than that there are more.
            runs.push(view.run("…", Role::Quiet));
            break;
        }
        runs.extend([run.clone(), view.run(" ".repeat(gap), Role::Text)]);
    }
    put(buffer, area, &runs);
}

fn phase_run(view: &View, phase: &Phase, progress: Progress) -> Run {
    let title = Safe::line(&phase.title);
    let (symbol, role) = phase_mark(progress);
    let text = if progress.current {
        format!("{symbol} {title} {}/{}", progress.done, progress.total)
    } else {
        format!("{symbol} {title}")
    };
    view.run(text, role)
}

/// The symbol and role of a phase.
pub fn phase_mark(progress: Progress) -> (&'static str, Role) {
    match progress {
        Progress { current: true, .. } => ("▶", Role::Strong),
        Progress { skipped: true, .. } => ("-", Role::Quiet),
        Progress { done, total, .. } if done == total && total > 0 => ("✓", Role::Text),
        _ => ("·", Role::Quiet),
    }
}
