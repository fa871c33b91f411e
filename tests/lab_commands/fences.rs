//! Every PowerShell of the bundled runbooks, and every command that Microsoft's and others' pages print for this trade, is run in
//! the lab: it runs, or it is in the short list below with the words of the refusal.

use std::path::Path;

use lockstep::engine::view::parts;
use lockstep::rb1::{Frame, Stream};
use lockstep::runbook::load;
use lockstep::runbook::model::{Block, Runbook};
use serde_json::{Map, Value as Json, json};

use crate::console::Console;

/// What does not simply run: a piece of the script, a piece of what comes, and why that is right.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("(Get-Credential)", "does not play Get-Credential", "it asks for a password in a window: run=manual"),
    ("AdSyncConfig.psm1", "the module", "a module of its own whose directory rights the lab does not hold: run=manual"),
    ("$Run.Forms.testuser.dn", "Unable to find the specified object", "the step before it has the user made"),
    ("-Connector <ConnectorGuid>", "reserved for future use", "printed with a placeholder"),
    ("-ConnectorIdentifier <Guid", "reserved for future use", "printed with a placeholder"),
    ("-CustomizedSyncCycleInterval d.HH:mm:ss", "Cannot convert value \"d.HH:mm:ss\"", "a pattern, not a value"),
    ("\"name of connector\"", "the specified MA could not be found", "a placeholder"),
    ("“AD Forest A”", "the specified MA could not be found", "a placeholder"),
];

/// As printed in the sources of the bundled runbooks.
const PRINTED: &[&str] = &[
    "# Stop the synchronization scheduler\nSet-ADSyncScheduler -SyncCycleEnabled $false",
    "# Verify the sync cycle is enabled\nGet-ADSyncScheduler | Select-Object SyncCycleEnabled",
    "Set-ADSyncScheduler -SyncCycleEnabled $true",
    "# Manually start a delta synchronization\nStart-ADSyncSyncCycle -PolicyType Delta",
    r#"Get-ItemProperty "HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*" | Where-Object { $_.DisplayName -like "*Entra*" } | Select-Object DisplayName, DisplayVersion"#,
    "w32tm /resync",
    "Import-Module ADSync",
    "Get-ADSyncScheduler",
    "Set-ADSyncScheduler -CustomizedSyncCycleInterval d.HH:mm:ss",
    "Set-ADSyncScheduler -CustomizedSyncCycleInterval 03:00:00",
    "Set-ADSyncScheduler -CustomizedSyncCycleInterval 1.0:0:0",
    "Start-ADSyncSyncCycle -PolicyType Initial",
    "Set-ADSyncSchedulerConnectorOverride -Connector <ConnectorGuid> -FullImportRequired $true",
    "Set-ADSyncSchedulerConnectorOverride -Connector <ConnectorGuid> -FullSyncRequired $true",
    "Get-ADSyncSchedulerConnectorOverride -Connector <ConnectorGuid>",
    "Set-ADSyncSchedulerConnectorOverride -ConnectorName “AD Forest A” -FullSyncRequired $true",
    "Set-ADSyncSchedulerConnectorOverride -ConnectorName “AD Forest A” -FullImportRequired $true",
    "Stop-ADSyncSyncCycle",
    "Get-ADSyncConnectorRunStatus",
    "Invoke-ADSyncRunProfile -ConnectorName \"name of connector\" -RunProfileName \"name of profile\"",
    "Get-ADSyncSchedulerConnectorOverride | fl",
    "Set-ADSyncSchedulerConnectorOverride -ConnectorIdentifier <Guid-of-ConnectorIdentifier> -FullImportRequired $false -FullSyncRequired $false",
    "foreach ($connectorOverride in Get-ADSyncSchedulerConnectorOverride)\n{\n    Set-ADSyncSchedulerConnectorOverride -ConnectorIdentifier $connectorOverride.ConnectorIdentifier.Guid -FullSyncRequired $false -FullImportRequired $false\n}",
    "Set-ADSyncSchedulerConnectorOverride -ConnectorIdentifier <Guid> -FullImportRequired $true -FullSyncRequired $true",
    "Get-ADSyncConnector -Identifier b891884f-051e-4a83-95af-2544101c9083",
];

/// Runs a script and holds what comes against the list.
fn check(console: &mut Console, role: &str, script: &str, vars: Map<String, Json>, of: &str) {
    console.idle(role);
    let mut errors = Vec::new();
    for frame in console.frames_with(role, script, vars) {
        match frame {
            Frame::Out(out) if out.s == Stream::Error => errors.push(out.err.expect("a record").message),
            Frame::End { err: Some(err), .. } => errors.push(err.message),
            _ => {}
        }
    }
    let exception = EXCEPTIONS.iter().find(|(piece, ..)| script.contains(piece));
    match exception {
        Some((_, expected, why)) => {
            assert!(errors.iter().any(|error| error.contains(expected)), "{of}: {script}\n{why}, but {errors:?}");
        }
        None => assert!(errors.is_empty(), "{of}: {script}\n{errors:?}"),
    }
}

#[test]
fn every_printed_command_runs() {
    for script in PRINTED {
        check(&mut Console::new("clean-swap"), "old", script, Map::new(), "printed");
    }
}

/// Every form with the examples of its fields, as `$Run` has it; every result that a command keeps, empty.
fn captured(runbook: &Runbook) -> Map<String, Json> {
    let mut forms = Map::new();
    let mut results = Map::new();
    for block in runbook.phases.iter().flat_map(|phase| &phase.steps).flat_map(|step| parts(&step.blocks)) {
        match block {
            Block::Form(form) => {
                let value = |example: &Option<String>| match example.as_deref() {
                    Some("true" | "yes") => Json::Bool(true),
                    Some(text) => text.into(),
                    None => "contoso.com".into(),
                };
                let fields = form.fields.iter().map(|field| (field.name.clone(), value(&field.example)));
                forms.insert(form.id.to_string(), Json::Object(fields.collect()));
            }
            Block::Command(command) => {
                command.into.iter().for_each(|name| drop(results.insert(name.clone(), json!([]))));
            }
            _ => {}
        }
    }
    let parts = [("Forms", forms), ("Results", results)];
    parts.into_iter().map(|(name, values)| (name.to_owned(), Json::Object(values))).collect()
}

#[test]
fn every_command_of_the_bundled_runbooks_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    for entry in std::fs::read_dir(&folder).expect("the runbooks") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let runbook = load(&name, &std::fs::read(&path).expect("a file")).runbook.expect("a runbook");
        let vars = captured(&runbook);
        let mut console = Console::new("clean-swap");
        for step in runbook.phases.iter().flat_map(|phase| &phase.steps) {
            for block in parts(&step.blocks) {
                let Block::Command(command) = block else { continue };
                check(&mut console, "old", &command.text, vars.clone(), &format!("{name}, {}", command.id));
                // What only reads leaves the next one the same server.
                if !command.text.starts_with("Get-") {
                    console = Console::new("clean-swap");
                }
            }
        }
    }
}
