//! Whole frames, as the operator sees them: `tests/snapshots/` holds them to be looked at.

#![allow(clippy::unwrap_used, reason = "test code")]

mod screens_support;

use chrono::TimeDelta;
use insta::assert_snapshot;
use lockstep::app::Msg;
use lockstep::app::lab::LabServer;
use lockstep::app::state::Message;
use lockstep::engine::Observed;
use lockstep::ui::Theme;
use ratatui::style::{Color, Modifier};
use screens_support::{Bench, attached, ended};

/// 3.1 open for 41 minutes.
fn at_the_swap(size: (u16, u16)) -> Bench {
    let mut bench = Bench::open((80, 24));
    bench.go_to_the_swap();
    bench.leap(TimeDelta::minutes(41));
    bench.message(Msg::Resized(size.0, size.1));
    bench
}

/// 3.1 with everything done but the gate.
fn ready_to_confirm(size: (u16, u16)) -> Bench {
    let mut bench = at_the_swap(size);
    bench.keys(" j j ");
    bench.act(attached("stage_old", "last-page.png"));
    bench
}

#[test]
fn the_main_view_at_every_size() {
    let mut bench = at_the_swap((80, 24));
    for (columns, rows) in [(80, 24), (120, 36), (200, 60), (60, 15), (40, 10), (1, 1)] {
        bench.message(Msg::Resized(columns, rows));
        assert_snapshot!(format!("main_{columns}x{rows}"), bench.frame());
    }
}

#[test]
fn the_main_view_in_ascii() {
    let mut bench = at_the_swap((120, 36));
    bench.theme = Theme::new(false, true);
    let frame = bench.frame();
    assert!(frame.is_ascii(), "{frame}");
    assert_snapshot!(frame);
}

#[test]
fn a_step_that_waits_for_a_server_to_begin() {
    let mut bench = ready_to_confirm((80, 24));
    bench.keys("<Enter>vthe window ends");
    assert_snapshot!("waive", bench.frame());
    bench.keys("<C-s>");
    assert_snapshot!("begin_step", bench.frame());
    bench.keys("<Enter>");
    assert_snapshot!("begin_look", bench.frame());
}

#[test]
fn confirming() {
    let mut bench = ready_to_confirm((80, 24));
    bench.keys("<Enter>");
    assert_snapshot!("confirm_false", bench.frame());
    bench.keys("w");
    bench.pass(TimeDelta::seconds(48));
    assert_snapshot!("confirm_waiting", bench.frame());
    bench.answers("old").silent = true;
    bench.keys("l");
    assert_snapshot!("confirm_unknown", bench.frame());
    let old = bench.answers("old");
    (old.silent, old.staging) = (false, true);
    bench.pass(TimeDelta::seconds(10));
    bench.keys("l");
    assert_snapshot!("confirm_true", bench.frame());
    bench.keys("v<Esc><Esc>");
    assert_snapshot!("confirm_left", bench.frame());
}

#[test]
fn running_a_command() {
    let mut bench = ready_to_confirm((120, 36));
    bench.keys("jjr");
    assert_snapshot!("run_dialog", bench.frame());
    bench.keys("r");
    let run = bench.engine.session().runs[0].approved.run.clone();
    bench.observe(Observed::Started { run: run.clone(), sha256: String::new() });
    bench.outputs.push(&run, b"\nStagingModeEnabled : \x1b[32mFalse\x1b[0m\n\n\x1b]0;owned\x07title\n");
    bench.pass(TimeDelta::seconds(12));
    assert_snapshot!("run_running", bench.frame());
    bench.keys("o");
    assert_snapshot!("run_output", bench.frame());
    bench.keys("<Esc>q");
    assert_snapshot!("run_leave", bench.frame());
    bench.keys("<Esc>");
    bench.observe(ended(&run));
    bench.message(Msg::Changed);
    assert_snapshot!("run_ended", bench.frame());
}

#[test]
fn a_dangerous_command_asks_for_the_name() {
    let mut bench = ready_to_confirm((80, 24));
    bench.answers("old").staging = true;
    bench.pass(TimeDelta::seconds(10));
    bench.keys("<Enter><Enter>");
    assert_snapshot!("promote", bench.frame());
    bench.keys("rEC01<Enter>");
    assert_snapshot!("run_type", bench.frame());
}

#[test]
fn two_active_servers() {
    let mut bench = at_the_swap((80, 24));
    bench.answers("new").staging = false;
    bench.pass(TimeDelta::seconds(15));
    assert_snapshot!("alarm", bench.frame());
    bench.keys("!");
    assert_snapshot!("alarm_findings", bench.frame());
    bench.message(Msg::Resized(50, 12));
    assert_snapshot!("alarm_tiny", bench.frame());
}

/// At the size of a console the mark of a rehearsal and the recovery are beside it.
#[test]
fn the_alarm_says_since_when_in_eighty_columns() {
    let mut bench = at_the_swap((80, 24));
    bench.answers("new").staging = false;
    bench.pass(TimeDelta::seconds(15));
    let header = bench.frame().lines().next().unwrap().to_owned();
    for words in ["REHEARSAL", "TWO ACTIVE", "since 22:41 UTC", "EC02 into staging now", "! recovery"] {
        assert!(header.contains(words), "{words}: {header}");
    }
}

#[test]
fn a_server_without_the_product_says_so_once() {
    let mut bench = at_the_swap((120, 36));
    bench.answers("new").installed = false;
    bench.keys("<F5>");
    bench.pass(TimeDelta::seconds(30));
    let frame = bench.frame();
    assert_eq!(frame.matches("not installed").count(), 1, "{frame}");
    assert_snapshot!("absent", frame);
    bench.keys("z");
    let frame = bench.frame();
    assert_eq!(frame.matches("not installed").count(), 1, "{frame}");
    assert_snapshot!("absent_alone", frame);
}

#[test]
fn a_server_that_went_away() {
    let mut bench = at_the_swap((120, 36));
    bench.answers("new").silent = true;
    bench.pass(TimeDelta::seconds(30));
    assert_snapshot!("late", bench.frame());
    bench.keys("f");
    bench.pass(TimeDelta::minutes(3));
    assert_snapshot!("frozen", bench.frame());
    bench.keys("f");
    assert_snapshot!("away", bench.frame());
}

#[test]
fn the_servers_alone() {
    let mut bench = at_the_swap((80, 24));
    bench.keys("z");
    assert!(bench.frame().lines().last().unwrap().contains(" z back "), "the way back is on the screen");
    assert_snapshot!(bench.frame());
}

#[test]
fn writing_and_attaching() {
    let mut bench = at_the_swap((80, 24));
    bench.keys("nChange window opened<Enter>by the service desk");
    assert_snapshot!("note", bench.frame());
    bench.keys("<C-s>a");
    assert_snapshot!("attach", bench.frame());
    bench.keys("<Esc>i");
    assert_snapshot!("isolate", bench.frame());
    bench.keys("<Esc>Q");
    assert_snapshot!("close", bench.frame());
    bench.keys("  <Tab>no time left<C-s>");
    assert_snapshot!("closed", bench.frame());
}

#[test]
fn a_form() {
    let mut bench = Bench::open((80, 24));
    bench.keys(" <Enter><Enter>");
    assert_snapshot!("form_step", bench.frame());
    bench.keys("e <Tab>20");
    assert_snapshot!("form", bench.frame());
}

#[test]
fn the_lab() {
    let mut bench = at_the_swap((80, 24));
    let server = |host: &str, state: &str, offer: &str| LabServer {
        host: host.into(),
        state: state.into(),
        cycle: "next in 4 min".into(),
        offers: vec![offer.into()],
        ..LabServer::default()
    };
    let mut first = server("EC01", "active 2.6.84.0, ADSync Running, 0 pending", "wizard old exit");
    first.wizard = Some("Additional tasks (anna, Active)".into());
    first.faults = vec!["slow-disk".into()];
    bench.app.lab.servers = vec![first, server("EC02", "staging 2.6.92.0, ADSync Running, 2 pending", "wizard new open")];
    bench.app.lab.alarms = vec!["EC02 exported from staging at 22:40:12 UTC (CONTOSO\\bob)".into()];
    bench.app.lab.verbs = vec![("wizard ROLE open [as USER]".into(), "start the wizard".into())];
    bench.keys("L<Down>");
    assert_snapshot!(bench.frame());
    let text = "lab: nora.test@contoso.com is in contoso.onmicrosoft.com: on-premises sync enabled, department Sales, written by EC01; the former password works, no server is active".into();
    bench.app.message = Some(Message { text, refused: false });
    assert_snapshot!("the_lab_answers", bench.frame());
}

#[test]
fn lists_and_help() {
    let mut bench = at_the_swap((80, 24));
    bench.keys("<Tab>");
    assert_snapshot!("steps", bench.frame());
    bench.keys("/serv");
    assert_snapshot!("steps_search", bench.frame());
    bench.keys("<Esc><Esc>?");
    assert_snapshot!("help", bench.frame());
    bench.keys("<Esc>:serv");
    assert_snapshot!("palette", bench.frame());
}

/// Without an answer from anywhere, a frame stays right until the moment it names, and not longer.
#[test]
fn a_frame_names_the_moment_it_is_wrong() {
    let mut bench = ready_to_confirm((200, 60));
    bench.keys("<Enter>w");
    for _ in 0..20 {
        let frame = bench.frame();
        let Some(until) = bench.until else { return };
        let session = bench.moment.now;
        bench.moment.now = until - TimeDelta::milliseconds(1);
        assert_eq!(bench.frame(), frame, "between {session} and {until}");
        bench.moment.now = until;
    }
}

#[test]
fn no_colour_but_weight() {
    let mut bench = at_the_swap((80, 24));
    for (colour, ascii) in [(true, false), (false, false)] {
        bench.theme = Theme::new(colour, ascii);
        let buffer = bench.buffer();
        let coloured = buffer.content.iter().filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count();
        assert_eq!(coloured > 0, colour);
        let active = buffer.content.iter().find(|cell| cell.symbol() == "V").unwrap();
        assert!(active.modifier.contains(Modifier::BOLD | Modifier::UNDERLINED), "the word ACTIVE has weight");
    }
}

#[test]
fn coming_back() {
    let mut bench = ready_to_confirm((80, 24));
    bench.keys("jjrr");
    let run = bench.engine.session().runs[0].approved.run.clone();
    bench.observe(Observed::Started { run, sha256: String::new() });
    let mut bench = bench.come_back(TimeDelta::minutes(41));
    assert_snapshot!("resume", bench.frame());
    bench.keys("s");
    assert_snapshot!("resolve", bench.frame());
    bench.keys("1");
    assert_snapshot!("resolve_reason", bench.frame());
    bench.keys("<Esc>");
    assert_snapshot!("interrupted_step", bench.frame());
}
