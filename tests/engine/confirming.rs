//! What holds a confirmation back, what counts as an answer, and what is recorded.

use lockstep::engine::{Act, Hold};
use lockstep::rb1::Group;
use lockstep::session::event::Body;
use lockstep::session::state::StepStatus;

use crate::bench::{Bench, attach, reason};

const EVERYTHING: &str = "## A\n\n### One {#one}\n\n> [!CAUTION]\n> Careful.\n\n- [ ] Do it\n  - [ ] nested\n- [ ] (optional) or not\n\n\
    ```yaml {form #signin}\nmethod: { label: Method, type: choice, choices: [a, b], required: true }\n```\n\n\
    ![Shot](evidence:shot)\n\n![Other](evidence:other?)\n";

#[test]
fn items_cautions_forms_and_evidence_hold_back() {
    let mut bench = Bench::open(EVERYTHING);
    let holds = bench.engine.holds();
    assert_eq!(holds.iter().filter(|hold| matches!(hold, Hold::Item(_))).count(), 2, "nested ones, not the optional one");
    assert_eq!(holds.len(), 5, "{holds:?}");
    assert!(bench.act(Act::Look).is_err());
    let form = |value: &str| Act::SaveForm { form: "signin".into(), values: [("method".to_owned(), value.to_owned())].into() };
    assert!(bench.act(form("c")).is_err(), "not one of the choices");
    assert!(bench.act(form("")).is_err(), "required");
    bench.act(form("a")).unwrap();
    bench.confirm();
    let Body::StepConfirmed(confirmation) = bench.last() else { panic!("{:?}", bench.last()) };
    assert_eq!((confirmation.items.len(), confirmation.attachments.len()), (2, 1));
    bench.assert_folds();
}

#[test]
fn a_tick_taken_back_and_a_withdrawn_attachment_hold_back_again() {
    let mut bench = Bench::open("## A\n\n### One {#one}\n\n- [ ] Do it\n\n![Shot](evidence:shot)\n");
    let item = bench.engine.holds().into_iter().find_map(|hold| if let Hold::Item(item) = hold { Some(item) } else { None });
    bench.do_handiwork();
    bench.act(Act::Look).unwrap();
    bench.act(Act::Toggle(item.clone().unwrap())).unwrap();
    assert!(bench.act(Act::Confirm).is_err(), "the look is over");
    bench.act(Act::Toggle(item.unwrap())).unwrap();
    bench.act(Act::Look).unwrap();
    let kept = bench.session().attachments[0].attachment.attachment.clone();
    bench.act(Act::WithdrawAttachment(kept.clone())).unwrap();
    assert!(bench.act(Act::Confirm).is_err());
    assert!(bench.act(Act::WithdrawAttachment(kept)).is_err(), "once is enough");
    assert!(bench.act(attach(None)).is_ok());
    assert!(bench.act(Act::Look).is_err(), "it does not answer what is wanted");
}

const GATE: &str =
    "## A\n\n### One {#one}\n\n```powershell {gate #g}\n$old.Wizard.Open\n-not $new.Wizard.Open\n```\n\n### Two {#two}\n";

#[test]
fn only_answers_to_requests_made_after_the_operator_asked_count() {
    let mut bench = Bench::open(GATE);
    bench.set("old", "/Wizard/Open", true.into());
    bench.answering = false;
    bench.pass(10);
    assert!(!bench.asks.is_empty(), "requests are under way");
    bench.act(Act::Look).unwrap();
    bench.answer();
    assert_eq!(bench.passed(), None, "these were asked before");
    assert!(bench.act(Act::Confirm).is_err());
    assert!(bench.asks.iter().all(|(_, _, groups)| groups.as_slice() == [Group::Core]), "asked anew at once");
    assert_eq!(bench.asks.len(), 2);
    bench.answer();
    assert_eq!(bench.passed(), Some(true));
}

#[test]
fn a_failure_of_an_older_request_is_no_answer() {
    let mut bench = Bench::open(GATE);
    bench.answering = false;
    bench.pass(10);
    bench.act(Act::Look).unwrap();
    let healthy = bench.cores.insert("old".into(), None).unwrap();
    bench.answer();
    assert_eq!(bench.passed(), None, "a new request is under way");
    bench.cores.insert("old".into(), healthy);
    bench.set("old", "/Wizard/Open", true.into());
    bench.answer();
    assert_eq!(bench.passed(), Some(true));
}

#[test]
fn confirmation_and_check_are_one_event_with_the_facts_seen() {
    let mut bench = Bench::open(GATE);
    bench.set("old", "/Wizard/Open", true.into());
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.status("one"), StepStatus::Open, "a look confirms nothing");
    bench.act(Act::Confirm).unwrap();
    let confirmed = |body: &Body| match body {
        Body::StepConfirmed(confirmation) => {
            let line = &confirmation.gates[0].lines[0];
            line.seen[0].value == true.into() && line.seen[0].read.is_some()
        }
        _ => false,
    };
    assert_eq!(bench.count(confirmed), 1);
    assert_eq!(bench.count(|body| matches!(body, Body::GateNotPassed { .. })), 0);
    assert_eq!(bench.current(), Some("two"));
    bench.assert_folds();
}

#[test]
fn a_look_that_did_not_pass_is_recorded_and_cannot_be_confirmed() {
    let mut bench = Bench::open(GATE);
    bench.act(Act::Look).unwrap();
    let Body::GateNotPassed { gates, .. } = bench.last() else { panic!("{:?}", bench.last()) };
    assert_eq!(gates[0].lines.len(), 2);
    assert!(bench.act(Act::Confirm).is_err());
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.count(|body| matches!(body, Body::GateNotPassed { .. })), 2, "every look that failed");
}

#[test]
fn unknown_never_passes() {
    let mut bench = Bench::open(GATE);
    bench.set("old", "/Wizard/Open", true.into());
    bench.link("new", false);
    bench.act(Act::Look).unwrap();
    assert_eq!(bench.passed(), Some(false));
}

#[test]
fn what_changed_since_the_look_counts_at_the_confirmation() {
    let mut bench = Bench::open(GATE);
    bench.set("old", "/Wizard/Open", true.into());
    bench.act(Act::Look).unwrap();
    bench.set("old", "/Wizard/Open", false.into());
    bench.pass(6);
    assert!(bench.act(Act::Confirm).is_err());
    assert_eq!(bench.status("one"), StepStatus::Open);
    assert_eq!(bench.count(|body| matches!(body, Body::GateNotPassed { .. })), 1);
}

#[test]
fn a_look_stands_while_its_servers_go_on_answering() {
    let mut bench = Bench::open(GATE);
    bench.set("old", "/Wizard/Open", true.into());
    bench.act(Act::Look).unwrap();
    bench.pass(600);
    bench.act(Act::Confirm).unwrap();
    assert_eq!(bench.status("one"), StepStatus::Confirmed, "reading on is no reason to look again");
}

#[test]
fn a_look_whose_answers_are_too_old_is_taken_again() {
    let mut bench = Bench::open(GATE);
    bench.set("old", "/Wizard/Open", true.into());
    bench.act(Act::Look).unwrap();
    bench.answering = false;
    bench.pass(60);
    bench.act(Act::Confirm).unwrap();
    assert_eq!(bench.status("one"), StepStatus::Open);
    assert!(bench.said("too old to be confirmed"));
}

#[test]
fn a_waiver_needs_a_look_and_a_reason() {
    let mut bench = Bench::open(GATE);
    assert!(bench.act(Act::Waive(reason())).is_err(), "nothing was looked at");
    bench.act(Act::Look).unwrap();
    assert!(bench.act(Act::Waive("  ".into())).is_err());
    bench.act(Act::Waive(reason())).unwrap();
    assert_eq!((bench.status("one"), bench.current()), (StepStatus::Waived, Some("two")));
    bench.assert_folds();
}

#[test]
fn no_waiver_forbids_it_for_its_gate_alone() {
    let gates = "## A\n\n### One {#one}\n\n```powershell {gate no-waiver}\n$old.Wizard.Open\n```\n\n\
        ```powershell {gate}\n$new.Wizard.Open\n```\n";
    let mut bench = Bench::open(gates);
    bench.act(Act::Look).unwrap();
    assert!(bench.act(Act::Waive(reason())).is_err());
    bench.set("old", "/Wizard/Open", true.into());
    bench.act(Act::Look).unwrap();
    bench.act(Act::Waive(reason())).unwrap();
    assert_eq!(bench.status("one"), StepStatus::Waived);
}

#[test]
fn a_form_is_what_a_gate_sees() {
    let text = "## A\n\n### One {#one}\n\n```yaml {form #f}\nok: { label: OK, type: bool, required: true }\nkey: { label: Key, type: secret }\n```\n\n\
        ```powershell {gate}\n$forms.f.ok\n```\n";
    let mut bench = Bench::open(text);
    let values = [("ok".to_owned(), "yes".to_owned()), ("key".to_owned(), "hunter2".to_owned())];
    bench.act(Act::SaveForm { form: "f".into(), values: values.into() }).unwrap();
    bench.confirm();
    assert_eq!(bench.status("one"), StepStatus::Confirmed);
    assert!(!format!("{:?}", bench.events).contains("hunter2"), "a secret is never written");
}
