//! What an administrator sees in the portals of the tenant: users, the state of the synchronization, the servers' identities.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::fault::Fault;
use super::verb::PolicyVerb;
use super::world::World;
use super::world::access::{AccessPolicy, PolicyState, Stops};
use super::world::cloud::Cloud;
use super::world::container::Class;
use super::world::object::{Link, Object, Password, Values};
use super::world::pending::in_cloud;
use super::world::rules;
use crate::Time;

/// What the portal shows of a user: its values, who wrote them and when, and which password works.
pub(super) fn user(world: &World, name: &str) -> String {
    let shown = world.directory.find(name, world.now).and_then(|link| {
        let shown = match world.directory.follow(&link) {
            Link::Member(home, number) => member(world, &home, number),
            Link::Kept(id) => kept(world, id),
        };
        Some((shown?, link))
    });
    let Some((shown, link)) = shown else { return format!("{name} is not among the users of {}", world.cloud.tenant) };
    let writer = match (&shown.by, shown.restored) {
        (Some(by), _) => format!("written by {by} at {}", moment(shown.at, world.now)),
        (None, true) => format!("restored in the portal at {}: managed in the cloud", moment(shown.at, world.now)),
        (None, false) => "written before the lab remembers".to_owned(),
    };
    let sync = if shown.restored { "" } else { "on-premises sync enabled, " };
    let texts = &shown.values.texts;
    let is_user = shown.object.class == Class::User;
    let enabled = match texts.get("accountEnabled").map(String::as_str) {
        Some("true") => "account enabled, ",
        Some(_) => "sign-in blocked, ",
        None => "",
    };
    let told = SHOWN.iter().filter_map(|name| Some(format!("{name} {}, ", texts.get(*name)?))).collect::<Vec<_>>().concat();
    let members = match (shown.object.class, shown.values.members.len()) {
        (Class::Group, count) => format!("{count} members, "),
        _ => String::new(),
    };
    let password = world.directory.object(&link, world.now).filter(|_| is_user).and_then(|object| object.password);
    let password = password.map_or(String::new(), |password| format!("; {}", passwords(world, &shown, password)));
    format!(
        "{} is in {}: {sync}{enabled}{told}{members}source anchor {}, {writer}{password}",
        texts.get("userPrincipalName").unwrap_or(&shown.object.name),
        world.cloud.tenant,
        shown.object.anchor.source_anchor(),
    )
}

/// Attributes that the portal shows of a user, where they have a value.
const SHOWN: &[&str] = &["department", "title", "telephoneNumber", "extensionAttribute15"];

/// An object in the cloud.
struct Shown {
    object: Object,
    values: Values,
    by: Option<String>,
    at: Time,
    /// Since when it is there, where that is known
    since: Option<Time>,
    restored: bool,
}

fn member(world: &World, home: &str, number: u64) -> Option<Shown> {
    let written = world.cloud.populations.get(home)?;
    let population = world.directory.population_of(home)?;
    let object = population.object(number, written.as_of)?;
    let changed = population.modifications(number, written.as_of).last().map(|modification| modification.at);
    let created = population.created_at(number)?;
    let write = written.write_of(changed.unwrap_or(created), object.class == Class::User);
    let (by, at) = write.map_or((None, world.now), |write| (Some(write.by.clone()), write.at));
    let values = object.in_cloud(&rules::effects(&written.flavour), |member| world.directory.entra_dn(member));
    (Cloud::visible_at(created) <= world.now).then_some(Shown { object, values, by, at, since: None, restored: false })
}

fn kept(world: &World, id: u32) -> Option<Shown> {
    let found = world.cloud.kept.get(&id).filter(|found| Cloud::visible_at(found.since) <= world.now)?;
    let kept = world.directory.kept(id)?;
    let object = kept.version(found.image.version)?;
    let values = in_cloud(kept, &found.image, &world.directory)?;
    let since = kept.origin.is_none().then_some(found.since);
    Some(Shown { object, values, by: found.by.clone(), at: found.at, since, restored: found.by.is_none() && found.restored })
}

/// Which password of the directory works in the cloud.
fn passwords(world: &World, shown: &Shown, password: Password) -> String {
    let now = world.now;
    if world.cloud.pass_through {
        return if world.authentication_agents() > 0 {
            "the current password works: pass-through authentication asks the directory".to_owned()
        } else {
            "no password works: pass-through authentication is enabled and no agent runs".to_owned()
        };
    }
    let changed = format!("the current password, set at {}", moment(password.set, now));
    // Whoever is not in the cloud yet gets a hash with the first round after that.
    let needed = shown.since.map_or(password.set, |since| since.max(password.set));
    let here = world
        .servers
        .iter()
        .filter_map(|server| Some((server.product.as_ref()?.passwords.carried(now)?, server.host.name.clone())));
    let carried = here.chain(world.cloud.phs_last.map(|up_to| (up_to, "a server that is gone".to_owned()))).max();
    if let Some((_, by)) = carried.as_ref().filter(|(up_to, _)| *up_to >= needed) {
        return format!("{changed}, works: {by} synchronized its hash");
    }
    let old = match (&carried, password.version) {
        (None, _) => "no password works in the cloud: its hash was never synchronized",
        (Some(_), 1) => "no password works in the cloud yet",
        (Some(_), _) => "the former password still works in the cloud",
    };
    format!("{old}; {changed}, waits: {}", waits_for(world))
}

/// Why a password that was changed is not in the cloud.
fn waits_for(world: &World) -> String {
    let now = world.now;
    let active: Vec<_> = world.servers.iter().filter(|server| server.is_active()).collect();
    if active.is_empty() {
        return "no server is active, and none carries password changes".to_owned();
    }
    let running = active.iter().filter_map(|server| Some((&server.product.as_ref()?.passwords, &server.host.name)));
    let mut running = running.filter(|(passwords, _)| passwords.since.is_some());
    let Some((passwords, name)) = running.next() else {
        let names: Vec<&str> = active.iter().map(|server| server.host.name.as_str()).collect();
        return format!("password hash synchronization is not ticked on {}", names.join(" and "));
    };
    match passwords.busy_until(now) {
        _ if passwords.failing => format!("password hash synchronization fails on {name}"),
        Some(until) => format!("{name} works off its backlog until {}", moment(until, now)),
        None => format!("{name} carries it within two minutes"),
    }
}

/// A moment, with its date where it is of another day.
pub(super) fn moment(at: Time, now: Time) -> String {
    let form = if at.date_naive() == now.date_naive() { "%H:%M:%S UTC" } else { "%Y-%m-%d %H:%M:%S UTC" };
    at.format(form).to_string()
}

/// The recycle bin.
pub(super) fn deleted(world: &World) -> String {
    let restorable = world.cloud.restorable(world.now);
    let listed: Vec<String> = restorable
        .map(|deleted| {
            let kept = deleted.kept.as_ref().and_then(|(id, image)| world.directory.kept(*id)?.version(image.version));
            let what =
                kept.map_or_else(|| format!("{} objects of {}", deleted.objects, deleted.dn), |object| object.upn().to_owned());
            format!("{what} deleted at {}", moment(deleted.at, world.now))
        })
        .collect();
    if listed.is_empty() { format!("the recycle bin of {} is empty", world.cloud.tenant) } else { listed.join("; ") }
}

/// Restores a user that was deleted by itself. It is managed in the cloud until its object in the directory is in scope again.
pub(super) fn restore(world: &mut World, name: &str) -> Result<String, String> {
    let now = world.now;
    let found = match world.directory.find(name, now) {
        Some(Link::Kept(id)) => world.cloud.restore(id, now).then_some(id),
        _ => None,
    };
    let kept = found.and_then(|id| world.directory.kept(id)).ok_or_else(|| {
        let whole = world.cloud.restorable(now).find(|deleted| deleted.kept.is_none() && deleted.dn.contains(name));
        whole.map_or_else(
            || format!("{name} is not in the recycle bin: {}", deleted(world)),
            |whole| {
                format!("what was deleted with {} comes back when it is in scope again: the lab restores single users", whole.dn)
            },
        )
    })?;
    Ok(format!("{} is restored in {}", kept.last().upn(), world.cloud.tenant))
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
