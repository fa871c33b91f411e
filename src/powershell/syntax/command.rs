//! The reading of a pipeline's elements and of a command's arguments.

use super::super::token::{Symbol, TokenKind};
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
        while let Some(token) = self.peek().cloned() {
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
                    self.next();
                    self.beyond(token.span.start..self.end(), "splatting");
                }
                // The lexer has reported it.
                TokenKind::Symbol(Symbol::Less) => {
                    self.next();
                }
                _ => arguments.push(Argument::Value(self.argument_value()?)),
            }
        }
        Some(CommandSyntax { name, arguments, span: start..self.end() })
    }

    /// `> file` and `>> file`, which are `| Out-File file`. Other streams than the output's (`2>`, `*>`) are beyond this tree.
    pub(super) fn redirection(&mut self) -> Option<Element> {
        let start = self.start();
        if self.peek_symbol() != Some(Symbol::Redirect) || self.is_of_another_stream(start) {
            return None;
        }
        self.next();
        let append = self.peek_symbol() == Some(Symbol::Redirect) && self.start() == start + 1 && self.eat(Symbol::Redirect);
        let written = self.start();
        if self.peek().is_none() || matches!(self.peek_kind(), Some(TokenKind::NewLine)) {
            self.error(start..self.end(), "MissingFileSpecification", "Missing file specification after redirection operator.");
            return None;
        }
        let file = self.argument_primary()?;
        let parameter = |name: &str, value| Argument::Parameter { name: name.to_owned(), value, span: written..written };
        let mut arguments = vec![parameter("FilePath", Some(file))];
        arguments.extend(append.then(|| parameter("Append", None)));
        let name = CommandName::Bare("Out-File".to_owned());
        Some(Element::Command(CommandSyntax { name, arguments, span: start..self.end() }))
    }

    /// Whether the stream's number or `*` stands right before the `>`.
    fn is_of_another_stream(&self, at: usize) -> bool {
        let mut before = self.source.get(..at).unwrap_or_default().chars().rev();
        matches!(before.next(), Some('1'..='6' | '*')) && before.next().is_none_or(char::is_whitespace)
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

    fn argument_primary(&mut self) -> Option<Expression> {
        let token = self.peek().cloned()?;
        if let TokenKind::Word(parts) = token.kind {
            self.next();
            let parts = self.parts(parts);
            return Some(Expression { kind: super::expression::expandable(parts), span: token.span });
        }
        self.primary()
    }
}
