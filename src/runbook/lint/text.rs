//! Characters that hide or reorder text. In a command or a gate they are errors: what is read would not be what is run.

use super::Document;
use crate::runbook::diagnostic::{Diagnostic, is_hidden};
use crate::runbook::model::{Block, Span};
use crate::runbook::rules;

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    // The bytes first, then the characters: almost always there is nothing, and no fence needs to be looked for.
    if !document.text.bytes().any(|byte| byte >= 0x7f || byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t')) {
        return;
    }
    let suspects: Vec<(usize, char)> = document.text.char_indices().filter(|(_, c)| is_suspect(*c)).collect();
    if suspects.is_empty() {
        return;
    }
    let code = code_spans(document);
    for (at, c) in suspects {
        let after = code.partition_point(|span| span.start <= at);
        let in_code = code.get(after.wrapping_sub(1)).is_some_and(|span| span.contains(&at));
        if !in_code && may_stand_in_prose(c) {
            continue;
        }
        let rule = if in_code && document.runbook.strict { rules::HIDDEN_CHARACTER } else { rules::HIDDEN_IN_TEXT };
        let message = format!("U+{:04X} stands here and is not seen", u32::from(c));
        found.push(rule.at(at..at + c.len_utf8(), message).help("delete it"));
    }
}

fn is_suspect(c: char) -> bool {
    is_hidden(c) || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Joiners of emoji and of scripts that need them, and soft hyphens, belong to writing.
fn may_stand_in_prose(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{200e}' | '\u{200f}' | '\u{00ad}' | '\u{2060}')
}

/// Places of commands, gates and conditions, rising.
fn code_spans(document: &Document<'_>) -> Vec<Span> {
    let mut spans: Vec<Span> = document
        .blocks()
        .filter_map(|block| match block {
            Block::Command(command) => Some(command.span.clone()),
            Block::Gate(gate) => Some(gate.span.clone()),
            _ => None,
        })
        .collect();
    let phases = &document.runbook.phases;
    let whens = phases.iter().flat_map(|phase| phase.when.iter().chain(phase.steps.iter().filter_map(|step| step.when.as_ref())));
    spans.extend(whens.chain(&document.runbook.never).map(|condition| condition.span.clone()));
    spans.sort_by_key(|span| span.start);
    spans
}
