//! The reading of redirections: `> file`, `>> file`, and those of other streams (`2>$null`, `2>&1`, `*> file`).

use super::super::token::{Symbol, Token, TokenKind};
use super::ast::{Argument, CommandName, CommandSyntax, Element, Expression, RedirectedStream, RedirectedTo, Redirection};
use super::parser::Parser;

impl Parser {
    /// `> file` and `>> file` of the output, which are `| Out-File file`.
    pub(super) fn redirection(&mut self) -> Option<Element> {
        let start = self.start();
        if self.peek_symbol() != Some(Symbol::Redirect) {
            return None;
        }
        let (path, append) = self.redirected_file()?;
        Some(out_file(path, append, start..self.end()))
    }

    /// What stands behind `>` and `>>`.
    fn redirected_file(&mut self) -> Option<(Expression, bool)> {
        let start = self.start();
        self.next();
        let append = self.peek_symbol() == Some(Symbol::Redirect) && self.start() == start + 1 && self.eat(Symbol::Redirect);
        if self.peek().is_none() || matches!(self.peek_kind(), Some(TokenKind::NewLine)) {
            self.error(start..self.end(), "MissingFileSpecification", "Missing file specification after redirection operator.");
            return None;
        }
        Some((self.argument_primary()?, append))
    }

    /// The stream that a token names, where a `>` follows it at once.
    pub(super) fn redirected_stream(&self, token: &Token) -> Option<RedirectedStream> {
        let stream = match self.source.get(token.span.clone())? {
            "2" => RedirectedStream::Error,
            "3" => RedirectedStream::Warning,
            "4" => RedirectedStream::Verbose,
            "5" => RedirectedStream::Debug,
            "6" => RedirectedStream::Information,
            "*" => RedirectedStream::All,
            _ => return None,
        };
        let next = self.after_next()?;
        let follows = next.kind == TokenKind::Symbol(Symbol::Redirect) && next.span.start == token.span.end;
        (token.spaced && follows).then_some(stream)
    }

    /// The stream's name is the next token.
    pub(super) fn stream_redirection(&mut self, stream: RedirectedStream) -> Option<Redirection> {
        let start = self.start();
        self.next();
        let place = self.place();
        self.next();
        if self.eat(Symbol::Call) {
            let to = self.next();
            if to.is_none_or(|token| self.source.get(token.span) != Some("1")) {
                self.error(start..self.end(), "RedirectionNotSupported", "The redirection operator is reserved for future use.");
                return None;
            }
            return Some(Redirection { stream, to: RedirectedTo::Output });
        }
        self.back_to(place);
        let (path, append) = self.redirected_file()?;
        Some(Redirection { stream, to: RedirectedTo::File { path, append } })
    }
}

/// `| Out-File path`
fn out_file(path: Expression, append: bool, span: super::super::token::Span) -> Element {
    let written = path.span.clone();
    let parameter = |name: &str, value| Argument::Parameter { name: name.to_owned(), value, span: written.clone() };
    let mut arguments = vec![parameter("FilePath", Some(path))];
    arguments.extend(append.then(|| parameter("Append", None)));
    let name = CommandName::Bare("Out-File".to_owned());
    Element::Command(CommandSyntax { name, arguments, redirections: Vec::new(), span })
}
