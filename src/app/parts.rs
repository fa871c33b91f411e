//! The parts of a step that can be selected, in the order they stand in it.

use crate::engine::view;
use crate::runbook::ids::PartId;
use crate::runbook::model::{Alert, AlertKind, Block, Command, Form, Inline, Item, Prose, Step, Wanted};

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
    /// To be followed.
    Link(Link<'a>),
}

/// A link of the prose to another place of the runbook.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link<'a> {
    /// Its words
    pub text: &'a Prose,
    /// Where to: `#id`
    pub target: &'a str,
}

impl<'a> Part<'a> {
    /// Its id within the step; a link has none.
    pub fn id(&self) -> Option<&'a PartId> {
        Some(match self {
            Self::Link(_) => return None,
            Self::Caution(alert) => &alert.id,
            Self::Item(item) => &item.id,
            Self::Command(command) => &command.id,
            Self::Form(form) => &form.id,
            Self::Wanted(wanted) => &wanted.id,
        })
    }
}

/// All of a step.
pub fn of(step: &Step) -> Vec<Part<'_>> {
    each(step).collect()
}

/// The part at that place, or the last one where there are fewer. A step may have thousands, and this is asked often.
pub fn at(step: &Step, place: usize) -> Option<Part<'_>> {
    each(step).nth(place).or_else(|| each(step).last())
}

/// One after the other; the links, which stand at the end, are looked for only there.
fn each(step: &Step) -> impl Iterator<Item = Part<'_>> {
    let parts = view::parts(&step.blocks).flat_map(|block| {
        let (items, one) = match block {
            Block::Checklist(items) => (items.as_slice(), None),
            Block::Alert(alert) if alert.kind == AlertKind::Caution => (&[][..], Some(Part::Caution(alert))),
            Block::Command(command) => (&[][..], Some(Part::Command(command))),
            Block::Form(form) => (&[][..], Some(Part::Form(form))),
            Block::Wanted(wanted) => (&[][..], Some(Part::Wanted(wanted))),
            _ => (&[][..], None),
        };
        one.into_iter().chain(items_of(items))
    });
    let links = std::iter::once_with(|| links(&step.blocks).into_iter().map(Part::Link)).flatten();
    parts.chain(links)
}

fn items_of(items: &[Item]) -> Box<dyn Iterator<Item = Part<'_>> + '_> {
    Box::new(items.iter().flat_map(|item| {
        let inner = (!item.items.is_empty()).then(|| items_of(&item.items));
        std::iter::once(Part::Item(item)).chain(inner.into_iter().flatten())
    }))
}

/// The links to other places of the runbook, each place once. They stand together at the end of a step.
pub fn links(blocks: &[Block]) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    for block in view::parts(blocks) {
        match block {
            Block::Paragraph(prose) | Block::Heading { text: prose, .. } => add_links(prose, &mut links),
            Block::Checklist(items) => add_item_links(items, &mut links),
            Block::Table { header, rows } => {
                header.iter().chain(rows.iter().flatten()).for_each(|cell| add_links(cell, &mut links));
            }
            _ => {}
        }
    }
    links
}

fn add_links<'a>(prose: &'a Prose, links: &mut Vec<Link<'a>>) {
    for piece in prose {
        match piece {
            Inline::Link { text, target } if target.starts_with('#') && !links.iter().any(|link| link.target == target) => {
                links.push(Link { text, target });
            }
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Struck(inner) => add_links(inner, links),
            _ => {}
        }
    }
}

fn add_item_links<'a>(items: &'a [Item], links: &mut Vec<Link<'a>>) {
    for item in items {
        add_links(&item.text, links);
        add_item_links(&item.items, links);
    }
}
