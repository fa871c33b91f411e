//! Who is active, and who cannot be seen.

use super::*;

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
    let none_active = |expected: Option<i64>, fires: Option<i64>| {
        let firing = fires.map(|since| ("none-active".to_owned(), at(since))).into_iter().collect();
        let context = Context::new(&servers, at(NOW), &policy).none_active_since(expected.map(at)).firing(firing);
        evaluate(&context).into_iter().find(|finding| finding.id == "none-active").expect("it fires")
    };
    let long_open = Some(NOW - 7_200);
    for inside in [none_active(long_open, None), none_active(long_open, Some(NOW - 60))] {
        assert_eq!(inside.severity, Severity::Warning, "the step is open for two hours, its wizard is not");
        assert_eq!(inside.text, "No server is active: nothing is exported to the cloud");
    }
    let (late, outside) = (none_active(Some(NOW - 60), Some(NOW - 3_601)), none_active(None, None));
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
