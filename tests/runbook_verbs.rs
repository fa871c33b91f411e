//! The verbs `check`, `outline` and `new` over files.

use std::path::{Path, PathBuf};

use lockstep::cli::check::{self, Ask, CheckArgs, Color, Deny};
use lockstep::cli::new::{self, NewArgs, TEMPLATE};
use lockstep::cli::outline::{self, OutlineArgs};
use lockstep::runbook::{load, rules};
use serde_json::Value as Json;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/runbooks").join(name)
}

fn check_with(files: &[PathBuf], change: impl FnOnce(&mut CheckArgs)) -> (u8, String) {
    let mut args = CheckArgs {
        files: files.to_vec(),
        json: false,
        deny: None,
        rules: false,
        color: Color::Never,
        powershell: Ask::Nobody,
        verbose: false,
    };
    change(&mut args);
    let mut out = Vec::new();
    let code = check::run(&args, &mut out).expect("it runs");
    (code, String::from_utf8(out).expect("text"))
}

#[test]
fn a_clean_runbook_exits_with_0() {
    let (code, text) = check_with(&[fixture("swap.md")], |_| {});
    assert_eq!((code, text.as_str()), (0, "1 file checked, nothing found\n"));
}

#[test]
fn errors_exit_with_1_and_are_shown_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.md");
    std::fs::write(&file, "---\nlockstep: 1\nrols: {}\n---\n## A {#a}\n\n![x](gone.png)\n").expect("written");
    let (code, text) = check_with(std::slice::from_ref(&file), |_| {});
    assert_eq!(code, 1);
    assert!(
        text.contains("error[unknown-key]") && text.contains("bad.md:3:1") && text.contains("warning[missing-picture]"),
        "{text}"
    );
    assert!(text.ends_with("1 file checked: 1 error, 1 warning\n"), "{text}");
    let (code, text) = check_with(&[file], |args| args.json = true);
    let json: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, json[0]["rule"].as_str(), json[0]["line"].as_u64()), (1, Some("unknown-key"), Some(3)));
    assert_eq!(json[1]["severity"], "warning");
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("warn.md");
    std::fs::write(&file, "---\nlockstep: 1\n---\n## A {#a}\n\n![x](gone.png)\n").expect("written");
    assert_eq!(check_with(std::slice::from_ref(&file), |_| {}).0, 0);
    assert_eq!(check_with(&[file], |args| args.deny = Some(Deny::Warnings)).0, 1);
}

#[test]
fn what_cannot_be_read_exits_with_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = folder.path().join("large.md");
    std::fs::write(&large, vec![b'a'; 5 * 1024 * 1024]).expect("written");
    for file in [folder.path().join("none.md"), large] {
        let (code, text) = check_with(std::slice::from_ref(&file), |_| {});
        assert_eq!(code, 2, "{text}");
        assert!(check_with(&[file], |args| args.json = true).1.contains("\"unreadable\""));
    }
}

#[test]
fn a_how_to_is_told_as_one() {
    let (code, text) = check_with(&[fixture("upgrade-how-to.md")], |_| {});
    assert_eq!(code, 0);
    assert!(text.contains("note[plain-how-to]"), "{text}");
}

#[test]
fn every_rule_is_listed() {
    let (code, text) = check_with(&[], |args| args.rules = true);
    assert_eq!((code, text.lines().count()), (0, rules::ALL.len()));
}

#[test]
fn the_outline_says_what_was_understood() {
    let run = |json| {
        let mut out = Vec::new();
        let code = outline::run(&OutlineArgs { file: fixture("swap.md"), json }, &mut out).expect("it runs");
        (code, String::from_utf8(out).expect("text"))
    };
    insta::assert_snapshot!(run(false).1);
    let json: Json = serde_json::from_str(&run(true).1).expect("JSON");
    assert_eq!(json["phases"][1]["steps"][1]["makes"], "active");
    assert_eq!(json["phases"][1]["steps"][1]["gates"][0]["withinSeconds"], 1_800);
}

#[test]
fn new_writes_a_clean_runbook_and_never_over_a_file() {
    let loaded = load("new.md", TEMPLATE.as_bytes());
    assert_eq!(loaded.diagnostics, []);
    let folder = tempfile::tempdir().expect("a folder");
    let args = NewArgs { file: folder.path().join("mine.md") };
    assert_eq!(new::run(&args, &mut Vec::new()).expect("written"), 0);
    assert_eq!(std::fs::read_to_string(&args.file).expect("there"), TEMPLATE);
    std::fs::write(&args.file, "mine").expect("written");
    assert!(new::run(&args, &mut Vec::new()).expect_err("refused").to_string().contains("left alone"));
    assert_eq!(std::fs::read_to_string(&args.file).expect("there"), "mine");
}

#[test]
fn a_folder_stands_for_the_runbooks_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("b.md", "---\nlockstep: 1\n---\n## A {#a}\n\n- [ ] x\n");
    write("below/a.MD", "---\nlockstep: 1\nrols: {}\n---\n");
    write("below/meant.md", "---\nLockstep: 1\n---\n");
    write("how-to.md", "# How\n\n- [ ] x\n");
    write("notes.txt", "---\nlockstep: 1\nrols: {}\n---\n");
    write(".hidden/c.md", "---\nlockstep: 1\nrols: {}\n---\n");
    let (code, text) = check_with(&[folder.path().to_owned()], |_| {});
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("a.MD:3:1") && text.contains("front-matter-lost") && !text.contains("how-to.md"), "{text}");
    assert!(text.ends_with("3 files checked: 1 error, 1 warning\n"), "{text}");
    let empty = tempfile::tempdir().expect("a folder");
    let (code, text) = check_with(&[empty.path().to_owned()], |_| {});
    assert_eq!((code, text.as_str()), (2, "no runbook was found\n"));
}
