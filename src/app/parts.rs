//! The parts of a step that can be selected, in the order they stand in it.

use crate::engine::view;
use crate::runbook::ids::PartId;
use crate::runbook::model::{Alert, AlertKind, Block, Command, Form, Item, Step, Wanted};

/// A part that the operator does something with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Part<'a> {
    /// To be acknowledged.
    Caution(&'a Alert),
    /// To be ticked.
    Item(&'a Item),
    /// To be run, or copied and done by hand.
    Command(&'a Command),
    /// To be filled in.
    Form(&'a Form),
    /// To be attached.
    Wanted(&'a Wanted),
}

impl<'a> Part<'a> {
    /// Its id within the step.
    pub fn id(&self) -> &'a PartId {
        match self {
            Self::Caution(alert) => &alert.id,
            Self::Item(item) => &item.id,
            Self::Command(command) => &command.id,
            Self::Form(form) => &form.id,
            Self::Wanted(wanted) => &wanted.id,
        }
    }
}

/// All of a step.
pub fn of(step: &Step) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for block in view::parts(&step.blocks) {
        match block {
            Block::Alert(alert) if alert.kind == AlertKind::Caution => parts.push(Part::Caution(alert)),
            Block::Checklist(items) => add_items(items, &mut parts),
            Block::Command(command) => parts.push(Part::Command(command)),
            Block::Form(form) => parts.push(Part::Form(form)),
            Block::Wanted(wanted) => parts.push(Part::Wanted(wanted)),
            _ => {}
        }
    }
    parts
}

fn add_items<'a>(items: &'a [Item], parts: &mut Vec<Part<'a>>) {
    for item in items {
        parts.push(Part::Item(item));
        add_items(&item.items, parts);
    }
}
