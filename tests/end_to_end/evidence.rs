//! A rehearsal is marked for ever: on every screen, in the list, on every page of a report; and who tries to make evidence of
//! it is told.

use std::path::PathBuf;

use lockstep::session::event::Body;
use lockstep::session::line::{self, Digest};

use super::terminal::{Home, Terminal};

const RUNBOOK: &str = "runbooks/upgrade-by-staging-swap.md";
/// As the journal's first line has it.
const MARK: &str = r#""rehearsal":{"scenario":"clean-swap","seed":1}"#;

/// A home with a rehearsal that was begun and left: its id and its journal.
fn rehearsed(home: &Home) -> (String, PathBuf) {
    let mut terminal = Terminal::start(home, (100, 30), &["run", RUNBOOK, "--lab", "clean-swap"]);
    terminal.wait("1.1 The right two servers");
    for (columns, rows) in [(80, 24), (120, 40), (200, 60), (60, 16), (100, 30)] {
        terminal.resize(columns, rows);
        terminal.wait_for("the mark", |screen| screen.lines().next().is_some_and(|header| header.contains("REHEARSAL")));
    }
    terminal.leave();
    let id = home.session()["id"].as_str().expect("an id").to_owned();
    let journal = home.data().join("sessions").join(&id).join("journal.jsonl");
    (id, journal)
}

/// What a verb says that does not do it.
fn refused(home: &Home, args: &[&str]) -> String {
    let output = home.verb(args);
    assert!(!output.status.success() && output.stdout.is_empty(), "{args:?}: {output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The report, marked in every heading.
fn marked_report(home: &Home, id: &str) -> String {
    let report = home.says(&["report", id]);
    let headings: Vec<&str> = report.lines().filter(|line| line.starts_with('#')).collect();
    assert!(headings.len() > 3 && headings.iter().all(|line| line.ends_with("(REHEARSAL)")), "{headings:?}");
    report
}

fn is_marked_everywhere(home: &Home, id: &str) {
    assert!(home.says(&["sessions"]).contains("REHEARSAL"));
    assert_eq!(home.session()["rehearsal"], true);
    marked_report(home, id);
    let report: serde_json::Value = serde_json::from_str(&home.says(&["report", "--json", id])).expect("JSON");
    assert!(report.to_string().contains("\"rehearsal\":true"), "{report}");
    let mut terminal = Terminal::start(home, (80, 24), &["resume"]);
    terminal.wait("chain intact");
    assert!(terminal.shows("REHEARSAL"), "{}", terminal.screen());
    terminal.press("\r");
    terminal.wait("1.1");
    terminal.leave();
}

#[test]
fn a_rehearsal_is_marked_wherever_it_is_shown() {
    let home = Home::new();
    let (id, journal) = rehearsed(&home);
    let text = std::fs::read_to_string(journal).expect("the journal");
    assert!(text.lines().next().is_some_and(|first| first.contains(MARK)), "{text}");
    is_marked_everywhere(&home, &id);
}

#[test]
fn a_mark_that_was_taken_out_is_told() {
    let home = Home::new();
    let (id, journal) = rehearsed(&home);
    let text = std::fs::read_to_string(&journal).expect("the journal");
    std::fs::write(&journal, text.replacen(MARK, r#""rehearsal":null"#, 1)).expect("the forged journal");
    let said = refused(&home, &["report", &id]);
    assert!(said.contains("line 1"), "{said}");
    let mut terminal = Terminal::start(&home, (160, 50), &["resume", &id]);
    assert_ne!(terminal.ended(), 0);
    let said = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(said.contains("line 1"), "{said}");
}

#[test]
fn a_journal_that_was_written_anew_without_its_mark_is_a_rehearsal_still() {
    let home = Home::new();
    let (id, journal) = rehearsed(&home);
    let mut forged = Vec::new();
    let mut prev = Digest::anchor(&id);
    for line in std::fs::read(&journal).expect("the journal").split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut event = line::decode(line).expect("a line").event;
        if let Body::SessionOpened(opened) = &mut event.body {
            opened.rehearsal = None;
        }
        let line = line::encode(&event, prev).expect("a line");
        prev = Digest::of(&line);
        forged.extend(line);
        forged.push(b'\n');
    }
    std::fs::write(&journal, forged).expect("the forged journal");
    is_marked_everywhere(&home, &id);
}

#[test]
fn a_copied_journal_keeps_its_mark_and_its_own_name() {
    let home = Home::new();
    let (id, journal) = rehearsed(&home);
    let from = journal.parent().expect("a directory");
    let to = from.with_file_name("20261121-220000-abcdef");
    std::fs::create_dir(&to).expect("a directory");
    for name in ["journal.jsonl", "runbook.md"] {
        std::fs::copy(from.join(name), to.join(name)).expect("a copy");
    }
    assert!(marked_report(&home, "20261121-220000-abcdef").contains(&id));
    assert_eq!(home.says(&["sessions"]).matches("REHEARSAL").count(), 2);
}
