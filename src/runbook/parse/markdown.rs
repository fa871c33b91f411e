//! The walk over a document's events. Sections begin at the headings of phases and steps; what else there is, is their blocks.

use pulldown_cmark::{Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd};

use super::anchor::Parts;
use super::attributes::{Attributes, trailing};
use super::blocks::append;
use super::notes::{Notes, Refers};
use crate::facts::ServerName;
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Block, Condition, Inline, Prose, Span};
use crate::runbook::rules;
use crate::runbook::vocabulary::{PHASE, STEP};
use crate::runbook::walk::plain;

/// Deepest nesting that is followed.
const DEEPEST: usize = 64;

/// What a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Before the first phase
    Preface,
    /// From a phase's heading to its first step
    Phase,
    /// A step
    Step,
}

/// A heading of a phase or a step with what follows it.
#[derive(Debug)]
pub struct Section {
    /// What it is
    pub rank: Rank,
    /// Heading text
    pub title: String,
    /// What stood in braces
    pub attributes: Attributes,
    /// The nearest `on=`
    pub on: Option<ServerName>,
    /// The `when` fence
    pub when: Option<Condition>,
    /// Its blocks
    pub blocks: Vec<Block>,
    /// Place of the heading
    pub span: Span,
}

/// The document cut into sections: the preface first.
pub struct Sections {
    /// The first `#` heading, where it is the title
    pub title: Option<String>,
    /// The preface, then phases and steps
    pub list: Vec<Section>,
}

/// Reads the document from `body_at` on.
pub fn sections(document: &str, body_at: usize, strict: bool, notes: Notes) -> (Sections, Notes) {
    let levels = if strict { Levels::RUNBOOK } else { Levels::of_how_to(&document[body_at..]) };
    let mut body = Body {
        document,
        strict,
        levels,
        base: body_at,
        events: Parser::new_ext(&document[body_at..], options()).into_offset_iter(),
        peeked: None,
        depth: 0,
        marker: false,
        pictures: Vec::new(),
        title: None,
        phase_on: None,
        on: None,
        parts: Parts::default(),
        when: None,
        notes,
    };
    let list = body.sections();
    (Sections { title: body.title, list }, body.notes)
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM
}

/// Which heading levels are phases and steps.
#[derive(Debug, Clone, Copy)]
struct Levels {
    title: Option<HeadingLevel>,
    phase: Option<HeadingLevel>,
    step: Option<HeadingLevel>,
}

impl Levels {
    const RUNBOOK: Self = Self { title: Some(HeadingLevel::H1), phase: Some(HeadingLevel::H2), step: Some(HeadingLevel::H3) };

    /// In a how-to the two highest levels in use; a lone `#` is the title.
    fn of_how_to(text: &str) -> Self {
        let mut count = [0_usize; 6];
        let mut depth = 0_usize;
        for event in Parser::new_ext(text, options()) {
            match event {
                Event::Start(Tag::Heading { level, .. }) if depth == 0 => count[level as usize - 1] += 1,
                Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
                Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => depth -= 1,
                _ => {}
            }
        }
        let title = (count[0] == 1).then_some(HeadingLevel::H1);
        let all = [HeadingLevel::H1, HeadingLevel::H2, HeadingLevel::H3, HeadingLevel::H4, HeadingLevel::H5, HeadingLevel::H6];
        let mut used = all.into_iter().filter(|level| count[*level as usize - 1] > 0 && Some(*level) != title);
        Self { title, phase: used.next(), step: used.next() }
    }
}

/// The walk's state.
pub struct Body<'a> {
    pub(super) document: &'a str,
    pub(super) strict: bool,
    levels: Levels,
    base: usize,
    events: OffsetIter<'a>,
    pub(super) peeked: Option<(Event<'a>, Span)>,
    depth: usize,
    /// A task list marker was met in the item being read.
    pub(super) marker: bool,
    /// Pictures met in running text, to become blocks of their own.
    pub(super) pictures: Vec<Block>,
    title: Option<String>,
    phase_on: Option<ServerName>,
    /// The nearest `on=` of the section being read.
    pub(super) on: Option<ServerName>,
    pub(super) parts: Parts,
    pub(super) when: Option<Condition>,
    pub(super) notes: Notes,
}

impl<'a> Body<'a> {
    /// The next event with its place in the document.
    pub(super) fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.peeked.take().or_else(|| self.advance())
    }

    /// The next event, left where it is.
    pub(super) fn peek(&mut self) -> Option<&Event<'a>> {
        if self.peeked.is_none() {
            self.peeked = self.advance();
        }
        self.peeked.as_ref().map(|(event, _)| event)
    }

    fn advance(&mut self) -> Option<(Event<'a>, Span)> {
        let (event, span) = self.events.next()?;
        Some((event, self.base + span.start..self.base + span.end))
    }

    /// Goes one level down into the tag that was just opened. False where that is too deep: the tag has then been skipped to its end.
    pub(super) fn enter(&mut self) -> bool {
        if self.depth < DEEPEST {
            self.depth += 1;
            return true;
        }
        let mut open = 1_usize;
        let mut at = None;
        while open > 0
            && let Some((event, span)) = self.next()
        {
            at.get_or_insert(span);
            match event {
                Event::Start(_) => open += 1,
                Event::End(_) => open -= 1,
                _ => {}
            }
        }
        let span = at.unwrap_or(self.base..self.base);
        self.notes.report(
            rules::NESTING.at(span, format!("nested deeper than {DEEPEST} levels")).help("a flatter list reads better, too"),
        );
        false
    }

    /// Comes back up.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Keeps a finding.
    pub(super) fn warn(&mut self, diagnostic: Diagnostic) {
        self.notes.report(diagnostic);
    }

    fn sections(&mut self) -> Vec<Section> {
        let mut list = Vec::new();
        let mut section = Section {
            rank: Rank::Preface,
            title: String::new(),
            attributes: Attributes::default(),
            on: None,
            when: None,
            blocks: Vec::new(),
            span: self.base..self.base,
        };
        while let Some((event, span)) = self.next() {
            let Event::Start(Tag::Heading { level, .. }) = &event else {
                let more = self.block(event, span);
                append(&mut section.blocks, more);
                continue;
            };
            let (level, rank) = (*level, self.rank(*level));
            if let Some(rank) = rank {
                section.when = self.when.take();
                list.push(std::mem::replace(&mut section, self.section(rank, span)));
                section.blocks.append(&mut self.pictures);
                continue;
            }
            let (prose, _) = self.heading(&span);
            // In a how-to a # further down is rarely the title: a comment of a script that lost its fence, mostly.
            let first = self.strict || section.blocks.is_empty();
            if Some(level) == self.levels.title && self.title.is_none() && section.rank == Rank::Preface && first {
                self.title = Some(plain(&prose));
            } else {
                if level == HeadingLevel::H1 {
                    let help = "phases are ##, steps are ###";
                    self.warn(rules::SECOND_TITLE.at(span, "a second # heading is shown as text").help(help));
                }
                section.blocks.push(Block::Heading { level: level as u8, text: prose });
            }
            section.blocks.append(&mut self.pictures);
        }
        section.when = self.when.take();
        list.push(section);
        list
    }

    fn rank(&self, level: HeadingLevel) -> Option<Rank> {
        if Some(level) == self.levels.phase { Some(Rank::Phase) } else { (Some(level) == self.levels.step).then_some(Rank::Step) }
    }

    /// Begins a section at a heading that was just opened.
    fn section(&mut self, rank: Rank, span: Span) -> Section {
        let (prose, attributes) = self.heading(&span);
        self.parts = Parts::default();
        if self.strict {
            let (known, of) = if rank == Rank::Phase { (PHASE, "a phase") } else { (STEP, "a step") };
            self.notes.check_attributes(&attributes, &[known], of);
        }
        let own = if self.strict { self.server(&attributes) } else { None };
        if rank == Rank::Phase {
            self.phase_on.clone_from(&own);
        }
        self.on = own.or_else(|| self.phase_on.clone());
        let title = plain(&prose).trim().to_owned();
        let trimmed = self.document[span.clone()].trim_end().len();
        let span = span.start..span.start + trimmed;
        Section { rank, title, attributes, on: self.on.clone(), when: None, blocks: Vec::new(), span }
    }

    /// The role that `on=` names.
    pub(super) fn server(&mut self, attributes: &Attributes) -> Option<ServerName> {
        let value = attributes.value("on").filter(|value| !value.text.is_empty())?;
        Some(ServerName(self.notes.refer(Refers::Role, value)))
    }

    /// A heading's text and the attributes at its end.
    pub(super) fn heading(&mut self, span: &Span) -> (Prose, Attributes) {
        let mut prose = self.prose_in_tag();
        let document = self.document;
        let source = document[span.clone()].trim_end();
        let line_end = source.find('\n').unwrap_or(source.len());
        let line = source[..line_end].trim_end().trim_end_matches('#');
        let Some((range, inner)) = trailing(line) else { return (prose, Attributes::default()) };
        let attributes = Attributes::parse(inner, span.start + range.start + 1);
        cut_end(&mut prose, &line[range]);
        (prose, attributes)
    }
}

/// Takes the attributes off the end of a heading's or an item's prose.
pub(super) fn cut_end(prose: &mut Prose, braces: &str) {
    let Some(open) = prose.iter().rposition(|inline| matches!(inline, Inline::Text(text) if text.contains('{'))) else { return };
    let mut tail = prose.split_off(open);
    if let Some(Inline::Text(text)) = tail.first_mut() {
        // `_` and the like may have cut the braces' text into several pieces: everything after the opening one belongs to it.
        let at = text.rfind(braces).or_else(|| text.rfind('{')).unwrap_or(text.len());
        text.truncate(text[..at].trim_end().len());
        if !text.is_empty() {
            prose.push(Inline::Text(std::mem::take(text)));
        }
    }
}
