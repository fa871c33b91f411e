//! What an administrator sees in the portals of the tenant: users, the state of the synchronization, the servers' identities.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::fault::Fault;
use super::verb::PolicyVerb;
use super::world::World;
use super::world::access::{AccessPolicy, PolicyState, Stops};
use super::world::cloud::Cloud;

/// What the portal shows of a user: one made by hand, or one of the population.
pub(super) fn user(world: &World, name: &str) -> String {
    let tenant = &world.cloud.tenant;
    let absent = format!("{name} is not among the users of {tenant}");
    let Some(person) = world.directory.person(name) else {
        let owner = world.cloud.populations.iter().find(|(dn, written)| {
            world.directory.names(dn, written.as_of, u64::MAX).iter().any(|known| known.eq_ignore_ascii_case(name))
        });
        return owner.map_or(absent, |(dn, written)| format!("{name} is in {tenant}: of {dn}, written by {}", written.by));
    };
    match world.cloud.people.get(&person.id) {
        Some(found) if Cloud::visible_at(found.at) <= world.now => format!(
            "{} is in {tenant}: on-premises sync enabled, written by {} at {}",
            person.upn,
            found.by,
            found.at.format("%H:%M:%S UTC")
        ),
        _ => absent,
    }
}

/// What the tenant says of its synchronization.
pub(super) fn sync(world: &World) -> String {
    let threshold = match world.cloud.deletion_threshold {
        0 => "off".to_owned(),
        n => n.to_string(),
    };
    let client = world.cloud.client.as_ref().map_or_else(
        || "no server has synchronized yet".to_owned(),
        |client| {
            let ago: TimeDelta = world.now - client.last_sync;
            format!("{} ({}) synchronized {} min ago", client.machine, client.version, ago.num_minutes())
        },
    );
    let pass_through = if world.cloud.pass_through { "; pass-through authentication enabled" } else { "" };
    let bin = match world.cloud.recycle_bin.iter().map(|deleted| deleted.objects).sum::<u64>() {
        0 => String::new(),
        objects => format!("; {objects} deleted objects in the recycle bin"),
    };
    let hashes = world.servers.iter().filter_map(|server| server.product.as_ref()?.passwords.last_success(world.now)).max();
    let hashes = hashes.max(world.cloud.phs_last);
    let hashes = hashes.map_or(String::new(), |at| format!("; password hashes {} min ago", (world.now - at).num_minutes()));
    format!("{}: {client}{hashes}; deletion threshold {threshold}{pass_through}{bin}", world.cloud.tenant)
}

/// The applications and accounts that servers sign in with, and those that nothing uses any more.
pub(super) fn identities(world: &World) -> String {
    let used = world.servers.iter().filter_map(|server| {
        let identity = &server.product.as_ref()?.identity;
        Some(format!("{} of {}", identity.name, server.host.name))
    });
    let left = world.cloud.left_behind.iter().map(|(name, host)| format!("{name} left behind by {host}"));
    let all: Vec<String> = used.chain(left).collect();
    if all.is_empty() { format!("{}: no server signs in", world.cloud.tenant) } else { all.join("; ") }
}

/// Removes an identity that was left behind; the error says why another cannot be removed.
pub(super) fn remove(world: &mut World, name: &str) -> Result<String, String> {
    let known = world.cloud.left_behind.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned();
    if let Some(known) = known {
        world.cloud.left_behind.remove(&known);
        return Ok(format!("{known} was removed from {}", world.cloud.tenant));
    }
    let signs_in = |server: &&super::world::server::Server| {
        server.product.as_ref().is_some_and(|product| product.identity.name.eq_ignore_ascii_case(name))
    };
    match world.servers.iter().find(signs_in) {
        Some(server) => Err(format!("{} signs in as {name}: uninstall it first", server.host.name)),
        None => Err(format!("there is no identity {name}; {}", identities(world))),
    }
}

/// The features that are on in the tenant.
pub(super) fn features(world: &World) -> String {
    let on: Vec<&str> = world.cloud.features.iter().map(|feature| feature.name()).collect();
    let on = if on.is_empty() { "no feature is on".to_owned() } else { on.join(", ") };
    format!("{}: {on}", world.cloud.tenant)
}

/// What is done at the page *Conditional Access*; what a policy no longer stops is free at once.
pub(super) fn policy(world: &mut World, verb: &PolicyVerb) -> Result<String, String> {
    let said = match verb {
        PolicyVerb::List => return Ok(policies(world)),
        PolicyVerb::Add { name, stops, state } => add(world, name, stops, *state)?,
        PolicyVerb::Set(name, state) => {
            let policy = world.cloud.policy_mut(name).ok_or_else(|| format!("there is no policy {name}"))?;
            policy.state = *state;
            line(policy)
        }
        PolicyVerb::Exclude { identity, policy } => {
            let identity = match world.find(identity) {
                Some(at) => identity_of(world, at)?,
                None => identity.clone(),
            };
            let policy = world.cloud.policy_mut(policy).ok_or_else(|| format!("there is no policy {policy}"))?;
            policy.excluded.insert(identity);
            line(policy)
        }
    };
    let World { servers, cloud, now, .. } = world;
    for server in servers {
        if !server.stopped_by_policy(cloud) {
            server.faults.remove(&Fault::ConditionalAccess);
        }
        server.look_again_now(*now);
    }
    Ok(said)
}

fn identity_of(world: &World, at: usize) -> Result<String, String> {
    let server = &world.servers[at];
    let product = server.product.as_ref();
    let name = product.map(|product| product.identity.name.clone());
    name.ok_or_else(|| format!("Microsoft Entra Connect is not installed on {}: it has no identity", server.host.name))
}

fn add(world: &mut World, name: &str, stops: &Stops, state: PolicyState) -> Result<String, String> {
    if world.cloud.policy_mut(name).is_some() {
        return Err(format!("there is a policy {name} already: policy enable {name}"));
    }
    let stops = match stops {
        Stops::Location(place) => {
            let at = world.find(place).ok_or_else(|| format!("there is no server {place} in this lab"))?;
            Stops::Location(world.servers[at].host.name.clone())
        }
        other => other.clone(),
    };
    let policy = AccessPolicy { name: name.to_owned(), state, stops, excluded: BTreeSet::new() };
    let said = line(&policy);
    world.cloud.policies.push(policy);
    Ok(said)
}

/// One policy in a line.
fn line(policy: &AccessPolicy) -> String {
    let stops = match &policy.stops {
        Stops::Location(host) => format!("blocks sign-ins from {host}"),
        Stops::WithoutMfa => "demands a second factor of synchronization accounts".to_owned(),
        Stops::Everybody => "blocks everybody".to_owned(),
    };
    let excluded: Vec<&str> = policy.excluded.iter().map(String::as_str).collect();
    let but = if excluded.is_empty() { String::new() } else { format!(" but {}", excluded.join(", ")) };
    format!("{} ({}): {stops}{but}", policy.name, policy.state.name())
}

fn policies(world: &World) -> String {
    let all: Vec<String> = world.cloud.policies.iter().map(line).collect();
    if all.is_empty() { format!("{} has no Conditional Access policy", world.cloud.tenant) } else { all.join("; ") }
}
