//! Where things are in the runbook: what is asked at every reading and every frame is not looked for in thousands of steps.

use std::collections::HashMap;

use super::view::parts;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::model::{Block, Runbook};

/// Places in a runbook.
#[derive(Debug, Clone)]
pub(super) struct Index {
    steps: HashMap<StepId, (usize, usize)>,
    /// Forms with the names of their fields
    pub(super) forms: Vec<(PartId, Vec<String>)>,
    /// Names that commands capture into
    pub(super) results: Vec<String>,
}

impl Index {
    /// Of a runbook.
    pub(super) fn of(runbook: &Runbook) -> Self {
        let mut index = Self { steps: HashMap::new(), forms: Vec::new(), results: Vec::new() };
        for (p, phase) in runbook.phases.iter().enumerate() {
            for (s, step) in phase.steps.iter().enumerate() {
                index.steps.insert(step.id.clone(), (p, s));
                for block in parts(&step.blocks) {
                    match block {
                        Block::Form(form) => {
                            index.forms.push((form.id.clone(), form.fields.iter().map(|field| field.name.clone()).collect()));
                        }
                        Block::Command(command) => index.results.extend(command.into.clone()),
                        _ => {}
                    }
                }
            }
        }
        index
    }

    /// The phase and the step within it, by number.
    pub(super) fn place(&self, step: &StepId) -> Option<(usize, usize)> {
        self.steps.get(step).copied()
    }
}
