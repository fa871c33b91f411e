//! The language: values, operators, loops, pipelines.

use lockstep::powershell::{Record, Value};

use crate::server::{ENTRA, run, run_with};

#[test]
fn scripts_and_what_they_print() {
    for (script, expected) in [
        ("$a = 1, 2, 3; $a[-1]; $a.Count; $a -contains 2", "3\n3\nTrue\n"),
        ("((1, 2) -like 1)[0].GetType().Name; ((1, 2) -eq 1)[0].GetType().Name", "String\nInt32\n"),
        ("$a = @(); $a += 'x'; $a += 'y'; \"$a\"", "x y\n"),
        ("foreach ($i in 1..5) { if ($i -eq 2) { continue } elseif ($i -gt 3) { break } $i }", "1\n3\n"),
        ("$i = 0; while ($i -lt 3) { $i++ }; $i", "3\n"),
        ("$i = 0; do { $i += 2 } until ($i -ge 5); $i", "6\n"),
        ("for ($i = 0; $i -lt 2; $i++) { \"n$i\" }", "n0\nn1\n"),
        ("1..10 | ? { $_ % 2 -eq 0 } | % { $_ * 10 } | Select-Object -First 2", "20\n40\n"),
        ("1..10 | select -Last 2", "9\n10\n"),
        ("'b', 'a', 'C' | Sort-Object -Descending", "C\nb\na\n"),
        ("(1..4 | Measure-Object -Sum).Sum", "10\n"),
        ("(Get-ADSyncSchedulerConnectorOverride).Count", "2\n"),
        ("(Get-ADSyncScheduler | Where-Object SyncCycleEnabled -eq $true).MaintenanceEnabled", "True\n"),
        ("$h = @{ a = 1 }; $h['b'] = 2; $h.c = 3; $h.Count; $h.ContainsKey('A')", "3\nTrue\n"),
        ("$o = [pscustomobject]@{ X = 1 }; $o.X = 5; $o.X; $o.Missing -eq $null", "5\nTrue\n"),
        ("'a,b' -split ','; ('x','y') -join '+'; 'abc' -replace 'b', '-'", "a\nb\nx+y\na-c\n"),
        ("if (Get-ADSyncScheduler) { 'yes' } else { 'no' }", "yes\n"),
        ("[version]'2.10' -gt '2.9'; '10' -gt 9; 'A' -ceq 'a'", "True\nFalse\nFalse\n"),
        (
            "$s = Get-ADSyncScheduler; \"$($s.AllowedSyncCycleInterval) and $($s.NextSyncCyclePolicyType)\"",
            "00:30:00 and Delta\n",
        ),
        ("& { $x = 1; $x }; $x -eq $null", "1\nTrue\n"),
        ("((Get-Date) - (Get-Date).AddHours(-2)).TotalHours", "2\n"),
        ("'it''s \"x\"'; \"tab`tend\"", "it's \"x\"\ntab\tend\n"),
        ("@'\nline $x\n'@", "line $x\n"),
        (
            "New-Object -TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition' -ArgumentList 'a','b','EQUAL' -OutVariable condition0 | Out-Null; $condition0[0].ComparisonOperator",
            "EQUAL\n",
        ),
        ("Get-ADSyncScheduler -OutVariable s | Out-Null; $s[0].SyncCycleEnabled", "True\n"),
        ("'x' | Out-Null; $null | % { 'once' }; (Get-ADSyncScheduler | ? { $false }) | % { 'never' }", "once\n"),
        ("[math]::Round(2.5); [math]::Max(3, 7); [string]::IsNullOrEmpty('')", "2\n7\nTrue\n"),
        ("1kb; 0x10; 1e2", "1024\n16\n100\n"),
        ("-not $false -and 1 -lt 2", "True\n"),
        (
            "(Get-ADSyncConnectorRunStatus), [pscustomobject]@{ Name = 'UserName'; Value = 'u' } | select -Last 1 -ExpandProperty Value",
            "u\n",
        ),
        ("$x = if ($true) { 'a' } else { 'b' }; $x", "a\n"),
        ("(Get-ADSyncScheduler).PSObject.Properties | select -First 1 -ExpandProperty Name", "AllowedSyncCycleInterval\n"),
        ("'{0:d3}' -f 7; (255).ToString('X')", "007\nFF\n"),
        ("Get-ADSyncScheduler | Select-Object -ExpandProperty NextSyncCyclePolicyType", "Delta\n"),
    ] {
        let ran = run(script);
        assert_eq!(ran.console(), expected, "{script}");
    }
}

#[test]
fn the_override_script_of_the_documentation() {
    let script = "foreach ($connectorOverride in Get-ADSyncSchedulerConnectorOverride)\r\n{\r\n    Set-ADSyncSchedulerConnectorOverride -ConnectorIdentifier $connectorOverride.ConnectorIdentifier.Guid -FullSyncRequired $false -FullImportRequired $false\r\n}\r\n";
    let ran = run(script);
    assert_eq!(ran.console(), "");
    assert_eq!(
        ran.server.calls,
        [
            "Get-ADSyncSchedulerConnectorOverride".to_owned(),
            format!("Set-ADSyncSchedulerConnectorOverride ConnectorIdentifier={ENTRA} FullImportRequired=False FullSyncRequired=False"),
            "Set-ADSyncSchedulerConnectorOverride ConnectorIdentifier=7f2c1d9e-0000-4a83-95af-2544101c9083 FullImportRequired=False FullSyncRequired=False".to_owned(),
        ]
    );
}

#[test]
fn arguments_arrive_converted() {
    for (script, call) in [
        ("Set-ADSyncScheduler -CustomizedSyncCycleInterval 03:00:00", "Set-ADSyncScheduler CustomizedSyncCycleInterval=03:00:00"),
        (
            "Set-ADSyncScheduler -CustomizedSyncCycleInterval 1.0:0:0",
            "Set-ADSyncScheduler CustomizedSyncCycleInterval=1.00:00:00",
        ),
        // A bare number is ticks.
        (
            "Set-ADSyncScheduler -CustomizedSyncCycleInterval 30",
            "Set-ADSyncScheduler CustomizedSyncCycleInterval=00:00:00.0000030",
        ),
        (
            "Set-ADSyncScheduler -CustomizedSyncCycleInterval $null -Force",
            "Set-ADSyncScheduler CustomizedSyncCycleInterval= Force=True",
        ),
        ("set-adsyncscheduler –Sync:$false", "Set-ADSyncScheduler SyncCycleEnabled=False"),
        ("Start-ADSyncSyncCycle delta", "Start-ADSyncSyncCycle PolicyType=Delta"),
        (
            "Set-ADSyncSchedulerConnectorOverride -ConnectorName “AD Forest A” -FullSyncRequired $true",
            "Set-ADSyncSchedulerConnectorOverride ConnectorName=AD Forest A FullSyncRequired=True",
        ),
        ("w32tm /stripchart /computer:dc1 /samples:3 -x", "w32tm /stripchart /computer:dc1 /samples:3 -x"),
        ("C:\\Windows\\System32\\w32tm.exe /resync", "w32tm /resync"),
        ("ADSync\\Get-ADSyncScheduler", "Get-ADSyncScheduler"),
        (
            "[pscustomobject]@{ ConnectorIdentifier = 'B891884F-051E-4A83-95AF-2544101C9083' } | Set-ADSyncSchedulerConnectorOverride -FullSyncRequired 1",
            "Set-ADSyncSchedulerConnectorOverride ConnectorIdentifier=b891884f-051e-4a83-95af-2544101c9083 FullSyncRequired=True",
        ),
    ] {
        assert_eq!(run(script).server.calls, [call], "{script}");
    }
}

#[test]
fn values_reach_a_script_as_variables() {
    let variables = Record::new().with("Run", Record::new().with("Inputs", Record::new().with("ticket", "CHG1; throw")));
    assert_eq!(run_with("$Run.Inputs.ticket", &variables, false).console(), "CHG1; throw\n");
}

#[test]
fn records_are_flat() {
    let ran = run_with(
        "Get-ADSyncScheduler | select SyncCycleEnabled, AllowedSyncCycleInterval, @{n='x';e={ @{a=1} }}; 'text'",
        &Record::new(),
        true,
    );
    let records: Vec<_> = ran
        .output
        .iter()
        .filter_map(|output| if let lockstep::lab::shell::Output::Record(record) = output { Some(record.clone()) } else { None })
        .collect();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].get("SyncCycleEnabled"), Some(&Value::Bool(true)));
    assert_eq!(records[0].len(), 2);
    assert_eq!(records[1].get("Value"), Some(&Value::from("text")));
}

#[test]
fn functions_take_parameters_by_name_place_and_default() {
    for (script, expected) in [
        (
            "function Show-It { param([string]$Name, [int]$N = 3) \"$Name $N\" }\nShow-It -Name a\nShow-It b 5\nShow-It -N '7' c",
            "a 3\nb 5\nc 7\n",
        ),
        ("function Add-It($a, $b) { return $a + $b; 'never' }\nAdd-It 1 2", "3\n"),
        ("function f { param([switch]$Force) if ($Force) { 'forced' } else { 'asked' } }\nf\nf -Force", "asked\nforced\n"),
        ("function f { $args.Count; $input }\n1, 2 | f a b c", "3\n1\n2\n"),
        ("$x = 1; function f { $x = 2; $x }\nf; $x", "2\n1\n"),
        ("$p = @{ Name = 'a'; N = 9 }; function f($Name, $N) { \"$Name $N\" }; f @p; $q = 1, 2; f @q", "a 9\n1 2\n"),
        ("& { param($x, $y = 'z') \"$x$y\" } a", "az\n"),
    ] {
        let ran = run(script);
        assert_eq!(ran.text(), expected, "{script}: {:?}", ran.errors());
    }
}

#[test]
fn a_functions_missing_or_wrong_argument_is_told_in_powershells_words() {
    let missing = run("function f { param([Parameter(Mandatory = $true)][string]$Name) $Name }; f");
    assert_eq!(missing.errors()[0].message, "Cannot process command because of one or more missing mandatory parameters: Name.");
    let wrong = run("function f([int]$N) { $N }; f abc");
    assert!(
        wrong.errors()[0].message.starts_with("Cannot process argument transformation on parameter 'N'. Cannot convert value"),
        "{:?}",
        wrong.errors()
    );
}

#[test]
fn a_switch_runs_every_case_that_fits() {
    for (script, expected) in [
        ("switch ('Delta') { 'delta' { 'd' } 'Initial' { 'i' } default { 'x' } }", "d\n"),
        (
            "switch (1, 5, 9) { 1 { 'one' } { $_ -gt 4 } { \"big $_\" } 5 { 'five'; continue } default { 'none' } }",
            "one\nbig 5\nfive\nbig 9\n",
        ),
        ("switch -Wildcard ('ADSync') { 'AD*' { 'first'; break } '*' { 'second' } }", "first\n"),
        ("switch -Regex ('EC01') { '^EC\\d+$' { 'server' } }", "server\n"),
        ("switch -CaseSensitive ('a') { 'A' { 'no' } Default { 'default' } }", "default\n"),
        ("foreach ($n in 1..3) { switch ($n) { 2 { break } default { $n } } }", "1\n3\n"),
        ("switch ((Get-ADSyncScheduler).NextSyncCyclePolicyType) { 'Delta' { 'delta' } 'Initial' { 'initial' } }", "delta\n"),
    ] {
        let ran = run(script);
        assert_eq!(ran.text(), expected, "{script}: {:?}", ran.errors());
    }
}

#[test]
fn streams_are_redirected() {
    let quiet = run("Get-ADSyncConnector -Name x 2>$null; $?; 'after'; $Error.Count");
    assert_eq!((quiet.text(), quiet.errors().len()), ("False\nafter\n1\n".to_owned(), 0));
    for (script, expected) in [
        (
            "Get-ADSyncConnector -Name x 2>&1 | ForEach-Object { \"caught $_\" }",
            "caught Operation failed because the specified MA could not be found.\n",
        ),
        (
            "$e = Get-ADSyncConnector -Name x 2>&1; $e.FullyQualifiedErrorId.Split(',')[0]",
            "Operation failed because the specified MA could not be found.\n",
        ),
        ("Write-Warning w 3>$null; Write-Host h 6>$null; 'x'", "x\n"),
        ("Get-ADSyncConnector -Name x *> $null; 'x'", "x\n"),
        ("& { Write-Error 'a'; 'b'; Write-Error 'c' } 2>&1 | % { \"<$_>\" }", "<a>\n<b>\n<c>\n"),
        ("& { Get-Unicorn } 2>$null; 'x'", "x\n"),
    ] {
        let ran = run(script);
        assert_eq!((ran.text().as_str(), ran.errors().len()), (expected, 0), "{script}: {:?}", ran.errors());
    }
    let outer =
        run("Get-ADSyncConnector -Name x 2>$null | ForEach-Object { 1 }; Get-ADSyncConnector -Name y | Out-String 2>$null");
    assert_eq!(outer.errors().len(), 1, "only the stage that says so is quiet");
    let unknown = run("Get-Unicorn 2>$null");
    assert_eq!(unknown.errors().len(), 1, "what keeps a command from running is not the command's own stream");
}

#[test]
fn errors_are_kept_in_the_variable_that_is_named() {
    let ran = run(
        "Get-ADSyncConnector -Name x -ErrorAction SilentlyContinue -ErrorVariable gone\n$gone.Count; \"$gone\"\nGet-ADSyncConnector -Name y -ea 0 -ev +gone; $gone.Count\nGet-ADSyncScheduler -ev gone | Out-Null; $gone.Count",
    );
    assert_eq!(ran.text(), "1\nOperation failed because the specified MA could not be found.\n2\n0\n", "{:?}", ran.errors());
}

#[test]
fn an_error_that_went_through_the_pipeline_prints_as_an_error() {
    let shown = run("Get-ADSyncConnector -Name x");
    let again = run("Get-ADSyncConnector -Name x 2>$null\n\n$Error[0]");
    let without_place = |text: String| text.lines().filter(|line| !line.starts_with("+ ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(without_place(shown.console()), without_place(again.text()));
}
