//! An optional role that this session has no server in: its steps do not apply, and nothing of it passes for known.

use chrono::TimeDelta;
use lockstep::engine::Act;
use lockstep::gate::Truth;
use lockstep::runbook::ids::{PartId, StepId};
use lockstep::session::event::Body;
use lockstep::session::state::StepStatus;

use crate::bench::{Bench, reason};

const THIRD: &str = "  third: { title: Third server, starts: staging, optional: true }\n";
const WHY: &str = "this session has no server in the role 'third' (Third server)";

#[test]
fn a_step_on_it_does_not_apply_and_says_why() {
    let bench = Bench::open_with(
        THIRD,
        "## A\n\n### One {#one on=third}\n\n```powershell {when}\n$third.Idle\n```\n\n```powershell {run=auto}\nGet-Date\n```\n\n### Two {#two on=old}\n",
    );
    assert_eq!((bench.status("one"), bench.current()), (StepStatus::Skipped, Some("two")));
    let skipped = |body: &Body| matches!(body, Body::StepSkipped { reason, looked, .. } if reason == WHY && looked.is_empty());
    assert_eq!(bench.count(skipped), 1);
    assert!(bench.sent().is_empty());
    bench.assert_folds();
}

#[test]
fn a_phase_on_it_does_not_apply_with_all_its_steps() {
    let bench =
        Bench::open_with(THIRD, "## A {on=third}\n\n### One {#one}\n\n### Two {#two on=old}\n\n## B\n\n### Three {#three}\n");
    assert_eq!([bench.status("one"), bench.status("two")], [StepStatus::Skipped; 2]);
    assert_eq!(bench.current(), Some("three"));
    assert!(bench.engine.progress(&bench.engine.runbook().phases[0]).skipped);
}

#[test]
fn its_commands_do_not_exist_in_a_step_that_applies() {
    let body = "## A\n\n### One {#one on=old}\n\n```powershell {#mine}\nGet-Date\n```\n\n```powershell {#its on=third run=auto}\nGet-Date\n```\n";
    let mut bench = Bench::open_with(THIRD, body);
    assert!(bench.engine.command(&PartId::from("its")).is_none());
    assert!(!bench.engine.has_commands_under_way());
    assert!(bench.act(Act::Run(PartId::from("its"))).is_err());
    bench.act(Act::Run(PartId::from("mine"))).unwrap();
    assert_eq!(bench.sent().len(), 1);
}

#[test]
fn its_facts_are_unknown_with_the_reason_and_the_servers_do_not_hold_it() {
    let body = "## A\n\n### One {#one}\n\n{{ third.Host }}\n\n```powershell {gate}\n$third.Idle\n$servers.Count -eq 2\n$servers.Role -notcontains 'third' -or $third.Idle\n```\n";
    let mut bench = Bench::open_with(THIRD, body);
    bench.act(Act::Look).unwrap();
    let lines: Vec<_> = bench.engine.look().unwrap().lines().cloned().collect();
    assert_eq!(lines.iter().map(|line| line.truth).collect::<Vec<_>>(), [Truth::Unknown, Truth::True, Truth::True]);
    assert!(lines[0].why.contains(WHY), "{}", lines[0].why);
    assert!(bench.engine.value("third.Host").is_unknown());
}

#[test]
fn a_command_that_names_its_values_says_why_it_cannot_run() {
    let body = "## A\n\n### One {#one on=old}\n\n```powershell {#c}\n$Run.Servers.third.Host\n```\n";
    let mut bench = Bench::open_with(THIRD, body);
    assert_eq!(bench.act(Act::Run(PartId::from("c"))), Err(format!("$Run.Servers.third.Host: {WHY}")));
}

#[test]
fn the_promotion_of_another_server_does_not_wait_for_it() {
    let body = "## A\n\n### One {#one on=old makes=staging}\n\n### Two {#two on=third makes=staging}\n\n### Three {#three on=new makes=active}\n";
    let mut bench = Bench::open_with(THIRD, body);
    bench.set_staging("old", true);
    bench.pass(10);
    bench.confirm();
    assert_eq!((bench.status("two"), bench.current()), (StepStatus::Skipped, Some("three")));
    bench.set_staging("new", false);
    bench.pass(10);
    bench.confirm();
    assert!(bench.engine.is_at_end());
}

#[test]
fn neither_an_aside_on_it_nor_a_step_of_it_can_be_opened() {
    let body = "## A\n\n### One {#one on=third}\n\n### Two {#two}\n\n## Away {#away .aside for=wizard-open on=third}\n\n### Back {#back}\n\n## Home {#home .aside for=wizard-open}\n\n### Its {#its on=third}\n\n### Mine {#mine}\n";
    let mut bench = Bench::open_with(THIRD, body);
    let refused = Err(WHY.to_owned());
    assert_eq!(bench.act(Act::EnterAside { phase: "away".into(), reason: reason() }), refused);
    assert_eq!(bench.act(Act::Reopen { step: "one".into(), reason: reason() }), refused);
    let offered: Vec<_> = bench.engine.asides_for("wizard-open").map(|phase| phase.id.to_string()).collect();
    assert_eq!(offered, ["home"]);
    for _ in 0..2 {
        bench.act(Act::EnterAside { phase: "home".into(), reason: reason() }).unwrap();
        assert_eq!((bench.status("its"), bench.current()), (StepStatus::Skipped, Some("mine")));
        bench.confirm();
    }
    bench.assert_folds();
}

#[test]
fn it_is_so_on_coming_back_too() {
    let bench = Bench::open_with(THIRD, "## A\n\n### One {#one}\n\n### Two {#two on=third}\n\n### Three {#three}\n");
    let mut bench = bench.come_back(TimeDelta::hours(1));
    assert!(bench.engine.is_absent(&StepId::from("two")));
    bench.confirm();
    assert_eq!((bench.status("two"), bench.current()), (StepStatus::Skipped, Some("three")));
}
