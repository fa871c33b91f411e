//! The servers of a session: which role of the runbook has which target. An optional role may have none.

use color_eyre::eyre::{bail, eyre};

use crate::facts::ServerName;
use crate::runbook::model::{Role, Runbook};
use crate::session::event::ServerTarget;

/// The servers of a real session: every role that is not optional has a target, and nothing else has.
///
/// # Errors
/// In words: a role without a target, a target for a role that the runbook does not have, no target at all.
pub fn targets(runbook: &Runbook, given: &[(ServerName, String)]) -> color_eyre::Result<Vec<ServerTarget>> {
    if let Some((name, _)) = given.iter().find(|(name, _)| !runbook.roles.iter().any(|role| &role.name == name)) {
        let roles: Vec<&str> = runbook.roles.iter().map(|role| role.name.as_str()).collect();
        bail!("the runbook has no role '{name}'; it has {}", roles.join(", "));
    }
    let target = |role: &Role| match given.iter().find(|(name, _)| name == &role.name) {
        Some((_, target)) => Ok(Some(ServerTarget { role: role.name.clone(), target: target.clone() })),
        None if role.optional => Ok(None),
        None => Err(eyre!(
            "no server was given for the role '{0}' ({1}): add --server {0}=TARGET, or rehearse with --lab",
            role.name,
            role.title
        )),
    };
    runbook.roles.iter().filter_map(|role| target(role).transpose()).collect()
}

/// The servers of a rehearsal: of the scenario those whose role the runbook has.
///
/// # Errors
/// In words: a role that is not optional and that the scenario has no server for.
pub fn in_lab(runbook: &Runbook, scenario: &str, known: &[String]) -> Result<Vec<ServerTarget>, String> {
    let server = |role: &Role| {
        if known.iter().any(|name| name == role.name.as_str()) {
            return Ok(Some(ServerTarget { role: role.name.clone(), target: format!("lab:{scenario}/{}", role.name) }));
        }
        let missing = || format!("the scenario '{scenario}' has no server '{}'; it has {}", role.name, known.join(", "));
        if role.optional { Ok(None) } else { Err(missing()) }
    };
    runbook.roles.iter().filter_map(|role| server(role).transpose()).collect()
}
