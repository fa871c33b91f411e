//! Facts that are named: by conditions, placeholders and `$Run`. What no table row and no capture can ever answer is an error here,
//! where its author can still see it.

use std::collections::HashMap;

use super::Document;
use crate::facts::table::{self, NoSuchFact, Resolved};
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Block, Inline, Item, Span};
use crate::runbook::rules;

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let mut facts = Facts { document, known: HashMap::new() };
    facts.placeholders(found);
    facts.values_of_commands(found);
}

/// Paths resolved so far: a long runbook names the same few again and again.
struct Facts<'d, 'a> {
    document: &'d Document<'a>,
    known: HashMap<String, Result<Resolved, NoSuchFact>>,
}

impl Facts<'_, '_> {
    fn resolve(&mut self, path: &str) -> &Result<Resolved, NoSuchFact> {
        let names = &self.document.names;
        self.known.entry(path.to_owned()).or_insert_with(|| table::resolve(path, names))
    }

    fn require(&mut self, path: &str, span: &Span, found: &mut Vec<Diagnostic>) {
        if let Err(error) = self.resolve(path) {
            let wrong = error.path.get(error.span.clone()).unwrap_or(&error.path);
            let help = match error.candidates.as_slice() {
                [] => None,
                list => Some(format!("did you mean {}?", list.join(" or "))),
            };
            let message = format!("there is no fact '{wrong}' in {path}");
            found.push(rules::UNKNOWN_FACT.at(span.clone(), message).maybe_help(help));
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
            for path in &command.wants {
                let (root, rest) = path.split_once('.').unwrap_or((path, ""));
                let fact = match root.to_ascii_lowercase().as_str() {
                    "inputs" | "forms" | "results" => format!("${path}"),
                    "servers" if !rest.is_empty() => format!("${rest}"),
                    _ => {
                        let message = format!("$Run has no '{root}'");
                        let help = "it has Inputs, Forms, Results and Servers";
                        found.push(rules::UNKNOWN_FACT.at(self.place(command, path), message).help(help));
                        continue;
                    }
                };
                let place = self.place(command, path);
                self.require(&fact, &place, found);
            }
        }
    }

    fn place(&self, command: &crate::runbook::model::Command, path: &str) -> Span {
        let lower = command.text.to_ascii_lowercase();
        let at = lower.find(&format!("$run.{}", path.to_ascii_lowercase()));
        at.map_or_else(
            || command.span.clone(),
            |at| self.document.place(&command.text, &command.span, &(at..at + 5 + path.len())),
        )
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

fn each_placeholder<'a>(prose: &'a [Inline], visit: &mut dyn FnMut(&'a str, &'a Span)) {
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
