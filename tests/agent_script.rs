//! The agent's text as data: what Windows PowerShell 5.1, sites with old consoles and our own bootstrap ask of it.

const AGENT: &str = include_str!("../assets/agent.ps1");

/// The text with comments and the insides of strings blanked, so that only code is left. Enough of PowerShell's lexer for
/// the style this script is written in (no here-strings, which the test forbids).
fn code(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' if !out.ends_with(|c: char| c.is_alphanumeric() || c == '`') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '`' => {
                chars.next();
            }
            '\'' => {
                while let Some(c) = chars.next() {
                    if c == '\'' && chars.next_if_eq(&'\'').is_none() {
                        break;
                    }
                }
                out.push_str("''");
            }
            '"' => {
                // Code inside `$( … )` of a string stays; it may hold strings of its own.
                let mut depth = 0;
                while let Some(c) = chars.next() {
                    match c {
                        '`' => {
                            chars.next();
                        }
                        '"' if depth == 0 => {
                            if chars.next_if_eq(&'"').is_none() {
                                break;
                            }
                        }
                        '$' if depth == 0 && chars.peek() == Some(&'(') => {
                            chars.next();
                            depth = 1;
                            out.push('(');
                        }
                        '(' if depth > 0 => {
                            depth += 1;
                            out.push('(');
                        }
                        ')' if depth > 0 => {
                            depth -= 1;
                            out.push(')');
                        }
                        c if depth > 0 => out.push(c),
                        _ => {}
                    }
                }
                out.push_str("\"\"");
            }
            c => out.push(c),
        }
    }
    out
}

#[test]
fn it_is_plain_ascii_of_a_bearable_size_with_unix_line_ends() {
    assert!(AGENT.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')), "printable ASCII and line ends only");
    assert!(AGENT.len() < 64 * 1024, "{} bytes", AGENT.len());
    assert!(AGENT.ends_with('\n'));
}

#[test]
fn no_line_ends_the_bootstrap_early() {
    assert!(AGENT.lines().all(|line| line != "."));
}

#[test]
fn nothing_in_it_needs_more_than_powershell_5_1_or_alarms_a_scanner() {
    let code = code(AGENT);
    for token in [
        "$input",
        "Add-Type",
        "Invoke-Expression",
        "-EncodedCommand",
        "FromBase64",
        "&&",
        "||",
        "??",
        "?.",
        "?[",
        "@'",
        "@\"",
        "`",
    ] {
        assert!(!code.to_lowercase().contains(&token.to_lowercase()), "{token}");
    }
    for word in ["class", "using", "enum", "iex", "configuration"] {
        let starts = code.lines().any(|line| line.trim_start().to_lowercase().starts_with(&format!("{word} ")));
        assert!(!starts, "a line begins with '{word}'");
    }
    assert!(!code.contains(" ? "), "the ternary operator is of PowerShell 7");
}

#[test]
fn brackets_are_balanced() {
    let mut open = Vec::new();
    for (index, line) in code(AGENT).lines().enumerate() {
        for c in line.chars() {
            match c {
                '(' | '[' | '{' => open.push((c, index + 1)),
                ')' | ']' | '}' => {
                    let (begun, line) = open.pop().unwrap_or_else(|| panic!("line {}: '{c}' closes nothing", index + 1));
                    assert!(
                        matches!((begun, c), ('(', ')') | ('[', ']') | ('{', '}')),
                        "line {}: '{c}' closes '{begun}' of line {line}",
                        index + 1
                    );
                }
                _ => {}
            }
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

/// Every function that is called is there, under the one spelling.
#[test]
fn its_own_functions_exist() {
    let code = code(AGENT);
    let defined: Vec<&str> =
        code.lines().filter_map(|line| line.trim().strip_prefix("function ")?.split([' ', '(', '{']).next()).collect();
    for word in code.split(|c: char| !(c.is_alphanumeric() || c == '-')) {
        let own = ["-Rb", "-Lane", "-Frame", "-Request", "-Line", "-Text", "-Reading", "-Record", "-Streams", "-Hello", "-Group"];
        if word.contains('-') && word.starts_with(|c: char| c.is_uppercase()) && own.iter().any(|part| word.contains(part)) {
            assert!(defined.contains(&word), "{word} is called, not defined");
        }
    }
    let mut unique = defined.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), defined.len(), "a function is defined twice");
}

#[test]
fn the_blanking_keeps_code_and_drops_text() {
    assert_eq!(code("a 'x)' \"y)$(b 'c') )\" # d)\n(e)"), "a '' (b 'c')\"\" \n(e)");
}
