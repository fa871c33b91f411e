//! Keys to acts: given a session, when keys are pressed, then the engine is told this and nothing else.

#![allow(clippy::unwrap_used, reason = "test code")]

mod screens_support;

use chrono::TimeDelta;
use lockstep::app::lab::LabServer;
use lockstep::app::{Dialog, Effect, Msg};
use lockstep::engine::Act;
use lockstep::engine::Observed;
use lockstep::session::event::{Outcome, Resolution};
use lockstep::session::state::StepStatus;
use screens_support::{Bench, attached};

fn at_the_swap() -> Bench {
    let mut bench = Bench::open((80, 24));
    bench.go_to_the_swap();
    bench.acts.clear();
    bench
}

fn said(bench: &Bench) -> &str {
    bench.app.message.as_ref().map_or("", |message| message.text.as_str())
}

/// Tells the lab something by keys that come all at once, and lets it rest.
fn burst_for_the_lab(text: &str) -> Vec<Effect> {
    let mut bench = at_the_swap();
    bench.keys("L");
    bench.moment.mono += 1_000;
    bench.paste_as_keys(text);
    assert!(bench.asked.is_empty(), "nothing is said while more may follow");
    bench.message(Msg::Rested);
    assert!(bench.asked.is_empty(), "nor before its time");
    bench.moment.mono += 1_000;
    bench.message(Msg::Rested);
    bench.message(Msg::Rested);
    bench.asked.clone()
}

#[test]
fn a_line_for_the_lab_and_its_enter_in_one_burst_are_said_and_a_paste_of_lines_is_not() {
    assert_eq!(burst_for_the_lab("pause\n"), [Effect::Lab("pause".into())]);
    assert_eq!(burst_for_the_lab("pause"), []);
    assert_eq!(burst_for_the_lab("pause\ngo\n"), []);
    assert_eq!(burst_for_the_lab("pause\ngo"), []);
}

#[test]
fn space_acknowledges_and_ticks_what_is_selected() {
    let mut bench = at_the_swap();
    bench.keys(" j ");
    assert!(matches!(bench.acts.as_slice(), [Act::Acknowledge(_), Act::Toggle(_)]));
    bench.keys("jj ");
    assert_eq!(bench.acts.len(), 2);
    assert_eq!(said(&bench), "Evidence is attached with a, not ticked.");
}

#[test]
fn enter_says_what_is_missing_and_selects_it() {
    let mut bench = at_the_swap();
    bench.keys(" <Enter>");
    assert_eq!(said(&bench), "Not yet: 2 items to tick, evidence to attach.");
    assert_eq!(bench.app.body.selected, 1);
    assert!(bench.app.dialog.is_none());
}

#[test]
fn enter_looks_and_only_a_second_enter_records() {
    let mut bench = at_the_swap();
    bench.keys(" j j ");
    bench.act(attached("stage_old", "x.png"));
    bench.answers("old").staging = true;
    bench.pass(TimeDelta::seconds(10));
    bench.acts.clear();
    bench.keys("<Enter>");
    assert_eq!(bench.acts, [Act::Look]);
    assert!(matches!(bench.app.dialog, Some(Dialog::Look)));
    bench.keys("<Enter>");
    assert_eq!(bench.acts, [Act::Look, Act::Confirm]);
    assert_eq!(bench.engine.session().status(&"stage-old".into()), StepStatus::Confirmed);
    assert!(bench.app.dialog.is_none(), "the look closes when the next step opens");
}

#[test]
fn a_pasted_enter_records_nothing() {
    let mut bench = at_the_swap();
    bench.keys(" j j ");
    bench.act(attached("stage_old", "x.png"));
    bench.answers("old").staging = true;
    bench.pass(TimeDelta::seconds(10));
    bench.acts.clear();
    bench.paste_as_keys("\n\n");
    assert!(!bench.acts.contains(&Act::Confirm));
    assert_eq!(said(&bench), "That came too fast to be typed: press it again.");
}

#[test]
fn a_pasted_text_runs_nothing() {
    let mut bench = at_the_swap();
    bench.keys("jjjj");
    bench.paste_as_keys("rr\nrr\n");
    assert!(bench.acts.is_empty(), "{:?}", bench.acts);
    bench.keys("<Esc>r<Enter>");
    assert!(bench.acts.is_empty(), "Enter never runs a command: {:?}", bench.acts);
    bench.keys("r");
    assert!(matches!(bench.acts.as_slice(), [Act::Run(id)] if id.as_str() == "state"));
}

#[test]
fn a_dangerous_command_runs_only_for_the_server_s_name() {
    let mut bench = at_the_swap();
    bench.keys(" j j ");
    bench.act(attached("stage_old", "x.png"));
    bench.answers("old").staging = true;
    bench.pass(TimeDelta::seconds(10));
    bench.keys("<Enter><Enter>");
    bench.acts.clear();
    bench.keys("rEC01<Enter>");
    assert!(bench.acts.is_empty());
    bench.keys("<Esc>rec02<Enter>");
    assert!(matches!(bench.acts.as_slice(), [Act::Run(id)] if id.as_str() == "disable"));
}

#[test]
fn a_note_has_lines_and_its_draft_survives_esc() {
    let mut bench = at_the_swap();
    bench.keys("none<Enter>two<Esc>");
    assert!(bench.acts.is_empty());
    bench.keys("n<C-s>");
    assert_eq!(bench.acts, [Act::Note("one\ntwo".into())]);
    assert!(said(&bench).contains("note is written"), "{}", said(&bench));
    bench.keys("n<C-s>");
    assert_eq!(bench.acts.len(), 1, "the draft is gone once saved, and an empty note is none");
}

#[test]
fn a_path_is_read_and_a_paste_is_kept() {
    let mut bench = at_the_swap();
    bench.keys("a\"C:\\last page.png\"<Enter><C-s>");
    let wanted = Some("evidence:stage_old".into());
    assert_eq!(bench.asked, [Effect::AttachFile { path: "C:\\last page.png".into(), wanted: wanted.clone() }]);
    bench.asked.clear();
    bench.message(Msg::Paste("first\r\nsec\u{1b}[31mond\n".into()));
    bench.keys("<C-s>");
    assert_eq!(bench.asked, [Effect::AttachText { text: "first\nsecond".into(), wanted }]);
}

#[test]
fn a_form_is_saved_by_its_fields_names() {
    let mut bench = Bench::open((80, 24));
    bench.keys(" <Enter><Enter>");
    bench.acts.clear();
    bench.keys("e<Tab>2019<Tab>x1");
    bench.keys("<Tab>  <C-s>");
    let [Act::SaveForm { form, values }] = bench.acts.as_slice() else { panic!("{:?}", bench.acts) };
    assert_eq!(form.as_str(), "signin");
    let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(values, [("method", "Pass-through"), ("secret", "x1"), ("since", "2019")]);
}

#[test]
fn another_step_can_be_read_but_not_worked_on() {
    let mut bench = at_the_swap();
    bench.keys("/window<Enter><Enter>");
    assert_eq!(bench.app.body.viewing.as_ref().unwrap().as_str(), "window");
    bench.keys(" ");
    assert_eq!(said(&bench), "This step is not the open one: Esc goes to it.");
    bench.keys("Rthe window moved<C-s>");
    assert_eq!(bench.acts, [Act::Reopen { step: "window".into(), reason: "the window moved".into() }]);
    assert_eq!(bench.engine.current_step().unwrap().id.as_str(), "window");
    assert_eq!(bench.app.body.viewing, None);
}

#[test]
fn cancel_needs_something_that_runs() {
    let mut bench = at_the_swap();
    bench.keys("<C-c>");
    assert_eq!(said(&bench), "No command is running. q leaves the program; the session can be resumed.");
    bench.keys("jjjjrr");
    let run = bench.engine.session().runs[0].approved.run.clone();
    bench.acts.clear();
    bench.keys("<C-c>");
    assert_eq!(bench.acts, [Act::Cancel(run)]);
}

#[test]
fn leaving_asks_only_while_a_command_runs() {
    let mut bench = at_the_swap();
    bench.keys("q");
    assert_eq!(bench.asked, [Effect::Quit]);
    bench.asked.clear();
    bench.keys("jjjjrrq");
    assert!(bench.asked.is_empty());
    bench.keys("q");
    assert_eq!(bench.asked, [Effect::Quit]);
}

#[test]
fn a_recovery_is_entered_with_a_reason() {
    let mut bench = at_the_swap();
    bench.answers("new").staging = false;
    bench.pass(TimeDelta::seconds(15));
    bench.keys("!<Enter><C-s>");
    assert!(bench.acts.is_empty(), "a reason is needed");
    bench.keys("it exports<C-s>");
    assert_eq!(bench.acts, [Act::EnterAside { phase: "two-active".into(), reason: "it exports".into() }]);
}

#[test]
fn an_interrupted_command_is_resolved_by_words() {
    let mut bench = at_the_swap();
    bench.keys("jjjjrr");
    let run = bench.engine.session().runs[0].approved.run.clone();
    bench.observe(Observed::Started { run: run.clone(), sha256: String::new() });
    let mut bench = bench.come_back(TimeDelta::hours(1));
    bench.acts.clear();
    bench.keys("s2<C-s>not in the log<C-s>");
    assert_eq!(bench.acts, [Act::Resolve { run, how: Resolution::DidNotRun, reason: "not in the log".into() }]);
}

#[test]
fn a_server_is_isolated_and_a_session_closed_by_words() {
    let mut bench = at_the_swap();
    bench.keys("i  <Enter>switched off<Enter>ping fails<Enter>");
    let server = "new".into();
    assert_eq!(bench.acts, [Act::Isolate { server, how: "switched off".into(), checked: "ping fails".into() }]);
    bench.acts.clear();
    bench.keys("Q  <Tab>no time left<C-s>");
    assert_eq!(bench.acts, [Act::Close { outcome: Outcome::Aborted, summary: "no time left".into() }]);
    bench.keys("n");
    assert_eq!(said(&bench), "The session is closed.");
}

#[test]
fn the_lab_is_there_in_a_rehearsal() {
    let mut bench = at_the_swap();
    let offers = vec!["wizard old open".to_owned(), "upgrade old start on".to_owned()];
    bench.app.lab.servers = vec![LabServer { host: "EC01".into(), offers, ..LabServer::default() }];
    bench.keys("Lvm old off<Enter><Down><Down><Enter>");
    assert_eq!(bench.asked, [Effect::Lab("vm old off".into()), Effect::Lab("upgrade old start on".into())]);
    bench.keys("<Esc>");
    assert!(bench.app.dialog.is_none());
}

#[test]
fn the_palette_does_what_its_key_does() {
    let mut bench = at_the_swap();
    bench.keys(":asknow<Enter>");
    assert!(matches!(bench.acts.as_slice(), [Act::AskNow(_)]));
    bench.keys(":cancel<Enter>");
    assert_eq!(said(&bench), "No command is running. q leaves the program; the session can be resumed.");
}

#[test]
fn a_copied_command_is_what_is_shown() {
    let mut bench = at_the_swap();
    bench.keys("jjjjrc");
    assert_eq!(bench.asked, [Effect::Copy("Get-ADSyncScheduler | Select-Object StagingModeEnabled".into())]);
}

#[test]
fn a_condition_that_is_unknown_is_the_operator_s_to_answer() {
    let text = "---\nlockstep: 1\ntitle: T\nid: t\nversion: 1.0.0\nroles:\n  old: { title: a, starts: active }\n  new: { title: b, \
                starts: staging }\n---\n# T\n\n## One {#one}\n\n### First {#first}\n\n- [ ] done\n\n### Maybe {#maybe}\n\n\
                ```powershell {when}\n$new.Version -ge [version]'2.5'\n```\n\n- [ ] too\n";
    let mut bench = Bench::open_with((80, 24), text);
    bench.answers("new").silent = true;
    bench.pass(TimeDelta::seconds(7));
    bench.keys(" <Enter><Enter>");
    assert!(bench.engine.question().is_some(), "{}", bench.frame());
    assert!(bench.frame().contains("? Whether this step applies is unknown"));
    bench.acts.clear();
    bench.keys("<Enter><C-s>");
    assert!(bench.acts.is_empty(), "an answer and a reason are needed");
    bench.keys("  <Tab>it is the older one<C-s>");
    assert_eq!(bench.acts, [Act::Applies { applies: false, reason: "it is the older one".into() }]);
    assert_eq!(bench.engine.session().status(&"maybe".into()), StepStatus::Skipped);
    assert!(bench.frame().contains("Every step is done."));
}

#[test]
fn leaving_while_a_command_runs_by_itself_is_asked_about() {
    let auto = include_str!("fixtures/screens/swap.md").replace(
        "- [ ] The service desk has opened it",
        "- [ ] The service desk has opened it\n\n```powershell {#look on=old run=auto}\nGet-ADSyncScheduler\n```",
    );
    for (size, keys) in [((80, 24), "q"), ((120, 36), "q"), ((80, 24), "<Tab>q")] {
        let mut bench = Bench::open_with(size, &auto);
        let runs = |effect: &lockstep::engine::Effect| matches!(effect, lockstep::engine::Effect::Run { .. });
        assert!(bench.wanted.iter().any(runs), "{:?}", bench.wanted);
        bench.keys(keys);
        assert!(bench.asked.is_empty(), "it left at once");
        let frame = bench.frame();
        assert!(frame.contains("A command is running on old EC01") && frame.contains("q leave all the same"), "{frame}");
        bench.keys("q");
        assert_eq!(bench.asked, [Effect::Quit]);
    }
}

#[test]
fn q_leaves_from_the_report_of_a_resumption_too() {
    let mut bench = at_the_swap().come_back(TimeDelta::hours(1));
    assert!(matches!(bench.app.dialog, Some(Dialog::Resume(_))));
    bench.keys("q");
    assert_eq!(bench.asked, [Effect::Quit]);
}

#[test]
fn a_key_that_works_elsewhere_says_where() {
    let mut bench = at_the_swap();
    bench.keys("<Tab>n");
    assert_eq!(said(&bench), "n (note) works at the step: Tab goes back to it.");
    bench.keys("/n");
    assert!(bench.frame().contains("Enter to what was found"), "while a search is written its own keys are offered");
    bench.keys("<Esc><Tab>?r");
    assert_eq!(said(&bench), "r (run) works at the step: Esc goes back to it.");
}

#[test]
fn a_closed_session_shows_the_servers_as_they_were_then() {
    let mut bench = at_the_swap();
    bench.act(Act::Close { outcome: Outcome::Aborted, summary: "the window is over".into() });
    bench.leap(TimeDelta::hours(1));
    let frame = bench.frame();
    assert!(frame.contains("old EC01  ACTIVE") && !frame.contains("unknown, core"), "{frame}");
    assert!(!frame.contains("no answer"), "nobody asked them: {frame}");
}
