//! Facts: what is true of a server. One table names them all ([`table`]); an agent's reading becomes a typed snapshot
//! ([`snapshot`]), its times moved onto the session's clock by the server's measured skew; gates, the screen and
//! `status --json` read one value tree ([`tree`]).

pub mod activity;
pub mod server;
pub mod snapshot;
pub mod table;

pub use activity::Activity;
pub use server::{Link, Server, ServerName};
pub use snapshot::{GroupState, Reading};
