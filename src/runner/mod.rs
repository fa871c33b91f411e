//! The loop: the only code that knows the screen, its drawing, files, processes and the lab at once.

pub mod clock;
mod effects;
pub mod lab_alone;
mod lab_host;
mod lab_thread;
mod live;
mod news;
pub mod opening;
pub mod rehearsal;
mod saved_lab;
pub mod scenario;
pub mod servers;
pub mod watching;

pub use live::{Live, run};
