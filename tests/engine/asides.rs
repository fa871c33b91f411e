//! The way off the main path and back.

use lockstep::engine::Act;
use lockstep::session::event::{Body, Outcome};
use lockstep::session::state::StepStatus;

use crate::bench::{Bench, reason};

const ROLLBACK: &str = "## Main {#main}\n\n### One {#one}\n\n### Two {#two}\n\n### Three {#three}\n\n\
    ## Back {#back .aside for=dual-active reopens=one,two}\n\n### Undo {#undo}\n\n### Check {#check}\n\n\
    ## Help {#help .aside}\n\n### Call {#call}\n";

fn enter(bench: &mut Bench, phase: &str) -> Result<(), String> {
    bench.act(Act::EnterAside { phase: phase.into(), reason: reason() })
}

fn at_two() -> Bench {
    let mut bench = Bench::open(ROLLBACK);
    bench.confirm();
    assert_eq!(bench.current(), Some("two"));
    bench
}

#[test]
fn the_main_path_never_leads_into_an_aside() {
    let mut bench = at_two();
    bench.confirm();
    bench.confirm();
    assert!(bench.engine.is_at_end());
    bench.close(Outcome::Completed).unwrap();
    bench.assert_folds();
}

#[test]
fn an_aside_that_is_done_opens_its_steps_again() {
    let mut bench = at_two();
    assert!(enter(&mut bench, "main").is_err(), "it is no aside");
    enter(&mut bench, "back").unwrap();
    assert!(enter(&mut bench, "back").is_err(), "entered already");
    assert_eq!((bench.current(), bench.status("two")), (Some("undo"), StepStatus::Open));
    bench.confirm();
    bench.confirm();
    assert!(bench.session().aside.is_none());
    assert_eq!(bench.current(), Some("one"));
    assert!(bench.count(|body| matches!(body, Body::AsideLeft { completed: true, .. })) == 1);
    assert_eq!(bench.count(|body| matches!(body, Body::StepReopened { .. })), 1, "only what was done is opened again");
    bench.confirm();
    assert_eq!(bench.current(), Some("two"));
    bench.assert_folds();
}

#[test]
fn an_aside_that_is_left_opens_nothing_again() {
    let mut bench = at_two();
    assert!(bench.act(Act::LeaveAside).is_err());
    enter(&mut bench, "back").unwrap();
    bench.act(Act::LeaveAside).unwrap();
    assert_eq!((bench.current(), bench.status("one")), (Some("two"), StepStatus::Confirmed));
}

#[test]
fn an_aside_is_gone_through_again_when_it_is_entered_again() {
    let mut bench = at_two();
    enter(&mut bench, "help").unwrap();
    bench.confirm();
    assert_eq!(bench.current(), Some("two"));
    enter(&mut bench, "help").unwrap();
    assert_eq!(bench.current(), Some("call"));
}

#[test]
fn from_one_aside_to_another_the_way_back_is_the_main_path() {
    let mut bench = at_two();
    enter(&mut bench, "back").unwrap();
    enter(&mut bench, "help").unwrap();
    assert_eq!(bench.session().aside.as_ref().unwrap().from.as_ref().unwrap().as_str(), "two");
    bench.confirm();
    assert_eq!(bench.current(), Some("two"));
    bench.assert_folds();
}

#[test]
fn a_finding_offers_its_asides() {
    let bench = at_two();
    let offered: Vec<_> = bench.engine.asides_for("dual-active").map(|phase| phase.id.as_str()).collect();
    assert_eq!(offered, ["back"]);
}

#[test]
fn a_session_is_completed_only_at_its_end_and_closed_for_good() {
    let mut bench = at_two();
    assert!(bench.close(Outcome::Completed).is_err(), "steps are to come");
    assert!(bench.act(Act::Close { outcome: Outcome::Aborted, summary: " ".into() }).is_err(), "a summary is needed");
    bench.close(Outcome::RolledBack).unwrap();
    assert!(bench.act(Act::Note("late".into())).is_err());
    assert_eq!(bench.current(), None);
    bench.assert_folds();
}
