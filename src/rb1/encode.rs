//! Frames and requests to bytes: one line each, ASCII only, so that no code page on the way can change them.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

use super::decode::tag;
use super::{Frame, Out, Request};

/// How much text one `out` frame carries, in bytes before escaping: escaped it stays below 64 KiB but for the worst text.
pub const MAX_TEXT: usize = 16 * 1024;

/// Writes an agent's frames with its nonce and numbers: the lab and the fake agent speak through it.
#[derive(Debug, Clone)]
pub struct FrameWriter {
    tag: String,
    sent: u64,
}

impl FrameWriter {
    /// For one agent; the nonce is the one that its bootstrap was given.
    pub fn new(nonce: &str) -> Self {
        Self { tag: tag(nonce), sent: 0 }
    }

    /// The bytes of a frame. Text of `out` longer than [`MAX_TEXT`] becomes several frames.
    pub fn write(&mut self, frame: &Frame) -> Vec<u8> {
        let mut bytes = Vec::new();
        match frame {
            Frame::Out(out) if out.d.len() > MAX_TEXT => {
                let mut rest = out.d.as_str();
                while !rest.is_empty() {
                    let (piece, later) = rest.split_at(rest.floor_char_boundary_at(MAX_TEXT));
                    self.append(&Frame::Out(Out { d: piece.to_owned(), ..out.clone() }), &mut bytes);
                    rest = later;
                }
            }
            frame => self.append(frame, &mut bytes),
        }
        bytes
    }

    fn append(&mut self, frame: &Frame, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.tag.as_bytes());
        // `ready` is said by stage 1, before anything counts.
        let n = (*frame != Frame::Ready).then(|| {
            self.sent += 1;
            self.sent
        });
        ascii_json(&Numbered { n, frame }, bytes);
        bytes.push(b'\n');
    }
}

#[derive(Serialize)]
struct Numbered<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    #[serde(flatten)]
    frame: &'a Frame,
}

/// The line of a request, with its end.
pub fn request_line(request: &Request) -> Vec<u8> {
    let mut bytes = Vec::new();
    ascii_json(request, &mut bytes);
    bytes.push(b'\n');
    bytes
}

/// Reads the line of a request, as an agent does. The error is what `oops` says.
pub fn parse_request(line: &str) -> Result<Request, String> {
    serde_json::from_str(line.trim()).map_err(|error| format!("the request cannot be read: {error}"))
}

fn ascii_json<T: Serialize>(value: &T, bytes: &mut Vec<u8>) {
    let mut serializer = serde_json::Serializer::with_formatter(bytes, Ascii);
    // Maps with text keys into memory: there is nothing that can fail.
    if let Err(error) = value.serialize(&mut serializer) {
        unreachable!("plain data was not written as JSON: {error}");
    }
}

/// Escapes everything outside printable ASCII as UTF-16 units.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !matches!(c, ' '..='~')) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut after = rest[at..].chars();
            if let Some(c) = after.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = after.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

trait FloorBoundary {
    /// The last character boundary at or before `at`, never 0 for text that is not empty.
    fn floor_char_boundary_at(&self, at: usize) -> usize;
}

impl FloorBoundary for str {
    fn floor_char_boundary_at(&self, at: usize) -> usize {
        (1..=at.min(self.len())).rev().find(|at| self.is_char_boundary(*at)).unwrap_or(self.len())
    }
}
