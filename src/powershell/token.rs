//! Tokens of PowerShell text, with their places. Good enough to find commands and parameters outside strings and
//! comments (lint), and complete enough for the parser in `syntax`.

use std::ops::Range;

/// Byte offsets in the text.
pub type Span = Range<usize>;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// Whether white space (or the beginning) stands before it: `$x [0]` is not an index.
    pub spaced: bool,
}

/// The kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A name in command position, as written: `Get-ADSyncScheduler`, `%`.
    Command(String),
    /// `-Name`, or `-Name:` with its value following.
    Parameter {
        /// Without hyphen and colon.
        name: String,
        /// Whether a colon follows at once.
        colon: bool,
    },
    /// A bare word: an argument, a key of a hashtable, a member's name.
    Word(Vec<Part>),
    /// `if`, `foreach`, … in lower case.
    Keyword(Keyword),
    /// `$name`, `${name}`, `$env:NAME`.
    Variable(Variable),
    /// A number, in any of PowerShell's forms.
    Number(Number),
    /// A string in single quotes, its value.
    Text(String),
    /// A string in double quotes, with what it expands.
    Expandable(Vec<Part>),
    /// `[type]`, the text between the brackets.
    Type(String),
    /// `[Parameter(Mandatory)]`, the text between the brackets.
    Attribute(String),
    /// `-eq`, `-not`, …: lower case, without the hyphen.
    Operator(String),
    /// `+ - * / % = += ( ) { } …`
    Symbol(Symbol),
    /// `# …` or `<# … #>`
    Comment,
    /// The end of a line that ends a statement.
    NewLine,
}

/// A part of an expandable string or word.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text as it is, escapes resolved.
    Text(String),
    /// `$name`
    Variable(Variable),
    /// `$( … )`: the tokens between the parentheses.
    Expression(Vec<Token>),
}

/// A variable's name; names are found without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// `env`, `script`, `global`, … where written, in lower case.
    pub scope: Option<String>,
    /// As written.
    pub name: String,
}

/// A number literal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Whole
    Int(i64),
    /// With a fraction, an exponent, or too large for a whole number.
    Double(f64),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$each])* #[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it is written.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

words! {
    /// Reserved words that begin or divide statements.
    Keyword {
        If = "if", ElseIf = "elseif", Else = "else", ForEach = "foreach", In = "in", For = "for", While = "while", Do = "do",
        Until = "until", Switch = "switch", Try = "try", Catch = "catch", Finally = "finally", Throw = "throw",
        Return = "return", Break = "break", Continue = "continue", Exit = "exit", Function = "function", Filter = "filter",
        Param = "param", Begin = "begin", Process = "process", End = "end", Trap = "trap", Data = "data", Class = "class",
        Enum = "enum", Using = "using",
    }
}

words! {
    /// Punctuation and operators that are no words. The order matters: a longer one stands before its beginning.
    Symbol {
        DollarParen = "$(", AtParen = "@(", AtBrace = "@{", DotDot = "..", ColonColon = "::", PlusPlus = "++",
        MinusMinus = "--", PlusAssign = "+=", MinusAssign = "-=", TimesAssign = "*=", DivideAssign = "/=",
        RemainderAssign = "%=", Open = "(", Close = ")", OpenBrace = "{", CloseBrace = "}", OpenBracket = "[",
        CloseBracket = "]", Or = "||", And = "&&", Pipe = "|", Semicolon = ";", Comma = ",", Dot = ".", Assign = "=", Plus = "+",
        Minus = "-", Times = "*", Divide = "/", Remainder = "%", Not = "!", Call = "&", Redirect = ">", Splat = "@",
        Less = "<",
    }
}

/// Something that PowerShell's own parser would refuse, in its words where they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// What, as PowerShell says it.
    pub message: String,
    /// The error's id, such as `TerminatorExpectedAtEndOfString`.
    pub id: &'static str,
}

/// The double quotes that PowerShell takes for `"`.
pub fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}')
}

/// The single quotes that PowerShell takes for `'`.
pub fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}')
}

/// The dashes that PowerShell takes for `-`.
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2013}' | '\u{2014}' | '\u{2015}')
}
