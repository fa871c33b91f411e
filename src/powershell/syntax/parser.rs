//! Reads tokens into the tree. Errors are PowerShell's own, with their ids.

use std::sync::Arc;

use super::super::lexer;
use super::super::token::{Keyword, Span, Symbol, SyntaxError, Token, TokenKind};
use super::ast::{ScriptBlock, Statement, StringPart};
use crate::powershell::token::Part;

/// What reading a script gave. A script with errors does not run on any server; one with something beyond this tree runs on a
/// server and is refused by the lab.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree, as far as it could be read.
    pub script: Arc<ScriptBlock>,
    /// What PowerShell would refuse, in the order of places.
    pub errors: Vec<SyntaxError>,
    /// What PowerShell has and this tree has not.
    pub beyond: Vec<Beyond>,
}

/// Valid PowerShell that this tree does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// Where.
    pub span: Span,
    /// What, such as `a function` or `redirection`.
    pub what: String,
}

/// Reads a script. Never fails: what cannot be read is in the answer.
pub fn parse(text: &str) -> Parsed {
    let source: Arc<str> = text.into();
    let (tokens, lexical) = lexer::tokens(text);
    let mut parser = Parser::new(&source, tokens);
    let statements = parser.script();
    let mut errors = lexical;
    errors.append(&mut parser.errors);
    errors.sort_by_key(|error| error.span.start);
    let beyond = parser.beyond;
    let span = 0..source.len();
    Parsed { script: Arc::new(ScriptBlock { parameters: Vec::new(), statements, span, source }), errors, beyond }
}

/// Deeper nesting is refused rather than recursed into.
const DEPTH: usize = 64;

pub(super) struct Parser {
    pub(super) source: Arc<str>,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    pub(super) errors: Vec<SyntaxError>,
    pub(super) beyond: Vec<Beyond>,
}

impl Parser {
    fn new(source: &Arc<str>, mut tokens: Vec<Token>) -> Self {
        tokens.retain(|token| token.kind != TokenKind::Comment);
        Self { source: Arc::clone(source), tokens, at: 0, depth: 0, errors: Vec::new(), beyond: Vec::new() }
    }

    /// Statements up to the end; a stray closing bracket is an error and skipped.
    fn script(&mut self) -> Vec<Statement> {
        let mut statements = self.statements();
        while let Some(token) = self.peek().cloned() {
            self.at += 1;
            self.unexpected(&token);
            statements.append(&mut self.statements());
        }
        statements
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn peek_kind(&self) -> Option<&TokenKind> {
        self.peek().map(|token| &token.kind)
    }

    /// The token behind the next one.
    pub(super) fn after_next(&self) -> Option<&Token> {
        self.tokens.get(self.at + 1)
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned()?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn peek_symbol(&self) -> Option<Symbol> {
        if let Some(TokenKind::Symbol(symbol)) = self.peek_kind() { Some(*symbol) } else { None }
    }

    pub(super) fn peek_keyword(&self) -> Option<Keyword> {
        if let Some(TokenKind::Keyword(keyword)) = self.peek_kind() { Some(*keyword) } else { None }
    }

    pub(super) fn eat(&mut self, symbol: Symbol) -> bool {
        let found = self.peek_symbol() == Some(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn skip_new_lines(&mut self) {
        while self.peek_kind() == Some(&TokenKind::NewLine) {
            self.at += 1;
        }
    }

    /// Goes back to a token that was seen before.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    /// The end of the last token that was taken.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    /// The beginning of the next token, else the end of the text.
    pub(super) fn start(&self) -> usize {
        self.peek().map_or(self.source.len(), |token| token.span.start)
    }

    pub(super) fn error(&mut self, span: Span, id: &'static str, message: impl Into<String>) {
        self.errors.push(SyntaxError { span, message: message.into(), id });
    }

    pub(super) fn unexpected(&mut self, token: &Token) {
        let text = self.source.get(token.span.clone()).unwrap_or_default().to_owned();
        self.error(token.span.clone(), "UnexpectedToken", format!("Unexpected token '{text}' in expression or statement."));
    }

    pub(super) fn beyond(&mut self, span: Span, what: impl Into<String>) {
        self.beyond.push(Beyond { span, what: what.into() });
    }

    /// Takes a closing bracket or reports that it is missing, at the opening one.
    pub(super) fn close(&mut self, symbol: Symbol, opened: Span, id: &'static str, message: &str) {
        self.skip_new_lines();
        if !self.eat(symbol) {
            self.error(opened, id, message);
        }
    }

    /// Runs a deeper reader, unless it is too deep; then the rest is skipped.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= DEPTH {
            let start = self.start();
            self.error(start..self.source.len(), "NestedTooDeep", "Expressions are nested too deep.");
            self.at = self.tokens.len();
            return None;
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// The parts of an expandable text; an expression in it is read as a script of its own.
    pub(super) fn parts(&mut self, parts: Vec<Part>) -> Vec<StringPart> {
        parts
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => StringPart::Text(text),
                Part::Variable(variable) => StringPart::Variable(variable),
                Part::Expression(tokens) => {
                    let mut inner = Parser::new(&self.source, tokens);
                    inner.depth = self.depth + 1;
                    let statements = if inner.depth < DEPTH { inner.script() } else { Vec::new() };
                    self.errors.append(&mut inner.errors);
                    self.beyond.append(&mut inner.beyond);
                    StringPart::Statements(statements)
                }
            })
            .collect()
    }
}
