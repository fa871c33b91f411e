//! Scenarios: a YAML file that says what the world looks like when a rehearsal begins, and what happens in it by itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::verb::{Churn, Verb};
use super::world::settings::{Feature, SignIn};
use crate::powershell::Version;
use crate::powershell::tree::parse_timespan;

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
    /// Containers: first part of the name, and users in it
    pub containers: Vec<(String, u64)>,
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
        const BUNDLED: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../assets/scenarios/", $name, ".yaml")))),*];
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    title: String,
    description: String,
    #[serde(default)]
    history: Option<String>,
    #[serde(default)]
    churn: Option<Churn>,
    #[serde(default)]
    offers: Option<String>,
    #[serde(default)]
    tenant: TenantDocument,
    #[serde(default)]
    forests: BTreeMap<String, BTreeMap<String, u64>>,
    servers: BTreeMap<String, ServerDocument>,
    /// Order of the servers, where it is not that of the alphabet
    #[serde(default)]
    order: Vec<String>,
    #[serde(default)]
    script: Vec<PlannedDocument>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct TenantDocument {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    deletion_threshold: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerDocument {
    host: String,
    starts: Starts,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    sign_in: Option<String>,
    #[serde(default)]
    sso: bool,
    #[serde(default)]
    features: Option<Vec<String>>,
    #[serde(default)]
    custom_rules: Vec<String>,
    #[serde(default)]
    authentication_agent: bool,
    #[serde(default)]
    faults: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedDocument {
    at: String,
    #[serde(rename = "do")]
    verb: String,
}

impl Scenario {
    /// Reads a scenario. The error names the scenario, what was found and what was expected.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let wrong = |what: String| format!("scenario {name}: {what}");
        let document: Document = serde_saphyr::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let history = document.history.as_deref().unwrap_or("8.00:00:00");
        let offers = document.offers.as_deref().unwrap_or("2.6.92.0");
        let mut forests: Vec<ForestSpec> = document
            .forests
            .into_iter()
            .map(|(name, containers)| ForestSpec { name, containers: containers.into_iter().collect() })
            .collect();
        if forests.is_empty() {
            let containers = [("Staff", 1_400), ("Sales", 350), ("Contractors", 250)];
            let containers = containers.map(|(name, users)| (name.to_owned(), users)).to_vec();
            forests.push(ForestSpec { name: "contoso.com".to_owned(), containers });
        }
        let mut servers = document
            .servers
            .into_iter()
            .map(|(role, server)| server.read(&role))
            .collect::<Result<Vec<_>, _>>()
            .map_err(&wrong)?;
        if servers.is_empty() {
            return Err(wrong("servers: expected at least one role".to_owned()));
        }
        let order = if document.order.is_empty() { vec!["old".to_owned(), "new".to_owned()] } else { document.order };
        servers.sort_by_key(|server| order.iter().position(|role| *role == server.role).unwrap_or(order.len()));
        let script = document
            .script
            .into_iter()
            .map(|planned| {
                let at = offset(&planned.at)?;
                let verb: Verb = planned.verb.parse().map_err(|why| format!("script, at {}: {why}", planned.at))?;
                Ok((at, verb))
            })
            .collect::<Result<Vec<_>, String>>()
            .map_err(&wrong)?;
        Ok(Self {
            name: name.to_owned(),
            title: document.title,
            description: document.description,
            history: parse_timespan(history)
                .ok_or_else(|| wrong(format!("history: '{history}' is no span such as 8.00:00:00")))?,
            churn: document.churn.unwrap_or(Churn::Normal),
            forests,
            tenant: document.tenant.name.unwrap_or_else(|| "contoso.onmicrosoft.com".to_owned()),
            deletion_threshold: document.tenant.deletion_threshold.unwrap_or(500),
            offers: Version::parse(offers).ok_or_else(|| wrong(format!("offers: '{offers}' is no version such as 2.6.92.0")))?,
            servers,
            script,
        })
    }

    /// A scenario that comes with the program.
    pub fn bundled(name: &str) -> Result<Self, String> {
        let found = BUNDLED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (known, text) = found.ok_or_else(|| {
            let near = BUNDLED
                .iter()
                .map(|(known, _)| *known)
                .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
            format!("there is no scenario '{name}'; did you mean '{}'?", near.unwrap_or(DEFAULT))
        })?;
        Self::parse(known, text)
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

impl ServerDocument {
    fn read(self, role: &str) -> Result<ServerSpec, String> {
        let version = self.version.as_deref().unwrap_or("2.6.84.0");
        let method = self.sign_in.as_deref().unwrap_or("PHS");
        let features = self.features.unwrap_or_else(|| vec!["PasswordHashSync".to_owned()]);
        let wrong = |field: &str, found: &str, expected: &str| format!("servers.{role}.{field}: '{found}' is no {expected}");
        Ok(ServerSpec {
            version: Version::parse(version).ok_or_else(|| wrong("version", version, "version such as 2.6.84.0"))?,
            sign_in: SignIn::parse(method).ok_or_else(|| wrong("sign_in", method, "sign-in method (PHS, PTA, ADFS, none)"))?,
            features: features
                .iter()
                .map(|name| {
                    let known = Feature::ALL.map(Feature::name).join(", ");
                    Feature::parse(name).ok_or_else(|| wrong("features", name, &format!("feature ({known})")))
                })
                .collect::<Result<_, _>>()?,
            faults: self
                .faults
                .iter()
                .map(|name| Fault::named(name).map_err(|why| format!("servers.{role}.faults: {why}")))
                .collect::<Result<_, _>>()?,
            role: role.to_owned(),
            host: self.host,
            starts: self.starts,
            sso: self.sso,
            custom_rules: self.custom_rules,
            authentication_agent: self.authentication_agent,
        })
    }
}

/// `-2d`, `+15m`, `90s`, or `-1.02:00:00`.
fn offset(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("script: '{text}' is no moment such as -2d, +15m or -1.02:00:00");
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("-", rest)) => (-1, rest),
        Some(("+", rest)) => (1, rest),
        _ => (1, text),
    };
    let unit = rest.chars().last().ok_or_else(wrong)?;
    let number = || rest[..rest.len() - unit.len_utf8()].parse::<i64>().map_err(|_| wrong());
    let span = match unit {
        'd' => TimeDelta::days(number()?),
        'h' => TimeDelta::hours(number()?),
        'm' => TimeDelta::minutes(number()?),
        's' => TimeDelta::seconds(number()?),
        _ => parse_timespan(rest).ok_or_else(wrong)?,
    };
    Ok(span * sign)
}
