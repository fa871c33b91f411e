//! Bytes of an agent to frames. A frame is found anywhere in a line by `@RB1 <nonce> `; everything else (banners, prompts,
//! stray prints, look-alikes with another nonce) is noise. A gap in the sequence numbers means that the stream is broken.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{ErrorRecord, Frame, Out, Stream};

/// The longest line that may hold a frame, in bytes. An agent keeps its own frames to 64 KiB where it can split them.
pub const MAX_LINE: usize = 1024 * 1024;

/// How much of one line of noise is kept, in bytes.
pub const MAX_NOISE: usize = 64 * 1024;

/// One thing that an agent's bytes held.
#[expect(clippy::large_enum_variant, reason = "handled at once, never kept")]
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// A frame in its right place in the sequence.
    Frame(Frame),
    /// Text that is no frame, unsanitised: a line without its end, at most [`MAX_NOISE`] bytes of it.
    Noise(String),
    /// The stream cannot be trusted any more, and why. Nothing comes after it.
    Broken(String),
}

/// Splits an agent's output into frames and noise, however the bytes are cut.
#[derive(Debug, Clone)]
pub struct Decoder {
    tag: Vec<u8>,
    line: Vec<u8>,
    next: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The rest of an overlong line of noise is skipped.
    Skipping,
    Broken,
}

/// The text before the JSON of a frame.
pub(super) fn tag(nonce: &str) -> String {
    format!("@RB1 {nonce} ")
}

impl Decoder {
    /// A decoder for one process: frames carry its nonce and count from 1.
    pub fn new(nonce: &str) -> Self {
        Self { tag: tag(nonce).into_bytes(), line: Vec::new(), next: 1, state: State::Reading }
    }

    /// Takes the next bytes and gives what they completed. After [`Incoming::Broken`] bytes are ignored.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<Incoming> {
        let mut found = Vec::new();
        while self.state != State::Broken && !bytes.is_empty() {
            let (piece, ended, rest) = match memchr::memchr(b'\n', bytes) {
                Some(end) => (&bytes[..end], true, &bytes[end + 1..]),
                None => (bytes, false, &bytes[bytes.len()..]),
            };
            bytes = rest;
            if self.state == State::Skipping {
                if ended {
                    self.state = State::Reading;
                }
            } else if self.line.is_empty() && ended {
                self.line(piece, &mut found);
            } else {
                self.line.extend_from_slice(piece);
                if ended {
                    let line = std::mem::take(&mut self.line);
                    self.line(&line, &mut found);
                    self.line = line;
                    self.line.clear();
                } else if self.line.len() > MAX_LINE {
                    self.overlong(&mut found);
                }
            }
        }
        found
    }

    /// The unfinished last line, for the moment at which the stream ends.
    pub fn finish(&mut self) -> Option<Incoming> {
        let line = std::mem::take(&mut self.line);
        if self.state != State::Reading || line.is_empty() {
            return None;
        }
        self.state = State::Broken;
        Some(if self.find_tag(&line).is_some() {
            Incoming::Broken("the agent's output ended in the middle of a frame".to_owned())
        } else {
            noise(&line)
        })
    }

    fn line(&mut self, line: &[u8], found: &mut Vec<Incoming>) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(at) = self.find_tag(line) else {
            if !line.is_empty() {
                found.push(noise(line));
            }
            return;
        };
        if at > 0 {
            found.push(noise(&line[..at]));
        }
        let json = &line[at + self.tag.len()..];
        if line.len() > MAX_LINE {
            return self.broken(format!("a frame of {} bytes; at most {MAX_LINE} are taken", line.len()), found);
        }
        match self.frame(json) {
            Ok(frame) => found.push(Incoming::Frame(frame)),
            Err(why) => self.broken(why, found),
        }
    }

    fn frame(&mut self, json: &[u8]) -> Result<Frame, String> {
        let Numbered { n, frame } = parse(json)?;
        if frame == Frame::Ready && n.is_none() {
            return Ok(frame);
        }
        match n {
            Some(n) if n == self.next => {
                self.next += 1;
                Ok(frame)
            }
            Some(n) => Err(format!("frame {n} came where frame {} was due: something is missing or doubled", self.next)),
            None => Err(format!("a frame without its number came where frame {} was due", self.next)),
        }
    }

    fn find_tag(&self, line: &[u8]) -> Option<usize> {
        if line.starts_with(&self.tag) {
            return Some(0);
        }
        memchr::memmem::find(line, &self.tag)
    }

    fn overlong(&mut self, found: &mut Vec<Incoming>) {
        let line = std::mem::take(&mut self.line);
        if self.find_tag(&line).is_some() {
            self.broken(format!("a frame longer than {MAX_LINE} bytes"), found);
        } else {
            found.push(noise(&line));
            self.state = State::Skipping;
        }
    }

    fn broken(&mut self, why: String, found: &mut Vec<Incoming>) {
        self.state = State::Broken;
        found.push(Incoming::Broken(why));
    }
}

fn noise(line: &[u8]) -> Incoming {
    Incoming::Noise(String::from_utf8_lossy(&line[..line.len().min(MAX_NOISE)]).into_owned())
}

#[derive(Deserialize)]
struct Numbered {
    n: Option<u64>,
    #[serde(flatten)]
    frame: Frame,
}

/// Output of a run, which is nearly all that ever comes: read straight into its place, without the detour that a tagged
/// enum takes. None where it is something else, or cannot be read in this way.
fn out(json: &[u8]) -> Option<Numbered> {
    #[derive(Deserialize)]
    struct Flat {
        n: Option<u64>,
        t: Tag,
        id: String,
        s: Stream,
        #[serde(default)]
        d: String,
        err: Option<ErrorRecord>,
        a: Option<String>,
        pct: Option<i64>,
        done: Option<bool>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Tag {
        Out,
    }
    memchr::memmem::find(json, b"\"t\":\"out\"")?;
    let Flat { n, t: Tag::Out, id, s, d, err, a, pct, done } = serde_json::from_slice(json).ok()?;
    Some(Numbered { n, frame: Frame::Out(Out { id, s, d, err, a, pct, done }) })
}

fn parse(json: &[u8]) -> Result<Numbered, String> {
    if let Some(numbered) = out(json) {
        return Ok(numbered);
    }
    let error = match serde_json::from_slice(json) {
        Ok(numbered) => return Ok(numbered),
        Err(error) => error,
    };
    // .NET text may hold half a surrogate pair, which JSON's escapes carry and Rust's text cannot.
    let text = std::str::from_utf8(json).map_err(|_| "a frame that is not ASCII".to_owned())?;
    let mended = mend_surrogates(text);
    if let Ok(numbered) = serde_json::from_str(&mended) {
        return Ok(numbered);
    }
    // A stream of a later agent is ignored like a frame type of a later agent; its number still counts.
    if let Ok(Json::Object(map)) = serde_json::from_str(&mended)
        && map.get("t").and_then(Json::as_str) == Some("out")
        && map.get("s").is_some_and(|s| Stream::deserialize(s).is_err())
    {
        return Ok(Numbered { n: map.get("n").and_then(Json::as_u64), frame: Frame::Other });
    }
    Err(format!("a frame that cannot be read: {error}"))
}

/// Replaces `\uD800`-`\uDFFF` escapes that are not half of a pair by U+FFFD.
fn mend_surrogates(json: &str) -> String {
    let unit_at = |at: usize| -> Option<u16> {
        let hex = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut mended = String::with_capacity(json.len());
    let mut from = 0;
    while let Some(slash) = json[from..].find('\\').map(|at| from + at) {
        mended.push_str(&json[from..slash]);
        let (length, kept) = match unit_at(slash) {
            Some(0xD800..=0xDBFF) if matches!(unit_at(slash + 6), Some(0xDC00..=0xDFFF)) => (12, true),
            Some(0xD800..=0xDFFF) => (6, false),
            Some(_) => (6, true),
            None => (1 + json[slash + 1..].chars().next().map_or(0, char::len_utf8), true),
        };
        mended.push_str(if kept { &json[slash..slash + length] } else { "\\ufffd" });
        from = slash + length;
    }
    mended.push_str(&json[from..]);
    mended
}
