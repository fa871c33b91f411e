//! Active Directory: forests, containers with their populations, and the objects that are kept one by one.
//!
//! A population is not kept object by object. How many objects were created, changed and deleted since the world began is a function of
//! time, and so is what each of them is like: whoever read a container at a moment knows all of it by that moment.

use std::ops::Sub;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use super::container::{Class, Container, Held};
pub use super::kept::{Change, Flaw, Kept};
use super::object::{Anchor, Link, Object, Password, check_name};
use super::population::Population;
use crate::Time;

/// All forests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    /// Forests in the scenario's order
    pub forests: Vec<Forest>,
    /// Rates of change, each from its moment on, oldest first
    pub churn: Vec<Churn>,
    /// Objects that were made or touched by hand
    pub kept: Vec<Kept>,
}

/// A forest of one domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forest {
    /// `contoso.com`: also the connector's name
    pub name: String,
    /// Its domain controllers, by host name
    #[serde(default)]
    pub domain_controllers: Vec<String>,
    /// Organizational units with what is in them
    pub containers: Vec<Container>,
}

/// Objects created, deleted and modified a day, in thousandths of the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Churn {
    /// From this moment on
    pub since: Time,
    /// Created
    pub created: u64,
    /// Deleted
    pub deleted: u64,
    /// Modified
    pub modified: u64,
}

/// Counts of changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Created
    #[serde(default, skip_serializing_if = "is_zero")]
    pub adds: u64,
    /// Modified
    #[serde(default, skip_serializing_if = "is_zero")]
    pub updates: u64,
    /// Deleted
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deletes: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

impl Sub for Changes {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            adds: self.adds.saturating_sub(earlier.adds),
            updates: self.updates.saturating_sub(earlier.updates),
            deletes: self.deletes.saturating_sub(earlier.deletes),
        }
    }
}

impl std::ops::AddAssign for Changes {
    fn add_assign(&mut self, more: Self) {
        self.adds += more.adds;
        self.updates += more.updates;
        self.deletes += more.deletes;
    }
}

impl Changes {
    /// All of them.
    pub fn total(self) -> u64 {
        self.adds + self.updates + self.deletes
    }

    /// Whether there is none.
    pub fn none(self) -> bool {
        self.total() == 0
    }
}

impl Forest {
    /// `DC=contoso,DC=com`
    pub fn dn(&self) -> String {
        self.name.split('.').map(|label| format!("DC={label}")).collect::<Vec<_>>().join(",")
    }

    /// The domain's short name, `CONTOSO`.
    pub fn netbios(&self) -> String {
        self.name.split('.').next().unwrap_or_default().to_ascii_uppercase()
    }
}

impl Directory {
    /// Sets the rates from now on.
    pub fn set_churn(&mut self, rates: Churn) {
        self.churn.retain(|churn| churn.since < rates.since);
        self.churn.push(rates);
    }

    /// A container by its distinguished name, without regard to case.
    pub fn container(&self, dn: &str) -> Option<&Container> {
        self.forests.iter().flat_map(|forest| &forest.containers).find(|container| container.dn.eq_ignore_ascii_case(dn))
    }

    /// The population of a container.
    pub fn population_of(&self, dn: &str) -> Option<Population<'_>> {
        let container = self.container(dn)?;
        let taken = self.kept.iter().filter_map(|kept| kept.origin.as_ref());
        let taken = taken.filter(|(home, _)| *home == container.dn).map(|(_, number)| *number).collect();
        Some(Population::new(container, &self.churn, taken))
    }

    /// What changed in a container between two moments; nothing where the second is the earlier.
    pub fn between(&self, dn: &str, from: Time, to: Time) -> Changes {
        self.population_of(dn).map_or_else(Changes::default, |population| population.between(from, to))
    }

    /// How many objects of the population a container had at a moment.
    pub fn population(&self, dn: &str, moment: Time) -> u64 {
        self.population_of(dn).map_or(0, |population| population.count(moment))
    }

    /// How many of them were users.
    pub fn users(&self, dn: &str, moment: Time) -> u64 {
        self.population_of(dn).map_or(0, |population| population.users(moment))
    }

    /// The update sequence number that a forest's controllers have reached.
    pub fn usn(&self, forest: &Forest, moment: Time) -> u64 {
        let begun = self.churn.first().map_or(moment, |churn| churn.since);
        let changes = forest.containers.iter().map(|container| {
            let all = Population::new(container, &self.churn, std::collections::BTreeSet::new());
            container.held.objects() + all.between(begun, moment).total()
        });
        12_000 + changes.sum::<u64>() + self.kept.iter().map(|kept| u64::from(kept.newest())).sum::<u64>()
    }

    /// A kept object by its number.
    pub fn kept(&self, id: u32) -> Option<&Kept> {
        self.kept.get(usize::try_from(id).unwrap_or(usize::MAX)).filter(|kept| kept.id == id)
    }

    /// A kept object by its number, to be changed.
    pub fn kept_mut(&mut self, id: u32) -> Option<&mut Kept> {
        self.kept.get_mut(usize::try_from(id).unwrap_or(usize::MAX)).filter(|kept| kept.id == id)
    }

    /// A member that was taken out of its population is followed to where it is kept.
    pub fn follow(&self, link: &Link) -> Link {
        let Link::Member(home, number) = link else { return link.clone() };
        let is_it = |kept: &&Kept| kept.origin.as_ref().is_some_and(|origin| origin.1 == *number && origin.0 == *home);
        self.kept.iter().find(is_it).map_or_else(|| link.clone(), |kept| Link::Kept(kept.id))
    }

    /// The object at a moment; none where it was not there.
    pub fn object(&self, link: &Link, moment: Time) -> Option<Object> {
        match self.follow(link) {
            Link::Member(home, number) => self.population_of(&home)?.object(number, moment),
            Link::Kept(id) => {
                let kept = self.kept(id)?;
                kept.version(kept.version_at(moment)?)
            }
        }
    }

    /// The distinguished name of an object in its forest; none where it was deleted.
    pub fn dn(&self, link: &Link) -> Option<String> {
        match self.follow(link) {
            Link::Member(home, number) => Some(format!("CN={},{home}", self.container(&home)?.name(number))),
            Link::Kept(id) => self.kept(id).filter(|kept| !kept.is_deleted()).map(|kept| kept.last().dn()),
        }
    }

    /// The distinguished name of an object in the Entra connector space; none where it was deleted.
    pub fn entra_dn(&self, link: &Link) -> Option<String> {
        match self.follow(link) {
            Link::Member(home, number) => Some(Anchor::of_member(&home, number).entra_dn()),
            Link::Kept(id) => self.kept(id).filter(|kept| !kept.is_deleted()).map(|kept| kept.first.anchor.entra_dn()),
        }
    }

    /// An object by name, user principal name or distinguished name, whether it is still there or not; what is there comes first.
    pub fn find(&self, name: &str, now: Time) -> Option<Link> {
        let is_it = |object: &Object| {
            object.name.eq_ignore_ascii_case(name)
                || object.upn().eq_ignore_ascii_case(name)
                || name.len() > object.container.len() && object.dn().eq_ignore_ascii_case(name)
        };
        let kept = self.kept.iter().rev().filter(|kept| is_it(&kept.last()));
        if let Some(found) = kept.min_by_key(|kept| kept.is_deleted()) {
            return Some(Link::Kept(found.id));
        }
        // The name of a population's object ends with its number.
        let bare = name.strip_prefix("CN=").or_else(|| name.strip_prefix("cn=")).unwrap_or(name).split([',', '@']).next()?;
        let number: u64 = bare.trim_end_matches(" (contact)").rsplit([' ', '-', '.']).next()?.parse().ok()?;
        let containers = || self.forests.iter().flat_map(|forest| &forest.containers);
        let found = containers().filter_map(|container| {
            let population = self.population_of(&container.dn)?;
            let created = population.created_at(number).filter(|created| *created <= now)?;
            let object = population.object(number, created)?;
            (is_it(&object) && !population.is_taken(number)).then(|| (population.had(number, now), container.dn.clone()))
        });
        let found = found.max_by_key(|(is_there, _)| *is_there);
        found.map(|(_, home)| Link::Member(home, number))
    }

    /// Makes a user; the container must exist.
    pub fn create(&mut self, name: &str, container: &str, flaw: Option<Flaw>, at: Time) -> Result<&Kept, String> {
        let dn = self
            .container(container)
            .ok_or_else(|| format!("there is no container {container}; there are {}", self.container_names().join(", ")))?
            .dn
            .clone();
        check_name(name)?;
        if self.find(name, at).is_some_and(|known| self.object(&known, at).is_some()) {
            return Err(format!("there is an object {name} already"));
        }
        let domain = domain_of(&dn);
        let local: String = name.to_lowercase().chars().map(|c| if c.is_whitespace() { '.' } else { c }).collect();
        let illegal = if flaw == Some(Flaw::IllegalAttribute) { "&" } else { "" };
        let id = u32::try_from(self.kept.len()).unwrap_or(u32::MAX);
        let mut words = name.split_whitespace();
        let attributes = [
            ("displayName", name.to_owned()),
            ("givenName", words.next().unwrap_or_default().to_owned()),
            ("sn", words.last().unwrap_or_default().to_owned()),
            ("userPrincipalName", format!("{local}{illegal}@{domain}")),
            ("sAMAccountName", local.clone()),
            ("mail", format!("{local}@{domain}")),
            ("department", "Sales".to_owned()),
        ];
        let first = Object {
            anchor: Anchor::of_kept(id),
            name: name.to_owned(),
            container: dn,
            class: Class::User,
            enabled: true,
            attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            members: std::collections::BTreeSet::new(),
            inheritance_off: false,
            password: Some(Password { version: 1, set: at }),
        };
        let flaw = flaw.filter(|flaw| *flaw != Flaw::IllegalAttribute);
        self.kept.push(Kept { id, origin: None, first, since: at, changes: Vec::new(), flaw, anchored: false });
        self.kept.last().ok_or_else(|| "no user was made".to_owned())
    }

    /// All containers' names.
    pub fn container_names(&self) -> Vec<String> {
        self.forests.iter().flat_map(|forest| &forest.containers).map(|container| container.dn.clone()).collect()
    }

    /// A container by its distinguished name or by the first part of it (`Sales` for `OU=Sales,…`).
    pub fn find_container(&self, name: &str) -> Option<&Container> {
        self.container(name).or_else(|| {
            self.forests.iter().flat_map(|forest| &forest.containers).find(|container| {
                let first = container.dn.split(',').next().unwrap_or_default();
                first.split_once('=').is_some_and(|(_, value)| value.eq_ignore_ascii_case(name))
            })
        })
    }
}

/// `contoso.com` of a distinguished name.
pub fn domain_of(dn: &str) -> String {
    dn.split(',').filter_map(|part| part.trim().strip_prefix("DC=")).collect::<Vec<_>>().join(".")
}

/// Whether a distinguished name is of that forest.
pub fn is_in(dn: &str, forest: &str) -> bool {
    domain_of(dn).eq_ignore_ascii_case(forest)
}

/// One day.
pub const DAY: TimeDelta = TimeDelta::days(1);
