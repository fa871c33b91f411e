//! The loop: the only code that knows the screen, its drawing, files, processes and the lab at once.

pub mod clock;
pub mod rehearsal;
