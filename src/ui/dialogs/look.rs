//! The look at the gates: every line with what was seen, what is missing, and what Enter will record.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{boxed, paragraphs};
use crate::app::{steps, words};
use crate::engine::{Look, LookState, Purpose};
use crate::gate::Truth;
use crate::text::Safe;
use crate::text::age::Pace;
use crate::ui::step::{Lay, Place, line_rows};
use crate::ui::theme::Role;
use crate::ui::values::count;
use crate::ui::view::{Run, View};

/// Draws the look.
pub fn draw(view: &View, area: Rect, room: Rect, buffer: &mut Buffer) {
    let Some(look) = view.engine.look() else {
        boxed(view, "Confirm", &paragraphs(view, "The servers are being asked.", Role::Text), area, room, buffer);
        return;
    };
    let step = view.engine.step_of(&look.step).map_or_else(String::new, |(_, step)| steps::title(view.engine, step));
    let title = match look.purpose {
        Purpose::Confirm => format!("Confirm {step}"),
        Purpose::Begin => format!("Begin {step}"),
    };
    let mut rows = asked(view, look);
    let columns = usize::from(area.width.min(super::ORDINARY)).saturating_sub(4);
    let lay = Lay::of(view, look.lines().map(|line| line.text.as_str()), columns, Place::Said);
    for line in look.lines() {
        for mut runs in line_rows(view, line, lay) {
            runs.insert(0, view.run(" ", Role::Text));
            rows.push(runs);
        }
    }
    rows.push(Vec::new());
    rows.extend(verdict(view, look));
    rows.push(Vec::new());
    boxed(view, &title, &rows, area, room, buffer);
}

/// Who was asked, and who has not answered yet.
fn asked(view: &View, look: &Look) -> Vec<Vec<Run>> {
    let text = match &look.state {
        LookState::Asking(open) => {
            let mut waiting: Vec<String> =
                open.iter().map(|(server, group)| format!("{} ({})", words::server(view.engine, server), group.name())).collect();
            waiting.dedup();
            format!("Asking {}.", waiting.join(", "))
        }
        LookState::Done { at } => {
            let all = match view.engine.servers().len() {
                1 => "The server was".to_owned(),
                2 => "Both servers were".to_owned(),
                many => format!("All {many} servers were"),
            };
            format!("{all} asked {}.", view.clock.ago(*at))
        }
    };
    paragraphs(view, &text, Role::Quiet)
}

/// Whether it may go on, and what will be recorded.
fn verdict(view: &View, look: &Look) -> Vec<Vec<Run>> {
    if matches!(look.state, LookState::Asking(_)) {
        return paragraphs(view, "The answer is complete when every server has answered or failed to.", Role::Quiet);
    }
    if look.passed() {
        return match look.purpose {
            Purpose::Begin => paragraphs(view, "Every line is true: the step begins.", Role::Good),
            Purpose::Confirm => paragraphs(view, &recorded(view, look), Role::Good),
        };
    }
    let (no, unknown) = (look.count(Truth::False), look.count(Truth::Unknown));
    let lines = |n: usize, what: &str| match n {
        0 => None,
        1 => Some(format!("1 line is {what}")),
        many => Some(format!("{many} lines are {what}")),
    };
    let said: Vec<String> = [lines(no, "false"), lines(unknown, "unknown")].into_iter().flatten().collect();
    let then = match look.purpose {
        Purpose::Confirm => "the step stays open",
        Purpose::Begin => "the step does not begin",
    };
    let waiting =
        look.waiting.map_or_else(String::new, |waiting| match waiting.until.map(|until| view.clock.left(until, Pace::Waiting)) {
            Some(Some(left)) => format!(" Waiting, {left} left."),
            Some(None) => " The time it should have taken is over.".to_owned(),
            None => format!(" Waiting for {}.", view.clock.elapsed(waiting.since, Pace::Waiting)),
        });
    let text = format!("{}: {then}.{waiting}", said.join(", "));
    paragraphs(view, &text, Role::Bad)
}

/// What Enter records.
fn recorded(view: &View, look: &Look) -> String {
    let session = view.engine.session();
    let ticked = session.steps.get(&look.step).map_or(0, |state| state.ticked.len());
    let attached = session.attachments_of(&look.step).count();
    let mut parts = Vec::new();
    if ticked > 0 {
        parts.push(count(ticked, "item"));
    }
    if attached > 0 {
        parts.push(count(attached, "attachment"));
    }
    let lines = look.lines().count();
    if lines > 0 {
        parts.push(format!("{} with the values seen", count(lines, "line")));
    }
    let by = Safe::line(&session.by.user);
    let lines = if lines > 0 { "Every line is true. " } else { "" };
    let what = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{lines}Enter records the step as confirmed by {by}{what}, and opens the next step.")
}
