//! The agent's text as data: what Windows PowerShell 5.1, sites with old consoles, our own bootstrap and the table of facts
//! ask of it.

use std::collections::BTreeSet;

use lockstep::facts::table::{self, Origin};
use lockstep::rb1::Group;

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
                        '"' if depth == 0 && chars.next_if_eq(&'"').is_none() => break,
                        '"' if depth == 0 => {}
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

/// Our own reading of PowerShell, which the lab and the gates stand on, finds nothing that PowerShell would refuse.
#[test]
fn nothing_in_it_is_refused_by_the_parser() {
    let parsed = lockstep::powershell::syntax::parse(AGENT);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let broken = AGENT.replacen("$RbRaw.Flush()", "$RbRaw.Flush(", 1);
    assert!(!lockstep::powershell::syntax::parse(&broken).errors.is_empty());
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

/// The projection function of a group, to the next one.
fn projection(group: Group) -> &'static str {
    let name = group.name();
    let head = format!("    function Read-Rb{}{}($r", name[..1].to_uppercase(), &name[1..]);
    let at = AGENT.find(&head).unwrap_or_else(|| panic!("there is no {head}"));
    let rest = &AGENT[at + 1..];
    &rest[..rest.find("\n    # --- ").or_else(|| rest.find("\n}\n")).expect("an end")]
}

#[test]
fn every_fact_that_an_agent_sends_is_projected() {
    let mut checked = 0;
    for fact in table::all() {
        let Origin::Read(group) = fact.origin else { continue };
        // The client's own: no installation is a baseline for itself.
        if fact.path == "Rules[].Changed" {
            continue;
        }
        checked += 1;
        for name in fact.path.split('.').map(|part| part.trim_end_matches("[]")) {
            assert!(AGENT.contains(name), "{}: the agent does not know {name}", fact.path);
        }
        let top = fact.path.split(['.', '[']).next().expect("a name");
        assert!(projection(group).contains(&format!("$v.{top} =")), "{}: {} does not set {top}", fact.path, group.name());
    }
    assert!(checked > 80, "{checked}");
}

#[test]
fn nothing_is_projected_that_is_no_fact_of_its_group() {
    for group in Group::ALL {
        let known: BTreeSet<&str> = table::all()
            .filter(|fact| fact.origin == Origin::Read(group))
            .filter_map(|fact| fact.path.split(['.', '[']).next())
            .collect();
        for part in projection(group).split("$v.").skip(1) {
            let name = part.split(|c: char| !c.is_alphanumeric()).next().expect("a name");
            assert!(known.contains(name), "{} sets {name}", group.name());
        }
    }
}
