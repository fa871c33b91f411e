//! Words for servers and runs that several dialogs need.

use crate::engine::Engine;
use crate::facts::{Link, ServerName};
use crate::text::Safe;

/// A server's computer name: as it says itself, else the host in its target, else its role.
pub fn machine(engine: &Engine, name: &ServerName) -> String {
    let told = engine.value(&format!("{name}.Host")).as_text().map(ToOwned::to_owned);
    let server = engine.server(name);
    let linked = server.and_then(|server| match &server.link {
        Link::Live { machine, .. } => Some(machine.clone()),
        _ => None,
    });
    let machine = told.or(linked).or_else(|| server.map(|server| host_of(&server.target).to_owned()));
    let machine = machine.filter(|text| !text.is_empty()).unwrap_or_else(|| name.to_string());
    Safe::line(&machine).into_string()
}

/// `old EC01`
pub fn server(engine: &Engine, name: &ServerName) -> String {
    let machine = machine(engine, name);
    if machine == name.as_str() { machine } else { format!("{name} {machine}") }
}

/// The host of a target: `ssh://anna@ec01?agent=x` is `ec01`.
fn host_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let rest = rest.split(['?', '/']).next().unwrap_or(rest);
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if target.starts_with("lab:") || host == "local" { "" } else { host }
}
