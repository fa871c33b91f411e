//! What the runbook says besides its steps: its preface, introductions, links, and that its file was changed.

#![allow(clippy::unwrap_used, reason = "test code")]

mod screens_support;

use chrono::TimeDelta;
use insta::assert_snapshot;
use lockstep::app::{Dialog, Msg};
use screens_support::Bench;

const RUNBOOK: &str = "---
lockstep: 1
title: Read me first
id: read
version: 1.0.0
roles:
  old: { title: Active today, starts: active }
  new: { title: To be promoted, starts: staging }
never:
  - $old.Scheduler.SyncCycleInProgress -and -not $old.Scheduler.SchedulerSuspended -and $new.Scheduler.StagingModeEnabled
sources:
  - https://example.org/how-to
---
# Read me first

One server goes on synchronizing while the other is upgraded.

> [!NOTE]
> Rolling back means swapping the roles back.

## Prepare {#prepare}

Nothing is changed here.

### The window {#window}

If anything goes wrong, [roll back](#rollback), or look at [the end](#end) first.

- [ ] The window is open
- [ ] (optional) A snapshot exists

## Close {#close}

### The end {#end}

- [ ] All is done

## Roll back {#rollback .aside}

### Back {#back}

- [ ] The roles are swapped back
";

fn opened(size: (u16, u16)) -> Bench {
    Bench::open_with(size, RUNBOOK)
}

#[test]
fn the_preface_is_one_key_away_and_the_step_says_so() {
    let mut bench = opened((80, 24));
    assert_snapshot!("reading_step", bench.frame());
    bench.keys("b");
    assert_snapshot!("reading_about", bench.frame());
    bench.keys("<Esc>");
    assert!(bench.app.dialog.is_none());
}

#[test]
fn an_optional_item_says_so_once() {
    let mut bench = opened((120, 36));
    assert_eq!(bench.frame().matches("(optional)").count(), 1);
}

#[test]
fn a_link_leads_to_a_step_or_asks_why_an_aside_is_entered() {
    let mut bench = opened((80, 24));
    bench.keys("jjl");
    assert!(matches!(bench.app.dialog, Some(Dialog::Reason(_))), "{}", bench.frame());
    bench.keys("<Esc>jl");
    assert_eq!(bench.app.body.viewing.as_ref().unwrap().as_str(), "end");
    bench.keys("<Esc>gl");
    assert!(bench.app.message.as_ref().unwrap().refused, "the first part is an item, no link");
}

#[test]
fn a_resumption_says_how_the_runbooks_file_was_changed() {
    let mut bench = opened((80, 24)).come_back(TimeDelta::minutes(5));
    bench
        .engine
        .set_runbook_changes(vec!["-- [ ] The window is open".into(), "+- [ ] The window is open, the desk knows".into()]);
    bench.message(Msg::Changed);
    assert_snapshot!("reading_changed", bench.frame());
}

#[test]
fn a_step_behind_the_servers_is_not_ticked() {
    let mut bench = opened((80, 24));
    bench.keys("z ");
    assert!(bench.acts.is_empty(), "{:?}", bench.acts);
    bench.keys("z ");
    assert_eq!(bench.acts.len(), 1);
}

#[test]
fn the_header_names_the_journals_head() {
    let mut bench = opened((120, 36));
    bench.app.head = Some("9f3c21aa00".into());
    let frame = bench.frame();
    let header = frame.lines().next().unwrap();
    assert!(header.trim_end().ends_with(" 9f3c21"), "{header}");
}

#[test]
fn a_long_alarm_ends_at_a_word_and_says_that_there_is_more() {
    let mut bench = opened((80, 24));
    bench.answers("old").in_progress = true;
    bench.keys("<F5>");
    bench.pass(TimeDelta::seconds(90));
    assert_snapshot!("reading_alarm", bench.frame());
}

#[test]
fn three_servers_keep_their_machines_names_in_eighty_columns() {
    let third = "  third: { title: \"Further standby\", starts: staging, optional: true }\ninputs:";
    let mut bench = Bench::open_with((80, 24), &include_str!("fixtures/screens/swap.md").replacen("inputs:", third, 1));
    let head = bench.frame().lines().find(|line| line.contains("ACTIVE")).unwrap().to_owned();
    for machine in ["EC01  ACTIVE", "EC02  STAGING", "EC03  STAGING"] {
        assert!(head.contains(machine), "{head}");
    }
}

/// What a gate asks for can be read before the servers are asked, however long it is.
#[test]
fn a_long_line_of_a_gate_is_whole_wherever_its_step_is_shown() {
    let long = "$new.Scheduler.StagingModeEnabled -and $new.Scheduler.SyncCycleEnabled -and -not $new.Scheduler.SchedulerSuspended -and $new.Version -ge [version]'2.5.79.0'";
    let text = RUNBOOK.replacen("- [ ] All is done\n", &format!("- [ ] All is done\n\n```powershell {{gate}}\n{long}\n```\n"), 1);
    let mut bench = Bench::open_with((80, 30), &text);
    bench.keys("jjjl");
    assert_eq!(bench.app.body.viewing.as_ref().unwrap().as_str(), "end");
    let frame = bench.frame();
    let words = frame.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(long), "{frame}");
}

#[test]
fn a_confirmed_step_is_said() {
    let mut bench = opened((80, 24));
    bench.keys(" j <Enter><Enter>");
    let frame = bench.frame();
    assert!(frame.contains("1.1 The window: confirmed."), "{frame}");
}
