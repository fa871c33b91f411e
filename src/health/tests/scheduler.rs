//! The scheduler, the wizard and the service.

use super::*;

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
fn a_cycle_that_does_not_end_is_told_after_an_hour() {
    let long = |minutes: i64, profile: &'static str| {
        let change = |_: &mut Answers, new: &mut Answers| {
            new.core["Scheduler"]["SyncCycleInProgress"] = json!(true);
            let start = NOW - minutes * 60;
            let mut runs = vec![run(300, ENTRA, profile, "in-progress", start, start)];
            for (name, at) in [("contoso.com", start - 3_000), (ENTRA, start - 2_990)] {
                runs.push(run(200, name, "Delta Synchronization", "success", at, at + 5));
            }
            new.runs["RunHistory"] = json!(runs);
        };
        match verdict(&pair(change), "cycle-too-long") {
            Verdict::Fires(finding) => Some(finding.text),
            _ => None,
        }
    };
    assert_eq!(long(59, "Delta Import"), None);
    assert!(long(61, "Delta Import").is_some_and(|text| text.ends_with(&format!("now Delta Import on {ENTRA}"))));
    assert!(long(61, "Full Import").is_some(), "2,000 objects take some minutes");
}
