//! From text to model. `front` reads the front matter, `markdown` walks the events of the document and cuts it into sections
//! of `blocks`, `inline`, `lists` and `fence` read what stands in them, `assemble` makes phases and steps of the sections.

mod anchor;
mod assemble;
pub mod attributes;
mod blocks;
mod condition;
pub mod duration;
mod fence;
mod fields;
pub mod front;
mod inline;
mod lists;
mod markdown;
pub mod notes;
mod passage;
mod yaml;

use super::model::Runbook;
use notes::Notes;

/// Reads a document. `name` is the file's, the last resort for a title.
pub fn parse(name: &str, document: &str) -> (Runbook, Notes) {
    let mut notes = Notes::default();
    let (span, body_at) = front::split(document);
    let front = span.map(|span| front::read(document, &span, &mut notes)).unwrap_or_default();
    let (sections, notes) = markdown::sections(document, body_at, front.strict, notes);
    assemble::runbook(name, front, sections, notes)
}
