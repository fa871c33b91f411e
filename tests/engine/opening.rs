//! Which step opens, and whether it applies.

use lockstep::engine::Act;
use lockstep::session::event::Body;
use lockstep::session::state::StepStatus;

use crate::bench::{Bench, reason};

#[test]
fn steps_open_in_the_order_of_the_document() {
    let mut bench = Bench::open("## A\n\n### One {#one}\n\n### Two {#two}\n\n## B\n\n### Three {#three}\n");
    for step in ["one", "two", "three"] {
        assert_eq!(bench.current(), Some(step));
        bench.confirm();
    }
    assert_eq!(bench.current(), None);
    assert!(bench.engine.is_at_end());
}

const WHEN: &str = "## A\n\n### One {#one}\n\n```powershell {when}\n$new.Wizard.Open\n```\n\n### Two {#two}\n";

#[test]
fn a_condition_that_is_true_opens_and_is_recorded() {
    let mut given = crate::bench::core(true);
    *given.as_mut().unwrap().pointer_mut("/Wizard/Open").unwrap() = true.into();
    let bench = Bench::start("", WHEN, [crate::bench::core(false), given]);
    assert_eq!(bench.current(), Some("one"));
    let looked = bench.events.iter().find_map(|event| match &event.body {
        Body::StepOpened { looked, .. } => Some(looked.clone()),
        _ => None,
    });
    assert_eq!(looked.unwrap()[0].lines[0].seen[0].path, "$new.Wizard.Open");
}

#[test]
fn a_condition_that_is_false_skips() {
    let bench = Bench::open(WHEN);
    assert_eq!((bench.status("one"), bench.current()), (StepStatus::Skipped, Some("two")));
}

#[test]
fn a_placeholder_shows_the_members_of_an_array() {
    let mut given = crate::bench::core(true);
    let busy = |name: &str| serde_json::json!({ "ConnectorName": name, "RunState": "Busy" });
    *given.as_mut().unwrap().pointer_mut("/ConnectorRunStatus").unwrap() = serde_json::json!([busy("a"), busy("b")]);
    let bench = Bench::start("", WHEN, [crate::bench::core(false), given]);
    let shown = bench.engine.value("new.ConnectorRunStatus.ConnectorName");
    assert_eq!(shown.as_array().map(<[_]>::len), Some(2), "{shown:?}");
    assert!(bench.engine.value("new.ConnectorRunStatus.Nothing").is_unknown());
}

fn unknown_condition() -> Bench {
    let bench = Bench::start("", WHEN, [crate::bench::core(false), None]);
    assert_eq!(bench.engine.question().unwrap().step.as_str(), "one");
    bench
}

#[test]
fn a_condition_that_is_unknown_asks_and_the_answer_needs_a_reason() {
    let mut bench = unknown_condition();
    assert!(bench.act(Act::Applies { applies: true, reason: " ".into() }).is_err());
    bench.act(Act::Applies { applies: true, reason: reason() }).unwrap();
    assert_eq!(bench.current(), Some("one"));
    let opened = |body: &Body| matches!(body, Body::StepOpened { reason: Some(why), .. } if why == "because");
    assert_eq!(bench.count(opened), 1, "the answer stands in the journal");
}

#[test]
fn the_operator_may_say_that_it_does_not_apply() {
    let mut bench = unknown_condition();
    bench.act(Act::Applies { applies: false, reason: reason() }).unwrap();
    assert_eq!((bench.status("one"), bench.current()), (StepStatus::Skipped, Some("two")));
}

#[test]
fn an_unknown_condition_can_be_looked_at_again() {
    let mut bench = unknown_condition();
    bench.cores.insert("new".into(), crate::bench::core(true));
    bench.act(Act::Look).unwrap();
    assert_eq!((bench.status("one"), bench.current()), (StepStatus::Skipped, Some("two")));
}

#[test]
fn an_answer_holds_for_one_opening() {
    let mut bench = unknown_condition();
    bench.act(Act::Applies { applies: true, reason: reason() }).unwrap();
    bench.confirm();
    bench.act(Act::Reopen { step: "one".into(), reason: reason() }).unwrap();
    assert!(bench.engine.question().is_some(), "it is asked again");
}

const PHASE_WHEN: &str = "## A\n\n```powershell {when}\n-not $old.Scheduler.StagingModeEnabled\n```\n\n\
    ### One {#one}\n\n### Two {#two}\n\n## B\n\n### Three {#three}\n";

#[test]
fn what_a_phase_does_may_end_its_own_condition() {
    let mut bench = Bench::open(PHASE_WHEN);
    assert_eq!(bench.current(), Some("one"));
    bench.set_staging("old", true);
    bench.confirm();
    assert_eq!(bench.current(), Some("two"), "the phase's condition is evaluated once");
}

#[test]
fn a_phase_that_does_not_apply_is_skipped_whole() {
    let bench = Bench::start("", PHASE_WHEN, [crate::bench::core(true), crate::bench::core(true)]);
    assert_eq!((bench.status("one"), bench.status("two")), (StepStatus::Skipped, StepStatus::Skipped));
    assert_eq!(bench.current(), Some("three"));
    bench.assert_folds();
}

const BEFORE: &str = "## A\n\n### One {#one}\n\n```powershell {gate before}\n$old.Wizard.Open\n```\n";

#[test]
fn a_before_gate_holds_the_step_back_until_it_is_true() {
    let mut bench = Bench::open(BEFORE);
    assert_eq!((bench.current(), bench.passed()), (None, Some(false)));
    assert_eq!(bench.count(|body| matches!(body, Body::GateNotPassed { .. })), 1);
    bench.set("old", "/Wizard/Open", true.into());
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.current(), Some("one"));
}

#[test]
fn a_before_gate_may_be_waived_with_a_reason() {
    let mut bench = Bench::open(BEFORE);
    bench.act(Act::Waive(reason())).unwrap();
    assert_eq!(bench.current(), Some("one"));
    assert!(bench.count(|body| matches!(body, Body::StepOpened { reason: Some(_), .. })) == 1);
}

#[test]
fn a_confirmed_step_is_opened_again_with_a_reason_and_done_anew() {
    let mut bench = Bench::open("## A\n\n### One {#one}\n\n- [ ] Look\n\n### Two {#two}\n");
    bench.confirm();
    assert!(bench.act(Act::Reopen { step: "two".into(), reason: reason() }).is_err(), "it is not done");
    assert!(bench.act(Act::Reopen { step: "one".into(), reason: String::new() }).is_err());
    bench.act(Act::Reopen { step: "one".into(), reason: reason() }).unwrap();
    assert_eq!((bench.current(), bench.engine.holds().len()), (Some("one"), 1));
    bench.confirm();
    assert_eq!(bench.current(), Some("two"));
    bench.assert_folds();
}
