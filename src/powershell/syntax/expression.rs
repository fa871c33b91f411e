//! The reading of expressions, by PowerShell's order of operators: logical, bitwise, comparison, sum, product, format, range,
//! comma, then what stands before an operand.

use std::sync::Arc;

use super::super::token::{Number, Symbol, Token, TokenKind};
use super::super::{Operator, Value};
use super::ast::{Expression, ExpressionKind, Statement, StringPart};
use super::parser::Parser;

/// Operators from the loosest to the tightest.
const LEVELS: [&[&str]; 7] = [
    &["and", "or", "xor"],
    &["band", "bor", "bxor"],
    &["is", "isnot", "as", "replace", "split", "join"],
    &["+", "-"],
    &["*", "/", "%"],
    &["f"],
    &[".."],
];

/// The level at which the comparisons stand, too.
const COMPARISONS: usize = 2;

/// Text operators that come with `c` or `i` before them, as the comparisons do.
const CASED: &[&str] = &["replace", "split"];

impl Parser {
    pub(super) fn expression(&mut self) -> Option<Expression> {
        self.deeper(|parser| parser.binary(0))
    }

    fn binary(&mut self, level: usize) -> Option<Expression> {
        if level == LEVELS.len() {
            return self.list();
        }
        let start = self.start();
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.binary_operator(level) {
            let token = self.next()?;
            self.skip_new_lines();
            let Some(right) = self.operand_after(&token, |parser| parser.binary(level + 1)) else { return Some(left) };
            left =
                Expression { kind: ExpressionKind::Binary(operator, Box::new(left), Box::new(right)), span: start..self.end() };
        }
        Some(left)
    }

    /// What follows an operator, or the error that nothing does.
    fn operand_after(&mut self, operator: &Token, read: impl FnOnce(&mut Self) -> Option<Expression>) -> Option<Expression> {
        let nothing = matches!(
            self.peek_kind(),
            None | Some(
                TokenKind::NewLine
                    | TokenKind::Symbol(
                        Symbol::Close | Symbol::CloseBrace | Symbol::CloseBracket | Symbol::Semicolon | Symbol::Pipe
                    )
            )
        );
        if nothing {
            let text = self.source.get(operator.span.clone()).unwrap_or_default().to_owned();
            let at = operator.span.end;
            self.error(
                at..at,
                "ExpectedValueExpression",
                format!("You must provide a value expression following the '{text}' operator."),
            );
            return None;
        }
        read(self)
    }

    fn binary_operator(&self, level: usize) -> Option<String> {
        let among = LEVELS[level];
        match self.peek_kind()? {
            TokenKind::Operator(name) => {
                let plain = name.strip_prefix(['c', 'i']).filter(|plain| CASED.contains(plain)).unwrap_or(name);
                let known = among.contains(&plain) || level == COMPARISONS && Operator::parse(name).is_some();
                known.then(|| name.clone())
            }
            TokenKind::Symbol(
                symbol @ (Symbol::Plus | Symbol::Minus | Symbol::Times | Symbol::Divide | Symbol::Remainder | Symbol::DotDot),
            ) => among.contains(&symbol.text()).then(|| symbol.text().to_owned()),
            _ => None,
        }
    }

    /// `a, b, c`
    fn list(&mut self) -> Option<Expression> {
        let start = self.start();
        let first = self.unary()?;
        if self.peek_symbol() != Some(Symbol::Comma) {
            return Some(first);
        }
        let mut items = vec![first];
        while self.peek_symbol() == Some(Symbol::Comma) {
            let comma = self.next()?;
            self.skip_new_lines();
            if matches!(self.peek_kind(), None | Some(TokenKind::Symbol(Symbol::Close | Symbol::CloseBrace | Symbol::Semicolon)))
            {
                let at = comma.span.end;
                self.error(at..at, "MissingExpressionAfterToken", "Missing expression after ','.");
                break;
            }
            items.push(self.unary()?);
        }
        Some(Expression { kind: ExpressionKind::List(items), span: start..self.end() })
    }

    pub(super) fn unary(&mut self) -> Option<Expression> {
        let token = self.peek().cloned()?;
        let start = token.span.start;
        let name = match &token.kind {
            TokenKind::Operator(name) if matches!(name.as_str(), "not" | "join" | "split" | "bnot") => name.clone(),
            TokenKind::Symbol(Symbol::Not) => "not".to_owned(),
            TokenKind::Symbol(
                symbol @ (Symbol::Minus | Symbol::Plus | Symbol::Comma | Symbol::PlusPlus | Symbol::MinusMinus),
            ) => symbol.text().to_owned(),
            TokenKind::Type(type_name) => {
                let type_name = type_name.clone();
                return self.cast_or_type(type_name, start);
            }
            _ => return self.primary(),
        };
        self.next();
        let operand = self.deeper(|parser| parser.operand_after(&token, Self::unary))?;
        Some(Expression { kind: ExpressionKind::Unary(name, Box::new(operand)), span: start..self.end() })
    }

    fn cast_or_type(&mut self, type_name: String, start: usize) -> Option<Expression> {
        self.next();
        let begins_operand = match self.peek_kind() {
            Some(TokenKind::Symbol(symbol)) => matches!(
                symbol,
                Symbol::Open
                    | Symbol::DollarParen
                    | Symbol::AtParen
                    | Symbol::AtBrace
                    | Symbol::OpenBrace
                    | Symbol::Minus
                    | Symbol::Plus
            ),
            Some(
                TokenKind::Variable(_)
                | TokenKind::Number(_)
                | TokenKind::Text(_)
                | TokenKind::Expandable(_)
                | TokenKind::Type(_),
            ) => true,
            _ => false,
        };
        if begins_operand {
            let operand = Box::new(self.deeper(Self::unary)?);
            return Some(Expression { kind: ExpressionKind::Cast(type_name, operand), span: start..self.end() });
        }
        let literal = Expression { kind: ExpressionKind::Type(type_name), span: start..self.end() };
        self.members(literal)
    }

    /// An operand with its members, indices and calls.
    pub(super) fn primary(&mut self) -> Option<Expression> {
        let token = self.next()?;
        let start = token.span.start;
        let kind = match token.kind {
            TokenKind::Variable(variable) => ExpressionKind::Variable(variable),
            TokenKind::Number(number) => ExpressionKind::Number {
                value: match number {
                    Number::Int(value) => Value::Int(value),
                    Number::Double(value) => Value::Double(value),
                },
                text: self.source.get(token.span.clone()).unwrap_or_default().to_owned(),
            },
            TokenKind::Text(text) => ExpressionKind::Literal(Value::Text(text)),
            TokenKind::Expandable(parts) | TokenKind::Word(parts) => expandable(self.parts(parts)),
            TokenKind::Type(name) => ExpressionKind::Type(name),
            TokenKind::Symbol(Symbol::Open) => {
                self.skip_new_lines();
                let at = self.start();
                let Some(inner) = self.deeper(Self::statement) else {
                    if self.errors.is_empty() {
                        self.error(at..at, "ExpectedExpression", "An expression was expected after '('.");
                    }
                    return None;
                };
                self.close(
                    Symbol::Close,
                    start..start + 1,
                    "MissingEndParenthesisInExpression",
                    "Missing closing ')' in expression.",
                );
                ExpressionKind::Paren(Box::new(inner))
            }
            TokenKind::Symbol(Symbol::DollarParen) => ExpressionKind::Sub(self.inner(start, Symbol::Close)?),
            TokenKind::Symbol(Symbol::AtParen) => ExpressionKind::Array(self.inner(start, Symbol::Close)?),
            TokenKind::Symbol(Symbol::AtBrace) => ExpressionKind::Hashtable(self.hashtable(start)?),
            TokenKind::Symbol(Symbol::OpenBrace) => ExpressionKind::Block(Arc::new(self.script_block(start)?)),
            _ => {
                self.unexpected(&token);
                return None;
            }
        };
        self.members(Expression { kind, span: start..self.end() })
    }

    pub(super) fn inner(&mut self, start: usize, closer: Symbol) -> Option<Vec<Statement>> {
        self.deeper(|parser| {
            let statements = parser.statements();
            let (id, message) = match closer {
                Symbol::CloseBrace => ("MissingEndCurlyBrace", "Missing closing '}' in statement block or type definition."),
                _ => ("MissingEndParenthesisInSubexpression", "Missing closing ')' in subexpression."),
            };
            parser.close(closer, start..start + 1, id, message);
            Some(statements)
        })
    }

    fn hashtable(&mut self, start: usize) -> Option<Vec<(Expression, Statement)>> {
        let mut entries = Vec::new();
        loop {
            while self.peek_kind() == Some(&TokenKind::NewLine) || self.peek_symbol() == Some(Symbol::Semicolon) {
                self.next();
            }
            if self.peek().is_none() || self.peek_symbol() == Some(Symbol::CloseBrace) {
                break;
            }
            let key = self.primary()?;
            if !self.eat(Symbol::Assign) {
                let at = self.end();
                self.error(at..at, "MissingEqualsInHashLiteral", "Missing '=' operator after key in hash literal.");
                return None;
            }
            self.skip_new_lines();
            let value = self.deeper(Self::statement)?;
            entries.push((key, value));
        }
        self.close(Symbol::CloseBrace, start..start + 2, "IncompleteHashLiteral", "The hash literal was incomplete.");
        Some(entries)
    }

    fn members(&mut self, mut of: Expression) -> Option<Expression> {
        let start = of.span.start;
        while let Some(token) = self.peek().cloned() {
            if token.spaced && !matches!(token.kind, TokenKind::Symbol(Symbol::ColonColon)) {
                break;
            }
            of = match token.kind {
                TokenKind::Symbol(symbol @ (Symbol::Dot | Symbol::ColonColon)) => {
                    self.next();
                    self.member(of, symbol == Symbol::ColonColon)?
                }
                TokenKind::Symbol(Symbol::OpenBracket) => {
                    self.next();
                    let index = self.expression()?;
                    self.close(
                        Symbol::CloseBracket,
                        token.span,
                        "MissingEndSquareBracket",
                        "Missing ] after array index expression.",
                    );
                    Expression { kind: ExpressionKind::Index(Box::new(of), Box::new(index)), span: start..self.end() }
                }
                TokenKind::Symbol(symbol @ (Symbol::PlusPlus | Symbol::MinusMinus)) => {
                    self.next();
                    Expression { kind: ExpressionKind::Postfix(symbol.text().to_owned(), Box::new(of)), span: start..self.end() }
                }
                _ => break,
            };
        }
        Some(of)
    }

    fn member(&mut self, of: Expression, of_type: bool) -> Option<Expression> {
        let start = of.span.start;
        let token = self.next()?;
        let span = token.span.clone();
        let kind = match token.kind {
            TokenKind::Word(parts) | TokenKind::Expandable(parts) => expandable(self.parts(parts)),
            TokenKind::Text(text) => ExpressionKind::Literal(Value::Text(text)),
            TokenKind::Variable(variable) => ExpressionKind::Variable(variable),
            _ => {
                self.error(span, "MissingPropertyName", "Missing property name after reference operator.");
                return None;
            }
        };
        let (of, name) = (Box::new(of), Box::new(Expression { kind, span }));
        let called = self.peek().is_some_and(|token| token.kind == TokenKind::Symbol(Symbol::Open) && !token.spaced);
        if !called {
            return Some(Expression { kind: ExpressionKind::Member { of, name, of_type }, span: start..self.end() });
        }
        let opened = self.start();
        self.next();
        let mut arguments = Vec::new();
        if self.peek_symbol() != Some(Symbol::Close) {
            match self.expression()? {
                Expression { kind: ExpressionKind::List(items), .. } => arguments = items,
                single => arguments.push(single),
            }
        }
        self.close(Symbol::Close, opened..opened + 1, "MissingEndParenthesisInMethodCall", "Missing ')' in method call.");
        Some(Expression { kind: ExpressionKind::Call { of, name, arguments, of_type }, span: start..self.end() })
    }
}

/// A text without anything to expand is a literal.
pub(super) fn expandable(parts: Vec<StringPart>) -> ExpressionKind {
    match parts.as_slice() {
        [] => ExpressionKind::Literal(Value::Text(String::new())),
        [StringPart::Text(text)] => ExpressionKind::Literal(Value::Text(text.clone())),
        _ => ExpressionKind::Expandable(parts),
    }
}
