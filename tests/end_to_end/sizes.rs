//! A terminal whose window is dragged about, in the middle of things.

use super::terminal::{Home, Terminal};

const RUNBOOK: &str = "runbooks/upgrade-by-staging-swap.md";

#[test]
fn it_fits_whatever_size_the_terminal_takes() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, (120, 40), &["run", RUNBOOK, "--lab"]);
    terminal.wait("1.1 The right two servers");
    terminal.press("n");
    terminal.wait("Ctrl-S save");
    terminal.paste("written while the window is dragged");
    terminal.wait("written while the window is dragged");

    terminal.resize(40, 10);
    terminal.wait("needs 60 x 15 cells");
    terminal.resize(200, 60);
    let screen = terminal.wait("written while the window is dragged");
    assert!(screen.lines().count() > 50 && screen.contains("Ctrl-S save"), "{screen}");
    terminal.resize(60, 15);
    terminal.wait("written while");
    terminal.resize(1, 1);
    terminal.resize(80, 24);
    terminal.wait("written while the window is dragged");
    terminal.press("\x13");
    terminal.wait_gone("Ctrl-S save");
    terminal.leave();
    assert!(home.journal().contains("written while the window is dragged"));
}

#[test]
fn it_fits_in_the_middle_of_a_flood() {
    let home = Home::new();
    let text = "---\nlockstep: 1\ntitle: A flood\nid: a-flood\nversion: 1.0.0\nroles:\n  old: { title: Active, starts: active }\n  new: { title: Standby, starts: staging }\n---\n\n# A flood\n\n## Only {#only}\n\n### Much {#much}\n\n```powershell {#flood on=old run=ask}\nforeach ($n in 1..40) { 1..500 | ForEach-Object { \"line $_ of block $n\" }; Start-Sleep -Milliseconds 200 }\n```\n";
    let file = home.file("flood.md", text.as_bytes());
    let mut terminal = Terminal::start(&home, (120, 40), &["run", &file.display().to_string(), "--lab", "--speed", "1"]);
    terminal.wait("r run on");
    terminal.press("r");
    terminal.wait("r run  c copy");
    std::thread::sleep(std::time::Duration::from_millis(100));
    terminal.press("r");
    terminal.wait("line 500 of block");
    terminal.press("o");
    terminal.wait("following");
    for (cols, rows) in [(40, 10), (200, 60), (61, 16), (90, 30), (120, 40)] {
        terminal.resize(cols, rows);
        std::thread::sleep(std::time::Duration::from_millis(150));
    }
    let screen = terminal.wait("following");
    assert!(screen.contains("of block"), "{screen}");
    terminal.press("g");
    terminal.wait_for("the first kept lines", |screen| screen.contains("lines before the end") && screen.contains("of block"));
    terminal.press("q");
    terminal.wait_gone("lines before the end");
    terminal.leave();
}

#[test]
fn a_key_in_the_moment_of_a_resize_is_read() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, (120, 40), &["run", RUNBOOK, "--lab", "--speed", "1"]);
    terminal.wait("1.1 The right two servers");
    for round in 0_u16..40 {
        terminal.resize(110 + round % 2, 40);
        terminal.burst("?");
        terminal.wait("┌ Help");
        terminal.resize(112 + round % 2, 40);
        terminal.burst("\x1b");
        terminal.wait_gone("┌ Help");
    }
    terminal.leave();
}
