//! Rules over readings that lack something, and findings over several looks.

use super::*;

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
