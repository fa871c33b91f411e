//! What is watched: two active servers, none, targets the wrong way round, `keep` gates and `never` conditions.

use lockstep::engine::Act;
use lockstep::session::event::Body;
use serde_json::json;

use crate::bench::{Bench, core, reason};

const SWAP: &str = "## Before\n\n### Ready {#ready}\n\n## Swap\n\n### Out {#out on=old makes=staging}\n\n\
    ### Promote {#promote on=new makes=active}\n\n### After {#after}\n";

#[test]
fn two_active_servers_are_found_at_one_reading() {
    let mut bench = Bench::open(SWAP);
    bench.pass(10);
    bench.set_staging("new", false);
    bench.pass(5);
    assert!(bench.fires("dual-active"));
    assert_eq!(bench.engine.alarm().unwrap().0, "dual-active");
    bench.act(Act::AcknowledgeFinding("dual-active".into())).unwrap();
    assert!(bench.act(Act::AcknowledgeFinding("dual-active".into())).is_err());
    bench.set_staging("new", true);
    bench.pass(20);
    assert!(!bench.fires("dual-active"));
}

#[test]
fn who_is_active_is_the_alarm_whatever_else_is_critical() {
    let mut bench = Bench::open(SWAP);
    bench.set("old", "/Version", json!("2.6.79.0"));
    bench.pass(30);
    assert_eq!(bench.engine.alarm().unwrap().0, "bad-build");
    bench.set_staging("new", false);
    bench.pass(5);
    assert_eq!(bench.engine.alarm().unwrap().0, "dual-active");
    bench.set_staging("new", true);
    bench.set_staging("old", true);
    bench.pass(60);
    assert_eq!(bench.engine.alarm().unwrap().0, "none-active");
}

#[test]
fn an_unreachable_server_clears_no_alarm() {
    let mut bench = Bench::open(SWAP);
    bench.set_staging("new", false);
    bench.pass(10);
    bench.cores.insert("new".into(), None);
    bench.pass(300);
    assert!(bench.fires("dual-active"), "unknown is not clear");
}

fn none_active(bench: &mut Bench) -> bool {
    bench.pass(20);
    let found = bench.session().findings.get("none-active").unwrap_or_else(|| panic!("not found"));
    found.expected
}

#[test]
fn no_active_server_is_expected_between_the_halves_and_nowhere_else() {
    let mut bench = Bench::open(SWAP);
    bench.set_staging("old", true);
    assert!(!none_active(&mut bench), "before the first half");
    bench.confirm();
    assert_eq!(bench.current(), Some("out"));
    assert!(none_active(&mut bench), "from its opening");
    bench.confirm();
    assert!(none_active(&mut bench), "between the halves");
    bench.confirm();
    assert!(!none_active(&mut bench), "after the promotion was confirmed");
}

#[test]
fn no_active_server_for_more_than_an_hour_is_an_alarm_between_the_halves_too() {
    let mut bench = Bench::open(SWAP);
    bench.confirm();
    // The step is open for long before the wizard is.
    bench.pass(7_200);
    bench.set_staging("old", true);
    assert!(none_active(&mut bench));
    bench.confirm();
    bench.pass(3_400);
    assert!(none_active(&mut bench));
    assert_ne!(bench.engine.alarm().map(|(id, _)| id), Some("none-active"));
    bench.pass(300);
    assert!(!none_active(&mut bench));
    assert_eq!(bench.engine.alarm().unwrap().0, "none-active");
}

#[test]
fn none_active_stays_expected_where_an_aside_interrupts_the_first_half() {
    let text = format!("{SWAP}\n## Help {{#help .aside}}\n\n### Call {{#call}}\n");
    let mut bench = Bench::open(&text);
    bench.confirm();
    bench.set_staging("old", true);
    assert!(none_active(&mut bench));
    bench.act(Act::EnterAside { phase: "help".into(), reason: reason() }).unwrap();
    assert!(none_active(&mut bench));
    let raised = |body: &Body| matches!(body, Body::FindingRaised { finding, expected: false, .. } if finding == "none-active");
    assert_eq!(bench.count(raised), 0);
}

#[test]
fn targets_that_are_the_wrong_way_round_are_said_and_confirming_a_step_changes_nothing_of_that() {
    let mut bench = Bench::start("", SWAP, [core(true), core(false)]);
    assert!(bench.fires("targets-swapped"));
    bench.confirm();
    bench.pass(20);
    assert!(bench.fires("targets-swapped"));
    let bench = Bench::open(SWAP);
    assert!(!bench.fires("targets-swapped") && !bench.fires("roles-differ"));
}

#[test]
fn what_the_runbook_does_is_no_wrong_target() {
    let mut bench = Bench::open(SWAP);
    bench.confirm();
    bench.set_staging("old", true);
    bench.set_staging("new", false);
    bench.pass(20);
    assert!(!bench.fires("targets-swapped") && !bench.fires("roles-differ"));
}

const KEEP: &str = "## A\n\n### One {#one}\n\n```powershell {gate #g keep=#three}\n$new.Scheduler.SyncCycleEnabled\n```\n\n\
    ### Two {#two}\n\n### Three {#three}\n\n## Back {#back .aside reopens=one}\n\n### Undo {#undo}\n";
const KEPT: &str = "keep-one-g";

fn kept() -> Bench {
    let mut bench = Bench::open(KEEP);
    bench.confirm();
    bench.set("new", "/Scheduler/SyncCycleEnabled", json!(false));
    bench.pass(10);
    bench
}

#[test]
fn a_keep_gate_is_watched_until_its_step() {
    let mut bench = kept();
    assert!(bench.fires(KEPT));
    bench.confirm();
    assert_eq!(bench.current(), Some("three"));
    bench.pass(10);
    assert!(!bench.fires(KEPT));
    bench.assert_folds();
}

#[test]
fn a_broken_keep_gate_that_becomes_unknown_stays_broken() {
    let mut bench = kept();
    bench.cores.insert("new".into(), None);
    bench.pass(300);
    assert!(bench.fires(KEPT));
}

#[test]
fn keep_gates_end_for_good_when_an_aside_that_reopens_their_step_is_entered() {
    let mut bench = kept();
    bench.act(Act::EnterAside { phase: "back".into(), reason: reason() }).unwrap();
    assert!(!bench.fires(KEPT));
    bench.act(Act::LeaveAside).unwrap();
    bench.pass(20);
    assert!(!bench.fires(KEPT));
}

#[test]
fn a_line_that_was_waived_has_nothing_to_keep() {
    let mut bench = Bench::open(KEEP);
    bench.set("new", "/Scheduler/SyncCycleEnabled", json!(false));
    bench.act(Act::Look).unwrap();
    bench.act(Act::Waive(reason())).unwrap();
    bench.pass(20);
    assert!(!bench.fires(KEPT));
}

#[test]
fn a_gate_without_keep_is_not_watched() {
    let mut bench =
        Bench::open("## A\n\n### One {#one}\n\n```powershell {gate}\n$new.Scheduler.SyncCycleEnabled\n```\n\n### Two {#two}\n");
    bench.confirm();
    bench.set("new", "/Scheduler/SyncCycleEnabled", json!(false));
    bench.pass(20);
    assert!(bench.session().findings.keys().all(|id| !id.starts_with("keep-")));
}

#[test]
fn a_never_that_is_true_is_an_alarm_and_told_once_whatever_its_values_do() {
    let mut bench = Bench::open_with("never:\n  - $old.ConnectorRunStatus.Count -gt 0\n", SWAP);
    for busy in 1..5 {
        let run = json!({"ConnectorName": "contoso.com", "RunState": "Busy"});
        bench.set("old", "/ConnectorRunStatus", vec![run; busy].into());
        bench.pass(10);
        assert!(bench.fires("never-1"));
    }
    let raised = |body: &Body| matches!(body, Body::FindingRaised { finding, .. } if finding == "never-1");
    assert_eq!(bench.count(raised), 1);
    bench.set("old", "/ConnectorRunStatus", json!([]));
    bench.pass(10);
    assert!(!bench.fires("never-1"));
}

#[test]
fn what_a_phase_expects_stays_expected_from_step_to_step() {
    let text = "## A {expects=none-active}\n\n### One {#one}\n\n### Two {#two}\n";
    let mut bench = Bench::start("", text, [core(true), core(true)]);
    bench.pass(20);
    bench.confirm();
    bench.pass(20);
    let unexpected =
        |body: &Body| matches!(body, Body::FindingRaised { finding, expected: false, .. } if finding == "none-active");
    assert_eq!((bench.count(unexpected), bench.fires("none-active")), (0, true));
}
