//! The transcript of one run: the raw text of its output in a file, unsanitised, as it came. Past the cap head and tail are
//! kept, and the file says how much is missing between them.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::session::event::Transcript;
use crate::text::{Safe, hex};

/// The cap where none is set, in bytes: 256 MiB.
pub const DEFAULT_CAP: u64 = 256 << 20;

/// How much of the end is kept in memory once the head is full, in bytes; at most half of the cap.
const TAIL: u64 = 4 << 20;

/// A transcript being written. It holds nothing back: what was written is with the operating system when `write` returns.
#[derive(Debug)]
pub struct TranscriptFile {
    file: File,
    hash: Sha256,
    written: u64,
    lines: u64,
    /// Bytes that go into the file as they come.
    head: u64,
    tail: TailBytes,
}

impl TranscriptFile {
    /// Makes the file; there must be none. `cap` is in bytes, 0 for none.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn create(path: &Path, cap: u64) -> io::Result<Self> {
        let file = File::options().write(true).create_new(true).open(path)?;
        let tail = if cap == 0 { 0 } else { TAIL.min(cap / 2) };
        let head = if cap == 0 { u64::MAX } else { cap - tail };
        Ok(Self { file, hash: Sha256::new(), written: 0, lines: 0, head, tail: TailBytes::new(tail) })
    }

    /// Appends text.
    ///
    /// # Errors
    /// Where the disk is full or gone.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.lines += count_lines(bytes);
        let room = usize::try_from(self.head - self.written).unwrap_or(usize::MAX);
        let (now, later) = bytes.split_at(bytes.len().min(room));
        self.append(now)?;
        self.tail.push(later);
        Ok(())
    }

    /// Lines so far.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Writes what was kept of the end, syncs, and says what the file is.
    ///
    /// # Errors
    /// Where the disk is full or gone.
    pub fn finish(mut self) -> io::Result<Transcript> {
        let dropped = self.tail.dropped;
        if dropped > 0 {
            self.append(format!("\n[lockstep: {dropped} bytes are left out here]\n").as_bytes())?;
        }
        let tail = self.tail.take();
        self.append(&tail)?;
        self.file.sync_all()?;
        Ok(Transcript { bytes: self.written, sha256: hex(&self.hash.finalize()), lines: self.lines, dropped_bytes: dropped })
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// The last bytes of a stream, in a ring.
#[derive(Debug)]
struct TailBytes {
    ring: Vec<u8>,
    limit: usize,
    /// Where the oldest byte is, once the ring is full.
    start: usize,
    dropped: u64,
}

impl TailBytes {
    fn new(limit: u64) -> Self {
        Self { ring: Vec::new(), limit: usize::try_from(limit).unwrap_or(usize::MAX), start: 0, dropped: 0 }
    }

    fn push(&mut self, bytes: &[u8]) {
        let grow = bytes.len().min(self.limit - self.ring.len());
        let (fresh, mut over) = bytes.split_at(grow);
        self.ring.extend_from_slice(fresh);
        self.dropped += over.len() as u64;
        if over.len() > self.limit {
            over = &over[over.len() - self.limit..];
        }
        while !over.is_empty() && self.limit > 0 {
            let here = over.len().min(self.limit - self.start);
            self.ring[self.start..self.start + here].copy_from_slice(&over[..here]);
            self.start = (self.start + here) % self.limit;
            over = &over[here..];
        }
    }

    fn take(&mut self) -> Vec<u8> {
        self.ring.rotate_left(self.start);
        self.start = 0;
        std::mem::take(&mut self.ring)
    }
}

/// Line ends in a text.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// The last lines of a transcript, safe to draw, and how many lines of its end were counted. Reads at most half a megabyte.
///
/// # Errors
/// Where the file cannot be read.
pub fn last_lines(path: &Path, count: usize) -> io::Result<(Vec<Safe>, u64)> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    const END: u64 = 512 * 1024;
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(END);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes)?;
    let mut lines = Safe::lines(&String::from_utf8_lossy(&bytes));
    let total = lines.len() as u64;
    lines.drain(..lines.len().saturating_sub(count));
    Ok((lines, total))
}

/// What to say before a run where the disk may not hold its transcript.
pub fn low_space(beside: &Path) -> Option<String> {
    let free = free_space(beside).filter(|free| *free < DEFAULT_CAP)?;
    Some(format!("only {} MiB are free where transcripts are kept ({})", free >> 20, beside.display()))
}

/// Free space where a file would be made, in bytes; none where the system does not say.
pub fn free_space(beside: &Path) -> Option<u64> {
    fs4::available_space(beside).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cap: u64, pieces: &[&[u8]]) -> (Transcript, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r1.log");
        let mut file = TranscriptFile::create(&path, cap).unwrap();
        for piece in pieces {
            file.write(piece).unwrap();
        }
        let transcript = file.finish().unwrap();
        (transcript, std::fs::read(path).unwrap())
    }

    #[test]
    fn below_the_cap_every_byte_is_there() {
        let (transcript, bytes) = written(20, &[b"one\n", b"two\x1b[31m\n", b"three"]);
        assert_eq!(bytes, b"one\ntwo\x1b[31m\nthree");
        assert_eq!((transcript.bytes, transcript.lines, transcript.dropped_bytes), (18, 2, 0));
        assert_eq!(transcript.sha256, hex(&Sha256::digest(&bytes)));
    }

    #[test]
    fn past_the_cap_head_and_tail_are_kept_and_the_gap_is_told() {
        for size in [1, 3, 7, 100] {
            let all: Vec<u8> = (0..100u8).collect();
            let (transcript, bytes) = written(20, &all.chunks(size).collect::<Vec<_>>());
            let text = b"\n[lockstep: 80 bytes are left out here]\n";
            assert_eq!(bytes, [&all[..10], text, &all[90..]].concat(), "pieces of {size}");
            assert_eq!(transcript.dropped_bytes, 80);
            assert_eq!(transcript.sha256, hex(&Sha256::digest(&bytes)));
        }
    }

    #[test]
    fn without_a_cap_nothing_is_left_out() {
        let (transcript, bytes) = written(0, &[&[b'x'; 1000]]);
        assert_eq!((bytes.len(), transcript.dropped_bytes), (1000, 0));
    }

    #[test]
    fn an_existing_transcript_is_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r1.log");
        std::fs::write(&path, "evidence").unwrap();
        assert!(TranscriptFile::create(&path, 0).is_err());
    }
}
