//! Baselines: the standard rules as untouched installations have them, by the product's version. Against them a server's
//! standard rule is changed or not.
//!
//! A fingerprint leaves out identifiers and the connector's name, so it can be held against another installation's. It does
//! tell of choices that the wizard writes into the rules (the source anchor, an optional feature): where a baseline was
//! made with other choices, a rule that differs from it proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::differ::SETTINGS;
use crate::powershell::format::to_text;
use crate::powershell::{Record, Value, Version};

/// Settings that no rule tells of; each other one shapes the standard rules.
const BESIDE_THE_RULES: [&str; 3] = ["SignIn.Method", "SignIn.DesktopSsoEnabled", "DeletionThreshold"];

/// Settings by which the wizard shapes the standard rules.
fn shaping() -> impl Iterator<Item = &'static str> {
    SETTINGS.into_iter().filter(|path| !BESIDE_THE_RULES.contains(path))
}

/// Every baseline, by the version it is of. A version may have several, made with other choices. Clones share them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baselines(Arc<BTreeMap<Version, Vec<Baseline>>>);

/// The standard rules of one untouched installation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Baseline {
    choices: BTreeMap<&'static str, String>,
    /// Fingerprints by the rule's key: every forest's connector has a rule of the same tag
    rules: BTreeMap<String, BTreeSet<String>>,
}

impl Baselines {
    /// Adds every server of a value tree (`lockstep status --json`) whose version and standard rules are in it.
    ///
    /// # Errors
    /// Where there is none: what was found in place of one.
    pub fn add(&mut self, tree: &Value) -> Result<(), String> {
        let Some(Value::Array(servers)) = tree.at("servers") else { return Err("it has no array 'servers'".to_owned()) };
        let (mut added, mut refused) = (false, Vec::new());
        for (place, server) in servers.iter().enumerate() {
            match server.as_object().ok_or_else(|| "is no object".to_owned()).and_then(Baseline::read) {
                Ok((version, baseline)) => {
                    Arc::make_mut(&mut self.0).entry(version).or_default().push(baseline);
                    added = true;
                }
                Err(why) => {
                    let role = server.at("Role").and_then(Value::as_text);
                    refused.push(role.map_or_else(|| format!("servers[{place}] {why}"), |role| format!("{role} {why}")));
                }
            }
        }
        match (added, refused.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => Err("its array 'servers' is empty".to_owned()),
            (false, false) => Err(refused.join("; ")),
        }
    }

    /// Sets `Changed` of every rule of a `configuration` reading. What stands so already is not touched: a comparison of
    /// rules knows them again by that.
    pub(super) fn mark(&self, version: Option<&Value>, configuration: &mut Record) {
        let against = self.against(version, configuration);
        // A look first: writing makes the array this reading's own.
        let Some(Value::Array(rules)) = configuration.get("Rules") else { return };
        let marks: Vec<Option<Value>> = rules.iter().map(|rule| rule.as_object().map(|rule| against.changed(rule))).collect();
        if rules.iter().zip(&marks).all(|(rule, mark)| mark.as_ref().is_none_or(|mark| rule.at("Changed") == Some(mark))) {
            return;
        }
        let Some(Value::Array(rules)) = configuration.get_mut("Rules") else { return };
        for (rule, mark) in rules.iter_mut().zip(marks) {
            if let (Value::Object(rule), Some(mark)) = (rule, mark) {
                rule.set("Changed", mark);
            }
        }
    }

    fn against(&self, version: Option<&Value>, configuration: &Record) -> Against<'_> {
        let of_version = match version {
            Some(Value::Version(version)) => self.0.get(version).map(Vec::as_slice).ok_or_else(|| {
                format!("no baseline for version {}: see baselines in lockstep.toml", to_text(&Value::Version(*version)))
            }),
            Some(Value::Unknown(why)) => Err(format!("the version is not known: {why}")),
            _ => Err("the version was not read yet".to_owned()),
        };
        Against { of_version, choices: choices(configuration) }
    }
}

impl Baseline {
    /// The standard rules of one server of a tree, with the version they are of.
    fn read(server: &Record) -> Result<(Version, Self), String> {
        let Some(Value::Version(version)) = server.get("Version") else {
            return Err(format!("has no Version{}", why(server.get("Version"))));
        };
        let Some(Value::Array(all)) = server.get("Rules") else {
            return Err(format!("has no Rules{}", why(server.get("Rules"))));
        };
        let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for rule in all.iter().filter_map(Value::as_object).filter(|rule| is_standard(rule) == Some(true)) {
            let (Some(key), Some(fingerprint)) = (key(rule), text(rule, "Fingerprint")) else {
                return Err("has a standard rule without ImmutableTag, Name or Fingerprint".to_owned());
            };
            rules.entry(key).or_default().insert(fingerprint.to_owned());
        }
        if rules.is_empty() {
            Err("has no standard rule".to_owned())
        } else {
            Ok((*version, Self { choices: choices(server), rules }))
        }
    }
}

/// What a server's rules are held against.
struct Against<'a> {
    of_version: Result<&'a [Baseline], String>,
    choices: BTreeMap<&'static str, String>,
}

impl Against<'_> {
    /// `Changed` of one rule: null for a custom rule.
    fn changed(&self, rule: &Record) -> Value {
        match is_standard(rule) {
            Some(true) => {}
            Some(false) => return Value::Null,
            None => return Value::unknown("whether it is a standard rule was not read"),
        }
        let baselines = match &self.of_version {
            Ok(baselines) => *baselines,
            Err(why) => return Value::unknown(why.clone()),
        };
        let (Some(key), Some(fingerprint)) = (key(rule), text(rule, "Fingerprint")) else {
            return Value::unknown("the rule's tag or fingerprint was not read");
        };
        let is_in = |baseline: &Baseline| baseline.rules.get(&key).is_some_and(|prints| prints.contains(fingerprint));
        if baselines.iter().any(is_in) {
            return Value::Bool(false);
        }
        let others: BTreeSet<&str> = baselines.iter().filter_map(|baseline| self.other_choice(baseline)).collect();
        if baselines.iter().any(|baseline| self.other_choice(baseline).is_none()) {
            return Value::Bool(true);
        }
        let others = others.into_iter().collect::<Vec<_>>().join(", ");
        Value::unknown(format!("the rule differs from the baseline, which was made with another {others}"))
    }

    /// A choice that the baseline is known to have been made with another of.
    fn other_choice(&self, baseline: &Baseline) -> Option<&'static str> {
        let differs = |name: &&str| matches!((self.choices.get(name), baseline.choices.get(name)), (Some(a), Some(b)) if a != b);
        shaping().find(|name| differs(name))
    }
}

/// The choices that are known; none at all is a choice too.
fn choices(facts: &Record) -> BTreeMap<&'static str, String> {
    let known = |name: &'static str| facts.at(name).filter(|value| !value.is_unknown()).map(|value| (name, to_text(value)));
    shaping().filter_map(known).collect()
}

/// What a rule is known by in every installation: its tag, else its name, which for a standard rule says direction and
/// kind of connector (`In from AD - User Join`).
fn key(rule: &Record) -> Option<String> {
    let tag = text(rule, "ImmutableTag").filter(|tag| !tag.is_empty());
    tag.or_else(|| text(rule, "Name")).map(str::to_ascii_lowercase)
}

fn is_standard(rule: &Record) -> Option<bool> {
    rule.get("IsStandardRule").and_then(Value::as_bool)
}

fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_text)
}

/// The reason of an Unknown, in brackets.
fn why(value: Option<&Value>) -> String {
    match value {
        Some(Value::Unknown(why)) => format!(" ({why})"),
        _ => String::new(),
    }
}
