//! What an administrator sees in the portals of the tenant: users, the state of the synchronization, the servers' identities.

use chrono::TimeDelta;

use super::world::World;
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
