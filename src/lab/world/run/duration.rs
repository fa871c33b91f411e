//! How long a run takes (lab.md 8.4).

use chrono::TimeDelta;

use crate::lab::fault::Fault;
use crate::lab::world::Around;
use crate::lab::world::connector::Kind;
use crate::lab::world::directory::is_in;
use crate::lab::world::history::Profile;
use crate::lab::world::pending::{anchors_to_write, pending_to_cloud};
use crate::lab::world::server::Server;

/// A group of so many members makes a full synchronization take twice as long.
const BIG_GROUP: i64 = 25_000;

impl Server {
    /// How long a run takes (lab.md 8.4).
    pub(in crate::lab::world) fn duration(&mut self, connector: &str, profile: Profile, around: &Around) -> TimeDelta {
        let Some(product) = self.product.as_ref() else { return TimeDelta::zero() };
        let Some(found) = product.connector(connector) else { return TimeDelta::seconds(1) };
        let now = around.now;
        let in_forest = |dn: &str| is_in(dn, &found.name);
        let selected = || {
            let all = around.directory.forests.iter().flat_map(|forest| &forest.containers);
            all.filter(|container| in_forest(&container.dn) && !found.excluded.contains(&container.dn))
        };
        let largest_group = selected().map(|container| container.held.largest_group).max().unwrap_or(0);
        let objects: u64 = match found.kind {
            Kind::Forest => selected().map(|container| around.directory.population(&container.dn, now)).sum(),
            Kind::Entra => product.synced.iter().map(|(dn, synced)| around.directory.population(dn, synced.as_of)).sum(),
            Kind::GenericLdap => 0,
        };
        let changed: u64 = match (profile, found.kind) {
            (Profile::DeltaImport, Kind::Forest) => {
                found.imported.iter().map(|(dn, as_of)| around.directory.between(dn, *as_of, now).total()).sum()
            }
            (Profile::DeltaImport, Kind::Entra) => around
                .cloud
                .populations
                .iter()
                .map(|(dn, written)| match found.known.get(dn) {
                    Some(known) => around.directory.between(dn, known.as_of, written.as_of).total(),
                    None => around.directory.population(dn, written.as_of),
                })
                .sum(),
            (Profile::DeltaSynchronization, Kind::Forest) => found
                .imported
                .iter()
                .map(|(dn, as_of)| match product.synced.get(dn) {
                    Some(synced) => around.directory.between(dn, synced.as_of, *as_of).total(),
                    None => around.directory.population(dn, *as_of),
                })
                .sum(),
            (Profile::Export, Kind::Entra) => pending_to_cloud(product, around.directory).changes().total(),
            (Profile::Export, Kind::Forest) => anchors_to_write(product, found, around.directory).count(),
            _ => 0,
        };
        let (n, d) = (i64::try_from(objects).unwrap_or(0), i64::try_from(changed).unwrap_or(0));
        let ms = match (profile, found.kind) {
            (Profile::DeltaImport, Kind::Entra) => 6_000 + 30 * d,
            (Profile::DeltaImport, _) => 4_000 + 20 * d,
            (Profile::FullImport, Kind::Entra) => 15_000 + n * 1_000 / 60,
            (Profile::FullImport, _) => 8_000 + n * 1_000 / 60,
            (Profile::DeltaSynchronization, _) => 1_000 + 50 * d,
            // What the forests' full synchronizations brought through the rules is only confirmed here.
            (Profile::FullSynchronization, Kind::Entra) => 2_000 + n,
            // Every member of a very large group is looked up again.
            (Profile::FullSynchronization, _) => {
                let largest = i64::try_from(largest_group).unwrap_or(0);
                10_000 + n * 1_000 / 40 * (BIG_GROUP + largest) / BIG_GROUP
            }
            // Batches at 20 a second, held to 7,000 writes in five minutes beyond the first of them.
            (Profile::Export, Kind::Entra) => 3_000 + (d * 50).max(around.cloud.throttled(now, changed).num_milliseconds()),
            (Profile::Export, _) => 1_000 + d * 1_000 / 30,
        };
        if self.has(Fault::NeverEndingCycle) && profile.is_synchronization() {
            return TimeDelta::days(365);
        }
        let delay = self.delay(found.kind, profile, objects, changed);
        self.chance.about(ms) + delay
    }
}
