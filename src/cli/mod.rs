//! The verbs. Each takes its arguments and a place to write to, and answers the exit code.

pub mod data_dir;
pub mod report;
pub mod sessions;
