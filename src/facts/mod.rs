//! Facts: what is true of a server. One table names them all ([`table`]); an agent's reading becomes a typed snapshot
//! ([`snapshot`]), its times moved onto the session's clock by the server's measured skew; gates, the screen and
//! `status --json` read one value tree ([`mod@tree`]).

pub mod activity;
pub mod baseline;
pub mod changes;
pub mod connection_log;
mod derived;
pub mod differ;
pub mod fresh;
pub mod history;
pub mod obstacle;
pub mod server;
mod skew;
pub mod snapshot;
pub mod table;
#[cfg(test)]
pub(crate) mod tests;
pub mod tree;
mod typed;
pub mod words;

pub use activity::Activity;
pub use baseline::Baselines;
pub use changes::changes;
pub use connection_log::ConnectionLog;
pub use fresh::{Freshness, Intervals, Policy};
pub use obstacle::{Limit, Loss, Obstacle};
pub use server::{Isolation, Link, Server, ServerName, Skew};
pub use snapshot::{GroupState, Reading};
pub use tree::{View, server_facts, tree};
