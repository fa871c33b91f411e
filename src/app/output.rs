//! The tails of command outputs: raw bytes come in as fast as a server sends them, safe lines are made only of what is shown.

use std::collections::BTreeMap;

use crate::text::{LineSanitizer, Safe};

/// Bytes a tail keeps; the transcript on disk has them all.
const KEPT: usize = 512 * 1024;

/// The end of one run's output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tail {
    bytes: Vec<u8>,
    lines: u64,
    /// Lines that can be had, where these are only the newest of them
    kept: Option<usize>,
    cut: bool,
}

impl Tail {
    /// The newest lines, how many have come in all, and how many of those can be had.
    fn of(lines: Vec<Safe>, total: u64, kept: usize) -> Self {
        let cut = total > lines.len() as u64;
        let mut bytes = Vec::new();
        for line in lines {
            bytes.extend_from_slice(line.as_str().as_bytes());
            bytes.push(b'\n');
        }
        Self { bytes, lines: total, kept: Some(kept), cut }
    }

    /// Takes the next bytes. Costs a copy and a count of line ends, whatever they hold.
    pub fn push(&mut self, bytes: &[u8]) {
        self.lines += bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
        if bytes.len() >= KEPT {
            self.bytes.clear();
            self.cut = true;
        }
        self.bytes.extend_from_slice(&bytes[bytes.len().saturating_sub(KEPT)..]);
        if self.bytes.len() > 2 * KEPT {
            // At a line's end, so that what is left begins a line and no escape sequence is cut in two.
            let from = self.bytes.len() - KEPT;
            let cut = self.bytes[from..].iter().position(|byte| *byte == b'\n').map_or(from, |end| from + end + 1);
            self.bytes.drain(..cut);
            self.cut = true;
        }
    }

    /// Lines that have come in all.
    pub fn line_count(&self) -> u64 {
        self.lines
    }

    /// Lines that can be scrolled through.
    pub fn kept_lines(&self) -> usize {
        self.kept.unwrap_or_else(|| memchr::memchr_iter(b'\n', &self.bytes).count())
    }

    /// Whether the beginning is on disk only.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Whether nothing has come.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// At most `count` lines, leaving out the newest `skip`, oldest first.
    pub fn lines(&self, count: usize, skip: usize) -> Vec<Safe> {
        let end = self.line_start(skip);
        let start = self.line_start(skip + count);
        let (mut lines, mut sanitizer) = (Vec::new(), LineSanitizer::new());
        sanitizer.push(&self.bytes[start..end.max(start)], |line| lines.push(line));
        lines.extend(sanitizer.finish());
        lines
    }

    /// Where the last `n` lines begin.
    fn line_start(&self, n: usize) -> usize {
        let mut end = self.bytes.len();
        for _ in 0..n {
            if end == 0 {
                break;
            }
            end = self.bytes[..end - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        }
        end
    }
}

/// The tails of all runs of this run of the program, by run id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outputs {
    tails: BTreeMap<String, Tail>,
}

impl Outputs {
    /// Takes bytes of a run.
    pub fn push(&mut self, run: &str, bytes: &[u8]) {
        if let Some(tail) = self.tails.get_mut(run) {
            tail.push(bytes);
        } else {
            self.tails.entry(run.to_owned()).or_default().push(bytes);
        }
    }

    /// Takes the newest lines of a run as they are known elsewhere, how many have come in all, and how many of those can be
    /// had by asking for more.
    pub fn show(&mut self, run: &str, lines: Vec<Safe>, total: u64, kept: usize) {
        self.tails.insert(run.to_owned(), Tail::of(lines, total, kept));
    }

    /// The tail of a run.
    pub fn tail(&self, run: &str) -> Option<&Tail> {
        self.tails.get(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_gives_its_last_lines() {
        let mut tail = Tail::default();
        tail.push(b"one\ntwo\nthr");
        tail.push(b"ee\nfour");
        let words = |count, skip| tail.lines(count, skip).into_iter().map(Safe::into_string).collect::<Vec<_>>();
        assert_eq!(words(2, 0), ["three", "four"]);
        assert_eq!(words(2, 1), ["two", "three"]);
        assert_eq!(words(9, 3), ["one"]);
        assert_eq!(words(2, 9), Vec::<String>::new());
        assert_eq!(tail.line_count(), 3);
    }

    #[test]
    fn a_flood_keeps_only_the_end() {
        let mut tail = Tail::default();
        for _ in 0..40 {
            tail.push(&b"0123456789abcdef\n".repeat(4_000));
        }
        assert!(tail.is_cut() && tail.bytes.len() <= 2 * KEPT);
        assert_eq!(tail.lines(1, 0)[0].as_str(), "0123456789abcdef");
        assert_eq!(tail.line_count(), 160_000);
    }
}
