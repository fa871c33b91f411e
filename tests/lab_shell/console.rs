//! What is printed, to the column.

use crate::server::run;

/// Rows compared without the blanks at their ends, which copies of a console lose.
fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_scheduler_is_a_list() {
    let expected = "

AllowedSyncCycleInterval            : 00:30:00
CurrentlyEffectiveSyncCycleInterval : 00:30:00
CustomizedSyncCycleInterval         :
NextSyncCyclePolicyType             : Delta
NextSyncCycleStartTimeInUTC         : 11/21/2026 3:12:00 AM
PurgeRunHistoryInterval             : 7.00:00:00
SyncCycleEnabled                    : True
MaintenanceEnabled                  : True
StagingModeEnabled                  : False
SchedulerSuspended                  : False
SyncCycleInProgress                 : False


";
    assert_eq!(trimmed(&run("Get-ADSyncScheduler").text()), expected);
}

#[test]
fn small_objects_are_tables() {
    for (script, expected) in [
        ("Get-ADSyncScheduler | Select-Object SyncCycleEnabled", "\nSyncCycleEnabled\n----------------\n            True\n\n"),
        ("Start-ADSyncSyncCycle -PolicyType Delta", "\n Result\n ------\nSuccess\n\n"),
        (
            "Get-ADSyncConnectorRunStatus",
            "\nRunState ConnectorName\n-------- -------------\n    Busy contoso.onmicrosoft.com - AAD\n\n",
        ),
        (
            "Get-ItemProperty \"HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*\" | Where-Object { $_.DisplayName -like \"*Entra*\" } | Select-Object DisplayName, DisplayVersion",
            "\nDisplayName                  DisplayVersion\n-----------                  --------------\nMicrosoft Entra Connect Sync 2.6.92.0\n\n",
        ),
        (
            "1..3 | Select-Object @{ n = 'N'; e = { $_ } }, @{ n = 'Square'; e = { $_ * $_ } }",
            "\nN Square\n- ------\n1      1\n2      4\n3      9\n\n",
        ),
        (
            "@{ Name = 'a' }",
            "\nName                           Value\n----                           -----\nName                           a\n\n",
        ),
        ("[version]'2.6.92.0'", "\nMajor  Minor  Build  Revision\n-----  -----  -----  --------\n2      6      92     0\n\n"),
        (
            "'b','a','b' | Group-Object",
            "\nCount Name                      Group\n----- ----                      -----\n    2 b                         {b, b}\n    1 a                         {a}\n\n",
        ),
        ("1..6 | ft -HideTableHeaders @{n='x';e={$_}} | Out-String -Stream | select -First 3 -Skip 1", "1\n2\n3"),
    ] {
        assert_eq!(trimmed(&run(script).text()), expected, "{script}");
    }
}

#[test]
fn overrides_as_a_list_and_as_a_table() {
    let list = "

ConnectorIdentifier : b891884f-051e-4a83-95af-2544101c9083
FullImportRequired  : True
FullSyncRequired    : True

ConnectorIdentifier : 7f2c1d9e-0000-4a83-95af-2544101c9083
FullImportRequired  : True
FullSyncRequired    : True


";
    assert_eq!(trimmed(&run("Get-ADSyncSchedulerConnectorOverride | fl").text()), list);
    let table = "
ConnectorIdentifier                  FullImportRequired FullSyncRequired
-------------------                  ------------------ ----------------
b891884f-051e-4a83-95af-2544101c9083               True             True
7f2c1d9e-0000-4a83-95af-2544101c9083               True             True

";
    assert_eq!(trimmed(&run("Get-ADSyncSchedulerConnectorOverride").text()), table);
}

#[test]
fn scalars_are_lines() {
    for (script, expected) in [
        ("'a'; 1; 1.5; $true; $null; 'b'", "a\n1\n1.5\nTrue\nb"),
        ("1, 2 | Write-Output", "1\n2"),
        ("[timespan]'1.02:03:04' | Select-Object -ExpandProperty Hours", "2"),
        ("(Get-ADSyncScheduler).NextSyncCyclePolicyType", "Delta"),
        ("(Get-ADSyncScheduler).AllowedSyncCycleInterval.TotalMinutes", "30"),
        ("Get-Date", "\nSaturday, November 21, 2026 3:00:00 AM\n\n"),
        ("Get-Date -Format 'yyyy-MM-dd HH:mm'", "2026-11-21 03:00"),
        ("\"$(Get-Date)\"", "11/21/2026 03:00:00"),
        ("[DateTime]::UtcNow.AddMinutes(-5).ToString('o')", "2026-11-21T02:55:00.0000000Z"),
        ("'{0:N1} of {1,4}|{2:yyyy}' -f 1234.56, 7, (Get-Date)", "1,234.6 of    7|2026"),
        ("$env:COMPUTERNAME", "EC01"),
    ] {
        assert_eq!(trimmed(&run(script).text()), expected, "{script}");
    }
}

#[test]
fn json_has_the_layout_of_5_1() {
    let text = run("Get-ADSyncScheduler | Select-Object AllowedSyncCycleInterval, CustomizedSyncCycleInterval, NextSyncCyclePolicyType, NextSyncCycleStartTimeInUTC | ConvertTo-Json").text();
    let expected = r#"{
    "AllowedSyncCycleInterval":  {
                                     "Ticks":  18000000000,
                                     "Days":  0,
                                     "Hours":  0,
                                     "Milliseconds":  0,
                                     "Minutes":  30,
                                     "Seconds":  0,
                                     "TotalDays":  0.020833333333333332,
                                     "TotalHours":  0.5,
                                     "TotalMilliseconds":  1800000,
                                     "TotalMinutes":  30,
                                     "TotalSeconds":  1800
                                 },
    "CustomizedSyncCycleInterval":  null,
    "NextSyncCyclePolicyType":  1,
    "NextSyncCycleStartTimeInUTC":  "\/Date(1795230720000)\/"
}"#;
    assert_eq!(trimmed(&text), expected);
    assert_eq!(run("@{ a = 1; b = @('x<', $null) } | ConvertTo-Json -Compress").text(), "{\"a\":1,\"b\":[\"x\\u003c\",null]}\n");
}

#[test]
fn texts_keep_their_length_and_cells_their_first_line() {
    let long = "x".repeat(300);
    assert_eq!(run(&format!("'{long}'")).text(), format!("{long}\n"));
    let table = run("[pscustomobject]@{ A = \"one`ntwo\"; B = 1 }").text();
    assert_eq!(trimmed(&table), "\nA      B\n-      -\none... 1\n\n");
    let list = run(&format!("[pscustomobject]@{{ A = '{}' }} | fl", "y".repeat(210))).text();
    assert_eq!(trimmed(&list), format!("\n\nA : {}\n    {}\n\n\n", "y".repeat(196), "y".repeat(14)));
}

#[test]
fn a_table_that_is_too_wide_is_cut() {
    let text = run(&format!("[pscustomobject]@{{ A = '{}'; B = '{}' }}", "a".repeat(180), "b".repeat(50))).text();
    let row = text.lines().nth(3).unwrap_or_default();
    assert_eq!(row, format!("{} {}...", "a".repeat(180), "b".repeat(16)));
}

#[test]
fn the_lab_prints_as_wide_as_the_agent() {
    let agent = include_str!("../../assets/agent.ps1");
    assert!(agent.contains(&format!("Out-String -Width {}", lockstep::lab::shell::PRINTED)));
}
