//! What an author meant for lockstep and Markdown reads as plain text: a box that makes no item, an alert that is only a quote,
//! braces that give a heading nothing. Each would be missing without a word: an item nobody ticks, a caution nobody acknowledges.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::Document;
use crate::runbook::diagnostic::{Diagnostic, suggest};
use crate::runbook::model::Span;
use crate::runbook::parse::attributes::{Attributes, trailing};
use crate::runbook::parse::front;
use crate::runbook::rules;

/// The words of alerts, as GitHub knows them.
const ALERTS: &[&str] = &["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"];

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let (_, body) = front::split(document.text);
    let mut suspects = Vec::new();
    let mut at = body;
    for line in document.text[body..].split_inclusive('\n') {
        suspects.extend(suspect(line.trim_end(), at));
        at += line.len();
    }
    // Only now, since almost always there is nothing.
    if !suspects.is_empty() {
        let code = code(&document.text[body..], body);
        found.extend(suspects.into_iter().filter(|suspect| !code.iter().any(|span| span.contains(&suspect.span.start))));
    }
}

/// A file that says `lockstep:` before its first heading and is read as any how-to.
pub(super) fn front_matter(text: &str, found: &mut Vec<Diagnostic>) {
    let mut at = 0;
    for line in text.split_inclusive('\n').take_while(|line| !line.starts_with('#')) {
        let said = line.trim_start().trim_start_matches(['"', '\'']);
        if said.get(..8).is_some_and(|word| word.eq_ignore_ascii_case("lockstep"))
            && said[8..].trim_start_matches(['"', '\'', ' ']).starts_with([':', '='])
        {
            let help = match front::split(text) {
                (Some(_), _) => "write `lockstep: 1`, in small letters, at the beginning of the line",
                (None, _) if text.starts_with("---") => "close the front matter with a line of its own: ---",
                (None, _) => "the front matter begins with --- in the first line of the file and ends with ---",
            };
            let end = at + line.trim_end().len();
            let message = "this is not read: the file is taken for a how-to, and no gate of it is checked";
            found.push(rules::FRONT_MATTER_LOST.at(at..end, message).help(help));
            return;
        }
        at += line.len();
    }
}

/// What is wrong with a line, if it is no code.
fn suspect(line: &str, at: usize) -> Option<Diagnostic> {
    // The bytes first: few lines have a bracket or a brace at all.
    if !line.bytes().any(|byte| matches!(byte, b'[' | b'{')) {
        return None;
    }
    let quoted = line.trim_start_matches([' ', '\t', '>']);
    let start = at + line.len() - quoted.len();
    if quoted.starts_with("[!") && line.trim_start().starts_with('>') {
        return alert(quoted, start);
    }
    if quoted.starts_with('#') { heading(quoted, start) } else { item(quoted, start) }
}

fn alert(text: &str, start: usize) -> Option<Diagnostic> {
    let (word, rest) = text[2..].split_once(']')?;
    let known = ALERTS.iter().any(|alert| alert.eq_ignore_ascii_case(word));
    if known && rest.trim().is_empty() || word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let span = start..start + word.len() + 3;
    Some(if known {
        let message = format!("[!{word}] stands alone on its line, or it is only a quote");
        rules::READ_AS_TEXT.at(span, message).help("its text begins in the next line, after >")
    } else {
        let message = format!("there is no alert [!{word}]: this is only a quote");
        rules::READ_AS_TEXT.at(span, message).maybe_help(suggest(&word.to_ascii_uppercase(), ALERTS.iter().copied()))
    })
}

fn heading(line: &str, start: usize) -> Option<Diagnostic> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    if level > 6 || !line[level..].starts_with([' ', '\t']) {
        return None;
    }
    let text = line.trim_end_matches(['#', ' ']);
    let Some((range, inner)) = trailing(text) else { return braces(text, start) };
    let attributes = Attributes::parse(inner, start + range.start + 1);
    let first = attributes.list.first().filter(|_| !matches!(level, 2 | 3))?;
    let message = format!("'{}' means nothing on a heading of level {level}", first.key.text);
    Some(rules::UNKNOWN_ATTRIBUTE.at(first.key.span.clone(), message).help("phases are ##, steps are ###"))
}

/// Attributes that do not end the line, or are not closed.
fn braces(text: &str, start: usize) -> Option<Diagnostic> {
    let open = text.match_indices('{').map(|(open, _)| open).find(|open| {
        let inside = &text[open + 1..];
        let word = inside.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '-');
        !text[..*open].ends_with(['{', '`'])
            && (inside.starts_with(['#', '.']) || inside.len() > word.len() && word.starts_with('='))
    })?;
    let (end, message) = match text[open..].find('}') {
        None => (text.len(), "these braces are not closed, so nothing in them is read"),
        Some(close) => (open + close + 1, "attributes stand at the end of the heading; here nothing in them is read"),
    };
    Some(rules::READ_AS_TEXT.at(start + open..start + end, message).help("such as `### Promote {#promote on=new makes=active}`"))
}

fn item(line: &str, start: usize) -> Option<Diagnostic> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let bullet = match line.as_bytes().get(digits) {
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        Some(b'.' | b')') if digits > 0 => digits + 1,
        _ if digits > 0 => return None,
        _ => 0,
    };
    let rest = line[bullet..].trim_start();
    let inside = rest.strip_prefix('[')?;
    let (mark, text) = inside.split_once(']')?;
    let is_box = mark.len() <= 3 && matches!(mark.trim(), "" | "x" | "X");
    if !is_box || text.starts_with(['(', '[', ':']) || text.trim().is_empty() {
        return None;
    }
    let spaced = bullet > 0 && rest.len() < line.len() - bullet;
    if spaced && matches!(mark, " " | "x" | "X") && text.starts_with([' ', '\t']) {
        return None;
    }
    let end = start + line.len() - text.len();
    let message = "this box makes no checklist item: the line is only text";
    Some(rules::READ_AS_TEXT.at(start..end, message).help("write `- [ ] ` and then the item"))
}

/// Places of code, within a line too, and of HTML.
fn code(body: &str, base: usize) -> Vec<Span> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
    Parser::new_ext(body, options)
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) | Event::Code(_)))
        .map(|(_, span)| base + span.start..base + span.end)
        .collect()
}
