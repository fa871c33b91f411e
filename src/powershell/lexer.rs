//! PowerShell text to tokens. PowerShell reads a line in two ways (a command with words, or an expression), so the lexer
//! keeps what it is in the middle of; the rules are those of the language specification, chapter 2.
//!
//! It never fails: what cannot be read is reported and skipped.

mod brackets;
mod command;
mod expression;
mod number;
mod quoted;
#[cfg(test)]
mod tests;

pub use super::token::{Keyword, Number, Part, Span, Symbol, SyntaxError, Token, TokenKind, Variable};
use super::token::{is_dash, is_double_quote, is_single_quote};

/// The tokens of a text, comments among them, and what PowerShell would refuse in it.
pub fn tokens(text: &str) -> (Vec<Token>, Vec<SyntaxError>) {
    let mut lexer = Lexer::new(text, 0);
    lexer.run();
    (lexer.tokens, lexer.errors)
}

/// Reads a text as a number in any of PowerShell's forms: `1e2`, `0x1f`, `1kb`. `None` where it is none.
pub fn number(text: &str) -> Option<Number> {
    number::parse(text)
}

/// What the lexer expects next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A statement: a keyword, a command or an expression.
    Statement,
    /// An argument of a command.
    Argument,
    /// An operand of an expression.
    Operand,
    /// What may follow an operand.
    Operator,
    /// A key of a hashtable.
    Key,
    /// The parenthesis of `if`, `while`, …
    Header(Keyword),
    /// A block `{`, or the type before the block of a `catch`.
    Block,
    /// The block of a `switch`.
    Cases,
}

/// An open bracket.
#[derive(Debug, Clone, Copy)]
struct Frame {
    closer: Symbol,
    /// What comes after the closing bracket.
    resume: State,
    inside: Inside,
}

/// What stands between brackets, which decides what a new line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Statements,
    Hashtable,
    /// The cases of a `switch`.
    Cases,
    /// Arguments of a method or an index: a new line is white space.
    Expressions,
    /// `foreach ( … in … )`
    ForEach,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    errors: Vec<SyntaxError>,
    frames: Vec<Frame>,
    state: State,
    spaced: bool,
    /// Inside `$( … )` of a string: the closing parenthesis ends the run.
    nested: bool,
    depth: usize,
}

/// Strings in expressions in strings: deeper than this is refused rather than recursed into.
const DEPTH: usize = 32;

impl<'a> Lexer<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            tokens: Vec::new(),
            errors: Vec::new(),
            frames: Vec::new(),
            state: State::Statement,
            spaced: true,
            nested: false,
            depth: 0,
        }
    }

    fn run(&mut self) {
        while let Some(c) = self.peek() {
            if self.nested && self.frames.is_empty() && c == ')' {
                return;
            }
            if self.skip_space(c) {
                continue;
            }
            let before = self.at;
            match self.state {
                State::Argument => self.argument(c),
                State::Statement => self.statement(c),
                State::Operand => self.operand(c),
                State::Operator => self.operator(c),
                State::Key => self.key(c),
                State::Header(keyword) => self.header(keyword, c),
                State::Block => self.block(c),
                State::Cases => self.cases(c),
            }
            self.spaced = false;
            if self.at == before {
                self.unexpected(c);
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, span: start..self.at, spaced: self.spaced });
    }

    fn error(&mut self, span: Span, id: &'static str, message: impl Into<String>) {
        self.errors.push(SyntaxError { span, message: message.into(), id });
    }

    fn unexpected(&mut self, c: char) {
        let start = self.at;
        self.bump();
        self.error(start..self.at, "UnexpectedToken", format!("Unexpected token '{c}' in expression or statement."));
    }

    /// White space, continued lines, comments and ends of lines. Whether anything was skipped.
    fn skip_space(&mut self, c: char) -> bool {
        let start = self.at;
        match c {
            '\n' => {
                self.bump();
                self.end_of_line(start);
            }
            '`' if self.rest()[1..].starts_with("\r\n") => self.at += 3,
            '`' if self.rest()[1..].starts_with('\n') => self.at += 2,
            '#' if self.begins_comment() => {
                self.take_while(|c| c != '\n' && c != '\r');
                self.push(TokenKind::Comment, start);
            }
            '<' if self.rest().starts_with("<#") => self.block_comment(),
            c if c.is_whitespace() || c == '\u{feff}' => {
                self.bump();
            }
            _ => return false,
        }
        self.spaced = true;
        true
    }

    /// Inside a word (`a#b`) the sign is a part of it.
    fn begins_comment(&self) -> bool {
        self.spaced || self.state != State::Argument || self.tokens.last().is_none_or(|last| last.span.end < self.at)
    }

    fn block_comment(&mut self) {
        let start = self.at;
        if let Some(end) = self.rest().find("#>") {
            self.at += end + 2;
        } else {
            self.at = self.text.len();
            self.error(
                start..self.at,
                "MissingTerminatorMultiLineComment",
                "The terminator '#>' is missing from the multiline comment.",
            );
        }
        self.push(TokenKind::Comment, start);
    }

    fn end_of_line(&mut self, start: usize) {
        let inside = self.frames.last().map_or(Inside::Statements, |frame| frame.inside);
        let ends = match (self.state, inside) {
            // After an operator, a pipe or a keyword that wants a block the statement goes on.
            (State::Operand | State::Header(_) | State::Block | State::Cases, _) | (_, Inside::Expressions | Inside::ForEach) => {
                false
            }
            (State::Statement, _) => !matches!(self.last_symbol(), Some(Symbol::Pipe | Symbol::Assign)),
            _ => true,
        };
        if ends {
            self.push(TokenKind::NewLine, start);
            self.state = self.after_separator();
        }
    }

    fn last_symbol(&self) -> Option<Symbol> {
        let last = self.tokens.iter().rev().find(|token| token.kind != TokenKind::Comment)?;
        if let TokenKind::Symbol(symbol) = last.kind { Some(symbol) } else { None }
    }

    /// The symbol that stands here, where it is one of those.
    fn symbol(&mut self, among: &[Symbol]) -> Option<Symbol> {
        let found =
            Symbol::ALL.iter().copied().find(|symbol| among.contains(symbol) && self.rest().starts_with(symbol.text()))?;
        let start = self.at;
        self.at += found.text().len();
        self.push(TokenKind::Symbol(found), start);
        Some(found)
    }

    fn open(&mut self, closer: Symbol, resume: State, inside: Inside) {
        self.frames.push(Frame { closer, resume, inside });
        self.state = match inside {
            Inside::Statements => State::Statement,
            Inside::Hashtable | Inside::Cases => State::Key,
            Inside::Expressions | Inside::ForEach => State::Operand,
        };
    }

    /// `)`, `}` or `]`: closes what is open, or is an error.
    fn close(&mut self, c: char) {
        let symbol = match c {
            ')' => Symbol::Close,
            '}' => Symbol::CloseBrace,
            _ => Symbol::CloseBracket,
        };
        if self.frames.last().is_some_and(|frame| frame.closer == symbol) {
            self.symbol(&[symbol]);
            if let Some(frame) = self.frames.pop() {
                self.state = frame.resume;
            }
        } else {
            self.unexpected(c);
        }
    }

    /// Opens what begins an operand: `(`, `$(`, `@(`, `@{`, `{`. `resume` is what follows the closing bracket.
    fn bracket(&mut self, resume: State) -> bool {
        match self.symbol(&[Symbol::DollarParen, Symbol::AtParen, Symbol::AtBrace, Symbol::Open, Symbol::OpenBrace]) {
            Some(Symbol::AtBrace) => self.open(Symbol::CloseBrace, resume, Inside::Hashtable),
            Some(Symbol::OpenBrace) => self.open(Symbol::CloseBrace, resume, Inside::Statements),
            Some(_) => self.open(Symbol::Close, resume, Inside::Statements),
            None => return false,
        }
        true
    }

    /// `.name`, `::name` and `[index]` right after an operand.
    fn member(&mut self, resume: State) -> bool {
        let rest = self.rest();
        let follows = |skip: usize| {
            rest[skip..]
                .starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$' || is_single_quote(c) || is_double_quote(c))
        };
        if rest.starts_with("::") && follows(2) || rest.starts_with('.') && !rest.starts_with("..") && follows(1) {
            self.symbol(&[Symbol::Dot, Symbol::ColonColon]);
            self.spaced = false;
            let start = self.at;
            match self.peek() {
                Some('$') => _ = self.variable(),
                Some(c) if is_single_quote(c) || is_double_quote(c) => self.quoted(c),
                _ => {
                    let name = self.take_while(|c| c.is_alphanumeric() || c == '_').to_owned();
                    self.push(TokenKind::Word(vec![Part::Text(name)]), start);
                }
            }
            if self.peek() == Some('(') {
                self.symbol(&[Symbol::Open]);
                self.open(Symbol::Close, resume, Inside::Expressions);
            } else {
                self.state = resume;
            }
            true
        } else if rest.starts_with('[') {
            self.symbol(&[Symbol::OpenBracket]);
            self.open(Symbol::CloseBracket, resume, Inside::Expressions);
            true
        } else {
            false
        }
    }

    fn header(&mut self, keyword: Keyword, c: char) {
        if keyword == Keyword::Switch && is_dash(c) {
            self.parameter();
        } else if c == '(' {
            self.symbol(&[Symbol::Open]);
            let inside = if keyword == Keyword::ForEach { Inside::ForEach } else { Inside::Statements };
            let resume = if keyword == Keyword::Switch { State::Cases } else { State::Block };
            self.open(Symbol::Close, resume, inside);
        } else {
            self.state = State::Statement;
            self.statement(c);
        }
    }

    fn block(&mut self, c: char) {
        if c == '{' {
            self.symbol(&[Symbol::OpenBrace]);
            self.open(Symbol::CloseBrace, State::Statement, Inside::Statements);
        } else if !(c == '[' && self.type_literal()) {
            self.state = State::Statement;
            self.statement(c);
        }
    }

    fn cases(&mut self, c: char) {
        if c == '{' {
            self.symbol(&[Symbol::OpenBrace]);
            self.open(Symbol::CloseBrace, State::Statement, Inside::Cases);
        } else {
            self.state = State::Statement;
            self.statement(c);
        }
    }
}
