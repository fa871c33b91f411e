//! Facts that are named: by conditions, placeholders and `$Run`. What no table row and no capture can ever answer is an error here,
//! where its author can still see it.

use std::collections::HashMap;

use super::{Document, comparisons};
use crate::facts::table::{self, NoSuchFact, Resolved};
use crate::powershell::members::Reads;
use crate::runbook::diagnostic::{Diagnostic, suggest};
use crate::runbook::model::{Block, Condition, Inline, Item, Span};
use crate::runbook::{rules, wants};

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let mut facts = Facts { document, known: HashMap::new(), wrong: 0 };
    facts.conditions(found);
    facts.placeholders(found);
    facts.values_of_commands(found);
}

/// Paths resolved so far: a long runbook names the same few again and again.
struct Facts<'d, 'a> {
    document: &'d Document<'a>,
    known: HashMap<String, Result<Resolved, NoSuchFact>>,
    /// How many were found wrong
    wrong: usize,
}

/// Wrong names that are told of one document.
const MOST: usize = 500;

impl Facts<'_, '_> {
    fn resolve(&mut self, path: &str) -> &Result<Resolved, NoSuchFact> {
        let names = &self.document.names;
        if !self.known.contains_key(path) {
            self.known.insert(path.to_owned(), table::resolve(path, names));
        }
        &self.known[path]
    }

    fn require(&mut self, path: &str, span: &Span, found: &mut Vec<Diagnostic>) {
        // Looking for what may have been meant is slow; a document with so many wrong names is none.
        if self.wrong < MOST
            && let Err(error) = self.resolve(path).clone()
        {
            self.wrong += 1;
            let wrong = error.path.get(error.span.clone()).unwrap_or(&error.path);
            let help = match error.candidates.as_slice() {
                [] => where_to_name(path, wrong),
                list => Some(format!("did you mean {}?", list.join(" or "))),
            };
            let message = format!("there is no fact '{wrong}' in {path}");
            // Underline the wrong name where the path stands as it is written.
            let place = match self.document.text.get(span.clone()) {
                Some(text) if text == error.path => span.start + error.span.start..span.start + error.span.end,
                _ => span.clone(),
            };
            found.push(rules::UNKNOWN_FACT.at(place, message).maybe_help(help));
        }
    }

    fn conditions(&mut self, found: &mut Vec<Diagnostic>) {
        let captured = captures(self.document);
        for condition in &self.document.runbook.never {
            self.condition(condition, found);
        }
        let mut index = 0;
        for phase in &self.document.runbook.phases {
            let first = index;
            if let Some(condition) = &phase.when {
                self.condition(condition, found);
                later(condition, first, &captured, found);
            }
            for step in &phase.steps {
                if let Some(condition) = &step.when {
                    self.condition(condition, found);
                    later(condition, index, &captured, found);
                }
                for gate in step.gates() {
                    for line in &gate.lines {
                        self.condition(line, found);
                        later(line, if gate.before { index } else { index + 1 }, &captured, found);
                    }
                }
                index += 1;
            }
        }
    }

    /// Names first: only where all exist does it make sense to ask what is compared with what.
    fn condition(&mut self, condition: &Condition, found: &mut Vec<Diagnostic>) {
        let before = found.len();
        for path in condition.expr.paths() {
            let place = self.document.part_of(condition, &path.span);
            self.require(&path.to_string(), &place, found);
        }
        if found.len() == before {
            let document = self.document;
            let mut resolve = |path: &str| {
                let known = self.resolve(path).as_ref().ok()?;
                Some(comparisons::Fact { kind: known.kind, many: known.many, nullable: known.nullable })
            };
            comparisons::check(condition.expr.root(), &mut resolve, &mut |rule, span, message, help| {
                found.push(rule.at(document.part_of(condition, span), message).help(help));
            });
        }
    }

    fn placeholders(&mut self, found: &mut Vec<Diagnostic>) {
        for block in self.document.blocks() {
            each_prose(block, &mut |prose| each_placeholder(prose, &mut |path, span| self.placeholder(path, span, found)));
        }
    }

    fn placeholder(&mut self, path: &str, span: &Span, found: &mut Vec<Diagnostic>) {
        let path = path.strip_prefix('$').unwrap_or(path);
        let good =
            !path.is_empty() && path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '-'));
        if good {
            self.require(&format!("${path}"), span, found);
        } else {
            let help = "write {{ new.Host }}, {{ inputs.NAME }} or {{ forms.FORM.FIELD }}";
            found.push(rules::PLACEHOLDER_SYNTAX.at(span.clone(), format!("'{path}' is no path of facts")).help(help));
        }
    }

    /// `$Run.Inputs.share` is `$inputs.share`, `$Run.Servers.old.Host` is `$old.Host`.
    fn values_of_commands(&mut self, found: &mut Vec<Diagnostic>) {
        for (_, command) in self.document.commands() {
            for want in wants::of_command(&command.text) {
                let place = self.document.place(&command.text, &command.span, &want.span);
                let path = &want.path;
                if want.reads == Reads::VariableOnly {
                    let message = "within a string PowerShell expands $Run and leaves the names after it as text";
                    found.push(rules::RUN_IN_STRING.at(place, message).help(format!("write $($Run.{path})")));
                    continue;
                }
                let (root, rest) = path.split_once('.').unwrap_or((path, ""));
                let fact = match root.to_ascii_lowercase().as_str() {
                    "inputs" | "forms" | "results" => format!("${path}"),
                    "servers" if !rest.is_empty() => format!("${rest}"),
                    "servers" => continue,
                    _ => {
                        let known = ["Inputs", "Forms", "Results", "Servers"];
                        let message = format!("$Run has no '{root}'");
                        found.push(rules::UNKNOWN_FACT.at(place, message).maybe_help(suggest(root, known)));
                        continue;
                    }
                };
                self.require(&fact, &place, found);
            }
        }
    }
}

/// What would have to stand where for a captured value to be there.
fn where_to_name(path: &str, wrong: &str) -> Option<String> {
    let root = path.trim_start_matches('$').split('.').next().unwrap_or_default().to_ascii_lowercase();
    match root.as_str() {
        _ if root.eq_ignore_ascii_case(wrong) => None,
        "inputs" => Some(format!("name it under `inputs` in the front matter: `{wrong}: {{ label: … }}`")),
        "forms" => Some(format!("a fence ```yaml {{form #{wrong}}} captures a form, and its fields are named there")),
        "results" => Some(format!("a command with into={wrong} captures it")),
        _ => None,
    }
}

/// Which step captures a form or a result first: its place among all steps.
fn captures(document: &Document<'_>) -> HashMap<(&'static str, String), usize> {
    let mut captured = HashMap::new();
    for (index, (_, step)) in document.runbook.steps().enumerate() {
        for form in step.forms() {
            captured.entry(("forms", form.id.as_str().to_ascii_lowercase())).or_insert(index);
        }
        for into in step.commands().filter_map(|command| command.into.as_ref()) {
            captured.entry(("results", into.to_ascii_lowercase())).or_insert(index);
        }
    }
    captured
}

/// Reports what a condition reads although no step before `limit` captures it.
fn later(condition: &Condition, limit: usize, captured: &HashMap<(&'static str, String), usize>, found: &mut Vec<Diagnostic>) {
    for path in condition.expr.paths() {
        let root = ["forms", "results"].into_iter().find(|root| root.eq_ignore_ascii_case(&path.root));
        let (Some(root), Some(name)) = (root, path.names.first()) else { continue };
        if captured.get(&(root, name.to_ascii_lowercase())).is_some_and(|step| *step >= limit) {
            let message = format!("{path} is captured in a later step");
            found.push(rules::CAPTURED_LATER.at(condition.span.clone(), message).help("until then this is Unknown"));
        }
    }
}

/// Hands every run of prose within a block on.
pub(super) fn each_prose<'a>(block: &'a Block, visit: &mut dyn FnMut(&'a [Inline])) {
    fn items<'a>(list: &'a [Item], visit: &mut dyn FnMut(&'a [Inline])) {
        for item in list {
            visit(&item.text);
            items(&item.items, visit);
        }
    }
    match block {
        Block::Paragraph(text) | Block::Heading { text, .. } => visit(text),
        Block::List { items, .. } => items.iter().flatten().for_each(|block| each_prose(block, visit)),
        Block::Quote(blocks) => blocks.iter().for_each(|block| each_prose(block, visit)),
        Block::Alert(alert) => alert.blocks.iter().for_each(|block| each_prose(block, visit)),
        Block::Table { header, rows } => header.iter().chain(rows.iter().flatten()).for_each(|cell| visit(cell)),
        Block::Checklist(list) => items(list, visit),
        _ => {}
    }
}

/// Hands every placeholder within prose on: its path and its place.
pub(super) fn each_placeholder<'a>(prose: &'a [Inline], visit: &mut dyn FnMut(&'a str, &'a Span)) {
    for inline in prose {
        match inline {
            Inline::Placeholder { path, span } => visit(path, span),
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Struck(inner) | Inline::Link { text: inner, .. } => {
                each_placeholder(inner, visit);
            }
            _ => {}
        }
    }
}
