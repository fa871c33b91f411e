use serde_json::json;

use crate::gate::{Outcome, ReadTimes, Truth, parse};
use crate::powershell::Value;
use crate::powershell::tree::parse_datetime;

fn outcome(line: &str) -> Outcome {
    let tree = Value::from_json(&json!({
        "old": {
            "Host": "EC01",
            "Idle": true,
            "Scheduler": { "StagingModeEnabled": false, "CustomizedSyncCycleInterval": null },
            "Version": { "$version": "2.6.84.0" },
            "LastExport": { "Result": "success" },
            "Connectors": [{ "Name": "a.com" }, { "Name": "b.com" }, { "Name": "c.com" }, { "Name": "d.com" }],
            "$read": { "core": { "$datetime": "2026-11-21T03:00:00Z" }, "statistics": { "$datetime": "2026-11-21T02:58:00Z" } }
        },
        "new": { "Host": "EC02", "LastExport": { "$unknown": "EC02 did not answer" } },
        "findings": []
    }))
    .unwrap();
    let times = ReadTimes::of(&tree);
    parse(line).unwrap().evaluate(&tree, &|path| times.read_at(path))
}

fn why(line: &str) -> String {
    outcome(line).why
}

#[test]
fn a_line_says_what_it_saw() {
    for (line, words) in [
        ("$old.Scheduler.StagingModeEnabled", "$old.Scheduler.StagingModeEnabled is False"),
        ("$old.Version -ge [version]'2.6.92.0'", "$old.Version is 2.6.84.0"),
        ("$old.LastExport.Result -eq 'success'", "$old.LastExport.Result is 'success'"),
        ("$old.Scheduler.CustomizedSyncCycleInterval -eq $null", "$old.Scheduler.CustomizedSyncCycleInterval is $null"),
        ("-not $findings", "$findings is empty"),
        ("$old.Connectors.Name -contains 'x'", "$old.Connectors.Name is 'a.com', 'b.com', 'c.com' and 1 more"),
        ("$old.Connectors.Count -gt 3", "$old.Connectors.Count is 4"),
        ("$old.Connectors[-1].Name -eq 'd.com'", "$old.Connectors[-1].Name is 'd.com'"),
        ("$old.Version -ne $old.Host", "$old.Version is 2.6.84.0 and $old.Host is 'EC01'"),
        ("1 -eq 2", "it reads no fact"),
    ] {
        assert_eq!(why(line), words);
    }
}

#[test]
fn an_unknown_says_why() {
    assert_eq!(why("$new.LastExport.Result -eq 'success'"), "$new.LastExport.Result is unknown: EC02 did not answer");
    assert_eq!(why("$old.Idle -eq $new.LastExport"), "$new.LastExport is unknown: EC02 did not answer");
    assert_eq!(
        why("$old.Scheduler.StagingModeEnable"),
        "$old.Scheduler.StagingModeEnable is unknown: no such name $old.Scheduler.StagingModeEnable; did you mean StagingModeEnabled?"
    );
    assert_eq!(why("$odl.Idle"), "$odl.Idle is unknown: no such name $odl; did you mean $old?");
}

#[test]
fn several_conditions_say_which_one_decided() {
    for (line, words) in [
        ("$old.Idle -and $old.Scheduler.StagingModeEnabled -and $new.LastExport", "$old.Scheduler.StagingModeEnabled is False"),
        ("$old.Idle -and $old.Connectors.Count -lt 4", "$old.Connectors.Count -lt 4 is False ($old.Connectors.Count is 4)"),
        ("$old.Idle -and $new.LastExport.Result -eq 'success'", "$new.LastExport.Result is unknown: EC02 did not answer"),
        ("$old.Idle -and $old.Host -eq 'EC01'", "$old.Idle is True; $old.Host -eq 'EC01' is True ($old.Host is 'EC01')"),
        ("-not ($old.Idle -or $new.LastExport)", "$old.Idle is True"),
    ] {
        assert_eq!(why(line), words);
    }
}

#[test]
fn a_clause_says_how_old_its_facts_are_and_on_which_server() {
    let now = parse_datetime("2026-11-21T03:00:02Z").unwrap();
    let explained = |line: &str| outcome(line).clauses[0].explain(now);
    assert_eq!(
        explained("$old.Scheduler.StagingModeEnabled"),
        "$old.Scheduler.StagingModeEnabled is False, read 2 s ago on EC01"
    );
    assert_eq!(explained("$old.Connectors.Count -eq 4"), "$old.Connectors.Count is 4, read 2 min ago on EC01");
    assert_eq!(explained("$new.LastExport.Result"), "$new.LastExport.Result is unknown: EC02 did not answer, on EC02");
}

#[test]
fn what_was_passed_over_is_no_clause() {
    let outcome = outcome("$old.Idle -or $new.Version -lt 'word'");
    assert_eq!(outcome.truth, Truth::True);
    assert_eq!(outcome.clauses.iter().map(|clause| clause.text.as_str()).collect::<Vec<_>>(), ["$old.Idle"]);
}
