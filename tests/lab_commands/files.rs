//! What commands write into files can be read back.

use crate::console::Console;

#[test]
fn the_analysis_of_an_export_is_read_back() {
    let mut console = Console::new("ou-drift");
    let shown = console.run(
        "new",
        "& 'C:\\Program Files\\Microsoft Azure AD Sync\\Bin\\csexport.exe' 'contoso.onmicrosoft.com - AAD' C:\\Temp\\export.xml /f:x\n\
         & 'C:\\Program Files\\Microsoft Azure AD Sync\\Bin\\CSExportAnalyzer.exe' C:\\Temp\\export.xml > C:\\Temp\\export.csv\n\
         (Import-Csv C:\\Temp\\export.csv | Where-Object OMODT -eq 'delete').Count -gt 0\n\
         Select-String -Path C:\\Temp\\export.csv -Pattern '^OMODT delete' | Select-Object -ExpandProperty Line",
    );
    assert!(!shown.contains("ERROR"), "{shown}");
    assert!(shown.contains("True\nOMODT delete: Count 1"), "{shown}");
}

#[test]
fn rules_go_through_csv_and_json() {
    let mut console = Console::new("clean-swap");
    let shown = console.run(
        "old",
        "Get-ADSyncRule | Select-Object Name, Precedence | Export-Csv C:\\Temp\\rules.csv -NoTypeInformation\n\
         Get-Content C:\\Temp\\rules.csv -TotalCount 2\n\
         (Import-Csv C:\\Temp\\rules.csv)[0].Precedence\n\
         Get-ADSyncScheduler | ConvertTo-Json | Set-Content C:\\Temp\\scheduler.json\n\
         $read = Get-Content C:\\Temp\\scheduler.json -Raw | ConvertFrom-Json\n\
         $read.AllowedSyncCycleInterval.TotalMinutes\n\
         $read.NextSyncCycleStartTimeInUTC -is [datetime]",
    );
    assert_eq!(shown, "\"Name\",\"Precedence\"\n\"In from AD - User Join\",\"100\"\n100\n30\nTrue\n");
}

#[test]
fn what_is_redirected_is_what_was_printed() {
    let mut console = Console::new("clean-swap");
    let shown = console.run("old", "Get-ADSyncScheduler | Select-Object SyncCycleEnabled > C:\\Temp\\s.txt\n'again' >> C:\\Temp\\s.txt\nGet-Content C:\\Temp\\s.txt");
    let lines: Vec<&str> = shown.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, ["SyncCycleEnabled", "----------------", "True", "again"]);
    assert_eq!(console.run("old", "Get-ADSyncScheduler > $null"), "");
    let kept = console.run("old", "Get-Service Nothing 2> C:\\Temp\\e.txt\nGet-Content C:\\Temp\\e.txt -TotalCount 1");
    assert_eq!(kept, "Get-Service : Cannot find any service with service name 'Nothing'.\n");
    let refused = console.run("old", "Get-ADSyncScheduler *> C:\\Temp\\all.txt");
    assert!(refused.contains("The lab does not play"), "{refused}");
}

#[test]
fn a_file_reaches_another_server_by_a_share_only() {
    let mut console = Console::new("clean-swap");
    console.run("old", "Set-Content C:\\Temp\\rule.ps1 'New-ADSyncRule'\nCopy-Item C:\\Temp\\rule.ps1 \\\\fs\\share\\rule.ps1");
    assert!(console.run("new", "Get-Content C:\\Temp\\rule.ps1").contains("Cannot find path"));
    assert_eq!(console.run("new", "Get-Content \\\\fs\\share\\rule.ps1"), "New-ADSyncRule\n");
    console.run("new", "Remove-Item \\\\fs\\share\\rule.ps1");
    assert_eq!(console.run("old", "Test-Path \\\\fs\\share\\rule.ps1"), "False\n");
}

#[test]
fn lines_that_are_found_are_printed_with_their_place() {
    let mut console = Console::new("clean-swap");
    let shown = console.run("old", "Set-Content C:\\Temp\\a.txt 'one','two','Two'\nSelect-String two C:\\Temp\\a.txt");
    assert_eq!(shown, "\nC:\\Temp\\a.txt:2:two\nC:\\Temp\\a.txt:3:Two\n\n\n");
    assert_eq!(
        console.run(
            "old",
            "'one','two' | Select-String -SimpleMatch o -NotMatch | Measure-Object | Select-Object -ExpandProperty Count"
        ),
        "0\n"
    );
}

#[test]
fn json_that_is_none_is_refused_in_the_words_of_5_1() {
    let shown = Console::new("clean-swap").run("old", "'not json' | ConvertFrom-Json");
    assert!(shown.contains("ERROR Invalid JSON primitive: not."), "{shown}");
}

#[test]
fn the_staging_mode_can_be_written_back_into_the_global_settings() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    let script = "$settings = Get-ADSyncGlobalSettings\n\
        $settings.Parameters['Microsoft.Synchronize.StagingMode'].Value = 'False'\n\
        Set-ADSyncGlobalSettings $settings | Out-Null\n\
        (Get-ADSyncScheduler).StagingModeEnabled";
    assert_eq!(console.run("new", script), "False\n");
    let refused = script.replace("Synchronize.StagingMode", "UserSignIn.SignOnMethod");
    assert!(console.run("new", &refused).contains("the lab does not play that"));
}

#[test]
fn a_rule_keeps_its_scope_and_its_joins() {
    let mut console = Console::new("clean-swap");
    let shown = console.run(
        "new",
        "$connector = (Get-ADSyncConnector -Name contoso.com).Identifier\n\
         New-ADSyncRule -Name 'In from AD - Staff' -Identifier '1f7a6a04-8f5f-4a43-a5e5-5f4b2f1f0002' -Direction 'Inbound' -Precedence 51 -SourceObjectType 'user' -TargetObjectType 'person' -Connector $connector -LinkType 'Join' -SoftDeleteExpiryInterval 0 -ImmutableTag '' -OutVariable syncRule | Out-Null\n\
         New-Object -TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition' -ArgumentList 'department','Staff','EQUAL' -OutVariable condition0 | Out-Null\n\
         Add-ADSyncScopeConditionGroup -SynchronizationRule $syncRule[0] -ScopeConditions @($condition0[0]) -OutVariable syncRule | Out-Null\n\
         New-Object -TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.JoinCondition' -ArgumentList 'mail','mail',$false -OutVariable condition0 | Out-Null\n\
         Add-ADSyncJoinConditionGroup -SynchronizationRule $syncRule[0] -JoinConditions @($condition0[0]) -OutVariable syncRule | Out-Null\n\
         Add-ADSyncRule -SynchronizationRule $syncRule[0] -WarningAction SilentlyContinue | Out-Null\n\
         $rule = Get-ADSyncRule -Identifier '1f7a6a04-8f5f-4a43-a5e5-5f4b2f1f0002'\n\
         $rule.ScopeFilter[0].ScopeConditionList[0].ComparisonValue\n\
         $rule.JoinFilter[0].JoinConditionList[0].CSAttribute",
    );
    assert!(shown.ends_with("Staff\nmail\n"), "{shown}");
}

#[test]
fn the_registry_is_gone_through_as_a_drive() {
    let mut console = Console::new("clean-swap");
    let uninstall = "Get-ChildItem 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall' | Get-ItemProperty | Where-Object DisplayName -clike 'Microsoft Entra Connect Sync*' | Select-Object -ExpandProperty DisplayVersion";
    assert_eq!(console.run("old", uninstall), "2.6.84.0\n");
    let key = "(Get-Item 'HKLM:\\SOFTWARE\\Microsoft\\Azure AD Connect').Property -contains 'SyncMachineIdentifier'";
    assert_eq!(console.run("old", key), "True\n");
    assert!(console.run("old", "Get-Item 'HKLM:\\SOFTWARE\\Microsoft\\Azure AD Connect\\Nothing'").contains("Cannot find path"));
    for reading in ["Get-ItemProperty", "Get-Item", "Get-ChildItem", "Test-Path"] {
        let shown = console.run("old", &format!("{reading} 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion'"));
        assert!(shown.contains("the lab knows what is installed, .NET, TLS"), "{reading}: a real server has it\n{shown}");
    }
    let net = "Get-ItemProperty 'HKLM:\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319' -Name SchUseStrongCrypto";
    assert!(console.run("old", net).contains("Property SchUseStrongCrypto does not exist at path"));
    assert_eq!(console.run("old", &uninstall.replace("Microsoft Entra", "microsoft entra")), "");
}

#[test]
fn a_connector_space_is_listed_from_a_place_on() {
    let mut console = Console::new("clean-swap");
    let listed = |console: &mut Console, connector: &str, start: u32| {
        console.run("old", &format!("Get-ADSyncCSObject -ConnectorName '{connector}' -StartIndex {start} -MaxResultCount 3 | Select-Object -ExpandProperty DistinguishedName"))
    };
    for connector in ["contoso.com", "contoso.onmicrosoft.com - AAD"] {
        let (first, later) = (listed(&mut console, connector, 0), listed(&mut console, connector, 2));
        assert_eq!(first.lines().count(), 3, "{first}");
        assert_eq!(first.lines().nth(2), later.lines().next());
    }
}
