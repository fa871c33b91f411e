//! Each rule on a healthy pair that one change makes ill.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};

mod comparison;
mod looks;
mod machine;
mod reading;
mod roles;
mod runs;
mod scheduler;

use super::*;
use crate::facts::table::ENTRA_CONNECTOR;
use crate::facts::tests::derivations::{connector, run};
use crate::facts::tests::differences::configuration;
use crate::facts::tests::{answered, at, core, frame};
use crate::facts::{Isolation, Policy, Server, Skew};
use crate::rb1::Group;

/// The moment of every look, in seconds as in [`at`].
const NOW: i64 = 1_000;
const ENTRA: &str = "contoso.onmicrosoft.com - AAD";

/// What one server answers, group by group.
#[derive(Clone)]
struct Answers {
    core: Json,
    runs: Json,
    statistics: Json,
    configuration: Json,
    host: Json,
    events: Json,
    passwords: Json,
}

fn healthy(host: &str, staging: bool) -> Answers {
    let mut core = core(staging);
    core["Host"] = json!(host);
    core["Scheduler"]["NextSyncCycleStartTimeInUTC"] = json!(at(NOW + 600).to_rfc3339());
    let mut configuration = configuration();
    configuration["MachineId"] = json!(host);
    configuration["Connectors"] = json!([{"Identifier": "1", "Account": "CONTOSO\\MSOL_1"},
        {"Identifier": ENTRA_CONNECTOR, "Account": format!("Sync_{host}")}]);
    configuration["EntraCredential"]["Application"] = json!(host);
    let mut runs: Vec<Json> = ["contoso.com", ENTRA]
        .into_iter()
        .flat_map(|name| [(name, "Delta Synchronization", 20), (name, "Delta Import", 10)])
        .map(|(name, profile, start)| run(100 + start, name, profile, "success", start, start + 5))
        .collect();
    if !staging {
        runs.insert(0, run(130, ENTRA, "Export", "success", 30, 35));
    }
    Answers {
        core,
        runs: json!({"RunHistory": runs, "RunHistoryBegins": at(-86_400).to_rfc3339(),
            "StagingSince": if staging { json!(at(-86_400).to_rfc3339()) } else { Json::Null }}),
        statistics: json!({"Connectors": [connector("contoso.com", "1", [0; 3], 2_000), connector(ENTRA, ENTRA_CONNECTOR, [0; 3], 2_000)]}),
        configuration,
        host: json!({"OS": {"Caption": "Microsoft Windows Server 2022 Datacenter", "Version": "10.0.20348"}, "DotNetRelease": 528_449,
            "Tls12": {"Client": null, "Server": null, "StrongCrypto64": null, "StrongCrypto32": null}, "DomainJoined": true,
            "PowerShellVersion": "5.1.20348.1", "DiskFreeBytes": 50_000_000_000_i64,
            "Database": {"UsedSpaceInMb": 900, "IsLocalDBInstalled": true}, "PtaAgent": {"Status": null}, "HealthAgent": {"Status": "Running"}}),
        events: json!({"Events": []}),
        passwords: json!({"PasswordHashSync": {"Enabled": true, "LastSuccess": at(NOW - 60).to_rfc3339(), "LastStatus": "Success"}}),
    }
}

fn read(role: &str, answers: &Answers) -> Server {
    let mut server = Server::new(role.into(), format!("lab:clean/{role}"));
    let groups = [
        (Group::Core, &answers.core),
        (Group::Runs, &answers.runs),
        (Group::Statistics, &answers.statistics),
        (Group::Configuration, &answers.configuration),
        (Group::Host, &answers.host),
        (Group::Events, &answers.events),
        (Group::Passwords, &answers.passwords),
    ];
    for (group, values) in groups {
        answered(&mut server, group, NOW, values.clone());
    }
    server
}

/// The pair with `ill` done to it: old is active, new in staging.
fn pair(ill: impl FnOnce(&mut Answers, &mut Answers)) -> [Server; 2] {
    let (mut old, mut new) = (healthy("EC01", false), healthy("EC02", true));
    ill(&mut old, &mut new);
    [read("old", &old), read("new", &new)]
}

fn found(servers: &[Server]) -> Vec<Finding> {
    evaluate(&Context::new(servers, at(NOW), &Policy::default()).intending(&["old".into()]))
}

/// The one finding that `ill` brings about: id, severity, servers, text.
fn ill(change: impl FnOnce(&mut Answers, &mut Answers)) -> (&'static str, Severity, String, String) {
    let found = found(&pair(change));
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    let servers: Vec<_> = finding.servers.iter().map(crate::facts::ServerName::as_str).collect();
    (rules::find(&finding.id).expect("a rule").id, finding.severity, servers.join(" "), finding.text.clone())
}

/// Ids and severities.
fn of(findings: &[Finding]) -> Vec<(&str, Severity)> {
    findings.iter().map(|finding| (finding.id.as_str(), finding.severity)).collect()
}

fn verdict(servers: &[Server], id: &str) -> Verdict {
    rules::find(id).unwrap_or_else(|| panic!("no rule {id}")).check(&Context::new(servers, at(NOW), &Policy::default()))
}

#[test]
fn ids_are_readable_and_none_is_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for rule in rules::all() {
        assert!(seen.insert(rule.id) && !rule.title.is_empty(), "{}", rule.id);
        assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.id);
    }
}

#[test]
fn a_healthy_pair_has_no_finding_and_nothing_unknown() {
    let servers = pair(|_, _| {});
    let policy = Policy::default();
    let examined = examine(&Context::new(&servers, at(NOW), &policy).intending(&["old".into()]));
    for one in &examined {
        assert_eq!(one.verdict, Verdict::Clear, "{}", one.rule.id);
    }
    assert_eq!(tree_value(&examined), crate::powershell::Value::Array(vec![]));
}

#[test]
fn a_server_nothing_is_known_of_makes_rules_unknown_and_raises_nothing() {
    let servers = [Server::new("old".into(), "lab:clean/old"), Server::new("new".into(), "lab:clean/new")];
    let policy = Policy::default();
    let context = Context::new(&servers, at(NOW), &policy).intending(&["old".into()]);
    assert!(evaluate(&context).is_empty());
    assert!(matches!(verdict(&servers, "dual-active"), Verdict::Unknown(_)));
    let crate::powershell::Value::Array(elements) = tree_value(&examine(&context)) else { panic!("no array") };
    assert!(!elements.is_empty() && elements.iter().all(crate::powershell::Value::is_unknown));
}
