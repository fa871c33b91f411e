//! Entra ID: what was written into the tenant, by which server, and what the tenant says of its synchronisation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

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
}

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
    /// Records an export.
    pub fn exported(&mut self, at: Time, host: &str, version: &str, writes: u64) {
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
