//! What the screen asks for. The runner carries effects out in order.

use crate::engine::Act;
use crate::runbook::ids::PartId;

/// An effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the engine.
    Act(Act),
    /// Put a text on the clipboard, byte for byte.
    Copy(String),
    /// Read a file, keep it by its SHA-256, and tell the engine of the attachment.
    AttachFile {
        /// As the operator wrote it
        path: String,
        /// The wanted evidence it answers
        wanted: Option<PartId>,
    },
    /// Keep a text as an attachment.
    AttachText {
        /// The text
        text: String,
        /// The wanted evidence it answers
        wanted: Option<PartId>,
    },
    /// Load the end of a run's transcript into its tail, where it is not there yet.
    LoadOutput(String),
    /// Open the operator's editor on this text; answered by `Msg::EditorClosed`.
    OpenEditor(String),
    /// Tell the simulated world something, in the lab's own words.
    Lab(String),
    /// Draw everything anew.
    Redraw,
    /// Leave the program; the session stays as it is.
    Quit,
}
