//! Everything that touches the machine: the session directory with its journal and lock, attachments, transcripts,
//! agent processes, configuration, clipboard, editor, terminal.

pub mod agent;
pub mod attachments;
pub mod clipboard;
pub mod config;
pub mod editor;
pub mod journal;
pub mod kept;
pub mod lock;
pub mod session_dir;
pub mod storage;
pub mod terminal;
pub mod transcript;
