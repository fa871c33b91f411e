//! Scenarios: a YAML file that says what the world looks like when a rehearsal begins, and what happens in it by itself.

mod document;
mod names;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::verb::{Churn, Verb};
use super::world::directory::Held;
use super::world::network::{Path, Way};
use super::world::settings::{Feature, SignIn};
use crate::powershell::Version;
use crate::runbook::diagnostic::nearest;

/// A scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name, as in `lab:clean-swap/old`
    pub name: String,
    /// One line of title
    pub title: String,
    /// What can be rehearsed in it
    pub description: String,
    /// How long the world has been running when the rehearsal begins
    pub history: TimeDelta,
    /// Rate of change of the directory
    pub churn: Churn,
    /// Forests with their containers
    pub forests: Vec<ForestSpec>,
    /// The tenant, `contoso.onmicrosoft.com`
    pub tenant: String,
    /// The tenant's deletion threshold, 0 is off
    pub deletion_threshold: u64,
    /// The release of the installer at hand
    pub offers: Version,
    /// Whether the servers share their scheduler's settings
    pub shared_scheduler: bool,
    /// Servers by role, in order
    pub servers: Vec<ServerSpec>,
    /// What happens by itself, relative to the beginning of the rehearsal
    pub script: Vec<(TimeDelta, Verb)>,
}

/// A forest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForestSpec {
    /// `contoso.com`
    pub name: String,
    /// Containers: first part of the name, and what is in it
    pub containers: Vec<(String, Held)>,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSpec {
    /// Role
    pub role: String,
    /// Machine's name
    pub host: String,
    /// What it is in the beginning
    pub starts: Starts,
    /// The release that is installed
    pub version: Version,
    /// Sign-in method
    pub sign_in: SignIn,
    /// Seamless single sign-on
    pub sso: bool,
    /// Optional features
    pub features: BTreeSet<Feature>,
    /// Names of custom rules, each writing one attribute of every user
    pub custom_rules: Vec<String>,
    /// Whether a pass-through authentication agent runs on it
    pub authentication_agent: bool,
    /// Whether its build raises SchedulerSuspended while the wizard is open
    pub wizard_suspends: bool,
    /// Its ways that are not as usual, from the beginning of the rehearsal on
    pub network: Vec<(Way, Path)>,
    /// Faults from the beginning of the rehearsal on
    pub faults: Vec<Fault>,
}

/// What a server is in the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Starts {
    /// Out of staging
    Active,
    /// In staging
    Staging,
    /// Not installed
    Absent,
}

/// The scenario that a rehearsal uses when none is named.
pub const DEFAULT: &str = "clean-swap";

macro_rules! bundled {
    ($($name:literal),* $(,)?) => {
        /// The scenarios that come with the program, by name.
        const BUNDLED: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../assets/scenarios/", $name, ".yaml")))),*];
    };
}

bundled![
    "clean-swap",
    "account-without-rights",
    "clock-off",
    "connector-missing",
    "decommission",
    "deletion-threshold",
    "flaky-connection",
    "foreign-rules",
    "forgotten-wizard",
    "four-servers",
    "in-place-upgrade",
    "installed-without-import",
    "large-tenant",
    "long-staging",
    "migrate-to-new-server",
    "old-unreachable",
    "ou-drift",
    "permission-errors",
    "rogue-third",
    "rollback",
    "staging-unticked",
    "swing",
    "swing-overrides",
    "three-servers",
    "two-active",
    "upgrade-below-floor",
    "version-floor",
];

impl Scenario {
    /// Reads a scenario. The error names the line, what was found there and what was expected.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        document::read(name, text)
    }

    /// A scenario that comes with the program.
    pub fn bundled(name: &str) -> Result<Self, String> {
        let found = BUNDLED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (known, text) = found.ok_or_else(|| {
            let near = nearest(name, BUNDLED.iter().map(|(known, _)| *known));
            let hint = near.map_or_else(|| "`lockstep lab list` shows all".to_owned(), |near| format!("did you mean '{near}'?"));
            format!("there is no scenario '{name}'; {hint}")
        })?;
        Self::parse(known, text).map_err(|why| format!("scenario {known}: {why}"))
    }

    /// All scenarios that come with the program: name, title and description.
    pub fn list() -> Vec<(String, String, String)> {
        BUNDLED
            .iter()
            .filter_map(|(name, text)| Self::parse(name, text).ok())
            .map(|scenario| (scenario.name, scenario.title, scenario.description))
            .collect()
    }

    /// Names of the bundled scenarios.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUNDLED.iter().map(|(name, _)| *name)
    }
}
