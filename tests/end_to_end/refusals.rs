//! Bad input: one clear message, a failure, no panic, and a terminal left as it was.

use super::terminal::{Home, Terminal};

const RUNBOOK: &str = "runbooks/upgrade-by-staging-swap.md";

/// Runs it in a terminal; what it said. The terminal must be given back if it was taken.
fn refused(home: &Home, size: (u16, u16), args: &[&str]) -> String {
    let mut terminal = Terminal::start(home, size, args);
    let code = terminal.ended();
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert_eq!(code, 2, "{raw}");
    for words in ["panicked", "RUST_BACKTRACE", "stack backtrace"] {
        assert!(!raw.contains(words), "{raw}");
    }
    assert_eq!(
        raw.matches("\x1b[?1049h").count(),
        raw.matches("\x1b[?1049l").count(),
        "the alternate screen is left open: {raw:?}"
    );
    raw.replace("\r\n", " ")
}

#[test]
fn no_such_runbook() {
    let said = refused(&Home::new(), (100, 30), &["run", "no-such-runbook.md", "--lab"]);
    assert!(said.contains("no-such-runbook.md") && said.contains("cannot be read"), "{said}");
}

#[test]
fn a_runbook_in_another_encoding() {
    let home = Home::new();
    let file = home.file("latin.md", b"---\nlockstep: 1\ntitle: Umz\xfcge\n---\n");
    let said = refused(&home, (100, 30), &["run", &file.display().to_string(), "--lab"]);
    assert!(said.contains("UTF-8") && said.contains("latin.md"), "{said}");
}

#[test]
fn a_broken_gate() {
    let home = Home::new();
    let text = std::fs::read_to_string(RUNBOOK).expect("the bundled runbook");
    let text = text.replacen("$old.Scheduler.StagingModeEnabled -eq $false", "$old.Scheduler.StagingModeEnabled -eq (", 1);
    let file = home.file("broken.md", text.as_bytes());
    let said = refused(&home, (160, 50), &["run", &file.display().to_string(), "--lab"]);
    let line = text.lines().position(|line| line.ends_with("-eq (")).expect("the broken line") + 1;
    assert!(said.contains(&format!("broken.md:{line}:")), "{said}");
    assert!(!home.data().exists(), "nothing is opened for a runbook with errors");
}

#[test]
fn a_file_where_the_data_belongs() {
    let home = Home::new();
    home.file("data", b"not a directory");
    let said = refused(&home, (100, 30), &["run", RUNBOOK, "--lab"]);
    assert!(said.contains("data"), "{said}");
}

#[test]
fn a_terminal_that_is_too_small() {
    let home = Home::new();
    let said = refused(&home, (59, 14), &["run", RUNBOOK, "--lab"]);
    assert!(said.contains("60") && said.contains("15"), "{said}");
    assert!(!home.data().join("sessions").exists(), "no session is left behind");
}

#[test]
fn no_terminal_at_all() {
    let home = Home::new();
    let output = home.verb(&["run", RUNBOOK, "--lab"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "nothing is drawn into a pipe");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("terminal") && !said.contains("panicked"), "{said}");
}
