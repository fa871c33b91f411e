//! Synchronizations: what was imported goes through the rules into the metaverse.

use std::collections::BTreeSet;

use super::{Outcome, counters};
use crate::lab::world::Around;
use crate::lab::world::connector::{Kind, Synced};
use crate::lab::world::cycle::Active;
use crate::lab::world::directory::{Changes, Class, is_in};
use crate::lab::world::history::{Counters, Profile};
use crate::lab::world::kept::Image;
use crate::lab::world::rules;
use crate::lab::world::server::Server;

impl Server {
    pub(super) fn synchronize(&mut self, active: &Active, kind: Kind, around: &mut Around) -> Outcome {
        let full = active.profile == Profile::FullSynchronization;
        let directory = &*around.directory;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let ours = rules::flavour(&product.rules);
        let Some(connector) = product.connectors.iter_mut().find(|c| c.name == active.connector) else {
            return Outcome::failed("no-start-ma");
        };
        if full {
            connector.full_sync_required = false;
        }
        if kind != Kind::Forest {
            return Outcome::success(Counters::default());
        }
        let mut counted = Changes::default();
        let gone: Vec<String> = product
            .synced
            .keys()
            .filter(|dn| is_in(dn, &connector.name) && !connector.imported.contains_key(*dn))
            .cloned()
            .collect();
        for dn in gone {
            if let Some(before) = product.synced.remove(&dn) {
                counted.deletes += directory.population(&dn, before.as_of);
                product.left.insert(dn);
            }
        }
        for (dn, as_of) in &connector.imported {
            product.left.remove(dn);
            if let Some(synced) = product.synced.get_mut(dn) {
                counted += directory.between(dn, synced.as_of, *as_of);
                synced.as_of = *as_of;
                if full && synced.flavour != ours {
                    counted.updates += directory.users(dn, *as_of) * rules::share(&product.rules, &synced.flavour, &ours) / 100;
                    synced.flavour.clone_from(&ours);
                }
            } else {
                counted.adds += directory.population(dn, *as_of);
                product.synced.insert(dn.clone(), Synced { as_of: *as_of, flavour: ours.clone() });
                connector.anchored.entry(dn.clone()).or_insert(*as_of);
            }
        }
        for (id, copy) in &mut product.kept {
            let is_user = directory.kept(*id).is_some_and(|kept| kept.first.class == Class::User);
            let made = copy.imported.map(|version| {
                // As with populations: what did not change keeps its values until a full synchronization.
                let stays = copy.synced.as_ref().filter(|image| image.version == version && !full);
                let flavour = if is_user { ours.clone() } else { BTreeSet::new() };
                stays.cloned().unwrap_or(Image { version, flavour })
            });
            match (&copy.synced, &made) {
                (None, Some(_)) => (counted.adds, copy.left) = (counted.adds + 1, false),
                (Some(_), None) => (counted.deletes, copy.left) = (counted.deletes + 1, true),
                (Some(had), Some(has)) if had != has => counted.updates += 1,
                _ => {}
            }
            copy.synced = made;
        }
        Outcome::success(counters(counted, 0))
    }
}
