//! Active Directory: forests, containers with their populations, and the people that an operator made.
//!
//! A population is not kept object by object. How many objects were created, changed and deleted since the world began is a function of
//! time, and the object with a given number has always the same name: whoever read a container at a moment knows all of it by that moment.

use std::ops::Sub;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use super::container::{Class, Container, Held};
use super::generator::{hash, mix};
use crate::Time;

/// All forests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    /// Forests in the scenario's order
    pub forests: Vec<Forest>,
    /// Rates of change, each from its moment on, oldest first
    pub churn: Vec<Churn>,
    /// Objects that were made by hand
    pub people: Vec<Person>,
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

/// A user that somebody made by hand, or that a fault made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Number, also its identity in connector spaces and in the cloud
    pub id: u32,
    /// Display name and common name
    pub name: String,
    /// User principal name
    pub upn: String,
    /// The container it is in
    pub container: String,
    /// Rises with each change
    pub version: u32,
    /// When it was last changed
    pub changed: Time,
    /// What Entra ID refuses about it
    pub flaw: Option<Flaw>,
    /// Deleted in the directory
    pub deleted: bool,
}

/// Why Entra ID refuses an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// A character that Entra ID does not take in a user principal name.
    IllegalAttribute,
    /// A proxy address that another object has.
    Duplicate,
    /// A cloud object with the same address cannot be matched.
    SoftMatch,
    /// A cloud object with the same anchor may not be taken over.
    HardMatch,
}

impl Flaw {
    /// ErrorType of the export error (structures.md 5.3).
    pub fn error_type(self) -> &'static str {
        match self {
            Self::IllegalAttribute => "IdentityDataValidationFailed",
            Self::Duplicate => "AttributeValueMustBeUnique",
            Self::SoftMatch => "InvalidSoftMatch",
            Self::HardMatch => "InvalidHardMatch",
        }
    }

    /// What the cloud says.
    pub fn message(self) -> &'static str {
        match self {
            Self::IllegalAttribute => "The value of attribute UserPrincipalName contains characters that are not allowed.",
            Self::Duplicate => {
                "Unable to update this object because the following attributes associated with this object have values that may already be associated with another object in your local directory services: [ProxyAddresses]."
            }
            Self::SoftMatch => {
                "Unable to match the object by ProxyAddresses: another object with a different source anchor holds the value."
            }
            Self::HardMatch => {
                "Hard match operation blocked due to security hardening. Review OnPremisesObjectIdentifier mapping."
            }
        }
    }
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

    /// What had happened to a container's population by a moment, since the world began.
    pub fn by(&self, container: &Container, moment: Time) -> Changes {
        let objects = container.held.objects();
        let mut thousandths = [0_u64; 3];
        for (at, churn) in self.churn.iter().enumerate() {
            let until = self.churn.get(at + 1).map_or(moment, |next| next.since.min(moment));
            let seconds = u64::try_from((until - churn.since).num_seconds()).unwrap_or(0);
            for (sum, rate) in thousandths.iter_mut().zip([churn.created, churn.modified, churn.deleted]) {
                *sum += seconds * rate * objects;
            }
        }
        let [adds, updates, deletes] = thousandths.map(|sum| sum / (86_400 * 1_000));
        Changes { adds, updates, deletes: deletes.min(objects + adds) }
    }

    /// What changed in a container between two moments; nothing where the second is the earlier.
    pub fn between(&self, dn: &str, from: Time, to: Time) -> Changes {
        let Some(container) = self.container(dn).filter(|_| from < to) else { return Changes::default() };
        self.by(container, to) - self.by(container, from)
    }

    /// How many objects of the population a container had at a moment.
    pub fn population(&self, dn: &str, moment: Time) -> u64 {
        self.container(dn).map_or(0, |container| {
            let by = self.by(container, moment);
            container.held.objects() + by.adds - by.deletes
        })
    }

    /// How many of them were users.
    pub fn users(&self, dn: &str, moment: Time) -> u64 {
        self.container(dn).map_or(0, |container| {
            let held = &container.held;
            let by = self.by(container, moment);
            (held.objects() + by.adds - by.deletes) * held.users / held.objects().max(1)
        })
    }

    /// The class of an object of a container's population, by its name; an object that was made by hand is a user.
    pub fn class_of(&self, dn: &str, name: &str) -> Class {
        let number = name.trim_end_matches(" (contact)").rsplit([' ', '-']).next().and_then(|number| number.parse().ok());
        let found = self.container(dn).zip(number).filter(|(container, number)| container.name(*number) == name);
        found.map_or(Class::User, |(container, number)| container.class(number))
    }

    /// The update sequence number that a forest's controllers have reached.
    pub fn usn(&self, forest: &Forest, moment: Time) -> u64 {
        let changes = forest.containers.iter().map(|container| container.held.objects() + self.by(container, moment).total());
        12_000 + changes.sum::<u64>() + self.people.iter().map(|person| u64::from(person.version)).sum::<u64>()
    }

    /// The names of those who were created, modified and deleted between two moments, up to `limit` of each.
    pub fn names_between(&self, dn: &str, from: Time, to: Time, limit: u64) -> [Vec<String>; 3] {
        let Some(container) = self.container(dn).filter(|_| from < to) else { return [const { Vec::new() }; 3] };
        let (a, b) = (self.by(container, from), self.by(container, to));
        let capped = |from: u64, to: u64| from..to.min(from.saturating_add(limit));
        let objects = container.held.objects();
        let alive = (objects + b.adds - b.deletes).max(1);
        [
            capped(a.adds, b.adds).map(|k| container.name(objects + k)).collect(),
            capped(a.updates, b.updates).map(|k| container.name(b.deletes + mix(hash(dn) ^ k) % alive)).collect(),
            capped(a.deletes, b.deletes).map(|k| container.name(k)).collect(),
        ]
    }

    /// The names of a container's objects at a moment, up to `limit`.
    pub fn names(&self, dn: &str, moment: Time, limit: u64) -> Vec<String> {
        let Some(container) = self.container(dn) else { return Vec::new() };
        let by = self.by(container, moment);
        let all = container.held.objects() + by.adds;
        (by.deletes..all.min(by.deletes.saturating_add(limit))).map(|k| container.name(k)).collect()
    }

    /// A person by name or user principal name.
    pub fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|p| p.name.eq_ignore_ascii_case(name) || p.upn.eq_ignore_ascii_case(name))
    }

    /// Makes a user; the container must exist.
    pub fn create(&mut self, name: &str, container: &str, flaw: Option<Flaw>, at: Time) -> Result<&Person, String> {
        let dn = self
            .container(container)
            .ok_or_else(|| format!("there is no container {container}; there are {}", self.container_names().join(", ")))?
            .dn
            .clone();
        if self.person(name).is_some_and(|p| !p.deleted) {
            return Err(format!("there is a user {name} already"));
        }
        let domain = domain_of(&dn);
        let local: String = name.to_lowercase().chars().map(|c| if c.is_whitespace() { '.' } else { c }).collect();
        let illegal = if flaw == Some(Flaw::IllegalAttribute) { "&" } else { "" };
        let id = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let upn = format!("{local}{illegal}@{domain}");
        self.people.push(Person { id, name: name.to_owned(), upn, container: dn, version: 1, changed: at, flaw, deleted: false });
        self.people.last().ok_or_else(|| "no user was made".to_owned())
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
