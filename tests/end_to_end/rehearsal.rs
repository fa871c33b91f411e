//! The whole bundled runbook, from its first step to a closed session and its report.

use super::operator::{Operator, SAVE, SIZE};
use super::terminal::{Home, Terminal};

const RUNBOOK: &str = "runbooks/upgrade-by-staging-swap.md";

#[test]
fn the_lab_takes_a_line_with_its_enter_at_once_and_no_pasted_lines() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, SIZE, &["run", RUNBOOK, "--lab"]);
    terminal.wait("1.1 The right two servers");
    terminal.press("L");
    terminal.wait("Tell the lab");
    terminal.burst("fault service-stopped on new\r");
    terminal.wait("faults: service-stopped");
    terminal.paste("cure service-stopped on new\nvm new off\n");
    terminal.wait("cure service-stopped on new vm new off");
    terminal.press("\x1b");
    terminal.wait_gone("Tell the lab");
    terminal.leave();
}

#[test]
fn the_whole_upgrade_by_keys() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, SIZE, &["run", RUNBOOK, "--lab", "--speed", "600"]);
    terminal.wait("1.1 The right two servers");
    let mut operator = Operator::new(&mut terminal, &home);
    operator.until("the end of the runbook", |screen| screen.contains("Every step is done"));
    terminal.press("Q");
    terminal.wait("Close the session");
    terminal.press("\t");
    terminal.paste("done in a rehearsal");
    terminal.wait("done in a rehearsal");
    terminal.press(SAVE);
    terminal.wait_gone("Ctrl-S close the session");
    terminal.leave();

    let session = home.session();
    assert!(session.to_string().contains("completed"), "{session}");
    let report = home.says(&["report", session["id"].as_str().expect("an id")]);
    for words in ["completed", "REHEARSAL", "done in a rehearsal", "last page.txt"] {
        assert!(report.contains(words), "'{words}' is not in the report:\n{report}");
    }
}
