//! From tokens to a gate line, with PowerShell's precedence: steps, then casts and negations, then commas, then
//! comparisons (all equal), then `-and` and `-or` (equal too).

use std::fmt;

use super::ast::{Expr, Kind, Literal, Logic, Node, NotSign, Span, Step, StepKind};
use super::lex::{self, Token, TokenKind};
use crate::powershell::convert::Type;
use crate::powershell::like::Wildcard;
use crate::powershell::token::is_dash;
use crate::powershell::{Comparison, Operator, Value, pattern};

/// The longest line that is read, in bytes.
pub const MAX_LENGTH: usize = 4_096;
/// The deepest nesting that is read.
pub const MAX_NESTING: usize = 64;

/// Why a line is no gate line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The bytes of the line that are wrong
    pub span: Span,
    /// What is wrong with them
    pub message: String,
    /// What to do
    pub help: Option<String>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl std::error::Error for ParseError {}

/// Reads one gate line.
pub fn parse(text: &str) -> Result<Expr, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError {
            span: 0..0,
            message: format!("the line has {} bytes, {MAX_LENGTH} are read", text.len()),
            help: Some("write several lines: all of them must be True".to_owned()),
        });
    }
    let mut parser = Parser { tokens: lex::tokens(text)?, text, at: 0, depth: 0 };
    let root = parser.logic()?;
    match parser.peek() {
        None => Ok(Expr { text: text.to_owned(), root }),
        Some(token) => Err(parser.unexpected(token)),
    }
}

struct Parser<'t> {
    tokens: Vec<Token>,
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Takes the next token where it is of this kind.
    fn eat(&mut self, kind: &TokenKind) -> Option<Span> {
        let span = self.peek().filter(|token| token.kind == *kind)?.span.clone();
        self.at += 1;
        Some(span)
    }

    fn end(&self) -> Span {
        let end = self.text.trim_end().len();
        end..end
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            let span = self.peek().map_or(self.end(), |token| token.span.clone());
            return Err(error(span, format!("nested deeper than {MAX_NESTING}"), Some("write several lines")));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn logic(&mut self) -> Result<Node, ParseError> {
        let first = self.comparison()?;
        let mut rest = Vec::new();
        loop {
            let logic = match self.peek().map(|token| &token.kind) {
                Some(TokenKind::Operator(name)) if name == "and" => Logic::And,
                Some(TokenKind::Operator(name)) if name == "or" => Logic::Or,
                _ => break,
            };
            self.at += 1;
            rest.push((logic, self.comparison()?));
        }
        Ok(match rest.last() {
            None => first,
            Some((_, last)) => {
                let span = first.span.start..last.span.end;
                Node { kind: Kind::Logic(Box::new(first), rest), span }
            }
        })
    }

    fn comparison(&mut self) -> Result<Node, ParseError> {
        let mut left = self.list()?;
        let mut chained = 0;
        while let Some(TokenKind::Operator(name)) = self.peek().map(|token| &token.kind) {
            let Some(operator) = Operator::parse(name) else { break };
            self.at += 1;
            chained += 1;
            if chained > MAX_NESTING {
                return Err(error(left.span, format!("more than {MAX_NESTING} comparisons in a row"), None));
            }
            let right = self.list()?;
            check_right(operator, &right)?;
            let span = left.span.start..right.span.end;
            left = Node { kind: Kind::Compare(Box::new(left), operator, Box::new(right)), span };
        }
        Ok(left)
    }

    fn list(&mut self) -> Result<Node, ParseError> {
        let first = self.unary()?;
        let mut items = vec![first];
        while self.eat(&TokenKind::Comma).is_some() {
            items.push(self.unary()?);
        }
        match items.as_slice() {
            [first, .., last] => {
                let span = first.span.start..last.span.end;
                Ok(Node { kind: Kind::List(items), span })
            }
            _ => Ok(items.remove(0)),
        }
    }

    fn unary(&mut self) -> Result<Node, ParseError> {
        let Some(token) = self.peek() else {
            return Err(match self.at.checked_sub(1).map(|last| &self.tokens[last]) {
                Some(last) => error(self.end(), format!("a value is missing after '{}'", &self.text[last.span.clone()]), None),
                None => error(self.end(), "the line is empty", None),
            });
        };
        let start = token.span.start;
        let sign = match &token.kind {
            TokenKind::Bang => NotSign::Mark,
            TokenKind::Operator(name) if name == "not" => NotSign::Word,
            TokenKind::Type(name) => {
                let to = type_named(name, &token.span)?;
                self.at += 1;
                let inner = self.nested(Self::unary)?;
                check_cast(to, &inner)?;
                let span = start..inner.span.end;
                return Ok(Node { kind: Kind::Cast(to, Box::new(inner)), span });
            }
            _ => return self.steps(),
        };
        self.at += 1;
        let inner = self.nested(Self::unary)?;
        let span = start..inner.span.end;
        Ok(Node { kind: Kind::Not(sign, Box::new(inner)), span })
    }

    fn steps(&mut self) -> Result<Node, ParseError> {
        let base = self.primary()?;
        let mut steps: Vec<Step> = Vec::new();
        while let Some(token) = self.peek() {
            let start = token.span.start;
            let kind = match token.kind {
                TokenKind::Dot => {
                    self.at += 1;
                    self.member(start)?
                }
                TokenKind::OpenBracket => {
                    self.at += 1;
                    self.index(start)?
                }
                TokenKind::Open if !token.spaced && !steps.is_empty() => {
                    let span = token.span.clone();
                    return Err(error(span, "a gate calls no methods: it reads properties", None));
                }
                _ => break,
            };
            steps.push(Step { kind, span: start..self.tokens[self.at - 1].span.end });
        }
        Ok(match steps.last() {
            None => base,
            Some(last) => {
                let span = base.span.start..last.span.end;
                Node { kind: Kind::Steps(Box::new(base), steps), span }
            }
        })
    }

    fn member(&mut self, dot: usize) -> Result<StepKind, ParseError> {
        match self.peek() {
            Some(Token { kind: TokenKind::Word(name), spaced: false, .. }) => {
                let name = name.clone();
                self.at += 1;
                Ok(StepKind::Member(name))
            }
            other => {
                let span = other.map_or(dot..dot + 1, |token| dot..token.span.end);
                Err(error(span, "a property's name must follow the dot", None))
            }
        }
    }

    fn index(&mut self, bracket: usize) -> Result<StepKind, ParseError> {
        let number = match self.peek() {
            Some(Token { kind: TokenKind::Number(Value::Int(index)), .. }) => Some(*index),
            _ => None,
        };
        self.at += usize::from(number.is_some());
        if let (Some(index), Some(_)) = (number, self.eat(&TokenKind::CloseBracket)) {
            return Ok(StepKind::Index(index));
        }
        let end = self.peek().map_or(self.end().end, |token| token.span.end);
        let help = Some("write $old.RunHistory[0], or [-1] for the last");
        Err(error(bracket..end, "an index is one whole number in brackets", help))
    }

    fn primary(&mut self) -> Result<Node, ParseError> {
        let Some(token) = self.peek().cloned() else { return self.unary() };
        let span = token.span.clone();
        let literal = |literal| Kind::Literal(literal);
        self.at += 1;
        let kind = match token.kind {
            TokenKind::Number(value) => literal(Literal::Number(self.text[span.clone()].replace(is_dash, "-"), value)),
            TokenKind::Text(text) => literal(Literal::Text(text)),
            TokenKind::Variable(name) => match name.to_ascii_lowercase().as_str() {
                "null" => literal(Literal::Null),
                "true" => literal(Literal::Bool(true)),
                "false" => literal(Literal::Bool(false)),
                _ => Kind::Variable(name),
            },
            TokenKind::Open => {
                let inner = self.nested(Self::logic)?;
                return self.close(&span, Kind::Group(Box::new(inner)));
            }
            TokenKind::OpenArray => {
                if let Some(close) = self.eat(&TokenKind::Close) {
                    return Ok(Node { kind: Kind::Array(None), span: span.start..close.end });
                }
                let inner = self.nested(Self::logic)?;
                return self.close(&span, Kind::Array(Some(Box::new(inner))));
            }
            _ => {
                self.at -= 1;
                return Err(self.unexpected(&token));
            }
        };
        Ok(Node { kind, span })
    }

    fn close(&mut self, open: &Span, kind: Kind) -> Result<Node, ParseError> {
        match (self.eat(&TokenKind::Close), self.peek()) {
            (Some(close), _) => Ok(Node { kind, span: open.start..close.end }),
            (None, None) => Err(error(open.clone(), "this ( is not closed", None)),
            (None, Some(token)) => Err(self.unexpected(token)),
        }
    }

    /// What stands here although nothing, or something else, should.
    fn unexpected(&self, token: &Token) -> ParseError {
        let written = &self.text[token.span.clone()];
        let at = |message: String, help: Option<String>| ParseError { span: token.span.clone(), message, help };
        match &token.kind {
            TokenKind::Operator(name) => operator_error(name, &token.span),
            TokenKind::Word(word) => word_error(word, &token.span),
            TokenKind::Close => at("a ) without its (".to_owned(), None),
            TokenKind::OpenBracket | TokenKind::Type(_) if self.at > 0 && token.spaced => {
                at(format!("'{written}' is not expected here"), Some("an index follows without a space".to_owned()))
            }
            _ if self.at > 0 => at(
                format!("'{written}' is not expected here"),
                Some("join conditions with -and or -or, or write two lines".to_owned()),
            ),
            _ => at(format!("'{written}' is not expected here"), None),
        }
    }
}

fn error(span: Span, message: impl Into<String>, help: Option<&str>) -> ParseError {
    ParseError { span, message: message.into(), help: help.map(str::to_owned) }
}

/// The nearest of some names, near enough to be meant: one slip in three letters.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_ascii_lowercase();
    let slips = names.into_iter().map(|known| (strsim::osa_distance(&lower, &known.to_ascii_lowercase()), known));
    let allowed = (name.chars().count() / 3).max(1);
    slips.filter(|(slips, _)| *slips <= allowed).min_by_key(|(slips, _)| *slips).map(|(_, known)| known)
}

fn type_named(name: &str, span: &Span) -> Result<Type, ParseError> {
    Type::parse(name).ok_or_else(|| {
        let short = name.strip_prefix("System.").unwrap_or(name);
        let meant = match short.to_ascii_lowercase().as_str() {
            "int32" | "int64" | "long" => Some("int"),
            "float" | "single" | "decimal" => Some("double"),
            "boolean" => Some("bool"),
            "date" => Some("datetime"),
            _ => nearest(short, Type::ALL.iter().map(|(_, short, _)| *short)),
        };
        let casts = "casts are [version] [timespan] [datetime] [int] [double] [string] [bool]";
        let help = meant.map_or_else(|| casts.to_owned(), |meant| format!("did you mean [{meant}]?"));
        ParseError { span: span.clone(), message: format!("a gate has no [{name}]"), help: Some(help) }
    })
}

/// A number without quotes loses what it looked like before it is cast: `2.10` is 2.1.
fn check_cast(to: Type, inner: &Node) -> Result<(), ParseError> {
    match (&inner.kind, to) {
        (Kind::Literal(Literal::Number(written, _)), Type::Version | Type::TimeSpan | Type::DateTime) => {
            let help = format!("write [{}]'{written}'", to.name());
            Err(error(inner.span.clone(), format!("a {} is cast from a text, not from a number", to.name()), Some(&help)))
        }
        _ => Ok(()),
    }
}

/// A written pattern is checked where it is written.
fn check_right(operator: Operator, right: &Node) -> Result<(), ParseError> {
    let Kind::Literal(Literal::Text(text)) = &right.kind else { return Ok(()) };
    let checked = match operator.asks {
        Comparison::Like | Comparison::NotLike => Wildcard::new(text, operator.case).map(drop),
        Comparison::Match | Comparison::NotMatch => pattern::check(text, operator.case),
        _ => Ok(()),
    };
    checked.map_err(|why| error(right.span.clone(), why.message, None))
}

fn operator_error(name: &str, span: &Span) -> ParseError {
    let words = match name {
        "and" | "or" => return error(span.clone(), format!("-{name} needs a condition on both sides"), None),
        _ if Operator::parse(name).is_some() => {
            return error(span.clone(), format!("-{name} needs a value on both sides"), None);
        }
        "not" => return error(span.clone(), "-not stands before a condition", None),
        "xor" => "write it with -and, -or and -not",
        "is" | "isnot" | "as" => "facts have the types of the table",
        "replace" | "ireplace" | "creplace" | "split" | "isplit" | "csplit" | "join" | "f" => {
            "compare with -like or -match instead"
        }
        "band" | "bor" | "bxor" | "bnot" | "shl" | "shr" => "a gate does not calculate",
        _ => {
            let known = Comparison::ALL.iter().map(|(_, name)| *name).chain(["and", "or", "not"]);
            let meant = match name {
                "gte" | "geq" => Some("ge"),
                "lte" | "leq" => Some("le"),
                "neq" | "noteq" => Some("ne"),
                "equals" => Some("eq"),
                _ => nearest(name, known),
            };
            let help = meant.map(|meant| format!("did you mean -{meant}?"));
            return ParseError { span: span.clone(), message: format!("there is no operator -{name}"), help };
        }
    };
    error(span.clone(), format!("-{name} is not part of the gate language"), Some(words))
}

/// A word without a sign: an operator without its dash, a variable without its dollar, or a text without quotes.
fn word_error(word: &str, span: &Span) -> ParseError {
    let lower = word.to_ascii_lowercase();
    let help = match lower.as_str() {
        "and" | "or" | "not" => format!("write -{lower}"),
        "true" | "false" | "null" => format!("write ${lower}"),
        "old" | "new" | "servers" | "pair" | "tenant" | "findings" | "inputs" | "forms" | "results" | "step" => {
            format!("write ${word}")
        }
        _ if Operator::parse(&lower).is_some() => format!("write -{lower}"),
        _ => format!("a fact begins with $, a text is written '{word}'"),
    };
    ParseError { span: span.clone(), message: format!("'{word}' is not a value"), help: Some(help) }
}

#[cfg(test)]
mod tests;
