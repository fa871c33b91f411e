use proptest::prelude::*;

use super::*;

/// A short picture of tokens, for reading in a table.
fn picture(tokens: &[Token]) -> String {
    tokens.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn one(token: &Token) -> String {
    match &token.kind {
        TokenKind::Command(name) => format!("command:{name}"),
        TokenKind::Parameter { name, colon } => format!("-{name}{}", if *colon { ":" } else { "" }),
        TokenKind::Word(parts) => format!("word:{}", pictures(parts)),
        TokenKind::Keyword(keyword) => keyword.text().to_uppercase(),
        TokenKind::Variable(variable) => variable_picture(variable),
        TokenKind::Number(Number::Int(value)) => value.to_string(),
        TokenKind::Number(Number::Double(value)) => format!("{value:?}"),
        TokenKind::Text(value) => format!("'{value}'"),
        TokenKind::Expandable(parts) => format!("\"{}\"", pictures(parts)),
        TokenKind::Type(name) => format!("[{name}]"),
        TokenKind::Attribute(text) => format!("attribute:{text}"),
        TokenKind::Operator(name) => format!("op:{name}"),
        TokenKind::Symbol(symbol) => symbol.text().to_owned(),
        TokenKind::Comment => "#".to_owned(),
        TokenKind::NewLine => "NL".to_owned(),
    }
}

fn variable_picture(variable: &Variable) -> String {
    format!("${}{}", variable.scope.as_ref().map(|scope| format!("{scope}:")).unwrap_or_default(), variable.name)
}

fn pictures(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable(variable) => format!("<{}>", variable_picture(variable)),
            Part::Expression(tokens) => format!("<{}>", picture(tokens)),
        })
        .collect()
}

#[test]
fn commands_and_expressions() {
    for (text, expected) in [
        ("Set-ADSyncScheduler -SyncCycleEnabled $false", "command:Set-ADSyncScheduler -SyncCycleEnabled $false"),
        (
            "Get-ADSyncScheduler | Select-Object SyncCycleEnabled",
            "command:Get-ADSyncScheduler | command:Select-Object word:SyncCycleEnabled",
        ),
        (
            "Set-ADSyncScheduler -CustomizedSyncCycleInterval 03:00:00",
            "command:Set-ADSyncScheduler -CustomizedSyncCycleInterval word:03:00:00",
        ),
        ("Stop-X -ConnectorName “AD Forest A”", "command:Stop-X -ConnectorName \"AD Forest A\""),
        ("Get-X –Name ‘a’", "command:Get-X -Name 'a'"),
        (
            "$x | Where-Object { $_.DisplayName -like \"*Entra*\" }",
            "$x | command:Where-Object { $_ . word:DisplayName op:like \"*Entra*\" }",
        ),
        ("1..3 | % { \"line $_\" }", "1 .. 3 | command:% { \"line <$_>\" }"),
        ("1..100 | foreach { $_ }", "1 .. 100 | command:foreach { $_ }"),
        (
            "foreach ($c in Get-X)\n{\n  Set-X -Id $c.Id.Guid -On $true\n}",
            "FOREACH ( $c IN command:Get-X ) { NL command:Set-X -Id $c . word:Id . word:Guid -On $true NL }",
        ),
        ("if ($a -eq 1) { 'x' } else { 'y' }", "IF ( $a op:eq 1 ) { 'x' } ELSE { 'y' }"),
        ("$a = Get-X -First:5", "$a = command:Get-X -First: 5"),
        ("@{ n = 'a'; e = { $_.X } }", "@{ word:n = 'a' ; word:e = { $_ . word:X } }"),
        (
            "[version]'2.5' -ge [DateTime]::UtcNow.AddMinutes(-5)",
            "[version] '2.5' op:ge [DateTime] :: word:UtcNow . word:AddMinutes ( - 5 )",
        ),
        ("\"$($x.Y) at ${z}\"", "\"<$x . word:Y> at <$z>\""),
        ("Get-X `\n  -Name a # why\n", "command:Get-X -Name word:a # NL"),
        ("$x[0].Name", "$x [ 0 ] . word:Name"),
        ("Get-X $a[0].Name,$b", "command:Get-X $a [ 0 ] . word:Name , $b"),
        ("Get-X C:\\a\\$n.txt", "command:Get-X word:C:\\a\\<$n>.txt"),
        ("w32tm /stripchart /computer:dc1 /samples:3", "command:w32tm word:/stripchart word:/computer:dc1 word:/samples:3"),
        ("(Get-X).Count -gt 0x1f", "( command:Get-X ) . word:Count op:gt 31"),
        ("'it''s'", "'it's'"),
        ("@'\na\nb\n'@", "'a\nb'"),
        ("Get-X -Path $env:TEMP", "command:Get-X -Path $env:TEMP"),
        ("& 'C:\\x y.exe' a", "& 'C:\\x y.exe' word:a"),
        ("$x.Count++", "$x . word:Count ++"),
        ("$a -f 1, 2", "$a op:f 1 , 2"),
        ("1kb + 1.5 - -2", "1024 + 1.5 - - 2"),
        ("Get-X |\n  Sort-Object", "command:Get-X | command:Sort-Object"),
        ("try { a } catch [System.Exception] { b }", "TRY { command:a } CATCH [System.Exception] { command:b }"),
        ("Get-X -A @('a', 'b')", "command:Get-X -A @( 'a' , 'b' )"),
        ("-not $x", "op:not $x"),
        (
            "Get-X -SourceObjectType 'user' `\n-OutVariable syncRule",
            "command:Get-X -SourceObjectType 'user' -OutVariable word:syncRule",
        ),
    ] {
        let (tokens, errors) = tokens(text);
        assert_eq!(picture(&tokens), expected, "{text}");
        assert_eq!(errors, [], "{text}");
    }
}

#[test]
fn what_powershell_refuses() {
    for (text, id, span) in [
        ("Get-X 'abc", "TerminatorExpectedAtEndOfString", 6..10),
        ("\"abc", "TerminatorExpectedAtEndOfString", 0..4),
        ("Set-X -Id <Guid>", "RedirectionNotSupported", 10..11),
        ("<# never closed", "MissingTerminatorMultiLineComment", 0..15),
        ("$a = 1 2", "UnexpectedToken", 7..8),
    ] {
        let errors = tokens(text).1;
        let first = errors.first().unwrap_or_else(|| panic!("no error in {text}"));
        assert_eq!((first.id, first.span.clone()), (id, span), "{text}");
    }
}

#[test]
fn numbers_in_all_forms() {
    for (text, expected) in [
        ("1e2", Some(Number::Double(100.0))),
        ("0x1f", Some(Number::Int(31))),
        ("0xFFFFFFFF", Some(Number::Int(-1))),
        ("1kb", Some(Number::Int(1024))),
        ("1.5mb", Some(Number::Double(1_572_864.0))),
        ("10L", Some(Number::Int(10))),
        (".5", Some(Number::Double(0.5))),
        ("03:00:00", None),
        ("1.2.3", None),
        ("abc", None),
        ("0x", None),
    ] {
        assert_eq!(number(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn never_panics_and_spans_are_in_order(text in r#"[ \n\r\ta-zA-Z0-9$@(){}\[\]"'`|;,.:=+\-*/%!<>#&_“”‘–é]{0,80}"#) {
        let (tokens, errors) = tokens(&text);
        let mut end = 0;
        for token in &tokens {
            prop_assert!(token.span.start >= end && token.span.end <= text.len());
            prop_assert!(text.get(token.span.clone()).is_some());
            end = token.span.end;
        }
        for error in errors {
            prop_assert!(text.get(error.span).is_some());
        }
    }
}
