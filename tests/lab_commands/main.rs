//! Commands played on the simulated servers, over the very protocol of a real agent.

mod console;
mod fences;
mod files;
mod rules;
mod space;
mod surface;
mod windows;

use console::Console;
use lockstep::rb1::Group;

#[test]
fn the_scheduler_is_shown_as_a_server_shows_it() {
    let mut console = Console::new("clean-swap");
    let shown = console.run("old", "Get-ADSyncScheduler");
    for line in [
        "AllowedSyncCycleInterval            : 00:30:00",
        "CurrentlyEffectiveSyncCycleInterval : 00:30:00",
        "NextSyncCyclePolicyType             : Delta",
        "PurgeRunHistoryInterval             : 7.00:00:00",
        "StagingModeEnabled                  : False",
        "SchedulerSuspended                  : False",
    ] {
        assert!(shown.contains(line), "{line} in\n{shown}");
    }
}

#[test]
fn a_cycle_is_started_by_hand_and_refused_while_it_runs() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    let shown = console.run("new", "Start-ADSyncSyncCycle -PolicyType Delta");
    assert!(shown.contains("Success"), "{shown}");
    let again = console.run("new", "Start-Sleep -Seconds 5; Start-ADSyncSyncCycle -PolicyType Delta");
    assert!(again.contains("is busy.") || again.contains("Sync is already running."), "{again}");
    let status = console.run("new", "Get-ADSyncConnectorRunStatus | Select-Object -ExpandProperty ConnectorName");
    assert!(status.is_empty() || status.contains("contoso"), "{status}");
}

#[test]
fn waiting_in_a_script_lets_the_world_go_on() {
    let mut console = Console::new("clean-swap");
    console.idle("old");
    let shown = console.run(
        "old",
        "Start-ADSyncSyncCycle -PolicyType Delta | Out-Null\nStart-Sleep -Seconds 4\nwhile ((Get-ADSyncScheduler).SyncCycleInProgress) { Start-Sleep -Seconds 5 }\n(Get-ADSyncRunProfileResult -NumberRequested 1).Result",
    );
    assert_eq!(shown.trim(), "success");
}

#[test]
fn a_run_profile_is_synchronous_and_answers_its_result() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    let shown = console.run("new", "Invoke-ADSyncRunProfile -ConnectorName contoso.com -RunProfileName 'Delta Import'");
    assert_eq!(shown.trim(), "success");
    let wrong = console.run("new", "Invoke-ADSyncRunProfile -ConnectorName contoso.com -RunProfileName 'Half Import'");
    assert!(wrong.contains("ERROR Run profile 'Half Import' not found for Connector(contoso.com)."), "{wrong}");
}

#[test]
fn overrides_are_deferred_as_microsoft_describes() {
    let mut console = Console::new("swing-overrides");
    let listed = console.run("new", "Get-ADSyncSchedulerConnectorOverride | fl");
    assert!(listed.contains("FullSyncRequired    : True"), "{listed}");
    let script = "foreach ($connectorOverride in Get-ADSyncSchedulerConnectorOverride)\n{\n    Set-ADSyncSchedulerConnectorOverride -ConnectorIdentifier $connectorOverride.ConnectorIdentifier.Guid -FullSyncRequired $false -FullImportRequired $false\n}\nSet-ADSyncScheduler -SyncCycleEnabled $true";
    let quiet = console.run("new", script);
    assert_eq!(quiet, "", "nothing is printed");
    let listed = console.run("new", "Get-ADSyncSchedulerConnectorOverride | fl");
    assert!(!listed.contains("True"), "{listed}");
    assert!(console.run("new", "(Get-ADSyncScheduler).SyncCycleEnabled").contains("True"));
}

#[test]
fn a_missing_connector_is_refused_in_the_servers_words() {
    let mut console = Console::new("connector-missing");
    let shown = console.run("new", "Get-ADSyncConnector -Identifier b891884f-051e-4a83-95af-2544101c9083");
    assert!(shown.contains("ERROR Operation failed because the specified MA could not be found."), "{shown}");
}

#[test]
fn without_the_product_its_commands_are_unknown() {
    let mut console = Console::new("migrate-to-new-server");
    let shown = console.run("new", "Get-ADSyncScheduler");
    assert!(shown.contains("The term 'Get-ADSyncScheduler' is not recognized"), "{shown}");
    let (core, _) = console.read("new", Group::Core);
    assert_eq!(core["Installed"], false);
    assert!(core.get("Scheduler").is_none() && core.get("Version").is_none());
}

#[test]
fn the_service_is_stopped_and_started_and_its_cmdlets_say_so() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    console.run("new", "Stop-Service ADSync -Force");
    let shown = console.run("new", "(Get-Service ADSync).Status; Get-ADSyncScheduler");
    assert!(shown.contains("Stopped") && shown.contains("ERROR Synchronization Service is not running."), "{shown}");
    let (core, errors) = console.read("new", Group::Core);
    assert_eq!(core["Service"]["Status"], "Stopped");
    assert!(errors.contains(&"Scheduler".to_owned()), "{errors:?}");
    console.run("new", "Start-Service ADSync");
    assert!(console.run("new", "(Get-Service ADSync).Status").contains("Running"));
}

#[test]
fn the_lines_of_the_upgrade_runbook_work() {
    let mut console = Console::new("clean-swap");
    let installed = console.run(
        "old",
        r#"Get-ItemProperty "HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*" | Where-Object { $_.DisplayName -like "*Entra*" } | Select-Object DisplayName, DisplayVersion"#,
    );
    assert!(installed.contains("2.6.84.0"), "{installed}");
    let counted =
        console.run("new", "Get-ADSyncConnector | ForEach-Object { Get-ADSyncConnectorStatistics -ConnectorName $_.Name }");
    assert_eq!(counted.matches("ExportDeletes").count(), 2, "{counted}");
    let events = console.run(
        "old",
        "Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'Directory Synchronization'; StartTime = (Get-Date).AddHours(-4) } -ErrorAction SilentlyContinue | Where-Object { $_.Id -eq 904 } | Select-Object -First 1 -ExpandProperty Message",
    );
    assert!(events.contains("cycle"), "{events}");
    assert!(console.run("old", "Get-ADSyncAutoUpgrade").contains("Disabled"));
    let tls = console.run("old", "w32tm /stripchart /computer:dc01.contoso.com /samples:2 /dataonly");
    assert!(tls.contains("Tracking dc01.contoso.com") && !tls.contains("ERROR"), "{tls}");
}

#[test]
fn pending_exports_are_written_and_analyzed() {
    let mut console = Console::new("ou-drift");
    let csexport = r#"& "C:\Program Files\Microsoft Azure AD Sync\Bin\csexport.exe" "contoso.onmicrosoft.com - AAD" C:\Temp\pending.xml /f:x"#;
    let written = console.run("new", csexport);
    assert!(written.contains("Successfully exported connector space to file 'C:\\Temp\\pending.xml'."), "{written}");
    let analyzed =
        console.run("new", r#"& "C:\Program Files\Microsoft Azure AD Sync\Bin\CSExportAnalyzer.exe" C:\Temp\pending.xml"#);
    assert!(analyzed.contains("OMODT delete: Count 1"), "{}", &analyzed[analyzed.len().saturating_sub(300)..]);
}

#[test]
fn an_object_of_the_metaverse_leads_to_its_object_in_each_connector_space() {
    let mut console = Console::new("clean-swap");
    console.say("create-user \"Tessa Test\" in Staff");
    console.pass(60);
    let lineage = "$user = Get-ADSyncCSObject -ConnectorName contoso.com -DistinguishedName 'CN=Tessa Test,OU=Staff,DC=contoso,DC=com'\n\
        (Get-ADSyncMVObject -Identifier $user.ConnectedMVObjectId).Lineage | ForEach-Object { \
        Get-ADSyncCSObject -ConnectorName $_.ConnectorName -DistinguishedName $_.ConnectedCsObjectDN } | Select-Object -ExpandProperty ConnectorName";
    let found = console.run("old", lineage);
    assert!(found.contains("contoso.com") && found.contains("contoso.onmicrosoft.com - AAD"), "{found}");
    let none = console.run("old", "Get-ADSyncMVObject -Identifier 00000000-0000-0000-0000-000000000001");
    assert!(none.contains("Unable to find the specified object"), "{none}");
}

#[test]
fn what_the_lab_does_not_play_is_refused_and_never_made_up() {
    let mut console = Console::new("clean-swap");
    let refused = console.run("old", "Get-ADSyncSchema");
    assert!(refused.contains("the lab does not play it"), "{refused}");
    let unknown = console.run("old", "Get-ADSyncUnicorn");
    assert!(unknown.contains("is not recognized as the name of a cmdlet"), "{unknown}");
    let window = console.run("old", "Get-ADSyncExportDeletionThreshold -AADUserName admin@contoso.com");
    assert!(window.contains("ERROR Showing a modal dialog box"), "{window}");
    let other = console.run("old", "Get-ComputerInfo | Select-Object OsName");
    assert!(other.contains("Get-ComputerInfo is known to a real server"), "{other}");
    let absent = console.run("old", "Get-ADSyncToolsTls12");
    assert!(absent.contains("is not recognized as the name of a cmdlet"), "the gallery's module is on no server: {absent}");
}

#[test]
fn every_group_of_facts_is_answered() {
    let mut console = Console::new("clean-swap");
    for role in ["old", "new"] {
        for group in Group::ALL {
            let (values, errors) = console.read(role, group);
            assert!(errors.is_empty(), "{group:?} {errors:?}");
            assert!(values.as_object().is_some_and(|map| !map.is_empty()), "{group:?}");
        }
    }
}

#[test]
fn a_run_that_takes_too_long_is_stopped() {
    let mut console = Console::new("clean-swap");
    let stopped = ("Stopped".to_owned(), Some("timeout".to_owned()));
    assert_eq!(console.limited("old", "while ($true) { }", 2_000), stopped);
    assert_eq!(console.limited("old", "Start-Sleep -Seconds 600", 2_000), stopped);
    assert_eq!(console.limited("old", "Start-Sleep -Seconds 1", 2_000).0, "Completed");
}

#[test]
fn a_german_server_prints_german_dates_and_answers_facts_as_any_other() {
    let mut console = Console::new("clean-swap");
    console.say("fault german-dates on old");
    let shown = console.run("old", "Get-ADSyncScheduler | Format-List NextSyncCycleStartTimeInUTC");
    assert!(shown.contains(".11.2026 2"), "{shown}");
    let (core, _) = console.read("old", Group::Core);
    assert!(core["Scheduler"]["NextSyncCycleStartTimeInUTC"].as_str().is_some_and(|at| at.starts_with("2026-11-21T")));
}

#[test]
fn a_custom_rule_out_of_range_keeps_the_settings_file_from_being_imported() {
    let mut console = Console::new("migrate-to-new-server");
    console.idle("old");
    console.say("fault rule-precedence on old");
    console.say("wizard old open");
    console.say(r"wizard old export \\fs\share\old.json");
    console.say("wizard old exit");
    console.say("installer new open");
    let verb = r"installer new customize import \\fs\share\old.json".parse().expect("a verb");
    let refused = console.lab.operate(&verb).expect_err("refused");
    assert!(refused.contains("precedence 250"), "{refused}");
    let text = console.run("old", r"(Get-Content \\fs\share\old.json -Raw).Contains('azureADConnectVersion')");
    assert!(text.contains("True"), "{text}");
}

#[test]
fn a_restart_of_the_service_frees_a_frozen_scheduler() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    console.say("fault scheduler-frozen on new");
    let newest = |console: &mut Console| console.read("new", Group::Runs).0["RunHistory"][0]["RunNumber"].as_u64();
    let before = newest(&mut console);
    console.pass(60);
    assert_eq!(newest(&mut console), before, "no cycle starts");
    console.run("new", "Restart-Service ADSync -Force");
    console.pass(1);
    assert!(newest(&mut console) > before);
}
