//! Conditions that cannot come out otherwise: a line that is never or always True, and lines that are never True together.

use std::collections::HashMap;

use super::{Document, witness};
use crate::gate::ast::{Kind, Node};
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Condition, Gate, Step};
use crate::runbook::rules;

/// With so many lines before it that read the same fact a line is tried.
const TRIED: usize = 20;

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let runbook = document.runbook;
    let conditions = runbook.never.iter().chain(runbook.phases.iter().filter_map(|phase| phase.when.as_ref()));
    for condition in conditions.chain(runbook.steps().filter_map(|(_, step)| step.when.as_ref())) {
        alone(document, condition, found);
    }
    for (_, step) in runbook.steps() {
        for gate in step.gates() {
            repeated(gate, found);
            gate.lines.iter().for_each(|line| alone(document, line, found));
        }
        together(document, step, found);
    }
}

/// A line by itself. Only one that reads a fact twice can hold against itself: what is wrong with one comparison is told by its kinds.
fn alone(document: &Document<'_>, line: &Condition, found: &mut Vec<Diagnostic>) {
    let mut paths: Vec<String> = line.expr.paths().iter().map(|path| path.to_string().to_ascii_lowercase()).collect();
    paths.sort();
    if !paths.windows(2).any(|two| two[0] == two[1]) {
        return;
    }
    match witness::of(&[line], &document.names) {
        Some(truths) if !truths.can_be_true => {
            let message = "this can never be True";
            found.push(rules::NEVER_TRUE.at(line.span.clone(), message).help("no values of its facts fit all parts of it"));
        }
        Some(truths) if !truths.can_be_false => {
            let message = "this is True whatever the servers say";
            found
                .push(rules::ALWAYS_TRUE.at(line.span.clone(), message).help("one part of it is True wherever the other is not"));
        }
        _ => {}
    }
}

/// Lines that must all be True at one moment: of all gates of a step that are looked at together.
fn together(document: &Document<'_>, step: &Step, found: &mut Vec<Diagnostic>) {
    for before in [true, false] {
        let lines = step.gates().filter(|gate| gate.before == before).flat_map(|gate| &gate.lines);
        let mut negations: HashMap<(String, bool), &Condition> = HashMap::new();
        let mut readers: HashMap<String, Vec<&Condition>> = HashMap::new();
        for line in lines {
            let (text, negated) = unwrapped(line.expr.root(), false);
            let text = text.to_string().to_ascii_lowercase();
            let mut other = negations.get(&(text.clone(), !negated)).copied();
            negations.insert((text, negated), line);
            for path in line.expr.paths() {
                let earlier = readers.entry(path.to_string().to_ascii_lowercase()).or_default();
                let tried = earlier.iter().rev().take(TRIED).filter(|earlier| !std::ptr::eq(**earlier, line));
                let fit = |earlier: &&Condition| {
                    witness::of(&[earlier, line], &document.names).is_none_or(|truths| truths.can_be_true)
                        || [earlier, line].iter().any(|one| cannot(document, one))
                };
                other = other.or_else(|| tried.copied().find(|earlier| !fit(earlier)));
                earlier.push(line);
            }
            if let Some(other) = other {
                let message = format!("this and '{}' cannot both be True", other.text);
                found.push(rules::CONTRADICTION.at(line.span.clone(), message).help("all lines of a step's gates must be True"));
            }
        }
    }
}

/// Whether a line is never True by itself, and was told as such.
fn cannot(document: &Document<'_>, line: &Condition) -> bool {
    witness::of(&[line], &document.names).is_some_and(|truths| !truths.can_be_true)
}

/// A line that stands twice in one gate.
fn repeated(gate: &Gate, found: &mut Vec<Diagnostic>) {
    let mut seen = HashMap::new();
    for line in &gate.lines {
        let (text, negated) = unwrapped(line.expr.root(), false);
        if seen.insert((text.to_string().to_ascii_lowercase(), negated), ()).is_some() {
            found.push(rules::REPEATED_LINE.at(line.span.clone(), "this line stands twice").help("delete one"));
        }
    }
}

/// What is asked beneath parentheses and negations.
fn unwrapped(node: &Node, negated: bool) -> (&Node, bool) {
    match &node.kind {
        Kind::Group(inner) => unwrapped(inner, negated),
        Kind::Not(_, inner) => unwrapped(inner, !negated),
        _ => (node, negated),
    }
}
