use proptest::prelude::*;

use super::*;
use crate::powershell::Value;

#[test]
fn the_lines_of_the_seeds_parse() {
    for text in [
        "# Stop the synchronization scheduler\nSet-ADSyncScheduler -SyncCycleEnabled $false",
        "Get-ADSyncScheduler | Select-Object SyncCycleEnabled",
        "Start-ADSyncSyncCycle -PolicyType Delta",
        "Get-ItemProperty \"HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*\" | Where-Object { $_.DisplayName -like \"*Entra*\" } | Select-Object DisplayName, DisplayVersion",
        "Get-ADSyncSchedulerConnectorOverride | fl",
        "foreach ($connectorOverride in Get-ADSyncSchedulerConnectorOverride)\r\n{\r\n    Set-ADSyncSchedulerConnectorOverride -ConnectorIdentifier $connectorOverride.ConnectorIdentifier.Guid -FullSyncRequired $false -FullImportRequired $false\r\n}",
        "Get-ADSyncConnector -Identifier b891884f-051e-4a83-95af-2544101c9083",
        "Set-ADSyncScheduler -CustomizedSyncCycleInterval 03:00:00",
        "Set-ADSyncScheduler -CustomizedSyncCycleInterval 1.0:0:0",
        "Set-ADSyncSchedulerConnectorOverride -ConnectorName “AD Forest A” -FullSyncRequired $true",
        "Invoke-ADSyncRunProfile -ConnectorName \"name of connector\" -RunProfileName \"name of profile\"",
        "Import-Module ADSync",
        "w32tm /resync",
        "New-ADSyncRule  `\n-Name 'In from AD - User' `\n-Precedence 99 `\n-ImmutableTag '' `\n-OutVariable syncRule\n\nAdd-ADSyncAttributeFlowMapping  `\n-SynchronizationRule $syncRule[0] `\n-Source @('mail') `\n-OutVariable syncRule",
        "New-Object  `\n-TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition' `\n-ArgumentList 'a','b','EQUAL' `\n-OutVariable condition0",
    ] {
        let parsed = parse(text);
        assert_eq!((parsed.errors, parsed.beyond), (vec![], vec![]), "{text}");
    }
}

#[test]
fn what_powershell_refuses_has_its_id() {
    for (text, id) in [
        ("Get-X |", "EmptyPipeElement"),
        ("| Get-X", "EmptyPipeElement"),
        ("if ($a) ", "MissingStatementBlock"),
        ("if { 1 }", "MissingOpenParenthesisInIfStatement"),
        ("$a -eq", "ExpectedValueExpression"),
        ("(1 + 2", "MissingEndParenthesisInExpression"),
        ("Get-X | % { $_", "MissingEndCurlyBrace"),
        ("try { 1 }", "MissingCatchOrFinally"),
        ("@{ a }", "MissingEqualsInHashLiteral"),
        ("1 = 2", "InvalidLeftHandSide"),
        ("Set-X -Id <Guid>", "RedirectionNotSupported"),
        ("Get-X }", "UnexpectedToken"),
        ("Get-X a,", "MissingExpressionAfterToken"),
        ("Get-X && Get-Y", "InvalidEndOfLine"),
    ] {
        let errors = parse(text).errors;
        assert_eq!(errors.first().map(|error| error.id), Some(id), "{text}: {errors:?}");
    }
}

#[test]
fn what_is_beyond_is_no_error() {
    for text in ["filter f { 1 }", "function f { process { 1 } }", "switch -File ($a) { 1 { 'x' } }", "trap { 1 }", ". $profile"]
    {
        let parsed = parse(text);
        assert_eq!(parsed.errors, [], "{text}");
        assert_eq!(parsed.beyond.len(), 1, "{text}: {:?}", parsed.beyond);
    }
}

#[test]
fn functions_switches_and_redirections_parse() {
    for text in [
        "function f { 1 }",
        "function Get-It($a, [int]$b = 3)\n{\n  $a\n}\nGet-It 1",
        "function f {\n  [CmdletBinding()]\n  param(\n    [Parameter(Mandatory = $true)]\n    [string]$Name,\n    [switch]$Force\n  )\n  $Name\n}",
        "& { param($x) $x } 1",
        "switch ($a) { 1 { 'x' } 'b' { 2 } { $_ -gt 3 } { 3 } default { 4 } }",
        "switch -Wildcard ($a)\n{\n  'a*' { 1; break }\n  Default { 2 }\n}",
        "Get-X 2>$null",
        "Get-X -A b 2>&1 | Out-String",
        "Get-X 3>$null 2>> C:\\Temp\\err.txt > C:\\Temp\\out.txt",
        "$x = Get-X *>&1",
        "Get-X @arguments -Force",
    ] {
        let parsed = parse(text);
        assert_eq!((parsed.errors, parsed.beyond), (vec![], vec![]), "{text}");
    }
}

#[test]
fn operators_bind_as_in_powershell() {
    let kind = |text: &str| match parse(text).script.statements.first().map(|statement| statement.kind.clone()) {
        Some(StatementKind::Pipeline(elements)) => match elements.into_iter().next() {
            Some(Element::Expression(expression)) => expression.kind,
            other => panic!("{text}: {other:?}"),
        },
        other => panic!("{text}: {other:?}"),
    };
    assert!(matches!(kind("1 + 2 * 3 -eq 7 -and $true"), ExpressionKind::Binary(name, ..) if name == "and"));
    assert!(matches!(kind("1, 2 + 3"), ExpressionKind::Binary(name, ..) if name == "+"));
    assert!(matches!(kind("-not $a -eq $b"), ExpressionKind::Binary(name, ..) if name == "eq"));
    assert!(matches!(kind("'{0}' -f 1 + 2"), ExpressionKind::Binary(name, ..) if name == "+"));
    assert!(
        matches!(kind("[version]'1.2' -ge '1.1'"), ExpressionKind::Binary(_, left, _) if matches!(left.kind, ExpressionKind::Cast(..)))
    );
    assert!(matches!(kind("$a.b[0].c('x', 1)"), ExpressionKind::Call { arguments, .. } if arguments.len() == 2));
    assert!(matches!(kind("[DateTime]::UtcNow"), ExpressionKind::Member { of_type: true, .. }));
    assert!(matches!(kind("'a'"), ExpressionKind::Literal(Value::Text(text)) if text == "a"));
}

proptest! {
    #[test]
    fn never_panics(text in r#"[ \na-zA-Z0-9$@(){}\[\]"'`|;,.:=+\-*%!<>#&“‘–é]{0,100}"#) {
        let parsed = parse(&text);
        for error in parsed.errors {
            prop_assert!(text.get(error.span.clone()).is_some(), "{error:?}");
        }
    }

    #[test]
    fn never_panics_on_likely_text(words in proptest::collection::vec(proptest::sample::select(vec![
        "if", "(", ")", "{", "}", "foreach", "$x", " in ", "Get-X", "-Name", "|", ";", "\n", "'a'", "\"$(", "@{", "a", "=", "@(", "[int]", "::", ".", "1", "..", ",", "try", "catch", "else", "$x.y", "[", "]", " ", "-eq", "while", "do", "throw", "<", "&",
    ]), 0..60)) {
        let text = words.concat();
        parse(&text);
    }
}

#[test]
fn deep_nesting_is_refused_not_recursed_into() {
    for opening in ["(", "$(", "@{a=", "{", "\"$(", "[int]", "-not ", "if (1) {"] {
        let text = opening.repeat(5_000);
        assert!(!parse(&text).errors.is_empty(), "{opening}");
    }
}
