//! The two servers side by side: what a promotion would change without anybody having meant it.

use std::collections::BTreeSet;

use crate::facts::table::ENTRA_CONNECTOR;
use crate::facts::{differ, words};
use crate::health::{Context, Rule, Seen, Severity, Verdict};
use crate::powershell::format::to_text;
use crate::powershell::{Record, Value};

pub(super) const RULES: &[Rule] = &[
    Rule::new("connector-missing", "A connector is on one server only", connector_missing),
    Rule::new("scope-drift", "The servers synchronise different containers", scope_drift),
    Rule::new("rule-drift", "The servers' rules differ", rule_drift),
    Rule::new("setting-drift", "The servers' settings differ", setting_drift),
    Rule::new("scheduler-settings-differ", "The servers' scheduler settings differ", scheduler_settings_differ),
    Rule::new("object-count-mismatch", "The servers hold different numbers of objects", object_count_mismatch),
    Rule::new("version-skew", "The servers run different versions", version_skew),
    Rule::new("clone", "Two servers are copies of one installation", clone),
    Rule::new("shared-cloud-identity", "Two servers sign in to the tenant as one", shared_cloud_identity),
    Rule::new("account-differs", "The servers read a forest with different accounts", account_differs),
];

/// How many names a text shows.
const SHOWN: usize = 3;

fn some(names: &[String], severity: Severity, text: impl Fn(&str) -> String) -> Option<(Severity, String)> {
    (!names.is_empty()).then(|| (severity, text(&words::list(names, SHOWN))))
}

fn connector_missing(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(
        id,
        "Connect it on the other server before the swap; without the Entra connector the product is installed anew",
        |a, b| {
            let is_entra = |connector: &Record| connector.get("Identifier").and_then(Value::as_text) == Some(ENTRA_CONNECTOR);
            for seen in [a, b] {
                if !seen.objects("Connectors")?.any(is_entra) {
                    return Ok(Some((Severity::Critical, format!("{} has no Entra connector", seen.title()))));
                }
            }
            let missing = differ::missing_connectors(&a.facts, &b.facts)?;
            Ok(some(&missing, Severity::Critical, |names| format!("Only one server has {names}")))
        },
    )
}

fn scope_drift(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(id, "Make the containers equal: a promotion would create or delete their objects", |a, b| {
        let scopes: Vec<_> = differ::scopes(&a.facts, &b.facts)?.into_iter().collect();
        let count = words::count(i64::try_from(scopes.len()).unwrap_or(i64::MAX), "container");
        Ok(some(&scopes, Severity::Critical, |names| format!("{count} differ: {names}")))
    })
}

fn rule_drift(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(id, "Compare the rules; bring custom ones over before the swap", |a, b| {
        let rules = differ::rules(&a.facts, &b.facts)?;
        let severity = if rules.values().any(|custom| *custom) { Severity::Critical } else { Severity::Warning };
        Ok(some(&rules.into_keys().collect::<Vec<_>>(), severity, |names| format!("Rules differ: {names}")))
    })
}

/// Settings that change what users are, not only what is done for them.
const GRAVE: [&str; 3] = ["SourceAnchor", "UserPrincipalNameAttribute", "SignIn.Method"];

fn setting_drift(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(id, "Set both servers alike with the wizard", |a, b| {
        let paths = differ::settings(&a.facts, &b.facts)?;
        let grave = paths.iter().any(|path| GRAVE.contains(&path.as_str()));
        let severity = if grave { Severity::Critical } else { Severity::Warning };
        let shown = |path: &String| format!("{path} ({} {}, {} {})", a.title(), said(a, path), b.title(), said(b, path));
        Ok(some(&paths.iter().map(shown).collect::<Vec<_>>(), severity, |settings| format!("Settings differ: {settings}")))
    })
}

/// A value as a sentence says it.
fn said(seen: &Seen<'_>, path: &str) -> String {
    seen.facts.at(path).filter(|value| **value != Value::Null).map_or_else(|| "none".to_owned(), to_text)
}

fn scheduler_settings_differ(context: &Context<'_>, id: &'static str) -> Verdict {
    const PATHS: [&str; 4] = [
        "Scheduler.SyncCycleEnabled",
        "Scheduler.CurrentlyEffectiveSyncCycleInterval",
        "Scheduler.PurgeRunHistoryInterval",
        "Scheduler.MaintenanceEnabled",
    ];
    context.pair(id, "Set them alike before the swap: they are each server's own", |a, b| {
        let mut different = Vec::new();
        for path in PATHS {
            if a.fact(path)? != b.fact(path)? {
                let name = path.trim_start_matches("Scheduler.");
                different.push(format!("{name} ({} {}, {} {})", a.title(), said(a, path), b.title(), said(b, path)));
            }
        }
        Ok(some(&different, Severity::Warning, |settings| format!("Schedulers differ: {settings}")))
    })
}

fn object_count_mismatch(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(id, "Let the standby catch up, then compare the scope", |a, b| {
        let (connector, percent, objects) = differ::object_counts(&a.facts, &b.facts)?;
        let severity = match percent {
            large if large > 5.0 => Severity::Critical,
            small if small > 1.0 && objects > 20 => Severity::Warning,
            _ => return Ok(None),
        };
        Ok(Some((severity, format!("{} apart in {connector}, {percent:.1} percent", words::count(objects, "object")))))
    })
}

fn version_skew(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(id, "Expected during an upgrade by swap; the tags of standard rules may differ", |a, b| {
        let (of_a, of_b) = (a.version()?, b.version()?);
        let text = || format!("{} runs {of_a}, {} runs {of_b}", a.title(), b.title());
        Ok((of_a != of_b).then(|| (Severity::Information, text())))
    })
}

/// A text that both have and that is the same.
fn shared<'a>(a: &'a Seen<'_>, b: &Seen<'_>, path: &str) -> Result<Option<&'a str>, String> {
    let (of_a, of_b) = (a.text(path)?, b.text(path)?);
    Ok(of_a.filter(|of_a| !of_a.is_empty() && of_b.is_some_and(|of_b| of_b.eq_ignore_ascii_case(of_a))))
}

fn clone(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(id, "Rebuild one of them: a cloned server is not supported", |a, b| {
        let same = shared(a, b, "MachineId")?;
        Ok(same.map(|machine| (Severity::Critical, format!("Both servers have the identity {machine}"))))
    })
}

fn shared_cloud_identity(context: &Context<'_>, id: &'static str) -> Verdict {
    context.pair(id, "Give each server an application or account of its own with the wizard", |a, b| {
        let same = match shared(a, b, "EntraCredential.Application")? {
            None => shared(a, b, "EntraConnector.Account")?,
            application => application,
        };
        Ok(same.map(|identity| (Severity::Critical, format!("Both servers sign in as {identity}"))))
    })
}

fn account_differs(context: &Context<'_>, id: &'static str) -> Verdict {
    let account = |connector: &Record| connector.get("Account").and_then(Value::as_text).map(str::to_ascii_lowercase);
    let name = |connector: &Record| connector.get("Name").and_then(Value::as_text).map(str::to_owned);
    let is_forest = |connector: &Record| connector.get("Type").and_then(Value::as_text) == Some("AD");
    context.pair(id, "Check that account's rights in the directory before the swap", |a, b| {
        let mut different = BTreeSet::new();
        for of_a in a.objects("Connectors")?.filter(|connector| is_forest(connector)) {
            let Some(of_b) = b.objects("Connectors")?.find(|of_b| name(of_b) == name(of_a)) else { continue };
            if account(of_a).zip(account(of_b)).is_some_and(|(x, y)| x != y) {
                different.extend(name(of_a));
            }
        }
        Ok(some(&different.into_iter().collect::<Vec<_>>(), Severity::Information, |names| {
            format!("The account differs for {names}")
        }))
    })
}
