//! The end of a run's output in memory, for the view: the reader appends whole pieces, the view takes the lines it can show.
//! Nothing is split or sanitised until it is looked at, so that a flood costs the reader one move of its text.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::io::transcript::count_lines;
use crate::rb1::Stream;
use crate::text::Safe;

/// How many lines are kept at least, where there are as many.
pub const LINES: u64 = 2000;

/// How much text is kept at most, in bytes.
const BYTES: usize = 512 * 1024;

/// Pieces smaller than this are joined.
const SMALL: usize = 4096;

/// The end of an output, and what its progress bar says.
#[derive(Debug, Default)]
pub struct Tail {
    pieces: VecDeque<Piece>,
    lines: u64,
    bytes: usize,
    total_lines: u64,
    progress: Option<Progress>,
    told: bool,
}

#[derive(Debug)]
struct Piece {
    stream: Stream,
    text: String,
    lines: u64,
}

/// A line of the tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TailLine {
    /// Which stream it came on
    pub stream: Stream,
    /// Safe to draw
    pub text: Safe,
}

/// What the newest `Write-Progress` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being done
    pub activity: Safe,
    /// How far it is, in words
    pub status: Safe,
    /// Percent, where known
    pub percent: Option<u8>,
}

impl Tail {
    /// Appends text of one stream (raw).
    pub fn push(&mut self, stream: Stream, text: String) {
        let lines = count_lines(text.as_bytes());
        self.total_lines += lines;
        self.lines += lines;
        self.bytes += text.len();
        match self.pieces.back_mut() {
            Some(last) if last.stream == stream && last.text.len() + text.len() <= SMALL => {
                last.text.push_str(&text);
                last.lines += lines;
            }
            _ => self.pieces.push_back(Piece { stream, text, lines }),
        }
        while let Some(first) = self.pieces.front()
            && self.pieces.len() > 1
            && (self.bytes > BYTES || self.lines - first.lines > LINES)
        {
            self.bytes -= first.text.len();
            self.lines -= first.lines;
            self.pieces.pop_front();
        }
    }

    /// Sets or ends the progress.
    pub fn set_progress(&mut self, progress: Option<Progress>) {
        self.progress = progress;
    }

    /// What the newest progress says.
    pub fn progress(&self) -> Option<&Progress> {
        self.progress.as_ref()
    }

    /// Line ends since the run began, those that are not kept included.
    pub fn total_lines(&self) -> u64 {
        self.total_lines
    }

    /// Line ends of what is kept.
    pub fn kept_lines(&self) -> u64 {
        self.lines
    }

    /// Whether the view has to be told; it is, from now on, until it looks.
    pub(super) fn tell(&mut self) -> bool {
        !std::mem::replace(&mut self.told, true)
    }

    /// The last lines, at most `count`, oldest first; a last line without its end is one too. The view is up to date with it.
    pub fn last(&mut self, count: usize) -> Vec<TailLine> {
        self.told = false;
        let wanted = count as u64;
        let mut lines = 0;
        let mut from = self.pieces.len();
        while from > 0 && lines <= wanted {
            from -= 1;
            lines += self.pieces[from].lines;
        }
        let mut raw: VecDeque<(Stream, String)> = VecDeque::new();
        let mut open = false;
        for piece in self.pieces.range(from..) {
            for part in piece.text.split_inclusive('\n') {
                match raw.back_mut() {
                    Some((stream, line)) if open && *stream == piece.stream => line.push_str(part),
                    _ => raw.push_back((piece.stream, part.to_owned())),
                }
                open = !part.ends_with('\n');
                if raw.len() > count {
                    raw.pop_front();
                }
            }
        }
        raw.iter()
            .map(|(stream, line)| TailLine { stream: *stream, text: Safe::line(line.trim_end_matches(['\r', '\n'])) })
            .collect()
    }
}

/// A tail that the reader writes and the view reads.
#[derive(Debug, Clone, Default)]
pub struct SharedTail(Arc<Mutex<Tail>>);

impl SharedTail {
    /// For a short look or one append; never held across an await.
    pub fn lock(&self) -> MutexGuard<'_, Tail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(tail: &mut Tail, count: usize) -> Vec<String> {
        tail.last(count).into_iter().map(|line| line.text.into_string()).collect()
    }

    #[test]
    fn lines_are_joined_over_pieces_and_streams_are_kept_apart() {
        let mut tail = Tail::default();
        tail.push(Stream::Stdout, "one\ntw".into());
        tail.push(Stream::Stdout, "o\r\nthr".into());
        tail.push(Stream::Warning, "careful\n".into());
        tail.push(Stream::Stdout, "\u{1b}[31mred".into());
        assert_eq!(texts(&mut tail, 10), ["one", "two", "thr", "careful", "red"]);
        assert_eq!(texts(&mut tail, 2), ["careful", "red"]);
        assert_eq!(tail.total_lines(), 3);
    }

    #[test]
    fn a_flood_keeps_the_last_lines_and_a_bound() {
        let mut tail = Tail::default();
        for block in 0..200 {
            let text = (0..100).fold(String::new(), |text, line| text + &format!("{}\n", block * 100 + line));
            tail.push(Stream::Stdout, text);
        }
        let lines = texts(&mut tail, 2000);
        assert_eq!(lines.len(), 2000);
        assert_eq!(lines.last().map(String::as_str), Some("19999"));
        assert!(tail.lines < LINES + 1000);
        tail.push(Stream::Stdout, "x".repeat(3 * BYTES));
        tail.push(Stream::Stdout, "y\n".into());
        assert!(tail.bytes < BYTES);
    }

    #[test]
    fn the_view_is_told_once_until_it_looks() {
        let mut tail = Tail::default();
        assert!(tail.tell());
        assert!(!tail.tell());
        tail.last(1);
        assert!(tail.tell());
    }
}
