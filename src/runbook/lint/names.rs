//! Ids and the names that refer to them: duplicates, roles, targets, findings, asides that nothing leads to.

use std::collections::{HashMap, HashSet};

use super::Document;
use crate::health;
use crate::runbook::diagnostic::{Diagnostic, nearest, suggest};
use crate::runbook::model::Span;
use crate::runbook::parse::notes::{Defines, Reference, Refers};
use crate::runbook::rules;

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    duplicates(document, found);
    for reference in &document.notes.references {
        match reference.refers {
            Refers::Role => role(document, reference, found),
            Refers::Finding if health::rules::find(&reference.name).is_some() => {}
            Refers::Finding => found.push(unknown_finding(&reference.name, reference.span.clone())),
            Refers::Step => target(document, reference, &[Defines::Step, Defines::Phase], "a step", found),
            Refers::Rollback => {
                let kinds = [Defines::Aside, Defines::Step, Defines::Command];
                target(document, reference, &kinds, "an aside, a step or a command", found);
            }
            Refers::Link => link(document, reference, found),
        }
    }
    unreachable_asides(document, found);
    repeated_evidence(document, found);
}

fn duplicates(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for definition in &document.notes.definitions {
        let count = seen.entry(&definition.id).or_insert(0);
        *count += 1;
        if *count > 1 || definition.id.is_empty() {
            let message = format!("the id '{}' is given twice", definition.id);
            let help =
                if definition.written { "choose another" } else { "two headings have one anchor: name them, such as {#another}" };
            found.push(rules::DUPLICATE_ID.at(definition.span.clone(), message).help(help));
        }
    }
}

/// A finding that no health rule raises.
pub(super) fn unknown_finding(name: &str, span: Span) -> Diagnostic {
    let near = nearest(name, health::rules::all().map(|rule| rule.id)).map(|near| format!("did you mean '{near}'?"));
    rules::UNKNOWN_FINDING.at(span, format!("no health rule raises '{name}'")).maybe_help(near)
}

fn role(document: &Document<'_>, reference: &Reference, found: &mut Vec<Diagnostic>) {
    let roles = || document.runbook.roles.iter().map(|role| role.name.as_str());
    if roles().any(|role| role == reference.name) {
        return;
    }
    let help = if document.runbook.roles.is_empty() {
        Some("name it under `roles` in the front matter".to_owned())
    } else {
        suggest(&reference.name, roles().collect::<Vec<_>>())
    };
    let message = format!("the front matter names no role '{}'", reference.name);
    found.push(rules::UNKNOWN_ROLE.at(reference.span.clone(), message).maybe_help(help));
}

fn target(document: &Document<'_>, reference: &Reference, kinds: &[Defines], of: &str, found: &mut Vec<Diagnostic>) {
    match document.ids.get(reference.name.as_str()) {
        Some(definition)
            if kinds.contains(&definition.defines)
                && (definition.defines != Defines::Phase || document.is_step(&reference.name)) => {}
        Some(_) => {
            let message = format!("'{}' is not {of}", reference.name);
            found.push(rules::UNKNOWN_TARGET.at(reference.span.clone(), message));
        }
        None => {
            let known = document.notes.definitions.iter().filter(|definition| kinds.contains(&definition.defines));
            let help = suggest_few(found, &reference.name, known.map(|definition| definition.id.as_str()));
            let message = format!("there is no '{}', and {of} is expected", reference.name);
            found.push(rules::UNKNOWN_TARGET.at(reference.span.clone(), message).maybe_help(help));
        }
    }
}

/// A document may hold a hundred thousand wrong links, and each would be compared with every id: the first ones get a suggestion.
fn suggest_few<'a>(found: &[Diagnostic], name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    (found.len() < 100).then(|| suggest(name, known)).flatten()
}

fn link(document: &Document<'_>, reference: &Reference, found: &mut Vec<Diagnostic>) {
    if reference.name.is_empty() || document.ids.contains_key(reference.name.as_str()) {
        return;
    }
    let help = suggest_few(found, &reference.name, document.notes.definitions.iter().map(|definition| definition.id.as_str()));
    let message = format!("the link leads to '{}', which is not there", reference.name);
    found.push(rules::UNKNOWN_TARGET.at(reference.span.clone(), message).maybe_help(help));
}

fn unreachable_asides(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let leads = |reference: &&Reference| matches!(reference.refers, Refers::Link | Refers::Rollback);
    let linked: HashSet<&str> = document.notes.references.iter().filter(leads).map(|reference| reference.name.as_str()).collect();
    for phase in &document.runbook.phases {
        let Some(aside) = &phase.aside else { continue };
        let inside = phase.steps.iter().any(|step| linked.contains(step.id.as_str()));
        if aside.for_findings.is_empty() && !inside && !linked.contains(phase.id.as_str()) {
            let message = format!("nothing leads to the aside '{}'", phase.title);
            let help = format!("link to it ([…](#{})), name it as a rollback, or give it for=FINDING", phase.id);
            found.push(rules::UNREACHABLE_ASIDE.at(phase.span.clone(), message).help(help));
        }
    }
}

fn repeated_evidence(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for (_, step) in document.runbook.steps() {
        let mut seen = HashSet::new();
        for wanted in step.wanted() {
            if !seen.insert(&wanted.id) {
                let message = format!("the step asks for '{}' twice", wanted.id);
                found.push(rules::DUPLICATE_ID.at(wanted.span.clone(), message).help("choose another name"));
            }
        }
    }
}
