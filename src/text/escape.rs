//! Escape sequences found in a stream of characters, whatever pieces it comes in. Own code rather than `vte`: a string
//! sequence is bounded here, and a line's end ends every sequence, so that no server can swallow what follows.

/// A string sequence (OSC, DCS, APC, PM, SOS) is given up after this many characters; the rest is text again.
const STRING_CAP: usize = 4096;

/// Where in a sequence the stream is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    Escape,
    /// After `ESC` and intermediates: one final character follows.
    Intermediate,
    Csi(usize),
    Text(usize),
    /// `ESC` within a string sequence: `\` ends it.
    TextEscape(usize),
}

/// What one character turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// To be shown.
    Char(char),
    /// Part of a sequence.
    Nothing,
    /// The last character of a sequence that only sets colours and weights.
    Style,
    /// The last character of a sequence that asks the terminal for something.
    Sequence,
    /// A sequence broke off before this character, which is to be shown (or obeyed, if it ends a line).
    Broken(char),
}

/// The machine.
#[derive(Debug, Clone, Default)]
pub(super) struct Escapes {
    state: State,
}

impl Escapes {
    /// Takes the next character.
    pub(super) fn take(&mut self, c: char) -> Seen {
        use State::{Csi, Escape, Ground, Intermediate, Text, TextEscape};
        let (state, seen) = match (self.state, c) {
            (Ground, '\u{1b}') => (Escape, Seen::Nothing),
            (Ground, c) => (Ground, Seen::Char(c)),
            (_, '\n' | '\r') => (Ground, Seen::Broken(c)),
            (Text(_), '\u{7}' | '\u{9c}') | (TextEscape(_), '\\') => (Ground, Seen::Sequence),
            (Text(length), '\u{1b}') => (TextEscape(length), Seen::Nothing),
            (Text(length), c) if length >= STRING_CAP => (Ground, Seen::Broken(c)),
            (Text(length), _) => (Text(length + 1), Seen::Nothing),
            (TextEscape(_) | Escape | Intermediate | Csi(_), '\u{1b}') => (Escape, Seen::Sequence),
            (TextEscape(_) | Escape, '[') => (Csi(0), Seen::Nothing),
            (TextEscape(_) | Escape, ']' | 'P' | 'X' | '^' | '_') => (Text(0), Seen::Nothing),
            (TextEscape(_) | Escape | Intermediate, ' '..='/') => (Intermediate, Seen::Nothing),
            (Csi(_), 'm') => (Ground, Seen::Style),
            (TextEscape(_) | Escape | Intermediate, '0'..='~') | (Csi(_), '@'..='~') => (Ground, Seen::Sequence),
            (Csi(length), ' '..='?') if length < 64 => (Csi(length + 1), Seen::Nothing),
            (_, c) => (Ground, Seen::Broken(c)),
        };
        self.state = state;
        seen
    }

    /// The stream is over: whether a sequence was left unfinished.
    pub(super) fn finish(&mut self) -> bool {
        std::mem::take(&mut self.state) != State::Ground
    }
}
