//! Lines of gates, `when` and `never`: each is compiled by the gate language, its errors shown where they stand.

use super::notes::Notes;
use super::passage::Passage;
use crate::gate;
use crate::runbook::model::{Condition, Span};
use crate::runbook::rules;

/// The conditions of a fence: one a line; blank lines and comments are left out.
pub fn lines(passage: &Passage, notes: &mut Notes) -> Vec<Condition> {
    let mut found = Vec::new();
    for (range, line) in passage.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let start = range.start + (line.len() - line.trim_start().len());
        let place = |part: Span| passage.span(start + part.start..start + part.end.max(part.start + 1));
        found.extend(compile(text, place, notes));
    }
    found
}

/// One condition. `place` maps a range of the text to the document.
pub fn compile(text: &str, place: impl Fn(Span) -> Span, notes: &mut Notes) -> Option<Condition> {
    match gate::parse(text) {
        Ok(expr) => Some(Condition { text: text.to_owned(), expr, span: place(0..text.len()) }),
        Err(gate::ParseError { mut span, message, help }) => {
            if span.start >= text.len() {
                // Something is missing at the end: the last word is what it is missing after.
                span = text.rfind(' ').map_or(0, |at| at + 1)..text.len();
            }
            notes.report(rules::GATE_SYNTAX.at(place(span), message).maybe_help(help));
            None
        }
    }
}
