//! The reading of expressions: operands, and what may stand between them.

use super::{Inside, Keyword, Lexer, State, Symbol, TokenKind, Variable, is_dash, is_double_quote, is_single_quote, number};

const ASSIGNMENTS: [Symbol; 6] =
    [Symbol::PlusAssign, Symbol::MinusAssign, Symbol::TimesAssign, Symbol::DivideAssign, Symbol::RemainderAssign, Symbol::Assign];

impl Lexer<'_> {
    pub(super) fn operand(&mut self, c: char) {
        match c {
            ')' | '}' | ']' => self.close(c),
            ';' | '|' => self.operator(c),
            ':' if self.member(State::Operator) => {}
            '@' if self.peek_second().is_some_and(|c| is_single_quote(c) || is_double_quote(c)) => {
                self.here_string();
                self.state = State::Operator;
            }
            '(' | '{' | '@' | '$' if self.bracket(State::Operator) => {}
            '$' => {
                self.variable();
                self.state = State::Operator;
            }
            c if is_single_quote(c) || is_double_quote(c) => {
                self.quoted(c);
                self.state = State::Operator;
            }
            '[' => {
                if !self.type_literal() && !self.attribute() {
                    self.unexpected(c);
                }
            }
            '!' | ',' | '+' => _ = self.symbol(&[Symbol::PlusPlus, Symbol::Not, Symbol::Comma, Symbol::Plus]),
            c if is_dash(c) => self.dash(),
            '0'..='9' | '.' if self.number() => self.state = State::Operator,
            '=' => {
                // `[int] = 5` is no expression; the parser says so.
                self.symbol(&[Symbol::Assign]);
                self.state = State::Statement;
            }
            _ => self.stray_word(),
        }
    }

    pub(super) fn operator(&mut self, c: char) {
        match c {
            ')' | '}' | ']' if !(c == ']' && self.frames.is_empty()) => self.close(c),
            ';' => {
                self.symbol(&[Symbol::Semicolon]);
                self.state = self.after_separator();
            }
            '|' => {
                self.symbol(&[Symbol::Or, Symbol::Pipe]);
                self.state = State::Statement;
            }
            '>' => {
                // What is written to is read as a command's argument is.
                self.symbol(&[Symbol::Redirect]);
                self.state = State::Argument;
            }
            '.' | ':' | '[' if !self.spaced && self.member(State::Operator) => {}
            ',' => self.symbol_then_operand(&[Symbol::Comma]),
            c if is_dash(c) => self.dash(),
            _ if self.symbol(&ASSIGNMENTS).is_some() => self.state = State::Statement,
            _ if self.symbol(&[Symbol::PlusPlus, Symbol::MinusMinus]).is_some() => {}
            '+' | '*' | '/' | '%' | '.' => {
                self.symbol_then_operand(&[Symbol::DotDot, Symbol::Plus, Symbol::Times, Symbol::Divide, Symbol::Remainder]);
            }
            _ => self.stray_word(),
        }
    }

    fn symbol_then_operand(&mut self, among: &[Symbol]) {
        if self.symbol(among).is_some() {
            self.state = State::Operand;
        }
    }

    /// `-eq`, `-not`, `--`, `-=` or a minus.
    fn dash(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let after = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        let word = &after[..after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len())];
        if !word.is_empty() {
            self.at = start + (rest.len() - after.len()) + word.len();
            self.push(TokenKind::Operator(word.to_ascii_lowercase()), start);
            self.state = State::Operand;
            return;
        }
        self.bump();
        let symbol = match after.chars().next() {
            Some('=') if self.state == State::Operator => Symbol::MinusAssign,
            Some(c) if is_dash(c) => Symbol::MinusMinus,
            _ => Symbol::Minus,
        };
        if symbol != Symbol::Minus {
            self.bump();
        }
        self.push(TokenKind::Symbol(symbol), start);
        self.state = match symbol {
            Symbol::MinusAssign => State::Statement,
            Symbol::MinusMinus => self.state,
            _ => State::Operand,
        };
    }

    /// The longest number that stands here; `1..5` is two and an operator.
    fn number(&mut self) -> bool {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .take_while(|&(at, c)| {
                c.is_ascii_alphanumeric()
                    || (c == '.' && !rest[at..].starts_with("..") && rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()))
                    || (matches!(c, '+' | '-') && rest[..at].ends_with(['e', 'E']) && !rest.starts_with("0x"))
            })
            .count();
        for end in (1..=end).rev() {
            if let Some(found) = rest.get(..end).and_then(number::parse) {
                let start = self.at;
                self.at += end;
                self.push(TokenKind::Number(found), start);
                return true;
            }
        }
        false
    }

    /// `$name`, `${name}`, `$env:NAME`, `$_`, `$?`. Whether there was one; else a lone `$`.
    pub(super) fn variable(&mut self) -> bool {
        let start = self.at;
        let Some(variable) = self.variable_name() else {
            self.bump();
            self.error(start..self.at, "UnexpectedToken", "Unexpected token '$' in expression or statement.");
            return false;
        };
        self.push(TokenKind::Variable(variable), start);
        true
    }

    /// Reads a variable where one stands; else nothing is taken.
    pub(super) fn variable_name(&mut self) -> Option<Variable> {
        let start = self.at;
        self.bump();
        let name = if self.peek() == Some('{') {
            let rest = self.rest();
            let Some(end) = rest.find('}') else {
                self.at = start;
                return None;
            };
            self.at += end + 1;
            rest[1..end].to_owned()
        } else if self.peek().is_some_and(|c| matches!(c, '?' | '$' | '^')) {
            self.bump().map(String::from).unwrap_or_default()
        } else {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let head = self.take_while(word);
            let rest = self.rest();
            if !head.is_empty() && rest.starts_with(':') && !rest.starts_with("::") && rest[1..].starts_with(word) {
                self.bump();
                format!("{head}:{}", self.take_while(word))
            } else {
                head.to_owned()
            }
        };
        if name.is_empty() {
            self.at = start;
            return None;
        }
        Some(match name.split_once(':') {
            Some((scope, name)) => Variable { scope: Some(scope.to_ascii_lowercase()), name: name.to_owned() },
            None => Variable { scope: None, name },
        })
    }

    /// A bare word in an expression: `in` of a foreach, else an error that is reported once for the whole word.
    fn stray_word(&mut self) {
        let start = self.at;
        let word = self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        let in_header = self.frames.last().is_some_and(|frame| frame.inside == Inside::ForEach);
        if in_header && word.eq_ignore_ascii_case("in") {
            self.push(TokenKind::Keyword(Keyword::In), start);
            self.state = State::Statement;
        } else if !word.is_empty() {
            self.error(start..self.at, "UnexpectedToken", format!("Unexpected token '{word}' in expression or statement."));
        }
    }
}
