//! `lockstep status --watch` as an operator has it: in place on a terminal, blocks and lines where nobody looks.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::fake::eventually;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lockstep");

/// A world in which something happens at once.
const BUSY: &str = "title: Busy\ndescription: The wizard is opened on the standby.\nservers:\n  old: { host: EC01, starts: active }\n  new: { host: EC02, starts: staging }\nscript:\n  - { at: +12s, do: wizard new open }\n";

/// Arguments for both servers of the world in this folder.
fn servers(folder: &Path) -> [String; 4] {
    std::fs::write(folder.join("busy.yaml"), BUSY).expect("scenario");
    let target = |role: &str| format!("{role}=lab:{}/{role}", folder.join("busy.yaml").display());
    ["--server".into(), target("old"), "--server".into(), target("new")]
}

fn watch(folder: &Path, more: &[&str]) -> Child {
    Command::new(PROGRAM)
        .args(["status", "--watch"])
        .args(servers(folder))
        .args(more)
        .env("LOCKSTEP_CONFIG_DIR", folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Ctrl+C, and the exit code.
fn interrupt(mut child: Child) -> Option<i32> {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    child.wait().expect("an end").code()
}

#[test]
fn where_nobody_looks_the_whole_comes_once_and_then_a_block_for_every_change() {
    let folder = tempfile::tempdir().expect("folder");
    let mut child = watch(folder.path(), &[]);
    let mut lines = BufReader::new(child.stdout.take().expect("output")).lines().map(|line| line.expect("text"));
    let head = lines.next().expect("a heading");
    assert!(head.contains("old EC01") && head.contains("STAGING"), "{head}");
    let mut told = Vec::new();
    for line in lines.by_ref() {
        let wizard = line.contains("Wizard.Open");
        told.push(line);
        if wizard {
            break;
        }
    }
    let block = told.iter().rposition(String::is_empty).expect("a block of its own");
    assert!(told[block + 1].ends_with(" UTC"), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("  new EC02: Wizard.Open False -> True"), "{told:?}");
    assert!(told.iter().all(|line| !line.contains('\u{1b}')), "{told:?}");
    // The open wizard suspends the scheduler of that server: a warning, or worse.
    assert!(matches!(interrupt(child), Some(0..=2)));
}

#[test]
fn as_json_every_update_is_a_value_tree_on_one_line() {
    let folder = tempfile::tempdir().expect("folder");
    let mut child = watch(folder.path(), &["--json"]);
    let mut lines = BufReader::new(child.stdout.take().expect("output")).lines().map(|line| line.expect("text"));
    let open = |line: &str| {
        let tree: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        for part in ["old", "new", "servers", "pair", "tenant", "findings"] {
            assert!(tree.get(part).is_some(), "{part} in {line}");
        }
        assert!(tree["old"]["$read"]["core"]["$datetime"].is_string(), "{line}");
        tree["new"]["Wizard"]["Open"] == true
    };
    assert!(!open(&lines.next().expect("a first tree")));
    assert!(lines.by_ref().any(|line| open(&line)));
    assert!(matches!(interrupt(child), Some(0..=2)));
}

#[test]
fn on_a_terminal_it_is_drawn_in_place() {
    let folder = tempfile::tempdir().expect("folder");
    let size = PtySize { rows: 50, cols: 100, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["status", "--watch"]);
    command.args(servers(folder.path()));
    command.env("LOCKSTEP_CONFIG_DIR", folder.path());
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    drop(pair.slave);
    let shown = Arc::new(Mutex::new(Vec::new()));
    let mut output = pair.master.try_clone_reader().expect("output");
    let sink = Arc::clone(&shown);
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
        }
    });
    let screen = || {
        let cells = |n: u16| std::num::NonZeroU16::new(n).expect("not 0");
        let mut terminal = vt100::Parser::new(cells(50), cells(100), 0);
        terminal.process(&shown.lock().unwrap_or_else(PoisonError::into_inner));
        terminal.screen().contents()
    };
    eventually("the wizard is on the screen", || {
        screen().lines().any(|line| line.starts_with("wizard") && line.contains("open,"))
    });
    let text = screen();
    assert_eq!(text.matches("StagingModeEnabled").count(), 1, "one look, not two below each other:\n{text}");
    child.kill().expect("an end");
    drop(pair.master);
    let _ = child.wait();
    let _ = reader.join();
}

#[test]
fn a_file_of_ones_own_is_a_server_for_every_verb() {
    let folder = tempfile::tempdir().expect("folder");
    let [_, old, ..] = servers(folder.path());
    let (_, target) = old.split_once('=').expect("a target");
    let of = |args: &[&str]| {
        Command::new(PROGRAM).args(args).env("LOCKSTEP_CONFIG_DIR", folder.path()).output().expect("the program starts")
    };
    let status = of(&["status", "--verbose", "--server", &old]);
    let text = String::from_utf8_lossy(&status.stdout).into_owned();
    assert_eq!(status.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&status.stderr));
    assert!(text.contains("Connections of old") && text.contains("watch    live: EC01 as "), "{text}");
    let tested = of(&["self-test", target]);
    let report = String::from_utf8_lossy(&tested.stdout).into_owned();
    assert!(report.contains("simulated server") && report.contains("passed  facts: core"), "{report}");
    let runbook = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/decommission.md");
    let real = of(&["run", runbook, "--server", &old, "--server", "new=winrm://ec02"]);
    assert!(String::from_utf8_lossy(&real.stderr).contains("not of one kind"), "{}", String::from_utf8_lossy(&real.stderr));
}
