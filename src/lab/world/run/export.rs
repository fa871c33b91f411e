//! Exports: to the cloud, held by the deletion threshold, and back into the forests.

use super::{Outcome, counters, with_errors};
use crate::Time;
use crate::lab::fault::Fault;
use crate::lab::world::Around;
use crate::lab::world::cloud::{CloudPerson, Written};
use crate::lab::world::connector::{Kind, Known, entra_dn};
use crate::lab::world::cycle::Active;
use crate::lab::world::directory::Changes;
use crate::lab::world::history::{Counters, ObjectError};
use crate::lab::world::pending::{Pending, pending_count, pending_to_cloud, pending_to_forest};
use crate::lab::world::server::Server;

impl Server {
    pub(super) fn export_cloud(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let now = around.now;
        let host = self.host.name.clone();
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let pending = pending_to_cloud(product, around.directory);
        let limit = around.cloud.deletion_threshold;
        if limit > 0 && pending_count(product, around.directory).deletes > limit {
            return Outcome {
                result: "stopped-deletion-threshold-exceeded".to_owned(),
                counters: Counters::default(),
                errors: Vec::new(),
            };
        }
        let stale = product.forests().any(|forest| forest.stale);
        let Pending { parts, people } = pending;
        let mut counted = Changes::default();
        for part in parts {
            counted += part.changes;
            if part.changes.deletes > 0 {
                around.cloud.deleted(now, &part.dn, part.changes.deletes);
            }
            if part.changes.adds > 0 && !around.cloud.populations.contains_key(&part.dn) {
                // What comes back is the same objects: they are restored, not made anew.
                around.cloud.recycle_bin.retain(|deleted| deleted.dn != part.dn);
            }
            // What another server wrote of a later moment stays, unless this one no longer reads its directory.
            let later = product.entra().and_then(|entra| entra.known.get(&part.dn)).map(|known| known.as_of).filter(|_| !stale);
            let known = product.synced.get(&part.dn).map(|synced| Known {
                as_of: later.map_or(synced.as_of, |later| later.max(synced.as_of)),
                flavour: synced.flavour.clone(),
            });
            if let Some(known) = &known {
                let written = Written { as_of: known.as_of, flavour: known.flavour.clone(), by: host.clone() };
                around.cloud.populations.insert(part.dn.clone(), written);
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
        for id in people {
            let Some(person) = around.directory.people.iter().find(|p| p.id == id) else { continue };
            let copy = product.people.entry(id).or_default();
            if let (Some(flaw), Some(_)) = (person.flaw, copy.synced) {
                let before = copy.error.take();
                let error = ObjectError {
                    kind: flaw.error_type().to_owned(),
                    dn: entra_dn(&person.name),
                    name: person.name.clone(),
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
            match (copy.known, copy.synced) {
                (None, Some(_)) => counted.adds += 1,
                (Some(_), None) => counted.deletes += 1,
                _ => counted.updates += 1,
            }
            copy.known = copy.synced;
            if let Some(version) = copy.synced {
                around.cloud.people.insert(id, CloudPerson { version, by: host.clone(), at: now });
            } else {
                around.cloud.people.remove(&id);
                around.cloud.deleted(now, &person.container, 1);
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
        let pending = pending_to_forest(product, &product.connectors[at], directory);
        if refused {
            // Where users with inheritance off are said, they are the ones; else some of the first container.
            let off = |dn: &str| directory.container(dn).map_or(0, |container| container.held.inheritance_off);
            let imported = &product.connectors[at].imported;
            let protected = imported.iter().max_by_key(|(dn, _)| (off(dn), std::cmp::Reverse(*dn)));
            let Some((dn, as_of)) = protected.map(|(dn, as_of)| (dn.clone(), *as_of)) else {
                return Outcome::success(Counters::default());
            };
            let count = match off(&dn) {
                0 => 4 + pending,
                off => off,
            };
            let before = std::mem::take(&mut product.connectors[at].failing);
            let failing: Vec<ObjectError> = directory
                .names(&dn, as_of, count)
                .into_iter()
                .map(|name| {
                    let earlier = before.iter().find(|error| error.name == name);
                    ObjectError {
                        kind: "permission-issue".to_owned(),
                        dn: format!("CN={name},{dn}"),
                        code: Some(8344),
                        message: "Insufficient access rights to perform the operation.".to_owned(),
                        first: earlier.map_or(now, |e| e.first),
                        retries: earlier.map_or(0, |e| e.retries + 1),
                        name,
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
        Outcome::success(counters(Changes { adds: 0, updates: pending, deletes: 0 }, 0))
    }
}
