//! Lint: what can be known to be wrong before a session starts. Each file holds the rules of one subject; all look at one `Document`.

mod commands;
mod comparisons;
mod conditions;
mod lost;
mod names;
mod optional;
mod pictures;
mod roles;
mod secrets;
mod text;
mod truths;
mod witness;

use std::collections::{HashMap, HashSet};

use super::diagnostic::Diagnostic;
use super::model::{Block, Command, Condition, Field, FieldKind, Runbook, Span, Step};
use super::parse::notes::{Definition, Notes};
use super::source::place_of;
use crate::facts::table::{Kind, Names};

pub use pictures::missing as missing_pictures;

/// A runbook with its text and an index of its names.
struct Document<'a> {
    runbook: &'a Runbook,
    notes: &'a Notes,
    text: &'a str,
    /// The first definition of each id
    ids: HashMap<&'a str, &'a Definition>,
    /// Phases whose introduction is a step of the same id
    phase_steps: HashSet<&'a str>,
    /// What the facts' table needs to know of this runbook
    names: Names,
}

/// Everything that lint finds in a runbook; in a plain how-to only characters that are not what they look like, and whether it
/// was meant to be a runbook.
pub(super) fn run(runbook: &Runbook, notes: &Notes, text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut ids = HashMap::new();
    for definition in &notes.definitions {
        ids.entry(definition.id.as_str()).or_insert(definition);
    }
    let phase_steps = runbook.phases.iter().map(|phase| (phase.id.as_str(), phase.steps.first()));
    let phase_steps =
        phase_steps.filter(|(id, step)| step.is_some_and(|step| step.id.as_str() == *id)).map(|(id, _)| id).collect();
    let document = Document { runbook, notes, text, ids, phase_steps, names: fact_names(runbook) };
    text::check(&document, &mut found);
    if !runbook.strict {
        lost::front_matter(text, &mut found);
    }
    if runbook.strict {
        lost::check(&document, &mut found);
        names::check(&document, &mut found);
        conditions::check(&document, &mut found);
        truths::check(&document, &mut found);
        commands::check(&document, &mut found);
        roles::check(&document, &mut found);
        optional::check(&document, &mut found);
        secrets::check(&document, &mut found);
        pictures::check_paths(&document, &mut found);
    }
    found
}

impl<'a> Document<'a> {
    /// Whether the phase of that id is a step itself, by its introduction.
    fn is_step(&self, phase: &str) -> bool {
        self.phase_steps.contains(phase)
    }

    /// Commands of the whole document with their steps.
    fn commands(&self) -> impl Iterator<Item = (&'a Step, &'a Command)> {
        self.runbook.steps().flat_map(|(_, step)| step.commands().map(move |command| (step, command)))
    }

    /// All blocks of the preface, introductions and steps.
    fn blocks(&self) -> impl Iterator<Item = &'a Block> {
        let phases = self.runbook.phases.iter();
        let inner = phases.flat_map(|phase| phase.intro.iter().chain(phase.steps.iter().flat_map(|step| &step.blocks)));
        self.runbook.preface.iter().chain(inner)
    }

    /// Where a part of a condition stands; the whole condition where it was not written so (`never: [wizard-open]`).
    fn part_of(&self, condition: &Condition, part: &Span) -> Span {
        match self.text.get(condition.span.clone()) {
            Some(text) if text == condition.text => condition.span.start + part.start..condition.span.start + part.end,
            _ => condition.span.clone(),
        }
    }

    /// Where a part of a fence's body stands.
    fn place(&self, body: &str, span: &Span, part: &Span) -> Span {
        place_of(self.text, body, span, part)
    }
}

/// What a runbook adds to the table of facts: its roles, inputs, forms and results.
pub fn fact_names(runbook: &Runbook) -> Names {
    let kinds = |fields: &[Field]| fields.iter().map(|field| (field.name.clone(), kind(&field.kind))).collect();
    let mut names = Names {
        roles: runbook.roles.iter().map(|role| role.name.as_str().to_owned()).collect(),
        inputs: kinds(&runbook.inputs),
        ..Names::default()
    };
    for (_, step) in runbook.steps() {
        for form in step.forms() {
            names.forms.insert(form.id.as_str().to_owned(), kinds(&form.fields));
        }
        names.results.extend(step.commands().filter_map(|command| command.into.clone()));
    }
    names
}

fn kind(kind: &FieldKind) -> Kind {
    match kind {
        FieldKind::Text | FieldKind::Choice(_) => Kind::Text,
        // Of a secret only that it was given is kept.
        FieldKind::Bool | FieldKind::Secret => Kind::Bool,
        FieldKind::Number => Kind::Double,
        FieldKind::DateTime => Kind::DateTime,
    }
}
