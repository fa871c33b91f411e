//! What the parser notes beside the model: findings, the ids that are given and the names that are referred to,
//! each with its place. Lint resolves them once the whole document is known.

use super::attributes::{Attributes, Placed};
use crate::runbook::diagnostic::{Diagnostic, suggest};
use crate::runbook::model::Span;
use crate::runbook::rules;
use crate::runbook::vocabulary::{COMMAND, GATE, PHASE, STEP, Takes, Word};

/// Where an attribute may belong that stands in another place.
const PLACES: &[(&str, &[Word])] = &[
    ("the heading of a phase", PHASE),
    ("the heading of a step", STEP),
    ("a command's fence", COMMAND),
    ("a gate's fence", GATE),
];

/// Findings, ids and references of one document.
#[derive(Debug, Default)]
pub struct Notes {
    /// Findings of the parser
    pub diagnostics: Vec<Diagnostic>,
    /// Ids given
    pub definitions: Vec<Definition>,
    /// Names referred to
    pub references: Vec<Reference>,
}

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defines {
    /// A phase on the main path
    Phase,
    /// A phase off the main path
    Aside,
    /// A step
    Step,
    /// A command
    Command,
    /// A form
    Form,
    /// A gate, an item
    Other,
}

/// An id with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The id
    pub id: String,
    /// What it is of
    pub defines: Defines,
    /// Whether the author wrote it; otherwise it is a heading's anchor.
    pub written: bool,
    /// Its place
    pub span: Span,
}

/// What a name must be the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refers {
    /// `on=`: a role
    Role,
    /// `reopens=`, `keep=`: a step
    Step,
    /// `rollback=`: an aside, a step or a command
    Rollback,
    /// A link within the document
    Link,
    /// `for=`, `expects=`: a finding
    Finding,
}

/// A name with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it must be
    pub refers: Refers,
    /// The name, without `#`
    pub name: String,
    /// Its place
    pub span: Span,
}

impl Notes {
    /// Keeps a finding.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Keeps an id.
    pub fn define(&mut self, id: &str, defines: Defines, written: bool, span: Span) {
        self.definitions.push(Definition { id: id.to_owned(), defines, written, span });
    }

    /// Keeps a reference and gives its name without `#`.
    pub fn refer(&mut self, refers: Refers, placed: &Placed) -> String {
        let name = placed.text.strip_prefix('#').unwrap_or(&placed.text).to_owned();
        self.references.push(Reference { refers, name: name.clone(), span: placed.span.clone() });
        name
    }

    /// The same for each part of a comma-separated value.
    pub fn refer_all(&mut self, refers: Refers, value: Option<&Placed>) -> Vec<String> {
        value.map(|value| value.parts().iter().map(|part| self.refer(refers, part)).collect()).unwrap_or_default()
    }

    /// Reports attributes that do not exist there, or have a value where none belongs, or none where one belongs.
    pub fn check_attributes(&mut self, attributes: &Attributes, known: &[&[Word]], of: &str) {
        let words = || known.iter().flat_map(|table| table.iter());
        for (index, attribute) in attributes.list.iter().enumerate() {
            let key = &attribute.key;
            if attributes.list[..index].iter().any(|earlier| earlier.key.text == key.text) {
                let message = format!("'{}' is given twice", key.text);
                self.report(rules::BAD_VALUE.at(key.span.clone(), message).help("leave one of them out"));
            }
            let Some(word) = words().find(|word| word.name == key.text) else {
                let elsewhere = PLACES.iter().find(|(_, table)| table.iter().any(|word| word.name == key.text));
                let help = match elsewhere {
                    Some((place, _)) => Some(format!("it belongs to {place}")),
                    None => suggest(&key.text, words().map(|word| word.name)),
                };
                let message = format!("{of} has no attribute '{}'", key.text);
                self.report(rules::UNKNOWN_ATTRIBUTE.at(key.span.clone(), message).maybe_help(help));
                continue;
            };
            let has_value = attribute.value.as_ref().is_some_and(|value| !value.text.is_empty());
            match word.takes {
                Takes::Nothing if attribute.value.is_some() => {
                    let message = format!("'{}' takes no value", word.name);
                    self.report(rules::BAD_VALUE.at(key.span.clone(), message).help(word.about));
                }
                Takes::Nothing | Takes::OptionalTarget => {}
                _ if !has_value => {
                    let message = format!("'{}' needs a value", word.name);
                    self.report(rules::BAD_VALUE.at(key.span.clone(), message).help(word.about));
                }
                Takes::OneOf(values) => {
                    if let Some(value) = attribute.value.as_ref().filter(|value| !values.contains(&value.text.as_str())) {
                        let message = format!("'{}' is no value of '{}'", value.text, word.name);
                        let help = suggest(&value.text, values.iter().copied());
                        self.report(rules::BAD_VALUE.at(value.span.clone(), message).maybe_help(help));
                    }
                }
                _ => {}
            }
        }
    }

    /// The duration of an attribute, reported where it is none.
    pub fn duration(&mut self, attributes: &Attributes, key: &str) -> Option<std::time::Duration> {
        let value = attributes.value(key).filter(|value| !value.text.is_empty())?;
        let read = super::duration::parse(&value.text);
        if read.is_none() {
            let message = format!("'{}' is no duration", value.text);
            self.report(rules::BAD_VALUE.at(value.span.clone(), message).help("write it as 30m, 1h30m, 90s or 2d"));
        }
        read
    }
}
