//! Gates: each line with its truth, what was seen, and why where that is not enough.

use super::Rows;
use crate::gate::Truth;
use crate::runbook::model::{Gate, Keep};
use crate::session::event::{GateRecord, LineRecord};
use crate::text::Safe;
use crate::text::age::{Pace, duration, second_utc};
use crate::text::width::{truncate, width};
use crate::ui::theme::Role;
use crate::ui::values;
use crate::ui::view::{Run, View, cell, ends};

impl Rows<'_> {
    /// A gate: as it was recorded, as it is being looked at, or as it stands on what is known now.
    pub(super) fn gate(&mut self, gate: &Gate) {
        let view = self.view;
        let columns = self.columns;
        self.add(ends(&[view.run("Gate", Role::Strong)], &[view.run(self.terms(gate), Role::Quiet)], columns));
        let record = self.seen(gate).cloned();
        for (n, condition) in gate.lines.iter().enumerate() {
            let seen = record.as_ref().and_then(|record| record.lines.get(n));
            let rows = match seen {
                Some(line) => line_rows(view, line, columns, false),
                None => vec![vec![view.run("? ", Role::Doubt), view.run(Safe::line(&condition.text).into_string(), Role::Text)]],
            };
            for runs in rows {
                self.add(runs);
            }
        }
    }

    /// What is known of the gate's lines.
    fn seen(&self, gate: &Gate) -> Option<&GateRecord> {
        let engine = self.view.engine;
        let session = engine.session();
        let here = |records: &'_ [GateRecord]| records.iter().position(|record| record.gate == gate.id);
        if session.status(&self.step.id).is_done() {
            let confirmed = session.steps.get(&self.step.id)?.confirmed.as_ref()?;
            let gates = &confirmed.confirmation.gates;
            return here(gates).map(|n| &gates[n]);
        }
        if let Some(look) = engine.look().filter(|look| look.step == self.step.id)
            && let Some(n) = here(&look.gates)
        {
            return look.gates.get(n);
        }
        engine.preview().iter().find(|record| record.gate == gate.id)
    }

    /// `within 10 min`, or how much of it is left.
    fn terms(&self, gate: &Gate) -> String {
        let view = self.view;
        let waiting = view.engine.look().filter(|look| look.step == self.step.id).and_then(|look| look.waiting);
        let mut terms = Vec::new();
        match (waiting.and_then(|waiting| waiting.until), gate.within) {
            (Some(until), Some(_)) => terms.push(
                view.clock
                    .left(until, Pace::Waiting)
                    .map_or_else(|| "time is over".to_owned(), |left| format!("waiting, {left} left")),
            ),
            (_, Some(within)) => {
                terms.push(format!("within {}", duration(chrono::TimeDelta::from_std(within).unwrap_or_default())));
            }
            _ => {}
        }
        if gate.before {
            terms.push("before the step begins".to_owned());
        }
        match &gate.keep {
            Keep::No => {}
            Keep::ToTheEnd => terms.push("must go on holding".to_owned()),
            Keep::Until(step) => terms.push(format!("must hold until {}", Safe::line(step.as_str()))),
        }
        if !gate.waivable {
            terms.push("no waiver".to_owned());
        }
        terms.join(", ")
    }
}

/// The symbol of a truth.
pub fn truth_mark(truth: Truth) -> (&'static str, Role) {
    match truth {
        Truth::True => ("✓", Role::Good),
        Truth::False => ("✗", Role::Bad),
        Truth::Unknown => ("?", Role::Doubt),
    }
}

/// Rows of one line as it was looked at; with `place`, where and when each fact was read.
pub fn line_rows(view: &View, line: &LineRecord, columns: usize, place: bool) -> Vec<Vec<Run>> {
    let (mark, role) = truth_mark(line.truth);
    let text = Safe::line(&line.text).into_string();
    let value = seen_words(view, line);
    let place = if place { place_words(view, line) } else { String::new() };
    // Values align: the text has its own columns where it fits them, the value begins after it.
    let text_columns = (columns * 5 / 9).max(20).min(columns.saturating_sub(2));
    let tail = if place.is_empty() { value.clone() } else { format!("{value}  {place}") };
    let lead = view.run(format!("{mark} "), role);
    let value_role = if line.truth == Truth::True { Role::Text } else { role };
    let mut rows = Vec::new();
    if width(&text) <= text_columns && 2 + text_columns + 2 + width(&tail) <= columns {
        let left = [lead, cell(&text, text_columns + 2, view.style(Role::Text)), view.run(value, value_role)];
        rows.push(ends(&left, &[view.run(place, Role::Quiet)], columns));
    } else {
        let wrapped = crate::text::wrap::wrap(&text, columns.saturating_sub(2));
        for (n, part) in wrapped.into_iter().enumerate() {
            let lead = if n == 0 { lead.clone() } else { view.run("  ", Role::Text) };
            rows.push(vec![lead, view.run(part, Role::Text)]);
        }
        if !tail.is_empty() {
            let left = [view.run(format!("    {}", truncate(&value, columns.saturating_sub(4))), value_role)];
            rows.push(ends(&left, &[view.run(place, Role::Quiet)], columns));
        }
    }
    if line.truth != Truth::True && !line.why.is_empty() && !says_it_all(line) {
        for part in crate::text::wrap::wrap(&Safe::line(&line.why), columns.saturating_sub(4)) {
            rows.push(vec![view.run(format!("    {part}"), Role::Quiet)]);
        }
    }
    rows
}

/// Whether the value alone explains a line: one fact, known.
fn says_it_all(line: &LineRecord) -> bool {
    matches!(line.seen.as_slice(), [fact] if !fact.value.is_unknown())
}

/// The values that were seen, unknown ones as the word.
fn seen_words(view: &View, line: &LineRecord) -> String {
    line.seen.iter().map(|fact| values::words_at(&fact.value, view.clock.now)).collect::<Vec<_>>().join(", ")
}

/// `EC01, 22:43:10 UTC`
fn place_words(view: &View, line: &LineRecord) -> String {
    let Some(fact) = line.seen.first() else { return String::new() };
    let root = fact.path.trim_start_matches('$').split('.').next().unwrap_or_default();
    let server = view.engine.servers().iter().find(|server| server.name.as_str().eq_ignore_ascii_case(root));
    let name = server.map(|server| crate::app::words::machine(view.engine, &server.name));
    let read = fact.read.map(second_utc);
    [name, read].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
