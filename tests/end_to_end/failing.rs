//! The program ended from outside, at any moment, by a full disk or by its own failure: the terminal is given back and the
//! session goes on.

use std::io::Write;
use std::time::Duration;

use lockstep::io::terminal::{Terminal as Screen, panicked, restore_on_panic};

use super::terminal::{Home, Terminal};

const RUNBOOK: &str = "runbooks/upgrade-by-staging-swap.md";
const SIZE: (u16, u16) = (100, 30);

fn given_back(raw: &[u8]) {
    let raw = String::from_utf8_lossy(raw);
    assert_eq!(raw.matches("\x1b[?1049h").count(), raw.matches("\x1b[?1049l").count(), "the alternate screen: {raw:?}");
    let (hidden, shown) = (raw.rfind("\x1b[?25l"), raw.rfind("\x1b[?25h"));
    assert!(hidden.is_none() || hidden < shown, "the cursor stays hidden");
}

#[test]
fn a_signal_leaves_the_terminal_and_the_session_in_order() {
    for signal in ["TERM", "HUP"] {
        let home = Home::new();
        let mut terminal = Terminal::start(&home, SIZE, &["run", RUNBOOK, "--lab"]);
        terminal.wait("1.1 The right two servers");
        terminal.press(" ");
        terminal.wait("[x]");
        terminal.signal(signal);
        assert_eq!(terminal.ended(), 0, "{signal}");
        given_back(&terminal.raw());

        let mut terminal = Terminal::start(&home, SIZE, &["resume"]);
        terminal.wait("chain intact");
        terminal.press("\r");
        terminal.wait("[x]");
        terminal.leave();
    }
}

#[test]
fn a_kill_at_any_moment_leaves_a_session_that_goes_on() {
    let home = Home::new();
    // Odd spans, so that the kills fall before the first frame, into the world's first save, between an event and its sync.
    for (round, millis) in [7, 41, 103, 170, 310, 640, 23, 900].into_iter().enumerate() {
        let begun = begun(&home).is_some();
        let args: &[&str] = if begun { &["resume"] } else { &["run", RUNBOOK, "--lab", "--speed", "60"] };
        let mut terminal = Terminal::start(&home, SIZE, args);
        if round > 2 {
            terminal.wait(if begun { "chain intact" } else { "1.1 The right two servers" });
            terminal.press("\r j j nab");
        }
        std::thread::sleep(Duration::from_millis(millis));
        terminal.kill();
    }
    let mut terminal = Terminal::start(&home, SIZE, &["resume"]);
    terminal.wait("chain intact");
    terminal.press("\r");
    terminal.wait(" 1.");
    terminal.leave();
    let id = begun(&home).expect("a session");
    assert!(home.says(&["report", &id]).contains("REHEARSAL"));
}

/// The newest session of which an event reached the disk.
fn begun(home: &Home) -> Option<String> {
    let sessions = std::fs::read_dir(home.data().join("sessions")).ok()?.filter_map(Result::ok);
    let began = sessions.filter(|dir| std::fs::read(dir.path().join("journal.jsonl")).is_ok_and(|bytes| bytes.contains(&b'\n')));
    began.map(|dir| dir.file_name().to_string_lossy().into_owned()).max()
}

#[test]
fn a_full_disk_makes_it_read_only_and_the_exit_code_says_so() {
    let home = Home::new();
    let text = "---\nlockstep: 1\ntitle: Short\nid: short\nversion: 1.0.0\nroles:\n  old: { title: Active, starts: active }\n  new: { title: Standby, starts: staging }\n---\n\n# Short\n\n## Only {#only}\n\n### Tick {#tick}\n\n- [ ] One\n- [ ] Two\n";
    let file = home.file("short.md", text.as_bytes()).display().to_string();
    // Files of 16 KiB at most stand for a disk that is full: some dozen events fit, the world does not.
    let limited = format!("trap '' XFSZ; ulimit -f 16; exec {} run {file} --lab", env!("CARGO_BIN_EXE_lockstep"));
    let mut terminal = Terminal::start_program(&home, SIZE, "bash", &["-c", &limited], &[]);
    terminal.wait("1.1 Tick");
    for _ in 0..60 {
        if terminal.shows("READ-ONLY") {
            break;
        }
        terminal.press(" j k");
    }
    terminal.wait("READ-ONLY");
    terminal.press(" ");
    terminal.wait("cannot be written");
    terminal.press("q");
    assert_ne!(terminal.ended(), 0);
    given_back(&terminal.raw());

    // With room again it goes on, with a world made anew.
    let mut terminal = Terminal::start(&home, SIZE, &["resume"]);
    terminal.wait("chain intact");
    terminal.press("\r");
    terminal.wait_gone("chain intact");
    terminal.leave();
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_reported() {
    let home = Home::new();
    let me = std::env::current_exe().expect("this program");
    let args = ["--exact", "failing::panics_beside_the_screen", "--ignored", "--nocapture"];
    let mut terminal = Terminal::start_program(&home, SIZE, &me.display().to_string(), &args, &[]);
    terminal.ended();
    let raw = terminal.raw();
    given_back(&raw);
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let place = |words: &str| raw.find(words).unwrap_or_else(|| panic!("no {words:?} in {raw}"));
    assert!(place("drawn") < place("\x1b[?1049l"));
    assert!(place("\x1b[?1049l") < place("it fails on purpose"));
    assert!(place("it fails on purpose") < place("the loop was told"));
}

#[test]
#[ignore = "it is started by the test of panics, in a terminal of its own"]
fn panics_beside_the_screen() {
    restore_on_panic();
    let mut screen = Screen::on().expect("a terminal");
    screen.draw(|frame| frame.render_widget("drawn", frame.area())).expect("a frame");
    let failed = std::thread::spawn(|| panic!("it fails on purpose")).join();
    assert!(failed.is_err());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), panicked()).await }).expect("it is told");
    writeln!(std::io::stdout(), "the loop was told").expect("a line");
}
