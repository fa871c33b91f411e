//! The guard of a promotion: it begins and is confirmed only while every other server cannot export.

use lockstep::engine::Act;
use lockstep::session::event::Body;
use lockstep::session::state::StepStatus;
use serde_json::json;

use crate::bench::{Bench, core, reason};

const PROMOTE: &str =
    "## A\n\n### Promote {#promote on=new makes=active}\n\n```powershell {gate}\n-not $new.Scheduler.StagingModeEnabled\n```\n";

fn isolate(bench: &mut Bench) {
    let act = |how: &str| Act::Isolate { server: "old".into(), how: how.into(), checked: "on the switch".into() };
    assert!(bench.act(act(" ")).is_err(), "how it was done is needed");
    bench.act(act("unplugged")).unwrap();
}

fn can_begin(old: Option<serde_json::Value>) -> bool {
    Bench::start("", PROMOTE, [old, core(true)]).current() == Some("promote")
}

#[test]
fn it_begins_only_while_the_other_is_in_staging_stopped_or_absent() {
    let with = |pointer: &str, value: serde_json::Value| {
        let mut given = core(false).unwrap();
        *given.pointer_mut(pointer).unwrap() = value;
        Some(given)
    };
    assert!(can_begin(core(true)));
    assert!(can_begin(with("/Service/Status", json!("Stopped"))));
    assert!(can_begin(with("/Installed", json!(false))));
    assert!(!can_begin(core(false)), "it is active");
    assert!(!can_begin(with("/Service/Status", json!("StopPending"))), "it may still export");
    assert!(!can_begin(with("/Scheduler/StagingModeEnabled", json!(null))), "it cannot be told");
    assert!(!can_begin(None), "it does not answer");
}

#[test]
fn a_server_that_does_not_answer_may_be_declared_isolated() {
    let mut bench = Bench::start("", PROMOTE, [None, core(true)]);
    isolate(&mut bench);
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.current(), Some("promote"));
    bench.set_staging("new", false);
    bench.confirm();
    assert_eq!(bench.status("promote"), StepStatus::Confirmed);
    bench.assert_folds();
}

#[test]
fn isolation_ends_when_the_server_is_seen_running_again() {
    let mut bench = Bench::start("", PROMOTE, [core(false), core(true)]);
    bench.link("old", false);
    isolate(&mut bench);
    bench.pass(10);
    bench.answering = false;
    bench.link("old", true);
    assert!(bench.session().isolated.contains_key(&"old".into()), "connected is not yet running");
    bench.pass(1);
    bench.answer();
    assert!(bench.session().isolated.is_empty());
    assert_eq!(bench.count(|body| matches!(body, Body::IsolationEnded { .. })), 1);
    assert_eq!(bench.current(), None);
}

#[test]
fn isolation_ends_when_its_service_is_started_again() {
    let mut bench = Bench::start("", PROMOTE, [core(false), core(true)]);
    bench.set("old", "/Service/Status", "Stopped".into());
    bench.pass(10);
    isolate(&mut bench);
    bench.pass(10);
    assert!(!bench.session().isolated.is_empty());
    bench.set("old", "/Service/Status", "Running".into());
    bench.pass(10);
    assert!(bench.session().isolated.is_empty());
}

#[test]
fn the_guard_holds_at_the_confirmation_too_and_is_never_waived() {
    let mut bench = Bench::start("", PROMOTE, [core(true), core(true)]);
    bench.set_staging("new", false);
    bench.set_staging("old", false);
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.passed(), Some(false));
    assert!(bench.act(Act::Confirm).is_err());
    assert!(bench.act(Act::Waive(reason())).is_err());
    assert_eq!(bench.status("promote"), StepStatus::Open);
    bench.set_staging("old", true);
    bench.confirm();
    let Some(Body::StepConfirmed(confirmation)) =
        bench.events.iter().map(|event| &event.body).find(|body| matches!(body, Body::StepConfirmed(_)))
    else {
        panic!("not confirmed")
    };
    assert_eq!(confirmation.guard.len(), 1);
}

#[test]
fn the_guard_is_not_waived_to_begin_either() {
    let mut bench = Bench::start("", PROMOTE, [core(false), core(true)]);
    assert!(bench.act(Act::Waive(reason())).is_err());
    assert_eq!(bench.current(), None);
}

#[test]
fn a_waiver_of_its_gate_is_judged_on_the_guard_as_it_is_by_then() {
    let mut bench = Bench::start("", PROMOTE, [core(true), core(true)]);
    bench.act(Act::Look).unwrap();
    bench.set_staging("old", false);
    bench.pass(6);
    assert!(bench.act(Act::Waive(reason())).is_err(), "the other became active while the reason was written");
    bench.set_staging("old", true);
    bench.pass(120);
    bench.act(Act::Waive(reason())).unwrap();
    assert_eq!(bench.status("promote"), StepStatus::Waived);
}

#[test]
fn a_guard_that_was_read_long_ago_is_no_guard() {
    let mut bench = Bench::start("", PROMOTE, [core(true), core(true)]);
    bench.act(Act::Look).unwrap();
    bench.cores.insert("old".into(), None);
    bench.pass(120);
    assert!(bench.act(Act::Waive(reason())).is_err());
}

#[test]
fn a_never_that_is_unknown_or_true_holds_the_promotion_back_and_nothing_else() {
    let front = "never:\n  - $old.Wizard.Open\n";
    let body = "## A\n\n### Out {#out on=old makes=staging}\n\n### Promote {#promote on=new makes=active}\n";
    let mut bench = Bench::open_with(front, body);
    bench.set("old", "/Wizard/Open", json!(null));
    bench.set_staging("old", true);
    bench.pass(10);
    assert!(!bench.fires("never-1"), "Unknown raises no alarm");
    bench.confirm();
    assert_eq!((bench.status("out"), bench.current()), (StepStatus::Confirmed, None));
    assert!(bench.act(Act::Waive(reason())).is_err());
    bench.set("old", "/Wizard/Open", json!(true));
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.current(), None);
    bench.set("old", "/Wizard/Open", json!(false));
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.current(), Some("promote"));
}
