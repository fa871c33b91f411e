//! `lockstep test` as its user meets it: own runbooks in other folders, scripts that are wrong, what is printed and written.

mod junit_support;

use std::path::{Path, PathBuf};
use std::process::Command;

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
fn junit_is_what_a_ci_server_reads() {
    let folder = Folder::new();
    let junit = folder.path("out.xml");
    let text = "title: a <&\"> b\nsteps:\n  - step: ready\n    expect: blocked\n    do:\n      - lab: wizard new open\n      - until: $old.Idle\n      - lab: wizard new stage off start off\n      - lab: wizard new exit\n      - wait: 1m\n  - step: ready\n    do:\n      - check: $old.Wizard.Open\n";
    let script = folder.write("s.yaml", text);
    let good = folder.write("good.yaml", "title: As planned\n");
    let [script, good, out] = [&script, &good, &junit].map(|path| path.display().to_string());
    let (code, told) = folder.test(&["--script", &good, "--script", &script, "--junit", &out]).expect("it runs");
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("expected passed, but:\n      $old.Wizard.Open: "), "{told}");
    assert!(told.contains("1 as expected, 1 not; the rehearsal stopped there; "), "{told}");
    assert!(told.ends_with("2 rehearsals: 1 as expected, 1 not\n"), "{told}");

    let root = junit_support::read(&std::fs::read_to_string(junit).expect("the file"));
    let suites: Vec<_> = root.all("testsuite").collect();
    let [good, bad] = suites.as_slice() else { panic!("two suites: {suites:?}") };
    assert_eq!((good.get("name"), good.get("failures"), good.get("errors")), ("My own swap / As planned", "0", "0"));
    assert_eq!((bad.get("name"), bad.get("failures"), bad.get("errors")), ("My own swap / a <&\"> b", "1", "0"));
    for suite in &suites {
        let cases: Vec<_> = suite.all("testcase").collect();
        assert_eq!(suite.get("tests").parse(), Ok(cases.len()));
        assert!(suite.get("time").parse::<f64>().is_ok_and(|time| time > 0.0), "{suite:?}");
        let mut names: Vec<&str> = cases.iter().map(|case| case.get("name")).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), cases.len(), "no two cases of a suite have one name: {cases:?}");
        assert!(cases.iter().all(|case| case.get("classname") == suite.get("name") && case.get("time").parse::<f64>().is_ok()));
    }
    let failed: Vec<_> = bad.all("testcase").filter(|case| !case.children.is_empty()).collect();
    let [failed] = failed.as_slice() else { panic!("one failed: {failed:?}") };
    assert_eq!(failed.get("name"), "ready Ready, visit 2");
    let failure = failed.all("failure").next().expect("a failure");
    assert!(failure.get("message").starts_with("expected passed, but: $old.Wizard.Open: "), "{failure:?}");
    assert!(failure.text.starts_with("expected passed, but:\n$old.Wizard.Open: "), "{failure:?}");
}

/// The program's own exit code, and what it says in front of it.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lockstep")).arg("test").args(arguments).output().expect("the program starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_exit_code_tells_a_finding_from_a_mistake() {
    let folder = Folder::new();
    let runbook = folder.path("own.md").display().to_string();
    let fails = folder.write("fails.yaml", "steps:\n  - step: ready\n    expect: skipped\n").display().to_string();
    let unfit = folder.write("unfit.yaml", "steps:\n  - step: redy\n").display().to_string();
    let half = folder.write("half.yaml", "steps:\n  - step: ready\n    do:\n      - lab\n").display().to_string();
    let lonely = folder.write("one.yaml", "title: T\ndescription: D.\nservers:\n  old: { host: A, starts: active }\n");
    let lonely = lonely.display().to_string();
    assert_eq!(ended(&[&runbook, "-q"]).0, Some(0));
    assert_eq!(ended(&[&runbook, "--script", &fails]).0, Some(1));
    for (arguments, words) in [
        (vec!["nowhere.md"], "nowhere.md cannot be read"),
        (vec![&runbook, "--script", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (vec![&runbook, "--script", &half], "half.yaml: "),
        // A mistake in the last script is told before the first is played.
        (vec![&runbook, "--script", &fails, "--script", &unfit], "unfit.yaml:2: the runbook has no step 'redy'"),
        (vec![&runbook, "--scenario", "clean-swp"], "did you mean 'clean-swap'?"),
        (vec![&runbook, "--scenario", &lonely], "the scenario 'one' has no server 'new'; it has old"),
    ] {
        let (code, said) = ended(&arguments);
        assert!(code == Some(2) && said.starts_with("error: ") && said.contains(words), "{arguments:?}: {code:?} {said}");
    }
}

#[test]
fn quiet_tells_only_what_came_otherwise() {
    let folder = Folder::new();
    let (code, told) = folder.test(&["--quiet"]).expect("it runs");
    assert!(code == 0 && told.lines().count() == 2 && told.contains("3 as expected"), "{told}");
    let script = folder.write("s.yaml", "steps:\n  - { step: stage-old, expect: skipped }\n").display().to_string();
    let (_, told) = folder.test(&["-q", "--script", &script]).expect("it runs");
    assert!(told.contains("NOT passed      stage-old") && !told.contains("ready"), "{told}");
}

/// A second runbook, for the session that follows.
const LATER: &str = "---
lockstep: 1
title: Later
roles:
  gone: { title: \"In staging since\", starts: staging }
  new: { title: \"Active\", starts: active }
---
# Later

## Look {#look}

### Thirty days {#thirty on=gone}

- [ ] Looked

```powershell {gate}
$gone.StagingFor -ge [timespan]'30.00:00:00'
$new.Scheduler.StagingModeEnabled -eq $false
```
";

#[test]
fn a_script_goes_on_with_another_runbook_in_the_same_world() {
    let folder = Folder::new();
    folder.write("later.md", LATER);
    let then = |after: &str| {
        format!(
            "title: Both\nthen:\n  runbook: later.md\n  servers: {{ gone: old }}\n  after: {after}\n  steps:\n    - step: thirty\n      do:\n        - note: x\n"
        )
    };
    let (code, told) = folder.script(&then("30d")).expect("it runs");
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("\nLater / Both on clean-swap, 30 d later\n  ok  passed      thirty "), "{told}");
    let (code, told) = folder
        .script(&then("2d").replace("      do:\n        - note: x\n", "      expect: blocked\n      because: StagingFor\n"))
        .expect("it runs");
    assert_eq!(code, 1, "a step that stays blocked is no end: {told}");
    let error = folder.script(&then("2d").replace("step: thirty", "step: thirteen")).expect_err("it is refused");
    assert!(error.contains("s.yaml:7: the runbook has no step 'thirteen'"), "{error}");
    let error = folder.script(&then("2d").replace("later.md", "nowhere.md")).expect_err("it is refused");
    assert!(error.contains("nowhere.md cannot be read"), "{error}");
    let error = folder.script(&then("2d").replace("gone: old", "gone: odl")).expect_err("it is refused");
    assert!(error.contains("has no server 'odl'"), "{error}");
}

#[test]
fn a_session_that_is_given_up_ends_after_the_last_thing_its_script_says() {
    let script = "end: aborted\nsteps:\n  - step: stage-old\n    do:\n      - wait: 1m\n    expect: blocked\n    because: $old.Scheduler.StagingModeEnabled\n";
    let (code, told) = Folder::new().script(script).expect("it runs");
    assert!(code == 0 && told.contains("  2 as expected, 0 not; ") && !told.contains("promote"), "{told}");
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
fn a_server_that_the_scenario_has_not_is_told_before_anything_is_played() {
    let script = "steps:\n  - step: ready\n    do:\n      - lab: fault clock-skew on nwe\n";
    let error = Folder::new().script(script).expect_err("it is refused");
    assert!(error.contains("there is no server 'nwe' in the scenario 'clean-swap'; it has old, new"), "{error}");
}

#[test]
fn what_a_scenario_left_out_is_told_and_no_title_reaches_the_terminal_raw() {
    let folder = Folder::new();
    let text = "title: Mine\ndescription: Mine\nhistory: 04:00:00\nservers:\n  old: { host: EC01, starts: active }\n  new: { host: EC02, starts: staging }\nscript:\n  - { at: -1h, do: wizard old exit }\n";
    let scenario = folder.write("mine.yaml", text);
    let script = folder.write("s.yaml", "title: \"\\e[31mred\"\n");
    let arguments = ["--scenario", scenario.to_str().expect("UTF-8"), "--script", script.to_str().expect("UTF-8")];
    let (_, told) = folder.test(&arguments).expect("it runs");
    let left = "  left out of the scenario: 'wizard old exit' at 2026-11-21 21:00:00 UTC: The wizard is not open on EC01\n";
    assert!(told.contains(left) && !told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_key_that_is_none_is_refused_with_its_place() {
    let error = Folder::new().script("steps:\n  - step: ready\n    expct: blocked\n").expect_err("it is refused");
    assert!(error.contains("line 3 column 5: unknown field `expct`"), "{error}");
    for (script, words) in [
        ("steps: ready\n", "line 1 column 8: expected a list"),
        ("steps:\n  - step: ready\n    do:\n      - lab: [wizard]\n", "line 4 column 14: expected a text"),
        (
            "steps:\n  - step: ready\n    expect: block\n",
            "line 3 column 13: unknown word `block`, expected one of passed, blocked",
        ),
        (
            "steps:\n  - step: ready\n    do:\n      - wait: 10\n",
            "a span such as 90s, 10m, 2h or 35d is expected, at most 400d, found '10'",
        ),
        ("steps:\n  - step: ready\n    do:\n      - wait: 99999999999d\n", "at most 400d, found '99999999999d'"),
    ] {
        let error = Folder::new().script(script).expect_err("it is refused");
        assert!(error.contains(words), "{script}\n{error}");
    }
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
