//! Keys as the table writes them, and telling typing from pasting.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key of the command table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// A key that prints a character, capitals by themselves.
pub const fn char(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: false }
}

/// A key that has a name.
pub const fn named(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

/// A letter with Ctrl.
pub const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true }
}

impl Key {
    /// Whether that event is this key. Shift is part of the character; Alt makes it another key.
    pub fn is(self, event: &KeyEvent) -> bool {
        self.code == event.code
            && self.ctrl == event.modifiers.contains(KeyModifiers::CONTROL)
            && !event.modifiers.contains(KeyModifiers::ALT)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.ctrl => write!(f, "Ctrl-{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::F(n) => write!(f, "F{n}"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Keys that come faster than this, in milliseconds, were not typed: a console without bracketed paste sends a paste as
/// keys, and its line ends as Enter. A held key repeats some 30 ms apart.
const TYPED_MS: u64 = 12;

/// The rhythm of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rhythm {
    last: Option<u64>,
    fast: u32,
}

impl Rhythm {
    /// Takes the moment of a key (milliseconds of this run of the program).
    pub fn key(&mut self, mono: u64) {
        let fast = self.last.is_some_and(|last| mono.saturating_sub(last) < TYPED_MS);
        self.fast = if fast { self.fast + 1 } else { 0 };
        self.last = Some(mono);
    }

    /// Whether the newest key came too fast after the one before to be typed.
    pub fn is_pasted(&self) -> bool {
        self.fast > 0
    }
}
