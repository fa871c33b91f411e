//! The reading of a pipeline's elements and of a command's arguments.

use super::super::token::{Symbol, TokenKind, Variable};
use super::ast::{Argument, CommandName, CommandSyntax, Element, Expression, ExpressionKind};
use super::parser::Parser;

impl Parser {
    /// One element of a pipeline.
    pub(super) fn element(&mut self, first: bool) -> Option<Element> {
        let start = self.start();
        match self.peek_kind()? {
            TokenKind::Command(name) => {
                let name = CommandName::Bare(name.clone());
                self.next();
                Some(Element::Command(self.command(name, start)?))
            }
            TokenKind::Symbol(Symbol::Call) => {
                self.next();
                let called = Box::new(self.primary()?);
                let name = match called.kind {
                    ExpressionKind::Literal(super::super::Value::Text(text)) => CommandName::Bare(text),
                    _ => CommandName::Called(called),
                };
                Some(Element::Command(self.command(name, start)?))
            }
            TokenKind::Symbol(Symbol::Dot) => {
                self.next();
                let command = self.primary().and_then(|called| self.command(CommandName::Called(Box::new(called)), start));
                self.beyond(start..self.end(), "dot sourcing");
                Some(Element::Command(command?))
            }
            TokenKind::Symbol(Symbol::Pipe) if first => {
                self.error(start..start + 1, "EmptyPipeElement", "An empty pipe element is not allowed.");
                None
            }
            _ => Some(Element::Expression(self.expression()?)),
        }
    }

    fn command(&mut self, name: CommandName, start: usize) -> Option<CommandSyntax> {
        let mut arguments = Vec::new();
        let mut redirections = Vec::new();
        while let Some(token) = self.peek().cloned() {
            if let Some(stream) = self.redirected_stream(&token) {
                redirections.push(self.stream_redirection(stream)?);
                continue;
            }
            match token.kind {
                TokenKind::NewLine
                | TokenKind::Symbol(
                    Symbol::Pipe
                    | Symbol::Semicolon
                    | Symbol::Close
                    | Symbol::CloseBrace
                    | Symbol::CloseBracket
                    | Symbol::Call
                    | Symbol::And
                    | Symbol::Or
                    | Symbol::Redirect,
                ) => break,
                TokenKind::Parameter { name, colon } => {
                    self.next();
                    let value = if colon { Some(self.argument_value()?) } else { None };
                    arguments.push(Argument::Parameter { name, value, span: token.span.start..self.end() });
                }
                TokenKind::Symbol(Symbol::Splat) => {
                    self.next();
                    arguments.push(self.splat(token.span.start)?);
                }
                // The lexer has reported it.
                TokenKind::Symbol(Symbol::Less) => {
                    self.next();
                }
                _ => arguments.push(Argument::Value(self.argument_value()?)),
            }
        }
        Some(CommandSyntax { name, arguments, redirections, span: start..self.end() })
    }

    /// What stands behind `@`.
    fn splat(&mut self, start: usize) -> Option<Argument> {
        let token = self.next()?;
        let name = self.source.get(token.span.clone()).unwrap_or_default().to_owned();
        let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !plain {
            self.beyond(start..self.end(), "splatting of this");
            return None;
        }
        Some(Argument::Splat { variable: Variable { scope: None, name }, span: start..self.end() })
    }

    /// One value, or several with commas between.
    fn argument_value(&mut self) -> Option<Expression> {
        let start = self.start();
        if self.peek_symbol() == Some(Symbol::Comma) {
            self.error(start..start + 1, "MissingArgument", "Missing argument in parameter list.");
            self.next();
            return None;
        }
        let first = self.argument_primary()?;
        if self.peek_symbol() != Some(Symbol::Comma) {
            return Some(first);
        }
        let mut items = vec![first];
        while self.eat(Symbol::Comma) {
            self.skip_new_lines();
            let at = self.start();
            if self.peek().is_none()
                || matches!(self.peek_symbol(), Some(Symbol::Close | Symbol::CloseBrace | Symbol::Pipe | Symbol::Semicolon))
            {
                self.error(at..at, "MissingExpressionAfterToken", "Missing expression after ','.");
                return None;
            }
            items.push(self.argument_primary()?);
        }
        Some(Expression { kind: ExpressionKind::List(items), span: start..self.end() })
    }

    pub(super) fn argument_primary(&mut self) -> Option<Expression> {
        let token = self.peek().cloned()?;
        if let TokenKind::Word(parts) = token.kind {
            self.next();
            let parts = self.parts(parts);
            return Some(Expression { kind: super::expression::expandable(parts), span: token.span });
        }
        self.primary()
    }
}
