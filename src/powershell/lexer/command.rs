//! The reading of statements and of commands with their arguments.

use super::{Inside, Keyword, Lexer, Part, State, Symbol, TokenKind, is_dash, is_double_quote, is_single_quote, number};

/// What ends a word of a command.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '{' | '}' | '(' | ')' | ';' | ',' | '|' | '&' | '<' | '>')
}

impl Lexer<'_> {
    /// At the beginning of a statement or of a pipeline's element.
    pub(super) fn statement(&mut self, c: char) {
        match c {
            ';' => _ = self.symbol(&[Symbol::Semicolon]),
            ')' | '}' => self.close(c),
            '&' => {
                self.symbol(&[Symbol::And, Symbol::Call]);
                self.state = State::Argument;
            }
            '|' => _ = self.symbol(&[Symbol::Or, Symbol::Pipe]),
            '.' if self
                .peek_second()
                .is_some_and(|c| c.is_whitespace() || c == '$' || is_single_quote(c) || is_double_quote(c)) =>
            {
                self.symbol(&[Symbol::Dot]);
                self.state = State::Argument;
            }
            c if self.begins_expression(c) => {
                self.state = State::Operand;
                self.operand(c);
            }
            _ => self.command_name(),
        }
    }

    fn begins_expression(&self, c: char) -> bool {
        let second = self.peek_second();
        match c {
            '$' | '(' | '{' | '[' | '!' | ',' | '+' | '@' => true,
            c if is_single_quote(c) || is_double_quote(c) => true,
            c if is_dash(c) => true,
            '0'..='9' => self.number_ahead(),
            '.' => second.is_some_and(|c| c.is_ascii_digit()),
            _ => false,
        }
    }

    /// Whether a number stands here that is not the beginning of a command's name such as `7z`.
    pub(super) fn number_ahead(&self) -> bool {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(rest.len());
        let word = &rest[..end];
        number::parse(word.split("..").next().unwrap_or(word)).is_some()
            || word.split('.').next().and_then(number::parse).is_some()
    }

    fn command_name(&mut self) {
        let start = self.at;
        let word = self.take_while(|c| !ends_word(c)).to_owned();
        if let Some(keyword) = keyword(&word) {
            self.keyword(keyword, start);
            return;
        }
        if word.is_empty() {
            return;
        }
        self.push(TokenKind::Command(word), start);
        self.state = State::Argument;
    }

    fn keyword(&mut self, keyword: Keyword, start: usize) {
        // After a pipe `foreach` is the alias of ForEach-Object.
        if keyword == Keyword::ForEach && self.last_symbol() == Some(Symbol::Pipe) {
            self.push(TokenKind::Command(self.text[start..self.at].to_owned()), start);
            self.state = State::Argument;
            return;
        }
        self.push(TokenKind::Keyword(keyword), start);
        self.state = match keyword {
            Keyword::If
            | Keyword::ElseIf
            | Keyword::ForEach
            | Keyword::For
            | Keyword::While
            | Keyword::Until
            | Keyword::Switch
            | Keyword::Param => State::Header(keyword),
            Keyword::Else
            | Keyword::Do
            | Keyword::Try
            | Keyword::Catch
            | Keyword::Finally
            | Keyword::Begin
            | Keyword::Process
            | Keyword::End
            | Keyword::Trap => State::Block,
            Keyword::Function | Keyword::Filter | Keyword::Class | Keyword::Enum | Keyword::Using | Keyword::Data => {
                State::Argument
            }
            Keyword::Throw | Keyword::Return | Keyword::Exit | Keyword::In | Keyword::Break | Keyword::Continue => {
                State::Statement
            }
        };
    }

    /// In the arguments of a command.
    pub(super) fn argument(&mut self, c: char) {
        let joined = !self.spaced && self.tokens.last().is_some_and(|last| last.span.end == self.at && is_primary(&last.kind));
        match c {
            '.' | '[' | ':' if joined && self.member(State::Argument) => {}
            '|' => {
                self.symbol(&[Symbol::Or, Symbol::Pipe]);
                self.state = State::Statement;
            }
            ';' => {
                self.symbol(&[Symbol::Semicolon]);
                self.state = self.after_separator();
            }
            ')' | '}' => self.close(c),
            ',' => _ = self.symbol(&[Symbol::Comma]),
            '&' => {
                self.symbol(&[Symbol::And, Symbol::Call]);
                self.state = State::Statement;
            }
            '<' => {
                let start = self.at;
                self.symbol(&[Symbol::Less]);
                self.error(start..self.at, "RedirectionNotSupported", "The '<' operator is reserved for future use.");
            }
            '>' => _ = self.symbol(&[Symbol::Redirect]),
            '(' | '{' => _ = self.bracket(State::Argument),
            '@' | '$' if self.bracket(State::Argument) => {}
            '@' if self.peek_second().is_some_and(|c| is_single_quote(c) || is_double_quote(c)) => self.here_string(),
            '@' if self.peek_second().is_some_and(|c| c.is_alphabetic() || c == '_') => {
                self.symbol(&[Symbol::Splat]);
                self.word();
            }
            c if is_single_quote(c) || is_double_quote(c) => self.quoted(c),
            c if is_dash(c) && self.peek_second().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '?') => self.parameter(),
            '$' => self.variable_or_word(),
            _ => self.word(),
        }
    }

    /// What follows a `;`, which also separates the entries of a hashtable.
    pub(super) fn after_separator(&self) -> State {
        match self.frames.last().map(|frame| frame.inside) {
            Some(Inside::Hashtable | Inside::Cases) => State::Key,
            _ => State::Statement,
        }
    }

    pub(super) fn parameter(&mut self) {
        let start = self.at;
        self.bump();
        let name = self
            .take_while(|c| !ends_word(c) && !matches!(c, ':' | '[' | '.') && !is_single_quote(c) && !is_double_quote(c))
            .to_owned();
        let colon = self.peek() == Some(':');
        if colon {
            self.bump();
        }
        self.push(TokenKind::Parameter { name, colon }, start);
    }

    /// `$x` alone or with members is a variable; `$x\folder` is a word that expands it.
    fn variable_or_word(&mut self) {
        let (start, tokens) = (self.at, self.tokens.len());
        if self.variable() && self.peek().is_none_or(|c| ends_word(c) || matches!(c, '.' | '[' | ':')) {
            return;
        }
        self.at = start;
        self.tokens.truncate(tokens);
        self.word();
    }

    pub(super) fn word(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let end = rest.find(ends_word).unwrap_or(rest.len());
        if let Some(found) = number::parse(&rest[..end]) {
            self.at += end;
            self.push(TokenKind::Number(found), start);
            return;
        }
        let parts = self.parts(|lexer, c| ends_word(c) && !(c == '(' && lexer.text[..lexer.at].ends_with('$')));
        if parts.is_empty() {
            return;
        }
        // A second redirection sign or a stray quote is a part of the word, as it is for a program.
        self.push(TokenKind::Word(parts), start);
    }

    /// A key of a hashtable, or its end.
    pub(super) fn key(&mut self, c: char) {
        match c {
            ';' => _ = self.symbol(&[Symbol::Semicolon]),
            '}' => self.close(c),
            '=' => {
                self.symbol(&[Symbol::Assign]);
                self.state = State::Statement;
            }
            c if is_single_quote(c) || is_double_quote(c) => self.quoted(c),
            '$' => _ = self.variable(),
            '{' => _ = self.bracket(State::Key),
            c if c.is_alphanumeric() || c == '_' => {
                let start = self.at;
                let name = self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).to_owned();
                self.push(TokenKind::Word(vec![Part::Text(name)]), start);
            }
            _ => self.unexpected(c),
        }
    }
}

/// What a member can follow without white space.
fn is_primary(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Variable(_)
            | TokenKind::Text(_)
            | TokenKind::Expandable(_)
            | TokenKind::Symbol(Symbol::Close | Symbol::CloseBracket | Symbol::CloseBrace)
            | TokenKind::Word(_)
    )
}

pub(super) fn keyword(word: &str) -> Option<Keyword> {
    Keyword::ALL.iter().copied().find(|keyword| keyword.text().eq_ignore_ascii_case(word))
}
