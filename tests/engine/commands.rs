//! Commands: approved as shown, sent when that is durable, ended as seen, resolved where the end was not.

use lockstep::engine::{Act, Effect, Hold, Observed};
use lockstep::powershell::{Record, Value};
use lockstep::session::event::{Body, EndState, Outcome, Resolution};
use lockstep::session::state::RunStatus;

use crate::bench::{Bench, captured, ended, reason};

const ASK: &str = "## A\n\n### One {#one}\n\n```powershell {#go on=old rollback=#back}\nStart-ADSyncSyncCycle\n```\n\n\
    ```powershell {#other on=old}\nGet-ADSyncScheduler\n```\n\n### Two {#two}\n\n## Back {#back .aside}\n\n### Undo {#undo}\n";

fn run(bench: &mut Bench, command: &str) -> String {
    bench.act(Act::Run(command.into())).unwrap();
    bench.session().runs.last().unwrap().approved.run.clone()
}

fn status(bench: &Bench) -> RunStatus {
    bench.session().runs.last().unwrap().status()
}

#[test]
fn a_command_is_sent_once_its_approval_is_durable() {
    let mut bench = Bench::open(ASK);
    bench.disk = false;
    let id = run(&mut bench, "go");
    assert!(bench.sent().is_empty());
    bench.sync();
    assert_eq!(bench.sent(), [id]);
    let approved = |body: &Body| matches!(body, Body::CommandApproved(run) if run.text == "Start-ADSyncSyncCycle" && !run.auto);
    assert_eq!(bench.count(approved), 1);
}

#[test]
fn it_is_started_and_ended_as_seen_and_holds_the_step_back_meanwhile() {
    let mut bench = Bench::open(ASK);
    let id = run(&mut bench, "go");
    assert_eq!(bench.engine.holds(), [Hold::Running(id.clone())]);
    assert!(bench.act(Act::Look).is_err());
    assert!(bench.act(Act::Run("other".into())).is_err(), "one command a server");
    assert!(bench.close(Outcome::Aborted).is_err());
    assert!(bench.act(Act::EnterAside { phase: "back".into(), reason: reason() }).is_err());
    bench.observe(Observed::Started { run: id.clone(), sha256: "00".into() });
    bench.pass(3);
    bench.observe(ended(&id, EndState::Completed));
    assert_eq!(status(&bench), RunStatus::Ended(EndState::Completed));
    assert_eq!(bench.session().runs[0].ended.as_ref().unwrap().1.ms, 3000);
    bench.observe(ended(&id, EndState::Failed));
    assert_eq!(bench.count(|body| matches!(body, Body::CommandEnded(_))), 1, "an end is seen once");
    bench.confirm();
    bench.assert_folds();
}

#[test]
fn a_failed_command_names_its_rollback() {
    let mut bench = Bench::open(ASK);
    let id = run(&mut bench, "go");
    bench.observe(ended(&id, EndState::Failed));
    assert!(bench.said("the runbook offers"));
    bench.confirm();
}

#[test]
fn an_interrupted_command_is_resolved_by_the_operator() {
    let mut bench = Bench::open(ASK);
    let id = run(&mut bench, "go");
    bench.observe(ended(&id, EndState::Interrupted));
    assert_eq!(bench.engine.holds(), [Hold::Interrupted(id.clone())]);
    assert!(bench.act(Act::Look).is_err());
    assert!(bench.close(Outcome::Aborted).is_err());
    let resolve = |reason: &str| Act::Resolve { run: id.clone(), how: Resolution::Finished, reason: reason.into() };
    assert!(bench.act(resolve("")).is_err());
    bench.act(resolve("event 904 is there")).unwrap();
    assert!(bench.act(resolve("again")).is_err());
    assert_eq!(status(&bench), RunStatus::Resolved(Resolution::Finished));
    bench.confirm();
}

#[test]
fn a_command_cancelled_before_it_was_sent_never_is() {
    let mut bench = Bench::open(ASK);
    bench.disk = false;
    let id = run(&mut bench, "go");
    bench.act(Act::Cancel(id.clone())).unwrap();
    bench.sync();
    assert!(bench.sent().is_empty());
    assert_eq!(status(&bench), RunStatus::Ended(EndState::Refused));
    assert!(!bench.effects.contains(&Effect::Cancel { run: id }));
}

#[test]
fn a_command_under_way_is_asked_to_stop() {
    let mut bench = Bench::open(ASK);
    let id = run(&mut bench, "go");
    bench.act(Act::Cancel(id.clone())).unwrap();
    assert!(bench.effects.contains(&Effect::Cancel { run: id.clone() }));
    assert_eq!(status(&bench), RunStatus::Approved, "it ends when that is seen");
    bench.observe(ended(&id, EndState::Stopped));
    assert!(bench.act(Act::Cancel(id)).is_err());
}

#[test]
fn a_manual_command_is_never_run() {
    let mut bench = Bench::open("## A\n\n### One {#one}\n\n```powershell {#go on=old run=manual}\nmiisclient.exe\n```\n");
    assert!(bench.act(Act::Run("go".into())).is_err());
    bench.confirm();
}

const INTO: &str = "## A\n\n### One {#one}\n\n```powershell {#list on=old into=found}\nGet-ADSyncConnector\n```\n\n\
    ```powershell {#use on=old}\n$Run.Results.found\n```\n\n```powershell {gate}\n$results.found.Count -eq 2\n```\n";

#[test]
fn what_a_command_returned_reaches_gates_and_later_commands() {
    let mut bench = Bench::open(INTO);
    assert!(bench.act(Act::Run("use".into())).is_err(), "it is not captured yet");
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.passed(), Some(false));
    bench.act(Act::StopLooking).unwrap();
    let id = run(&mut bench, "list");
    let record = |name: &str| Value::Object(Record::new().with("Name", name));
    bench.observe(captured(&id, "found", vec![record("contoso.com"), record("AAD")]));
    run(&mut bench, "use");
    let vars =
        bench.effects.iter().rev().find_map(|effect| if let Effect::Run { vars, .. } = effect { Some(vars) } else { None });
    assert_eq!(vars.unwrap()["Results"]["found"][0]["Name"], "contoso.com");
    let id = bench.session().runs.last().unwrap().approved.run.clone();
    bench.observe(ended(&id, EndState::Completed));
    bench.confirm();
    bench.assert_folds();
}

const AUTO: &str = "## A\n\n### One {#one}\n\n```powershell {#first on=old run=auto}\nGet-ADSyncScheduler\n```\n\n\
    ```powershell {#second on=old run=auto}\nGet-ADSyncConnector\n```\n\n### Two {#two}\n";

#[test]
fn automatic_commands_run_when_their_step_opens_one_after_the_other() {
    let mut bench = Bench::open(AUTO);
    assert_eq!(bench.sent().len(), 1);
    let first = bench.sent()[0].clone();
    bench.observe(ended(&first, EndState::Completed));
    assert_eq!(bench.sent().len(), 2);
    assert!(bench.session().runs.iter().all(|run| run.approved.auto));
    let second = bench.sent()[1].clone();
    bench.observe(ended(&second, EndState::Completed));
    bench.pass(60);
    assert_eq!(bench.sent().len(), 2, "once an opening");
    bench.confirm();
    bench.act(Act::Reopen { step: "one".into(), reason: reason() }).unwrap();
    assert_eq!(bench.sent().len(), 3, "and anew at the next");
}

#[test]
fn an_automatic_command_waits_for_what_it_names() {
    let text = "## A\n\n### One {#one}\n\n```yaml {form #f}\nshare: { label: Share, required: true }\n```\n\n\
        ```powershell {#go on=old run=auto}\nTest-Path $Run.Forms.f.share\n```\n";
    let mut bench = Bench::open(text);
    assert!(bench.sent().is_empty());
    bench.act(Act::SaveForm { form: "f".into(), values: [("share".to_owned(), "D".to_owned())].into() }).unwrap();
    assert_eq!(bench.sent().len(), 1);
}

#[test]
fn what_is_said_of_an_end_names_the_command_its_server_and_how_long_it_took() {
    let mut bench = Bench::open(ASK);
    let id = run(&mut bench, "other");
    bench.observe(Observed::Started { run: id.clone(), sha256: "00".into() });
    bench.observe(ended(&id, EndState::Completed));
    assert!(bench.said("command 2 on EC ended in under 0.1 s"));
}
