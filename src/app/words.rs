//! Words for servers and runs that several dialogs need.

use crate::engine::Engine;
use crate::facts::ServerName;
use crate::text::Safe;

/// A server's computer name, safe to draw.
pub fn machine(engine: &Engine, name: &ServerName) -> String {
    Safe::line(&engine.machine(name)).into_string()
}

/// `old EC01`
pub fn server(engine: &Engine, name: &ServerName) -> String {
    let machine = machine(engine, name);
    if machine == name.as_str() { machine } else { format!("{name} {machine}") }
}
