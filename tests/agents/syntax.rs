//! Whether commands are PowerShell, asked of a PowerShell: by `lockstep check`, and in a session before they are run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lockstep::cli::check::{self, Ask, CheckArgs, Color};
use lockstep::facts::ServerName;
use lockstep::io::agent::AgentEvent;
use lockstep::rb1::{Frame, Group};

use super::fake::{Watched, fake, options, program};

const RUNBOOK: &str = "---\nlockstep: 1\nroles: { old: { starts: any } }\n---\n## A {#a on=old}\n\n1. First\n\n   ```powershell\n   Get-Date\n     syntax Missing closing '}'.\n   ```\n\n```powershell\nGet-Host\n```\n\n```powershell\nsyntax one\nsyntax two\n```\n";

fn checked(text: &str, powershell: Ask, json: bool) -> (u8, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file: PathBuf = folder.path().join("x.md");
    std::fs::write(&file, text).expect("written");
    let args = CheckArgs {
        files: vec![file.clone(), file],
        json,
        deny: None,
        rules: false,
        color: Color::Never,
        powershell,
        verbose: true,
    };
    let mut out = Vec::new();
    let code = check::run(&args, &mut out).expect("it runs");
    (code, String::from_utf8(out).expect("text"))
}

#[test]
fn check_asks_a_powershell_and_underlines_what_it_refuses() {
    let (code, text) = checked(RUNBOOK, Ask::Program(program().into()), false);
    assert_eq!((code, text.matches("error[powershell-syntax]").count()), (1, 6), "{text}");
    for part in ["PowerShell: Missing closing '}'.", "x.md:11:6", "x.md:19:1", "x.md:20:1", "2 files checked: 6 errors"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let (_, json) = checked(RUNBOOK, Ask::Program(program().into()), true);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let place = |n: usize| ["rule", "line", "column", "endColumn"].map(|key| json[n][key].to_string());
    assert_eq!(place(0), ["\"powershell-syntax\"", "11", "6", "12"]);
    assert_eq!(place(2), ["\"powershell-syntax\"", "20", "1", "11"]);
}

#[test]
fn what_the_own_lexer_found_is_not_told_twice() {
    let text = RUNBOOK.replace("syntax one", "syntax 'one");
    let (_, text) = checked(&text, Ask::Program(program().into()), false);
    assert_eq!(text.matches("error[command-syntax]").count(), 2, "{text}");
    assert_eq!(text.matches("error[powershell-syntax]").count(), 2, "{text}");
}

#[test]
fn without_one_nothing_is_wrong_and_only_the_talkative_hear_of_it() {
    let missing = Ask::Program(Path::new("/nowhere/pwsh").into());
    let (code, text) = checked(RUNBOOK, missing, false);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("note: /nowhere/pwsh was not asked for the syntax of commands: "), "{text}");
    let (code, json) = checked(RUNBOOK, Ask::Nobody, true);
    assert_eq!((code, json.trim()), (0, "[]"));
    let (_, how_to) = checked("# How to\n\n```powershell\nsyntax one\n```\n", Ask::Program(program().into()), false);
    assert!(!how_to.contains("powershell-syntax"), "{how_to}");
}

#[test]
fn a_session_asks_the_survey_agent_between_its_readings() {
    let mut watched = Watched::start(fake(&[]), options());
    let server = ServerName::from("old");
    watched.agents.read(&server, &[Group::Runs], None, Duration::from_secs(30));
    watched.agents.parse(&server, "syntax no end\nGet-Date\nsyntax \u{1b}[31mno beginning".into());
    watched.agents.parse(&server, "Get-Date".into());
    watched.agents.read(&server, &[Group::Host], None, Duration::from_secs(30));
    let mut told = Vec::new();
    watched.until(|event| match event {
        AgentEvent::Parsed { server, problem, .. } => {
            told.push(format!("{server}: {problem:?}"));
            None
        }
        AgentEvent::Reading { frame: Frame::Reading { group: Group::Host, .. }, .. } => Some(()),
        _ => None,
    });
    assert_eq!(told, ["old: Some(\"line 1: no end; line 3: no beginning\")", "old: None"]);
}
