//! Every rule of lint on a small runbook that breaks it, with the place that is underlined.

use std::collections::BTreeSet;

use lockstep::runbook::lint::missing_pictures;
use lockstep::runbook::{Loaded, Severity, load, rules};

const HEAD: &str =
    "---\nlockstep: 1\nroles:\n  old: { starts: active }\n  new: { starts: staging }\ninputs:\n  share: { label: Share }\n---\n";

fn runbook(body: &str) -> Loaded {
    load("test.md", format!("{HEAD}{body}").as_bytes())
}

/// A step on the old server around a command's fence.
fn command(attributes: &str, text: &str) -> Loaded {
    runbook(&format!(
        "## A {{#a on=old}}\n\n### S {{#s}}\n\n```powershell {attributes}\n{text}\n```\n\n```powershell {{gate}}\n$old.Idle\n```\n"
    ))
}

/// Findings as `rule: underlined`.
fn found(loaded: &Loaded) -> Vec<String> {
    loaded.diagnostics.iter().map(|d| format!("{}: {}", d.rule, &loaded.text[d.span.clone()])).collect()
}

#[track_caller]
fn expect(loaded: &Loaded, expected: &[&str]) {
    assert_eq!(found(loaded), expected, "{:#?}", loaded.diagnostics);
}

#[test]
fn a_good_runbook_has_no_finding() {
    expect(&load("swap.md", include_bytes!("fixtures/runbooks/swap.md")), &[]);
    expect(&command("{#c run=ask}", "Set-ADSyncScheduler -SyncCycleEnabled $true"), &[]);
}

#[test]
fn rules_have_unique_names_and_one_line() {
    let names: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), rules::ALL.len());
    for rule in rules::ALL {
        assert!(rule.about.ends_with('.') && !rule.about.contains('\n'), "{}", rule.name);
        assert!(rule.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.name);
        assert_eq!(rules::find(rule.name), Some(*rule));
    }
}

#[test]
fn names() {
    expect(
        &load("x.md", b"---\nlockstep: 1\nroles: { old-one: {}, pair: {} }\n---\n"),
        &["bad-name: old-one", "reserved-name: pair"],
    );
    expect(&runbook("## A {#a}\n\n### A\n\n### B {#a}\n"), &["duplicate-id: ### A", "duplicate-id: #a"]);
    expect(&runbook("## A {#a on=ald}\n"), &["unknown-role: ald"]);
    expect(
        &runbook("## A {#a}\n\n## B {#b .aside reopens=c}\n\n[x](#b) [y](#q)\n"),
        &["unknown-target: c", "unknown-target: [y](#q)"],
    );
    expect(&runbook("## A {#a}\n\n## B {#b .aside}\n"), &["unreachable-aside: ## B {#b .aside}"]);
    expect(&runbook("## A {#a}\n\n```powershell {gate keep=#z}\n$old.Idle\n```\n"), &["unknown-target: #z"]);
    expect(&runbook("## A {#a expects=none-activ}\n"), &["unknown-finding: none-activ"]);
    expect(&runbook("## A {#a}\n\n![x](evidence:a)\n\n![y](evidence:a)\n"), &["duplicate-id: ![y](evidence:a)"]);
}

#[test]
fn structure() {
    expect(&runbook("- [ ] x\n\n## A {#a}\n"), &["outside-phase: - [ ] x"]);
    expect(&runbook("### S\n"), &["outside-phase: ### S"]);
    expect(&runbook("# T\n\n## A {#a}\n\n# U\n"), &["second-title: # U\n"]);
    expect(&runbook("## A {#a on=old}\n\n```powershell\nGet-Date\n"), &["unclosed-fence: ```powershell"]);
    expect(&runbook("## A {#a}\n\n```powershell {gate}\n```\n"), &["empty-fence: ```powershell {gate}"]);
    expect(&runbook("## A {#a}\n\n```pwsh\nGet-Date\n```\n"), &["fence-not-run: ```pwsh"]);
    expect(
        &runbook("## A {#a}\n\n```powershell {gat within=5m}\n$old.Idle\n```\n"),
        &["unknown-attribute: gat", "unknown-attribute: within", "command-without-server: $old.Idle"],
    );
}

#[test]
fn facts() {
    expect(
        &runbook("## A {#a}\n\n{{ new.Hots }} {{ inputs.shar }} {{ new.Host }} {{ a b }}\n"),
        &["unknown-fact: {{ new.Hots }}", "unknown-fact: {{ inputs.shar }}", "placeholder-syntax: {{ a b }}"],
    );
    expect(&runbook("## A {#a}\n\nSee {{ new.Host\n"), &["placeholder-syntax: {{"]);
    expect(&runbook("## A {#a}\n\nSee `{{ new.Host }}`\n"), &["placeholder-in-code: `{{ new.Host }}`"]);
    expect(
        &command("", "Get-Item $Run.Inputs.shar, $Run.Servers.old.Host, $Run.Nothing.x"),
        &["unknown-fact: $Run.Inputs.shar", "unknown-fact: $Run.Nothing.x"],
    );
}

#[test]
fn role_changes() {
    let step = |id: &str, attributes: &str| {
        format!("### {id} {{#{id} {attributes}}}\n\n```powershell {{gate}}\n$old.Scheduler.StagingModeEnabled\n```\n\n")
    };
    let early = format!("## A {{#a}}\n\n{}{}", step("up", "on=new makes=active"), step("down", "on=old makes=staging"));
    expect(&runbook(&early), &["promotes-too-early: ### up {#up on=new makes=active}"]);
    let none = format!("## A {{#a}}\n\n{}", step("down", "on=old makes=staging"));
    expect(&runbook(&none), &["ends-without-active: ### down {#down on=old makes=staging}"]);
    let good = format!("## A {{#a}}\n\n{}{}", step("down", "on=old makes=stopped"), step("up", "on=new makes=active"));
    expect(&runbook(&good), &[]);
    expect(
        &runbook("## A {#a}\n\n### S {#s makes=active}\n\n- [ ] x\n"),
        &["makes-without-server: ### S {#s makes=active}", "makes-without-gate: ### S {#s makes=active}"],
    );
}

#[test]
fn commands() {
    expect(&runbook("## A {#a}\n\n```powershell\nGet-Date\n```\n"), &["command-without-server: Get-Date"]);
    expect(&command("", "Get-ADSyncConectorStatistics"), &["unknown-cmdlet: Get-ADSyncConectorStatistics"]);
    expect(&command("", "Set-ADSyncScheduler -SyncCycleEnabeld $true"), &["unknown-parameter: -SyncCycleEnabeld"]);
    expect(&command("", "Get-ADSyncSchedulerConnectorOverride -Connector $id"), &["unknown-parameter: -Connector"]);
    expect(&command("", "Set-ADSyncScheduler -SchedulerSuspended $false"), &["unsupported-change: -SchedulerSuspended"]);
    expect(&command("", "Set-ADSyncScheduler -StagingModeEnabled $true"), &["unsupported-change: -StagingModeEnabled"]);
    expect(
        &command(
            "",
            "$s = Get-ADSyncGlobalSettings; $s.Parameters['Microsoft.Synchronize.StagingMode'].Value = $true\nSet-ADSyncGlobalSettings $s",
        ),
        &["unsupported-change: Set-ADSyncGlobalSettings"],
    );
    expect(&command("", "Set-ADSyncScheduler -CustomizedSyncCycleInterval 30"), &["bare-timespan: 30"]);
    expect(&command("", "Set-ADSyncScheduler -CustomizedSyncCycleInterval 00:30:00"), &[]);
    expect(&command("", "if ($x) { exit 1 }"), &["exit-in-command: exit"]);
    let open = command("", "if ($x) { Get-Date");
    assert_eq!(open.diagnostics.iter().map(|d| d.rule).collect::<Vec<_>>(), ["command-syntax"], "{:#?}", open.diagnostics);
    assert_eq!(command("", "function f { 1 }; switch ($a) { 1 { 'x' } }").diagnostics, []);
    assert_eq!(command("", &"\"$(".repeat(50)).diagnostics.len(), 3);
    expect(&command("{run=auto}", "Get-Service | Restart-Service"), &["auto-changes: Restart-Service"]);
    expect(&command("{run=auto}", "w32tm /stripchart"), &["auto-unknown: w32tm"]);
    expect(
        &command("", "Enable-ADSyncExportDeletionThreshold -DeletionThreshold 500"),
        &["sign-in-window: Enable-ADSyncExportDeletionThreshold"],
    );
    expect(&runbook("## A {#a on=old}\n\n```powershell\nStop-Service ADSync\n```\n"), &["change-without-gate: Stop-Service"]);
}

#[test]
fn names_in_strings_and_comments_do_not_count() {
    let text = "# Set-ADSyncScheduler -SchedulerSuspended $true; exit\n'Restart-Service -Nonsense'\n\"exit\"\nGet-Date";
    expect(&command("{run=auto}", text), &[]);
    expect(&command("{run=auto}", "\"now $(Restart-Service ADSync)\""), &["auto-changes: Restart-Service"]);
}

#[test]
fn places_within_an_indented_fence() {
    let body = "## A {#a on=old}\n\n1. Do\n\n   ```powershell\n   Get-Date\n   Set-ADSyncScheduler -Nonsense 1\n   ```\n\n```powershell {gate}\n$old.Idle\n```\n";
    let loaded = load("x.md", format!("{HEAD}{body}").replace('\n', "\r\n").as_bytes());
    expect(&loaded, &["unknown-parameter: -Nonsense"]);
}

#[test]
fn secrets_and_hidden_characters() {
    expect(&command("", "ConvertTo-SecureString 'x' -AsPlainText -Force"), &["credential: -AsPlainText"]);
    expect(&command("", "$password = 'Winter2026'"), &["credential: 'Winter2026'"]);
    expect(&command("", "Connect-Thing -ClientSecret 'abc' -Name 'x'"), &["credential: 'abc'"]);
    expect(&command("", "Connect-Thing -Password \"abc\""), &["credential: \"abc\""]);
    expect(&command("", "Connect-Thing -ApiKey abc; $env:TOKEN = \"abc\""), &["credential: abc", "credential: \"abc\""]);
    expect(&command("", "Connect-Thing -Password $Run.Inputs.share -Token \"$x\""), &[]);
    expect(&runbook("## A {#a}\n\nThe password: Winter2026! is secret.\n"), &["credential: password: Winter2026!"]);
    expect(&command("", "Get-Date\u{200b}"), &["hidden-character: \u{200b}"]);
    expect(&runbook("## A {#a}\n\nwords\u{202e} and \u{1f469}\u{200d}\u{1f4bb}\n"), &["hidden-in-text: \u{202e}"]);
    let how_to = load("x.md", "# T\n\n```powershell\nGet-Date\u{200b}\n```\n".as_bytes());
    assert_eq!(
        how_to.diagnostics.iter().map(|d| (d.rule, d.severity)).collect::<Vec<_>>(),
        [("hidden-in-text", Severity::Warning)]
    );
}

#[test]
fn pictures() {
    for path in ["../x.png", "/x.png", "C:/x.png", "//server/x.png", "https://example.org/x.png", "a/..\\x.png"] {
        let loaded = runbook(&format!("## A {{#a}}\n\n![x]({path})\n"));
        assert_eq!(loaded.diagnostics.iter().map(|d| d.rule).collect::<Vec<_>>(), ["picture-path"], "{path}");
    }
    let loaded = runbook("## A {#a}\n\n![x](there.png) ![y](sub/not.png) ![z](../never-asked.png)\n");
    let asked = std::cell::RefCell::new(Vec::new());
    let runbook = loaded.runbook.expect("a runbook");
    let missing = missing_pictures(&runbook, &|path| {
        asked.borrow_mut().push(path.to_owned());
        path == "there.png"
    });
    assert_eq!(missing.len(), 1);
    assert!(missing[0].message.contains("sub/not.png"));
    assert_eq!(asked.into_inner(), ["there.png", "sub/not.png"]);
}

/// One line of a gate in a runbook that has a form and a result.
fn line(text: &str) -> Loaded {
    let form = "```yaml {form #f}\nn: { type: number }\nb: { type: bool }\n```\n\n```powershell {on=old into=r}\nGet-Date\n```\n";
    runbook(&format!("## A {{#a}}\n\n{form}\n```powershell {{gate}}\n{text}\n```\n"))
}

#[test]
fn comparisons_that_are_right_have_no_finding() {
    for text in [
        "$old.Scheduler.StagingModeEnabled -eq $false",
        "$old.Version -ge [version]'2.5.79.0'",
        "$old.Version -ge '2.5.79.0'",
        "$old.Version -eq [version]$inputs.share",
        "$old.Version -eq $new.Version",
        "$new.SinceDeltaSync -lt [timespan]'02:00:00'",
        "$new.SinceDeltaSync -lt '02:00:00'",
        "$tenant.DeletionThreshold -eq 0 -or $new.PendingExports.Deletes -lt $tenant.DeletionThreshold",
        "$new.Connectors.Name -contains 'contoso.com'",
        "$new.LastExport.Result -eq 'success' -and $new.LastExport.StartDate -gt $step.StartedAt",
        "($servers.Scheduler.StagingModeEnabled -eq $false).Count -le 1",
        "($old.Connectors.Override.FullImportRequired -eq $true).Count -eq 0",
        "$findings -notcontains 'dual-active'",
        "$pair.ObjectCountDifferencePercent -lt 1",
        "$old.Service.Status -in 'Running','StartPending'",
        "$forms.f.n -gt 3 -and $forms.f.b",
        "$results.r.Anything -eq 5",
        "$old.RunHistory[0].Result -like 'stopped-*'",
        "$old.Scheduler.CustomizedSyncCycleInterval -eq $null",
        "$old.Tls12.Client",
        "$old.LastExport",
        "-not $old.Connectors.Count",
    ] {
        assert_eq!(found(&line(text)), [""; 0], "{text}");
    }
}

#[test]
fn comparisons_that_cannot_be_right() {
    for (text, expected) in [
        ("$new.Scheduler.StagingModeEnable", "unknown-fact: StagingModeEnable"),
        ("$nwe.Idle", "unknown-fact: nwe"),
        ("$forms.f.c -eq 1", "unknown-fact: c"),
        ("$old.Idle -eq 'False'", "impossible-comparison: 'False'"),
        ("$old.Service.Status -eq $true", "impossible-comparison: $true"),
        ("$old.Version -ge [version]'2.5' -and $old.Version -lt 'word'", "impossible-comparison: 'word'"),
        ("$old.Version -ge 2.5", "doubtful-comparison: 2.5"),
        ("$old.Version -ge 2", "impossible-comparison: 2"),
        ("$new.PendingExports.Deletes -lt 'few'", "impossible-comparison: 'few'"),
        ("$new.SinceDeltaSync -lt 2", "impossible-comparison: 2"),
        ("$new.LastExport.StartDate -gt $new.Version", "impossible-comparison: $new.LastExport.StartDate -gt $new.Version"),
        ("$old.Service.Status -eq 'Running','Stopped'", "impossible-comparison: 'Running','Stopped'"),
        ("$old.Version -in '2.6.79.0','latest'", "impossible-comparison: 'Running'"),
        ("$servers.Idle -eq $true", "doubtful-comparison: $servers.Idle"),
        ("$pair.RuleDifferences", "doubtful-comparison: $pair.RuleDifferences"),
        ("$old.Host", "doubtful-comparison: $old.Host"),
        ("$old.Host -ne $null", "doubtful-comparison: $old.Host -ne $null"),
        ("$findings -notcontains 'dual-activ'", "unknown-finding: 'dual-activ'"),
        ("1 -eq 1", "constant-condition: 1 -eq 1"),
        ("$true", "constant-condition: $true"),
        ("$old.OS.Caption -gt 'Zürich'", "text-order: 'Zürich'"),
        ("$old.OS.Caption -gt '10'", "text-order: '10'"),
        ("$old.Idle -and", "gate-syntax: -and"),
        ("$old.Host -match '(?<=a)b'", "gate-syntax: '(?<=a)b'"),
    ] {
        let shown = found(&line(text));
        if text.contains("latest") {
            assert_eq!(shown.len(), 1, "{shown:?}");
            assert!(shown[0].starts_with("impossible-comparison"), "{shown:?}");
        } else {
            assert_eq!(shown, [expected], "{text}");
        }
    }
}

#[test]
fn lines_of_one_gate() {
    expect(&line("$old.Idle\n-not ($OLD.Idle)"), &["contradiction: -not ($OLD.Idle)"]);
    expect(&line("$old.Idle\n$old.idle"), &["repeated-line: $old.idle"]);
}

#[test]
fn what_is_captured_later() {
    let body = "## A {#a}\n\n```powershell {gate}\n$forms.f.b\n```\n\n## B {#b}\n\n```powershell {when}\n$forms.f.b\n```\n\n```yaml {form #f}\nb: { type: bool }\n```\n\n```powershell {gate}\n$forms.f.b\n```\n";
    expect(&runbook(body), &["captured-later: $forms.f.b", "captured-later: $forms.f.b"]);
}

#[test]
fn conditions_that_cannot_come_out_otherwise() {
    for (text, expected) in [
        ("$old.Idle -and -not $old.Idle", vec!["never-true"]),
        ("$old.Idle -or -not $old.Idle", vec!["always-true"]),
        ("$old.Idle -eq $true -and $old.Idle -eq $false", vec!["never-true"]),
        ("$old.DotNetRelease -gt 5 -and $old.DotNetRelease -lt 3", vec!["never-true"]),
        ("$old.DotNetRelease -gt 5 -and $old.DotNetRelease -lt 6", vec!["never-true"]),
        ("$old.DotNetRelease -gt 5 -and $old.DotNetRelease -lt 7", vec![]),
        ("$old.DotNetRelease -gt 5 -or $old.DotNetRelease -lt 7", vec!["always-true"]),
        ("$old.Version -ge '2.5' -and $old.Version -lt '2.4.0.0'", vec!["never-true"]),
        ("$old.Version -gt '2.5.190.0' -and $old.Version -lt '2.6'", vec![]),
        ("$old.Version -ge '2.5' -or $old.Version -lt '2.5'", vec!["always-true"]),
        ("$old.Service.Status -eq 'Running' -and $old.Service.Status -eq 'Stopped'", vec!["never-true"]),
        ("$old.Service.Status -ne 'Running' -or $old.Service.Status -ne 'Stopped'", vec!["always-true"]),
        ("$old.Service.Status -ceq 'Running' -and $old.Service.Status -ceq 'running'", vec!["never-true"]),
        ("$old.Service.Status -in 'Running','Stopped' -and $old.Service.Status -ne 'Running'", vec![]),
        ("$new.SinceDeltaSync -lt '02:00:00' -and $new.SinceDeltaSync -gt '03:00:00'", vec!["never-true"]),
        ("$old.Host -like 'a*' -and $old.Host -like '*b'", vec![]),
        (
            "$old.Scheduler.CustomizedSyncCycleInterval -eq $null -or $old.Scheduler.CustomizedSyncCycleInterval -gt '01:00:00'",
            vec![],
        ),
        ("$servers.Idle -notcontains $false -and $old.Idle", vec![]),
        ("$old.Version -gt $new.Version -and $old.Version -lt $new.Version", vec!["never-true"]),
    ] {
        let rules: Vec<_> = line(text).diagnostics.iter().map(|d| d.rule).collect();
        assert_eq!(rules, expected, "{text}");
    }
    let when = "## A {#a}\n\n```powershell {when}\n$old.Idle -and !$old.Idle\n```\n\n### S {#s}\n";
    expect(&runbook(when), &["never-true: $old.Idle -and !$old.Idle"]);
}

#[test]
fn lines_that_are_never_true_together() {
    expect(&line("$old.Version -ge '2.6'\n$old.Idle\n$old.Version -lt '2.5.9'"), &["contradiction: $old.Version -lt '2.5.9'"]);
    expect(&line("$old.Idle -eq $true\n-not $old.Idle"), &["contradiction: -not $old.Idle"]);
    expect(&line("$old.Service.Status -eq 'Running'\n$old.Service.Status -ne 'Stopped'"), &[]);
    let step = |first: &str, second: &str| {
        runbook(&format!(
            "## A {{#a}}\n\n```powershell {{gate {first}}}\n$old.Idle\n```\n\n```powershell {{gate {second}}}\n!$old.Idle\n```\n"
        ))
    };
    expect(&step("keep", "within=5m"), &["contradiction: !$old.Idle"]);
    expect(&step("before", "within=5m"), &[]);
}

#[test]
fn what_is_found_says_where_and_what_to_do() {
    let help = |loaded: &Loaded| loaded.diagnostics[0].help.clone().unwrap_or_default();
    let empty = runbook("## A {#a on=old}\n\n```powershell\n\n```\n");
    expect(&empty, &["empty-fence: ```powershell"]);
    assert_eq!(help(&runbook("## A {#a}\n\n### S {#s on=new makes=actve}\n")), "did you mean 'active'?");
    assert!(help(&runbook("## A {#a}\n\n{{ inputs.x }}\n")).contains("under `inputs`"));
    assert!(help(&runbook("## A {#a}\n\n{{ results.x }}\n")).contains("into=x"));
    let made = runbook("## A {#a}\n\n### S {#s on=new makes=removed}\n\n- [ ] x\n");
    assert!(help(&made).contains("-not $new.Installed"), "{}", help(&made));
}

#[test]
fn values_that_a_command_names() {
    expect(&command("", "Get-Date $Run.Inputs.share # $Run.Inputs.no"), &[]);
    expect(&command("", "Get-Date '$Run.Inputs.no'"), &[]);
    expect(&command("", "Get-Date $Run.Inputs.shre"), &["unknown-fact: $Run.Inputs.shre"]);
    expect(&command("", "Get-Date $Run.Input.share"), &["unknown-fact: $Run.Input.share"]);
    expect(&command("", "Get-Date \"to $($Run.Servers.odl.Host)\""), &["unknown-fact: $Run.Servers.odl.Host"]);
    let string = command("", "Get-Date \"to $Run.Inputs.share\\x\"");
    expect(&string, &["run-in-string: \"to $Run.Inputs.share\\x\""]);
    assert_eq!(string.diagnostics[0].help.as_deref(), Some("write $($Run.Inputs.share)"));
}

#[test]
fn what_would_only_be_text() {
    let step = |body: &str| runbook(&format!("## A {{#a}}\n\n### S {{#s on=old}}\n\n{body}\n"));
    for (body, underlined) in [
        ("- [] no blank within", "- []"),
        ("-[ ] no blank before", "-[ ]"),
        ("- [ ]no blank after", "- [ ]"),
        ("[ ] no bullet", "[ ]"),
        ("1. [  ] two blanks", "1. [  ]"),
        ("- a\n  - [] nested", "- []"),
        ("> - [] quoted", "- []"),
        ("> [!CAUTION] Not in the same line", "[!CAUTION]"),
        (">[!caution] Not in the same line", "[!caution]"),
        ("> [!DANGER]\n> x", "[!DANGER]"),
        ("### Promote {#p on=new makes=active", "{#p on=new makes=active"),
        ("### Promote {#p on=new} now", "{#p on=new}"),
        ("### Promote {makes=active now", "{makes=active now"),
    ] {
        expect(&step(body), &[&format!("read-as-text: {underlined}")]);
    }
    expect(&step("#### Deeper {on=new}"), &["unknown-attribute: on"]);
    for body in [
        "- [ ] item\n- [x] ticked\n  1. [ ] nested\n",
        "- [x](#a) a link\n- [a]: no box\n- [see] this\n- []()\n[x][y]\n\n[x]: #a\n",
        "```text\n- [] within a fence\n> [!CAUTION] here\n```\n\nand `- [] this`\n",
        "> [!NOTE]\n> x\n\n> [!caution]\n> y\n\n> a\n",
        "#### Deeper {#there}\n\n### The set {a} and {{ new.Host }} or `{#x`\n\n#hashtag {a=b\n",
        "The array @(1)[0] {x}\n\n2.5 [ ] is a number\n",
    ] {
        expect(&step(body), &[]);
    }
}

#[test]
fn a_runbook_that_is_read_as_a_how_to() {
    for text in [
        "\n---\nlockstep: 1\n---\n# x\n",
        "---\nlockstep: 1\n# x\n## a\n",
        "---\nLockstep: 1\n---\n# x\n",
        "---\ntitle: x\n  lockstep: 1\n---\n# x\n",
        "lockstep: 1\n\n# x\n",
        "---\nlockstep = 1\n---\n# x\n",
    ] {
        let rules: Vec<_> = load("x.md", text.as_bytes()).diagnostics.iter().map(|d| d.rule).collect();
        assert_eq!(rules, ["front-matter-lost"], "{text}");
    }
    for text in ["# x\n\nlockstep: 1\n", "---\ntitle: x\n---\nwith lockstep: see\n", "lockstep runs this\n"] {
        assert_eq!(load("x.md", text.as_bytes()).diagnostics, [], "{text}");
    }
}

#[test]
fn a_wrong_value_says_what_to_write() {
    let help = |text: &str| {
        let loaded = load("x.md", text.as_bytes());
        assert_eq!(loaded.diagnostics.len(), 1, "{:#?}", loaded.diagnostics);
        loaded.diagnostics[0].help.clone().unwrap_or_default()
    };
    assert_eq!(help("---\nlockstep: 1\ninputs: { a: { required: yes } }\n---\n"), "write true");
    assert_eq!(help("---\nlockstep: 1\ninputs: { 2nd: {} }\n---\n"), "letters, digits and underscores, such as '_2nd'");
    assert_eq!(help("---\nlockstep: 1\nnever: [dual-activ]\n---\n"), "did you mean 'dual-active'?");
    assert!(
        help("---\nlockstep: 1\nroles: { a: {} }\n---\n## A\n\n```powershell {gate}\n$a.PendingExports.Total -le 100,000\n```\n")
            .contains("without it")
    );
}

#[test]
fn attributes_that_are_elsewhere_or_twice() {
    let help = |loaded: &Loaded| loaded.diagnostics[0].help.clone().unwrap_or_default();
    let aside = runbook("## A {#a}\n\n### S {#s .aside}\n");
    expect(&aside, &["unknown-attribute: .aside"]);
    assert_eq!(help(&aside), "it belongs to the heading of a phase");
    expect(&runbook("## A {#a}\n\n### S {#s on=old on=new}\n"), &["bad-value: on"]);
    expect(&runbook("## A {#a on=old}\n\n```powershell {run=ask run=type}\nGet-Date\n```\n"), &["bad-value: run"]);
}

#[test]
fn an_example_is_one_that_could_be_entered() {
    let field = |field: &str| runbook(&format!("## A {{#a}}\n\n```yaml {{form #f}}\nx: {{ {field} }}\n```\n"));
    for (wrong, underlined) in [
        ("type: bool, example: maybe", "maybe"),
        ("type: number, example: few", "few"),
        ("type: datetime, example: tomorrow", "tomorrow"),
        ("choices: [a, b], example: c", "c"),
        ("match: '^CHG\\d+$', example: INC1", "INC1"),
    ] {
        expect(&field(wrong), &[&format!("bad-value: {underlined}")]);
    }
    for right in
        ["type: bool, example: \"yes\"", "type: number, example: 3", "choices: [a, b], example: A", "type: secret, example: x"]
    {
        expect(&field(right), &[]);
    }
}
