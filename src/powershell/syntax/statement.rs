//! The reading of statements and their blocks.

use super::super::token::{Keyword, Symbol, TokenKind};
use super::ast::{Assign, Catch, Element, Expression, ExpressionKind, Statement, StatementKind};
use super::parser::Parser;

impl Parser {
    /// Statements up to a closing bracket or the end.
    pub(super) fn statements(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        loop {
            while self.peek_kind() == Some(&TokenKind::NewLine) || self.peek_symbol() == Some(Symbol::Semicolon) {
                self.next();
            }
            if self.peek().is_none()
                || matches!(self.peek_symbol(), Some(Symbol::Close | Symbol::CloseBrace | Symbol::CloseBracket))
            {
                return statements;
            }
            let before = self.place();
            if let Some(statement) = self.deeper(Self::statement) {
                statements.push(statement);
            }
            if self.place() == before
                && let Some(token) = self.next()
            {
                self.unexpected(&token);
            }
        }
    }

    pub(super) fn statement(&mut self) -> Option<Statement> {
        let start = self.start();
        let kind = match self.peek_keyword() {
            Some(keyword) => {
                self.next();
                self.keyword(keyword, start)?
            }
            None => self.pipeline_or_assignment()?,
        };
        Some(Statement { kind, span: start..self.end() })
    }

    fn keyword(&mut self, keyword: Keyword, start: usize) -> Option<StatementKind> {
        match keyword {
            Keyword::If => self.if_statement(start),
            Keyword::ForEach => self.for_each(start),
            Keyword::While => {
                let condition = Box::new(self.condition("while", start)?);
                Some(StatementKind::While { condition, body: self.block("while", start)?, first: false, until: false })
            }
            Keyword::Do => {
                let body = self.block("do", start)?;
                self.skip_new_lines();
                let until = match self.peek_keyword() {
                    Some(Keyword::Until) => true,
                    Some(Keyword::While) => false,
                    _ => {
                        self.error(
                            start..self.end(),
                            "MissingWhileOrUntilInDoWhile",
                            "The while or until keyword was missing in do loop.",
                        );
                        return None;
                    }
                };
                self.next();
                let condition = Box::new(self.condition(if until { "until" } else { "while" }, start)?);
                Some(StatementKind::While { condition, body, first: true, until })
            }
            Keyword::For => self.for_statement(start),
            Keyword::Try => self.try_statement(start),
            Keyword::Throw => Some(StatementKind::Throw(self.value_statement())),
            Keyword::Return => Some(StatementKind::Return(self.value_statement())),
            Keyword::Exit => Some(StatementKind::Exit(self.value_statement())),
            Keyword::Switch => self.switch(start),
            Keyword::Function => self.function(start),
            Keyword::Break => Some(StatementKind::Break),
            Keyword::Continue => Some(StatementKind::Continue),
            Keyword::ElseIf | Keyword::Else | Keyword::Catch | Keyword::Finally | Keyword::Until | Keyword::In => {
                // Without its beginning PowerShell takes the word for a command that does not exist.
                self.error(
                    start..self.end(),
                    "UnexpectedToken",
                    format!("Unexpected token '{}' in expression or statement.", keyword.text()),
                );
                None
            }
            other => {
                self.skip_statement();
                self.beyond(start..self.end(), format!("the statement '{}'", other.text()));
                None
            }
        }
    }

    /// To the end of a statement that is not read, whole brackets at a time.
    fn skip_statement(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            match &token.kind {
                TokenKind::NewLine | TokenKind::Symbol(Symbol::Semicolon) if depth == 0 => return,
                TokenKind::Symbol(
                    Symbol::Open
                    | Symbol::OpenBrace
                    | Symbol::AtBrace
                    | Symbol::AtParen
                    | Symbol::DollarParen
                    | Symbol::OpenBracket,
                ) => {
                    depth += 1;
                }
                TokenKind::Symbol(Symbol::Close | Symbol::CloseBrace | Symbol::CloseBracket) => {
                    let Some(less) = depth.checked_sub(1) else { return };
                    depth = less;
                }
                _ => {}
            }
            self.next();
        }
    }

    /// What stands behind `throw`, `return` and `exit`; an error in it is reported and leaves nothing.
    fn value_statement(&mut self) -> Option<Box<Statement>> {
        let ends = matches!(
            self.peek_kind(),
            None | Some(TokenKind::NewLine | TokenKind::Symbol(Symbol::Semicolon | Symbol::Close | Symbol::CloseBrace))
        );
        if ends { None } else { self.statement().map(Box::new) }
    }

    pub(super) fn condition(&mut self, keyword: &str, start: usize) -> Option<Statement> {
        let opened = self.start();
        if !self.eat(Symbol::Open) {
            self.error(
                start..self.end(),
                "MissingOpenParenthesisInIfStatement",
                format!("Missing '(' after '{keyword}' in {keyword} statement."),
            );
            return None;
        }
        self.skip_new_lines();
        if self.peek_symbol() == Some(Symbol::Close) {
            let at = self.start();
            self.error(
                at..at,
                "IfStatementMissingCondition",
                format!("Missing condition in {keyword} statement after '{keyword} ('."),
            );
            return None;
        }
        let condition = self.statement()?;
        self.close(
            Symbol::Close,
            opened..opened + 1,
            "MissingEndParenthesisAfterStatement",
            &format!("Missing closing ')' after expression in '{keyword}' statement."),
        );
        Some(condition)
    }

    pub(super) fn block(&mut self, keyword: &str, start: usize) -> Option<Vec<Statement>> {
        self.skip_new_lines();
        let opened = self.start();
        if !self.eat(Symbol::OpenBrace) {
            self.error(start..self.end(), "MissingStatementBlock", format!("Missing statement block after {keyword}."));
            return None;
        }
        let statements = self.statements();
        self.close(
            Symbol::CloseBrace,
            opened..opened + 1,
            "MissingEndCurlyBrace",
            "Missing closing '}' in statement block or type definition.",
        );
        Some(statements)
    }

    fn if_statement(&mut self, start: usize) -> Option<StatementKind> {
        let mut branches = vec![(self.condition("if", start)?, self.block("if ( condition )", start)?)];
        loop {
            let place = self.place();
            self.skip_new_lines();
            match self.peek_keyword() {
                Some(Keyword::ElseIf) => {
                    self.next();
                    branches.push((self.condition("elseif", start)?, self.block("elseif ( condition )", start)?));
                }
                Some(Keyword::Else) => {
                    self.next();
                    let otherwise = Some(self.block("'else' keyword", start)?);
                    return Some(StatementKind::If { branches, otherwise });
                }
                _ => {
                    self.back_to(place);
                    return Some(StatementKind::If { branches, otherwise: None });
                }
            }
        }
    }

    fn for_each(&mut self, start: usize) -> Option<StatementKind> {
        let opened = self.start();
        let opens = self.eat(Symbol::Open);
        let variable = match self.next().map(|token| token.kind) {
            Some(TokenKind::Variable(variable)) if opens => variable,
            _ => {
                self.error(start..self.end(), "MissingVariableNameAfterForeach", "Missing variable name after foreach.");
                return None;
            }
        };
        if self.peek_keyword() != Some(Keyword::In) {
            self.error(start..self.end(), "MissingInInForeach", "Missing 'in' after variable in foreach loop.");
            return None;
        }
        self.next();
        self.skip_new_lines();
        let over = Box::new(self.statement()?);
        self.close(
            Symbol::Close,
            opened..opened + 1,
            "MissingEndParenthesisAfterForeach",
            "Missing closing ')' after expression part of foreach loop.",
        );
        Some(StatementKind::ForEach { variable, over, body: self.block("foreach", start)? })
    }

    fn for_statement(&mut self, start: usize) -> Option<StatementKind> {
        let opened = self.start();
        if !self.eat(Symbol::Open) {
            self.error(start..self.end(), "MissingOpenParenthesisAfterKeyword", "Missing opening '(' after keyword 'for'.");
            return None;
        }
        let mut parts = [None, None, None];
        for (nth, part) in parts.iter_mut().enumerate() {
            self.skip_new_lines();
            if !matches!(self.peek_symbol(), Some(Symbol::Semicolon | Symbol::Close)) {
                *part = Some(Box::new(self.statement()?));
            }
            if nth < 2 {
                self.eat(Symbol::Semicolon);
            }
        }
        self.close(
            Symbol::Close,
            opened..opened + 1,
            "MissingEndParenthesisAfterStatement",
            "Missing closing ')' after expression in 'for' statement.",
        );
        let [initial, condition, step] = parts;
        Some(StatementKind::For { initial, condition, step, body: self.block("for", start)? })
    }

    fn try_statement(&mut self, start: usize) -> Option<StatementKind> {
        let body = self.block("try", start)?;
        let mut catches = Vec::new();
        let mut finally = None;
        loop {
            let place = self.place();
            self.skip_new_lines();
            match self.peek_keyword() {
                Some(Keyword::Catch) if finally.is_none() => {
                    self.next();
                    let mut types = Vec::new();
                    while let Some(TokenKind::Type(name)) = self.peek_kind() {
                        types.push(name.clone());
                        self.next();
                        self.eat(Symbol::Comma);
                    }
                    catches.push(Catch { types, body: self.block("catch", start)? });
                }
                Some(Keyword::Finally) if finally.is_none() => {
                    self.next();
                    finally = Some(self.block("finally", start)?);
                }
                _ => {
                    self.back_to(place);
                    break;
                }
            }
        }
        if catches.is_empty() && finally.is_none() {
            self.error(start..self.end(), "MissingCatchOrFinally", "The Try statement is missing its Catch or Finally block.");
            return None;
        }
        Some(StatementKind::Try { body, catches, finally })
    }

    fn pipeline_or_assignment(&mut self) -> Option<StatementKind> {
        let first = self.element(true)?;
        if let Element::Expression(target) = &first
            && let Some(operator) = self.assignment_operator()
        {
            if !is_assignable(target) {
                self.error(
                    target.span.clone(),
                    "InvalidLeftHandSide",
                    "The assignment expression is not valid. The input to an assignment operator must be an object that is able to accept assignments, such as a variable or a property.",
                );
            }
            self.skip_new_lines();
            let at = self.start();
            let Some(value) = self.deeper(Self::statement) else {
                if self.errors.is_empty() {
                    self.error(
                        at..at,
                        "ExpectedValueExpression",
                        "You must provide a value expression following the '=' operator.",
                    );
                }
                return None;
            };
            let Element::Expression(target) = first else { return None };
            return Some(StatementKind::Assignment { target, operator, value: Box::new(value) });
        }
        let mut elements = vec![first];
        while self.peek_symbol() == Some(Symbol::Pipe) {
            let pipe = self.start();
            self.next();
            self.skip_new_lines();
            if self.peek().is_none()
                || matches!(self.peek_symbol(), Some(Symbol::Pipe | Symbol::Close | Symbol::CloseBrace | Symbol::Semicolon))
            {
                self.error(pipe..pipe + 1, "EmptyPipeElement", "An empty pipe element is not allowed.");
                return None;
            }
            let element = self.element(false)?;
            if let Element::Expression(expression) = &element {
                self.error(
                    expression.span.clone(),
                    "ExpressionsMustBeFirstInPipeline",
                    "Expressions are only allowed as the first element of a pipeline.",
                );
                return None;
            }
            elements.push(element);
        }
        elements.extend(self.redirection());
        self.end_of_statement();
        Some(StatementKind::Pipeline(elements))
    }

    /// What may follow a pipeline; anything else is an error and skipped.
    fn end_of_statement(&mut self) {
        let Some(token) = self.peek().cloned() else { return };
        match token.kind {
            TokenKind::NewLine
            | TokenKind::Symbol(Symbol::Semicolon | Symbol::Close | Symbol::CloseBrace | Symbol::CloseBracket)
            | TokenKind::Keyword(_) => {}
            TokenKind::Symbol(Symbol::Redirect) => {
                self.skip_statement();
                self.beyond(token.span.start..self.end(), "redirection with '>'");
            }
            TokenKind::Symbol(Symbol::Call) => {
                self.error(
                    token.span,
                    "AmpersandNotAllowed",
                    "The ampersand (&) character is not allowed. The & operator is reserved for future use; wrap an ampersand in double quotation marks (\"&\") to pass it as part of a string.",
                );
                self.skip_statement();
            }
            TokenKind::Symbol(symbol @ (Symbol::And | Symbol::Or)) => {
                let message = format!("The token '{}' is not a valid statement separator in this version.", symbol.text());
                self.error(token.span, "InvalidEndOfLine", message);
                self.skip_statement();
            }
            _ => {
                self.unexpected(&token);
                self.skip_statement();
            }
        }
    }

    fn assignment_operator(&mut self) -> Option<Assign> {
        let operator = match self.peek_symbol()? {
            Symbol::Assign => Assign::Set,
            Symbol::PlusAssign => Assign::With("+"),
            Symbol::MinusAssign => Assign::With("-"),
            Symbol::TimesAssign => Assign::With("*"),
            Symbol::DivideAssign => Assign::With("/"),
            Symbol::RemainderAssign => Assign::With("%"),
            _ => return None,
        };
        self.next();
        Some(operator)
    }
}

fn is_assignable(target: &Expression) -> bool {
    match &target.kind {
        ExpressionKind::Variable(_) | ExpressionKind::Member { .. } | ExpressionKind::Index(..) => true,
        ExpressionKind::Cast(_, inner) => is_assignable(inner),
        ExpressionKind::List(targets) => targets.iter().all(is_assignable),
        _ => false,
    }
}
