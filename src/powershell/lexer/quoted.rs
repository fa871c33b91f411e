//! Strings: single- and double-quoted, here-strings, and the parts of what expands.

use super::{DEPTH, Lexer, Part, TokenKind, is_double_quote, is_single_quote};

impl Lexer<'_> {
    /// A string in quotes; PowerShell's typographic quotes close each other.
    pub(super) fn quoted(&mut self, opening: char) {
        if is_single_quote(opening) { self.single_quoted() } else { self.double_quoted() }
    }

    fn single_quoted(&mut self) {
        let start = self.at;
        self.bump();
        let mut value = String::new();
        while let Some(c) = self.bump() {
            if !is_single_quote(c) {
                value.push(c);
            } else if self.peek().is_some_and(is_single_quote) {
                value.extend(self.bump());
            } else {
                return self.push(TokenKind::Text(value), start);
            }
        }
        self.unterminated(start, '\'');
        self.push(TokenKind::Text(value), start);
    }

    fn double_quoted(&mut self) {
        let start = self.at;
        self.bump();
        let parts = self.parts(|lexer, c| is_double_quote(c) && !lexer.rest().chars().nth(1).is_some_and(is_double_quote));
        if self.bump().is_none() {
            self.unterminated(start, '"');
        }
        self.push(TokenKind::Expandable(parts), start);
    }

    /// `@' … '@` and `@" … "@`: from the end of the line to a closing quote at the beginning of one.
    pub(super) fn here_string(&mut self) {
        let start = self.at;
        self.bump();
        let single = self.bump().is_some_and(is_single_quote);
        self.take_while(|c| c == ' ' || c == '\t' || c == '\r');
        if self.bump() != Some('\n') {
            self.error(
                start..self.at,
                "UnexpectedCharactersAfterHereStringHeader",
                "No characters are allowed after a here-string header but before the end of the line.",
            );
        }
        let from = self.at;
        let ends = |line: &str| {
            let mut chars = line.chars();
            let quote = chars.next().is_some_and(if single { is_single_quote } else { is_double_quote });
            quote && chars.next() == Some('@')
        };
        let mut at = from;
        let mut close = None;
        for line in self.text[from..].split_inclusive('\n') {
            if ends(line) {
                close = Some(at);
                break;
            }
            at += line.len();
        }
        let Some(close) = close else {
            self.at = self.text.len();
            let message = format!("The string is missing the terminator: {}.", if single { "'@" } else { "\"@" });
            self.error(start..self.at, "TerminatorExpectedAtEndOfString", message);
            self.push(TokenKind::Text(self.text[from..].to_owned()), start);
            return;
        };
        let body = self.text[from..close].strip_suffix('\n').unwrap_or_default();
        let body_end = from + body.strip_suffix('\r').unwrap_or(body).len();
        let kind = if single {
            TokenKind::Text(self.text[from..body_end].to_owned())
        } else {
            TokenKind::Expandable(self.parts(|lexer, _| lexer.at >= body_end))
        };
        self.at = close + self.text[close..].chars().take(2).map(char::len_utf8).sum::<usize>();
        self.push(kind, start);
    }

    fn unterminated(&mut self, start: usize, quote: char) {
        self.error(start..self.at, "TerminatorExpectedAtEndOfString", format!("The string is missing the terminator: {quote}."));
    }

    /// The parts of an expandable text up to where `ends` says so (that character is not taken).
    pub(super) fn parts(&mut self, ends: impl Fn(&Self, char) -> bool) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if ends(self, c) {
                break;
            }
            match c {
                '`' => {
                    self.bump();
                    text.extend(self.bump().map(escaped));
                }
                '$' if self.rest().starts_with("$(") => {
                    flush(&mut parts, &mut text);
                    self.sub_expression(&mut parts);
                }
                '$' => {
                    if let Some(variable) = self.variable_name() {
                        flush(&mut parts, &mut text);
                        parts.push(Part::Variable(variable));
                    } else {
                        text.extend(self.bump());
                    }
                }
                c if is_double_quote(c) && self.peek_second().is_some_and(is_double_quote) => {
                    self.bump();
                    text.extend(self.bump());
                }
                _ => text.extend(self.bump()),
            }
        }
        flush(&mut parts, &mut text);
        parts
    }

    fn sub_expression(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        self.at += 2;
        if self.depth >= DEPTH {
            self.at = self.text.len();
            return self.error(start..self.at, "NestedTooDeep", "Strings and expressions are nested too deep.");
        }
        let mut inner = Lexer::new(self.text, self.at);
        inner.nested = true;
        inner.depth = self.depth + 1;
        inner.run();
        self.at = inner.at;
        self.errors.append(&mut inner.errors);
        parts.push(Part::Expression(inner.tokens));
        if self.bump().is_none() {
            self.error(start..self.at, "MissingEndParenthesisInSubexpression", "Missing closing ')' in subexpression.");
        }
    }
}

fn flush(parts: &mut Vec<Part>, text: &mut String) {
    if !text.is_empty() {
        parts.push(Part::Text(std::mem::take(text)));
    }
}

/// The character after a backtick.
fn escaped(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        other => other,
    }
}
