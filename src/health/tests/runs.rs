//! The run history, the seven days, what a promotion would do.

use super::*;

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
fn missing_rights_are_a_finding_of_their_own() {
    let failed = |types: &serde_json::Value| {
        let types = types.clone();
        found(&pair(move |old, _| {
            let run = &mut old.runs["RunHistory"][0];
            run["Result"] = json!("completed-export-errors");
            run["Failures"] = json!(3);
            run["ErrorTypes"] = types;
        }))
    };
    let ids = |types: &serde_json::Value| failed(types).into_iter().map(|finding| finding.id).collect::<Vec<_>>();
    assert_eq!(ids(&json!(["permission-issue"])), ["permission-issue"]);
    assert_eq!(ids(&json!(["AttributeValueMustBeUnique"])), ["export-errors"]);
    assert_eq!(ids(&json!(["AttributeValueMustBeUnique", "permission-issue"])), ["export-errors", "permission-issue"]);
    assert_eq!(
        failed(&json!(["permission-issue"]))[0].text,
        format!("EC01: Export on {ENTRA}: 3 objects failed (permission-issue)")
    );
    // An agent that does not send the reasons leaves it unknown; that there are errors is still told.
    assert_eq!(ids(&json!(null)), ["export-errors"]);
    let untold = pair(|old, _| {
        old.runs["RunHistory"][0]["Result"] = json!("completed-export-errors");
        old.runs["RunHistory"][0]["ErrorTypes"] = json!(null);
    });
    assert!(matches!(verdict(&untold, "permission-issue"), Verdict::Unknown(_)));
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
fn a_restart_inside_a_cycle_is_told_until_the_next_one() {
    let cut = |result: &str, start: i64| {
        let change = |_: &mut Answers, new: &mut Answers| {
            new.core["BootTime"] = json!(at(500).to_rfc3339());
            let mut runs = new.runs["RunHistory"].as_array().cloned().unwrap_or_default();
            runs.insert(0, run(300, ENTRA, "Delta Import", result, start, start + 10));
            new.runs["RunHistory"] = json!(runs);
        };
        matches!(verdict(&pair(change), "reboot-in-cycle"), Verdict::Fires(_))
    };
    assert!(cut("stopped-server-down", 400) && cut("in-progress", 400));
    assert!(!cut("success", 400) && !cut("in-progress", 600));
}

#[test]
fn exports_that_move_nothing_leave_what_is_pending_stuck() {
    let stuck = |pending: i64, moved: i64| {
        let change = |old: &mut Answers, _: &mut Answers| {
            old.statistics["Connectors"][1] = connector(ENTRA, ENTRA_CONNECTOR, [0, pending, 0], 2_000);
            let export = |number: i64| {
                let mut run = run(number, ENTRA, "Export", "completed-export-errors", number, number + 5);
                run["Adds"] = json!(moved);
                run["Updates"] = json!(0);
                run["Deletes"] = json!(0);
                run
            };
            old.runs["RunHistory"] = json!([export(300), export(200), export(100)]);
        };
        match verdict(&pair(change), "pending-exports-stuck") {
            Verdict::Fires(finding) => Some(finding.text),
            _ => None,
        }
    };
    assert_eq!(stuck(3, 0).as_deref(), Some("EC01: 3 changes pending through 3 exports"));
    assert_eq!((stuck(0, 0), stuck(3, 1)), (None, None));
}

#[test]
fn a_connector_without_objects_was_never_initialised() {
    let empty = |total: i64| {
        let change =
            |_: &mut Answers, new: &mut Answers| new.statistics["Connectors"][1]["Statistics"]["TotalConnectors"] = json!(total);
        matches!(verdict(&pair(change), "never-initialised"), Verdict::Fires(finding) if finding.severity == Severity::Critical)
    };
    assert!(empty(0) && !empty(1));
}
