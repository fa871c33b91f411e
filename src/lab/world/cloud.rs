//! Entra ID: what was written into the tenant, by which server, and what the tenant says of its synchronisation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::access::AccessPolicy;
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
    /// People made by hand, by their number
    pub people: BTreeMap<u32, CloudPerson>,
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
    /// The host that wrote last
    pub by: String,
}

/// A user in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudPerson {
    /// The version that was written
    pub version: u32,
    /// The host that wrote it
    pub by: String,
    /// When it was written; portals show it some minutes later
    pub at: Time,
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
        let today = self.recycle_bin.iter_mut().rev().find(|d| d.dn == dn && d.at.date_naive() == at.date_naive());
        match today {
            Some(deleted) => (deleted.at, deleted.objects) = (at, deleted.objects + objects),
            None => self.recycle_bin.push_back(Deleted { at, dn: dn.to_owned(), objects }),
        }
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
