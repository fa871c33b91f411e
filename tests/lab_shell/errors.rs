//! Errors as the 5.1 console prints them, and as records.

use lockstep::lab::shell::State;

use crate::server::{ENTRA, run};

fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[test]
fn the_missing_connector_of_the_documentation() {
    let ran = run(&format!("Get-ADSyncConnector -Identifier {ENTRA}"));
    let expected = "Get-ADSyncConnector : Operation failed because the specified MA could not be found.
At line:1 char:1
+ Get-ADSyncConnector -Identifier b891884f-051e-4a83-95af-2544101c9083
+ ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    + CategoryInfo          : ReadError: (Microsoft.Ident...ConnectorCmdlet:GetADSyncConnectorCmdlet) [Get-ADSyncConne
   ctor], ConnectorNotFoundException
    + FullyQualifiedErrorId : Operation failed because the specified MA could not be found.,Microsoft.IdentityManageme
   nt.PowerShell.Cmdlet.GetADSyncConnectorCmdlet";
    assert_eq!(trimmed(&ran.console()), expected);
    assert_eq!((ran.end.state, ran.end.errors), (State::Completed, true));
    let record = ran.errors()[0];
    assert_eq!(record.exception, "Microsoft.IdentityManagement.PowerShell.ConnectorNotFoundException");
    assert_eq!(record.category, "ReadError");
    assert_eq!(record.line, Some(1));
}

#[test]
fn a_command_that_is_not_there() {
    let ran = run("Get-ADSyncNothing -Name x; 'after'");
    let expected =
        "Get-ADSyncNothing : The term 'Get-ADSyncNothing' is not recognized as the name of a cmdlet, function, script file, or
operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try
again.
At line:1 char:1
+ Get-ADSyncNothing -Name x; 'after'
+ ~~~~~~~~~~~~~~~~~
    + CategoryInfo          : ObjectNotFound: (Get-ADSyncNothing:String) [], CommandNotFoundException
    + FullyQualifiedErrorId : CommandNotFoundException

after";
    assert_eq!(trimmed(&ran.console()), expected);
}

#[test]
fn messages_and_ids() {
    for (script, message, id) in [
        (
            "Set-ADSyncScheduler -StagingModeEnabled $false",
            "A parameter cannot be found that matches parameter name 'StagingModeEnabled'.",
            "NamedParameterNotFound,Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncScheduler",
        ),
        (
            "Start-ADSyncSyncCycle -PolicyType Foo",
            "Cannot bind parameter 'PolicyType'. Cannot convert value \"Foo\" to type \"Microsoft.IdentityManagement.PowerShell.ObjectModel.SynchronizationPolicyType\". Error: \"Unable to match the identifier name Foo to a valid enumerator name. Specify one of the following enumerator names and try again:\nUnspecified, Delta, Initial\"",
            "CannotConvertArgumentNoMessage,Microsoft.IdentityManagement.PowerShell.Cmdlet.StartADSyncSyncCycle",
        ),
        (
            "Set-ADSyncScheduler -SyncCycleEnabled false",
            "Cannot bind parameter 'SyncCycleEnabled'. Cannot convert value \"System.String\" to type \"System.Boolean\". Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0.",
            "CannotConvertArgumentNoMessage,Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncScheduler",
        ),
        (
            "Invoke-ADSyncRunProfile -ConnectorName a",
            "Cannot process command because of one or more missing mandatory parameters: RunProfileName.",
            "MissingMandatoryParameter,Microsoft.IdentityManagement.PowerShell.Cmdlet.InvokeADSyncRunProfile",
        ),
        ("$x.Foo()", "You cannot call a method on a null-valued expression.", "InvokeMethodOnNull"),
        ("$x[0]", "Cannot index into a null array.", "NullArray"),
        ("1 / 0", "Attempted to divide by zero.", "RuntimeException"),
        (
            "Read-Host 'sure?'",
            "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
            "InvalidOperation,Microsoft.PowerShell.Commands.ReadHostCommand",
        ),
        (
            "Set-ADSyncScheduler -SyncCycleEnabled $true -Confirm",
            "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
            "InvalidOperation,Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncScheduler",
        ),
        (
            "Get-ADSyncScheduler x",
            "A positional parameter cannot be found that accepts argument 'x'.",
            "PositionalParameterNotFound,Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncScheduler",
        ),
        ("Import-Module ADSync; Write-Error 'no'", "no", "Microsoft.PowerShell.Commands.WriteErrorException"),
    ] {
        let ran = run(script);
        let found = ran.errors().first().map(|record| (record.message.clone(), record.fqid.clone()));
        assert_eq!(found, Some((message.to_owned(), id.to_owned())), "{script}");
        assert_eq!(ran.end.state, State::Completed, "{script}");
        assert!(ran.end.errors);
    }
}

#[test]
fn what_ends_a_script() {
    for (script, state, text) in [
        ("throw 'no'; 'after'", State::Failed, ""),
        ("try { throw 'no' } catch { \"caught $_\" }; 'after'", State::Completed, "caught no\nafter\n"),
        ("Get-ADSyncConnector -ErrorAction Stop; 'after'", State::Failed, ""),
        (
            "try { Get-ADSyncConnector -ErrorAction Stop } catch { $_.Exception.Message }",
            State::Completed,
            "Operation failed because the specified MA could not be found.\n",
        ),
        ("Get-ADSyncConnector -ErrorAction SilentlyContinue; $?; $Error.Count", State::Completed, "False\n1\n"),
        ("$ErrorActionPreference = 'Stop'; Get-ADSyncConnector; 'after'", State::Failed, ""),
        (
            "try { Get-Nothing } catch [System.Management.Automation.CommandNotFoundException] { 'not there' } finally { 'always' }",
            State::Completed,
            "not there\nalways\n",
        ),
        ("exit 3; 'after'", State::Completed, ""),
    ] {
        let ran = run(script);
        assert_eq!((ran.end.state, ran.text().as_str()), (state, text), "{script}");
    }
}

#[test]
fn what_is_not_played_says_so_and_ends_the_script() {
    for script in [
        "Get-ADSyncRule; 'after'",
        "try { Get-ADSyncRule } catch { 'caught' }; 'after'",
        "filter f { 1 }; 'after'",
        "'abc'.Normalize(); 'after'",
        "Compare-Object 1 2; 'after'",
        "ipconfig /all; 'after'",
        "gcim Win32_Service; 'after'",
        "Get-ADSyncScheduler > a.txt; 'after'",
        "Set-ADSyncScheduler -SyncCycleEnabled $true -WhatIf; 'after'",
        "Import-Module ActiveDirectory; 'after'",
        "[System.IO.File]::ReadAllText('a'); 'after'",
    ] {
        let ran = run(script);
        assert_eq!((ran.end.state, ran.text().as_str()), (State::Failed, ""), "{script}");
        let error = ran.end.error.expect("an error");
        assert!(error.message.starts_with("The lab does not play "), "{script}: {}", error.message);
    }
}

#[test]
fn a_script_that_does_not_parse_does_not_run() {
    let ran = run("'before'\nGet-ADSyncScheduler |");
    let expected = "At line:2 char:21
+ Get-ADSyncScheduler |
+                     ~
An empty pipe element is not allowed.
    + CategoryInfo          : ParserError: (:) [], ParentContainsErrorRecordException
    + FullyQualifiedErrorId : EmptyPipeElement";
    assert_eq!(trimmed(&ran.console()), expected);
    assert_eq!(ran.end.state, State::Failed);
}
