//! A gate line as tokens. What PowerShell would read but a gate does not take is refused here with what to write instead.

use super::ast::Span;
use super::parse::ParseError;
use crate::powershell::token::{is_dash, is_double_quote, is_single_quote};
use crate::powershell::{Value, number};

/// A token with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Span,
    /// Whether white space stands before it: `$x [0]` is no index.
    pub spaced: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Number(Value),
    Text(String),
    Variable(String),
    Word(String),
    /// `-eq`, `-not`: lower case, without the dash
    Operator(String),
    Bang,
    /// `[version]`, the name between the brackets
    Type(String),
    Dot,
    Comma,
    Open,
    OpenArray,
    Close,
    OpenBracket,
    CloseBracket,
}

impl TokenKind {
    /// Whether a value may end here, so that a dash after it is an operator and a dot takes a member.
    fn ends_value(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Text(_) | Self::Variable(_) | Self::Word(_) | Self::Close | Self::CloseBracket)
    }
}

/// Signs of other languages, and of PowerShell beyond gates, the longest first: sign, what to write, what it is.
const REFUSED: &[(&str, &str, &str)] = &[
    ("===", "-eq", "compares"),
    ("!==", "-ne", "compares"),
    ("==", "-eq", "compares"),
    ("!=", "-ne", "compares"),
    ("<>", "-ne", "compares"),
    ("<=", "-le", "compares"),
    (">=", "-ge", "compares"),
    ("=~", "-match", "compares"),
    ("&&", "-and", "joins"),
    ("||", "-or", "joins"),
    ("=", "-eq", "compares"),
    ("<", "-lt", "compares"),
    (">", "-gt", "compares"),
    ("&", "-and", "joins"),
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer { text, at: 0, found: Vec::new() };
    while lexer.token()? {}
    Ok(lexer.found)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    found: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes characters as long as they fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !fits(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// Reads one token; false at the end.
    fn token(&mut self) -> Result<bool, ParseError> {
        let spaced = !self.take_while(|c| matches!(c, ' ' | '\t' | '\u{a0}' | '\r')).is_empty() || self.found.is_empty();
        let start = self.at;
        let Some(c) = self.peek() else { return Ok(false) };
        let after_value = self.found.last().is_some_and(|token| token.kind.ends_value());
        let digit_follows = self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit() || c == '.');
        let kind = match c {
            '#' if spaced || !after_value => return Ok(false),
            '\n' => return Err(self.error(1, "a gate line is one condition on one line", None)),
            '.' if after_value && !spaced => self.single(TokenKind::Dot),
            '0'..='9' | '.' => self.number()?,
            '+' => self.signed(after_value, digit_follows)?,
            dash if is_dash(dash) => self.dash(after_value, digit_follows)?,
            quote if is_single_quote(quote) => self.single_quoted()?,
            quote if is_double_quote(quote) => self.double_quoted()?,
            '$' => self.variable()?,
            '(' => self.single(TokenKind::Open),
            ')' => self.single(TokenKind::Close),
            '[' if after_value && !spaced => self.single(TokenKind::OpenBracket),
            '[' => self.type_name()?,
            ']' => self.single(TokenKind::CloseBracket),
            ',' => self.single(TokenKind::Comma),
            '@' if self.rest().starts_with("@(") => {
                self.at += 2;
                TokenKind::OpenArray
            }
            '!' if !self.rest().starts_with("!=") => self.single(TokenKind::Bang),
            letter if letter.is_alphabetic() || letter == '_' => {
                TokenKind::Word(self.take_while(|c| c.is_alphanumeric() || c == '_').to_owned())
            }
            other => return Err(self.refused(other)),
        };
        self.found.push(Token { kind, span: start..self.at, spaced });
        Ok(true)
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    /// An error that underlines the next `length` bytes.
    fn error(&self, length: usize, message: impl Into<String>, help: Option<&str>) -> ParseError {
        let end = (self.at + length).min(self.text.len());
        ParseError { span: self.at..end, message: message.into(), help: help.map(str::to_owned) }
    }

    fn refused(&self, c: char) -> ParseError {
        if let Some((sign, instead, what)) = REFUSED.iter().find(|(sign, ..)| self.rest().starts_with(sign)) {
            return self.error(
                sign.len(),
                format!("PowerShell {what} with {instead}, not with {sign}"),
                Some(&format!("write {instead}")),
            );
        }
        let words = match c {
            '|' => "a gate has no pipeline: it reads facts",
            ';' => "a gate line is one condition: write two lines",
            '{' | '}' => "a gate has no script blocks",
            '@' => "a gate has arrays as @( … ), no hashtables and no splatting",
            ':' => "a gate calls nothing and has no scopes: it reads facts",
            '*' | '/' | '%' => "a gate does not calculate",
            '`' => "a gate line is one line: it is not continued with a backtick",
            _ => return self.error(c.len_utf8(), format!("unexpected '{c}'"), None),
        };
        self.error(c.len_utf8(), words, None)
    }

    /// A number up to where it cannot go on; a sign only right after the `e` of an exponent.
    fn number(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        if self.peek().is_some_and(|c| is_dash(c) || c == '+') {
            self.at += self.peek().map_or(0, char::len_utf8);
        }
        let unsigned = self.at;
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '.');
        let so_far = &self.text[unsigned..self.at];
        let exponent =
            so_far.ends_with(['e', 'E']) && so_far[..so_far.len() - 1].bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if exponent && self.rest().starts_with(['+', '-']) && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_alphanumeric());
        }
        let sign = if self.text[start..unsigned].starts_with(is_dash) { "-" } else { "" };
        let written = &self.text[unsigned..self.at];
        if written.contains("..") {
            self.at = start;
            return Err(self.error(written.len(), "a gate has no ranges", Some("list the values: 1,2,3")));
        }
        number::parse(&format!("{sign}{written}")).map(TokenKind::Number).ok_or_else(|| ParseError {
            span: start..self.at,
            message: format!("'{}' is not a number", &self.text[start..self.at]),
            help: Some("numbers are written 12, -2, 0.5, 1e2, 0x1f, 1kb; a version or a name goes in quotes".to_owned()),
        })
    }

    fn signed(&mut self, after_value: bool, digit_follows: bool) -> Result<TokenKind, ParseError> {
        if after_value || !digit_follows {
            return Err(self.error(1, "a gate does not calculate", None));
        }
        self.number()
    }

    /// `-2` where a value may begin, else `-eq` and the like.
    fn dash(&mut self, after_value: bool, digit_follows: bool) -> Result<TokenKind, ParseError> {
        if digit_follows && !after_value {
            return self.number();
        }
        let width = self.peek().map_or(1, char::len_utf8);
        let name_start = self.at + width;
        let rest = &self.text[name_start..];
        let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let words = if after_value { "a gate does not calculate" } else { "expected an operator such as -not" };
            return Err(self.error(width, words, None));
        }
        self.at = name_start + name.len();
        Ok(TokenKind::Operator(name.to_ascii_lowercase()))
    }

    fn type_name(&mut self) -> Result<TokenKind, ParseError> {
        let Some((name, _)) = self.rest()[1..].split_once(']') else {
            return Err(self.error(1, "a [ is not closed", None));
        };
        self.at += name.len() + 2;
        Ok(TokenKind::Type(name.trim().to_owned()))
    }

    fn variable(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        self.at += 1;
        if self.rest().starts_with('(') {
            self.at = start;
            return Err(self.error(2, "a gate has no $( … )", Some("write ( … ), or @( … ) for an array")));
        }
        let braced = self.rest().starts_with('{');
        self.at += usize::from(braced);
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_').to_owned();
        if self.rest().starts_with(':') && !self.rest().starts_with("::") {
            self.at = start;
            let words = format!("${name}: names a scope or a drive, which a gate does not have");
            return Err(self.error(name.len() + 2, words, Some("a gate reads $old, $new, $servers, $pair, $tenant, …")));
        }
        if braced && !self.rest().starts_with('}') || name.is_empty() {
            self.at = start;
            return Err(self.error(1, "a $ must be followed by a name such as $old", None));
        }
        self.at += usize::from(braced);
        if name == "_" {
            self.at = start;
            return Err(self.error(2, "$_ belongs to a pipeline, which a gate does not have", None));
        }
        Ok(TokenKind::Variable(name))
    }

    fn single_quoted(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        let mut value = String::new();
        let mut rest = self.rest().char_indices().skip(1).peekable();
        while let Some((at, c)) = rest.next() {
            if is_single_quote(c) && rest.next_if(|(_, next)| is_single_quote(*next)).is_none() {
                self.at = start + at + c.len_utf8();
                return Ok(TokenKind::Text(value));
            }
            value.push(c);
        }
        Err(self.unterminated('\''))
    }

    fn double_quoted(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        let mut value = String::new();
        let mut rest = self.rest().char_indices().skip(1).peekable();
        while let Some((at, c)) = rest.next() {
            match c {
                '$' => {
                    self.at = start + at;
                    let words = "a gate does not expand $ in double quotes";
                    return Err(self.error(1, words, Some("write the text in single quotes")));
                }
                '`' => {
                    let Some((_, escaped)) = rest.next() else { break };
                    let Some(meant) = escape(escaped) else {
                        self.at = start + at;
                        let words = format!("`{escaped} means different things in the editions of PowerShell");
                        return Err(self.error(1 + escaped.len_utf8(), words, None));
                    };
                    value.push(meant);
                }
                quote if is_double_quote(quote) => {
                    if rest.next_if(|(_, next)| is_double_quote(*next)).is_none() {
                        self.at = start + at + c.len_utf8();
                        return Ok(TokenKind::Text(value));
                    }
                    value.push(quote);
                }
                other => value.push(other),
            }
        }
        Err(self.unterminated('"'))
    }

    fn unterminated(&self, quote: char) -> ParseError {
        self.error(self.rest().len(), format!("the text is missing its closing {quote}"), None)
    }
}

/// What a backtick makes of the character after it, the same in 5.1 and 7.
fn escape(c: char) -> Option<char> {
    Some(match c {
        'e' | 'u' => return None,
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    })
}
