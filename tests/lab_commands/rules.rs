//! Rules by script: what the Rules Editor's Export writes, typed into a session on another server.

use crate::console::Console;

/// As the Rules Editor of `EC01` exports a rule: the connector's Guid is that server's.
fn exported(connector: &str) -> String {
    format!(
        r"New-ADSyncRule  `
-Name 'In from AD - User Department' `
-Identifier '1f7a6a04-8f5f-4a43-a5e5-5f4b2f1f0001' `
-Description '' `
-Direction 'Inbound' `
-Precedence 50 `
-PrecedenceAfter '00000000-0000-0000-0000-000000000000' `
-PrecedenceBefore '00000000-0000-0000-0000-000000000000' `
-SourceObjectType 'user' `
-TargetObjectType 'person' `
-Connector '{connector}' `
-LinkType 'Join' `
-SoftDeleteExpiryInterval 0 `
-ImmutableTag '' `
-OutVariable syncRule


Add-ADSyncAttributeFlowMapping  `
-SynchronizationRule $syncRule[0] `
-Source @('department') `
-Destination 'extensionAttribute15' `
-FlowType 'Direct' `
-ValueMergeType 'Update' `
-OutVariable syncRule


New-Object  `
-TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition' `
-ArgumentList 'department','','ISNOTNULL' `
-OutVariable condition0


Add-ADSyncScopeConditionGroup  `
-SynchronizationRule $syncRule[0] `
-ScopeConditions @($condition0[0]) `
-OutVariable syncRule


New-Object  `
-TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.JoinCondition' `
-ArgumentList 'objectGUID','sourceAnchorBinary',$false `
-OutVariable condition0


Add-ADSyncJoinConditionGroup  `
-SynchronizationRule $syncRule[0] `
-JoinConditions @($condition0[0]) `
-OutVariable syncRule


Add-ADSyncRule  `
-SynchronizationRule $syncRule[0]

Get-ADSyncRule  `
-Identifier '1f7a6a04-8f5f-4a43-a5e5-5f4b2f1f0001'
"
    )
}

fn guid(console: &mut Console, role: &str) -> String {
    console.run(role, "(Get-ADSyncConnector -Name contoso.com).Identifier.Guid").trim().to_owned()
}

#[test]
fn an_exported_rule_fails_with_a_foreign_guid_and_leaves_nothing() {
    let mut console = Console::new("foreign-rules");
    console.idle("new");
    let (foreign, own) = (guid(&mut console, "old"), guid(&mut console, "new"));
    assert_ne!(foreign, own);
    let refused = console.run("new", &exported(&foreign));
    assert!(refused.contains("ERROR Operation failed because the specified MA could not be found."), "{refused}");
    assert!(refused.contains("ERROR The specified synchronization rule could not be found."), "{refused}");
    let overrides = console.run("new", "Get-ADSyncSchedulerConnectorOverride | fl");
    assert!(!overrides.contains("True"), "{overrides}");
}

#[test]
fn with_the_right_guid_the_rule_is_there_and_the_connector_is_read_anew() {
    let mut console = Console::new("foreign-rules");
    console.idle("new");
    let own = guid(&mut console, "new");
    let made = console.run("new", &exported(&own));
    assert!(!made.contains("ERROR") && !made.contains("FAILED"), "{made}");
    let warning = "WARNING Performing this operation has set connector 'contoso.com' to do a full import and full sync on the next scheduled sync cycle";
    assert!(made.contains(warning), "{made}");
    let rule = console.run(
        "new",
        "$r = Get-ADSyncRule -Identifier 1f7a6a04-8f5f-4a43-a5e5-5f4b2f1f0001\n\"$($r.Name)|$($r.Precedence)|$($r.IsStandardRule)|$($r.AttributeFlowMappings[0].Destination)|$($r.ScopeFilter[0].ScopeConditionList[0].ComparisonOperator)|$($r.JoinFilter[0].JoinConditionList[0].MVAttribute)\"",
    );
    assert_eq!(rule, "In from AD - User Department|50|False|extensionAttribute15|ISNOTNULL|sourceAnchorBinary\n");
    let overrides = console.run(
        "new",
        "Get-ADSyncSchedulerConnectorOverride | ForEach-Object { \"$($_.ConnectorIdentifier) $($_.FullImportRequired) $($_.FullSyncRequired)\" }",
    );
    assert!(overrides.contains(&format!("{own} True True")), "{overrides}");
    assert!(overrides.contains("b891884f-051e-4a83-95af-2544101c9083 False False"), "{overrides}");
}

#[test]
fn the_same_script_again_changes_the_rule_and_another_of_its_precedence_is_refused() {
    let mut console = Console::new("foreign-rules");
    console.idle("new");
    let own = guid(&mut console, "new");
    console.run("new", &exported(&own));
    let again = console.run("new", &exported(&own));
    assert!(!again.contains("ERROR"), "{again}");
    let count = console.run("new", "@(Get-ADSyncRule | Where-Object Name -eq 'In from AD - User Department').Count");
    assert_eq!(count, "1\n");
    let other = exported(&own).replace("5f4b2f1f0001", "5f4b2f1f0002");
    let refused = console.run("new", &other);
    assert!(refused.contains("ERROR The precedence 50 is used"), "{refused}");
}

#[test]
fn a_rule_is_switched_off_by_script_and_the_overrides_say_so() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    let script = "$rule = Get-ADSyncRule | Where-Object Name -eq 'In from AD - User Common'\n$rule.Disabled = $true\nSet-ADSyncRule -SynchronizationRule $rule | Out-Null";
    let shown = console.run("new", script);
    assert!(shown.starts_with("WARNING Performing this operation has set connector 'contoso.com'"), "{shown}");
    let disabled = console.run("new", "(Get-ADSyncRule | Where-Object Disabled).Name");
    assert_eq!(disabled, "In from AD - User Common\n");
    let unknown = console.run("new", "$rule = Get-ADSyncRule | Select-Object -First 1\n$rule.Identifier = [guid]'00000000-0000-0000-0000-000000000009'\nSet-ADSyncRule $rule");
    assert!(unknown.contains("ERROR The specified synchronization rule could not be found."), "{unknown}");
}

#[test]
fn a_rule_that_is_removed_asks_for_a_full_synchronization() {
    let mut console = Console::new("foreign-rules");
    console.idle("old");
    let removed = console.run("old", "Get-ADSyncRule | Where-Object { -not $_.IsStandardRule } | Remove-ADSyncRule");
    assert!(removed.contains("to do a full sync on the next scheduled sync cycle"), "{removed}");
    assert_eq!(console.run("old", "@(Get-ADSyncRule | Where-Object { -not $_.IsStandardRule }).Count"), "0\n");
}
