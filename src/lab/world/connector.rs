//! Connectors and their connector spaces: what a server has read, what it would write, and what it knows to be written.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::history::ObjectError;
use super::kept::Image;
use crate::Time;

/// The Entra connector's identifier, the same on every server.
pub const ENTRA: &str = "b891884f-051e-4a83-95af-2544101c9083";

/// What a connector speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A forest of Active Directory
    Forest,
    /// Entra ID
    Entra,
    /// A Generic LDAP directory: here for its assembly's version only, its space stays empty
    GenericLdap,
}

impl Kind {
    /// ConnectorTypeName
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Forest => "AD",
            Self::Entra | Self::GenericLdap => "Extensible2",
        }
    }

    /// Subtype
    pub fn subtype(self) -> &'static str {
        match self {
            Self::Forest => "",
            Self::Entra => "Windows Azure Active Directory (Microsoft)",
            Self::GenericLdap => "Generic LDAP (Microsoft)",
        }
    }
}

/// A connector of one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connector {
    /// `contoso.com`, `contoso.onmicrosoft.com - AAD`
    pub name: String,
    /// Its Guid on this server
    pub identifier: String,
    /// What it speaks to
    pub kind: Kind,
    /// The account that reads and writes the directory
    pub account: String,
    /// When it was made
    pub created: Time,
    /// Containers that are left out (of a forest)
    pub excluded: BTreeSet<String>,
    /// The next cycle makes a full import
    pub full_import_required: bool,
    /// The next cycle makes a full synchronization
    pub full_sync_required: bool,
    /// Forest: containers that were read, each as of its moment
    pub imported: BTreeMap<String, Time>,
    /// Forest: how far source anchors were written back
    pub anchored: BTreeMap<String, Time>,
    /// Entra: what this server knows to be in the cloud
    pub known: BTreeMap<String, Known>,
    /// The last import did not reach the directory
    pub stale: bool,
    /// Objects that failed in the last export and are tried again
    pub failing: Vec<ObjectError>,
}

/// What a server knows of a container in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The moment of the directory that it shows
    pub as_of: Time,
    /// What the values hold beyond the standard rules
    pub flavour: BTreeSet<String>,
}

/// A container in the metaverse: what this server would write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// The moment of the directory that was synchronized
    pub as_of: Time,
    /// What this server's rules make of the values
    pub flavour: BTreeSet<String>,
}

/// An object that is kept one by one, as one server has it; none where it has not got there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Its version in the forest's connector space
    pub imported: Option<u32>,
    /// In the metaverse, to be written
    pub synced: Option<Image>,
    /// Known to be in the cloud
    pub known: Option<Image>,
    /// It was in the metaverse and is no longer: what it left in the cloud is to be deleted
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
    /// The cloud's refusal
    pub error: Option<ObjectError>,
}

impl Connector {
    /// An empty connector.
    pub fn new(name: impl Into<String>, identifier: impl Into<String>, kind: Kind, account: impl Into<String>, at: Time) -> Self {
        Self {
            name: name.into(),
            identifier: identifier.into(),
            kind,
            account: account.into(),
            created: at,
            excluded: BTreeSet::new(),
            full_import_required: true,
            full_sync_required: true,
            imported: BTreeMap::new(),
            anchored: BTreeMap::new(),
            known: BTreeMap::new(),
            stale: false,
            failing: Vec::new(),
        }
    }

    /// Whether it has an override.
    pub fn is_overridden(&self) -> bool {
        self.full_import_required || self.full_sync_required
    }
}
