use super::*;

/// The error of a line: what is underlined, the words and the help.
fn refused(line: &str) -> (String, String, String) {
    let error = parse(line).unwrap_err();
    (line[error.span.clone()].to_owned(), error.message, error.help.unwrap_or_default())
}

#[test]
fn precedence_is_powershells() {
    for (line, grouped) in [
        ("$a -or $b -and $c", "(($a -or $b) -and $c)"),
        ("-not $a -eq $b", "((-not $a) -eq $b)"),
        ("$a -in 1,2 -and $b", "(($a -in (1, 2)) -and $b)"),
        ("-not 1,2", "((-not 1), 2)"),
        ("[int]$a.b,'x' -contains $c -eq $true", "(((([int]$a.b), 'x') -contains $c) -eq $true)"),
        ("!$a.b[0].c -ne -2", "((!$a.b[0].c) -ne -2)"),
    ] {
        assert_eq!(parenthesised(parse(line).unwrap().root()), grouped);
    }
}

/// Every operation in parentheses.
fn parenthesised(node: &Node) -> String {
    match &node.kind {
        Kind::Logic(first, rest) => {
            rest.iter().fold(parenthesised(first), |left, (logic, right)| format!("({left} {logic} {})", parenthesised(right)))
        }
        Kind::Compare(left, operator, right) => format!("({} {operator} {})", parenthesised(left), parenthesised(right)),
        Kind::List(items) => format!("({})", items.iter().map(parenthesised).collect::<Vec<_>>().join(", ")),
        Kind::Not(NotSign::Word, inner) => format!("(-not {})", parenthesised(inner)),
        Kind::Not(NotSign::Mark, inner) => format!("(!{})", parenthesised(inner)),
        Kind::Cast(to, inner) => format!("([{}]{})", to.name(), parenthesised(inner)),
        _ => node.to_string(),
    }
}

#[test]
fn a_line_is_written_back() {
    for (line, canonical) in [
        ("  $old.Idle  # quiet?", "$old.Idle"),
        ("$OLD.Idle -EQ $TRUE", "$OLD.Idle -eq $true"),
        ("(\"PHS\")-ceq'it''s'", "('PHS') -ceq 'it''s'"),
        ("@( 1 , .5,0x1f , 1kb )[ 0 ].Count -gt \u{2013}2", "@(1, .5, 0x1f, 1kb)[0].Count -gt -2"),
        ("! ( $a -or !$b )", "!($a -or !$b)"),
        ("\u{201C}x`\"y\u{201D} -eq \u{2018}x\u{2019}", "'x\"y' -eq 'x'"),
        ("@()", "@()"),
        ("[ Version ]'2.5' -le $new.Version", "[version]'2.5' -le $new.Version"),
        ("${old}.Idle", "$old.Idle"),
    ] {
        assert_eq!(parse(line).unwrap().to_string(), canonical);
    }
}

#[test]
fn other_languages_are_pointed_at_powershells_operators() {
    for (line, wrong, help) in [
        ("$old.Idle == $true", "==", "write -eq"),
        ("$old.Idle != $true", "!=", "write -ne"),
        ("$old.Idle && $new.Idle", "&&", "write -and"),
        ("$a.b >= 2", ">=", "write -ge"),
        ("$a = 2", "=", "write -eq"),
        ("$old.Idle and $new.Idle", "and", "write -and"),
        ("$old.Idle -eq true", "true", "write $true"),
        ("old.Idle", "old", "write $old"),
        ("not $old.Idle", "not", "write -not"),
        ("$old.Host -eq EC01", "EC01", "a fact begins with $, a text is written 'EC01'"),
        ("$a -gte 2", "-gte", "did you mean -ge?"),
        ("$a -contain 2", "-contain", "did you mean -contains?"),
        ("$a -eq [versoin]'2.5'", "[versoin]", "did you mean [version]?"),
        ("$a -eq [long]5", "[long]", "did you mean [int]?"),
        ("$a -ge [version]2.10", "2.10", "write [version]'2.10'"),
        ("$a -ge 2.5.79.0", "2.5.79.0", "numbers are written 12, -2, 0.5, 1e2, 0x1f, 1kb; a version or a name goes in quotes"),
        ("$a -eq \"$b\"", "$", "write the text in single quotes"),
        ("$a -in 1..5", "1..5", "list the values: 1,2,3"),
        ("$a -xor $b", "-xor", "write it with -and, -or and -not"),
        ("$old.Idle $new.Idle", "$new", "join conditions with -and or -or, or write two lines"),
        ("$a[$b]", "[$b", "write $old.RunHistory[0], or [-1] for the last"),
        ("$a [0]", "[0]", "an index follows without a space"),
    ] {
        let (found, _, said) = refused(line);
        assert_eq!((found.as_str(), said.as_str()), (wrong, help), "{line}");
    }
}

#[test]
fn what_gates_do_not_have_is_said() {
    for (line, words) in [
        ("$a | Select-Object b", "a gate has no pipeline: it reads facts"),
        ("$a; $b", "a gate line is one condition: write two lines"),
        ("$a.ToString()", "a gate calls no methods: it reads properties"),
        ("$a + 1", "a gate does not calculate"),
        ("$a -1", "a gate does not calculate"),
        ("$_.b", "$_ belongs to a pipeline, which a gate does not have"),
        ("$env:x", "$env: names a scope or a drive, which a gate does not have"),
        ("$(1)", "a gate has no $( … )"),
        ("$true.", "a property's name must follow the dot"),
        ("($a", "this ( is not closed"),
        ("$a)", "a ) without its ("),
        ("'a", "the text is missing its closing '"),
        ("$a -eq", "a value is missing after '-eq'"),
        ("-and $a", "-and needs a condition on both sides"),
        ("", "the line is empty"),
        ("# only words", "the line is empty"),
        ("$a -match '(?=b)'", "-match '(?=b)': (?= is not taken here: no look-around, comments or conditions"),
        ("$a -like '[b'", "The specified wildcard character pattern is not valid: [b"),
        ("$a\n$b", "a gate line is one condition on one line"),
    ] {
        assert_eq!(refused(line).1, words, "{line}");
    }
}

#[test]
fn limits_are_said_and_never_reach_the_stack() {
    assert!(parse(&"(".repeat(MAX_LENGTH)).unwrap_err().message.contains("nested deeper than 64"));
    assert!(parse(&"!".repeat(MAX_LENGTH)).unwrap_err().message.contains("nested deeper than 64"));
    assert!(parse(&"[int]".repeat(800)).unwrap_err().message.contains("nested deeper than 64"));
    assert!(parse(&format!("1{}", "-eq 1".repeat(800))).unwrap_err().message.contains("more than 64 comparisons in a row"));
    assert!(parse(&" ".repeat(MAX_LENGTH + 1)).unwrap_err().message.contains("4096 are read"));
    assert!(parse(&format!("{}$a{}", "(".repeat(64), ")".repeat(64))).is_ok());
    assert!(parse(&format!("$a{}", " -or $a".repeat(500))).is_ok());
    assert!(parse(&format!("$a{}", ".b".repeat(2_000))).is_ok());
}
