//! The lab's world as the program holds it: made from a scenario, reached through pipes, alive on a thread, kept on disk.

pub mod alone;
pub(super) mod host;
pub(super) mod saved;
pub mod scenario;
pub(super) mod thread;
