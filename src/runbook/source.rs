//! Bytes of a file to the text that everything else reads: size limit, UTF-8, NUL, byte order mark.
//! Offsets are of the text without its byte order mark; [`Lines`] turns them into lines and columns.

use super::diagnostic::Diagnostic;
use super::model::Span;
use super::rules;

/// The largest runbook that is read, in bytes (4 MiB).
pub const LIMIT: usize = 4 * 1024 * 1024;

/// The text of a file, or what keeps it from being one.
pub fn read(bytes: &[u8]) -> Result<String, Diagnostic> {
    if bytes.len() > LIMIT {
        return Err(rules::UNREADABLE
            .at(0..0, format!("the file is larger than {LIMIT} bytes (4 MiB), the most that a runbook may have"))
            .help("keep pictures and exports beside the runbook, not in it"));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(rules::UNREADABLE.at(0..0, "the file is UTF-16, and a runbook is UTF-8").help("save it as UTF-8"));
    }
    let mark = usize::from(bytes.starts_with("\u{feff}".as_bytes())) * '\u{feff}'.len_utf8();
    let bytes = &bytes[mark..];
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = line_of(bytes, at);
        let found = bytes.get(at).copied().unwrap_or_default();
        rules::UNREADABLE
            .at(at..at + 1, format!("byte {} (line {line}) is 0x{found:02X}, which is not UTF-8", mark + at))
            .help("save the file as UTF-8")
    })?;
    match bytes.iter().position(|&byte| byte == 0) {
        None => Ok(text.to_owned()),
        Some(at) => Err(rules::UNREADABLE
            .at(at..at + 1, format!("byte {} (line {}) is NUL, which no text holds", mark + at, line_of(bytes, at)))
            .help("is this a runbook? save it as UTF-8 text")),
    }
}

/// Counted from 1.
fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].split(|&byte| byte == b'\n').count()
}

/// Where lines begin, so that an offset is found by binary search.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(after).collect() }
    }

    /// Line and column of an offset, both counted from 1; the column counts characters.
    pub fn place(&self, text: &str, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts[line - 1];
        let offset = floor_char(text, offset.max(start));
        (line, 1 + text.get(start..offset).map_or(0, |part| part.chars().count()))
    }
}

/// Where a part of a fence's body stands in the text: the body may have lost indentation and carriage returns.
pub fn place_of(text: &str, body: &str, span: &Span, part: &Span) -> Span {
    if text.get(span.clone()) == Some(body) {
        return span.start + part.start..span.start + part.end;
    }
    let head = body.get(..part.start).unwrap_or(body);
    let line_in_body = head.matches('\n').count();
    let column = part.start - head.rfind('\n').map_or(0, |at| at + 1);
    let wanted = body.lines().nth(line_in_body).unwrap_or_default();
    let mut at = span.start;
    for (index, line) in text.get(span.start..).unwrap_or_default().split_inclusive('\n').enumerate() {
        if index == line_in_body {
            let indent = line.find(wanted).unwrap_or(0);
            let start = (at + indent + column).min(text.len());
            let end = (start + (part.end - part.start)).min(at + line.len()).max(start);
            return start..end;
        }
        at += line.len();
    }
    span.clone()
}

/// The nearest character boundary at or before an offset.
pub(super) fn floor_char(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_says_its_number() {
        let error = read(&vec![b'a'; LIMIT + 1]).expect_err("too large");
        assert!(error.message.contains("4194304"), "{}", error.message);
        assert!(read(&vec![b'a'; LIMIT]).is_ok());
    }

    #[test]
    fn a_bad_byte_is_named_by_offset_and_line() {
        let error = read(b"one\ntwo \xC3(").expect_err("not UTF-8");
        assert!(error.message.contains("byte 8 (line 2) is 0xC3"), "{}", error.message);
        let marked = read(b"\xEF\xBB\xBFone\n\0").expect_err("NUL");
        assert!(marked.message.contains("byte 7 (line 2)"), "{}", marked.message);
        assert!(read(b"\xFF\xFEa\0").expect_err("UTF-16").message.contains("UTF-16"));
    }

    #[test]
    fn columns_count_characters_and_the_mark_is_gone() {
        let text = read("\u{feff}äb\r\nc".as_bytes()).expect("text");
        let lines = Lines::of(&text);
        assert_eq!(lines.place(&text, 0), (1, 1));
        assert_eq!(lines.place(&text, 2), (1, 2));
        assert_eq!(lines.place(&text, 5), (2, 1));
        assert_eq!(lines.place(&text, 1), (1, 1), "within a character: its beginning");
    }
}
