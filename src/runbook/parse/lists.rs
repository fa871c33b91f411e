//! Lists and checklists. What is to be done within an item (a command, a gate, a nested checklist of a plain item) moves out to the
//! step's own level, in its place; the list goes on after it with the next number.

use pulldown_cmark::{Event, Tag};

use super::attributes::{Attributes, trailing};
use super::markdown::{Body, cut_end};
use super::notes::Defines;
use crate::runbook::ids::PartId;
use crate::runbook::model::{Block, Inline, Item, Prose, Span};
use crate::runbook::walk::plain;

impl Body<'_> {
    /// A list that was just opened.
    pub(super) fn list(&mut self, start: Option<u64>) -> Vec<Block> {
        let mut built = Vec::new();
        let mut open = false;
        let mut number = start;
        if !self.enter() {
            return built;
        }
        let outer = std::mem::take(&mut self.marker);
        while let Some((event, span)) = self.next() {
            match event {
                Event::Start(Tag::Item) => {
                    self.marker = false;
                    let blocks = self.blocks_in_tag();
                    let task = std::mem::take(&mut self.marker);
                    open = if task {
                        self.task(blocks, span, open, &mut built)
                    } else {
                        plain_item(blocks, number, open, &mut built)
                    };
                    number = number.map(|number| number.saturating_add(1));
                }
                Event::End(_) => break,
                _ => {}
            }
        }
        self.marker = outer;
        self.leave();
        built
    }

    /// Adds a checklist item; says whether the list that is being built may go on after it.
    fn task(&mut self, blocks: Vec<Block>, span: Span, open: bool, built: &mut Vec<Block>) -> bool {
        let mut text = Prose::new();
        let mut items = Vec::new();
        let mut others = Vec::new();
        for (index, block) in blocks.into_iter().enumerate() {
            match block {
                Block::Paragraph(prose) if index == 0 => text = prose,
                Block::Checklist(nested) if others.is_empty() => items.extend(nested),
                other => others.push(other),
            }
        }
        let written = written_id(&mut text);
        let words = plain(&text);
        let id = written.unwrap_or_else(|| self.parts.name("item", &words));
        if let PartId(id) = &id
            && !id.starts_with("item:")
        {
            self.notes.define(id, Defines::Other, true, span.clone());
        }
        let optional = words.trim_start().to_ascii_lowercase().starts_with("(optional)");
        let end = span.start + self.document[span.clone()].trim_end().len();
        let item = Item { id, text, optional, items, span: span.start..end };
        match built.last_mut() {
            Some(Block::Checklist(list)) if open => list.push(item),
            _ => built.push(Block::Checklist(vec![item])),
        }
        let closed = !others.is_empty();
        built.extend(others);
        !closed
    }
}

/// `{#id}` at the end of an item's text.
fn written_id(text: &mut Prose) -> Option<PartId> {
    let Some(Inline::Text(last)) = text.last() else { return None };
    let last = last.clone();
    let (range, inner) = trailing(&last).filter(|(_, inner)| inner.starts_with('#'))?;
    let id = Attributes::parse(inner, 1).id?.text;
    cut_end(text, &last[range]);
    Some(PartId(id))
}

/// Adds an item without a box; says whether the list that is being built may go on after it.
fn plain_item(blocks: Vec<Block>, number: Option<u64>, open: bool, built: &mut Vec<Block>) -> bool {
    let work = blocks.iter().position(|block| block.is_work() || matches!(block, Block::Alert(_))).unwrap_or(blocks.len());
    let mut kept = blocks;
    let moved = kept.split_off(work);
    match built.last_mut() {
        Some(Block::List { items, .. }) if open => items.push(kept),
        _ => built.push(Block::List { start: number, items: vec![kept] }),
    }
    let closed = !moved.is_empty();
    built.extend(moved);
    !closed
}
