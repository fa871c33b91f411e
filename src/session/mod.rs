//! The session: what happened. Every fact of it is one [`event::Event`], one line of the journal ([`mod@line`]); the state is
//! a fold over those lines and nothing else ([`state::Session`]). Folding executes nothing.

pub mod event;
pub mod fold;
pub mod line;
pub mod state;

pub use event::{Body, By, Event};
pub use state::Session;
