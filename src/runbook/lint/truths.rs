//! Conditions that cannot come out otherwise: a line that is never or always True, and lines that are never True together.

use std::collections::HashMap;

use super::{Document, witness};
use crate::gate::ast::{Kind, Node};
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Condition, Gate};
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
        for line in step.gates().flat_map(|gate| &gate.lines) {
            alone(document, line, found);
        }
        for before in [true, false] {
            let lines: Vec<_> = step.gates().filter(|gate| gate.before == before).flat_map(lines).collect();
            if lines.len() > 1 {
                together(document, &lines, found);
            }
        }
    }
}

/// A line with the gate that it stands in.
type Line<'a> = (&'a Gate, &'a Condition);

fn lines(gate: &Gate) -> impl Iterator<Item = Line<'_>> {
    gate.lines.iter().map(move |line| (gate, line))
}

/// A line by itself. Only one that reads a fact twice can hold against itself: what is wrong with one comparison is told by its kinds.
fn alone(document: &Document<'_>, line: &Condition, found: &mut Vec<Diagnostic>) {
    let paths = line.expr.paths();
    if paths.len() < 2 {
        return;
    }
    let mut paths: Vec<String> = paths.iter().map(|path| path.to_string().to_ascii_lowercase()).collect();
    paths.sort();
    if !paths.windows(2).any(|two| two[0] == two[1]) {
        return;
    }
    let told = |found: &[Diagnostic]| found.iter().any(|one| line.span.start <= one.span.start && one.span.end <= line.span.end);
    match witness::of(&[line], &document.names) {
        // What is wrong with its parts was told.
        Some(truths) if !(truths.can_be_true && truths.can_be_false) && told(found) => {}
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

/// Lines that must all be True at one moment: of all gates of a step that are looked at together. Only lines that read the
/// same fact can be against each other.
fn together(document: &Document<'_>, lines: &[Line<'_>], found: &mut Vec<Diagnostic>) {
    let mut readers: HashMap<String, Vec<Line<'_>>> = HashMap::new();
    for (gate, line) in lines.iter().copied() {
        let mut told = false;
        for path in line.expr.paths() {
            let earlier = readers.entry(path.to_string().to_ascii_lowercase()).or_default();
            for (other_gate, other) in earlier.iter().rev().take(TRIED).filter(|(_, other)| !std::ptr::eq(*other, line)) {
                if told {
                    break;
                }
                let (one, two) = (unwrapped(line.expr.root(), false), unwrapped(other.expr.root(), false));
                let same = one.0.to_string().eq_ignore_ascii_case(&two.0.to_string());
                told = if same && one.1 == two.1 {
                    repeated(line, std::ptr::eq(gate, *other_gate), found)
                } else if same || against(document, other, line) {
                    let message = format!("this and '{}' cannot both be True", other.text);
                    let help = "all lines of a step's gates must be True";
                    found.push(rules::CONTRADICTION.at(line.span.clone(), message).help(help));
                    true
                } else {
                    false
                };
            }
            earlier.push((gate, line));
        }
    }
}

/// Whether two lines are never True together, though each can be.
fn against(document: &Document<'_>, one: &Condition, other: &Condition) -> bool {
    let never = |lines: &[&Condition]| witness::of(lines, &document.names).is_some_and(|truths| !truths.can_be_true);
    never(&[one, other]) && !never(&[one]) && !never(&[other])
}

/// A line that stands twice in one gate. In two gates of a step it may have two purposes.
fn repeated(line: &Condition, in_one_gate: bool, found: &mut Vec<Diagnostic>) -> bool {
    if in_one_gate {
        found.push(rules::REPEATED_LINE.at(line.span.clone(), "this line stands twice").help("delete one"));
    }
    in_one_gate
}

/// What is asked beneath parentheses and negations.
fn unwrapped(node: &Node, negated: bool) -> (&Node, bool) {
    match &node.kind {
        Kind::Group(inner) => unwrapped(inner, negated),
        Kind::Not(_, inner) => unwrapped(inner, !negated),
        _ => (node, negated),
    }
}
