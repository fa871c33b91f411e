//! Everything that touches the machine: the session directory with its journal and lock, attachments, agent processes,
//! clipboard, editor, terminal.

pub mod agent;
pub mod attachments;
pub mod config;
pub mod journal;
pub mod kept;
pub mod lock;
pub mod session_dir;
pub mod storage;
pub mod terminal;
pub mod transcript;
