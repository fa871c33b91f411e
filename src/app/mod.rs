//! The screen as data: which pane, which dialog, what is selected, what was said; keys to acts. [`update`] is pure: it reads
//! the engine, changes the screen's own state and answers with effects. Everything that can be done is a row of one table
//! ([`command`]), from which the footer, the help and the palette come.

pub mod command;
pub mod dialog;
pub mod effect;
mod enabled;
pub mod entry;
pub mod keys;
pub mod lab;
pub mod msg;
pub mod output;
pub mod palette;
pub mod parts;
pub mod state;
pub mod steps;
mod update;
pub mod words;

pub use command::{Command, Id, Scope};
pub use dialog::Dialog;
pub use effect::Effect;
pub use msg::Msg;
pub use output::{Outputs, Tail};
pub use state::{App, Extent, Pane};
pub use update::update;
