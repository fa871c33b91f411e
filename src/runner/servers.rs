//! The servers of a session: which role of the runbook has which target. An optional role may have none.

use std::collections::BTreeMap;

use color_eyre::eyre::{bail, eyre};

use crate::facts::ServerName;
use crate::io::agent::Target;
use crate::lab::Scenario;
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

/// The servers of a rehearsal: those that were given, else of the scenario those whose role the runbook has.
///
/// # Errors
/// In words: a role that is not optional and that the scenario has no server for, a target that is none of its servers.
pub fn in_lab(runbook: &Runbook, scenario: &Scenario, given: &[(ServerName, String)]) -> color_eyre::Result<Vec<ServerTarget>> {
    let known: Vec<&str> = scenario.servers.iter().map(|server| server.role.as_str()).collect();
    let missing = |role: &str| {
        let has = known.join(", ");
        eyre!("the scenario '{}' has no server '{role}'; it has {has}; {}", scenario.name, fitting_words(runbook))
    };
    if !given.is_empty() {
        let servers = targets(runbook, given)?;
        for server in &servers {
            let role = lab_role(&server.target)?;
            if !known.contains(&role.as_str()) {
                return Err(missing(&role));
            }
        }
        return Ok(servers);
    }
    let server = |role: &Role| {
        if known.contains(&role.name.as_str()) {
            return Ok(Some(ServerTarget { role: role.name.clone(), target: format!("lab:{}/{}", scenario.name, role.name) }));
        }
        if role.optional { Ok(None) } else { Err(missing(role.name.as_str())) }
    };
    runbook.roles.iter().filter_map(|role| server(role).transpose()).collect()
}

/// Which scenarios the runbook can be rehearsed in.
fn fitting_words(runbook: &Runbook) -> String {
    let needed: Vec<&str> = runbook.roles.iter().filter(|role| !role.optional).map(|role| role.name.as_str()).collect();
    let fits = |name: &String| {
        let servers = Scenario::bundled(name).map(|scenario| scenario.servers).unwrap_or_default();
        needed.iter().all(|role| servers.iter().any(|server| server.role == *role))
    };
    let fitting: Vec<String> = Scenario::list().into_iter().map(|(name, ..)| name).filter(fits).collect();
    match fitting.as_slice() {
        [] => "no bundled scenario has a server for each role: write your own, as docs/lab.md says".to_owned(),
        names => format!("a server for each role have {}", names.join(", ")),
    }
}

/// The servers of a rehearsal where some roles are played by servers of another name.
///
/// # Errors
/// In words, as [`in_lab`]; also where such a role or such a server does not exist.
pub fn cast(runbook: &Runbook, scenario: &Scenario, named: &BTreeMap<String, String>) -> color_eyre::Result<Vec<ServerTarget>> {
    let exists = |name: &str| scenario.servers.iter().any(|server| server.role == name);
    let plays = |role: &str| named.get(role).cloned().or_else(|| exists(role).then(|| role.to_owned()));
    let mut given: Vec<(ServerName, String)> = Vec::new();
    if !named.is_empty() {
        let roles = runbook.roles.iter().map(|role| role.name.as_str()).filter(|role| !named.contains_key(*role));
        for role in named.keys().map(String::as_str).chain(roles) {
            let target = plays(role).map(|name| format!("lab:{}/{name}", scenario.name));
            given.extend(target.map(|target| (ServerName::from(role), target)));
        }
    }
    in_lab(runbook, scenario, &given)
}

/// The scenario whose servers these are; none where they are real.
///
/// # Errors
/// Where some are simulated and others are not, or they are of more than one world.
pub fn simulated_by(servers: &[(ServerName, String)]) -> color_eyre::Result<Option<String>> {
    let mut scenarios = Vec::new();
    for (role, text) in servers {
        let target = Target::parse(text).map_err(|why| eyre!("the target of '{role}': {why}"))?;
        scenarios.push(if let Target::Lab { scenario, .. } = target { Some(scenario) } else { None });
    }
    match scenarios.first() {
        Some(first) if scenarios.iter().any(|other| other != first) => {
            bail!("a session is a rehearsal in one world of the lab, or on real servers: these targets are not of one kind")
        }
        first => Ok(first.cloned().flatten()),
    }
}

/// Which server of its world a target is.
///
/// # Errors
/// In words: a target that is no server of the lab.
pub fn lab_role(target: &str) -> color_eyre::Result<String> {
    match Target::parse(target) {
        Ok(Target::Lab { role, .. }) => Ok(role),
        Ok(_) => bail!("'{target}' is no server of the lab"),
        Err(why) => bail!("{why}"),
    }
}
