//! Waiting for a gate, and the moments at which the engine asks to be woken.

use lockstep::engine::Act;
use lockstep::session::event::{Body, Outcome};
use lockstep::session::state::StepStatus;

use crate::bench::Bench;

const WITHIN: &str = "## A\n\n### One {#one}\n\n```powershell {gate within=10m}\n$old.Wizard.Open\n```\n";

fn not_passed(bench: &Bench) -> usize {
    bench.count(|body| matches!(body, Body::GateNotPassed { .. }))
}

#[test]
fn a_wait_that_comes_true_says_so_and_confirms_nothing() {
    let mut bench = Bench::open(WITHIN);
    assert!(bench.act(Act::Wait).is_err(), "nothing was looked at");
    bench.act(Act::Look).unwrap();
    bench.act(Act::Wait).unwrap();
    bench.pass(60);
    assert_eq!(not_passed(&bench), 1, "the same answer is not recorded again and again");
    bench.set("old", "/Wizard/Open", true.into());
    bench.pass(12);
    assert!(bench.said("true now"));
    assert_eq!((bench.passed(), bench.status("one")), (Some(true), StepStatus::Open));
    bench.act(Act::Confirm).unwrap();
}

#[test]
fn when_within_is_over_that_is_said_and_nothing_else_happens() {
    let mut bench = Bench::open(WITHIN);
    bench.act(Act::Look).unwrap();
    bench.pass(300);
    bench.act(Act::Look).unwrap();
    bench.act(Act::Wait).unwrap();
    bench.pass(280);
    assert!(bench.engine.look().unwrap().waiting.is_some());
    bench.pass(40);
    assert!(bench.said("is over"), "counted from the first look that did not pass");
    assert!(bench.engine.look().unwrap().waiting.is_none());
    assert_eq!(bench.status("one"), StepStatus::Open);
    assert!(bench.act(Act::Wait).is_err());
}

#[test]
fn a_gate_that_passed_sets_no_limit_to_waiting_for_another() {
    let text = "## A\n\n### One {#one}\n\n```powershell {gate within=1m}\n-not $old.Wizard.Open\n```\n\n\
        ```powershell {gate}\n$new.Wizard.Open\n```\n";
    let mut bench = Bench::open(text);
    bench.act(Act::Look).unwrap();
    bench.act(Act::Wait).unwrap();
    bench.pass(600);
    assert!(bench.engine.look().unwrap().waiting.is_some());
}

#[test]
fn stopping_ends_the_wait() {
    let mut bench = Bench::open(WITHIN);
    bench.act(Act::Look).unwrap();
    bench.act(Act::Wait).unwrap();
    bench.act(Act::StopLooking).unwrap();
    assert!(bench.engine.look().is_none());
    bench.set("old", "/Wizard/Open", true.into());
    bench.pass(60);
    assert!(!bench.said("true now"));
}

#[test]
fn time_alone_appends_nothing_and_never_spins() {
    let mut bench = Bench::open(WITHIN);
    bench.pass(60);
    let events = bench.events.len();
    bench.pass(3600);
    assert_eq!(bench.events.len(), events);
    bench.answering = false;
    bench.pass(20);
    assert_eq!(bench.events.len(), events);
    bench.pass(600);
    bench.answering = true;
    bench.answer();
    bench.pass(60);
}

#[test]
fn a_closed_session_asks_nothing_records_nothing_and_never_spins() {
    let mut bench = Bench::open(WITHIN);
    bench.close(Outcome::Aborted).unwrap();
    let events = bench.events.len();
    bench.set_staging("old", true);
    bench.pass(3600);
    bench.link("old", false);
    bench.pass(60);
    assert!(bench.engine.next_wake().is_none());
    assert_eq!(bench.events.len(), events);
}
