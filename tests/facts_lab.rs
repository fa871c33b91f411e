//! The table of facts and the health rules held against the lab: what a simulated server sends is typed without a
//! remainder, and each fault is noticed by its rule.

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::facts::{Policy, Server, ServerName, View, server_facts, tree};
use lockstep::health::{Context, Finding, evaluate};
use lockstep::lab::fault::Fault;
use lockstep::lab::{Lab, Scenario, facts};
use lockstep::powershell::Value;
use lockstep::powershell::tree::format_datetime;
use lockstep::rb1::{Frame, Group};

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

fn lab(scenario: &str) -> Lab {
    Lab::new(&Scenario::bundled(scenario).expect("a scenario"), 11, start())
}

/// Every group of every server, read at this moment, twice for what takes two readings.
fn read(lab: &Lab) -> Vec<Server> {
    let world = lab.world();
    let mut servers: Vec<Server> = lab
        .servers()
        .into_iter()
        .map(|(role, _)| Server::new(ServerName::from(role.as_str()), format!("lab:x/{role}")))
        .collect();
    for (at, server) in servers.iter_mut().enumerate() {
        let skew = TimeDelta::milliseconds(world.servers[at].host.skew_ms);
        for group in Group::ALL.into_iter().chain([Group::Core]) {
            let answer = facts::answer(world, at, group, None);
            let frame = Frame::Reading {
                id: "1".into(),
                group,
                server_utc: format_datetime(lab.now() + skew),
                ms: 1,
                values: answer.values,
                errors: answer.errors,
            };
            server.answered(&frame, lab.now(), lab.now()).expect("a reading");
        }
    }
    servers
}

fn findings(lab: &Lab, active: &str) -> Vec<Finding> {
    let (servers, policy) = (read(lab), Policy::default());
    evaluate(&Context::new(&servers, lab.now(), &policy).intending(&[active.into()]))
}

/// Paths whose value is of the wrong kind or was left out of the answer.
fn untyped(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(record) => record.iter().for_each(|(name, value)| untyped(&format!("{path}.{name}"), value, found)),
        Value::Array(items) => items.iter().for_each(|item| untyped(&format!("{path}[]"), item, found)),
        Value::Unknown(why) if why.contains("expected ") || why.contains("the server's answer has no") => {
            found.push(format!("{path}: {why}"));
        }
        _ => {}
    }
}

#[test]
fn every_scenario_sends_what_the_table_names_in_the_right_kinds() {
    for name in Scenario::names() {
        let lab = lab(name);
        for server in read(&lab) {
            let mut found = Vec::new();
            untyped(server.name.as_str(), &Value::Object(server_facts(&server, lab.now(), &Policy::default())), &mut found);
            // Without the product there is no database.
            found.retain(|line| !line.contains("answer has no Database."));
            found.dedup();
            assert!(found.is_empty(), "{name}: {found:#?}");
        }
    }
}

#[test]
fn a_clean_swap_begins_without_anything_critical() {
    let lab = lab("clean-swap");
    let found = findings(&lab, "old");
    let grave: Vec<_> = found.iter().filter(|finding| finding.severity > lockstep::health::Severity::Information).collect();
    assert!(grave.is_empty(), "{grave:#?}");
    let (servers, policy) = (read(&lab), Policy::default());
    let tree = tree(&View::of(&servers, lab.now(), &policy));
    assert_eq!(tree.at("old.Scheduler.StagingModeEnabled"), Some(&Value::Bool(false)));
    assert_eq!(tree.at("new.Scheduler.StagingModeEnabled"), Some(&Value::Bool(true)));
    assert_eq!(tree.at("tenant.DeletionThreshold"), Some(&Value::Int(500)));
    for path in
        ["old.LastExport.StartDate", "old.LastCycle.EndDate", "new.LastDeltaSync", "new.PendingExports.Total", "new.StagingFor"]
    {
        assert!(tree.at(path).is_some_and(|value| !value.is_unknown()), "{path}: {:?}", tree.at(path));
    }
    for path in ["pair.RuleDifferences", "pair.ScopeDifferences", "pair.SettingDifferences", "pair.MissingConnectors"] {
        assert_eq!(tree.at(path), Some(&Value::Array(vec![])), "{path}");
    }
}

/// A fault, the role it is injected on, how long it takes to show, and the rules that should notice it.
const NOTICED: [(Fault, &str, i64, &[&str]); 24] = [
    (Fault::WizardLeftOpen, "new", 15, &["wizard-open"]),
    (Fault::SuspendedLeak, "new", 1, &["scheduler-suspended"]),
    (Fault::SchedulerFrozen, "old", 90, &["scheduler-frozen"]),
    (Fault::ServiceStopped, "old", 1, &["service-not-running"]),
    (Fault::ServiceManual, "old", 1, &["service-start-type"]),
    (Fault::SchedulerDisabled, "old", 1, &["scheduler-disabled"]),
    (Fault::SchedulerDisabled, "new", 1, &["scheduler-disabled-on-staging"]),
    (Fault::ClockSkew, "new", 1, &["clock-skew"]),
    (Fault::DomainControllerDown, "old", 60, &["run-failed"]),
    (Fault::CloudBlocked, "old", 60, &["cloud-sign-in-broken", "run-failed"]),
    (Fault::ExportErrors, "old", 90, &["export-errors"]),
    (Fault::PermissionIssue, "old", 90, &["permission-issue"]),
    (Fault::OuMissing, "new", 60, &["scope-drift"]),
    (Fault::RuleMissing, "new", 1, &["rule-drift"]),
    (Fault::RuleDisabled, "new", 1, &["rule-drift"]),
    (Fault::VersionBelowFloor, "new", 1, &["version-below-floor"]),
    (Fault::VersionSkew, "new", 1, &["version-skew"]),
    (Fault::OverridesPending, "new", 1, &["overrides-pending"]),
    (Fault::PasswordsOff, "new", 1, &["setting-drift"]),
    (Fault::SharedApplication, "old", 90, &["shared-cloud-identity", "cloud-sign-in-broken"]),
    (Fault::Clone, "new", 1, &["clone"]),
    (Fault::DualActive, "new", 1, &["dual-active"]),
    (Fault::ManualExport, "new", 5, &["manual-export-in-staging"]),
    (Fault::DatabaseFull, "new", 1, &["database-nearly-full"]),
];

#[test]
fn faults_are_noticed_by_their_rules() {
    let saved = lab("clean-swap").to_json();
    let mut missed = Vec::new();
    for (fault, role, minutes, rules) in NOTICED {
        let mut lab = Lab::from_json(&saved).expect("a lab");
        let verb = format!("fault {} on {role}", fault.name()).parse().expect("a verb");
        lab.operate(&verb).unwrap_or_else(|why| panic!("{}: {why}", fault.name()));
        let to = lab.now() + TimeDelta::minutes(minutes);
        lab.advance(to);
        let found: Vec<String> = findings(&lab, "old").into_iter().map(|finding| finding.id).collect();
        if !rules.iter().any(|rule| found.iter().any(|id| id == rule)) {
            missed.push(format!("{} on {role}: {rules:?} not in {found:?}", fault.name()));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_a_server_is_without_the_product_or_without_its_tail_properties() {
    let lab = lab("migrate-to-new-server");
    let servers = read(&lab);
    let policy = Policy::default();
    let absent = servers.iter().filter(|server| server.activity(lab.now(), &policy) == lockstep::facts::Activity::Absent);
    assert_eq!(absent.count(), 1);
    assert!(findings(&lab, "old").iter().all(|finding| finding.id != "none-active"));

    let mut lab = self::lab("clean-swap");
    lab.operate(&"fault nine-properties on old".parse().expect("a verb")).expect("injected");
    let servers = read(&lab);
    let facts = server_facts(&servers[0], lab.now(), &policy);
    assert_eq!(facts.at("Scheduler.StagingModeEnabled"), Some(&Value::Bool(false)));
}
