//! Objects that are kept one by one: those that somebody made by hand, and members of a population from the moment somebody touched them.
//! What they were at first and what was done to them since is kept; each change is a version.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::container::Class;
use super::object::{Link, Object, Password};
use crate::Time;

/// An object with its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Number, also its identity in connector spaces and in the cloud
    pub id: u32,
    /// The container whose population it was of, and its number there
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<(String, u64)>,
    /// Version 1
    pub first: Object,
    /// Since when it is there; of a member of a population since when its history is kept
    pub since: Time,
    /// What was done to it, oldest first
    #[serde(default)]
    pub changes: Vec<Changed>,
    /// What Entra ID refuses about it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flaw: Option<Flaw>,
    /// Its source anchor was written back
    #[serde(default)]
    pub anchored: bool,
}

/// A change and its moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// When
    pub at: Time,
    /// What
    pub change: Change,
}

/// What can be done to an object in the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// An attribute gets a value, or loses it
    Set(String, Option<String>),
    /// The account is enabled, or disabled
    Enabled(bool),
    /// It is moved into another container
    Moved(String),
    /// A member is added to the group
    Add(Link),
    /// A member is removed from the group
    Remove(Link),
    /// The password is set
    Password,
    /// It is deleted
    Deleted,
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

/// Characters that Entra ID does not take in a user principal name.
const ILLEGAL: &[char] =
    &['&', '%', '~', '*', '+', '/', '=', '?', '{', '}', '|', '<', '>', '(', ')', ';', ':', ',', '[', ']', '"', ' '];

impl Kept {
    /// The newest version there was at a moment; none before it was there.
    pub fn version_at(&self, moment: Time) -> Option<u32> {
        let changes = self.changes.iter().filter(|changed| changed.at <= moment).count();
        (self.since <= moment).then(|| u32::try_from(changes + 1).unwrap_or(u32::MAX))
    }

    /// The newest version.
    pub fn newest(&self) -> u32 {
        u32::try_from(self.changes.len() + 1).unwrap_or(u32::MAX)
    }

    /// The object as of a version; none where it was deleted.
    pub fn version(&self, version: u32) -> Option<Object> {
        let changes = usize::try_from(version).unwrap_or(usize::MAX).saturating_sub(1).min(self.changes.len());
        let mut object = self.first.clone();
        for changed in &self.changes[..changes] {
            if changed.change == Change::Deleted {
                return None;
            }
            changed.apply(&mut object);
        }
        Some(object)
    }

    /// The object as of its newest version, or as it was when it was deleted.
    pub fn last(&self) -> Object {
        let deleted = u32::from(self.is_deleted());
        self.version(self.newest() - deleted).unwrap_or_else(|| self.first.clone())
    }

    /// Deleted in the directory.
    pub fn is_deleted(&self) -> bool {
        self.changes.last().is_some_and(|changed| changed.change == Change::Deleted)
    }

    /// The container of a version; none where it was deleted.
    pub fn container(&self, version: u32) -> Option<&str> {
        let changes = usize::try_from(version).unwrap_or(usize::MAX).saturating_sub(1).min(self.changes.len());
        let mut container = self.first.container.as_str();
        for changed in &self.changes[..changes] {
            match &changed.change {
                Change::Moved(to) => container = to,
                Change::Deleted => return None,
                _ => {}
            }
        }
        Some(container)
    }

    /// What Entra ID refuses about a version of it.
    pub fn refused(&self, object: &Object) -> Option<Flaw> {
        let illegal = object.class == Class::User && object.upn().contains(ILLEGAL);
        self.flaw.or(illegal.then_some(Flaw::IllegalAttribute))
    }

    /// Does something to it. The error says why it cannot be done.
    pub fn change(&mut self, at: Time, change: Change) -> Result<(), String> {
        if self.is_deleted() {
            return Err(format!("{} was deleted in the directory", self.first.name));
        }
        let before = self.last();
        let changed = Changed { at, change };
        let mut after = before.clone();
        changed.apply(&mut after);
        if after == before && changed.change != Change::Deleted {
            return Err(format!("{} {}", before.name, changed.change.is_so()));
        }
        self.changes.push(changed);
        Ok(())
    }

    /// Makes good what Entra ID refuses.
    pub fn mend(&mut self, at: Time) {
        self.flaw = None;
        let upn = self.last().upn().to_owned();
        if upn.contains(ILLEGAL) {
            self.changes
                .push(Changed { at, change: Change::Set("userPrincipalName".to_owned(), Some(upn.replace(ILLEGAL, ""))) });
        }
    }
}

impl Changed {
    fn apply(&self, object: &mut Object) {
        match &self.change {
            Change::Set(attribute, Some(value)) => drop(object.attributes.insert(attribute.clone(), value.clone())),
            Change::Set(attribute, None) => drop(object.attributes.remove(attribute)),
            Change::Enabled(enabled) => object.enabled = *enabled,
            Change::Moved(to) => object.container.clone_from(to),
            Change::Add(member) => drop(object.members.insert(member.clone())),
            Change::Remove(member) => drop(object.members.remove(member)),
            Change::Password => {
                let version = object.password.map_or(1, |password| password.version + 1);
                object.password = Some(Password { version, set: self.at });
            }
            Change::Deleted => {}
        }
    }
}

impl Change {
    /// Why it changes nothing.
    fn is_so(&self) -> String {
        match self {
            Self::Set(attribute, Some(value)) => format!("has {attribute} {value} already"),
            Self::Set(attribute, None) => format!("has no {attribute}"),
            Self::Enabled(true) => "is enabled already".to_owned(),
            Self::Enabled(false) => "is disabled already".to_owned(),
            Self::Moved(to) => format!("is in {to} already"),
            Self::Add(_) => "has this member already".to_owned(),
            Self::Remove(_) => "has no such member".to_owned(),
            Self::Password | Self::Deleted => "stays as it was".to_owned(),
        }
    }
}

/// What rules make of an object, as one place has it: a version, and the rules' doing beyond the standard ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The version
    pub version: u32,
    /// The rules' doing; of users only
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flavour: BTreeSet<String>,
}
