use serde_json::json;

use crate::gate::{Truth, parse};
use crate::powershell::Value;

fn truth(line: &str) -> Truth {
    let tree = Value::from_json(&json!({
        "old": { "Idle": true, "RunHistory": [{ "Result": "success", "N": 1 }, { "Result": "stopped", "N": 2 }], "Runs": [], "Last": null },
        "servers": [
            { "Staging": false, "Tags": ["a", "b"] },
            { "Staging": true, "Tags": [] },
            { "Staging": { "$unknown": "EC03 did not answer" }, "Tags": { "$unknown": "EC03 did not answer" } }
        ],
        "none": { "$unknown": "not read yet" }
    }))
    .unwrap();
    parse(line).unwrap().evaluate(&tree, &|_| None).truth
}

fn check(truths: Truth, lines: &[&str]) {
    for line in lines {
        assert_eq!(truth(line), truths, "{line}");
    }
}

#[test]
fn collections_behave_as_in_powershell() {
    check(
        Truth::True,
        &[
            "$old.RunHistory.Result -contains 'SUCCESS'",
            "($old.RunHistory.Result -eq 'success').Count -eq 1",
            "@($old.RunHistory.Result -like 'st*').Count -eq 1",
            "$old.RunHistory[-1].Result -eq 'stopped'",
            "$old.RunHistory[5] -eq $null",
            "$old.RunHistory.Count -eq 2",
            "$old.Idle.Count -eq 1",
            "$old.Last.Count -eq 0",
            "$old.Last.Anything -eq $null",
            "$old.Runs.Anything -eq $null",
            "@($old.Last).Count -eq 1",
            "@().Count -eq 0",
            "@('a','b')[1] -ceq 'b'",
            "$old.RunHistory.N -gt 1",
            "1,2,3 -notcontains 4",
            "'2' -in 1,2",
            "$old.Idle[0]",
        ],
    );
    check(Truth::False, &["$old.Runs", "@($false)", "$old.RunHistory.N -gt 2", "$null -eq @($null)"]);
}

#[test]
fn unknown_follows_kleene() {
    check(
        Truth::Unknown,
        &["$none", "-not $none", "$none -and $true", "$none -or $false", "$none -eq 1", "@($none)", "$nowhere.Idle"],
    );
    check(Truth::False, &["$none -and $false", "$false -and $none", "-not ($none -or $true)"]);
    check(Truth::True, &["$none -or $true", "$true -or $none", "($false -and $none) -eq $false"]);
}

#[test]
fn an_unknown_among_servers_leaves_what_is_certain() {
    check(
        Truth::True,
        &[
            "$servers.Staging -contains $false",
            "($servers.Staging -eq $false).Count -ge 1",
            "0 -lt ($servers.Staging -eq $false).Count",
            "$servers.Tags -contains 'B'",
            "$servers.Staging",
            "$servers.Tags.Count -ge 2",
        ],
    );
    check(Truth::False, &["($servers.Staging -eq $false).Count -lt 1", "($servers.Staging -eq $false).Count -eq 0"]);
    check(
        Truth::Unknown,
        &[
            "($servers.Staging -eq $false).Count -le 1",
            "($servers.Staging -eq $false).Count -ge 2",
            "$servers.Tags -contains 'c'",
            "$servers.Staging[1]",
        ],
    );
}

#[test]
fn an_error_makes_the_whole_line_unknown() {
    check(
        Truth::Unknown,
        &[
            "[version]'2.5' -lt 'word' -or $true",
            "[int]'x' -eq 1",
            "$old.Last[0]",
            "1 -lt 'x'",
            "[datetime]'May' -lt '2026-11-20'",
        ],
    );
    check(Truth::True, &["$true -or [version]'2.5' -lt 'word'", "1 -ne 'x'"]);
    check(Truth::False, &["$false -and [int]'x'"]);
}
