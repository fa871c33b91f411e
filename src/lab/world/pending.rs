//! Pending exports: what a server would write if it exported now. The same count is the prediction on a standby and the outcome of its
//! first export after promotion.

use super::connector::{Connector, Kind, entra_dn};
use super::directory::{Changes, Class, Directory};
use super::rules;
use super::server::Product;
use crate::lab::fault::Fault;

/// Pending exports to the cloud.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pending {
    /// Of populations, by container
    pub parts: Vec<Part>,
    /// Of people made by hand, by number
    pub people: Vec<u32>,
}

/// Pending exports of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The container
    pub dn: String,
    /// How many
    pub changes: Changes,
}

/// One pending export, as csexport lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingObject {
    /// Distinguished name in the Entra connector space
    pub dn: String,
    /// Display name
    pub name: String,
    /// Its class
    pub class: Class,
    /// `add`, `update` or `delete`
    pub operation: &'static str,
}

impl Pending {
    /// The sum over containers.
    pub fn changes(&self) -> Changes {
        let mut sum = Changes::default();
        for part in &self.parts {
            sum += part.changes;
        }
        sum
    }
}

/// What the server would write into the cloud.
pub fn pending_to_cloud(product: &Product, directory: &Directory) -> Pending {
    let Some(entra) = product.entra() else { return Pending::default() };
    let stale = product.forests().any(|forest| forest.stale);
    let mut parts = Vec::new();
    for (dn, synced) in &product.synced {
        let changes = match entra.known.get(dn) {
            None => Changes { adds: directory.population(dn, synced.as_of), ..Changes::default() },
            Some(known) => {
                let mut changes = directory.between(dn, known.as_of, synced.as_of);
                // A server that no longer reads its directory writes old values over newer ones.
                if stale && synced.as_of < known.as_of {
                    changes.updates += directory.between(dn, synced.as_of, known.as_of).updates;
                }
                let share = rules::share(&product.rules, &synced.flavour, &known.flavour);
                changes.updates = changes.updates.max(directory.users(dn, synced.as_of) * share / 100);
                changes
            }
        };
        if !changes.none() {
            parts.push(Part { dn: dn.clone(), changes });
        }
    }
    for dn in &product.left {
        if let Some(known) = entra.known.get(dn) {
            let deletes = directory.population(dn, known.as_of);
            parts.push(Part { dn: dn.clone(), changes: Changes { deletes, ..Changes::default() } });
        }
    }
    let people = product.people.iter().filter(|(_, copy)| copy.synced != copy.known).map(|(id, _)| *id).collect();
    Pending { parts, people }
}

/// All pending exports to the cloud, people included.
pub fn pending_count(product: &Product, directory: &Directory) -> Changes {
    let pending = pending_to_cloud(product, directory);
    let mut sum = pending.changes();
    for copy in pending.people.iter().filter_map(|id| product.people.get(id)) {
        match (copy.known, copy.synced) {
            (None, _) => sum.adds += 1,
            (Some(_), None) => sum.deletes += 1,
            (Some(_), Some(_)) => sum.updates += 1,
        }
    }
    sum
}

/// How many objects the server would write back into a forest: source anchors of users that were created.
pub fn pending_to_forest(product: &Product, connector: &Connector, directory: &Directory) -> u64 {
    product
        .synced
        .iter()
        .filter_map(|(dn, synced)| Some((dn, connector.anchored.get(dn)?, synced)))
        .map(|(dn, anchored, synced)| directory.between(dn, *anchored, synced.as_of).adds)
        .sum()
}

/// Pending exports one by one, up to `limit` of each kind and container.
pub fn pending_objects(product: &Product, directory: &Directory, limit: u64) -> Vec<PendingObject> {
    let Some(entra) = product.entra() else { return Vec::new() };
    let pending = pending_to_cloud(product, directory);
    let mut objects = Vec::new();
    let mut push = |container: &str, names: Vec<String>, operation: &'static str| {
        objects.extend(names.into_iter().map(|name| PendingObject {
            dn: entra_dn(&name),
            class: directory.class_of(container, &name),
            name,
            operation,
        }));
    };
    for part in &pending.parts {
        match (product.synced.get(&part.dn), entra.known.get(&part.dn)) {
            (Some(synced), Some(known)) => {
                let [adds, mut updates, deletes] = directory.names_between(&part.dn, known.as_of, synced.as_of, limit);
                let wanted = part.changes.updates.min(limit);
                if u64::try_from(updates.len()).unwrap_or(0) < wanted {
                    updates = directory.names(&part.dn, synced.as_of, wanted);
                }
                push(&part.dn, adds, "add");
                push(&part.dn, updates, "update");
                push(&part.dn, deletes, "delete");
            }
            (Some(synced), None) => push(&part.dn, directory.names(&part.dn, synced.as_of, limit), "add"),
            (None, Some(known)) => push(&part.dn, directory.names(&part.dn, known.as_of, limit), "delete"),
            (None, None) => {}
        }
    }
    for id in pending.people {
        let Some((person, copy)) = directory.people.iter().find(|p| p.id == id).zip(product.people.get(&id)) else { continue };
        let operation = match (copy.known, copy.synced) {
            (None, _) => "add",
            (Some(_), None) => "delete",
            (Some(_), Some(_)) => "update",
        };
        push(&person.container, vec![person.name.clone()], operation);
    }
    objects
}

/// A connector's statistics (cmdlets.md 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Pending exports
    pub export: Changes,
    /// Pending imports
    pub import: Changes,
    /// Objects without a pending import
    pub unchanged: u64,
    /// Connectors
    pub total: u64,
}

/// The statistics of a connector.
pub fn statistics(product: &Product, connector: &Connector, directory: &Directory, rights: bool) -> Statistics {
    let objects = |of: &Product| -> u64 { of.synced.iter().map(|(dn, synced)| directory.population(dn, synced.as_of)).sum() };
    match connector.kind {
        Kind::Entra => {
            let total =
                objects(product) + u64::try_from(product.people.values().filter(|p| p.synced.is_some()).count()).unwrap_or(0);
            Statistics { export: pending_count(product, directory), import: Changes::default(), unchanged: total, total }
        }
        Kind::Forest => {
            let mut import = Changes::default();
            let mut total = 0;
            for (dn, as_of) in &connector.imported {
                total += 1 + directory.population(dn, *as_of);
                match product.synced.get(dn) {
                    Some(synced) => import += directory.between(dn, synced.as_of, *as_of),
                    None => import.adds += directory.population(dn, *as_of),
                }
            }
            for dn in product
                .synced
                .keys()
                .filter(|dn| super::directory::is_in(dn, &connector.name) && !connector.imported.contains_key(*dn))
            {
                import.deletes += product.synced.get(dn).map_or(0, |synced| directory.population(dn, synced.as_of));
            }
            total += u64::try_from(product.people.values().filter(|p| p.imported.is_some()).count()).unwrap_or(0);
            let refused = if rights { 0 } else { u64::try_from(connector.failing.len()).unwrap_or(0) };
            let updates = pending_to_forest(product, connector, directory).max(refused);
            let export = Changes { updates, ..Changes::default() };
            Statistics { export, import, unchanged: total.saturating_sub(import.total()), total }
        }
        Kind::GenericLdap => Statistics::default(),
    }
}

/// Whether a server's account has its rights in the directory.
pub fn has_rights(server: &super::server::Server) -> bool {
    !server.has(Fault::PermissionIssue)
}
