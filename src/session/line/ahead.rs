//! The lines of a large journal, decoded by several threads ahead of the chain that takes them in order: what a line says
//! and what its bytes hash to does not depend on its neighbours.

use std::thread;

use memchr::memchr;

use super::{Decoded, Digest, Fault, decode};

/// Bytes below which a second thread costs more than it saves: 1 MiB.
const WORTH_A_THREAD: usize = 1 << 20;

/// A line as it was read.
pub(super) struct Line {
    /// What stands on it
    pub(super) decoded: Result<Decoded, Fault>,
    /// The SHA-256 of its bytes
    pub(super) digest: Digest,
    /// Its bytes without the newline
    pub(super) length: usize,
}

/// All lines that have their newline, in order; of each thread's part none after the first that cannot be read.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Line> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(bytes.len() / WORTH_A_THREAD).max(1);
    let read: Vec<Vec<Line>> = match parts(bytes, threads).as_slice() {
        [] => Vec::new(),
        [only] => vec![read(only)],
        [first, rest @ ..] => thread::scope(|scope| {
            let others: Vec<_> = rest.iter().map(|part| (scope.spawn(|| read(part)), *part)).collect();
            let own = read(first);
            // A thread that panicked has its part read here, where the panic is seen.
            let others = others.into_iter().map(|(thread, part)| thread.join().unwrap_or_else(|_| read(part)));
            std::iter::once(own).chain(others).collect()
        }),
    };
    read.into_iter().flatten()
}

/// The bytes in pieces of about one size, each ending with a line.
fn parts(mut bytes: &[u8], wanted: usize) -> Vec<&[u8]> {
    let size = bytes.len() / wanted;
    let mut parts = Vec::with_capacity(wanted);
    while parts.len() + 1 < wanted {
        let Some(end) = memchr(b'\n', &bytes[size.min(bytes.len())..]) else { break };
        let (part, rest) = bytes.split_at(size + end + 1);
        parts.push(part);
        bytes = rest;
    }
    parts.push(bytes);
    parts
}

fn read(part: &[u8]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = part;
    while let Some(length) = memchr(b'\n', rest) {
        let line = &rest[..length];
        let decoded = decode(line);
        let broken = decoded.is_err();
        lines.push(Line { decoded, digest: Digest::of(line), length });
        if broken {
            break;
        }
        rest = &rest[length + 1..];
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_end_with_lines_and_leave_nothing_out() {
        let bytes: Vec<u8> = (0..100).flat_map(|n| format!("{}\n", "x".repeat(n % 7)).into_bytes()).collect();
        for text in [&bytes[..], b"", b"no line", b"one\n", &bytes[..bytes.len() - 1]] {
            for wanted in 1..6 {
                let parts = parts(text, wanted);
                assert_eq!(parts.concat(), text);
                assert!(parts.len() <= wanted && parts[..parts.len() - 1].iter().all(|part| part.ends_with(b"\n")));
            }
        }
    }
}
