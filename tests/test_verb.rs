//! `lockstep test` as its user meets it: own runbooks in other folders, scripts that are wrong, what is printed and written.

use std::path::{Path, PathBuf};

use lockstep::cli::Cli;
use lockstep::runner::rehearsal::Script;

const SWAP: &str = "---
lockstep: 1
title: My own swap
id: own
version: 1.0.0
roles:
  old: { title: \"Active today\", starts: active }
  new: { title: \"To be promoted\", starts: staging }
---
# My own swap

## Swap {#swap}

### Ready {#ready on=new}

- [ ] Reviewed

```powershell {#delta run=manual}
Start-ADSyncSyncCycle -PolicyType Delta
```

```powershell {gate}
$new.Scheduler.StagingModeEnabled
$old.Idle
```

### Old into staging {#stage-old on=old makes=staging}

- [ ] Wizard

```powershell {gate within=10m}
$old.Scheduler.StagingModeEnabled
-not $old.Wizard.Open
```

### Promote {#promote on=new makes=active}

- [ ] Wizard

```powershell {gate within=30m keep}
-not $new.Scheduler.StagingModeEnabled
$new.Scheduler.SyncCycleEnabled
```
";

struct Folder {
    kept: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        let folder = Self { kept: tempfile::tempdir().expect("a folder") };
        folder.write("own.md", SWAP);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.kept.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// Runs the verb: its exit code and what it printed, or its error.
    fn test(&self, arguments: &[&str]) -> Result<(u8, String), String> {
        use clap::Parser as _;
        let runbook = self.path("own.md").display().to_string();
        let words = ["lockstep", "test", &runbook].into_iter().chain(arguments.iter().copied());
        let mut out = Vec::new();
        let code = Cli::try_parse_from(words).expect("arguments").run(&mut out).map_err(|error| format!("{error:#}"))?;
        Ok((code, String::from_utf8(out).expect("text")))
    }

    fn script(&self, text: &str) -> Result<(u8, String), String> {
        let path = self.write("s.yaml", text);
        self.test(&["--script", &path.display().to_string()])
    }
}

#[test]
fn without_a_script_the_usual_operator_walks_through() {
    let (code, told) = Folder::new().test(&[]).expect("it runs");
    assert_eq!(code, 0, "{told}");
    assert!(told.starts_with("My own swap / the usual operator on clean-swap\n  ok  passed      ready "), "{told}");
    assert!(told.contains("  3 as expected, 0 not; "), "{told}");
}

#[test]
fn scripts_beside_the_runbook_are_found() {
    let folder = Folder::new();
    folder.write("rehearsals/own/clean.yaml", "title: As planned\n");
    folder.write("rehearsals/own/stopped.yaml", "title: Stopped\nsteps:\n  - step: ready\n    do:\n      - note: enough\n");
    let (code, told) = folder.test(&[]).expect("it runs");
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("My own swap / As planned on") && told.contains("My own swap / Stopped on"), "{told}");
}

#[test]
fn what_came_otherwise_is_told_with_what_was_expected() {
    let (code, told) = Folder::new().script("steps:\n  - step: ready\n    expect: skipped\n").expect("it runs");
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("NOT passed      ready") && told.contains("expected skipped, came out passed"), "{told}");
}

#[test]
fn a_failure_in_junit_has_words_and_no_stray_brackets() {
    let folder = Folder::new();
    let junit = folder.path("out.xml");
    let text = "title: a <&\"> b\nsteps:\n  - step: stage-old\n    run: []\n    do:\n      - check: $old.Wizard.Open\n";
    let script = folder.write("s.yaml", text);
    let (code, told) =
        folder.test(&["--script", &script.display().to_string(), "--junit", &junit.display().to_string()]).expect("it runs");
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("expected passed, but:\n      $old.Wizard.Open: "), "{told}");
    assert!(told.contains("1 as expected, 1 not; the rehearsal stopped there; "), "{told}");
    let xml = std::fs::read_to_string(junit).expect("the file");
    assert!(xml.contains("name=\"My own swap / a &lt;&amp;&quot;&gt; b\" tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("<failure message=\"expected passed, but: $old.Wizard.Open: "), "{xml}");
    assert_eq!(xml.matches("<testcase ").count(), xml.matches("/>\n").count() + xml.matches("</testcase>").count(), "{xml}");
}

#[test]
fn words_that_the_runbook_does_not_know_are_told_with_their_line() {
    let folder = Folder::new();
    for (script, line, words) in [
        ("steps:\n  - step: ready\n  - step: stage-odl\n", 3, "no step 'stage-odl'; did you mean 'stage-old'?"),
        (
            "steps:\n  - step: ready\n    do:\n      - run: detla\n",
            4,
            "no command of the step ready 'detla'; did you mean 'delta'?",
        ),
        (
            "steps:\n  - step: ready\n    do:\n      - finding: dual-activ\n",
            4,
            "no finding 'dual-activ'; did you mean 'dual-active'?",
        ),
        ("steps:\n  - step: ready\n    do:\n      - until: $nwe.Idle\n", 4, "did you mean $new?"),
        ("steps:\n  - step: ready\n    do:\n      - lab: wizzard new open\n", 4, "lab: "),
        ("steps:\n  - step: ready\n    do:\n      - aside: rollback\n", 4, "no aside 'rollback'"),
        ("steps:\n  - step: ready\n    do:\n      - reopen: { step: redy, reason: x }\n", 4, "did you mean 'ready'?"),
        ("steps:\n  - step: ready\n    waive: because\n", 3, "expect: waived"),
        ("steps:\n  - step: ready\n    because: x\n", 3, "goes with 'expect: blocked'"),
        ("inputs: { tickt: x }\n", 1, "no input 'tickt'"),
    ] {
        let error = folder.script(script).expect_err("it is refused");
        assert!(error.contains(&format!("s.yaml:{line}: ")) && error.contains(words), "{script}\n{error}");
    }
}

#[test]
fn a_key_that_is_none_is_refused_with_its_place() {
    let error = Folder::new().script("steps:\n  - step: ready\n    expct: blocked\n").expect_err("it is refused");
    assert!(error.contains("line 3 column 5: unknown field `expct`"), "{error}");
}

#[test]
fn a_done_step_is_opened_again_by_the_script() {
    let script = "steps:\n  - step: stage-old\n    do:\n      - reopen: { step: ready, reason: once more }\n    expect: left\n  - step: ready\n    do:\n      - cancel: delta\n";
    let told = Folder::new().script(&script.replace("      - cancel: delta\n", "      - note: again\n")).expect("it runs");
    assert_eq!(told.0, 0, "{}", told.1);
    assert_eq!(told.1.matches("passed      ready").count(), 2, "{}", told.1);
}

#[test]
fn any_how_to_is_walked_through() {
    let folder = Folder::new();
    folder.write(
        "own.md",
        "# How to look\n\n## First\n\n- [ ] Look\n\n```powershell\nGet-ADSyncScheduler\n```\n\n## Second\n\nDo it.\n",
    );
    let (code, told) = folder.test(&[]).expect("it runs");
    assert!(code == 0 && told.contains("2 as expected, 0 not"), "{told}");
}

#[test]
fn the_page_about_scripts_tells_what_is_read() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rehearsals.md")).expect("the page");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    Script::parse(example).expect("the example is read");
    // Every act of the page is one, with the value that the page gives it.
    let acts = page.split("## Acts").nth(1).and_then(|rest| rest.split("Gate lines").next()).expect("the acts");
    let rows: Vec<&str> = acts.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(rows.len() >= 18, "{rows:?}");
    for row in rows {
        let row = row.replace('…', "x");
        Script::parse(&format!("steps:\n  - step: ready\n    do:\n      - {row}\n")).unwrap_or_else(|why| panic!("{row}: {why}"));
    }
}
