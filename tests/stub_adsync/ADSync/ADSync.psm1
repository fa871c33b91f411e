# A stand-in for the module ADSync, for tests of the agent on a machine without Entra Connect: the cmdlets that the agent
# calls, with the property names and types of the real ones. The values are of the invented company Contoso.
# Dates come as the real module gives them, UTC without saying so, and here and there of the other kinds too; enums are
# enums, as over there.
enum StubPolicyType { Unspecified; Delta; Initial }
enum StubDirection { Inbound; Outbound }
enum StubPasswordStatus { None; Successful; Failed }
enum StubUpgradeState { Suspended; Enabled; Disabled }
$local = { param($d, $h, $m) (New-Object datetime(2026, 11, $d, $h, $m, 0, [System.DateTimeKind]::Utc)).ToLocalTime() }
$entra = [guid]'b891884f-051e-4a83-95af-2544101c9083'
$forest = [guid]'11111111-2222-3333-4444-555555555555'
$utc = { param($d, $h, $m) [datetime]::SpecifyKind((New-Object datetime(2026, 11, $d, $h, $m, 0)), [System.DateTimeKind]::Unspecified) }

function Get-ADSyncScheduler {
    [pscustomobject]@{
        AllowedSyncCycleInterval = [timespan]'00:30:00'; CurrentlyEffectiveSyncCycleInterval = [timespan]'00:30:00'; CustomizedSyncCycleInterval = $null
        NextSyncCyclePolicyType = [StubPolicyType]::Delta; NextSyncCycleStartTimeInUTC = (& $utc 21 3 30); PurgeRunHistoryInterval = [timespan]'7.00:00:00'
        SyncCycleEnabled = [System.Nullable[bool]]$true; MaintenanceEnabled = $true; StagingModeEnabled = $false; SchedulerSuspended = $false; SyncCycleInProgress = $false
    }
}
function Get-ADSyncConnectorRunStatus { }
function Get-ADSyncConnector {
    [pscustomobject]@{
        Name = 'contoso.com'; Identifier = $forest; Type = 'AD'; Subtype = ''
        ConnectivityParameters = @([pscustomobject]@{ Name = 'forest-login-user'; Value = 'MSOL_0123456789ab' }, [pscustomobject]@{ Name = 'forest-login-domain'; Value = 'CONTOSO' })
        Partitions = @([pscustomobject]@{ DN = 'DC=contoso,DC=com'; Selected = $true; ConnectorPartitionScope = [pscustomobject]@{ ContainerInclusionList = @('OU=People,DC=contoso,DC=com'); ContainerExclusionList = @() } })
    }
    [pscustomobject]@{ Name = 'contoso.onmicrosoft.com - AAD'; Identifier = $entra; Type = 'Extensible2'; Subtype = 'Windows Azure Active Directory (Microsoft)'; ConnectivityParameters = @(); Partitions = @() }
}
function Get-ADSyncConnectorStatistics {
    param($ConnectorName)
    [pscustomobject]@{ ExportAdds = 0; ExportUpdates = 2; ExportDeletes = 0; ImportAdds = 0; ImportUpdates = 0; ImportDeletes = 0; ImportNoChange = 0; TotalConnectors = 2000 }
}
function Get-ADSyncSchedulerConnectorOverride { [pscustomobject]@{ ConnectorIdentifier = $entra; FullImportRequired = $false; FullSyncRequired = $false } }
function Get-ADSyncRunProfileResult {
    param([int]$NumberRequested)
    [pscustomobject]@{ RunHistoryId = [guid]'99999999-0000-0000-0000-000000000001'; RunNumber = 41; ConnectorId = $entra; ConnectorName = 'contoso.onmicrosoft.com - AAD'; RunProfileName = 'Export'; Result = 'success'; StartDate = (& $utc 21 2 58); EndDate = (& $local 21 2 59); Username = 'NT SERVICE\ADSync'; IsRunComplete = $true }
}
function Get-ADSyncRunStepResult { param($RunHistoryId) [pscustomobject]@{ ExportAdd = 1; ExportUpdate = 2; ExportRename = 0; ExportDelete = 0; ExportDeleteAdd = 0; ExportFailure = 2; SyncErrors = [pscustomobject]@{ SyncErrorsList = @([pscustomobject]@{ ErrorType = 'permission-issue' }, [pscustomobject]@{ ErrorType = 'permission-issue' }) } } }
function Get-ADSyncGlobalSettings {
    $p = { param($n, $v) [pscustomobject]@{ Name = $n; Value = $v } }
    [pscustomobject]@{ Parameters = @((& $p 'Microsoft.UserSignIn.SignOnMethod' 'PasswordHashSynchronization'), (& $p 'Microsoft.OptionalFeature.PasswordHashSync' 'True'), (& $p 'Microsoft.OptionalFeature.ExportDeletionThreshold' 'True'), (& $p 'Microsoft.OptionalFeature.ExportDeletionThresholdValue' '500')) }
}
function Get-ADSyncAutoUpgrade { param([switch]$Detail) [pscustomobject]@{ State = [StubUpgradeState]::Enabled; SuspensionReason = '' } }
function Get-ADSyncRule {
    [pscustomobject]@{ Name = 'In from AD - User Join'; Identifier = [guid]::NewGuid(); ImmutableTag = 'Microsoft.InfromADUserJoin.003'; Connector = $forest; Direction = [StubDirection]::Inbound; Precedence = 100; Disabled = $false; IsStandardRule = $true; SourceObjectType = 'user'; TargetObjectType = 'person'; LinkType = 'Provision'; EnablePasswordSync = $false; SoftDeleteExpiryInterval = 0; JoinFilter = @(); ScopeFilter = @(); AttributeFlowMappings = @([pscustomobject]@{ Destination = 'cn'; Source = @('cn'); FlowType = 'Direct' }) }
}
function Get-ADSyncEntraConnectorCredential { [pscustomobject]@{ ConnectorIdentityType = 'Application' } }
function Get-ADSyncAADPasswordSyncConfiguration { param($SourceConnector) [pscustomobject]@{ Enabled = $true } }
function Get-ADSyncPartitionPasswordSyncState { [pscustomobject]@{ PasswordSyncLastSuccessfulCycleEndTimestamp = (& $utc 21 2 57); PasswordSyncLastCycleStatus = [StubPasswordStatus]::Successful } }
function Get-ADSyncDatabaseConfiguration { [pscustomobject]@{ UsedSpaceInMb = 512; IsLocalDBInstalled = $true } }
Export-ModuleMember -Function *-ADSync*
