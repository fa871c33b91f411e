//! Fields that the operator fills in a dialog: a line, a text, a secret, one of several choices; and moving among them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::{CursorMove, TextArea, WrapMode};

use super::keys::is_line_end;
use crate::text::Safe;

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// One line that is never shown.
    Secret,
    /// One of these: what is shown, and the value it stands for.
    Choice(Vec<(String, String)>),
}

/// One field.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What the operator reads
    pub label: String,
    /// What may be entered, in words
    pub hint: String,
    /// What it takes
    pub kind: Kind,
    /// The text being written
    pub area: TextArea<'static>,
    /// Which choice is taken
    pub chosen: Option<usize>,
}

impl Entry {
    /// A field with a text in it to begin with.
    pub fn new(label: impl Into<String>, kind: Kind, text: &str) -> Self {
        let chosen = match &kind {
            Kind::Choice(choices) => choices.iter().position(|(_, value)| value == text),
            _ => None,
        };
        let mut area = TextArea::new(text.split('\n').map(ToOwned::to_owned).collect());
        area.set_wrap_mode(if kind == Kind::Text { WrapMode::WordOrGlyph } else { WrapMode::None });
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        if kind == Kind::Secret {
            area.set_mask_char('*');
        }
        Self { label: label.into(), hint: String::new(), kind, area, chosen }
    }

    /// With words on what may be entered.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// What was entered; empty where nothing was.
    pub fn value(&self) -> String {
        match &self.kind {
            Kind::Choice(choices) => self.chosen.and_then(|n| choices.get(n)).map(|(_, value)| value.clone()).unwrap_or_default(),
            Kind::Text => self.area.lines().join("\n").trim_end().to_owned(),
            Kind::Line => self.area.lines().join(" ").trim().to_owned(),
            Kind::Secret => self.area.lines().concat(),
        }
    }

    /// Puts a pasted text in, made safe; a line takes it as one line.
    pub fn paste(&mut self, text: &str) {
        match self.kind {
            Kind::Choice(_) => {}
            Kind::Text => {
                let lines: Vec<String> = Safe::lines(text).into_iter().map(Safe::into_string).collect();
                self.area.insert_str(lines.join("\n"));
            }
            Kind::Line | Kind::Secret => {
                let lines: Vec<String> = Safe::lines(text.trim()).into_iter().map(Safe::into_string).collect();
                self.area.insert_str(lines.join(" "));
            }
        }
    }

    fn choose(&mut self, forward: bool) {
        if let Kind::Choice(choices) = &self.kind {
            let last = choices.len().saturating_sub(1);
            self.chosen = Some(match (self.chosen, forward) {
                (None, true) => 0,
                (None, false) => last,
                (Some(n), true) => {
                    if n >= last {
                        0
                    } else {
                        n + 1
                    }
                }
                (Some(n), false) => n.checked_sub(1).unwrap_or(last),
            });
        }
    }
}

/// What a key in a dialog of fields came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// It was taken.
    Taken,
    /// The operator is done.
    Done,
    /// He wants back.
    Back,
}

/// The fields of a dialog.
#[derive(Debug, Clone)]
pub struct Fields {
    /// In order; never empty
    pub entries: Vec<Entry>,
    /// Which has the keys
    pub focus: usize,
    /// Why it cannot be saved as it is
    pub problem: Option<String>,
}

impl Fields {
    /// Fields with the first one focused.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries, focus: 0, problem: None }
    }

    /// What was entered in the field of that place.
    pub fn value(&self, place: usize) -> String {
        self.entries.get(place).map(Entry::value).unwrap_or_default()
    }

    /// Whether Enter says that the operator is done, here in the last line.
    pub fn saves_on_enter(&self) -> bool {
        self.focus + 1 == self.entries.len() && self.entries.last().is_some_and(|entry| entry.kind != Kind::Text)
    }

    /// Puts a pasted text into the focused field.
    pub fn paste(&mut self, text: &str) {
        if let Some(entry) = self.entries.get_mut(self.focus) {
            entry.paste(text);
        }
    }

    /// Takes a key. A pasted Enter (`pasted`) is a line end, never the operator's word that he is done.
    pub fn key(&mut self, key: KeyEvent, pasted: bool) -> Typed {
        let last = self.entries.len().saturating_sub(1);
        let Some(entry) = self.entries.get_mut(self.focus) else { return Typed::Back };
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let line = entry.kind != Kind::Text;
        let choice = matches!(entry.kind, Kind::Choice(_));
        match key.code {
            KeyCode::Esc => return Typed::Back,
            KeyCode::Char('s') if ctrl => return Typed::Done,
            _ if line && is_line_end(&key) => {
                if pasted {
                    entry.paste(" ");
                } else if self.focus == last {
                    return Typed::Done;
                } else {
                    self.focus += 1;
                }
            }
            KeyCode::Tab => self.focus = if self.focus == last { 0 } else { self.focus + 1 },
            KeyCode::BackTab => self.focus = self.focus.checked_sub(1).unwrap_or(last),
            KeyCode::Down if line => self.focus = (self.focus + 1).min(last),
            KeyCode::Up if line => self.focus = self.focus.saturating_sub(1),
            KeyCode::Left | KeyCode::Right | KeyCode::Char(' ') if choice => entry.choose(key.code != KeyCode::Left),
            _ if choice => {}
            _ => {
                entry.area.input(key);
            }
        }
        self.problem = None;
        Typed::Taken
    }
}
