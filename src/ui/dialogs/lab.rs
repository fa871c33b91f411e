//! The panel of a rehearsal: the simulated servers as one stands before them, what one would do at them, and a line to
//! say anything else to the lab.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::fields;
use crate::app::dialog::Lab;
use crate::app::state::Message;
use crate::text::Safe;
use crate::text::width::width;
use crate::ui::theme::Role;
use crate::ui::view::{Run, View, ends};

/// Verbs that are shown below what is written.
const HINTS: usize = 4;

/// Rows that are no list of the panel: its frame, blank rows, the line to be written, what is wrong with it, the keys; the
/// header above it, and below it the rule in which the lab's answers stand.
const FRAME: usize = 11;

/// Fewer offers than this are not worth a list.
const FEWEST: usize = 3;

/// Rows of an answer that the line below the panel is too short for.
const ANSWER: usize = 8;

/// What the lab said last, where the rule that it stands in cuts it.
fn answer(view: &View, area: Rect) -> Vec<Vec<Run>> {
    let cut = |message: &&Message| width(&message.text) + 4 > usize::from(area.width);
    let Some(message) = view.app.message.as_ref().filter(cut) else { return Vec::new() };
    let role = if message.refused { Role::Bad } else { Role::Strong };
    let words = Safe::line(&message.text);
    let mut rows = super::paragraphs(view, words.strip_prefix("lab: ").unwrap_or(&words), role);
    rows.truncate(ANSWER);
    rows
}

/// Draws the panel.
pub fn draw(view: &View, dialog: &Lab, area: Rect, room: Rect, buffer: &mut Buffer) {
    let lab = &view.app.lab;
    let columns = usize::from(area.width.min(super::ORDINARY)).saturating_sub(3);
    let safe = |text: &str| Safe::line(text).into_string();
    let mut rows: Vec<Vec<Run>> = Vec::new();
    for server in &lab.servers {
        let left = [view.run(format!(" {}  ", safe(&server.host)), Role::Strong), view.run(safe(&server.state), Role::Text)];
        rows.push(ends(&left, &[view.run(safe(&server.cycle), Role::Quiet)], columns));
        for wizard in server.wizard.iter().flat_map(|wizard| Safe::lines(wizard)) {
            rows.push(vec![view.run(format!("   wizard: {wizard}"), Role::Text)]);
        }
        if !server.faults.is_empty() {
            rows.push(vec![view.run(format!("   faults: {}", safe(&server.faults.join(", "))), Role::Doubt)]);
        }
    }
    let alarms = lab.alarms.iter().map(|alarm| format!(" ! {}", safe(alarm)));
    rows.extend(alarms.map(|alarm| vec![view.run(alarm, Role::Bad)]));
    rows.extend(lab.around.iter().map(|line| vec![view.run(format!(" {}", safe(line)), Role::Quiet)]));
    let answer = answer(view, area);
    if !answer.is_empty() {
        rows.push(Vec::new());
        rows.extend(answer);
    }
    let written = dialog.fields.value(0);
    let hints: Vec<_> = lab.matching(&written).take(HINTS).collect();
    let offers = lab.offers();
    let fit = usize::from(area.height).saturating_sub(rows.len() + hints.len() + FRAME).max(FEWEST);
    let first = dialog.offer.unwrap_or(0).saturating_sub(fit / 2).min(offers.len().saturating_sub(fit));
    if !offers.is_empty() {
        rows.push(Vec::new());
    }
    for (n, offer) in offers.iter().enumerate().skip(first).take(fit) {
        let chosen = dialog.offer == Some(n);
        let mark = if chosen { "›" } else { " " };
        rows.push(vec![view.run(format!(" {mark} {}", safe(offer)), if chosen { Role::Selected } else { Role::Text })]);
    }
    if offers.len() > fit {
        rows.push(vec![view.run(format!("   {} of {}, ↑ ↓ shows the others", fit, offers.len()), Role::Quiet)]);
    }
    for (form, help) in hints {
        rows.push(vec![view.run(format!("   {}  ", safe(form)), Role::Code), view.run(safe(help), Role::Quiet)]);
    }
    let mut fields = dialog.fields.clone();
    if rows.len() + FRAME > usize::from(area.height) {
        // The panel covers the rule that a refusal stands in.
        let refused = view.app.message.as_ref().filter(|message| message.refused).map(|message| message.text.clone());
        fields.problem = fields.problem.or(refused);
    }
    fields::boxed(view, "Lab", rows, &fields, area, room, buffer);
}
