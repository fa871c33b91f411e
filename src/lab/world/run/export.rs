//! Exports: to the cloud, held by the deletion threshold, and back into the forests.

use std::collections::BTreeMap;

use super::{Outcome, counters, with_errors};
use crate::Time;
use crate::lab::fault::Fault;
use crate::lab::world::Around;
use crate::lab::world::cloud::Written;
use crate::lab::world::connector::{Connector, Kind, Known};
use crate::lab::world::cycle::Active;
use crate::lab::world::directory::{Changes, Class, Directory};
use crate::lab::world::history::{Counters, ObjectError};
use crate::lab::world::object::Object;
use crate::lab::world::pending::{Difference, Operation, anchors_to_write, pending_to_cloud};
use crate::lab::world::server::Server;

impl Server {
    pub(super) fn export_cloud(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let now = around.now;
        let host = self.host.name.clone();
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let pending = pending_to_cloud(product, around.directory);
        let limit = around.cloud.deletion_threshold;
        if limit > 0 && pending.changes().deletes > limit {
            return Outcome {
                result: "stopped-deletion-threshold-exceeded".to_owned(),
                counters: Counters::default(),
                errors: Vec::new(),
            };
        }
        let becomes: BTreeMap<String, Option<Time>> =
            Difference::all(product, around.directory).map(|(dn, difference)| (dn.clone(), difference.becomes())).collect();
        let mut counted = Changes::default();
        for part in pending.parts {
            counted += part.changes;
            if part.changes.deletes > 0 {
                around.cloud.deleted(now, &part.dn, part.changes.deletes);
            }
            if part.changes.adds > 0 && !around.cloud.populations.contains_key(&part.dn) {
                // What comes back is the same objects: they are restored, not made anew.
                around.cloud.recycle_bin.retain(|deleted| deleted.dn != part.dn || deleted.kept.is_some());
            }
            let as_of = becomes.get(&part.dn).copied().flatten();
            let known = product.synced.get(&part.dn).zip(as_of);
            let known = known.map(|(synced, as_of)| Known { as_of, flavour: synced.flavour.clone() });
            if let Some(known) = &known {
                let image = (known.as_of, known.flavour.clone());
                match around.cloud.populations.get_mut(&part.dn) {
                    Some(written) => written.write(image, &host, now),
                    None => drop(around.cloud.populations.insert(part.dn.clone(), Written::first(image, &host, now))),
                }
            } else {
                around.cloud.populations.remove(&part.dn);
                product.left.remove(&part.dn);
            }
            if let Some(entra) = product.connectors.iter_mut().find(|c| c.kind == Kind::Entra) {
                match known {
                    Some(known) => entra.known.insert(part.dn, known),
                    None => entra.known.remove(&part.dn),
                };
            }
        }
        let mut errors = Vec::new();
        for (id, operation) in pending.kept {
            let Some(kept) = around.directory.kept(id) else { continue };
            let copy = product.kept.entry(id).or_default();
            let wanted = match &operation {
                Operation::Add(image) | Operation::Update(image) => kept.version(image.version),
                Operation::Delete => None,
            };
            if let Some(flaw) = wanted.as_ref().and_then(|object| kept.refused(object)) {
                let before = copy.error.take();
                let error = ObjectError {
                    kind: flaw.error_type().to_owned(),
                    dn: kept.first.anchor.entra_dn(),
                    name: kept.first.name.clone(),
                    code: None,
                    message: flaw.message().to_owned(),
                    first: before.as_ref().map_or(now, |e| e.first),
                    retries: before.map_or(0, |e| e.retries + 1),
                };
                copy.error = Some(error.clone());
                errors.push(error);
                continue;
            }
            copy.error = None;
            match operation {
                Operation::Add(image) => {
                    counted.adds += 1;
                    around.cloud.write(id, &image, &host, now);
                    copy.known = Some(image);
                }
                Operation::Update(image) => {
                    counted.updates += 1;
                    around.cloud.write(id, &image, &host, now);
                    copy.known = Some(image);
                }
                Operation::Delete => {
                    counted.deletes += 1;
                    around.cloud.delete(now, &kept.last().container, id);
                    (copy.known, copy.left) = (None, false);
                }
            }
        }
        around.cloud.exported((active.started, now), &host, &product.version.to_string(), counted.total());
        with_errors(counted, errors)
    }

    pub(super) fn export_forest(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let now = around.now;
        let refused = self.has(Fault::PermissionIssue);
        let directory = &*around.directory;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let Some(at) = product.connectors.iter().position(|c| c.name == active.connector) else {
            return Outcome::failed("no-start-ma");
        };
        let anchors = anchors_to_write(product, &product.connectors[at], directory);
        if refused {
            let before = std::mem::take(&mut product.connectors[at].failing);
            let failing: Vec<ObjectError> = protected(&product.connectors[at], directory, 4 + anchors.count())
                .into_iter()
                .map(|object| {
                    let earlier = before.iter().find(|error| error.dn == object.dn());
                    ObjectError {
                        kind: "permission-issue".to_owned(),
                        dn: object.dn(),
                        code: Some(8344),
                        message: "Insufficient access rights to perform the operation.".to_owned(),
                        first: earlier.map_or(now, |e| e.first),
                        retries: earlier.map_or(0, |e| e.retries + 1),
                        name: object.name,
                    }
                })
                .collect();
            product.connectors[at].failing.clone_from(&failing);
            return with_errors(Changes::default(), failing);
        }
        product.connectors[at].failing.clear();
        let written: Vec<(String, Time)> = product
            .synced
            .iter()
            .filter(|(dn, _)| product.connectors[at].imported.contains_key(*dn))
            .map(|(dn, synced)| (dn.clone(), synced.as_of))
            .collect();
        for (dn, as_of) in written {
            let slot = around.anchored.entry(dn.clone()).or_insert(as_of);
            *slot = (*slot).max(as_of);
            product.connectors[at].anchored.insert(dn, as_of);
        }
        for id in &anchors.kept {
            if let Some(kept) = around.directory.kept_mut(*id) {
                kept.anchored = true;
            }
        }
        Outcome::success(counters(Changes { adds: 0, updates: anchors.count(), deletes: 0 }, 0))
    }
}

/// The users on which an account without rights fails: where users with inheritance off are said, they are the ones; else some of the
/// first container.
fn protected(connector: &Connector, directory: &Directory, some: u64) -> Vec<Object> {
    let off = |dn: &str| directory.container(dn).map_or(0, |container| container.held.inheritance_off);
    let found = connector.imported.iter().max_by_key(|(dn, _)| (off(dn), std::cmp::Reverse(*dn)));
    let Some((as_of, population)) = found.and_then(|(dn, as_of)| Some((*as_of, directory.population_of(dn)?))) else {
        return Vec::new();
    };
    let mut numbers = population.without_inheritance(as_of);
    if numbers.is_empty() {
        let users = population.numbers(as_of).filter(|number| population.class(*number) == Class::User);
        numbers = users.take(usize::try_from(some).unwrap_or(usize::MAX)).collect();
    }
    numbers.into_iter().filter_map(|number| population.object(number, as_of)).collect()
}
