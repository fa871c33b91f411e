//! What differs between servers: the mark on the screen, `$pair` and `$tenant`. Identifiers, accounts and the versions of
//! standard rules' tags are no differences: they differ on every healthy pair.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::derived::is_entra;
use super::server::Server;
use super::table::find;
use crate::powershell::{Record, Value};

/// Whether known values differ: what is unknown differs from nothing. Text is compared as PowerShell does, without case.
pub fn differs<'a>(values: impl IntoIterator<Item = Option<&'a Value>>) -> bool {
    let mut known = values.into_iter().flatten().filter(|value| !value.is_unknown());
    known.next().is_some_and(|first| known.any(|other| !same(first, other)))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// The settings that two servers of one pair share: everything of the configuration that promotion would carry over.
pub(super) const SETTINGS: [&str; 12] = [
    "SourceAnchor",
    "UserPrincipalNameAttribute",
    "SignIn.Method",
    "SignIn.DesktopSsoEnabled",
    "DeletionThreshold",
    "Features.PasswordHashSync",
    "Features.PasswordWriteback",
    "Features.GroupWriteback",
    "Features.DeviceWriteback",
    "Features.UserWriteback",
    "Features.DirectoryExtension",
    "Features.HybridExchange",
];

/// The places of the two servers that `$pair` compares: the roles `old` and `new`, else the first two.
pub fn compared(servers: &[Server]) -> Option<(usize, usize)> {
    let of = |name: &str| servers.iter().position(|server| server.name.as_str().eq_ignore_ascii_case(name));
    match (of("old"), of("new")) {
        (Some(old), Some(new)) => Some((old, new)),
        _ => (servers.len() >= 2).then_some((0, 1)),
    }
}

/// `$pair`: the servers `old` and `new`, else the first two.
pub(super) fn pair(servers: &[Server], facts: &[Record]) -> Record {
    let places = compared(servers);
    let compare = |with: fn(&Record, &Record) -> Result<Value, String>| match places {
        Some((a, b)) => with(&facts[a], &facts[b]).unwrap_or_else(Value::Unknown),
        None => Value::unknown("there is only one server"),
    };
    Record::new()
        .with("ObjectCountDifferencePercent", compare(|a, b| Ok(object_counts(a, b)?.1.into())))
        .with("RuleDifferences", compare(|a, b| Ok(texts(rules(a, b)?.into_keys()))))
        .with(
            "CustomRuleDifferences",
            compare(|a, b| Ok(texts(rules(a, b)?.into_iter().filter(|(_, custom)| *custom).map(|(name, _)| name)))),
        )
        .with("ScopeDifferences", compare(|a, b| Ok(texts(scopes(a, b)?))))
        .with("SettingDifferences", compare(|a, b| Ok(texts(settings(a, b)?))))
        .with("MissingConnectors", compare(|a, b| Ok(texts(missing_connectors(a, b)?))))
}

fn texts(names: impl IntoIterator<Item = String>) -> Value {
    names.into_iter().map(Value::Text).collect::<Vec<_>>().into()
}

/// `$tenant`: what every server says alike that is installed, and that is not isolated without a word.
pub(super) fn tenant(servers: &[Server], facts: &[Record]) -> Record {
    let agreed = |value: fn(&Record) -> Option<Value>| {
        let mut said: Option<Value> = None;
        for (server, facts) in servers.iter().zip(facts) {
            if facts.get("Installed") == Some(&Value::Bool(false)) {
                continue;
            }
            match (value(facts), &said) {
                // One that is proven off has no say: what it kept, it does nothing with.
                (Some(Value::Unknown(_) | Value::Null) | None, _) if server.isolated.is_some() => {}
                (Some(Value::Unknown(why)), _) => return Value::unknown(format!("{}: {why}", server.title())),
                (None | Some(Value::Null), _) => return Value::unknown(format!("{} does not say", server.title())),
                (Some(value), None) => said = Some(value),
                (Some(value), Some(first)) if same(first, &value) => {}
                (Some(_), Some(_)) => return Value::unknown("the servers do not agree"),
            }
        }
        said.unwrap_or_else(|| Value::unknown("no server says"))
    };
    Record::new()
        .with(
            "Name",
            agreed(|facts| match facts.get("EntraConnector")? {
                why @ Value::Unknown(_) => Some(why.clone()),
                entra => entra.at("Name").cloned(),
            }),
        )
        .with("DeletionThreshold", agreed(|facts| facts.get("DeletionThreshold").cloned()))
}

/// An array of objects, or why it is unknown.
fn objects<'a>(facts: &'a Record, name: &str) -> Result<impl Iterator<Item = &'a Record>, String> {
    match facts.get(name) {
        Some(Value::Array(all)) => Ok(all.iter().filter_map(Value::as_object)),
        Some(Value::Unknown(why)) => Err(format!("{}: {why}", title(facts))),
        _ => Err(format!("{}: {name} was not read", title(facts))),
    }
}

fn title(facts: &Record) -> &str {
    let name = |name: &str| facts.get(name).and_then(Value::as_text);
    name("Host").or_else(|| name("Role")).unwrap_or("a server")
}

fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).and_then(Value::as_text).unwrap_or_default()
}

/// A tag without its version: `Microsoft.InFromADUserJoin.003` is the rule `Microsoft.InFromADUserJoin` of any release.
fn tag_without_version(tag: &str) -> &str {
    tag.rsplit_once('.').filter(|(_, version)| version.bytes().all(|b| b.is_ascii_digit())).map_or(tag, |(tag, _)| tag)
}

/// What a comparison of rules came to, and of which rules.
struct Compared {
    of: [Vec<Record>; 2],
    found: Result<BTreeMap<String, bool>, String>,
}

thread_local! {
    /// The last comparison: rules are read every quarter of an hour and compared at every look.
    static COMPARED: RefCell<Option<Compared>> = const { RefCell::new(None) };
}

/// Names of rules that differ or that only one has; whether each is a custom rule.
pub fn rules(a: &Record, b: &Record) -> Result<BTreeMap<String, bool>, String> {
    let of: [Vec<&Record>; 2] = [objects(a, "Rules")?.collect(), objects(b, "Rules")?.collect()];
    let are_same = |known: &[Record], now: &[&Record]| {
        known.len() == now.len() && known.iter().zip(now).all(|(known, now)| known.is_same(now))
    };
    COMPARED.with_borrow_mut(|last| match last {
        Some(last) if last.of.iter().zip(&of).all(|(known, now)| are_same(known, now)) => last.found.clone(),
        _ => {
            let found = compare_rules(a, b);
            let of = of.map(|rules| rules.into_iter().cloned().collect());
            *last = Some(Compared { of, found: found.clone() });
            found
        }
    })
}

fn compare_rules(a: &Record, b: &Record) -> Result<BTreeMap<String, bool>, String> {
    let by_meaning = |facts| {
        let key = |rule: &Record| {
            let tag = tag_without_version(text(rule, "ImmutableTag"));
            let rule_name = if tag.is_empty() { text(rule, "Name") } else { tag };
            [text(rule, "Direction"), text(rule, "ConnectorName"), rule_name].map(str::to_ascii_lowercase)
        };
        objects(facts, "Rules").map(|rules| rules.map(|rule| (key(rule), rule)).collect::<BTreeMap<_, _>>())
    };
    let (of_a, of_b) = (by_meaning(a)?, by_meaning(b)?);
    let keys: BTreeSet<_> = of_a.keys().chain(of_b.keys()).collect();
    let mut found = BTreeMap::new();
    for key in keys {
        let (in_a, in_b) = (of_a.get(key), of_b.get(key));
        let Some(rule) = in_a.or(in_b) else { continue };
        let custom = [in_a, in_b].into_iter().flatten().any(|rule| rule.get("IsStandardRule") != Some(&Value::Bool(true)));
        let differ = match (in_a, in_b) {
            (Some(a), Some(b)) => rule_differs(a, b, custom)?,
            _ => true,
        };
        if differ {
            *found.entry(text(rule, "Name").to_owned()).or_default() |= custom;
        }
    }
    Ok(found)
}

fn rule_differs(a: &Record, b: &Record, custom: bool) -> Result<bool, String> {
    let differs = |name: &str| match (a.get(name), b.get(name)) {
        (Some(Value::Unknown(why)), _) | (_, Some(Value::Unknown(why))) => Err(why.clone()),
        (a, b) => Ok(a != b),
    };
    // A release that raises a standard rule's tag has changed its meaning by itself: that is no drift.
    let of_one_release = text(a, "ImmutableTag").eq_ignore_ascii_case(text(b, "ImmutableTag"));
    Ok(differs("Disabled")? || (custom && differs("Precedence")?) || ((custom || of_one_release) && differs("Fingerprint")?))
}

/// Partitions and containers that are in on one server and not on the other.
pub fn scopes(a: &Record, b: &Record) -> Result<BTreeSet<String>, String> {
    let of = |facts| {
        let partition = |scope: &Record| {
            let key = text(scope, "DN").to_ascii_lowercase();
            let listed = |name: &str| match scope.get(name) {
                Some(Value::Array(all)) => Ok(all
                    .iter()
                    .filter_map(Value::as_text)
                    .map(|dn| (dn.to_ascii_lowercase(), dn.to_owned()))
                    .collect::<BTreeMap<_, _>>()),
                Some(Value::Unknown(why)) => Err(why.clone()),
                _ => Err(format!("{name} was not read")),
            };
            let selected = scope.get("Selected") == Some(&Value::Bool(true));
            Ok((key, (text(scope, "DN").to_owned(), selected, listed("Inclusions")?, listed("Exclusions")?)))
        };
        objects(facts, "Scope")?.map(partition).collect::<Result<BTreeMap<_, _>, String>>()
    };
    let (of_a, of_b) = (of(a)?, of(b)?);
    let mut found = BTreeSet::new();
    for key in of_a.keys().chain(of_b.keys()) {
        match (of_a.get(key), of_b.get(key)) {
            (Some((dn, a, in_a, out_a)), Some((_, b, in_b, out_b))) => {
                if a != b {
                    found.insert(dn.clone());
                } else if *a {
                    for (x, y) in [(in_a, in_b), (in_b, in_a), (out_a, out_b), (out_b, out_a)] {
                        found.extend(x.iter().filter(|(dn, _)| !y.contains_key(*dn)).map(|(_, dn)| dn.clone()));
                    }
                }
            }
            // A partition that one server does not know and the other does not use is no difference.
            (Some((dn, selected, ..)), None) | (None, Some((dn, selected, ..))) if *selected => {
                found.insert(dn.clone());
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Paths of settings that differ.
pub fn settings(a: &Record, b: &Record) -> Result<Vec<String>, String> {
    let at = |facts: &Record, path: &str| facts.at(path).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for path in SETTINGS {
        match (at(a, path), at(b, path)) {
            (Value::Unknown(why), _) => return Err(format!("{}: {why}", title(a))),
            (_, Value::Unknown(why)) => return Err(format!("{}: {why}", title(b))),
            (x, y) if !same(&x, &y) => found.push(find(path).map_or(path, |fact| fact.path).to_owned()),
            _ => {}
        }
    }
    Ok(found)
}

/// Connectors by what is the same on both servers: forests by name, Entra by being Entra.
fn by_forest(facts: &Record) -> Result<BTreeMap<String, &Record>, String> {
    let key = |connector: &Record| if is_entra(connector) { String::new() } else { text(connector, "Name").to_ascii_lowercase() };
    Ok(objects(facts, "Connectors")?.map(|connector| (key(connector), connector)).collect())
}

/// Names of connectors that only one of the two has.
pub fn missing_connectors(a: &Record, b: &Record) -> Result<Vec<String>, String> {
    let (of_a, of_b) = (by_forest(a)?, by_forest(b)?);
    let only = |x: &BTreeMap<String, &Record>, y: &BTreeMap<String, &Record>| {
        x.iter()
            .filter(|(key, _)| !y.contains_key(*key))
            .map(|(_, connector)| text(connector, "Name").to_owned())
            .collect::<Vec<_>>()
    };
    Ok(only(&of_a, &of_b).into_iter().chain(only(&of_b, &of_a)).collect())
}

/// The connector that both have whose object counts are furthest apart: its name, the difference in percent of the larger
/// count to two digits, and in objects.
pub fn object_counts(a: &Record, b: &Record) -> Result<(String, f64, i64), String> {
    let (of_a, of_b) = (by_forest(a)?, by_forest(b)?);
    let mut furthest = (String::new(), 0.0, 0);
    for (key, in_a) in &of_a {
        let Some(in_b) = of_b.get(key) else { continue };
        let total = |connector: &Record| match connector.at("Statistics.TotalConnectors") {
            Some(Value::Int(total)) => Ok(*total),
            Some(Value::Unknown(why)) => Err(why.clone()),
            _ => Err("TotalConnectors was not read".to_owned()),
        };
        let (x, y) = (total(in_a)?, total(in_b)?);
        let percent = percent(x.abs_diff(y), x.max(y));
        if percent > furthest.1 {
            furthest = (text(in_a, "Name").to_owned(), percent, i64::try_from(x.abs_diff(y)).unwrap_or(i64::MAX));
        }
    }
    Ok(furthest)
}

#[allow(clippy::cast_precision_loss)] // Counts of objects are far below 2^52.
fn percent(difference: u64, of: i64) -> f64 {
    if of <= 0 { 0.0 } else { (difference as f64 / of as f64 * 10_000.0).round() / 100.0 }
}
