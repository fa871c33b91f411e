//! Coming back after the program ended without a word.

use chrono::TimeDelta;
use lockstep::engine::{Act, Hold};
use lockstep::session::event::{Body, EndState, Outcome, Resolution};
use lockstep::session::state::StepStatus;
use serde_json::json;

use crate::bench::{Bench, ended, reason};

const WORK: &str = "## A\n\n### One {#one}\n\n- [ ] Item\n\n```powershell {#list on=old run=auto}\nGet-ADSyncScheduler\n```\n\n\
    ```powershell {gate #g keep}\n$new.Scheduler.SyncCycleEnabled\n```\n\n\
    ### Two {#two}\n\n```powershell {#again on=old run=auto}\nGet-ADSyncConnector\n```\n\n```powershell {#go on=new}\nStart-ADSyncSyncCycle\n```\n";

fn hour() -> TimeDelta {
    TimeDelta::hours(1)
}

fn at_two() -> Bench {
    let mut bench = Bench::open(WORK);
    let first = bench.sent()[0].clone();
    bench.observe(ended(&first, EndState::Completed));
    bench.confirm();
    assert_eq!(bench.current(), Some("two"));
    bench
}

#[test]
fn the_session_stands_where_it_stood() {
    let mut bench = Bench::open(WORK);
    let first = bench.sent()[0].clone();
    bench.observe(ended(&first, EndState::Completed));
    bench.do_handiwork();
    let bench = bench.come_back(hour());
    assert_eq!(bench.current(), Some("one"));
    assert!(bench.engine.holds().iter().all(|hold| matches!(hold, Hold::Running(_))), "the tick is there");
    assert_eq!(bench.count(|body| matches!(body, Body::SessionResumed { .. })), 1);
    bench.assert_folds();
}

#[test]
fn a_run_without_an_end_is_interrupted_and_never_run_again_by_itself() {
    let mut bench = at_two();
    let automatic = bench.sent()[1].clone();
    bench.observe(ended(&automatic, EndState::Completed));
    bench.act(Act::Run("go".into())).unwrap();
    let run = bench.sent()[2].clone();
    let mut bench = bench.come_back(hour());
    assert_eq!(bench.engine.resume_report().unwrap().interrupted, std::slice::from_ref(&run));
    assert!(bench.engine.holds().contains(&Hold::Interrupted(run.clone())));
    let again = bench.session().runs.iter().filter(|run| run.approved.command.as_str() == "go").count();
    assert_eq!(again, 1);
    bench.observe(ended(&run, EndState::Completed));
    assert!(bench.engine.holds().contains(&Hold::Interrupted(run.clone())), "a late word of another process is no end");
    bench.act(Act::Resolve { run, how: Resolution::DidNotRun, reason: reason() }).unwrap();
    bench.assert_folds();
}

#[test]
fn automatic_commands_run_again_once_their_server_is_connected() {
    let mut bench = at_two();
    let automatic = bench.sent()[1].clone();
    bench.observe(ended(&automatic, EndState::Completed));
    let mut bench = bench.killed(hour());
    bench.pass(5);
    assert!(bench.sent().is_empty());
    bench.connect();
    assert_eq!(bench.sent().len(), 1);
    assert!(bench.session().runs.last().unwrap().approved.auto);
}

#[test]
fn changes_on_the_servers_meanwhile_are_told() {
    let mut bench = at_two();
    bench.set("new", "/Version", json!("2.6.99.0"));
    let mut bench = bench.come_back(hour());
    let report = bench.engine.resume_report().unwrap();
    assert!(report.asking.is_empty());
    let told: Vec<_> = report.changes.iter().flat_map(|(_, changes)| changes).map(|change| change.path.as_str()).collect();
    assert_eq!(told, ["Version"]);
    assert_eq!(report.kept.len(), 1);
    bench.act(Act::SeenResume).unwrap();
    assert!(bench.engine.resume_report().is_none());
}

#[test]
fn keep_gates_are_looked_at_again_and_recorded_gates_stand() {
    let mut bench = at_two();
    bench.set("new", "/Scheduler/SyncCycleEnabled", json!(false));
    let bench = bench.come_back(hour());
    assert!(bench.fires("keep-one-g"));
    assert_eq!(bench.status("one"), StepStatus::Confirmed);
}

#[test]
fn an_alarm_outlives_the_program_until_a_reading_clears_it() {
    let mut bench = at_two();
    bench.set_staging("new", false);
    bench.pass(10);
    bench.act(Act::AcknowledgeFinding("dual-active".into())).unwrap();
    let mut bench = bench.killed(hour());
    bench.pass(60);
    assert!(bench.session().findings["dual-active"].acknowledged.is_some(), "nothing is known yet");
    bench.connect();
    bench.pass(20);
    assert!(bench.session().findings["dual-active"].acknowledged.is_some());
    bench.set_staging("new", true);
    bench.pass(20);
    assert!(!bench.fires("dual-active"));
    assert_eq!(bench.count(|body| matches!(body, Body::FindingRaised { finding, .. } if finding == "dual-active")), 1);
}

#[test]
fn an_alarm_that_was_over_by_the_return_is_cleared() {
    let mut bench = at_two();
    bench.set_staging("new", false);
    bench.pass(10);
    bench.set_staging("new", true);
    bench.answering = false;
    let mut bench = bench.killed(hour());
    assert!(bench.fires("dual-active"));
    bench.answering = true;
    bench.connect();
    bench.pass(20);
    assert!(!bench.fires("dual-active"));
}

#[test]
fn killed_between_a_confirmation_and_the_next_opening_it_goes_on() {
    let mut bench = at_two();
    bench.disk = false;
    let automatic = bench.sent()[1].clone();
    bench.observe(ended(&automatic, EndState::Completed));
    bench.act(Act::Reopen { step: "one".into(), reason: reason() }).unwrap();
    bench.disk = true;
    let bench = bench.come_back(hour());
    assert_eq!(bench.current(), Some("one"));
}

#[test]
fn a_closed_session_stays_closed() {
    let mut bench = at_two();
    let automatic = bench.sent()[1].clone();
    bench.observe(ended(&automatic, EndState::Completed));
    bench.close(Outcome::Aborted).unwrap();
    let events = bench.events.len();
    let mut bench = bench.come_back(hour());
    bench.pass(60);
    assert_eq!(bench.events.len(), events);
    assert!(bench.act(Act::Note("n".into())).is_err());
}

#[test]
fn names_are_those_of_the_journal_until_the_servers_answer() {
    let mut bench = at_two();
    bench.answering = false;
    let mut bench = bench.come_back(hour());
    bench.link("old", false);
    assert_eq!(bench.engine.machine(&"old".into()), "EC");
}
