//! The reading of `switch`.

use super::super::Value;
use super::super::number;
use super::super::token::{Symbol, TokenKind};
use super::ast::{Comparison, Expression, ExpressionKind, StatementKind};
use super::parser::Parser;

/// The head of a case.
enum Case {
    /// A value, a pattern or a script block.
    Of(Expression),
    /// `default`
    Default,
}

impl Parser {
    /// `switch -Wildcard ( … ) { … }`; the word `switch` was taken.
    pub(super) fn switch(&mut self, start: usize) -> Option<StatementKind> {
        let (mut comparison, mut case_sensitive) = (Comparison::Equal, false);
        while let Some(TokenKind::Parameter { name, .. }) = self.peek_kind().cloned() {
            let at = self.start();
            self.next();
            match name.to_ascii_lowercase().as_str() {
                "exact" => comparison = Comparison::Equal,
                "wildcard" => comparison = Comparison::Wildcard,
                "regex" => comparison = Comparison::Regex,
                "casesensitive" => case_sensitive = true,
                _ => self.beyond(at..self.end(), format!("switch -{name}")),
            }
        }
        let over = Box::new(self.condition("switch", start)?);
        self.skip_new_lines();
        let opened = self.start();
        if !self.eat(Symbol::OpenBrace) {
            let message = "Missing opening '{' in switch statement.";
            self.error(start..self.end(), "MissingCurlyBraceInSwitchStatement", message);
            return None;
        }
        let (mut cases, mut default) = (Vec::new(), None);
        loop {
            while self.peek_kind() == Some(&TokenKind::NewLine) || self.peek_symbol() == Some(Symbol::Semicolon) {
                self.next();
            }
            if self.peek().is_none() || self.peek_symbol() == Some(Symbol::CloseBrace) {
                break;
            }
            let case = self.case()?;
            let body = self.block("switch statement clause", start)?;
            match case {
                Case::Of(wanted) => cases.push((wanted, body)),
                Case::Default => default = Some(body),
            }
        }
        let message = "Missing closing '}' in statement block or type definition.";
        self.close(Symbol::CloseBrace, opened..opened + 1, "MissingEndCurlyBrace", message);
        Some(StatementKind::Switch { over, comparison, case_sensitive, cases, default })
    }

    fn case(&mut self) -> Option<Case> {
        let span = self.peek()?.span.clone();
        if let Some(TokenKind::Word(_)) = self.peek_kind() {
            let word = self.source.get(span.clone()).unwrap_or_default().to_owned();
            self.next();
            if word.eq_ignore_ascii_case("default") {
                return Some(Case::Default);
            }
            let value = number::parse(&word).unwrap_or(Value::Text(word));
            return Some(Case::Of(Expression { kind: ExpressionKind::Literal(value), span }));
        }
        self.primary().map(Case::Of)
    }
}
