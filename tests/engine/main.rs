//! The engine, driven by hand: given a runbook and servers, when the operator acts or a server answers, then these events
//! and effects.

#![allow(clippy::unwrap_used, reason = "this is test code")]

mod asides;
mod bench;
mod commands;
mod confirming;
mod durable;
mod findings;
mod opening;
mod optional;
mod promotion;
mod properties;
mod resume;
mod syntax;
mod waiting;
