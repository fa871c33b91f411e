//! Gates: each line with its truth, what was seen, and why where that is not enough.

use super::Rows;
use crate::app::steps;
use crate::gate::Truth;
use crate::runbook::model::{Gate, Keep};
use crate::session::event::{GateRecord, LineRecord};
use crate::text::Safe;
use crate::text::age::{Pace, duration, second_utc};
use crate::text::width::{truncate, width};
use crate::text::wrap::wrap;
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
        let lay = Lay::of(view, gate.lines.iter().map(|line| line.text.as_str()), columns, Place::Unsaid);
        for (n, condition) in gate.lines.iter().enumerate() {
            let seen = record.as_ref().and_then(|record| record.lines.get(n));
            let rows = match seen {
                Some(line) => line_rows(view, line, lay),
                None => hanging(view, view.run("? ", Role::Doubt), &Safe::line(&condition.text), columns),
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
            Keep::Until(step) => {
                let number = steps::number(view.engine, step).unwrap_or_else(|| Safe::line(step.as_str()).into_string());
                terms.push(format!("must hold until {number}"));
            }
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

/// Whether a line says where and when its facts were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the end of its row.
    Said,
    /// The table of servers says it.
    Unsaid,
}

/// How lines that stand together lie, so that their values begin below each other. It goes by their texts alone: nothing
/// moves when a value changes.
#[derive(Debug, Clone, Copy)]
pub struct Lay {
    columns: usize,
    text: usize,
    place: Place,
}

impl Lay {
    /// For lines with these texts.
    pub fn of<'t>(view: &View, texts: impl Iterator<Item = &'t str>, columns: usize, place: Place) -> Self {
        let machines = view.engine.servers().iter().map(|server| width(&crate::app::words::machine(view.engine, &server.name)));
        let tail = match place {
            Place::Said => VALUE + 2 + machines.max().unwrap_or_default() + ", 00:00:00 UTC".len(),
            Place::Unsaid => VALUE,
        };
        let room = columns.saturating_sub(4 + tail);
        let text = texts.map(|text| width(&Safe::line(text))).filter(|text| *text <= room).max().unwrap_or_default();
        Self { columns, text: text.max(NARROWEST).min(columns.saturating_sub(2)), place }
    }
}

/// Columns that a value mostly needs: `unknown`, `00:30:00`.
const VALUE: usize = 8;
/// The least columns of the texts of lines.
const NARROWEST: usize = 20;
/// Rows of a value, such as the names of what differs, before it is cut.
const VALUE_ROWS: usize = 4;

/// Rows of one line as it was looked at.
pub fn line_rows(view: &View, line: &LineRecord, lay: Lay) -> Vec<Vec<Run>> {
    let columns = lay.columns;
    let (mark, role) = truth_mark(line.truth);
    let text = Safe::line(&line.text).into_string();
    let value = seen_words(view, line);
    let place = if lay.place == Place::Said { place_words(view, line) } else { String::new() };
    let tail = if place.is_empty() { width(&value) } else { width(&value) + 2 + width(&place) };
    let lead = view.run(format!("{mark} "), role);
    let value_role = if line.truth == Truth::True { Role::Text } else { role };
    let mut rows = Vec::new();
    if width(&text) <= lay.text && 2 + lay.text + 2 + tail <= columns {
        let left = [lead, cell(&text, lay.text + 2, view.style(Role::Text)), view.run(value, value_role)];
        rows.push(ends(&left, &[view.run(place, Role::Quiet)], columns));
    } else {
        rows = hanging(view, lead, &text, columns);
        rows.extend(value_rows(view, &value, value_role, &place, columns));
    }
    if line.truth != Truth::True && !line.why.is_empty() && !says_it_all(line) {
        for part in wrap(&Safe::line(&line.why), columns.saturating_sub(4)) {
            rows.push(vec![view.run(format!("    {part}"), Role::Quiet)]);
        }
    }
    rows
}

/// A text behind a mark, the rows below the first as far in.
fn hanging(view: &View, mark: Run, text: &str, columns: usize) -> Vec<Vec<Run>> {
    let mut mark = Some(mark);
    let mut lead = || mark.take().unwrap_or_else(|| view.run("  ", Role::Text));
    wrap(text, columns.saturating_sub(2)).into_iter().map(|part| vec![lead(), view.run(part, Role::Text)]).collect()
}

/// A value below its line, at its end where it was read.
fn value_rows(view: &View, value: &str, role: Role, place: &str, columns: usize) -> Vec<Vec<Run>> {
    let mut parts = if value.is_empty() { Vec::new() } else { wrap(value, columns.saturating_sub(4)) };
    if parts.len() > VALUE_ROWS {
        parts.truncate(VALUE_ROWS);
        if let Some(last) = parts.last_mut() {
            *last = truncate(&format!("{last} …"), columns.saturating_sub(4));
        }
    }
    let mut rows: Vec<Vec<Run>> = parts.into_iter().map(|part| vec![view.run(format!("    {part}"), role)]).collect();
    if !place.is_empty() {
        let beside = rows.len() == 1 && 4 + width(value) + 2 + width(place) <= columns;
        let left = if beside { rows.pop().unwrap_or_default() } else { Vec::new() };
        rows.push(ends(&left, &[view.run(place, Role::Quiet)], columns));
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
