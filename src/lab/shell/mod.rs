//! The PowerShell that the servers of the lab understand: an honest subset. What is not played is refused with words
//! that say so; nothing is ever made up.

pub mod host;
pub mod item;

pub use host::{Arguments, Command, Emission, Failure, Host, Invocation, Kind, Parameter, Pipeline, Reply};
pub use item::{Item, Object};
