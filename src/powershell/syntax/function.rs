//! The reading of functions and of the parameters that they and script blocks declare.

use std::sync::Arc;

use super::super::token::{Keyword, Symbol, TokenKind};
use super::ast::{Declared, ScriptBlock, StatementKind};
use super::parser::Parser;

impl Parser {
    /// A script block whose `{` was just taken, up to its `}`.
    pub(super) fn script_block(&mut self, start: usize) -> Option<ScriptBlock> {
        let from = self.end();
        let parameters = self.declared()?;
        let statements = self.inner(start, Symbol::CloseBrace)?;
        let span = from..self.end().saturating_sub(1).max(from);
        Some(ScriptBlock { parameters, statements, span, source: Arc::clone(&self.source) })
    }

    /// `function name { … }` and `function name(…) { … }`; the word `function` was taken.
    pub(super) fn function(&mut self, start: usize) -> Option<StatementKind> {
        let name = match self.next() {
            Some(token) if matches!(token.kind, TokenKind::Word(_)) => self.source.get(token.span).unwrap_or_default().to_owned(),
            _ => {
                self.error(start..self.end(), "MissingNameAfterKeyword", "Missing function name after 'function' keyword.");
                return None;
            }
        };
        let beside = if self.peek_symbol() == Some(Symbol::Open) { self.parameter_list()? } else { Vec::new() };
        self.skip_new_lines();
        let opened = self.start();
        if !self.eat(Symbol::OpenBrace) {
            self.error(start..self.end(), "MissingFunctionBody", "Missing function body in function declaration.");
            return None;
        }
        let mut body = self.script_block(opened)?;
        if !beside.is_empty() {
            body.parameters = beside;
        }
        Some(StatementKind::Function { name, body: Arc::new(body) })
    }

    /// `param( … )` where a block begins with it.
    fn declared(&mut self) -> Option<Vec<Declared>> {
        let place = self.place();
        self.skip_new_lines();
        while let Some(TokenKind::Attribute(text)) = self.peek_kind().cloned() {
            let bare = text.to_ascii_lowercase().replace(' ', "");
            let token = self.next()?;
            if bare != "cmdletbinding()" {
                self.beyond(token.span, format!("the attribute [{text}]"));
            }
            self.skip_new_lines();
        }
        if self.peek_keyword() == Some(Keyword::Param) {
            self.next();
            self.skip_new_lines();
            return self.parameter_list();
        }
        self.back_to(place);
        Some(Vec::new())
    }

    /// `( [type]$name = default, … )`
    fn parameter_list(&mut self) -> Option<Vec<Declared>> {
        let opened = self.start();
        if !self.eat(Symbol::Open) {
            self.error(opened..opened, "MissingOpenParenthesisAfterKeyword", "Missing opening '(' after keyword 'param'.");
            return None;
        }
        let mut list = Vec::new();
        loop {
            self.skip_new_lines();
            if matches!(self.peek_symbol(), Some(Symbol::Close)) || self.peek().is_none() {
                break;
            }
            list.push(self.parameter()?);
            self.skip_new_lines();
            if !self.eat(Symbol::Comma) {
                break;
            }
        }
        let message = "Missing ')' in function parameter list.";
        self.close(Symbol::Close, opened..opened + 1, "MissingEndParenthesisInFunctionParameterList", message);
        Some(list)
    }

    fn parameter(&mut self) -> Option<Declared> {
        let start = self.start();
        let (mut type_name, mut mandatory) = (None, false);
        loop {
            self.skip_new_lines();
            match self.peek_kind().cloned() {
                Some(TokenKind::Type(name)) => type_name = Some(name),
                Some(TokenKind::Attribute(text)) => match attribute(&text) {
                    Some(is) => mandatory |= is,
                    None => self.beyond(start..self.start() + text.len() + 2, format!("the attribute [{text}]")),
                },
                _ => break,
            }
            self.next();
        }
        let Some(TokenKind::Variable(variable)) = self.peek_kind().cloned() else {
            let at = self.start();
            self.error(at..at, "MissingExpressionAfterToken", "Missing expression after ','.");
            return None;
        };
        self.next();
        let default = if self.eat(Symbol::Assign) {
            self.skip_new_lines();
            Some(self.unary()?)
        } else {
            None
        };
        Some(Declared { name: variable.name, type_name, mandatory, default, span: start..self.end() })
    }
}

/// Whether `[Parameter( … )]` says that it is mandatory; none: it says something that is not played.
fn attribute(text: &str) -> Option<bool> {
    let bare = text.to_ascii_lowercase().replace(' ', "");
    let inside = bare.strip_prefix("parameter(")?.strip_suffix(')')?;
    let mut mandatory = false;
    for part in inside.split(',').filter(|part| !part.is_empty()) {
        match part.split_once('=').unwrap_or((part, "$true")) {
            ("mandatory", value) => mandatory = value != "$false",
            ("helpmessage", _) => {}
            _ => return None,
        }
    }
    Some(mandatory)
}
