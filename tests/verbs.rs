//! The verbs that look without a session, run as the program: status of simulated servers, the lab's lists, the agent.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;
use std::process::{Command, Output};

fn lockstep(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(args)
        .env("LOCKSTEP_CONFIG_DIR", folder)
        .env("LOCKSTEP_ASCII", "0")
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const PAIR: [&str; 5] = ["status", "--server", "old=lab:clean-swap/old", "--server", "new=lab:clean-swap/new"];

#[test]
fn status_shows_both_servers_of_a_fresh_lab() {
    let folder = tempfile::tempdir().unwrap();
    let output = lockstep(folder.path(), &PAIR);
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}{}", errors(&output));
    let head = shown.lines().next().unwrap();
    assert!(head.contains("ACTIVE") && head.contains("STAGING"), "{shown}");
    let staging = shown.lines().find(|line| line.starts_with("StagingModeEnabled")).unwrap();
    assert_eq!(staging.split_whitespace().collect::<Vec<_>>(), ["StagingModeEnabled", "False", "≠", "True"]);
    assert!(!shown.contains("not read yet"), "{shown}");
    assert_eq!(errors(&output), "", "progress is for terminals only");
}

#[test]
fn gates_are_answered_over_what_status_writes() {
    let folder = tempfile::tempdir().unwrap();
    let output = lockstep(folder.path(), &[&PAIR[..], &["--json"]].concat());
    std::fs::write(folder.path().join("facts.json"), &output.stdout).unwrap();
    let lines = [
        "$old.Scheduler.StagingModeEnabled -eq $false",
        "$new.Scheduler.StagingModeEnabled",
        "$new.Idle -or -not $new.Idle",
        "$old.Version -ge [version]'2.5.79.0'",
        "$servers.Count -eq 2",
        "$findings -notcontains 'dual-active'",
        "$new.Connectors.Count -gt 1",
    ];
    let answers = lockstep(folder.path(), &[&["gate", "--facts", "facts.json"], &lines[..]].concat());
    assert_eq!(answers.status.code(), Some(0), "{}", text(&answers));
    let captured = lockstep(folder.path(), &["gate", "--facts", "facts.json", "$inputs.ticket -eq 'x'", "$step.StartedAt"]);
    assert_eq!(text(&captured).matches("Unknown ").count(), 2, "{}", text(&captured));
}

#[test]
fn the_exit_code_tells_the_worst_finding() {
    let folder = tempfile::tempdir().unwrap();
    let of = |args: &[&str]| lockstep(folder.path(), &[&["status"], args].concat());
    let rogue = of(&["--server", "old=lab:rogue-third/old", "--server", "rogue=lab:rogue-third/rogue"]);
    assert_eq!(rogue.status.code(), Some(2), "{}", text(&rogue));
    let lost = of(&["--server", "old=lab:old-unreachable/old", "--server", "new=lab:old-unreachable/new"]);
    assert_eq!(lost.status.code(), Some(3), "{}", text(&lost));
    assert!(text(&lost).contains("lost"), "{}", text(&lost));
    for (target, words) in [("lab:clean-swop/old", "did you mean 'clean-swap'"), ("lab:clean-swap/odl", "it has old, new")] {
        let none = of(&["--server", &format!("old={target}")]);
        assert_eq!(none.status.code(), Some(3));
        assert!(errors(&none).contains(words), "{}", errors(&none));
    }
}

#[test]
fn a_pair_is_named_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = "[pairs.contoso]\nold = 'lab:clean-swap/old'\nnew = 'lab:clean-swap/new'\n";
    std::fs::write(folder.path().join("lockstep.toml"), file).unwrap();
    let output = lockstep(folder.path(), &["status", "--pair", "contoso"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let other = lockstep(folder.path(), &["status", "--pair", "fabrikam"]);
    assert_eq!(other.status.code(), Some(3));
    assert!(errors(&other).contains("there are contoso"), "{}", errors(&other));
}

#[test]
fn a_rule_edited_since_the_baseline_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let status = ["status", "--server", "new=lab:clean-swap/new", "--json"];
    let changed = |json: &serde_json::Value| -> Vec<serde_json::Value> {
        json["servers"][0]["Rules"].as_array().unwrap().iter().map(|rule| rule["Changed"].clone()).collect()
    };
    let written = lockstep(folder.path(), &status);
    let mut untouched: serde_json::Value = serde_json::from_slice(&written.stdout).unwrap();
    let none = changed(&untouched)[0]["$unknown"].as_str().unwrap().to_owned();
    assert!(none.starts_with("no baseline for version 2."), "{none}");
    std::fs::write(folder.path().join("lockstep.toml"), "baselines = ['untouched.json']\n").unwrap();
    std::fs::write(folder.path().join("untouched.json"), &written.stdout).unwrap();
    let shown = text(&lockstep(folder.path(), &["config"]));
    assert!(shown.lines().any(|line| line.starts_with("baselines ") && line.ends_with("file line 1")), "{shown}");
    let same = changed(&serde_json::from_slice(&lockstep(folder.path(), &status).stdout).unwrap());
    assert!(same.iter().all(|changed| *changed == false || changed.is_null()) && same[0] == false, "{same:?}");

    // The server's first rule is as another edit of it: what the untouched installation had was another.
    untouched["servers"][0]["Rules"][0]["Fingerprint"] = "as delivered".into();
    std::fs::write(folder.path().join("untouched.json"), untouched.to_string()).unwrap();
    let edited = changed(&serde_json::from_slice(&lockstep(folder.path(), &status).stdout).unwrap());
    assert!(edited[0] == true && edited[1..] == same[1..], "{edited:?}");

    std::fs::write(folder.path().join("untouched.json"), "{}").unwrap();
    let broken = lockstep(folder.path(), &status);
    assert_eq!(broken.status.code(), Some(3));
    let words = errors(&broken);
    let said = lockstep(folder.path(), &["config"]);
    assert_eq!(said.status.code(), Some(2));
    for words in [words, text(&said)] {
        for part in ["lockstep.toml:1: ", "untouched.json", "no array 'servers'", "expected a server", "lockstep status --server"]
        {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
    std::fs::remove_file(folder.path().join("untouched.json")).unwrap();
    let said = lockstep(folder.path(), &["config", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!((said.status.code(), json["problems"].as_array().unwrap().len()), (Some(2), 1), "{json}");
    assert!(json["problems"][0].as_str().unwrap().contains("cannot be read"), "{json}");
}

#[test]
fn the_lab_lists_shows_and_checks_scenarios() {
    let folder = tempfile::tempdir().unwrap();
    let of = |args: &[&str]| lockstep(folder.path(), &[&["lab"], args].concat());
    let listed = text(&of(&["list"]));
    assert!(listed.lines().any(|line| line.starts_with("clean-swap ")), "{listed}");
    for name in listed.lines().filter_map(|line| line.split_whitespace().next()) {
        let shown = of(&["show", name]);
        assert_eq!(shown.status.code(), Some(0), "{}", text(&shown));
        assert!(text(&shown).contains("Servers\n"), "{}", text(&shown));
    }
    assert_eq!(of(&["show", "clean-swop"]).status.code(), Some(2));
    assert!(text(&of(&["faults"])).contains("wizard-left-open"));

    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let servers = "title: t\ndescription: d\nservers:\n  old: { host: EC01, starts: active }\n";
    write("good.yaml", servers);
    write("role.yaml", &format!("{servers}script:\n  - {{ at: +1m, do: wizard nwe open }}\n"));
    write("verb.yaml", &format!("{servers}script:\n  - {{ at: +1m, do: wizard old opne }}\n"));
    write("key.yaml", &format!("{servers}sevrers: 1\n"));
    let good = of(&["check", "good.yaml"]);
    assert_eq!((good.status.code(), text(&good).as_str()), (Some(0), "good.yaml: 1 server, nothing found\n"));
    for (file, words) in [("role.yaml", "no server 'nwe'"), ("verb.yaml", "opne"), ("key.yaml", "sevrers"), ("no.yaml", "cannot")]
    {
        let wrong = of(&["check", file]);
        assert_eq!(wrong.status.code(), Some(if file == "no.yaml" { 2 } else { 1 }), "{file}");
        assert!(text(&wrong).contains(words) && text(&wrong).contains(file), "{file}: {}", text(&wrong));
    }
}

#[test]
fn the_agent_is_printed_as_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let agent = lockstep(folder.path(), &["agent"]);
    assert_eq!(agent.stdout, lockstep::io::agent::AGENT.as_bytes());
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let mut running = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .arg("agent")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("lockstep starts");
    drop(running.stdout.take());
    let output = running.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", errors(&output));
}

#[test]
fn what_cannot_be_done_as_asked_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    write("latin.md", b"---\nlockstep: 1\ntitle: Umz\xfcge\n---\n");
    write("facts.json", b"[]");
    let of: [&[&str]; 13] = [
        &["run", "no.md", "--lab"],
        &["run", "latin.md", "--lab"],
        &["resume", "2020"],
        &["report", "2020"],
        &["check", "no.md"],
        &["check", "latin.md"],
        &["outline", "no.md"],
        &["outline", "latin.md"],
        &["test", "no.md"],
        &["gate", "--facts", "facts.json", "$true"],
        &["self-test", "nowhere://x"],
        &["new", "latin.md"],
        &["run"],
    ];
    for args in of {
        let output = Command::new(env!("CARGO_BIN_EXE_lockstep"))
            .args(args)
            .env("LOCKSTEP_CONFIG_DIR", folder.path())
            .env("LOCKSTEP_DATA_DIR", folder.path().join("data"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}{}", text(&output), errors(&output));
    }
    write("lockstep.toml", b"theme = 7\n");
    assert_eq!(lockstep(folder.path(), &["config"]).status.code(), Some(2));
}
