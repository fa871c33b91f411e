//! report

pub mod status;
