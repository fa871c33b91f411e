//! Optional roles: what lint says of them, and one runbook rehearsed on two, three and four servers.

use std::sync::Arc;

use chrono::{TimeZone, Utc};
use lockstep::lab::Scenario;
use lockstep::runbook::{Loaded, load};
use lockstep::runner::rehearsal::{Outcome, Planned, Script, rehearse};
use lockstep::session::event::PinnedRunbook;

const HEAD: &str = "---\nlockstep: 1\nroles:\n  old: { starts: active }\n  new: { starts: staging }\n  third: { title: Third, starts: staging, optional: true }\n  fourth: { starts: staging, optional: yes }\n---\n";

fn runbook(body: &str) -> Loaded {
    load("test.md", format!("{HEAD}{body}").replace("yes", "true").as_bytes())
}

#[track_caller]
fn expect(loaded: &Loaded, expected: &[&str]) {
    let found: Vec<String> = loaded.diagnostics.iter().map(|d| format!("{}: {}", d.rule, &loaded.text[d.span.clone()])).collect();
    assert_eq!(found, expected, "{:#?}", loaded.diagnostics);
}

fn roles(text: &str) -> Loaded {
    load("test.md", format!("---\nlockstep: 1\nroles: {{ {text} }}\n---\n").as_bytes())
}

#[test]
fn a_runbook_needs_a_server_and_the_active_one() {
    expect(&roles("one: { optional: true }"), &["needed-role: one"]);
    expect(&roles("one: { starts: active, optional: true }, two: { starts: staging }"), &["needed-role: one"]);
    expect(&roles("one: { optional: perhaps }, two: {}"), &["bad-value: perhaps"]);
    expect(&roles("one: {}, two: { optional: true }"), &[]);
}

#[test]
fn what_names_it_elsewhere_is_told() {
    let gate =
        |on: &str, line: &str| runbook(&format!("## A {{#a}}\n\n### S {{#s on={on}}}\n\n```powershell {{gate}}\n{line}\n```\n"));
    expect(&gate("third", "$third.Idle"), &[]);
    expect(&gate("old", "$third.Idle"), &["optional-role: $third.Idle"]);
    expect(&gate("third", "$old.Idle -and $Fourth.Idle"), &["optional-role: $Fourth.Idle"]);
    expect(&gate("old", "$servers.Role -notcontains 'third' -or $third.Idle"), &[]);
    expect(&gate("old", "$servers.Idle -notcontains $false"), &[]);
    expect(
        &runbook("## A {#a on=third}\n\n### S {#s on=old}\n\n{{ third.Host }} {{ fourth.Host }}\n"),
        &["optional-role: {{ fourth.Host }}"],
    );
    expect(&runbook("{{ third.Host }}\n\n## A {#a}\n\n### S {#s}\n"), &["optional-role: {{ third.Host }}"]);
    expect(
        &runbook(
            "## A {#a}\n\n### S {#s on=old}\n\n```powershell {on=third}\nGet-Date\n```\n\n```powershell\n$Run.Servers.third.Host\n```\n",
        ),
        &["optional-role: Get-Date", "optional-role: $Run.Servers.third.Host"],
    );
    let when =
        "## A {#a}\n\n```powershell {when}\n$third.Idle\n```\n\n### S {#s on=third}\n\n```powershell {when}\n$third.Idle\n```\n";
    expect(&runbook(when), &["optional-role: $third.Idle"]);
    let never = load("x.md", HEAD.replace("yes", "true").replace("roles:", "never: '$third.Idle'\nroles:").as_bytes());
    expect(&never, &["optional-role: $third.Idle"]);
    assert!(never.diagnostics[0].help.as_deref().is_some_and(|help| help.contains("holds every promotion back")));
}

#[test]
fn the_plan_must_hold_without_it_too() {
    let step = |id: &str, on: &str, gate: &str| format!("### {id} {{#{id} {on}}}\n\n```powershell {{gate}}\n{gate}\n```\n\n");
    let plan = |second: &str| {
        let down = step("down", "on=old makes=staging", "$old.Scheduler.StagingModeEnabled");
        runbook(&format!("## A {{#a}}\n\n{down}{}", step("up", second, "$servers.Count -gt 1")))
    };
    expect(&plan("on=new makes=active"), &[]);
    let loaded = plan("on=third makes=active");
    expect(&loaded, &["ends-without-active: ### down {#down on=old makes=staging}"]);
    assert!(loaded.diagnostics[0].message.contains("no server in an optional role"), "{}", loaded.diagnostics[0].message);
}

const STORY: &str = "## Look {#look}

### The active one {#one on=old}

Third: {{ old.Host }}

```powershell {run=auto}
(Get-ADSyncScheduler).StagingModeEnabled
```

```powershell {gate}
$servers.Count -ge 2
$old.Idle
$servers.Role -notcontains 'third' -or $third.Scheduler.StagingModeEnabled
```

### The third {#three on=third}

```powershell {run=auto}
(Get-ADSyncScheduler).StagingModeEnabled
```

```powershell {gate}
$third.Scheduler.StagingModeEnabled
```

## The fourth {#last on=fourth}

### It stands by {#four}

```powershell {gate}
$fourth.Scheduler.StagingModeEnabled
```

## Swap {#swap}

### Out {#out on=old makes=staging}

```powershell {gate within=30m}
$old.Scheduler.StagingModeEnabled
-not $old.Wizard.Open
```

### In {#in on=new makes=active}

```powershell {gate within=30m}
-not $new.Scheduler.StagingModeEnabled
```
";

fn rehearsed(servers: &[&str]) -> Outcome {
    let loaded = runbook(STORY);
    expect(&loaded, &[]);
    let starts = |role: &str| if role == "old" { "active" } else { "staging" };
    let server = |role: &&str| format!("  {role}: {{ host: {}, starts: {} }}", role.to_uppercase(), starts(role));
    let list = servers.iter().map(server).collect::<Vec<_>>().join("\n");
    let order = servers.join(", ");
    let scenario =
        Scenario::parse("some", &format!("title: Some\ndescription: Some servers.\norder: [{order}]\nservers:\n{list}"))
            .expect("a scenario");
    let pinned = PinnedRunbook { title: "T".into(), id: None, version: None, path: "t.md".into(), sha256: String::new() };
    let begin = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment");
    let runbook = Arc::new(loaded.runbook.expect("a runbook"));
    let planned = Planned { runbook, pinned, script: Script::default(), then: None };
    rehearse(&planned, &scenario, begin).remove(0)
}

/// Steps that did not apply.
fn skipped(servers: &[&str]) -> Vec<String> {
    let outcome = rehearsed(servers);
    assert!(outcome.is_ok(), "{:#?}\n{:?}", outcome.steps, outcome.problems);
    let is_skipped = |step: &&lockstep::runner::rehearsal::StepOutcome| step.why.contains("no server in the role");
    outcome.steps.iter().filter(is_skipped).map(|step| step.step.clone()).collect()
}

#[test]
fn one_runbook_serves_two_three_and_four_servers() {
    assert_eq!(skipped(&["old", "new"]), ["three", "four"]);
    assert_eq!(skipped(&["old", "new", "third"]), ["four"]);
    assert_eq!(skipped(&["old", "new", "third", "fourth"]), [""; 0]);
    assert_eq!(skipped(&["old", "new", "fourth", "rogue"]), ["three"]);
}

#[test]
fn a_role_that_is_not_optional_needs_its_server() {
    let outcome = rehearsed(&["old", "third"]);
    assert!(outcome.problems[0].contains("has no server 'new'"), "{:?}", outcome.problems);
}
