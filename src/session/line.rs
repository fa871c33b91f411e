//! One event, one line: the journal's format. Fields stand in this order and no other, without white space between them:
//! `{"v":1,"seq":…,"at":…,"wall":…,"mono":…,"by":{…},"type":…,"data":…,"prev":"<64 hex>","sum":"<8 hex>"}`.
//! `prev` is the SHA-256 of the line before (without its newline), of the first line the anchor ([`Digest::anchor`]);
//! `sum` is the CRC-32C of the line's bytes before `"sum"`. The bytes are the truth: nobody hashes a second serialisation.

use std::fmt;

use serde::de::DeserializeOwned;

use super::event::{Body, By, Event};
use crate::Time;

pub mod chain;
mod digest;
mod kind;
mod scan;

pub use chain::{Chain, Damage, Ending, Journal};
pub use digest::Digest;
pub use kind::KINDS;

/// The version of the format that this program writes.
pub const VERSION: u64 = 1;

/// The longest line that is read, in bytes: 16 MiB.
pub const MAX_LINE: usize = 16 << 20;

/// The fields of a line, in their order.
const FIELDS: [&str; 10] = ["v", "seq", "at", "wall", "mono", "by", "type", "data", "prev", "sum"];

/// Length of `"sum":"01234567"}`.
const SUM_LENGTH: usize = 17;

/// What stands on one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The event
    pub event: Event,
    /// What it says of the line before it
    pub prev: Digest,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It was written by a later program in a later format: the journal opens read-only.
    Newer {
        /// Its version
        v: u64,
    },
    /// It is not what a program wrote.
    Broken {
        /// What would be right
        expected: String,
        /// What is there
        found: String,
    },
}

impl Fault {
    fn broken(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Broken { expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { v } => write!(f, "written in format {v}; this program reads format {VERSION}"),
            Self::Broken { expected, found } => write!(f, "expected {expected}, found {found}"),
        }
    }
}

impl std::error::Error for Fault {}

/// The line of an event, without its newline.
///
/// # Errors
/// In words, where the event holds something that JSON cannot.
pub fn encode(event: &Event, prev: Digest) -> Result<Vec<u8>, String> {
    let mut line = Vec::with_capacity(512);
    let head = format!(
        r#"{{"v":{VERSION},"seq":{},"at":"{}","wall":"{}","mono":{},"by":"#,
        event.seq,
        written_time(event.at),
        written_time(event.wall),
        event.mono
    );
    line.extend_from_slice(head.as_bytes());
    json_onto(&mut line, &event.by)?;
    match &event.body {
        Body::Unknown { kind, data } => {
            line.extend_from_slice(br#","type":"#);
            json_onto(&mut line, kind)?;
            line.extend_from_slice(br#","data":"#);
            json_onto(&mut line, data)?;
        }
        known => {
            let start = line.len();
            json_onto(&mut line, known)?;
            // The body is an object of its own, `{"type":…,"data":…}`: its two fields become fields of the line.
            line[start] = b',';
            line.pop();
        }
    }
    line.extend_from_slice(format!(r#","prev":"{prev}","#).as_bytes());
    let sum = crc32c::crc32c(&line);
    line.extend_from_slice(format!(r#""sum":"{sum:08x}"}}"#).as_bytes());
    Ok(line)
}

/// Reads a line, without its newline: UTF-8 first, then the checksum, then the fields.
///
/// # Errors
/// [`Fault`], with what was expected and what was found.
pub fn decode(line: &[u8]) -> Result<Decoded, Fault> {
    if line.len() > MAX_LINE {
        return Err(Fault::broken(format!("a line of at most {MAX_LINE} bytes"), format!("{} bytes", line.len())));
    }
    let text = std::str::from_utf8(line).map_err(|error| {
        Fault::broken("UTF-8", format!("byte {:#04x} at column {}", line[error.valid_up_to()], error.valid_up_to() + 1))
    })?;
    let summed = checksum(line);
    if let Some(v) = version(text).filter(|v| *v > VERSION)
        && !matches!(summed, Err(Sum::Wrong { .. }))
    {
        return Err(Fault::Newer { v });
    }
    summed.map_err(|sum| match sum {
        Sum::Missing => Fault::broken("a line that ends in \"sum\":\"<8 hex digits>\"}", format!("…{}", shown_end(text))),
        Sum::Wrong { computed, written } => Fault::broken(
            format!("the checksum {computed:08x}, which is that of the line's bytes"),
            format!("{written:08x}: the line is not as it was written"),
        ),
    })?;
    let values = fields(text)?;
    let [v, seq, at, wall, mono, by, kind, data, prev, _] = values;
    if v != "1" {
        return Err(Fault::broken("format 1", format!("format {v}")));
    }
    Ok(Decoded {
        event: Event {
            seq: read_number(seq, "seq")?,
            at: read_time(at, "at")?,
            wall: read_time(wall, "wall")?,
            mono: read_number(mono, "mono")?,
            by: read::<By>(by, "by")?,
            body: body(kind, data)?,
        },
        prev: quoted(prev).and_then(Digest::parse).ok_or_else(|| Fault::broken("64 hex digits in prev", clipped(prev)))?,
    })
}

/// A known type is read into its variant; any other is kept as it is.
fn body(kind: &str, data: &str) -> Result<Body, Fault> {
    if !quoted(kind).is_some_and(kind::is_known) {
        return Ok(Body::Unknown { kind: read(kind, "type")?, data: read(data, "data")? });
    }
    let body = format!(r#"{{"type":{kind},"data":{data}}}"#);
    serde_json::from_str(&body).map_err(|error| Fault::broken(format!("the data of {kind}"), error.to_string()))
}

/// The ten values of a line, each as it stands there.
fn fields(text: &str) -> Result<[&str; 10], Fault> {
    let found = scan::top_level(text).map_err(|problem| Fault::broken("one object without white space", problem))?;
    let names = found.iter().map(|(name, _)| *name);
    if !names.clone().eq(FIELDS) {
        return Err(Fault::broken(format!("the fields {}", FIELDS.join(" ")), names.collect::<Vec<_>>().join(" ")));
    }
    let mut values = [""; 10];
    for (value, (_, text)) in values.iter_mut().zip(found) {
        *value = text;
    }
    Ok(values)
}

fn read<T: DeserializeOwned>(text: &str, field: &str) -> Result<T, Fault> {
    serde_json::from_str(text)
        .map_err(|error| Fault::broken(format!("a readable {field}"), format!("{} ({error})", clipped(text))))
}

/// What stands between quotation marks, where it holds no escape.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'))
}

/// A whole number as JSON has it: no sign, no zero before other digits.
fn read_number(text: &str, field: &str) -> Result<u64, Fault> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let number = if plain { text.parse().ok() } else { None };
    number.ok_or_else(|| Fault::broken(format!("a whole number in {field}"), clipped(text)))
}

fn read_time(text: &str, field: &str) -> Result<Time, Fault> {
    let time = quoted(text).and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    time.map(|time| time.with_timezone(&chrono::Utc))
        .ok_or_else(|| Fault::broken(format!("a UTC time in {field}, such as \"2026-11-21T03:00:00Z\""), clipped(text)))
}

fn written_time(time: Time) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn json_onto<T: serde::Serialize>(line: &mut Vec<u8>, value: &T) -> Result<(), String> {
    serde_json::to_writer(line, value).map_err(|error| error.to_string())
}

/// What a checksum may be other than right.
enum Sum {
    Missing,
    Wrong { computed: u32, written: u32 },
}

/// Whether the line ends in its own checksum, eight small hex digits.
fn checksum(line: &[u8]) -> Result<(), Sum> {
    let (summed, end) = line.split_at_checked(line.len().wrapping_sub(SUM_LENGTH)).ok_or(Sum::Missing)?;
    let digits = end.strip_prefix(br#""sum":""#).and_then(|end| end.strip_suffix(br#""}"#)).ok_or(Sum::Missing)?;
    if !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Sum::Missing);
    }
    let written = digits.iter().fold(0, |sum, digit| {
        let value = if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 };
        sum << 4 | u32::from(value)
    });
    let computed = crc32c::crc32c(summed);
    if computed == written { Ok(()) } else { Err(Sum::Wrong { computed, written }) }
}

/// The version a line says it has: the one thing that every format has in common.
fn version(text: &str) -> Option<u64> {
    let rest = text.strip_prefix(r#"{"v":"#)?;
    let digits = rest.split([',', '}']).next()?;
    digits.parse().ok()
}

/// The first characters of what was found, for a message.
fn clipped(text: &str) -> String {
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

fn shown_end(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(30);
    text.chars().skip(skip).collect::<String>().escape_debug().to_string()
}
