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
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
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

/// A burst is over when nothing came for so long, in milliseconds.
const REST_MS: u64 = 60;

/// Whether a key ends a line.
pub fn is_line_end(key: &KeyEvent) -> bool {
    key.code == KeyCode::Enter || (matches!(key.code, KeyCode::Char('m' | 'j')) && key.modifiers.contains(KeyModifiers::CONTROL))
}

/// The rhythm of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rhythm {
    last: Option<u64>,
    fast: u32,
    /// Line ends of this burst
    ends: u32,
    /// Whether the newest key is one
    at_end: bool,
}

impl Rhythm {
    /// Takes the moment of a key (milliseconds of this run of the program).
    pub fn key(&mut self, key: &KeyEvent, mono: u64) {
        if self.last.is_some_and(|last| mono.saturating_sub(last) < TYPED_MS) {
            self.fast += 1;
        } else {
            (self.fast, self.ends) = (0, 0);
        }
        self.at_end = is_line_end(key);
        self.ends += u32::from(self.at_end);
        self.last = Some(mono);
    }

    /// Whether the newest key came too fast after the one before to be typed.
    pub fn is_pasted(&self) -> bool {
        self.fast > 0
    }

    /// When a burst turns out to be one line and its Enter, where it may be: nothing follows by then. A paste of several
    /// lines has more line ends than one.
    pub fn one_line_at(&self) -> Option<u64> {
        let may_be = self.is_pasted() && self.at_end && self.ends == 1;
        self.last.filter(|_| may_be).map(|last| last + REST_MS)
    }

    /// The burst is over.
    pub fn rest(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }
}
