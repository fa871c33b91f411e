//! The objects of a connector space, one by one: what each holds, what is pending on it in either direction, and what the other side said
//! against it. Cmdlets and csexport show them; they are worked out when somebody asks.

use super::connector::{Connector, Copy, Kind};
use super::container::Class;
use super::directory::Directory;
use super::history::ObjectError;
use super::kept::{Image, Kept};
use super::object::{Anchor, AttributeChange, Link, Object, Values};
use super::pending::{Difference, Operation, anchors_to_write, operation};
use super::rules;
use super::server::Product;
use crate::Time;

/// A connector space of one server.
#[derive(Debug, Clone, Copy)]
pub struct Space<'a> {
    /// The server's product
    pub product: &'a Product,
    /// The connector
    pub connector: &'a Connector,
    /// The directory
    pub directory: &'a Directory,
    /// The world's clock
    pub now: Time,
}

/// An object of a connector space.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is known by
    pub anchor: Anchor,
    /// Distinguished name in this space
    pub dn: String,
    /// Common name in the directory
    pub name: String,
    /// The container it is in
    pub container: String,
    /// Its class
    pub class: Class,
    /// It is joined to an object of the metaverse
    pub connected: bool,
    /// Its attributes as the space holds them
    pub values: Values,
    /// What would be written
    pub export: Option<Delta>,
    /// What was read and is not synchronized yet
    pub import: Option<Delta>,
    /// What the other side said against the last export
    pub error: Option<ObjectError>,
}

impl Entry {
    /// One with which nothing is going on.
    fn quiet(anchor: Anchor, dn: String, object: Object, values: Values) -> Self {
        let Object { name, container, class, .. } = object;
        Self { anchor, dn, name, container, class, connected: false, values, export: None, import: None, error: None }
    }
}

/// A change of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// `add`, `update` or `delete`
    pub operation: &'static str,
    /// Its attributes
    pub attributes: Vec<AttributeChange>,
}

impl Delta {
    /// What leads from one state to another; none where they are the same.
    fn between(before: Option<&Values>, after: Option<&Values>) -> Option<Self> {
        let (operation, attributes) = match (before, after) {
            (None, None) => return None,
            (None, Some(after)) => ("add", after.all()),
            (Some(_), None) => ("delete", Vec::new()),
            (Some(before), Some(after)) => ("update", before.changes_to(after)),
        };
        (operation != "update" || !attributes.is_empty()).then_some(Self { operation, attributes })
    }
}

/// Where an object stands: what a server has of it.
struct Standing<'a> {
    anchor: Anchor,
    imported: Option<Object>,
    synced: Option<Object>,
    /// As it is known to be in the cloud, with the rules' doing
    known: Option<(Object, &'a std::collections::BTreeSet<String>)>,
    /// As it would be in the cloud
    wanted: Option<(Object, &'a std::collections::BTreeSet<String>)>,
    anchor_waits: bool,
    error: Option<&'a ObjectError>,
}

impl<'a> Space<'a> {
    /// What is pending for export, up to `limit` of each kind and container.
    pub fn exports(self, limit: usize) -> Vec<Entry> {
        let links: Vec<Link> = match self.connector.kind {
            Kind::Entra => self.exports_to_cloud(limit),
            Kind::Forest => {
                let anchors = anchors_to_write(self.product, self.connector, self.directory);
                let members = anchors.members.into_iter().take(limit).map(|(home, number)| Link::Member(home, number));
                members.chain(anchors.kept.into_iter().map(Link::Kept)).collect()
            }
            Kind::GenericLdap => Vec::new(),
        };
        links.iter().filter_map(|link| self.entry(link)).filter(|entry| entry.export.is_some()).collect()
    }

    fn exports_to_cloud(self, limit: usize) -> Vec<Link> {
        let mut links = Vec::new();
        for (home, difference) in Difference::all(self.product, self.directory) {
            let numbers = difference.added().take(limit).chain(difference.updated().take(limit));
            let numbers = numbers.chain(difference.deleted().take(limit));
            links.extend(numbers.map(|number| Link::Member(home.clone(), number)));
        }
        let stale = self.product.forests().any(|forest| forest.stale);
        let pending = self.product.kept.iter().filter(|(id, copy)| {
            self.directory.kept(**id).is_some_and(|kept| operation(kept, copy, self.directory, stale).is_some())
        });
        links.extend(pending.map(|(id, _)| Link::Kept(*id)));
        links
    }

    /// What was read and is not synchronized yet, up to `limit` of each container.
    pub fn imports(self, limit: usize) -> Vec<Entry> {
        if self.connector.kind != Kind::Forest {
            return Vec::new();
        }
        let homes =
            self.connector.imported.keys().chain(self.product.synced.keys().filter(|home| {
                super::directory::is_in(home, &self.connector.name) && !self.connector.imported.contains_key(*home)
            }));
        let mut links = Vec::new();
        for home in homes {
            let Some(population) = self.directory.population_of(home) else { continue };
            let (imported, synced) =
                (self.connector.imported.get(home), self.product.synced.get(home).map(|synced| synced.as_of));
            let numbers: Vec<u64> = match (synced, imported) {
                (Some(from), Some(to)) => {
                    let all = population.created(from, *to).chain(population.modified(from, *to));
                    all.chain(population.deleted(from, *to)).take(limit).collect()
                }
                (Some(moment), None) => population.numbers(moment).take(limit).collect(),
                (None, Some(moment)) => population.numbers(*moment).take(limit).collect(),
                (None, None) => Vec::new(),
            };
            links.extend(numbers.into_iter().map(|number| Link::Member(home.clone(), number)));
        }
        links.extend(self.product.kept.keys().copied().map(Link::Kept));
        links.iter().filter_map(|link| self.entry(link)).filter(|entry| entry.import.is_some()).collect()
    }

    /// What failed in the last export.
    pub fn errors(self) -> Vec<Entry> {
        let kept = self.product.kept.iter().filter(|(_, copy)| self.connector.kind == Kind::Entra && copy.error.is_some());
        let kept = kept.map(|(id, _)| Link::Kept(*id));
        let failing = self.connector.failing.iter().filter_map(|error| self.directory.find(&error.dn, self.now));
        kept.chain(failing).filter_map(|link| self.entry(&link)).filter(|entry| entry.error.is_some()).collect()
    }

    /// Objects that are joined to nothing in the metaverse, and that nobody deletes.
    pub fn disconnectors(self) -> Vec<Entry> {
        self.all().filter_map(|link| self.entry(&link)).filter(|entry| !entry.connected).collect()
    }

    /// All objects of the space.
    pub fn all(self) -> impl Iterator<Item = Link> {
        let kept = self.product.kept.keys().copied().map(Link::Kept);
        let homes: Vec<(&String, Time)> = match self.connector.kind {
            Kind::Entra => {
                let synced = self.product.synced.iter().map(|(home, synced)| (home, synced.as_of));
                let others = self.connector.known.iter().filter(|(home, _)| !self.product.synced.contains_key(*home));
                synced.chain(others.map(|(home, known)| (home, known.as_of))).collect()
            }
            Kind::Forest => self.connector.imported.iter().map(|(home, as_of)| (home, *as_of)).collect(),
            Kind::GenericLdap => Vec::new(),
        };
        let members = homes.into_iter().filter_map(move |(home, as_of)| {
            let population = self.directory.population_of(home)?;
            let numbers: Vec<u64> = population.numbers(as_of).collect();
            Some(numbers.into_iter().map(move |number| Link::Member(home.clone(), number)))
        });
        kept.chain(members.flatten())
    }

    /// An object by its distinguished name in this space.
    pub fn by_dn(self, dn: &str) -> Option<Entry> {
        match self.connector.kind {
            Kind::Forest => {
                let found = self.directory.find(dn, self.now).and_then(|link| self.entry(&link));
                found.filter(|entry| entry.dn.eq_ignore_ascii_case(dn))
            }
            Kind::Entra => self.by_anchor(|anchor| anchor.is_entra_dn(dn)),
            Kind::GenericLdap => None,
        }
    }

    /// An object by its Guid in this space.
    pub fn by_guid(self, guid: &str) -> Option<Entry> {
        self.by_anchor(|anchor| anchor.within(&self.connector.identifier).is_guid(guid))
    }

    /// An object by the Guid of the object of the metaverse that it is joined to.
    pub fn by_metaverse(self, guid: &str) -> Option<Entry> {
        self.by_anchor(|anchor| anchor.within("metaverse").is_guid(guid))
    }

    fn by_anchor(self, is_it: impl Fn(Anchor) -> bool) -> Option<Entry> {
        self.all().find(|link| self.anchor(link).is_some_and(&is_it)).and_then(|link| self.entry(&link))
    }

    fn anchor(self, link: &Link) -> Option<Anchor> {
        match link {
            Link::Member(home, number) => Some(Anchor::of_member(home, *number)),
            Link::Kept(id) => self.directory.kept(*id).map(|kept| kept.first.anchor),
        }
    }

    /// An object as this space has it; none where it is not in it.
    pub fn entry(self, link: &Link) -> Option<Entry> {
        let standing = match self.directory.follow(link) {
            Link::Member(home, number) => self.member(&home, number)?,
            Link::Kept(id) => self.kept(self.directory.kept(id)?, self.product.kept.get(&id)?),
        };
        match self.connector.kind {
            Kind::Entra => self.in_cloud(standing),
            Kind::Forest => self.in_forest(standing),
            Kind::GenericLdap => None,
        }
    }

    fn member(self, home: &str, number: u64) -> Option<Standing<'a>> {
        let population = self.directory.population_of(home)?;
        let at = |moment: Time| population.object(number, moment);
        let synced = self.product.synced.get(home);
        let known = self.product.entra().and_then(|entra| entra.known.get(home));
        let known_object = known.and_then(|known| Some((at(known.as_of)?, &known.flavour)));
        let left = synced.is_none() && !self.product.left.contains(home);
        let difference = Difference::all(self.product, self.directory).find(|(dn, _)| *dn == home);
        let becomes = difference.and_then(|(_, difference)| difference.becomes());
        let wanted = synced.zip(becomes).and_then(|(synced, moment)| Some((at(moment)?, &synced.flavour)));
        let anchored = self.connector.anchored.get(home).zip(synced);
        let anchors = anchored.is_some_and(|(anchored, synced)| population.created(*anchored, synced.as_of).any(|n| n == number));
        let imported = self.connector.imported.get(home).and_then(|moment| at(*moment));
        let error = imported.as_ref().and_then(|object| self.connector.failing.iter().find(|error| error.dn == object.dn()));
        Some(Standing {
            anchor: Anchor::of_member(home, number),
            synced: synced.and_then(|synced| at(synced.as_of)),
            wanted: if left { known_object.clone() } else { wanted },
            known: known_object,
            anchor_waits: anchors && population.class(number) == Class::User,
            imported,
            error,
        })
    }

    fn kept(self, kept: &Kept, copy: &'a Copy) -> Standing<'a> {
        let of = |image: &'a Image| Some((kept.version(image.version)?, &image.flavour));
        let known = copy.known.as_ref().and_then(of);
        let stale = self.product.forests().any(|forest| forest.stale);
        let version = match operation(kept, copy, self.directory, stale) {
            Some(Operation::Add(image) | Operation::Update(image)) => Some(image.version),
            Some(Operation::Delete) | None => None,
        };
        let changed =
            copy.synced.as_ref().zip(version).and_then(|(synced, version)| Some((kept.version(version)?, &synced.flavour)));
        let deleted = copy.synced.is_none() && copy.left;
        Standing {
            anchor: kept.first.anchor,
            imported: copy.imported.and_then(|version| kept.version(version)),
            synced: copy.synced.as_ref().and_then(|image| kept.version(image.version)),
            wanted: changed.or_else(|| known.clone().filter(|_| !deleted)),
            known,
            anchor_waits: copy.synced.is_some() && !kept.anchored && kept.first.class == Class::User,
            error: copy.error.as_ref(),
        }
    }

    fn in_cloud(self, standing: Standing<'_>) -> Option<Entry> {
        let of = |state: &(Object, &std::collections::BTreeSet<String>)| {
            state.0.in_cloud(&rules::effects(state.1), |member| self.directory.entra_dn(member))
        };
        let (before, after) = (standing.known.as_ref().map(of), standing.wanted.as_ref().map(of));
        let export = Delta::between(before.as_ref(), after.as_ref());
        let connected = standing.synced.is_some() || standing.wanted.is_none();
        let (anchor, error) = (standing.anchor, standing.error.cloned());
        let object = standing.wanted.or(standing.known)?.0;
        let values = after.or(before).unwrap_or_default();
        Some(Entry { connected, export, error, ..Entry::quiet(anchor, anchor.entra_dn(), object, values) })
    }

    fn in_forest(self, standing: Standing<'_>) -> Option<Entry> {
        if !super::directory::is_in(&standing.imported.as_ref().or(standing.synced.as_ref())?.container, &self.connector.name) {
            return None;
        }
        let of = |object: &Object| object.in_forest(|member| self.directory.dn(member));
        let (before, after) = (standing.synced.as_ref().map(of), standing.imported.as_ref().map(of));
        let import = Delta::between(before.as_ref(), after.as_ref());
        let written = AttributeChange {
            name: "mS-DS-ConsistencyGuid".to_owned(),
            removed: Vec::new(),
            added: vec![standing.anchor.source_anchor()],
        };
        let export = standing.anchor_waits.then(|| Delta { operation: "update", attributes: vec![written] });
        let connected = standing.synced.is_some();
        let object = standing.imported.or(standing.synced)?;
        let error = standing.error.filter(|error| error.dn == object.dn()).cloned();
        let (dn, values) = (object.dn(), after.or(before).unwrap_or_default());
        Some(Entry { connected, export, import, error, ..Entry::quiet(standing.anchor, dn, object, values) })
    }
}
