//! Blocks: what a paragraph, a quote, a list, a fence or a table becomes, and what each takes in or leaves behind.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Tag, TagEnd};

use super::inline::is_inline;
use super::markdown::Body;
use super::passage::Passage;
use crate::runbook::model::{Alert, AlertKind, Block, Inline, Prose, Span};
use crate::runbook::walk::plain;

impl<'a> Body<'a> {
    /// Blocks up to the end of the tag that was just opened.
    pub(super) fn blocks_in_tag(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        if !self.enter() {
            return blocks;
        }
        while let Some((event, span)) = self.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            let more = self.block(event, span);
            append(&mut blocks, more);
        }
        self.leave();
        blocks
    }

    /// The blocks that an event begins.
    pub(super) fn block(&mut self, event: Event<'a>, span: Span) -> Vec<Block> {
        let mut blocks = match event {
            inline if is_inline(&inline) => {
                self.peeked = Some((inline, span));
                paragraph(self.prose_of_tight_item())
            }
            Event::Start(Tag::Paragraph) => paragraph(self.prose_in_tag()),
            Event::Start(Tag::Heading { level, .. }) => {
                let (text, _) = self.heading(&span);
                vec![Block::Heading { level: level as u8, text }]
            }
            Event::Start(Tag::BlockQuote(kind)) => self.quote(kind, span),
            Event::Start(Tag::CodeBlock(kind)) => self.code_block(&kind, span),
            Event::Start(Tag::HtmlBlock) => self.html(),
            Event::Start(Tag::List(start)) => self.list(start),
            Event::Start(Tag::Table(_)) => self.table(),
            Event::Rule => vec![Block::Rule],
            Event::Start(_) => self.blocks_in_tag(),
            _ => Vec::new(),
        };
        blocks.append(&mut self.pictures);
        blocks
    }

    fn quote(&mut self, kind: Option<BlockQuoteKind>, span: Span) -> Vec<Block> {
        let blocks = self.blocks_in_tag();
        let Some(kind) = kind.map(alert_kind) else {
            return hoisted(blocks, Block::Quote);
        };
        let mut text = String::new();
        for block in &blocks {
            if let Block::Paragraph(prose) = block {
                text.push_str(&plain(prose));
                text.push(' ');
            }
        }
        let id = self.parts.name(alert_word(kind), &text);
        hoisted(blocks, |inner| Block::Alert(Alert { id, kind, blocks: inner, span }))
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>, span: Span) -> Vec<Block> {
        let mut passage = Passage::default();
        while let Some((event, place)) = self.next() {
            match event {
                Event::Text(text) => passage.push(&text, place.start),
                Event::End(_) => break,
                _ => {}
            }
        }
        match kind {
            CodeBlockKind::Fenced(_) => self.fence(&passage, span),
            CodeBlockKind::Indented => {
                vec![Block::Code { language: String::new(), text: passage.text.trim_end().to_owned(), span: passage.whole() }]
            }
        }
    }

    /// HTML is shown as the text it is; comments are the author's own.
    fn html(&mut self) -> Vec<Block> {
        let mut text = String::new();
        while let Some((event, _)) = self.next() {
            match event {
                Event::Html(html) | Event::Text(html) => text.push_str(&html),
                Event::End(_) => break,
                _ => {}
            }
        }
        let text = text.trim();
        if text.is_empty() || (text.starts_with("<!--") && text.ends_with("-->")) {
            return Vec::new();
        }
        paragraph(vec![Inline::Text(text.to_owned())])
    }

    fn table(&mut self) -> Vec<Block> {
        let (mut header, mut rows, mut row) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((event, _)) = self.next() {
            match event {
                Event::Start(Tag::TableCell) => row.push(self.prose_in_tag()),
                Event::End(TagEnd::TableHead) => header = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        vec![Block::Table { header, rows }]
    }
}

/// Appends blocks; an `Output` fence right after a command is that command's sample.
pub(super) fn append(blocks: &mut Vec<Block>, more: Vec<Block>) {
    for block in more {
        match (blocks.last_mut(), block) {
            (Some(Block::Command(command)), Block::Code { language, text, .. })
                if command.sample.is_none() && language.eq_ignore_ascii_case("output") =>
            {
                command.sample = Some(text);
            }
            (_, block) => blocks.push(block),
        }
    }
}

/// Wraps what is only to be read; what is to be done follows it at the outer level.
fn hoisted(blocks: Vec<Block>, wrap: impl FnOnce(Vec<Block>) -> Block) -> Vec<Block> {
    let (work, inner): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|block| block.is_work() || matches!(block, Block::Alert(_)));
    let mut out = vec![wrap(inner)];
    out.extend(work);
    out
}

/// A paragraph, or nothing where only a picture stood in it.
fn paragraph(prose: Prose) -> Vec<Block> {
    let empty = prose.iter().all(|inline| matches!(inline, Inline::Text(text) if text.trim().is_empty()));
    if empty { Vec::new() } else { vec![Block::Paragraph(prose)] }
}

fn alert_kind(kind: BlockQuoteKind) -> AlertKind {
    match kind {
        BlockQuoteKind::Note => AlertKind::Note,
        BlockQuoteKind::Tip => AlertKind::Tip,
        BlockQuoteKind::Important => AlertKind::Important,
        BlockQuoteKind::Warning => AlertKind::Warning,
        BlockQuoteKind::Caution => AlertKind::Caution,
    }
}

fn alert_word(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Note => "note",
        AlertKind::Tip => "tip",
        AlertKind::Important => "important",
        AlertKind::Warning => "warning",
        AlertKind::Caution => "caution",
    }
}
