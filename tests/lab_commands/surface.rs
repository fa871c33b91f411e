//! The surface of the module ADSync, line by line: each cmdlet is played with exactly these properties, or refused in so many
//! words; each error has its type, its id and its category.

use lockstep::rb1::{ErrorRecord, Frame, Stream};

use crate::console::Console;

/// The namespace of the module's objects.
const MODEL: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel";

/// A script, the type of the first object that comes of it, and that object's properties in their order.
const PLAYED: &[(&str, &str, &str)] = &[
    (
        "Get-ADSyncScheduler",
        "SchedulerSettings",
        "AllowedSyncCycleInterval CurrentlyEffectiveSyncCycleInterval CustomizedSyncCycleInterval NextSyncCyclePolicyType \
         NextSyncCycleStartTimeInUTC PurgeRunHistoryInterval SyncCycleEnabled MaintenanceEnabled StagingModeEnabled \
         SchedulerSuspended SyncCycleInProgress",
    ),
    ("Start-ADSyncSyncCycle -PolicyType Delta", "SchedulerOperationStatus", "Result"),
    ("Stop-ADSyncSyncCycle", "SchedulerOperationStatus", "Result"),
    (
        "Get-ADSyncSchedulerConnectorOverride",
        "SchedulerConnectorOverride",
        "ConnectorIdentifier FullImportRequired FullSyncRequired",
    ),
    (
        "Get-ADSyncConnector",
        "Connector",
        "ConnectorTypeName Identifier Version InternalVersion FormatVersion Name Description CreationTime LastModificationTime \
         Partitions RunProfiles ConnectivityParameters GlobalParameters ObjectInclusionList AttributeInclusionList ListName \
         CompanyName Type Subtype ExtensionConfiguration PasswordHashConfiguration AADPasswordResetConfiguration",
    ),
    (
        "(Get-ADSyncConnector)[0].Partitions[0]",
        "Partition",
        "Identifier DN Version CreationTime Selected ConnectorPartitionScope Name PreferredDCs IsDomain Type",
    ),
    (
        "(Get-ADSyncConnector)[0].Partitions[0].ConnectorPartitionScope",
        "ConnectorPartitionScope",
        "ObjectClasses ContainerInclusionList ContainerExclusionList",
    ),
    (
        "Get-ADSyncConnectorPartition -Connector (Get-ADSyncConnector -Name contoso.com)",
        "Partition",
        "Identifier DN Version CreationTime Selected ConnectorPartitionScope Name PreferredDCs IsDomain Type",
    ),
    ("Get-ADSyncRunProfile -ConnectorName contoso.com", "RunProfile", "Identifier Name"),
    (
        "Get-ADSyncConnectorStatistics -ConnectorName contoso.com",
        "ConnectorStatistics",
        "ExportAdds ExportUpdates ExportDeletes ImportAdds ImportUpdates ImportDeletes ImportNoChange TotalConnectors",
    ),
    (
        "Get-ADSyncRunProfileResult -NumberRequested 1",
        "RunProfileResult",
        "RunHistoryId ConnectorId ConnectorName RunProfileId RunProfileName RunNumber Username IsRunComplete Result \
         CurrentStepNumber TotalSteps StartDate EndDate RunStepResults",
    ),
    (
        "Get-ADSyncRunStepResult -First",
        "RunStepResult",
        "RunHistoryId StepHistoryId StepNumber StepResult StartDate EndDate StageNoChange StageAdd StageUpdate StageRename \
         StageDelete StageDeleteAdd StageFailure DisconnectorFiltered DisconnectorJoinedNoFlow DisconnectorJoinedFlow \
         DisconnectorJoinedRemoveMv DisconnectorProjectedNoFlow DisconnectorProjectedFlow DisconnectorProjectedRemoveMv \
         DisconnectorRemains ConnectorFilteredRemoveMv ConnectorFilteredLeaveMv ConnectorFlow ConnectorFlowRemoveMv \
         ConnectorNoFlow ConnectorDeleteRemoveMv ConnectorDeleteLeaveMv ConnectorDeleteAddProcessed FlowFailure ExportAdd \
         ExportUpdate ExportRename ExportDelete ExportDeleteAdd ExportFailure CurrentExportBatchNumber \
         LastSuccessfulExportBatchNumber StepFileName ConnectorConnectionInformationXml ConnectorDiscoveryErrors \
         ConnectorCountersXml SyncErrors StepXml MvRetryErrors FlowCountersXml",
    ),
    ("(Get-ADSyncRunStepResult -First).SyncErrors", "SyncErrors", "SyncErrorsXml SyncErrorsList SyncErrorsSummaryXml"),
    ("Get-ADSyncGlobalSettings", "GlobalSettings", "Version SqlSchemaVersion InstanceId Schema Parameters"),
    ("Get-ADSyncGlobalSettingsParameter", "ParameterValue", "Name Value"),
    (
        "Get-ADSyncRule",
        "SynchronizationRule",
        "Identifier InternalId Name Version Description ImmutableTag Connector Direction Disabled SourceObjectType \
         TargetObjectType Precedence LinkType EnablePasswordSync JoinFilter ScopeFilter AttributeFlowMappings \
         SoftDeleteExpiryInterval IsStandardRule IsLegacyCustomRule",
    ),
    (
        "Get-ADSyncDatabaseConfiguration",
        "DatabaseConfiguration",
        "UsedSpaceInMb IsLocalDBInstalled SqlServerName SqlServerInstanceName SqlServerDBName SqlFullVersion SqlProductVersion \
         SqlEdition",
    ),
    (
        "Get-ADSyncAADCompanyFeature",
        "AADCompanyFeature",
        "PasswordHashSync ForcePasswordChangeOnLogOn UserWriteback DeviceWriteback UnifiedGroupWriteback GroupWritebackV2",
    ),
    (
        "Get-ADSyncAADPasswordSyncConfiguration -SourceConnector contoso.com",
        "AADPasswordSyncConfiguration",
        "SourceConnector TargetConnector Enabled",
    ),
    (
        "Get-ADSyncPartitionPasswordSyncState",
        "PartitionPasswordSyncState",
        "ConnectorId DN PasswordSyncLastSuccessfulCycleStartTimestamp PasswordSyncLastSuccessfulCycleEndTimestamp \
         PasswordSyncLastCycleStartTimestamp PasswordSyncLastCycleEndTimestamp PasswordSyncLastCycleStatus",
    ),
    (
        "Get-ADSyncDomainReachabilityStatus -ConnectorName contoso.com",
        "DomainReachabilityStatus",
        "FullName IsReachable ExceptionMessage",
    ),
    ("Get-ADSyncAutoUpgrade -Detail", "AutoUpgradeStatus", "State SuspensionReason"),
];

#[test]
fn every_cmdlet_that_is_played_has_its_properties() {
    for (script, type_name, properties) in PLAYED {
        let mut console = Console::new("clean-swap");
        console.idle("old");
        let shown = console
            .run("old", &format!("$one = @({script})[0]\n$one.GetType().FullName\n$one.PSObject.Properties.Name -join ' '"));
        assert_eq!(shown, format!("{MODEL}.{type_name}\n{properties}\n"), "{script}");
    }
}

#[test]
fn what_returns_nothing_prints_nothing() {
    for script in [
        "Set-ADSyncScheduler -SyncCycleEnabled $false",
        "Set-ADSyncScheduler -CustomizedSyncCycleInterval 03:00:00",
        "Set-ADSyncScheduler -CustomizedSyncCycleInterval $null -NextSyncCyclePolicyType Initial -PurgeRunHistoryInterval 7.0:0:0",
        "Set-ADSyncSchedulerConnectorOverride -ConnectorName contoso.com -FullSyncRequired $true",
        "Get-ADSyncConnectorRunStatus",
        "Stop-ADSyncRunProfile -ConnectorName contoso.com",
        "Set-ADSyncAutoUpgrade -AutoUpgradeState Disabled",
        "Get-ADSyncServerConfiguration -Path C:\\Temp\\config",
        "Start-ADSyncPurgeRunHistory -PurgeRunHistoryInterval 1.00:00:00",
    ] {
        let mut console = Console::new("clean-swap");
        console.idle("old");
        assert_eq!(console.run("old", script), "", "{script}");
    }
}

/// Known to a server and not to the lab: its state does not hold what they answer.
const REFUSED: &[&str] = &[
    "Get-ADSyncRuleAudit",
    "Get-ADSyncSchema",
    "Invoke-ADSyncDiagnostics -PasswordSync",
    "Invoke-ADSyncSingleObjectSync -DistinguishedName 'CN=a,DC=contoso,DC=com'",
    "Sync-ADSyncCSObject",
    "Invoke-ADSyncSpecificObjectRunProfile",
    "Test-AdSyncAzureServiceConnectivity -AzureEnvironment Worldwide",
    "Test-AdSyncUserHasPermissions",
    "Invoke-ADSyncApplicationCredentialRotation -CertificateSHA256Hash 00",
];

/// They open a sign-in window, which an agent's session has not.
const SIGN_IN: &[&str] = &[
    "Get-ADSyncExportDeletionThreshold -AADUserName admin@contoso.com",
    "Enable-ADSyncExportDeletionThreshold -DeletionThreshold 500 -AADUserName admin@contoso.com",
    "Disable-ADSyncExportDeletionThreshold -AADUserName admin@contoso.com",
    "Set-ADSyncAADCompanyFeature -PasswordHashSync $true",
    "Set-ADSyncAADPasswordSyncState -Enable $true",
    "Add-ADSyncAADServiceAccount",
    "Remove-ADSyncAADServiceAccount -Name Sync_EC01_0123",
    "Add-EntraApplicationRegistration",
    "Add-ADSyncApplicationRegistration",
    "Remove-EntraApplicationKey -CertificateId 0",
];

/// Of modules that must be loaded or installed first.
const ABSENT: &[&str] = &[
    "Get-ADSyncToolsRunHistory -Days 1",
    "Export-ADSyncToolsRunHistory -TargetName a",
    "Get-ADSyncToolsTls12",
    "Set-ADSyncToolsTls12 -Enabled $true",
    "Export-ADSyncToolsAadDisconnectors",
    "Repair-ADSyncToolsEntraAppParameters",
    "Get-ADSyncObjectsWithInheritanceDisabled",
    "Show-ADSyncADObjectPermissions",
];

/// The errors of a run, those that ended it too.
fn errors(console: &mut Console, script: &str) -> Vec<ErrorRecord> {
    let mut errors = Vec::new();
    for frame in console.frames("old", script) {
        match frame {
            Frame::Out(out) if out.s == Stream::Error => errors.extend(out.err),
            Frame::End { err: Some(err), .. } => errors.push(err),
            _ => {}
        }
    }
    errors
}

#[test]
fn what_is_not_played_is_refused_in_so_many_words() {
    for script in REFUSED {
        let mut console = Console::new("clean-swap");
        console.idle("old");
        let errors = errors(&mut console, script);
        let refused = errors.first().is_some_and(|error| error.message.contains("the lab does not play"));
        assert!(refused, "{script}: {errors:?}");
    }
    for script in SIGN_IN {
        let errors = errors(&mut Console::new("clean-swap"), script);
        assert!(errors[0].message.starts_with("Showing a modal dialog box or form"), "{script}: {errors:?}");
    }
    for script in ABSENT {
        let errors = errors(&mut Console::new("clean-swap"), script);
        assert_eq!(errors[0].exception, "System.Management.Automation.CommandNotFoundException", "{script}: {errors:?}");
    }
}

struct Wrong {
    /// The scenario, what the lab's operator does before, and the script
    given: (&'static str, &'static [&'static str], &'static str),
    message: &'static str,
    exception: &'static str,
    category: &'static str,
    /// The end of the FullyQualifiedErrorId
    class: &'static str,
}

const ERRORS: &[Wrong] = &[
    Wrong {
        given: ("clean-swap", &[], "Get-ADSyncConnector -Identifier 00000000-0000-0000-0000-000000000001"),
        message: "Operation failed because the specified MA could not be found.",
        exception: "Microsoft.IdentityManagement.PowerShell.ObjectModel.ConnectorNotFoundException",
        category: "ReadError",
        class: ",Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncConnectorCmdlet",
    },
    Wrong {
        given: ("clean-swap", &[], "Invoke-ADSyncRunProfile -ConnectorName contoso.com -RunProfileName 'Half Import'"),
        message: "Run profile 'Half Import' not found for Connector(contoso.com).",
        exception: "System.InvalidOperationException",
        category: "ReadError",
        class: ",Microsoft.IdentityManagement.PowerShell.Cmdlet.InvokeADSyncRunProfileCmdlet",
    },
    Wrong {
        given: ("clean-swap", &[], "Set-ADSyncScheduler -StagingModeEnabled $true"),
        message: "A parameter cannot be found that matches parameter name 'StagingModeEnabled'.",
        exception: "System.Management.Automation.ParameterBindingException",
        category: "InvalidArgument",
        class: "NamedParameterNotFound,Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncScheduler",
    },
    Wrong {
        given: ("clean-swap", &[], "Set-ADSyncScheduler -CustomizedSyncCycleInterval 0.00:10:00"),
        message: "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
        exception: "System.Management.Automation.PSInvalidOperationException",
        category: "InvalidOperation",
        class: ",Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncScheduler",
    },
    Wrong {
        given: ("clean-swap", &["service old stop"], "Start-Sleep 10; Get-ADSyncScheduler"),
        message: "Synchronization Service is not running.",
        exception: "System.InvalidOperationException",
        category: "ConnectionError",
        class: ",Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncScheduler",
    },
];

#[test]
fn errors_have_their_type_id_and_category() {
    for Wrong { given: (scenario, verbs, script), message, exception, category, class } in ERRORS {
        let mut console = Console::new(scenario);
        console.idle("old");
        for verb in *verbs {
            console.say(verb);
        }
        let errors = errors(&mut console, script);
        let error = errors.first().unwrap_or_else(|| panic!("no error: {script}"));
        assert_eq!((error.message.as_str(), error.exception.as_str()), (*message, *exception), "{script}");
        assert_eq!(error.category, *category, "{script}");
        assert!(error.fqid.ends_with(class), "{script}: {}", error.fqid);
    }
}

/// What keeps a cycle from starting, in the order in which the engine looks.
#[test]
fn a_start_is_refused_for_the_first_reason_that_holds() {
    let mut console = Console::new("clean-swap");
    console.idle("old");
    let mut refusal = |script: &str| {
        let errors = errors(&mut console, script);
        let error = errors.into_iter().next().expect("refused");
        assert_eq!((error.category.as_str(), error.exception.as_str()), ("WriteError", "System.InvalidOperationException"));
        assert!(error.message.ends_with("Int32 interactiveMode, Char** errorString)"), "{}", error.message);
        error.message.lines().next().unwrap_or_default().trim_start_matches("System.InvalidOperationException: ").to_owned()
    };
    let start = "Start-ADSyncSyncCycle -PolicyType Delta";
    let again = format!("{start} | Out-Null; {start}");
    let requested = refusal(&again);
    assert_eq!(requested, "A sync cycle has already being requested. Cannot start a new run till this one completes.");
    let busy = refusal(&format!("while (-not (Get-ADSyncConnectorRunStatus)) {{ Start-Sleep -Milliseconds 200 }}; {start}"));
    assert!(busy.starts_with("Connector: ") && busy.ends_with(" is busy."), "{busy}");
    let suspended = refusal(&format!("Set-ADSyncScheduler -SchedulerSuspended $true; {start}"));
    assert_eq!(suspended, "Scheduler is already suspended via global parameters.");
    let wizard = "while ((Get-ADSyncScheduler).SyncCycleInProgress) { Start-Sleep 2 }; Set-ADSyncScheduler -SchedulerSuspended $false -SyncCycleEnabled $false";
    refusal(&format!("{wizard}; Start-ADSyncSyncCycle -PolicyType Delta | Out-Null; {start}"));
    console.idle("old");
    console.say("wizard old open");
    let open = errors(&mut console, start);
    assert!(open[0].message.contains("wizard is open"), "{open:?}");
}

#[test]
fn a_value_that_is_no_policy_is_told_in_the_binders_words() {
    let errors = errors(&mut Console::new("clean-swap"), "Start-ADSyncSyncCycle -PolicyType Foo");
    let message = &errors[0].message;
    assert!(message.starts_with("Cannot bind parameter 'PolicyType'. Cannot convert value \"Foo\" to type"), "{message}");
    assert!(message.contains("Unspecified, Delta, Initial"), "{message}");
}

#[test]
fn an_export_error_names_its_object_in_both_spaces() {
    let mut console = Console::new("clean-swap");
    console.idle("old");
    console.say("fault export-errors on old");
    console.pass(60);
    let script = "$step = Get-ADSyncRunStepResult | Where-Object StepResult -eq 'completed-export-errors' | Select-Object -First 1\n$error1 = $step.SyncErrors.SyncErrorsList[0]\n$object = Get-ADSyncCSObject -Identifier $error1.CsGuid\n$object.HasExportError; $object.ConnectedMVObjectId -eq $error1.MvGuid; $error1.PSObject.Properties.Name -join ' '";
    let shown = console.run("old", script);
    assert_eq!(
        shown,
        "True\nTrue\nObjectDisplayName ObjectDn CsGuid MvGuid FirstOccurred RetryCount DateOccurred ErrorType AlgorithmStep ErrorMessage CdError\n"
    );
}
