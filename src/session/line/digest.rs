//! A SHA-256, as the journal's chain uses it.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256. Shown as 64 small hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// That of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// What the first line of a session's journal has as `prev`: the SHA-256 of `lockstep/session/v1`, a newline and the
    /// session's id. It ties the chain to its session and this use of SHA-256 to the journal.
    pub fn anchor(session: &str) -> Self {
        Self::of(format!("lockstep/session/v1\n{session}").as_bytes())
    }

    /// Reads 64 small hex digits; capitals are refused, so that there is one way to write it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
            if high > 15 || low > 15 {
                return None;
            }
            *byte = high << 4 | low;
        }
        Some(Self(bytes))
    }

    /// The first six digits, for the screen.
    pub fn short(&self) -> String {
        self.to_string()[..6].to_owned()
    }
}

/// The value of a small hex digit by its byte; 255 for what is none. A table, since every line has 64 of them.
const DIGITS: [u8; 256] = {
    let mut table = [255; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
