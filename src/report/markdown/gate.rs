//! Gate lines as they were looked at: the line, what came of it, and the facts that were seen with their times.

use super::{Page, code, inline};
use crate::gate::Truth;
use crate::report::words;
use crate::session::event::{GateRecord, LineRecord};

pub(super) fn gates(page: &mut Page<'_>, gates: &[GateRecord]) {
    lines(page, gates.iter().flat_map(|gate| &gate.lines));
}

pub(super) fn lines<'l>(page: &mut Page<'_>, lines: impl IntoIterator<Item = &'l LineRecord>) {
    for line in lines {
        let answer = match line.truth {
            Truth::True => "✓ True",
            Truth::False => "✗ **False**",
            Truth::Unknown => "? **Unknown**",
        };
        let why = if line.why.trim().is_empty() { String::new() } else { format!(" ({})", inline(&line.why)) };
        page.sub_item(&format!("{answer}: {}{why}", code(&line.text)));
        for fact in &line.seen {
            let read = fact.read.map(|time| format!(", read {}", page.time(time))).unwrap_or_default();
            page.sub_sub_item(&format!("{} was {}{read}", code(&fact.path), code(&words::value(&fact.value))));
        }
    }
}
