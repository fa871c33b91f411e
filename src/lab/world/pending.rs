//! Pending exports: what a server would write if it exported now. The same count is the prediction on a standby and the outcome of its
//! first export after promotion.

use super::connector::{Connector, Copy, Kind, Known, Synced};
use super::directory::{Changes, Class, Directory, is_in};
use super::kept::{Image, Kept};
use super::population::Population;
use super::rules;
use super::server::Product;
use crate::Time;
use crate::lab::fault::Fault;

/// Pending exports to the cloud.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pending {
    /// Of populations, by container
    pub parts: Vec<Part>,
    /// Of objects that are kept one by one
    pub kept: Vec<(u32, Operation)>,
}

/// Pending exports of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The container
    pub dn: String,
    /// How many
    pub changes: Changes,
}

/// What is done to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// It is made.
    Add(Image),
    /// It is changed.
    Update(Image),
    /// It is deleted.
    Delete,
}

impl Pending {
    /// The sum of all.
    pub fn changes(&self) -> Changes {
        let mut sum = Changes::default();
        for part in &self.parts {
            sum += part.changes;
        }
        for (_, operation) in &self.kept {
            match operation {
                Operation::Add(_) => sum.adds += 1,
                Operation::Update(_) => sum.updates += 1,
                Operation::Delete => sum.deletes += 1,
            }
        }
        sum
    }
}

/// What stands between a container in the cloud and what a server would make of it.
#[derive(Debug)]
pub(super) struct Difference<'a> {
    population: Population<'a>,
    /// What is known to be in the cloud
    pub known: Option<&'a Known>,
    /// What the server would have there; none: it left the metaverse
    pub synced: Option<&'a Synced>,
    /// The rules make other values of all users
    differs: bool,
    /// The server no longer reads its directory, and writes old values over newer ones
    stale: bool,
}

impl<'a> Difference<'a> {
    /// The differences of all containers that a server has to do with.
    pub(super) fn all(product: &'a Product, directory: &'a Directory) -> impl Iterator<Item = (&'a String, Self)> {
        let entra = product.entra();
        let stale = product.forests().any(|forest| forest.stale);
        let left = product.left.iter().filter(|dn| !product.synced.contains_key(*dn)).map(|dn| (dn, None));
        let all = product.synced.iter().map(|(dn, synced)| (dn, Some(synced))).chain(left);
        all.filter_map(move |(dn, synced)| {
            let known = entra?.known.get(dn);
            let share = known.zip(synced).map_or(0, |(a, b)| rules::share(&product.rules, &b.flavour, &a.flavour));
            Some((dn, Self { population: directory.population_of(dn)?, known, synced, differs: share > 0, stale }))
        })
    }

    /// The moment of the directory that the cloud shows once it is written. What another server wrote of a later moment stays.
    pub(super) fn becomes(&self) -> Option<Time> {
        let synced = self.synced?.as_of;
        Some(self.known.filter(|_| !self.stale).map_or(synced, |known| known.as_of.max(synced)))
    }

    /// Both moments, the earlier first, of what is changed and not made anew.
    fn span(&self) -> Option<(Time, Time)> {
        let (from, to) = (self.known?.as_of, self.becomes()?);
        Some((from.min(to), from.max(to)))
    }

    /// How many of each.
    pub(super) fn count(&self) -> Changes {
        match (self.known, self.synced) {
            (None, Some(synced)) => Changes { adds: self.population.count(synced.as_of), ..Changes::default() },
            (Some(known), None) => Changes { deletes: self.population.count(known.as_of), ..Changes::default() },
            (Some(known), Some(synced)) => {
                let mut changes = self.population.between(known.as_of, synced.as_of);
                if let Some((from, to)) = self.span() {
                    changes.updates = if self.differs {
                        let new = self.population.created(from, to).filter(|number| self.is_user(*number)).count();
                        let others = self.population.modified(from, to).filter(|number| !self.is_user(*number)).count();
                        let all = self.population.users(to) + u64::try_from(others).unwrap_or(0);
                        all.saturating_sub(u64::try_from(new).unwrap_or(0))
                    } else {
                        self.population.between(from, to).updates
                    };
                }
                changes
            }
            (None, None) => Changes::default(),
        }
    }

    /// Numbers that are made.
    pub(super) fn added(&self) -> impl Iterator<Item = u64> {
        let new = self.synced.filter(|_| self.known.is_none()).map(|synced| self.population.numbers(synced.as_of));
        let more = self.known.zip(self.synced).map(|(known, synced)| self.population.created(known.as_of, synced.as_of));
        new.into_iter().flatten().chain(more.into_iter().flatten())
    }

    /// Numbers that are deleted.
    pub(super) fn deleted(&self) -> impl Iterator<Item = u64> {
        let all = self.known.filter(|_| self.synced.is_none()).map(|known| self.population.numbers(known.as_of));
        let some = self.known.zip(self.synced).map(|(known, synced)| self.population.deleted(known.as_of, synced.as_of));
        all.into_iter().flatten().chain(some.into_iter().flatten())
    }

    /// Numbers that are changed, each once.
    pub(super) fn updated(&self) -> impl Iterator<Item = u64> {
        self.span().into_iter().flat_map(|(from, to)| {
            let by_rules = self.population.staying(from, to).filter(|number| self.differs && self.is_user(*number));
            by_rules.chain(self.population.modified(from, to).filter(|number| !(self.differs && self.is_user(*number))))
        })
    }

    fn is_user(&self, number: u64) -> bool {
        self.population.class(number) == Class::User
    }
}

/// What a server would do to an object that is kept one by one.
pub(super) fn operation(kept: &Kept, copy: &Copy, directory: &Directory, stale: bool) -> Option<Operation> {
    match (&copy.known, &copy.synced) {
        (None, Some(synced)) => Some(Operation::Add(synced.clone())),
        (Some(_), None) => copy.left.then_some(Operation::Delete),
        (Some(known), Some(synced)) => {
            // What another server wrote of a later version stays, unless this one no longer reads its directory.
            let version = if stale { synced.version } else { synced.version.max(known.version) };
            let wanted = Image { version, flavour: synced.flavour.clone() };
            let differs = wanted != *known && in_cloud(kept, known, directory) != in_cloud(kept, &wanted, directory);
            differs.then_some(Operation::Update(wanted))
        }
        (None, None) => None,
    }
}

/// An image of an object in the cloud.
pub(in crate::lab) fn in_cloud(kept: &Kept, image: &Image, directory: &Directory) -> Option<super::object::Values> {
    let object = kept.version(image.version)?;
    Some(object.in_cloud(&rules::effects(&image.flavour), |member| directory.entra_dn(member)))
}

/// What the server would write into the cloud.
pub fn pending_to_cloud(product: &Product, directory: &Directory) -> Pending {
    if product.entra().is_none() {
        return Pending::default();
    }
    let parts = Difference::all(product, directory).map(|(dn, difference)| Part { dn: dn.clone(), changes: difference.count() });
    let stale = product.forests().any(|forest| forest.stale);
    let kept = product.kept.iter().filter_map(|(id, copy)| {
        let found = operation(directory.kept(*id)?, copy, directory, stale)?;
        Some((*id, found))
    });
    Pending { parts: parts.filter(|part| !part.changes.none()).collect(), kept: kept.collect() }
}

/// All pending exports to the cloud.
pub fn pending_count(product: &Product, directory: &Directory) -> Changes {
    pending_to_cloud(product, directory).changes()
}

/// Source anchors that a server would write back into a forest: of users that were created, where the anchor is an attribute for that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors {
    /// Of populations: containers with numbers
    pub members: Vec<(String, u64)>,
    /// Of objects that are kept one by one
    pub kept: Vec<u32>,
}

impl Anchors {
    /// How many.
    pub fn count(&self) -> u64 {
        u64::try_from(self.members.len() + self.kept.len()).unwrap_or(0)
    }
}

/// The source anchors that the server would write back into a forest.
pub fn anchors_to_write(product: &Product, connector: &Connector, directory: &Directory) -> Anchors {
    if !product.options.source_anchor.eq_ignore_ascii_case("mS-DS-ConsistencyGuid") {
        return Anchors::default();
    }
    let mut members = Vec::new();
    for (dn, synced) in &product.synced {
        let Some((anchored, population)) = connector.anchored.get(dn).zip(directory.population_of(dn)) else { continue };
        let users = population.created(*anchored, synced.as_of).filter(|number| population.class(*number) == Class::User);
        members.extend(users.map(|number| (dn.clone(), number)));
    }
    let kept = product.kept.iter().filter(|(_, copy)| copy.synced.is_some()).filter_map(|(id, _)| {
        let kept = directory.kept(*id)?;
        let waits = kept.first.class == Class::User && !kept.anchored && is_in(&kept.first.container, &connector.name);
        waits.then_some(*id)
    });
    Anchors { members, kept: kept.collect() }
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
    let kept = |is_here: &dyn Fn(&Copy) -> bool| -> u64 {
        u64::try_from(product.kept.values().filter(|copy| is_here(copy)).count()).unwrap_or(0)
    };
    match connector.kind {
        Kind::Entra => {
            let total = objects(product) + kept(&|copy| copy.synced.is_some());
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
            for dn in product.synced.keys().filter(|dn| is_in(dn, &connector.name) && !connector.imported.contains_key(*dn)) {
                import.deletes += product.synced.get(dn).map_or(0, |synced| directory.population(dn, synced.as_of));
            }
            total += kept(&|copy| copy.imported.is_some());
            let refused = if rights { 0 } else { u64::try_from(connector.failing.len()).unwrap_or(0) };
            let updates = anchors_to_write(product, connector, directory).count().max(refused);
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
