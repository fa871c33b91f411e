//! What the parts of a runbook are called where people read of them: numbers and titles instead of ids.

use std::collections::HashMap;

use crate::runbook::ids::{PartId, PhaseId, StepId};
use crate::runbook::model::{Block, Phase, Runbook, Step};
use crate::runbook::walk::plain;

/// Names by id. An id that the runbook does not have is called by itself.
#[derive(Debug, Clone, Default)]
pub struct Names {
    phases: HashMap<PhaseId, String>,
    steps: HashMap<StepId, StepName>,
    parts: HashMap<(StepId, PartId), String>,
}

/// What a step is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepName {
    /// `3.1`: its phase's place among those of the main path and its own in the phase; empty in an aside
    pub number: String,
    /// Its heading
    pub title: String,
}

impl StepName {
    /// The number, or the title of a step that has none.
    pub fn short(&self) -> &str {
        if self.number.is_empty() { &self.title } else { &self.number }
    }

    /// Number and title.
    pub fn full(&self) -> String {
        if self.number.is_empty() { self.title.clone() } else { format!("{} {}", self.number, self.title) }
    }
}

impl Names {
    /// Those of a runbook.
    pub fn of(runbook: &Runbook) -> Self {
        let mut names = Self::default();
        let mut place = 0;
        for phase in &runbook.phases {
            place += usize::from(phase.aside.is_none());
            names.phases.insert(phase.id.clone(), phase.title.clone());
            for (index, step) in phase.steps.iter().enumerate() {
                let number = if phase.aside.is_none() { format!("{place}.{}", index + 1) } else { String::new() };
                names.steps.insert(step.id.clone(), StepName { number, title: step.title.clone() });
                names.add_parts(phase, step);
            }
        }
        names
    }

    fn add_parts(&mut self, phase: &Phase, step: &Step) {
        let mut add = |id: &PartId, words: &str| {
            self.parts.insert((step.id.clone(), id.clone()), words.to_owned());
        };
        for item in step.items() {
            add(&item.id, &plain(&item.text));
        }
        for alert in
            phase.intro.iter().chain(&step.blocks).filter_map(|block| if let Block::Alert(a) = block { Some(a) } else { None })
        {
            add(&alert.id, &first_words(&alert.blocks));
        }
        for command in step.commands() {
            add(&command.id, command.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim());
        }
        for wanted in step.wanted() {
            add(&wanted.id, &wanted.caption);
        }
    }

    /// A step's number and title.
    pub fn step(&self, id: &StepId) -> StepName {
        self.steps.get(id).cloned().unwrap_or_else(|| StepName { number: String::new(), title: id.to_string() })
    }

    /// A phase's title.
    pub fn phase(&self, id: &PhaseId) -> String {
        self.phases.get(id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// The words of an item, caution, wanted evidence or a command's first line.
    pub fn part(&self, step: &StepId, part: &PartId) -> String {
        self.parts.get(&(step.clone(), part.clone())).cloned().unwrap_or_else(|| part.to_string())
    }
}

/// The first words of some blocks.
fn first_words(blocks: &[Block]) -> String {
    let words = blocks.iter().find_map(|block| match block {
        Block::Paragraph(prose) | Block::Heading { text: prose, .. } => Some(plain(prose)),
        _ => None,
    });
    words.unwrap_or_default()
}
