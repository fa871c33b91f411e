//! Each rule on a healthy pair that one change makes ill.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};

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

#[test]
fn dual_active_names_the_server_that_is_not_meant() {
    let servers = pair(|_, new| {
        new.core["Scheduler"]["StagingModeEnabled"] = json!(false);
        new.runs["StagingSince"] = Json::Null;
    });
    let found = found(&servers);
    assert_eq!(of(&found)[0], ("dual-active", Severity::Critical));
    assert_eq!(found[0].text, "EC01 and EC02 are out of staging; both export");
    assert_eq!(found[0].remedy, "Put EC02 into staging now with its wizard, or stop its ADSync service");
}

#[test]
fn dual_active_with_one_scheduler_off_is_a_warning() {
    let servers = pair(|_, new| {
        new.core["Scheduler"]["StagingModeEnabled"] = json!(false);
        new.core["Scheduler"]["SyncCycleEnabled"] = json!(false);
    });
    assert!(found(&servers).iter().any(|finding| finding.id == "dual-active" && finding.severity == Severity::Warning));
}

#[test]
fn stopped_absent_and_isolated_servers_are_not_active() {
    let stopped = pair(|_, new| {
        new.core["Scheduler"]["StagingModeEnabled"] = json!(false);
        new.core["Service"]["Status"] = json!("Stopped");
    });
    assert_eq!(verdict(&stopped, "dual-active"), Verdict::Clear);
    let mut isolated = pair(|_, new| new.core["Scheduler"]["StagingModeEnabled"] = json!(false));
    assert!(matches!(verdict(&isolated, "dual-active"), Verdict::Fires(_)));
    isolated[1].isolated = Some(Isolation { at: at(0), how: "powered off".into(), checked: "console".into() });
    assert_eq!(verdict(&isolated, "dual-active"), Verdict::Clear);
    let absent = pair(|_, new| new.core = json!({"Host": "EC02", "Installed": false}));
    assert!(found(&absent).is_empty(), "{:?}", found(&absent));
}

#[test]
fn none_active_is_expected_for_an_hour_of_a_swap_only() {
    let servers = pair(|old, _| {
        old.core["Scheduler"]["StagingModeEnabled"] = json!(true);
        old.runs["StagingSince"] = json!(at(NOW - 60).to_rfc3339());
    });
    let policy = Policy::default();
    let none_active = |since: Option<i64>| {
        let context = Context::new(&servers, at(NOW), &policy).none_active_since(since.map(at));
        evaluate(&context).into_iter().find(|finding| finding.id == "none-active").expect("it fires")
    };
    let (inside, late, outside) = (none_active(Some(NOW - 60)), none_active(Some(NOW - 3_601)), none_active(None));
    assert_eq!(inside.severity, Severity::Warning);
    assert_eq!(inside.text, "No server is active since 21 Nov 03:15 UTC: nothing is exported to the cloud");
    assert_eq!((late.severity, outside.severity), (Severity::Critical, Severity::Critical));
}

#[test]
fn an_unseen_server_is_told_by_what_it_should_be() {
    let mut servers = pair(|_, _| {});
    servers[0].not_answered(Group::Core, at(NOW + 20), "connection refused");
    let policy = Policy::default();
    let unseen = |servers: &[Server], seconds| -> Vec<Finding> {
        let context = Context::new(servers, at(seconds), &policy).intending(&["old".into()]);
        evaluate(&context).into_iter().filter(|finding| finding.id.ends_with("unreachable")).collect()
    };
    assert!(unseen(&servers, NOW + 15).is_empty());
    let found = unseen(&servers, NOW + 20);
    let expected = [("active-unreachable", Severity::Critical), ("standby-unreachable", Severity::Warning)];
    assert_eq!(of(&found), expected);
    assert_eq!(found[0].text, "EC01: the active server cannot be seen, no answer since 21 Nov 03:16 UTC: connection refused");
    assert_eq!(found, unseen(&servers, NOW + 90), "the words do not change with time");
    servers[0].isolated = Some(Isolation { at: at(0), how: "powered off".into(), checked: "console".into() });
    assert_eq!(of(&unseen(&servers, NOW + 20)), expected[1..]);
}

#[test]
fn the_schedulers_rules() {
    let disabled = |answers: &mut Answers| answers.core["Scheduler"]["SyncCycleEnabled"] = json!(false);
    let both = found(&pair(|old, new| {
        disabled(old);
        disabled(new);
    }));
    assert_eq!(of(&both), [("scheduler-disabled", Severity::Critical), ("scheduler-disabled-on-staging", Severity::Warning)]);
    let suspended = ill(|old, _| old.core["Scheduler"]["SchedulerSuspended"] = json!(true));
    assert_eq!((suspended.0, suspended.1), ("scheduler-suspended", Severity::Warning));
    let frozen = ill(|_, new| new.core["Scheduler"]["NextSyncCycleStartTimeInUTC"] = json!(at(NOW - 121).to_rfc3339()));
    assert_eq!((frozen.0, frozen.2.as_str()), ("scheduler-frozen", "new"));
    assert_eq!(frozen.3, "EC02: a cycle was due at 21 Nov 03:14 UTC and did not start");
    let maintenance = found(&pair(|old, _| old.core["Scheduler"]["MaintenanceEnabled"] = json!(false)));
    assert_eq!(of(&maintenance).len(), 2);
    assert_eq!(of(&maintenance)[0], ("maintenance-off", Severity::Warning));
    let initial = ill(|old, _| old.core["Scheduler"]["NextSyncCyclePolicyType"] = json!("Initial"));
    assert_eq!((initial.0, initial.1), ("next-cycle-initial", Severity::Information));
    let short = ill(|old, _| old.core["Scheduler"]["CustomizedSyncCycleInterval"] = json!("00:10:00"));
    assert_eq!((short.0, short.3.as_str()), ("custom-interval-ineffective", "EC01: 10 min was asked for, 30 min is in effect"));
}

#[test]
fn suspension_grows_worse_after_half_an_hour() {
    let servers = pair(|old, _| old.core["Scheduler"]["SchedulerSuspended"] = json!(true));
    let policy = Policy::default();
    let firing = std::collections::BTreeMap::from([("scheduler-suspended".to_owned(), at(NOW - 1_801))]);
    let found = evaluate(&Context::new(&servers, at(NOW), &policy).firing(firing));
    assert_eq!(found[0].severity, Severity::Critical);
}

#[test]
fn a_wizard_is_told_when_it_is_old_or_nobodys() {
    let open = |since: Json, state: &str| json!({"Open": true, "User": "CONTOSO\\bob", "SessionState": state, "Since": since});
    assert!(found(&pair(|old, _| old.core["Wizard"] = open(json!(at(NOW - 599).to_rfc3339()), "Active"))).is_empty());
    let old = ill(|old, _| old.core["Wizard"] = open(json!(at(NOW - 600).to_rfc3339()), "Active"));
    assert_eq!(
        (old.0, old.3.as_str()),
        ("wizard-open", "EC01: CONTOSO\\bob has the wizard open since 21 Nov 03:06 UTC, no cycle will start")
    );
    assert_eq!(ill(|old, _| old.core["Wizard"] = open(json!(at(NOW).to_rfc3339()), "Disc")).0, "wizard-open");
    assert_eq!(ill(|old, _| old.core["Wizard"] = open(Json::Null, "Active")).0, "wizard-open");
}

#[test]
fn the_service_matters_most_where_it_exports() {
    let stop = |answers: &mut Answers| answers.core["Service"]["Status"] = json!("Stopped");
    let active = found(&pair(|old, _| stop(old)));
    assert!(active.iter().any(|f| f.id == "service-not-running" && f.severity == Severity::Critical));
    assert!(active.iter().any(|f| f.id == "none-active"), "a stopped server exports nothing");
    let standby = ill(|_, new| stop(new));
    assert_eq!((standby.0, standby.1), ("service-not-running", Severity::Warning));
    assert_eq!(ill(|_, new| new.core["Service"]["StartType"] = json!("Manual")).0, "service-start-type");
}

#[test]
fn versions_are_held_against_the_table() {
    let version = |text: &'static str| {
        move |old: &mut Answers, new: &mut Answers| {
            for answers in [old, new] {
                answers.core["Version"] = json!(text);
                answers.host["Tls12"]["Client"] = json!(true);
            }
        }
    };
    let one = |text| {
        let finding = ill(version(text));
        (finding.0, finding.1)
    };
    assert_eq!(one("2.5.76.0"), ("version-below-floor", Severity::Critical));
    assert_eq!(one("2.5.79.0"), ("version-support-ends", Severity::Critical));
    assert_eq!(one("2.6.79.0"), ("bad-build", Severity::Critical));
    assert!(found(&pair(version("2.6.91.0"))).is_empty());
    let with_pta = found(&pair(|old, new| {
        version("2.6.91.0")(old, new);
        for answers in [old, new] {
            answers.configuration["SignIn"]["Method"] = json!("PassthroughAuthentication");
        }
    }));
    assert_eq!(of(&with_pta)[0], ("bad-build", Severity::Warning));
    assert_eq!(ill(|old, _| old.core["Version"] = json!("2.6.84.0")).0, "version-skew");
}

#[test]
fn tls_matters_only_to_versions_that_need_the_registry() {
    let found = found(&pair(|old, _| old.core["Version"] = json!("2.4.129.0")));
    assert!(found.iter().any(|finding| finding.id == "tls-off" && finding.severity == Severity::Critical));
}

#[test]
fn the_clock_is_judged_by_what_the_measurement_leaves_certain() {
    let skewed = |offset: i64, error: i64| {
        let mut servers = pair(|_, _| {});
        servers[1].skew = Some(Skew { offset: TimeDelta::seconds(offset), error: TimeDelta::seconds(error) });
        match verdict(&servers, "clock-skew") {
            Verdict::Fires(finding) => Some(finding.severity),
            Verdict::Clear => None,
            Verdict::Unknown(why) => panic!("{why}"),
        }
    };
    assert_eq!(skewed(60, 0), None);
    assert_eq!(skewed(-61, 0), Some(Severity::Warning));
    assert_eq!(skewed(301, 0), Some(Severity::Critical));
    assert_eq!(skewed(301, 10), Some(Severity::Warning));
    let mut servers = pair(|_, _| {});
    servers[0].skew = Some(Skew { offset: TimeDelta::zero(), error: TimeDelta::minutes(2) });
    assert!(matches!(verdict(&servers, "clock-skew"), Verdict::Unknown(_)));
}

#[test]
fn what_runs_tell() {
    let result = |answers: &mut Answers, place: usize, result: &str| answers.runs["RunHistory"][place]["Result"] = json!(result);
    let stop = ill(|old, _| result(old, 0, "stopped-deletion-threshold-exceeded"));
    assert_eq!(stop.0, "deletion-stop");
    assert_eq!(ill(|old, _| result(old, 0, "completed-export-errors")).0, "export-errors");
    assert_eq!(ill(|_, new| result(new, 0, "completed-sync-errors")).0, "sync-errors");
    let failed = ill(|_, new| result(new, 1, "no-start-connection"));
    assert_eq!((failed.0, failed.1), ("run-failed", Severity::Warning));
    assert!(found(&pair(|_, new| result(new, 1, "no-start-ma-already-running"))).is_empty());
    let manual = ill(|_, new| {
        let mut runs = new.runs["RunHistory"].as_array().cloned().unwrap_or_default();
        runs.insert(0, run(200, ENTRA, "Export", "success", 50, 51));
        new.runs["RunHistory"] = json!(runs);
    });
    assert_eq!((manual.0, manual.1), ("manual-export-in-staging", Severity::Critical));
}

#[test]
fn the_seven_days() {
    let aged = |days: i64| {
        let mut servers = pair(|_, _| {});
        servers[1] = read("new", &{
            let mut answers = healthy("EC02", true);
            let start = NOW - days * 86_400 - 1;
            let runs: Vec<_> =
                ["contoso.com", ENTRA].map(|name| run(9, name, "Delta Synchronization", "success", start - 5, start)).into();
            answers.runs["RunHistory"] = json!(runs);
            answers
        });
        match verdict(&servers, "seven-day-rule") {
            Verdict::Fires(finding) => Some(finding.severity),
            Verdict::Clear => None,
            Verdict::Unknown(why) => panic!("{why}"),
        }
    };
    assert_eq!((aged(4), aged(5), aged(7)), (None, Some(Severity::Warning), Some(Severity::Critical)));
    let purged = pair(|_, new| new.runs["RunHistory"] = json!([]));
    assert_eq!(verdict(&purged, "seven-day-rule"), Verdict::Unknown("EC02: the run history is empty".into()));
}

#[test]
fn what_a_promotion_would_do() {
    let pending = |counts: [i64; 3]| {
        move |_: &mut Answers, new: &mut Answers| {
            new.statistics["Connectors"][1] = connector(ENTRA, ENTRA_CONNECTOR, counts, 2_000);
        }
    };
    assert!(found(&pair(pending([4, 4, 2]))).is_empty());
    let many = ill(pending([4, 4, 3]));
    assert_eq!((many.0, many.3.as_str()), ("pending-exports", "EC02: 4 adds, 4 updates, 3 deletes would go out on promotion"));
    let deletes = found(&pair(pending([0, 0, 501])));
    assert_eq!(of(&deletes)[0], ("deletion-stop-predicted", Severity::Critical));
    let near = found(&pair(pending([0, 0, 251])));
    assert!(near.iter().any(|f| f.id == "deletion-stop-predicted" && f.severity == Severity::Warning));
    let full = ill(|_, new| new.statistics["Connectors"][0]["Override"]["FullSyncRequired"] = json!(true));
    assert_eq!((full.0, full.1), ("overrides-pending", Severity::Information));
}

#[test]
fn what_differs_between_the_two() {
    assert_eq!(ill(|_, new| new.configuration["Scope"][0]["Inclusions"] = json!([])).0, "scope-drift");
    let rule = ill(|_, new| new.configuration["Rules"][0]["Fingerprint"] = json!("f2"));
    assert_eq!((rule.0, rule.1), ("rule-drift", Severity::Warning));
    let custom = ill(|_, new| new.configuration["Rules"][1]["Disabled"] = json!(true));
    assert_eq!((custom.0, custom.1), ("rule-drift", Severity::Critical));
    let anchor = ill(|_, new| new.configuration["SourceAnchor"] = json!("objectGUID"));
    assert_eq!((anchor.0, anchor.1), ("setting-drift", Severity::Critical));
    assert_eq!(anchor.3, "Settings differ: SourceAnchor (EC01 mS-DS-ConsistencyGuid, EC02 objectGUID)");
    let feature = ill(|_, new| new.configuration["Features"]["GroupWriteback"] = json!(true));
    assert_eq!((feature.0, feature.1), ("setting-drift", Severity::Warning));
    let counts = ill(|_, new| new.statistics["Connectors"][0]["Statistics"]["TotalConnectors"] = json!(1_970));
    assert_eq!((counts.0, counts.1), ("object-count-mismatch", Severity::Warning));
    assert_eq!(counts.3, "30 objects apart in contoso.com, 1.5 percent");
    let forest = ill(|_, new| new.statistics["Connectors"] = json!([new.statistics["Connectors"][1].clone()]));
    assert_eq!((forest.0, forest.1), ("connector-missing", Severity::Critical));
    assert_eq!(ill(|_, new| new.configuration["MachineId"] = json!("EC01")).0, "clone");
    assert_eq!(ill(|_, new| new.configuration["EntraCredential"]["Application"] = json!("EC01")).0, "shared-cloud-identity");
    assert_eq!(ill(|_, new| new.configuration["AutoUpgrade"]["State"] = json!("Enabled")).0, "auto-upgrade-on");
}

#[test]
fn what_one_server_hides_does_not_clear_a_rule() {
    let servers = pair(|_, new| {
        new.core.as_object_mut().expect("an object").remove("Scheduler");
    });
    assert!(matches!(verdict(&servers, "scheduler-suspended"), Verdict::Unknown(why) if why.starts_with("EC02: ")));
    assert!(matches!(verdict(&servers, "dual-active"), Verdict::Unknown(_)));
}

#[test]
fn findings_hold_through_one_look_and_dual_active_is_told_at_once() {
    let (healthy, ill) = (pair(|_, _| {}), pair(|_, new| new.core["Scheduler"]["StagingModeEnabled"] = json!(false)));
    let wizard = pair(|old, _| old.core["Wizard"] = json!({"Open": true, "User": null, "SessionState": "Disc", "Since": null}));
    let policy = Policy::default();
    let mut steady = Steady::default();
    let mut look = |servers: &[Server]| -> Vec<String> {
        let examined = examine(&Context::new(servers, at(NOW), &policy).intending(&["old".into()]));
        steady.look(examined, at(NOW)).into_iter().map(|finding| finding.id).collect()
    };
    assert!(look(&ill).iter().any(|id| id == "dual-active"));
    assert!(look(&healthy).iter().any(|id| id == "dual-active"), "one look that says otherwise is not enough");
    assert!(!look(&healthy).iter().any(|id| id == "dual-active"));
    assert!(!look(&wizard).iter().any(|id| id == "wizard-open"));
    assert!(look(&wizard).iter().any(|id| id == "wizard-open"));
    assert!(look(&healthy).iter().any(|id| id == "wizard-open"));
    assert!(look(&healthy).is_empty());
}

#[test]
fn an_unknown_look_keeps_a_finding() {
    let ill = pair(|_, new| new.core["Scheduler"]["StagingModeEnabled"] = json!(false));
    let policy = Policy::default();
    let mut steady = Steady::default();
    steady.look(examine(&Context::new(&ill, at(NOW), &policy)), at(NOW));
    for _ in 0..3 {
        let later = steady.look(examine(&Context::new(&ill, at(NOW + 600), &policy)), at(NOW + 600));
        assert!(later.iter().any(|finding| finding.id == "dual-active"));
    }
    assert_eq!(steady.firing().get("dual-active"), Some(&at(NOW)));
}

#[test]
fn readings_that_fail_in_part_never_panic_a_rule() {
    let answers = healthy("EC01", false);
    for group in [&answers.core, &answers.runs, &answers.statistics, &answers.configuration, &answers.host] {
        for key in group.as_object().expect("an object").keys() {
            let mut servers = pair(|_, _| {});
            let without = |json: &Json| {
                let mut json = json.clone();
                json.as_object_mut().expect("an object").remove(key);
                json
            };
            for (group, values) in [
                (Group::Core, &answers.core),
                (Group::Runs, &answers.runs),
                (Group::Statistics, &answers.statistics),
                (Group::Configuration, &answers.configuration),
                (Group::Host, &answers.host),
            ] {
                let errors = json!({key.as_str(): {"message": "Access Denied"}});
                let frame = frame(group, NOW + 1, &without(values), &errors);
                servers[0].answered(&frame, at(NOW + 1), at(NOW + 1)).expect("a reading");
            }
            for finding in found(&servers) {
                assert!(!finding.text.is_empty() && !finding.servers.is_empty(), "{finding:?}");
            }
        }
    }
}
