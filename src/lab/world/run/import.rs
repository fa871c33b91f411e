//! Imports: from a forest, and from the cloud, where what the active server wrote confirms what this one would write.

use std::collections::BTreeSet;

use super::{Outcome, counters};
use crate::lab::world::Around;
use crate::lab::world::connector::{Kind, Known};
use crate::lab::world::cycle::Active;
use crate::lab::world::directory::{Changes, is_in};
use crate::lab::world::history::Profile;
use crate::lab::world::rules;
use crate::lab::world::server::Server;

impl Server {
    pub(super) fn import_forest(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let as_of = active.started;
        let full = active.profile == Profile::FullImport;
        let directory = &*around.directory;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let Some(connector) = product.connectors.iter_mut().find(|c| c.name == active.connector) else {
            return Outcome::failed("no-start-ma");
        };
        if !full && connector.imported.is_empty() && connector.full_import_required {
            return Outcome::failed("no-start-full-import-required");
        }
        let forest = connector.name.clone();
        let mut counted = Changes::default();
        let mut unchanged = 0;
        if full {
            let selected: Vec<String> = directory
                .container_names()
                .into_iter()
                .filter(|dn| is_in(dn, &forest) && !connector.excluded.contains(dn))
                .collect();
            let gone: Vec<String> = connector.imported.keys().filter(|dn| !selected.contains(dn)).cloned().collect();
            for dn in gone {
                if let Some(before) = connector.imported.remove(&dn) {
                    counted.deletes += directory.population(&dn, before);
                }
            }
            for dn in selected {
                let population = directory.population(&dn, as_of);
                match connector.imported.insert(dn.clone(), as_of) {
                    Some(before) => {
                        let changed = directory.between(&dn, before, as_of);
                        unchanged += population.saturating_sub(changed.adds + changed.updates);
                        counted += changed;
                    }
                    None => counted.adds += population,
                }
            }
            connector.full_import_required = false;
        } else {
            for (dn, before) in &mut connector.imported {
                counted += directory.between(dn, *before, as_of);
                *before = as_of;
            }
        }
        for (dn, at) in &mut connector.anchored {
            *at = around.anchored.get(dn).copied().unwrap_or(*at);
        }
        connector.stale = false;
        let scope: BTreeSet<&String> = connector.imported.keys().collect();
        for kept in directory.kept.iter().filter(|kept| is_in(&kept.first.container, &forest)) {
            let copy = product.kept.entry(kept.id).or_default();
            let is_in_scope = |version: &u32| kept.container(*version).is_some_and(|home| scope.iter().any(|dn| *dn == home));
            let read = kept.version_at(as_of).filter(is_in_scope);
            match (copy.imported, read) {
                (None, Some(_)) => counted.adds += 1,
                (Some(_), None) => counted.deletes += 1,
                (Some(had), Some(has)) if had != has => counted.updates += 1,
                _ => {}
            }
            copy.imported = read;
        }
        Outcome::success(counters(counted, unchanged))
    }

    pub(super) fn import_cloud(&mut self, active: &Active, around: &mut Around) -> Outcome {
        let directory = &*around.directory;
        let cloud = &*around.cloud;
        let Some(product) = self.product.as_mut() else { return Outcome::failed("no-start-server") };
        let rules = &product.rules;
        let Some(connector) = product.connectors.iter_mut().find(|c| c.kind == Kind::Entra) else {
            return Outcome::failed("no-start-ma");
        };
        let mut counted = Changes::default();
        let mut total = 0;
        for (dn, written) in &cloud.populations {
            let population = directory.population(dn, written.as_of);
            total += population;
            let known = Known { as_of: written.as_of, flavour: written.flavour.clone() };
            match connector.known.insert(dn.clone(), known) {
                None => counted.adds += population,
                Some(before) => {
                    counted += directory.between(dn, before.as_of.min(written.as_of), written.as_of.max(before.as_of));
                    counted.updates +=
                        directory.users(dn, written.as_of) * rules::share(rules, &before.flavour, &written.flavour) / 100;
                }
            }
        }
        let gone: Vec<String> = connector.known.keys().filter(|dn| !cloud.populations.contains_key(*dn)).cloned().collect();
        for dn in gone {
            if let Some(before) = connector.known.remove(&dn) {
                counted.deletes += directory.population(&dn, before.as_of);
            }
        }
        if active.profile == Profile::FullImport {
            connector.full_import_required = false;
        }
        connector.stale = false;
        for kept in &directory.kept {
            let written = cloud.kept.get(&kept.id).map(|object| object.image.clone());
            let copy = product.kept.entry(kept.id).or_default();
            match (&copy.known, &written) {
                (None, Some(_)) => counted.adds += 1,
                (Some(_), None) => (counted.deletes, copy.left) = (counted.deletes + 1, false),
                (Some(had), Some(has)) if had != has => counted.updates += 1,
                _ => {}
            }
            copy.known = written;
        }
        let unchanged =
            if active.profile == Profile::FullImport { total.saturating_sub(counted.adds + counted.updates) } else { 0 };
        Outcome::success(counters(counted, unchanged))
    }
}
