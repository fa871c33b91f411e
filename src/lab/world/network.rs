//! The ways from a machine to what it needs and to whoever asks it: open with so much latency, or blocked.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::connector::Kind;
use super::history::Profile;
use super::server::Server;
use crate::lab::fault::Fault;

/// A way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the domain controllers
    Directory,
    /// To the tenant: outbound 443
    Cloud,
    /// From the console that asks it: WinRM, ssh
    Console,
}

impl Way {
    /// All ways with the words of the verb `network`.
    pub const ALL: [(&str, Self); 3] = [("ad", Self::Directory), ("cloud", Self::Cloud), ("winrm", Self::Console)];

    /// The word of the verb `network`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, way)| *way == self).map_or("", |(name, _)| name)
    }

    /// The faults that are nothing but this way's state.
    pub fn faults(self) -> &'static [Fault] {
        match self {
            Self::Directory => &[Fault::DirectoryConnection],
            Self::Cloud => &[Fault::CloudBlocked],
            Self::Console => &[Fault::Unreachable, Fault::ConnectionSlow],
        }
    }
}

/// The state of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Path {
    /// It is open, and a question and its answer take so much longer than usual.
    Open(TimeDelta),
    /// Nothing comes through.
    Blocked,
}

/// As it usually is.
pub const OPEN: Path = Path::Open(TimeDelta::zero());

/// More is no latency: every program gives up before.
const LONGEST: TimeDelta = TimeDelta::minutes(10);

impl Path {
    /// How much longer a question and its answer take.
    pub fn latency(self) -> TimeDelta {
        if let Self::Open(latency) = self { latency } else { TimeDelta::zero() }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked => f.write_str("blocked"),
            &OPEN => f.write_str("open"),
            Self::Open(latency) if latency.subsec_nanos() == 0 => write!(f, "{}s", latency.num_seconds()),
            Self::Open(latency) => write!(f, "{}ms", latency.num_milliseconds()),
        }
    }
}

impl FromStr for Path {
    type Err = String;

    /// `open`, `blocked`, or a latency such as `300ms` or `6s`.
    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let number = |digits: &str| digits.parse::<i64>().ok().filter(|number| *number >= 0);
        let latency = match lower.as_str() {
            "open" => Some(TimeDelta::zero()),
            "blocked" => return Ok(Self::Blocked),
            text => match (text.strip_suffix("ms"), text.strip_suffix('s')) {
                (Some(ms), _) => number(ms).and_then(TimeDelta::try_milliseconds),
                (None, Some(seconds)) => number(seconds).and_then(TimeDelta::try_seconds),
                (None, None) => None,
            },
        };
        latency
            .filter(|latency| *latency <= LONGEST)
            .map(Self::Open)
            .ok_or_else(|| format!("'{text}': expected open, blocked or a latency such as 300ms or 6s, up to ten minutes"))
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

/// The ways of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// To the domain controllers
    pub ad: Path,
    /// To the tenant
    pub cloud: Path,
    /// From the console
    pub winrm: Path,
}

impl Default for Network {
    fn default() -> Self {
        Self { ad: OPEN, cloud: OPEN, winrm: OPEN }
    }
}

impl Network {
    /// A way's state.
    pub fn path(&self, way: Way) -> Path {
        match way {
            Way::Directory => self.ad,
            Way::Cloud => self.cloud,
            Way::Console => self.winrm,
        }
    }

    /// Sets a way's state.
    pub fn set(&mut self, way: Way, path: Path) {
        match way {
            Way::Directory => self.ad = path,
            Way::Cloud => self.cloud = path,
            Way::Console => self.winrm = path,
        }
    }
}

/// Requests of a run beside those for its objects: it connects, reads the schema and the partitions.
const OVERHEAD: u64 = 10;
/// Objects in one request (structures.md 5.3).
const PAGE: u64 = 500;
/// Objects in one request of an export.
const BATCH: u64 = 30;

impl Server {
    /// Whether it is on and a console reaches it.
    pub fn answers(&self) -> bool {
        self.is_on() && self.host.network.winrm != Path::Blocked
    }

    /// Whether it reaches a domain controller.
    pub fn reaches_directory(&self) -> bool {
        self.host.network.ad != Path::Blocked && !self.has(Fault::DomainControllerDown)
    }

    /// Whether it reaches the tenant.
    pub fn reaches_cloud(&self) -> bool {
        self.host.network.cloud != Path::Blocked
    }

    /// How much longer than usual a run takes on a way with latency, by its objects and those that changed.
    pub(super) fn delay(&self, kind: Kind, profile: Profile, objects: u64, changed: u64) -> TimeDelta {
        let path = if kind == Kind::Entra { self.host.network.cloud } else { self.host.network.ad };
        let requests = match profile {
            Profile::FullImport => objects / PAGE,
            Profile::DeltaImport => changed / PAGE,
            Profile::Export => changed / BATCH,
            Profile::DeltaSynchronization | Profile::FullSynchronization => return TimeDelta::zero(),
        };
        path.latency() * i32::try_from(requests + OVERHEAD).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_itself() {
        for text in ["open", "blocked", "6s", "300ms", "1500ms"] {
            assert_eq!(text.parse::<Path>().map(|path| path.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("0s".parse::<Path>(), Ok(OPEN));
        for text in ["", "slow", "-1s", "1h", "601s", "9999999999999999999ms"] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }
}
