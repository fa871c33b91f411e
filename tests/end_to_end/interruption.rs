//! A session that was cut off, left, or is open elsewhere.

use std::time::Duration;

use super::operator::{Operator, SIZE};
use super::terminal::{Home, Terminal};

const RUNBOOK: &str = "runbooks/upgrade-by-staging-swap.md";

#[test]
fn a_kill_in_the_middle_loses_nothing_confirmed() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, SIZE, &["run", RUNBOOK, "--lab", "--speed", "600"]);
    terminal.wait("1.1 The right two servers");
    Operator::new(&mut terminal, &home).until("step 1.3", |screen| screen.contains(" 1.3 Nobody interferes"));
    // What the screen shows as confirmed is durable by then.
    terminal.kill();
    let before = home.journal();

    let mut terminal = Terminal::start(&home, SIZE, &["resume"]);
    let screen = terminal.wait("chain intact");
    assert!(screen.contains("at 1.3"), "{screen}");
    Operator::new(&mut terminal, &home).until("step 1.4", |screen| screen.contains(" 1.4 Export the settings"));
    terminal.leave();
    let after = home.journal();
    let kept = before.rfind('\n').map_or("", |end| &before[..=end]);
    assert!(after.starts_with(kept), "events were lost");
}

#[test]
fn a_command_that_was_cut_off_is_resolved() {
    let home = Home::new();
    let text = "---\nlockstep: 1\ntitle: One command\nid: one-command\nversion: 1.0.0\nroles:\n  old: { title: Active, starts: active }\n  new: { title: Standby, starts: staging }\n---\n\n# One command\n\n## Only {#only}\n\n### Take some time {#slow}\n\n```powershell {#sleep on=old run=ask}\nStart-Sleep -Seconds 600\n```\n\n### The end {#end}\n\n- [ ] Done\n";
    let file = home.file("one.md", text.as_bytes());
    let mut terminal = Terminal::start(&home, (120, 40), &["run", &file.display().to_string(), "--lab", "--speed", "1"]);
    terminal.wait("r run on");
    terminal.wait("live");
    terminal.press("r");
    terminal.wait("r run  c copy");
    std::thread::sleep(Duration::from_millis(100));
    terminal.press("r");
    terminal.wait_gone("r run  c copy");
    terminal.wait("running");
    terminal.kill();

    let mut terminal = Terminal::start(&home, (120, 40), &["resume"]);
    // The step says it too, a frame before the report of the resumption is there.
    terminal.wait("chain intact");
    let screen = terminal.wait("its end was never seen");
    assert!(screen.contains("at 1.1"), "{screen}");
    terminal.press("\r");
    terminal.wait_gone("Enter go on");
    terminal.press("\r");
    terminal.wait("an interrupted command to resolve");
    terminal.press("s");
    terminal.wait("1 it finished");
    terminal.press("2");
    terminal.wait("How you know");
    terminal.paste("the server was looked at");
    std::thread::sleep(Duration::from_millis(100));
    terminal.press("\x13");
    terminal.wait_gone("How you know");
    terminal.press("\r");
    terminal.wait("Enter record");
    terminal.press("\r");
    terminal.wait("1.2 The end");
    terminal.leave();
    assert!(home.journal().contains("the server was looked at"));
}

#[test]
fn what_was_left_goes_on_and_a_second_opener_only_reads() {
    let home = Home::new();
    let mut first = Terminal::start(&home, (100, 30), &["run", RUNBOOK, "--lab"]);
    first.wait("1.1 The right two servers");
    first.press(" ");
    first.wait("[x]");
    let mut second = Terminal::start(&home, (100, 30), &["resume"]);
    second.wait("1.1 The right two servers");
    second.press("n");
    second.wait("Read-only");
    second.leave();
    first.leave();
    let raw = String::from_utf8_lossy(&first.raw()).into_owned();
    assert_eq!(raw.matches("\x1b[?1049h").count(), raw.matches("\x1b[?1049l").count());

    let mut again = Terminal::start(&home, (100, 30), &["resume"]);
    again.wait("chain intact");
    again.press("\r");
    again.wait("[x]");
    again.leave();
}

#[test]
fn neither_colour_nor_drawing_where_none_is_wanted() {
    let home = Home::new();
    let env = [("NO_COLOR", "1"), ("LOCKSTEP_ASCII", "1")];
    let mut terminal = Terminal::start_with(&home, (80, 24), &["run", RUNBOOK, "--lab"], &env);
    terminal.wait("1.1 The right two servers");
    terminal.press("?");
    terminal.wait("Main view");
    terminal.press("\x1b");
    terminal.wait_gone("Main view");
    terminal.leave();
    let raw = terminal.raw();
    let other: Vec<u8> = raw.iter().copied().filter(|byte| !byte.is_ascii()).collect();
    assert!(other.is_empty(), "{}", String::from_utf8_lossy(&other));
    let raw = String::from_utf8_lossy(&raw).into_owned();
    for colour in raw.split("\x1b[").filter_map(|rest| rest.split_once('m')).map(|(codes, _)| codes) {
        let is_colour = |code: &str| matches!(code.parse::<u8>(), Ok(30..=38 | 40..=48 | 90..=97 | 100..=107));
        let codes = colour.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
        assert!(!codes || !colour.split(';').any(is_colour), "a colour: {colour}");
    }
}
