//! What is done to objects of the directory by hand. A member of a population that is touched leaves it and is kept by itself from then on;
//! every server and the cloud have of it what they had.

use std::collections::BTreeSet;

use super::World;
use super::cloud::{CloudObject, Write};
use super::connector::Copy;
use super::container::Class;
use super::directory::Directory;
use super::kept::{Change, Changed, Image, Kept};
use super::object::{Link, Object};
use super::population::next_department;
use crate::Time;

/// Attributes that can be set by hand.
pub const SETTABLE: &[&str] = &[
    "adminDescription",
    "company",
    "department",
    "description",
    "displayName",
    "employeeID",
    "employeeType",
    "extensionAttribute1",
    "extensionAttribute15",
    "givenName",
    "mail",
    "mobile",
    "physicalDeliveryOfficeName",
    "sn",
    "telephoneNumber",
    "title",
    "userPrincipalName",
];

impl World {
    /// Finds an object that is still in the directory. The error says that it is not.
    fn there(&self, name: &str) -> Result<(Link, Object), String> {
        let found = self.directory.find(name, self.now);
        let there = found.and_then(|link| Some((self.directory.object(&link, self.now)?, link)));
        let (object, link) = there.ok_or_else(|| format!("there is no object {name} in the directory"))?;
        Ok((link, object))
    }

    /// Finds a user that is still in the directory.
    fn user(&self, name: &str) -> Result<(Link, Object), String> {
        let (link, object) = self.there(name)?;
        if object.class == Class::User {
            Ok((link, object))
        } else {
            Err(format!("{} is a {}", object.name, object.class.name()))
        }
    }

    /// Does something to an object.
    fn touch(&mut self, link: &Link, change: Change) -> Result<(), String> {
        let id = self.keep(link)?;
        let now = self.now;
        self.directory.kept_mut(id).ok_or("there is no such object")?.change(now, change)
    }

    /// Deletes a user.
    pub fn delete_user(&mut self, name: &str) -> Result<String, String> {
        let (link, user) = self.user(name)?;
        self.touch(&link, Change::Deleted)?;
        Ok(format!("{} was deleted in the directory", user.upn()))
    }

    /// Changes a user somehow: the department is the next one.
    pub fn change_user(&mut self, name: &str) -> Result<String, String> {
        let department = next_department(self.user(name)?.1.value("department"));
        self.set_user(name, "department", department)
    }

    /// Gives a user's attribute a value; an empty one takes it away.
    pub fn set_user(&mut self, name: &str, attribute: &str, value: &str) -> Result<String, String> {
        let (link, user) = self.user(name)?;
        let known = SETTABLE
            .iter()
            .find(|known| known.eq_ignore_ascii_case(attribute))
            .ok_or_else(|| format!("the lab does not play the attribute {attribute}; it plays {}", SETTABLE.join(", ")))?;
        if *known == "userPrincipalName" && self.directory.find(value, self.now).is_some_and(|other| other != link) {
            return Err(format!("another object has the user principal name {value}"));
        }
        let value = (!value.is_empty()).then(|| value.to_owned());
        let said = value.as_ref().map_or_else(|| format!("has no {known} any more"), |value| format!("has {known} {value}"));
        self.touch(&link, Change::Set((*known).to_owned(), value))?;
        Ok(format!("{} {said} in the directory", user.upn()))
    }

    /// Enables or disables a user.
    pub fn enable_user(&mut self, name: &str, enabled: bool) -> Result<String, String> {
        let (link, user) = self.user(name)?;
        self.touch(&link, Change::Enabled(enabled))?;
        Ok(format!("{} is {} in the directory", user.upn(), if enabled { "enabled" } else { "disabled" }))
    }

    /// Sets a user's password.
    pub fn change_password(&mut self, name: &str) -> Result<String, String> {
        let (link, user) = self.user(name)?;
        self.touch(&link, Change::Password)?;
        Ok(format!("{} has a new password in the directory", user.upn()))
    }

    /// Moves a user into another container of its forest.
    pub fn move_user(&mut self, name: &str, container: &str) -> Result<String, String> {
        let (link, user) = self.user(name)?;
        let to = self.directory.find_container(container).map(|found| found.dn.clone()).ok_or_else(|| {
            format!("there is no container {container}; there are {}", self.directory.container_names().join(", "))
        })?;
        if super::directory::domain_of(&to) != super::directory::domain_of(&user.container) {
            return Err(format!("{to} is of another forest: the lab does not play a migration between forests"));
        }
        self.touch(&link, Change::Moved(to.clone()))?;
        Ok(format!("{} is in {to}", user.upn()))
    }

    /// Adds a user to a group, or removes it.
    pub fn change_member(&mut self, group: &str, user: &str, add: bool) -> Result<String, String> {
        let (link, found) = self.there(group)?;
        if found.class != Class::Group {
            return Err(format!("{} is a {}, not a group", found.name, found.class.name()));
        }
        let (member, user) = self.user(user)?;
        // Whoever is kept by now may be in the group under the name it had before.
        let known = found.members.into_iter().find(|known| self.directory.follow(known) == member);
        let change = match (add, known) {
            (true, None) => Change::Add(member),
            (true, Some(known)) => Change::Add(known),
            (false, known) => Change::Remove(known.unwrap_or(member)),
        };
        self.touch(&link, change)?;
        let done = if add { "is a member of" } else { "is no member any more of" };
        Ok(format!("{} {done} {} in the directory", user.upn(), found.name))
    }

    /// The number under which an object is kept; a member of a population is taken out of it now.
    fn keep(&mut self, link: &Link) -> Result<u32, String> {
        let (home, number) = match self.directory.follow(link) {
            Link::Kept(id) => return Ok(id),
            Link::Member(home, number) => (home, number),
        };
        let since = oldest(self, &home, number);
        let id = u32::try_from(self.directory.kept.len()).unwrap_or(u32::MAX);
        let kept = history(&self.directory, &home, number, since, self.now)
            .map(|(first, changes)| Kept {
                id,
                origin: Some((home.clone(), number)),
                since,
                first,
                changes,
                flaw: None,
                anchored: true,
            })
            .ok_or_else(|| format!("there is no object {number} in {home}"))?;
        hand_out(self, &home, &kept);
        self.directory.kept.push(kept);
        Ok(id)
    }
}

/// An object as it was at a moment, and the modifications since then as changes.
fn history(directory: &Directory, home: &str, number: u64, from: Time, to: Time) -> Option<(Object, Vec<Changed>)> {
    let population = directory.population_of(home)?;
    let first = population.object(number, from)?;
    let mut changes = Vec::new();
    let mut before = first.clone();
    for modification in population.modifications(number, to).into_iter().filter(|known| known.at > from) {
        let after = population.object(number, modification.at)?;
        let at = modification.at;
        let set = after.attributes.iter().filter(|(name, value)| before.attributes.get(*name) != Some(value));
        changes
            .extend(set.map(|(name, value)| Change::Set(name.clone(), Some(value.clone()))).map(|change| Changed { at, change }));
        let added = after.members.difference(&before.members).cloned().map(Change::Add);
        let removed = before.members.difference(&after.members).cloned().map(Change::Remove);
        changes.extend(added.chain(removed).map(|change| Changed { at, change }));
        before = after;
    }
    // What was not a modification of the object itself: its password, and members that were deleted.
    let last = population.object(number, to)?;
    Some((Object { password: last.password, ..first }, changes))
}

/// The oldest moment as of which a server or the cloud has an object of a population.
fn oldest(world: &World, home: &str, number: u64) -> Time {
    let Some(population) = world.directory.population_of(home) else { return world.now };
    let products = world.servers.iter().filter_map(|server| server.product.as_ref());
    let moments = products.flat_map(|product| {
        let imported = product.forests().filter_map(|forest| forest.imported.get(home)).copied();
        let known = product.entra().and_then(|entra| entra.known.get(home)).map(|known| known.as_of);
        imported.chain(known).chain(product.synced.get(home).map(|synced| synced.as_of))
    });
    let all = moments.chain(world.cloud.populations.get(home).map(|written| written.as_of));
    let oldest = all.filter(|moment| population.had(number, *moment)).min();
    oldest.unwrap_or(world.now)
}

/// Gives every server and the cloud what they have of it.
fn hand_out(world: &mut World, home: &str, kept: &Kept) {
    let now = world.now;
    let Some(population) = world.directory.population_of(home) else { return };
    let Some((_, number)) = kept.origin.as_ref() else { return };
    let version = |moment: Time| kept.version_at(moment).filter(|_| population.had(*number, moment));
    let is_user = kept.first.class == Class::User;
    let image = |moment: Time, flavour: &BTreeSet<String>| {
        let flavour = if is_user { flavour.clone() } else { BTreeSet::new() };
        Some(Image { version: version(moment)?, flavour })
    };
    for product in world.servers.iter_mut().filter_map(|server| server.product.as_mut()) {
        let imported = product.forests().find_map(|forest| forest.imported.get(home)).and_then(|as_of| version(*as_of));
        let synced = product.synced.get(home).and_then(|synced| image(synced.as_of, &synced.flavour));
        let known = product.entra().and_then(|entra| entra.known.get(home));
        let known = known.and_then(|known| image(known.as_of, &known.flavour));
        let left = known.is_some() && synced.is_none() && product.left.contains(home);
        product.kept.insert(kept.id, Copy { imported, synced, known, left, error: None });
    }
    if let Some(written) = world.cloud.populations.get(home)
        && let Some(image) = image(written.as_of, &written.flavour)
    {
        let modified = population.modifications(*number, written.as_of).last().map(|modification| modification.at);
        let changed = modified.or_else(|| population.created_at(*number)).unwrap_or(kept.since);
        let write = written.write_of(changed, is_user);
        let (by, at) = write.map_or((None, now), |Write { by, at, .. }| (Some(by.clone()), *at));
        world.cloud.kept.insert(kept.id, CloudObject { image, by, restored: false, at, since: at });
    }
}
