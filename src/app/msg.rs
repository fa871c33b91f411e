//! What the screen is told.

use crossterm::event::KeyEvent;

/// A message. Its moment comes with [`super::update`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Msg {
    /// A key was pressed (never a release).
    Key(KeyEvent),
    /// No key came for the moment that [`App::rests_at`](super::App::rests_at) names.
    Rested,
    /// Text was pasted; never sent on Windows consoles, where a paste is keys.
    Paste(String),
    /// The terminal's size in cells.
    Resized(u16, u16),
    /// The engine, a server or an output changed: the screen follows.
    Changed,
    /// Something worth saying.
    Said(String),
    /// An act was not possible, in words.
    Refused(String),
    /// The external editor was closed; the text, or none where it was not saved.
    EditorClosed(Option<String>),
}
