//! Entra ID: what was written into the tenant, by which server, and what the tenant says of its synchronisation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::access::AccessPolicy;
use super::kept::Image;
use super::settings::Feature;
use super::wire;
use crate::Time;
use crate::powershell::Version;

/// The tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cloud {
    /// `contoso.onmicrosoft.com`
    pub tenant: String,
    /// The shortest interval that the tenant allows
    #[serde(with = "wire::span")]
    pub allowed_interval: TimeDelta,
    /// Deletes in one export that stop it; 0 is off. Of the whole tenant.
    pub deletion_threshold: u64,
    /// Builds below this are refused
    #[serde(with = "wire::version")]
    pub floor: Version,
    /// The wizard of builds below this cannot sign in
    #[serde(with = "wire::version")]
    pub wizard_floor: Version,
    /// What was written, by container
    pub populations: BTreeMap<String, Written>,
    /// Objects that are kept one by one, by their number
    pub kept: BTreeMap<u32, CloudObject>,
    /// The server that exported last (DirSyncClientMachine and its kin)
    pub client: Option<Client>,
    /// The newest exports, oldest first: the tenant's own record of who wrote
    pub exports: VecDeque<Export>,
    /// Pass-through authentication is on in the tenant
    pub pass_through: bool,
    /// Features that are on in the tenant (`Get-ADSyncAADCompanyFeature`); a server's own settings may differ
    #[serde(default)]
    pub features: BTreeSet<Feature>,
    /// Conditional Access policies
    #[serde(default)]
    pub policies: Vec<AccessPolicy>,
    /// The newest password hashes of servers that are gone; of the others their own loop knows
    #[serde(default)]
    pub phs_last: Option<Time>,
    /// Identities of products that were uninstalled, with the host each was of
    #[serde(default)]
    pub left_behind: BTreeMap<String, String>,
    /// What was deleted and can be restored for thirty days, oldest first
    #[serde(default)]
    pub recycle_bin: VecDeque<Deleted>,
    /// The moment by which the writes so far fit into the limit
    pub writes_fit: Option<Time>,
}

/// Deleted objects of one container and day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The last deletion
    pub at: Time,
    /// The container
    pub dn: String,
    /// How many
    pub objects: u64,
    /// The one kept object that it is, and what there was of it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<(u32, Image)>,
}

/// The tenant takes 7,000 writes in five minutes: each fills a bucket of five minutes by this much.
const WRITE: TimeDelta = TimeDelta::microseconds(300_000_000 / 7_000);
/// The bucket.
const BUCKET: TimeDelta = TimeDelta::minutes(5);
/// How long deleted objects can be restored.
const RESTORABLE: TimeDelta = TimeDelta::days(30);

/// A container's population in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The moment of the directory that the cloud shows
    pub as_of: Time,
    /// The rules' doing: what is in the values beyond the standard rules
    pub flavour: BTreeSet<String>,
    /// The newest writes, oldest first
    pub writes: VecDeque<Write>,
}

/// One export of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// When
    pub at: Time,
    /// The host
    pub by: String,
    /// The moment of the directory that it showed
    pub as_of: Time,
    /// All users were written, because the rules of two servers make different values
    pub rules: bool,
}

/// An object in the cloud that is kept one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudObject {
    /// What was written
    pub image: Image,
    /// The host that wrote it; none where that is not known, and where somebody restored it
    pub by: Option<String>,
    /// Somebody restored it in the portal, and no server has written it since
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restored: bool,
    /// When it was written
    pub at: Time,
    /// Since when it is there; portals show it some minutes later
    pub since: Time,
}

/// How many writes of a container are remembered.
const WRITES: usize = 64;

impl Written {
    /// What a host wrote, before there was anything.
    pub fn first(image: (Time, BTreeSet<String>), host: &str, at: Time) -> Self {
        let mut written = Self { as_of: image.0, flavour: BTreeSet::new(), writes: VecDeque::new() };
        written.write(image, host, at);
        written
    }

    /// Writes over what there was.
    pub fn write(&mut self, (as_of, flavour): (Time, BTreeSet<String>), host: &str, at: Time) {
        let rules = self.flavour != flavour;
        if self.writes.len() == WRITES {
            self.writes.pop_front();
        }
        self.writes.push_back(Write { at, by: host.to_owned(), as_of, rules });
        (self.as_of, self.flavour) = (as_of, flavour);
    }

    /// The write that an object's values are from, which was last changed in the directory at a moment.
    pub fn write_of(&self, changed: Time, user: bool) -> Option<&Write> {
        let rules = self.writes.iter().rev().find(|write| user && write.rules);
        let own = self.writes.iter().find(|write| write.as_of >= changed);
        rules.into_iter().chain(own).max_by_key(|write| write.at).or(self.writes.back())
    }
}

/// What the tenant says of the synchronisation client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// DirSyncClientMachine
    pub machine: String,
    /// ClientVersion
    pub version: String,
    /// LastDirSyncTime
    pub last_sync: Time,
}

/// One export as the tenant saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// When it ended
    pub at: Time,
    /// The host
    pub host: String,
    /// Writes
    pub writes: u64,
}

/// How many exports the tenant remembers.
const REMEMBERED: usize = 200;

impl Cloud {
    /// How long so many writes are held back from now on, whoever wrote before.
    pub fn throttled(&self, now: Time, writes: u64) -> TimeDelta {
        (self.fit(now, writes) - now - BUCKET).max(TimeDelta::zero())
    }

    fn fit(&self, from: Time, writes: u64) -> Time {
        self.writes_fit.map_or(from, |fit| fit.max(from)) + WRITE * i32::try_from(writes).unwrap_or(i32::MAX)
    }

    /// Puts deleted objects of a container into the recycle bin, where they stay for thirty days.
    pub fn deleted(&mut self, at: Time, dn: &str, objects: u64) {
        while self.recycle_bin.front().is_some_and(|deleted| at - deleted.at > RESTORABLE) {
            self.recycle_bin.pop_front();
        }
        let is_today = |d: &&mut Deleted| d.dn == dn && d.kept.is_none() && d.at.date_naive() == at.date_naive();
        match self.recycle_bin.iter_mut().rev().find(is_today) {
            Some(deleted) => (deleted.at, deleted.objects) = (at, deleted.objects + objects),
            None => self.recycle_bin.push_back(Deleted { at, dn: dn.to_owned(), objects, kept: None }),
        }
    }

    /// Writes a kept object, which is restored where it was deleted.
    pub fn write(&mut self, id: u32, image: &Image, host: &str, at: Time) {
        self.recycle_bin.retain(|deleted| deleted.kept.as_ref().is_none_or(|(known, _)| *known != id));
        let since = self.kept.get(&id).map_or(at, |known| known.since);
        self.kept.insert(id, CloudObject { image: image.clone(), by: Some(host.to_owned()), restored: false, at, since });
    }

    /// Deletes a kept object: it goes into the recycle bin by itself.
    pub fn delete(&mut self, at: Time, dn: &str, id: u32) {
        let Some(found) = self.kept.remove(&id) else { return };
        // Who has been there for too long goes.
        self.recycle_bin.retain(|deleted| at - deleted.at <= RESTORABLE);
        self.recycle_bin.push_back(Deleted { at, dn: dn.to_owned(), objects: 1, kept: Some((id, found.image)) });
    }

    /// What can be restored, oldest first.
    pub fn restorable(&self, now: Time) -> impl Iterator<Item = &Deleted> {
        self.recycle_bin.iter().filter(move |deleted| now - deleted.at <= RESTORABLE)
    }

    /// Restores a kept object; false where it is not in the recycle bin.
    pub fn restore(&mut self, id: u32, now: Time) -> bool {
        let is_it = |deleted: &Deleted| deleted.kept.as_ref().is_some_and(|(known, _)| *known == id);
        let Some(at) = self.recycle_bin.iter().position(|deleted| is_it(deleted) && now - deleted.at <= RESTORABLE) else {
            return false;
        };
        let restored = self.recycle_bin.remove(at).and_then(|deleted| deleted.kept);
        if let Some((id, image)) = restored {
            self.kept.insert(id, CloudObject { image, by: None, restored: true, at: now, since: now });
        }
        true
    }

    /// Records an export that began and ended then.
    pub fn exported(&mut self, (begun, at): (Time, Time), host: &str, version: &str, writes: u64) {
        if writes > 0 {
            self.writes_fit = Some(self.fit(begun, writes));
        }
        self.client = Some(Client { machine: host.to_owned(), version: version.to_owned(), last_sync: at });
        self.exports.push_back(Export { at, host: host.to_owned(), writes });
        if self.exports.len() > REMEMBERED {
            self.exports.pop_front();
        }
    }

    /// When a write of that moment appears in the portal.
    pub fn visible_at(written: Time) -> Time {
        written + TimeDelta::minutes(2)
    }
}
