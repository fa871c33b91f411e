//! The loop: the only code that knows the screen, its drawing, files, processes and the lab at once.

pub mod clock;
mod effects;
pub mod lab;
mod live;
mod news;
pub mod opening;
pub mod rehearsal;
pub mod servers;
pub mod watching;

pub use live::{Live, run};
