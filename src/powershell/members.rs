//! The members that a text reads of a variable: `$Run.Inputs.share`. Read by the lexer, so that comments and single quotes do not
//! count, and strings count as PowerShell expands them.

use super::lexer::tokens;
use super::token::{Part, Span, Symbol, Token, TokenKind, Variable};

/// One reading of a variable with the names after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The names, up to an index or a call
    pub names: Vec<String>,
    /// From the `$` to the last of the names; of a string, the whole string
    pub span: Span,
    /// Whether it is read, or only meant
    pub reads: Reads,
}

/// How PowerShell takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Each member is read.
    Members,
    /// Within a string only the variable is expanded: the names after it stay text.
    VariableOnly,
}

/// Every reading of that variable with a name after it, in the order of the text. Names of variables ignore case.
pub fn of_variable(text: &str, variable: &str) -> Vec<Members> {
    let mut found = Vec::new();
    // Most texts never name it, and need no lexer.
    if text.len() > variable.len()
        && text.as_bytes().windows(variable.len()).any(|part| part.eq_ignore_ascii_case(variable.as_bytes()))
    {
        collect(&tokens(text).0, variable, &mut found);
    }
    found
}

fn collect(list: &[Token], variable: &str, found: &mut Vec<Members>) {
    for (at, token) in list.iter().enumerate() {
        match &token.kind {
            TokenKind::Variable(named) if is(named, variable) => found.extend(read(token, &list[at + 1..])),
            TokenKind::Expandable(parts) | TokenKind::Word(parts) => within(token, parts, variable, found),
            _ => {}
        }
    }
}

fn is(named: &Variable, variable: &str) -> bool {
    named.scope.is_none() && named.name.eq_ignore_ascii_case(variable)
}

/// `.name`, `.'name'`, with nothing between.
fn read(token: &Token, mut after: &[Token]) -> Option<Members> {
    let (mut names, mut end) = (Vec::new(), token.span.end);
    while let [dot, name, rest @ ..] = after {
        let joined = !dot.spaced && !name.spaced && dot.span.start == end && name.span.start == dot.span.end;
        let word = match &name.kind {
            TokenKind::Word(parts) => match parts.as_slice() {
                [Part::Text(word)] => word,
                _ => break,
            },
            TokenKind::Text(word) => word,
            _ => break,
        };
        if !joined || dot.kind != TokenKind::Symbol(Symbol::Dot) {
            break;
        }
        names.push(word.clone());
        (end, after) = (name.span.end, rest);
    }
    (!names.is_empty()).then_some(Members { names, span: token.span.start..end, reads: Reads::Members })
}

fn within(token: &Token, parts: &[Part], variable: &str, found: &mut Vec<Members>) {
    for (at, part) in parts.iter().enumerate() {
        match (part, parts.get(at + 1)) {
            (Part::Variable(expanded), Some(Part::Text(text))) if is(expanded, variable) => {
                let names: Vec<String> = names_in(text).map(str::to_owned).collect();
                if !names.is_empty() {
                    found.push(Members { names, span: token.span.clone(), reads: Reads::VariableOnly });
                }
            }
            (Part::Expression(inner), _) => collect(inner, variable, found),
            _ => {}
        }
    }
}

/// `.Inputs.share` at the beginning of a text.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(text.len());
    let path = text[..end].strip_prefix('.').unwrap_or_default();
    path.split('.').take_while(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let show = |members: Members| {
            let mark = if members.reads == Reads::Members { "" } else { "?" };
            assert!(text.get(members.span.clone()).is_some_and(|part| part.contains('$')), "{text}");
            format!("{mark}{}", members.names.join("."))
        };
        of_variable(text, "Run").into_iter().map(show).collect()
    }

    #[test]
    fn members_are_read_wherever_powershell_reads_them() {
        for (text, expected) in [
            ("Copy-Item $Run.Inputs.share -To $x", vec!["Inputs.share"]),
            ("$run.Forms.a.b.Length + ${Run}.Results.r[0].Name", vec!["Forms.a.b.Length", "Results.r"]),
            ("\"to $($Run.Inputs.share)\\x\"", vec!["Inputs.share"]),
            ("@\"\n$($Run.Inputs.share)\n\"@", vec!["Inputs.share"]),
            ("foreach ($s in $Run.Servers.old.Host) { Do-It -To:$Run.Inputs.a }", vec!["Servers.old.Host", "Inputs.a"]),
            ("$Run.'Inputs'.share", vec!["Inputs.share"]),
            ("$x = $Run.Inputs.share.Trim()", vec!["Inputs.share.Trim"]),
            ("$Run", vec![]),
            ("$Runtime.x; $script:Run.x; $Run .Inputs", vec![]),
            ("# $Run.Inputs.share\n<# $Run.Inputs.x #> 'in $Run.Inputs.y'", vec![]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn in_a_string_only_the_variable_is_expanded() {
        for (text, expected) in [
            ("\"to $Run.Inputs.share\\x\"", vec!["?Inputs.share"]),
            ("Copy-Item x \\\\a\\$Run.Inputs.share", vec!["?Inputs.share"]),
            ("\"`$Run.Inputs.share and $Run. Then\"", vec![]),
            ("\"$Run.Inputs.a and $($Run.Inputs.b)\"", vec!["?Inputs.a", "Inputs.b"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
