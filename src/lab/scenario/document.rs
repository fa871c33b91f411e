//! The YAML of a scenario. Whatever is wrong is said with its line, what was found and what was expected.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, de};
use serde_saphyr::Spanned;

use super::{ForestSpec, Scenario, ServerSpec, Starts, names};
use crate::lab::fault::Fault;
use crate::lab::verb::{Churn, Verb};
use crate::lab::world::directory::Held;
use crate::lab::world::network::{Path, Way};
use crate::lab::world::object::check_name;
use crate::lab::world::settings::{Feature, SignIn};
use crate::powershell::Version;
use crate::powershell::tree::parse_timespan;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    title: Spanned<String>,
    description: String,
    #[serde(default)]
    history: Option<Spanned<String>>,
    #[serde(default)]
    churn: Option<Churn>,
    #[serde(default)]
    offers: Option<Spanned<String>>,
    #[serde(default)]
    tenant: TenantDocument,
    #[serde(default)]
    shared_scheduler: bool,
    #[serde(default)]
    forests: Option<Spanned<Forests>>,
    servers: Spanned<BTreeMap<String, ServerDocument>>,
    /// Order of the servers, where it is not that of the alphabet
    #[serde(default)]
    order: Vec<Spanned<String>>,
    #[serde(default)]
    script: Vec<PlannedDocument>,
}

/// By name, each with its organizational units.
type Forests = BTreeMap<String, BTreeMap<String, HeldDocument>>;

/// What an organizational unit holds: so many users, or numbers by class.
struct HeldDocument(Held);

impl<'de> Deserialize<'de> for HeldDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> de::Visitor<'de> for Either {
            type Value = HeldDocument;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number of users, or { users, groups, contacts, devices, largest_group, inheritance_off }")
            }

            fn visit_u64<E: de::Error>(self, users: u64) -> Result<HeldDocument, E> {
                Ok(HeldDocument(Held { users, ..Held::default() }))
            }

            fn visit_i64<E: de::Error>(self, users: i64) -> Result<HeldDocument, E> {
                let users = u64::try_from(users).map_err(|_| E::custom(format!("'{users}' is no number of users")))?;
                self.visit_u64(users)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<HeldDocument, A::Error> {
                Held::deserialize(de::value::MapAccessDeserializer::new(map)).map(HeldDocument)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct TenantDocument {
    #[serde(default)]
    name: Option<Spanned<String>>,
    #[serde(default)]
    deletion_threshold: Option<Spanned<i128>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerDocument {
    host: Spanned<String>,
    starts: Starts,
    #[serde(default)]
    version: Option<Spanned<String>>,
    #[serde(default)]
    sign_in: Option<Spanned<String>>,
    #[serde(default)]
    sso: bool,
    #[serde(default)]
    features: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    custom_rules: Vec<Spanned<String>>,
    #[serde(default)]
    authentication_agent: bool,
    #[serde(default)]
    wizard_suspends: bool,
    #[serde(default)]
    network: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    faults: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedDocument {
    at: Spanned<String>,
    #[serde(rename = "do")]
    verb: Spanned<String>,
}

/// What is wrong, with its line.
fn wrong<T>(found: &Spanned<T>, what: impl std::fmt::Display) -> String {
    format!("line {}: {what}", found.referenced.line())
}

/// Objects in all forests together: more is no tenant, and counts of them would overflow.
const MOST: u64 = 10_000_000;

/// Reads a scenario.
pub(super) fn read(name: &str, text: &str) -> Result<Scenario, String> {
    let options = serde_saphyr::options! { with_snippet: false };
    let document: Document = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let words = error.to_string();
        let words = words.lines().next().unwrap_or_default();
        // Its place is said in front, as of everything else.
        let words = words.rsplit_once(" at line ").map_or(words, |(words, _)| words);
        error.location().map_or_else(|| words.to_owned(), |place| format!("line {}: {words}", place.line()))
    })?;
    let history = span(document.history.as_ref(), "history", "8.00:00:00")?;
    let roles: Vec<String> = document.servers.value.keys().cloned().collect();
    if roles.is_empty() {
        return Err(wrong(&document.servers, "servers: expected at least one role"));
    }
    if let Some(unknown) = document.order.iter().find(|role| !roles.contains(&role.value)) {
        let why = format!("order: there is no server '{}'; there are {}", unknown.value, roles.join(", "));
        return Err(wrong(unknown, why));
    }
    names::line(&document.title.value).map_err(|why| wrong(&document.title, format!("title: {why}")))?;
    name_servers(&document.servers.value)?;
    let forests = forests(document.forests)?;
    let (tenant, deletion_threshold) = document.tenant.read()?;
    let offers = version(document.offers.as_ref(), "offers", "2.6.92.0")?;
    let mut servers = document
        .servers
        .value
        .into_iter()
        .map(|(role, server)| server.read(&role))
        .collect::<Result<Vec<ServerSpec>, String>>()?;
    let order: Vec<String> = match document.order.as_slice() {
        [] => vec!["old".to_owned(), "new".to_owned()],
        order => order.iter().map(|role| role.value.clone()).collect(),
    };
    servers.sort_by_key(|server| order.iter().position(|role| *role == server.role).unwrap_or(order.len()));
    let known = |name: &str| {
        servers.iter().any(|server| server.role.eq_ignore_ascii_case(name) || server.host.eq_ignore_ascii_case(name))
    };
    let script = document
        .script
        .iter()
        .map(|planned| {
            let at = offset(&planned.at.value).map_err(|why| wrong(&planned.at, why))?;
            let verb: Verb = planned
                .verb
                .value
                .parse()
                .map_err(|why| wrong(&planned.verb, format!("script, at {}: {why}", planned.at.value)))?;
            if let Some(role) = verb.server().or_else(|| verb.location()).filter(|role| !known(role)) {
                let why = format!("script, '{verb}': there is no server '{role}'; there are {}", roles.join(", "));
                return Err(wrong(&planned.verb, why));
            }
            if at < -history {
                let begins = crate::text::age::duration(history);
                let why = format!("script, '{verb}' comes before the world begins, which is {begins} old");
                return Err(wrong(&planned.at, why));
            }
            Ok((at, verb))
        })
        .collect::<Result<Vec<_>, String>>()?;
    Ok(Scenario {
        name: name.to_owned(),
        title: document.title.value,
        description: document.description,
        history,
        churn: document.churn.unwrap_or(Churn::Normal),
        forests,
        tenant,
        deletion_threshold,
        offers,
        shared_scheduler: document.shared_scheduler,
        servers,
        script,
    })
}

/// Every server can be named by its role and by its host, and by nothing two of them.
fn name_servers(servers: &BTreeMap<String, ServerDocument>) -> Result<(), String> {
    let mut servers: Vec<(&String, &Spanned<String>)> = servers.iter().map(|(role, server)| (role, &server.host)).collect();
    servers.sort_by_key(|(_, host)| (host.referenced.line(), host.referenced.column()));
    for (at, (role, host)) in servers.iter().enumerate() {
        names::role(role).map_err(|why| wrong(host, format!("servers: {why}")))?;
        names::host(&host.value).map_err(|why| wrong(host, format!("servers.{role}.host: {why}")))?;
        let before = &servers[..at];
        if before.iter().any(|(_, known)| known.value.eq_ignore_ascii_case(&host.value)) {
            return Err(wrong(host, format!("two servers have the host name '{}'", host.value)));
        }
        if let Some((known, _)) = before.iter().find(|(known, _)| known.eq_ignore_ascii_case(role)) {
            return Err(wrong(host, format!("two servers are called '{known}': verbs do not tell '{role}' from it")));
        }
        if servers.iter().any(|(other, _)| other != role && other.eq_ignore_ascii_case(&host.value)) {
            return Err(wrong(host, format!("the host name '{}' is a role of another server", host.value)));
        }
    }
    Ok(())
}

impl TenantDocument {
    /// Its name and its deletion threshold.
    fn read(self) -> Result<(String, u64), String> {
        let name = match self.name {
            None => "contoso.onmicrosoft.com".to_owned(),
            Some(found) => {
                names::domain(&found.value).map_err(|why| wrong(&found, format!("tenant.name: {why}")))?;
                found.value
            }
        };
        let threshold = match self.deletion_threshold {
            None => 500,
            Some(found) => u32::try_from(found.value).map(u64::from).map_err(|_| {
                let why = format!("'{}' is no number of objects, from 0 (off) to {}", found.value, u32::MAX);
                wrong(&found, format!("tenant.deletion_threshold: {why}"))
            })?,
        };
        Ok((name, threshold))
    }
}

fn forests(documents: Option<Spanned<Forests>>) -> Result<Vec<ForestSpec>, String> {
    if let Some(found) = &documents {
        for (forest, units) in &found.value {
            names::domain(forest).map_err(|why| wrong(found, format!("forests: {why}")))?;
            for unit in units.keys() {
                check_name(unit).map_err(|why| wrong(found, format!("forests.{forest}: {why}")))?;
            }
        }
    }
    let mut forests: Vec<ForestSpec> = documents
        .map(|found| found.value)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, held)| ForestSpec { name, containers: held.into_iter().map(|(name, held)| (name, held.0)).collect() })
        .collect();
    if forests.is_empty() {
        let containers = [("Staff", 1_400), ("Sales", 350), ("Contractors", 250)];
        let containers = containers.map(|(name, users)| (name.to_owned(), Held { users, ..Held::default() })).to_vec();
        forests.push(ForestSpec { name: "contoso.com".to_owned(), containers });
    }
    if let Some(empty) = forests.iter().find(|forest| forest.containers.is_empty()) {
        return Err(format!("forests.{}: expected at least one organizational unit", empty.name));
    }
    let held = forests.iter().flat_map(|forest| &forest.containers).map(|(_, held)| held);
    let objects = held.fold(0_u64, |sum, held| sum.saturating_add(held.objects()));
    if objects > MOST {
        return Err(format!("forests: {objects} objects are more than the lab holds ({MOST})"));
    }
    Ok(forests)
}

fn span(found: Option<&Spanned<String>>, field: &str, usual: &str) -> Result<TimeDelta, String> {
    let text = found.map_or(usual, |found| found.value.as_str());
    let of_sense = |span: &TimeDelta| *span >= TimeDelta::zero() && *span <= TimeDelta::days(400);
    parse_timespan(text).filter(of_sense).ok_or_else(|| {
        let why = format!("{field}: '{text}' is no span such as 8.00:00:00, up to 400 days");
        found.map_or_else(|| why.clone(), |found| wrong(found, &why))
    })
}

fn version(found: Option<&Spanned<String>>, field: &str, usual: &str) -> Result<Version, String> {
    let text = found.map_or(usual, |found| found.value.as_str());
    Version::parse(text).ok_or_else(|| {
        let why = format!("{field}: '{text}' is no version such as 2.6.84.0");
        found.map_or_else(|| why.clone(), |found| wrong(found, &why))
    })
}

impl ServerDocument {
    fn read(self, role: &str) -> Result<ServerSpec, String> {
        let version = version(self.version.as_ref(), &format!("servers.{role}.version"), "2.6.84.0")?;
        let sign_in = match &self.sign_in {
            None => SignIn::PasswordHashSynchronization,
            Some(found) => SignIn::parse(&found.value).ok_or_else(|| {
                let why = format!("'{}' is no sign-in method (PHS, PTA, ADFS, PingFederation, none)", found.value);
                wrong(found, format!("servers.{role}.sign_in: {why}"))
            })?,
        };
        let features = match &self.features {
            None => [Feature::PasswordHashSync].into(),
            Some(features) => features
                .iter()
                .map(|found| {
                    let known = Feature::ALL.map(Feature::name).join(", ");
                    let why = || format!("servers.{role}.features: '{}' is no feature ({known})", found.value);
                    Feature::parse(&found.value).ok_or_else(|| wrong(found, why()))
                })
                .collect::<Result<_, String>>()?,
        };
        let custom_rules = custom_rules(role, self.custom_rules)?;
        let network = self
            .network
            .iter()
            .map(|(name, found)| {
                let at = format!("servers.{role}.network.{name}");
                let way = Way::ALL.iter().find(|(known, _)| known == name).map(|(_, way)| *way);
                let way = way.ok_or_else(|| wrong(found, format!("{at}: there are ad, cloud and winrm")))?;
                let path: Path = found.value.parse().map_err(|why| wrong(found, format!("{at}: {why}")))?;
                Ok((way, path))
            })
            .collect::<Result<_, String>>()?;
        let faults = self
            .faults
            .iter()
            .map(|found| {
                let fault = Fault::named(&found.value);
                let fault = fault.and_then(|fault| match self.starts {
                    Starts::Absent if !fault.is_of_the_machine() => {
                        Err(format!("'{}' is a fault of the product, and nothing is installed on it", found.value))
                    }
                    _ => Ok(fault),
                });
                fault.map_err(|why| wrong(found, format!("servers.{role}.faults: {why}")))
            })
            .collect::<Result<_, String>>()?;
        Ok(ServerSpec {
            version,
            sign_in,
            features,
            faults,
            network,
            role: role.to_owned(),
            host: self.host.value,
            starts: self.starts,
            sso: self.sso,
            custom_rules,
            authentication_agent: self.authentication_agent,
            wizard_suspends: self.wizard_suspends,
        })
    }
}

/// Names of custom rules. They get the precedences below the standard rules' own, 50 to 99.
fn custom_rules(role: &str, rules: Vec<Spanned<String>>) -> Result<Vec<String>, String> {
    const MOST_RULES: usize = 50;
    for (at, rule) in rules.iter().enumerate() {
        if names::line(&rule.value).is_err() {
            return Err(wrong(rule, format!("servers.{role}.custom_rules: a custom rule needs a name of one line")));
        }
        if rules[..at].iter().any(|known| known.value.eq_ignore_ascii_case(&rule.value)) {
            return Err(wrong(rule, format!("servers.{role}.custom_rules: two custom rules are called '{}'", rule.value)));
        }
    }
    if let Some(first) = rules.first().filter(|_| rules.len() > MOST_RULES) {
        let count = rules.len();
        return Err(wrong(first, format!("servers.{role}.custom_rules: {count} are more than the precedences 50 to 99 hold")));
    }
    Ok(rules.into_iter().map(|rule| rule.value).collect())
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
        'd' => TimeDelta::try_days(number()?),
        'h' => TimeDelta::try_hours(number()?),
        'm' => TimeDelta::try_minutes(number()?),
        's' => TimeDelta::try_seconds(number()?),
        _ => parse_timespan(rest),
    };
    // More than a century is no rehearsal, and no moment either.
    span.filter(|span| span.num_days().abs() < 36_500).map(|span| span * sign).ok_or_else(wrong)
}
