//! The cmdlets of the ADSync modules. Names and parameters are those a 2.2.8 server shows, with the newer ones of Microsoft's reference.

use super::{Cmdlet, Effect};

const fn reads(name: &'static str, parameters: &'static [&'static str]) -> Cmdlet {
    Cmdlet { name, parameters, effect: Effect::Reads, signs_in: false }
}

const fn writes(name: &'static str, parameters: &'static [&'static str]) -> Cmdlet {
    Cmdlet { name, parameters, effect: Effect::Writes, signs_in: false }
}

const fn changes(name: &'static str, parameters: &'static [&'static str]) -> Cmdlet {
    Cmdlet { name, parameters, effect: Effect::Changes, signs_in: false }
}

const fn with_sign_in(mut cmdlet: Cmdlet) -> Cmdlet {
    cmdlet.signs_in = true;
    cmdlet
}

/// Every cmdlet of which the parameters are known.
pub const TABLE: &[Cmdlet] = &[
    // Scheduler and cycle.
    reads("Get-ADSyncScheduler", &[]),
    changes(
        "Set-ADSyncScheduler",
        &[
            "CustomizedSyncCycleInterval",
            "SyncCycleEnabled",
            "NextSyncCyclePolicyType",
            "PurgeRunHistoryInterval",
            "MaintenanceEnabled",
            "SchedulerSuspended",
            "Force",
        ],
    ),
    changes("Start-ADSyncSyncCycle", &["PolicyType", "InteractiveMode"]),
    changes("Stop-ADSyncSyncCycle", &[]),
    changes("Stop-ADSyncRunProfile", &["ConnectorName"]),
    changes("Invoke-ADSyncRunProfile", &["ConnectorName", "ConnectorIdentifier", "RunProfileName", "Resume"]),
    reads("Get-ADSyncConnectorRunStatus", &[]),
    reads("Get-ADSyncSchedulerConnectorOverride", &["ConnectorIdentifier", "ConnectorName"]),
    changes(
        "Set-ADSyncSchedulerConnectorOverride",
        &["ConnectorIdentifier", "ConnectorName", "FullImportRequired", "FullSyncRequired"],
    ),
    changes("Start-ADSyncPurgeRunHistory", &["PurgeRunHistoryInterval", "Offline"]),
    // Configuration and results.
    reads("Get-ADSyncConnector", &["Identifier", "Name", "Summary"]),
    reads("Get-ADSyncConnectorPartition", &["Connector", "Identifier"]),
    reads("Get-ADSyncConnectorStatistics", &["ConnectorName"]),
    reads(
        "Get-ADSyncRunProfileResult",
        &["RunHistoryId", "ConnectorId", "RunProfileId", "RunNumber", "NumberRequested", "RunStepDetails", "StepNumber"],
    ),
    reads("Get-ADSyncRunStepResult", &["RunHistoryId", "StepHistoryId", "First", "StepNumber"]),
    reads("Get-ADSyncGlobalSettings", &[]),
    changes("Set-ADSyncGlobalSettings", &["GlobalSettings"]),
    writes("Get-ADSyncServerConfiguration", &["Path"]),
    changes("Set-ADSyncServerConfiguration", &["Path"]),
    reads("Get-ADSyncRule", &["Identifier"]),
    reads("Get-ADSyncRuleAudit", &[]),
    reads(
        "Get-ADSyncCSObject",
        &["ConnectorName", "ConnectorIdentifier", "DistinguishedName", "Identifier", "StartIndex", "MaxResultCount"],
    ),
    reads("Get-ADSyncMVObject", &["Identifier"]),
    reads("Get-ADSyncDatabaseConfiguration", &[]),
    reads("Get-ADSyncAADPasswordSyncConfiguration", &["SourceConnector"]),
    reads("Get-ADSyncAADPasswordResetConfiguration", &["Connector"]),
    reads("Get-ADSyncPartitionPasswordSyncState", &["ConnectorIdentifier"]),
    reads("Get-ADSyncDomainReachabilityStatus", &["ConnectorName"]),
    reads("Get-ADSyncAutoUpgrade", &["Detail"]),
    changes("Set-ADSyncAutoUpgrade", &["AutoUpgradeState", "SuspensionReason"]),
    with_sign_in(reads("Get-ADSyncExportDeletionThreshold", &["AADUserName", "AADCredential"])),
    with_sign_in(changes("Enable-ADSyncExportDeletionThreshold", &["DeletionThreshold", "AADUserName", "AADCredential"])),
    with_sign_in(changes("Disable-ADSyncExportDeletionThreshold", &["AADUserName", "AADCredential"])),
    // Rules by script, as the Rules Editor exports them.
    changes(
        "New-ADSyncRule",
        &[
            "Name",
            "Identifier",
            "Description",
            "Direction",
            "Precedence",
            "PrecedenceAfter",
            "PrecedenceBefore",
            "SourceObjectType",
            "TargetObjectType",
            "Connector",
            "LinkType",
            "SoftDeleteExpiryInterval",
            "ImmutableTag",
            "EnablePasswordSync",
            "Disabled",
        ],
    ),
    changes("Set-ADSyncRule", &["SynchronizationRule"]),
    changes("Remove-ADSyncRule", &["Identifier", "SynchronizationRule"]),
    changes("Add-ADSyncRule", &["SynchronizationRule"]),
];

/// Cmdlets of the ADSync modules whose parameters are not in the table: known by name, so that a misspelt one is told.
pub const BY_NAME: &[&str] = &[
    "Add-ADSyncAADServiceAccount",
    "Add-ADSyncApplicationRegistration",
    "Add-ADSyncAttributeFlowMapping",
    "Add-ADSyncJoinConditionGroup",
    "Add-ADSyncScopeConditionGroup",
    "Export-ADSyncToolsAadDisconnectors",
    "Export-ADSyncToolsRunHistory",
    "Get-ADSyncAADCompanyFeature",
    "Get-ADSyncADConnectorAccount",
    "Get-ADSyncEntraConnectorCredential",
    "Get-ADSyncObjectsWithInheritanceDisabled",
    "Get-ADSyncRunProfile",
    "Get-ADSyncSchema",
    "Get-ADSyncToolsRunHistory",
    "Get-ADSyncToolsTls12",
    "Invoke-ADSyncApplicationCredentialRotation",
    "Invoke-ADSyncDiagnostics",
    "Invoke-ADSyncSingleObjectSync",
    "Invoke-ADSyncSpecificObjectRunProfile",
    "Remove-ADSyncAADServiceAccount",
    "Repair-ADSyncToolsEntraAppParameters",
    "Set-ADSyncAADCompanyFeature",
    "Set-ADSyncAADPasswordSyncState",
    "Set-ADSyncMsDsConsistencyGuidPermissions",
    "Set-ADSyncToolsTls12",
    "Show-ADSyncADObjectPermissions",
    "Sync-ADSyncCSObject",
    "Test-AdSyncAzureServiceConnectivity",
    "Test-AdSyncUserHasPermissions",
];
