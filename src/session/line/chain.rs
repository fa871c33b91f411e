//! The chain from line to line, and what a whole journal's bytes are: intact, torn at the end, or damaged. A torn end is
//! what a crash leaves of lines that were never acknowledged; everything else that does not fit is damage, with its line.

use std::fmt;

use memchr::{memchr, memchr_iter};

use super::{Decoded, Digest, Fault, decode, encode};
use crate::session::event::{Body, Event};

/// The most bytes that are written before a sync, unless one line alone is longer. Damage by unwritten sectors
/// farther than this from the end is no torn end: 64 KiB.
pub const MAX_BATCH: usize = 64 << 10;

/// Fewer lines are read by one thread: others would take longer to begin.
const WORTH_SHARING: usize = 2_000;

/// Unwritten parts of a file are whole multiples of this, in bytes.
const SECTOR: usize = 512;

/// The end of a chain, as a reader or a writer carries it from line to line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    events: u64,
    head: Option<Digest>,
}

impl Chain {
    /// A chain before its first event.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many events there are: the sequence number of the next one.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The SHA-256 of the last line; none before the first.
    pub fn head(&self) -> Option<Digest> {
        self.head
    }

    /// Takes one more line, without its newline, and answers its event.
    ///
    /// # Errors
    /// [`Misfit`]; the chain is as it was.
    pub fn follow(&mut self, line: &[u8]) -> Result<Event, Misfit> {
        self.follow_read(Read::of(line))
    }

    /// The same, of a line that was read already.
    fn follow_read(&mut self, line: Read) -> Result<Event, Misfit> {
        let decoded = line.decoded.map_err(Misfit::Line)?;
        let event = decoded.event;
        if event.seq != self.events {
            return Err(Misfit::Place { expected: self.events, found: event.seq });
        }
        let prev = self.prev_of(&event).ok_or_else(|| Misfit::Opening(event.body.kind().to_owned()))?;
        if decoded.prev != prev {
            return Err(Misfit::Prev { computed: prev, written: decoded.prev });
        }
        self.events += 1;
        self.head = Some(line.digest);
        Ok(event)
    }

    /// The line of the next event, with its newline; the chain goes on behind it.
    ///
    /// # Errors
    /// In words, where the event is not the next one or cannot be written as JSON; the chain is as it was.
    pub fn append(&mut self, event: &Event) -> Result<Vec<u8>, String> {
        if event.seq != self.events {
            return Err(format!("event {} does not follow: the next one is {}", event.seq, self.events));
        }
        let prev = self.prev_of(event).ok_or("a journal begins with session_opened")?;
        let mut line = encode(event, prev)?;
        self.events += 1;
        self.head = Some(Digest::of(&line));
        line.push(b'\n');
        Ok(line)
    }

    /// What this event has as `prev`; none where it is the first and opens no session.
    fn prev_of(&self, event: &Event) -> Option<Digest> {
        self.head.or_else(|| match &event.body {
            Body::SessionOpened(opened) => Some(Digest::anchor(&opened.session)),
            _ => None,
        })
    }
}

/// What a line is by itself, whatever stands before it.
struct Read {
    decoded: Result<Decoded, Fault>,
    digest: Digest,
}

impl Read {
    fn of(line: &[u8]) -> Self {
        Self { decoded: decode(line), digest: Digest::of(line) }
    }

    /// Every line, in order. Reading them is nearly all that opening a long journal costs, and each is read by itself: a
    /// long one is shared out among the processors.
    fn each(lines: &[&[u8]]) -> Vec<Self> {
        let read = |lines: &[&[u8]]| lines.iter().map(|line| Self::of(line)).collect::<Vec<_>>();
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
        if workers == 1 || lines.len() < WORTH_SHARING {
            return read(lines);
        }
        std::thread::scope(|scope| {
            let shares: Vec<_> =
                lines.chunks(lines.len().div_ceil(workers)).map(|share| (share, scope.spawn(move || read(share)))).collect();
            // A thread that panicked has told so; its share is read here, which panics again where it must.
            shares.into_iter().flat_map(|(share, worker)| worker.join().unwrap_or_else(|_| read(share))).collect()
        })
    }
}

/// Why a line does not continue a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The line itself.
    Line(Fault),
    /// Its sequence number.
    Place {
        /// The next one
        expected: u64,
        /// What it says
        found: u64,
    },
    /// The first event opens no session.
    Opening(
        /// Its type
        String,
    ),
    /// It was written after another line than the one before it.
    Prev {
        /// The SHA-256 of the line before it, as it is now
        computed: Digest,
        /// What it says
        written: Digest,
    },
}

/// A journal as it was read: everything up to where it stops being one.
#[derive(Debug, Clone, PartialEq)]
pub struct Journal {
    /// Its events in order
    pub events: Vec<Event>,
    /// The chain behind the last of them
    pub chain: Chain,
    /// Bytes that those events take
    pub length: usize,
    /// How it ends
    pub ending: Ending,
}

/// How a journal ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// With its last line: the chain is intact.
    Intact,
    /// With lines that a crash cut short; they were never acknowledged.
    Torn {
        /// How many bytes
        bytes: usize,
    },
    /// With a line of a later program: it opens read-only.
    Newer {
        /// Which line, from 1
        line: u64,
        /// Its format
        v: u64,
    },
    /// With damage: it is refused.
    Damaged(Damage),
}

/// What is wrong with a journal, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Which line, from 1
    pub line: u64,
    /// What would be right
    pub expected: String,
    /// What is there
    pub found: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is damaged: expected {}, found {}", self.line, self.expected, self.found)
    }
}

impl std::error::Error for Damage {}

impl Journal {
    /// Reads the bytes of a `journal.jsonl`.
    pub fn read(bytes: &[u8]) -> Self {
        let ends: Vec<usize> = memchr_iter(b'\n', bytes).collect();
        let begins = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
        let lines: Vec<&[u8]> = begins.zip(&ends).map(|(begin, end)| &bytes[begin..*end]).collect();
        let events = Vec::with_capacity(lines.len());
        let mut journal = Self { events, chain: Chain::new(), length: 0, ending: Ending::Intact };
        for (line, read) in lines.iter().zip(Read::each(&lines)) {
            match journal.chain.follow_read(read) {
                Ok(event) => {
                    journal.events.push(event);
                    journal.length += line.len() + 1;
                }
                Err(misfit) => {
                    journal.ending = journal.ending_at(&bytes[journal.length..], line.len(), misfit);
                    return journal;
                }
            }
        }
        if journal.length < bytes.len() {
            journal.ending = Ending::Torn { bytes: bytes.len() - journal.length };
        }
        journal
    }

    /// How a journal ends whose next line, `rest[..end]`, does not fit.
    fn ending_at(&self, rest: &[u8], end: usize, misfit: Misfit) -> Ending {
        let line = self.chain.events() + 1;
        let near_the_end = end + 1 == rest.len() || rest.len() <= MAX_BATCH;
        if near_the_end && has_unwritten_sector(&rest[..end], self.length) {
            return Ending::Torn { bytes: rest.len() };
        }
        let damaged = |line, expected: String, found: String| Ending::Damaged(Damage { line, expected, found });
        match misfit {
            Misfit::Line(Fault::Newer { v }) => Ending::Newer { line, v },
            Misfit::Line(Fault::Broken { expected, found }) => damaged(line, expected, found),
            Misfit::Place { expected, found } => {
                damaged(line, format!("event {expected}"), format!("event {found}: lines were taken out, put in or moved"))
            }
            Misfit::Opening(kind) => damaged(line, "session_opened as the first event".to_owned(), kind),
            Misfit::Prev { computed, written } if line == 1 => damaged(
                line,
                format!("prev {computed}, the anchor of the session it names"),
                format!("{written}: the line is not as it was written, or of another session"),
            ),
            Misfit::Prev { computed, written } if is_disowned(rest, end) => damaged(
                line,
                format!("prev {computed}, the SHA-256 of line {}", line - 1),
                format!("{written}: this line was changed or comes from another journal"),
            ),
            Misfit::Prev { computed, written } => damaged(
                line - 1,
                format!("the bytes with the SHA-256 {written}, which line {line} was written after"),
                format!("{computed}: line {} was changed afterwards", line - 1),
            ),
        }
    }
}

/// Whether the line after `rest[..end]` was written after other bytes than these.
fn is_disowned(rest: &[u8], end: usize) -> bool {
    let after = &rest[end + 1..];
    let next = memchr(b'\n', after).map(|length| &after[..length]);
    next.and_then(|line| decode(line).ok()).is_some_and(|next| next.prev != Digest::of(&rest[..end]))
}

/// Whether a sector of the file, or the part of one that the line covers, was never written: zero bytes only. A line
/// holds no zero byte, and one flipped bit makes no sector of them.
fn has_unwritten_sector(line: &[u8], offset: usize) -> bool {
    let first = (SECTOR - offset % SECTOR).min(line.len());
    let (head, body) = line.split_at(first);
    std::iter::once(head).chain(body.chunks(SECTOR)).any(|part| part.len() > 1 && part.iter().all(|byte| *byte == 0))
}
