//! The PowerShell that the servers of the lab understand: an honest subset. What is not played is refused with words
//! that say so; nothing is ever made up.
//!
//! A script is an [`Execution`]; whoever polls it brings a [`Host`], which answers the server's own commands.

mod commands;
mod display;
mod error;
mod evaluate;
pub mod execution;
pub mod host;
pub mod item;
mod port;
mod position;

pub use display::PRINTED;
pub use execution::{End, Execution, Next, Output, Progress, State, parse_errors};
pub use host::{Arguments, Command, Emission, Failure, Host, Invocation, Kind, Parameter, Pipeline, Reply};
pub use item::{Item, Object};
