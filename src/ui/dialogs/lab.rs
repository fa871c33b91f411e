//! The panel of a rehearsal: the simulated servers as one stands before them, what one would do at them, and a line to
//! say anything else to the lab.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::fields;
use crate::app::dialog::Lab;
use crate::text::Safe;
use crate::ui::theme::Role;
use crate::ui::view::{Run, View, ends};

/// Verbs that are shown below what is written.
const HINTS: usize = 4;

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
    rows.extend(lab.around.iter().map(|line| vec![view.run(format!(" {}", safe(line)), Role::Quiet)]));
    for (n, offer) in lab.offers().into_iter().enumerate() {
        if n == 0 {
            rows.push(Vec::new());
        }
        let chosen = dialog.offer == Some(n);
        let mark = if chosen { "›" } else { " " };
        rows.push(vec![view.run(format!(" {mark} {}", safe(offer)), if chosen { Role::Selected } else { Role::Text })]);
    }
    let written = dialog.fields.value(0);
    for (form, help) in lab.matching(&written).take(HINTS) {
        rows.push(vec![view.run(format!("   {}  ", safe(form)), Role::Code), view.run(safe(help), Role::Quiet)]);
    }
    fields::boxed(view, "Lab", rows, &dialog.fields, area, room, buffer);
}
