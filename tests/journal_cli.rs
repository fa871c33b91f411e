//! `lockstep sessions` and `lockstep report`, on directories with the old journal in them.

use std::fs;
use std::path::Path;

use lockstep::cli::data_dir::DataDir;
use lockstep::cli::{report, sessions};

const ID: &str = "20261121-213000-5eed01";

/// A session directory with the journal of the first release, changed or not.
fn place(data: &Path, id: &str, change: impl Fn(String) -> String) {
    let dir = data.join("sessions").join(id);
    for part in ["attachments", "transcripts"] {
        fs::create_dir_all(dir.join(part)).expect("made");
    }
    fs::write(dir.join("runbook.md"), include_str!("fixtures/journals/v1.md")).expect("written");
    fs::write(dir.join("journal.jsonl"), change(include_str!("fixtures/journals/v1.jsonl").to_owned())).expect("written");
}

fn list(data: &Path, json: bool) -> String {
    let mut out = Vec::new();
    let args = sessions::SessionsArgs { json, data: DataDir { data_dir: Some(data.to_owned()) } };
    assert_eq!(sessions::run(&args, &mut out).expect("a list"), 0);
    String::from_utf8(out).expect("UTF-8")
}

fn report(data: &Path, id: Option<&str>, json: bool) -> Result<(u8, String), String> {
    let mut out = Vec::new();
    let args = report::ReportArgs { id: id.map(str::to_owned), json, data: DataDir { data_dir: Some(data.to_owned()) } };
    let code = report::run(&args, &mut out).map_err(|error| error.to_string())?;
    Ok((code, String::from_utf8(out).expect("UTF-8")))
}

#[test]
fn the_list_says_where_each_session_stands() {
    let data = tempfile::tempdir().expect("a directory");
    assert_eq!(list(data.path(), false), "There is no session yet.\n");
    assert_eq!(list(data.path(), true), "[]\n");
    place(data.path(), ID, |journal| journal);
    let first_lines = |count: usize| move |journal: String| journal.split_inclusive('\n').take(count).collect();
    place(data.path(), "20261122-1", first_lines(20));
    place(data.path(), "20261123-1", first_lines(16));
    place(data.path(), "20261124-1", |journal| journal.replacen("anna", "otto", 1));
    let text = list(data.path(), false);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "20261124-1  cannot be opened");
    assert!(lines[1].contains("line 1 is damaged: expected the checksum"), "{}", lines[1]);
    assert_eq!(lines[2], "20261123-1  Swap the active role  CHG0045871");
    assert!(lines[3].starts_with("    between two steps, 16 events, the last "), "{}", lines[3]);
    assert!(lines[5].starts_with("    at 2.1 The active server goes into staging, 20 events, the last "), "{}", lines[5]);
    assert!(lines[7].starts_with("    closed, rolled back, 46 events, the last "), "{}", lines[7]);
    let rows: serde_json::Value = serde_json::from_str(&list(data.path(), true)).expect("JSON");
    let states: Vec<&str> = rows.as_array().expect("rows").iter().map(|row| row["state"].as_str().expect("a state")).collect();
    assert_eq!(states, ["unreadable", "open", "open", "closed"]);
}

#[test]
fn the_report_is_of_the_newest_or_of_the_one_that_is_named() {
    let data = tempfile::tempdir().expect("a directory");
    assert!(report(data.path(), None, false).expect_err("none").starts_with("there is no session in "));
    place(data.path(), ID, |journal| journal);
    place(data.path(), "20261122-1", |journal| journal.split_inclusive('\n').take(3).collect());
    let (code, newest) = report(data.path(), None, false).expect("a report");
    assert!(code == 0 && newest.contains("**Not closed.**"));
    let (code, named) = report(data.path(), Some("20261121"), false).expect("a report");
    assert!(named.starts_with("# Report: Swap the active role\n") && named.contains("rolled back"));
    assert!(code == 1 && named.contains("**DAMAGED EVIDENCE** pasted.txt: the file is missing"));
    let (_, json) = report(data.path(), Some(ID), true).expect("a report");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["session"]["session"], ID);
}

#[test]
fn a_damaged_journal_gives_no_report() {
    let data = tempfile::tempdir().expect("a directory");
    place(data.path(), ID, |journal| journal.replacen("was not used", "was well used", 1));
    let words = report(data.path(), None, false).expect_err("damaged");
    assert!(words.contains("journal.jsonl: line 35 is damaged: expected the checksum"), "{words}");
}
