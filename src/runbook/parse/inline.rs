//! Inline text: emphasis, code, links, breaks and `{{ … }}`. Pictures within it are handed on as blocks of their own.

use pulldown_cmark::{Event, Tag};

use super::attributes::Placed;
use super::markdown::Body;
use super::notes::Refers;
use crate::runbook::ids::PartId;
use crate::runbook::model::{Block, Inline, Prose, Span, Wanted};
use crate::runbook::rules;
use crate::runbook::walk::plain;

impl Body<'_> {
    /// Inline events up to the end of the tag that was just opened.
    pub(super) fn prose_in_tag(&mut self) -> Prose {
        let mut run = Run::default();
        if !self.enter() {
            return run.finish(self);
        }
        while let Some((event, span)) = self.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            self.inline(event, span, &mut run);
        }
        self.leave();
        run.finish(self)
    }

    /// Inline events of a tight list item: up to the first block or the end of the item, which stay where they are.
    pub(super) fn prose_of_tight_item(&mut self) -> Prose {
        let mut run = Run::default();
        while self.peek().is_some_and(is_inline) {
            let Some((event, span)) = self.next() else { break };
            self.inline(event, span, &mut run);
        }
        run.finish(self)
    }

    fn inline(&mut self, event: Event<'_>, span: Span, run: &mut Run) {
        match event {
            Event::Text(text) => run.text(&text, &span),
            Event::Code(text) => {
                if text.contains("{{") && text.contains("}}") {
                    let help = "take it out of the backticks to show the value";
                    self.warn(rules::PLACEHOLDER_IN_CODE.at(span.clone(), "within code, braces are shown as written").help(help));
                }
                run.push(Inline::Code(one_space(&text, &self.document[span])), self);
            }
            Event::InlineHtml(html) => match html.to_ascii_lowercase().trim_end_matches([' ', '/', '>']) {
                "<br" => run.push(Inline::Break, self),
                comment if comment.starts_with("<!--") => {}
                _ => run.push(Inline::Text(html.into_string()), self),
            },
            Event::SoftBreak => run.text(" ", &span),
            Event::HardBreak => run.push(Inline::Break, self),
            Event::TaskListMarker(_) => self.marker = true,
            Event::Start(Tag::Strong) => {
                let inner = self.prose_in_tag();
                run.push(Inline::Strong(inner), self);
            }
            Event::Start(Tag::Emphasis) => {
                let inner = self.prose_in_tag();
                run.push(Inline::Emphasis(inner), self);
            }
            Event::Start(Tag::Strikethrough) => {
                let inner = self.prose_in_tag();
                run.push(Inline::Struck(inner), self);
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                if dest_url.starts_with('#') {
                    let target = Placed { text: dest_url.to_string(), span };
                    self.notes.refer(Refers::Link, &target);
                }
                let text = self.prose_in_tag();
                run.push(Inline::Link { text, target: dest_url.into_string() }, self);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                let caption = plain(&self.prose_in_tag());
                let picture = self.picture(caption, &dest_url, span);
                self.pictures.push(picture);
            }
            Event::Start(_) => run.nested(self),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) | Event::Html(text) => {
                run.push(Inline::Text(text.into_string()), self);
            }
            Event::End(_) | Event::Rule => {}
        }
    }

    /// `evidence:name` asks for something; any other target is a picture beside the runbook.
    fn picture(&mut self, caption: String, target: &str, span: Span) -> Block {
        match target.strip_prefix("evidence:").filter(|_| self.strict) {
            None => Block::Picture { caption, path: target.to_owned(), span },
            Some(name) => {
                let (name, optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
                super::fields::check_name(name, &span, "evidence", &mut self.notes);
                Block::Wanted(Wanted { id: PartId(format!("evidence:{name}")), caption, optional, span })
            }
        }
    }
}

/// A line's end within code is one space, also where it is two characters and the reader of Markdown makes two of it. `source` is
/// the code as written: what stands before a line's end there says which two spaces are meant.
fn one_space(code: &str, source: &str) -> String {
    /// Marks of quotes and lists that may stand before a line.
    const MARKS: usize = 512;
    let mut joined = String::with_capacity(code.len());
    let mut rest = code;
    let mut lines: Vec<&str> = source.split("\r\n").collect();
    lines.pop();
    for line in lines {
        let longest = line.len().min(rest.len().saturating_sub(2));
        let ends = |at: &usize| {
            rest.get(*at..).is_some_and(|after| after.starts_with("  "))
                && rest.get(..*at).is_some_and(|head| line.ends_with(head))
        };
        let Some(at) = (longest.saturating_sub(MARKS)..=longest).rev().find(ends) else { break };
        joined.push_str(&rest[..at]);
        joined.push(' ');
        rest = &rest[at + 2..];
    }
    joined + rest
}

/// Whether an event belongs to running text.
pub(super) fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => matches!(
            tag,
            Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough
                | Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Superscript
                | Tag::Subscript
        ),
        Event::End(_) | Event::Html(_) | Event::Rule => false,
        _ => true,
    }
}

/// Prose being put together. Neighbouring pieces of plain text are joined, so that a placeholder is found however the text was cut.
#[derive(Default)]
struct Run {
    prose: Prose,
    /// Text not yet looked through, and the place of each of its pieces.
    pending: super::passage::Passage,
}

impl Run {
    fn text(&mut self, text: &str, span: &Span) {
        self.pending.push(text, span.start);
    }

    fn push(&mut self, inline: Inline, body: &mut Body<'_>) {
        self.flush(body);
        self.prose.push(inline);
    }

    fn nested(&mut self, body: &mut Body<'_>) {
        self.flush(body);
        let inner = body.prose_in_tag();
        self.prose.extend(inner);
    }

    fn finish(mut self, body: &mut Body<'_>) -> Prose {
        self.flush(body);
        self.prose
    }

    /// Cuts the waiting text at its placeholders.
    fn flush(&mut self, body: &mut Body<'_>) {
        let pending = std::mem::take(&mut self.pending);
        let text = pending.text.as_str();
        let mut at = 0;
        while body.strict
            && let Some(open) = text[at..].find("{{").map(|open| at + open)
        {
            let Some(close) = text[open..].find("}}").map(|close| open + close) else {
                body.warn(rules::PLACEHOLDER_SYNTAX.at(pending.span(open..open + 2), "'{{' without '}}'"));
                break;
            };
            if open > at {
                self.prose.push(Inline::Text(text[at..open].to_owned()));
            }
            let path = text[open + 2..close].trim().to_owned();
            self.prose.push(Inline::Placeholder { path, span: pending.span(open..close + 2) });
            at = close + 2;
        }
        if at < text.len() {
            self.prose.push(Inline::Text(text[at..].to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::one_space;

    #[test]
    fn a_line_end_within_code_is_one_space() {
        for (code, source, expected) in [
            ("a b", "`a b`", "a b"),
            ("a  b", "`a  b`", "a  b"),
            ("a  b", "`a\r\nb`", "a b"),
            ("a    b", "`a\r\n  b`", "a   b"),
            ("a  b  c  d", "`a  b\r\n> c\r\n> d`", "a  b c d"),
            ("a  ", "`a\r\n`", "a "),
            ("é  b", "`é\r\nb`", "é b"),
        ] {
            assert_eq!(one_space(code, source), expected, "{source:?}");
        }
    }
}
