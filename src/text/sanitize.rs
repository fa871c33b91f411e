//! Bytes or text from outside to lines that are safe to draw. What is dangerous is shown, not hidden: `⟨U+202E⟩`, `␀`, `␛`.
//! Colours are dropped, other escape sequences leave one `␛` each and are counted. The raw bytes stay where they are kept.

use std::fmt;
use std::ops::Deref;

use super::escape::{Escapes, Seen};
use super::suspect::{MARKS_PER_BASE, is_mark, is_suspect, picture};
use super::width::char_width;

/// A line on the screen holds at most this many bytes; the transcript has the rest.
pub const LINE_CAP: usize = 8 * 1024;

/// Columns between two tab stops.
const TAB: usize = 8;

/// One line of text that is safe to draw: no control character, nothing invisible, nothing that reorders it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Safe(String);

impl Safe {
    /// One safe line. Line ends become `⏎`, so that a value of several lines stays one cell.
    pub fn line(text: &str) -> Self {
        if text.bytes().all(|b| (0x20..0x7f).contains(&b)) && text.len() <= LINE_CAP {
            return Self(text.to_owned());
        }
        let mut joined = String::new();
        for (n, line) in Self::lines(text).into_iter().enumerate() {
            joined.push_str(if n == 0 { "" } else { " ⏎ " });
            joined.push_str(&line);
        }
        Self(joined)
    }

    /// Safe lines, one for each line of the text; an empty text is one empty line.
    pub fn lines(text: &str) -> Vec<Self> {
        let (mut out, mut sanitizer) = (Vec::new(), LineSanitizer::new());
        sanitizer.push(text.as_bytes(), |line| out.push(line));
        let last = sanitizer.finish();
        if let Some(line) = last {
            out.push(line);
        }
        if out.is_empty() {
            out.push(Self::default());
        }
        out
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Safe {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stream of bytes to safe lines; the answer does not depend on how the stream is cut.
#[derive(Debug, Clone, Default)]
pub struct LineSanitizer {
    /// Bytes of a character that is not complete yet.
    pending: Vec<u8>,
    escapes: Escapes,
    line: Line,
    removed: u64,
    begun: bool,
}

/// The line being built.
#[derive(Debug, Clone, Default)]
struct Line {
    text: String,
    column: usize,
    marks: usize,
    /// Something of this line was seen, be it only a sequence.
    touched: bool,
    /// A carriage return came: the next character begins the line anew.
    restart: bool,
    left_out: u64,
}

impl LineSanitizer {
    /// At the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes; every line that ends in them is handed to `emit`.
    pub fn push(&mut self, bytes: &[u8], mut emit: impl FnMut(Safe)) {
        if self.pending.is_empty() {
            self.pending = self.decode(bytes, &mut emit);
        } else {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(bytes);
            self.pending = self.decode(&joined, &mut emit);
        }
    }

    /// The line that has not ended yet, as it would look now.
    pub fn partial(&self) -> Safe {
        self.line.clone().into_safe()
    }

    /// The stream is over: its last line, where that did not end.
    pub fn finish(&mut self) -> Option<Safe> {
        if !std::mem::take(&mut self.pending).is_empty() {
            self.take(char::REPLACEMENT_CHARACTER);
        }
        if self.escapes.finish() {
            self.sequence();
        }
        let line = std::mem::take(&mut self.line);
        line.touched.then(|| line.into_safe())
    }

    /// Escape sequences taken out so far, colours not counted.
    pub fn removed(&self) -> u64 {
        self.removed
    }

    /// Takes whole characters; what is left is the beginning of one.
    fn decode(&mut self, bytes: &[u8], emit: &mut impl FnMut(Safe)) -> Vec<u8> {
        let mut rest = bytes;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.characters(text, emit);
                    return Vec::new();
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    self.characters(std::str::from_utf8(valid).unwrap_or_default(), emit);
                    let Some(bad) = error.error_len() else { return after.to_vec() };
                    self.characters("\u{fffd}", emit);
                    rest = &after[bad..];
                }
            }
        }
    }

    fn characters(&mut self, text: &str, emit: &mut impl FnMut(Safe)) {
        for c in text.chars() {
            if self.take(c) {
                emit(std::mem::take(&mut self.line).into_safe());
            }
        }
    }

    /// Takes one character; whether it ended the line.
    fn take(&mut self, c: char) -> bool {
        if !std::mem::replace(&mut self.begun, true) && c == '\u{feff}' {
            return false;
        }
        let shown = match self.escapes.take(c) {
            Seen::Nothing => return false,
            Seen::Style => {
                self.line.touched = true;
                return false;
            }
            Seen::Sequence => {
                self.sequence();
                return false;
            }
            Seen::Broken(c) => {
                self.sequence();
                c
            }
            Seen::Char(c) => c,
        };
        match shown {
            '\n' => return true,
            '\r' => self.line.restart = true,
            c => self.line.push(c),
        }
        false
    }

    fn sequence(&mut self) {
        self.removed += 1;
        self.line.push('\u{241b}');
    }
}

impl Line {
    fn push(&mut self, c: char) {
        if self.restart {
            *self = Self::default();
        }
        self.touched = true;
        if is_mark(c) && !is_suspect(c) {
            return self.mark(c);
        }
        self.end_marks();
        if c == '\t' {
            for _ in 0..TAB - self.column % TAB {
                self.put(' ', 1);
            }
        } else if let Some(picture) = picture(c) {
            self.put(picture, 1);
        } else if is_suspect(c) {
            self.put_all(&format!("⟨U+{:04X}⟩", u32::from(c)));
        } else {
            self.put(c, char_width(c));
        }
    }

    fn mark(&mut self, c: char) {
        if self.text.is_empty() {
            self.put('\u{25cc}', 1);
        }
        self.marks += 1;
        if self.marks <= MARKS_PER_BASE {
            self.put(c, 0);
        }
    }

    /// Marks beyond what a base may carry are told, not drawn.
    fn end_marks(&mut self) {
        let marks = std::mem::take(&mut self.marks);
        if marks > MARKS_PER_BASE {
            self.put_all(&format!("⟨+{} marks⟩", marks - MARKS_PER_BASE));
        }
    }

    fn put_all(&mut self, text: &str) {
        for c in text.chars() {
            self.put(c, char_width(c));
        }
    }

    fn put(&mut self, c: char, width: usize) {
        if self.text.len() + c.len_utf8() > LINE_CAP || self.left_out > 0 {
            self.left_out += 1;
        } else {
            self.text.push(c);
            self.column += width;
        }
    }

    fn into_safe(mut self) -> Safe {
        self.end_marks();
        if self.left_out > 0 {
            self.text = format!("{} ⟨{} more characters⟩", self.text, self.left_out);
        }
        Safe(self.text)
    }
}
