//! cli

pub mod check;
pub mod new;
pub mod outline;
