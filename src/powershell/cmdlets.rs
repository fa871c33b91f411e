//! The table of cmdlets that runbooks of this trade use: parameters, and whether they change something.
//! Names and parameters of ADSync are those a 2.2.8 server shows, with the newer ones of Microsoft's reference; lint and the lab stand on it.

/// What running a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It writes files or its own session, nothing of the server's role.
    Writes,
    /// It changes the server, its synchronization or the tenant.
    Changes,
    /// Its name says nothing.
    Unknown,
}

/// A cmdlet of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Cmdlet {
    /// As Microsoft writes it
    pub name: &'static str,
    /// Without hyphen; common parameters left out
    pub parameters: &'static [&'static str],
    /// What it does
    pub effect: Effect,
    /// Whether it opens a sign-in window, so that it cannot run without a desktop.
    pub signs_in: bool,
}

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

/// Parameters that every cmdlet has, with their short forms.
const COMMON: &[&str] = &[
    "Verbose",
    "Debug",
    "ErrorAction",
    "WarningAction",
    "InformationAction",
    "ErrorVariable",
    "WarningVariable",
    "InformationVariable",
    "OutVariable",
    "OutBuffer",
    "PipelineVariable",
    "ProgressAction",
    "WhatIf",
    "Confirm",
    "vb",
    "db",
    "ea",
    "wa",
    "infa",
    "ev",
    "wv",
    "iv",
    "ov",
    "ob",
    "pv",
    "wi",
    "cf",
];

/// Aliases that runbooks use, and what they stand for.
const ALIASES: &[(&str, &str)] = &[
    ("?", "Where-Object"),
    ("where", "Where-Object"),
    ("%", "ForEach-Object"),
    ("foreach", "ForEach-Object"),
    ("select", "Select-Object"),
    ("sort", "Sort-Object"),
    ("group", "Group-Object"),
    ("measure", "Measure-Object"),
    ("ft", "Format-Table"),
    ("fl", "Format-List"),
    ("gci", "Get-ChildItem"),
    ("dir", "Get-ChildItem"),
    ("ls", "Get-ChildItem"),
    ("gc", "Get-Content"),
    ("cat", "Get-Content"),
    ("type", "Get-Content"),
    ("echo", "Write-Output"),
    ("cd", "Set-Location"),
    ("gsv", "Get-Service"),
    ("gps", "Get-Process"),
    ("ps", "Get-Process"),
    ("gp", "Get-ItemProperty"),
    ("sp", "Set-ItemProperty"),
    ("sasv", "Start-Service"),
    ("spsv", "Stop-Service"),
    ("kill", "Stop-Process"),
    ("spps", "Stop-Process"),
    ("start", "Start-Process"),
    ("rm", "Remove-Item"),
    ("del", "Remove-Item"),
    ("ri", "Remove-Item"),
    ("cp", "Copy-Item"),
    ("copy", "Copy-Item"),
    ("mv", "Move-Item"),
    ("move", "Move-Item"),
    ("ni", "New-Item"),
    ("iex", "Invoke-Expression"),
    ("icm", "Invoke-Command"),
    ("ipmo", "Import-Module"),
];

/// Cmdlets whose verb says the wrong thing.
const EXCEPTIONS: &[(&str, Effect)] = &[
    ("Set-Location", Effect::Reads),
    ("Set-StrictMode", Effect::Reads),
    ("Set-Variable", Effect::Reads),
    ("New-Object", Effect::Reads),
    ("New-TimeSpan", Effect::Reads),
    ("New-Variable", Effect::Reads),
    ("Import-Module", Effect::Reads),
    ("Import-Csv", Effect::Reads),
    ("Import-Clixml", Effect::Reads),
    ("Start-Sleep", Effect::Reads),
    ("Wait-Process", Effect::Reads),
    ("Wait-Job", Effect::Reads),
    ("Invoke-ADSyncDiagnostics", Effect::Reads),
    ("Copy-Item", Effect::Writes),
    ("New-Item", Effect::Writes),
    ("Set-Content", Effect::Writes),
    ("Add-Content", Effect::Writes),
    ("Clear-Content", Effect::Writes),
    ("Out-File", Effect::Writes),
    ("Tee-Object", Effect::Writes),
    ("Export-Csv", Effect::Writes),
    ("Export-Clixml", Effect::Writes),
    ("Compress-Archive", Effect::Writes),
    ("Expand-Archive", Effect::Writes),
    ("Start-Transcript", Effect::Writes),
    ("Stop-Transcript", Effect::Writes),
    ("Invoke-Expression", Effect::Unknown),
    ("Invoke-Command", Effect::Unknown),
    ("Invoke-Item", Effect::Unknown),
    ("Invoke-WebRequest", Effect::Unknown),
    ("Invoke-RestMethod", Effect::Unknown),
];

/// Verbs that only read.
const READING_VERBS: &[&str] = &[
    "Compare",
    "ConvertFrom",
    "ConvertTo",
    "Find",
    "ForEach",
    "Format",
    "Get",
    "Group",
    "Join",
    "Measure",
    "Out",
    "Read",
    "Receive",
    "Resolve",
    "Search",
    "Select",
    "Show",
    "Sort",
    "Split",
    "Test",
    "Trace",
    "Wait",
    "Watch",
    "Where",
    "Write",
];

/// Verbs that change something.
const CHANGING_VERBS: &[&str] = &[
    "Add",
    "Approve",
    "Backup",
    "Block",
    "Checkpoint",
    "Clear",
    "Close",
    "Complete",
    "Connect",
    "Copy",
    "Debug",
    "Deny",
    "Disable",
    "Disconnect",
    "Dismount",
    "Edit",
    "Enable",
    "Enter",
    "Exit",
    "Expand",
    "Export",
    "Grant",
    "Import",
    "Initialize",
    "Install",
    "Invoke",
    "Limit",
    "Lock",
    "Merge",
    "Mount",
    "Move",
    "New",
    "Open",
    "Optimize",
    "Pop",
    "Protect",
    "Publish",
    "Push",
    "Redo",
    "Register",
    "Remove",
    "Rename",
    "Repair",
    "Request",
    "Reset",
    "Resize",
    "Restart",
    "Restore",
    "Resume",
    "Revoke",
    "Save",
    "Send",
    "Set",
    "Start",
    "Step",
    "Stop",
    "Submit",
    "Suspend",
    "Switch",
    "Sync",
    "Undo",
    "Uninstall",
    "Unlock",
    "Unprotect",
    "Unpublish",
    "Unregister",
    "Update",
    "Use",
];

/// What an alias stands for; any other name is itself.
pub fn unalias(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map_or(name, |(_, target)| target)
}

/// The cmdlet of that name (or alias), where its parameters are known.
pub fn find(name: &str) -> Option<&'static Cmdlet> {
    let name = unalias(name);
    TABLE.iter().find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name))
}

/// Names of all known cmdlets of the ADSync modules.
pub fn adsync_names() -> impl Iterator<Item = &'static str> + Clone {
    TABLE.iter().map(|cmdlet| cmdlet.name).chain(BY_NAME.iter().copied())
}

/// What a command does, by the table, else by its verb.
pub fn effect(name: &str) -> Effect {
    let name = unalias(name);
    if let Some(cmdlet) = find(name) {
        return cmdlet.effect;
    }
    if let Some((_, effect)) = EXCEPTIONS.iter().find(|(exception, _)| exception.eq_ignore_ascii_case(name)) {
        return *effect;
    }
    let Some((verb, _)) = name.split_once('-') else { return Effect::Unknown };
    let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(verb));
    if is(READING_VERBS) {
        Effect::Reads
    } else if verb.eq_ignore_ascii_case("Export") || verb.eq_ignore_ascii_case("Save") {
        Effect::Writes
    } else if is(CHANGING_VERBS) {
        Effect::Changes
    } else {
        Effect::Unknown
    }
}

/// How PowerShell reads a parameter's name, which may be shortened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// It is this one.
    Known(&'static str),
    /// The short form fits several.
    Ambiguous(Vec<&'static str>),
    /// There is none.
    Unknown,
}

impl Cmdlet {
    /// Looks a parameter up as PowerShell does: the whole name, else the only one that begins so.
    pub fn parameter(&self, written: &str) -> Parameter {
        let all = || self.parameters.iter().chain(COMMON).copied();
        if let Some(exact) = all().find(|name| name.eq_ignore_ascii_case(written)) {
            return Parameter::Known(exact);
        }
        let begins = |name: &&str| name.get(..written.len()).is_some_and(|start| start.eq_ignore_ascii_case(written));
        let fitting: Vec<&'static str> = all().filter(begins).collect();
        match fitting.as_slice() {
            [] => Parameter::Unknown,
            [one] => Parameter::Known(one),
            _ => Parameter::Ambiguous(fitting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_verb_noun_and_unique() {
        let mut seen = std::collections::HashSet::new();
        for name in adsync_names() {
            assert!(
                name.split_once('-').is_some_and(|(verb, _)| READING_VERBS.contains(&verb) || CHANGING_VERBS.contains(&verb)),
                "{name}"
            );
            assert!(seen.insert(name.to_ascii_lowercase()), "{name} twice");
        }
    }

    #[test]
    fn effects() {
        for (name, expected) in [
            ("get-adsyncscheduler", Effect::Reads),
            ("Set-ADSyncScheduler", Effect::Changes),
            ("Stop-Service", Effect::Changes),
            ("Get-ADSyncServerConfiguration", Effect::Writes),
            ("Out-File", Effect::Writes),
            ("Where-Object", Effect::Reads),
            ("?", Effect::Reads),
            ("rm", Effect::Changes),
            ("msiexec", Effect::Unknown),
            ("Frobnicate-Thing", Effect::Unknown),
        ] {
            assert_eq!(effect(name), expected, "{name}");
        }
    }

    #[test]
    fn parameters_may_be_shortened_but_not_ambiguous() {
        let set = find("Set-ADSyncSchedulerConnectorOverride").expect("in the table");
        assert_eq!(set.parameter("FullI"), Parameter::Known("FullImportRequired"));
        assert_eq!(set.parameter("Connector"), Parameter::Ambiguous(vec!["ConnectorIdentifier", "ConnectorName"]));
        assert_eq!(set.parameter("Nonsense"), Parameter::Unknown);
        assert_eq!(set.parameter("erroraction"), Parameter::Known("ErrorAction"));
    }
}
