//! The simulated servers: a pure world behind the agent's protocol.

pub mod shell;
