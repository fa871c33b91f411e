//! The world's only source of chance: a seeded generator that is part of the state, so that the same seed gives the same bytes.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// SplitMix64. It is drawn from by events of the world only, never by a question: being asked must not change what happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generator(u64);

impl Generator {
    /// A generator of its own for each name, so that one server's events do not disturb another's.
    pub fn new(seed: u64, name: &str) -> Self {
        Self(mix(seed ^ hash(name)))
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A span between two lengths in milliseconds, both included.
    pub fn between(&mut self, low_ms: i64, high_ms: i64) -> TimeDelta {
        let width = u64::try_from(high_ms - low_ms).unwrap_or(0) + 1;
        TimeDelta::milliseconds(low_ms + i64::try_from(self.draw() % width).unwrap_or(0))
    }

    /// That length, give or take 15 %.
    pub fn about(&mut self, ms: i64) -> TimeDelta {
        self.between(ms * 85 / 100, ms * 115 / 100)
    }

    /// A Guid as text.
    pub fn guid(&mut self) -> String {
        let (a, b) = (self.draw(), self.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xFFFF,
            a & 0xFFF,
            0x8000 | ((b >> 48) & 0x3FFF),
            b & 0xFFFF_FFFF_FFFF
        )
    }

    /// Twelve hex digits, as the names of service accounts end.
    pub fn hex12(&mut self) -> String {
        format!("{:012x}", self.draw() & 0xFFFF_FFFF_FFFF)
    }
}

/// Scrambles a number; also used alone, to pick objects of a population without keeping them.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a of a text: stable for ever, unlike the standard library's hasher.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}
