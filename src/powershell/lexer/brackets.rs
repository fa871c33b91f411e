//! What stands between brackets and is no index: types and attributes.

use super::{Lexer, State, TokenKind};

impl Lexer<'_> {
    /// `[Parameter(Mandatory)]`, `[CmdletBinding()]`: a name with parentheses between the brackets.
    pub(super) fn attribute(&mut self) -> bool {
        let rest = self.rest();
        let Some(opened) = rest.find('(').filter(|at| {
            let name = &rest[1..*at];
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
        }) else {
            return false;
        };
        let mut depth = 0_usize;
        for (at, c) in rest[opened..].char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let end = opened + at + 1;
                if !rest[end..].starts_with(']') {
                    return false;
                }
                let (start, text) = (self.at, rest[1..end].to_owned());
                self.at += end + 1;
                self.push(TokenKind::Attribute(text), start);
                // `param` and what it declares begin as a statement does.
                self.state = State::Statement;
                return true;
            }
        }
        false
    }

    /// `[name]`, `[System.Guid]`, `[string[]]`: only where it can be nothing else.
    pub(super) fn type_literal(&mut self) -> bool {
        let rest = self.rest();
        let mut depth = 0_usize;
        for (at, c) in rest.char_indices() {
            match c {
                '[' => depth += 1,
                ']' if depth == 1 => {
                    let name = rest[1..at].trim().to_owned();
                    if name.is_empty() {
                        return false;
                    }
                    let start = self.at;
                    self.at += at + 1;
                    self.push(TokenKind::Type(name), start);
                    return true;
                }
                ']' => depth -= 1,
                c if c.is_alphanumeric() || matches!(c, '.' | '_' | ',' | ' ' | '+' | '`') => {}
                _ => return false,
            }
        }
        false
    }
}
