//! The tree. Every part knows its place in the source (byte offsets), for the position in error messages.

use std::sync::Arc;

use super::super::Value;
use super::super::token::{Span, Variable};

/// A script block, or a whole script.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptBlock {
    /// What `param( … )` declares, in order.
    pub parameters: Vec<Declared>,
    /// In order.
    pub statements: Vec<Statement>,
    /// Its place, braces left off.
    pub span: Span,
    /// The text that all spans below count in.
    pub source: Arc<str>,
}

impl ScriptBlock {
    /// Its own text.
    pub fn text(&self) -> &str {
        self.source.get(self.span.clone()).unwrap_or_default()
    }
}

/// A parameter that a function or a script block declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Without its `$`.
    pub name: String,
    /// The type it is converted to.
    pub type_name: Option<String>,
    /// `[Parameter(Mandatory)]`
    pub mandatory: bool,
    /// What it is where it is not given.
    pub default: Option<Expression>,
    /// Its place.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Its place.
    pub span: Span,
}

/// The statements that are played.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// Elements between `|`; at least one.
    Pipeline(Vec<Element>),
    /// `target = statement`
    Assignment {
        /// A variable, a property or an element of one, or a typed variable.
        target: Expression,
        /// Which assignment.
        operator: Assign,
        /// What is assigned: the output of a statement.
        value: Box<Statement>,
    },
    /// `if … elseif … else …`
    If {
        /// Conditions with their blocks, in order.
        branches: Vec<(Statement, Vec<Statement>)>,
        /// The block of `else`.
        otherwise: Option<Vec<Statement>>,
    },
    /// `foreach ($variable in …) { … }`
    ForEach {
        /// Takes each element.
        variable: Variable,
        /// What is gone through: evaluated wholly before the first turn.
        over: Box<Statement>,
        /// The block.
        body: Vec<Statement>,
    },
    /// `while (…) { … }`, `do { … } while (…)`, `do { … } until (…)`
    While {
        /// The condition.
        condition: Box<Statement>,
        /// The block.
        body: Vec<Statement>,
        /// The block runs before the condition is looked at.
        first: bool,
        /// `until`: goes on while the condition is false.
        until: bool,
    },
    /// `for (…; …; …) { … }`
    For {
        /// Before the first turn.
        initial: Option<Box<Statement>>,
        /// Before each turn.
        condition: Option<Box<Statement>>,
        /// After each turn.
        step: Option<Box<Statement>>,
        /// The block.
        body: Vec<Statement>,
    },
    /// `switch (…) { … }`
    Switch {
        /// What is looked at: each element by itself.
        over: Box<Statement>,
        /// How a case is compared.
        comparison: Comparison,
        /// `-CaseSensitive`
        case_sensitive: bool,
        /// Values, patterns or script blocks, with their blocks, in order.
        cases: Vec<(Expression, Vec<Statement>)>,
        /// The block of `default`.
        default: Option<Vec<Statement>>,
    },
    /// `function name { … }`
    Function {
        /// As written.
        name: String,
        /// With its parameters, whichever way they were declared.
        body: Arc<ScriptBlock>,
    },
    /// `try { … } catch … finally { … }`
    Try {
        /// The block.
        body: Vec<Statement>,
        /// In order.
        catches: Vec<Catch>,
        /// The block of `finally`.
        finally: Option<Vec<Statement>>,
    },
    /// `throw …`
    Throw(Option<Box<Statement>>),
    /// `return …`
    Return(Option<Box<Statement>>),
    /// `exit …`
    Exit(Option<Box<Statement>>),
    /// `break`
    Break,
    /// `continue`
    Continue,
}

/// How a `switch` compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// As `-eq`
    Equal,
    /// `-Wildcard`
    Wildcard,
    /// `-Regex`
    Regex,
}

/// One `catch`.
#[derive(Debug, Clone, PartialEq)]
pub struct Catch {
    /// The exceptions it takes; none: all.
    pub types: Vec<String>,
    /// The block.
    pub body: Vec<Statement>,
}

/// The assignment operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assign {
    /// `=`
    Set,
    /// `+=`, `-=`, …: the operator that is applied first, as in [`ExpressionKind::Binary`].
    With(&'static str),
}

/// One element of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// An expression; only first.
    Expression(Expression),
    /// A command with its arguments.
    Command(CommandSyntax),
}

/// A command as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandSyntax {
    /// What is called.
    pub name: CommandName,
    /// In order.
    pub arguments: Vec<Argument>,
    /// Of other streams than the output's.
    pub redirections: Vec<Redirection>,
    /// The whole command.
    pub span: Span,
}

/// `2>$null`, `2>&1`, `*>file`: where a stream goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirection {
    /// Which stream.
    pub stream: RedirectedStream,
    /// Where to.
    pub to: RedirectedTo,
}

/// The streams that can be redirected besides the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectedStream {
    /// `2>`
    Error,
    /// `3>`
    Warning,
    /// `4>`
    Verbose,
    /// `5>`
    Debug,
    /// `6>`
    Information,
    /// `*>`
    All,
}

/// Where a stream goes.
#[derive(Debug, Clone, PartialEq)]
pub enum RedirectedTo {
    /// `&1`
    Output,
    /// A file, or `$null`.
    File {
        /// Its path.
        path: Expression,
        /// `>>`
        append: bool,
    },
}

/// What is called.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandName {
    /// As written.
    Bare(String),
    /// `& expression`
    Called(Box<Expression>),
}

/// One argument. Which value belongs to which parameter only the command's signature can tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// `-Name`, or `-Name:value`
    Parameter {
        /// Without hyphen and colon.
        name: String,
        /// After a colon.
        value: Option<Expression>,
        /// Its place.
        span: Span,
    },
    /// A value.
    Value(Expression),
    /// `@name`: the entries of a hashtable as parameters, the elements of an array as values.
    Splat {
        /// The variable.
        variable: Variable,
        /// Its place.
        span: Span,
    },
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Its place.
    pub span: Span,
}

/// The expressions that are played.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// A number or a text as it is.
    Literal(Value),
    /// A bare word that is a number too: `30` as an argument prints as it is written.
    Number {
        /// Its value.
        value: Value,
        /// As written.
        text: String,
    },
    /// A text that expands.
    Expandable(Vec<StringPart>),
    /// `$name`
    Variable(Variable),
    /// `[type]`
    Type(String),
    /// `a, b`
    List(Vec<Expression>),
    /// `@( … )`
    Array(Vec<Statement>),
    /// `$( … )`
    Sub(Vec<Statement>),
    /// `( … )`
    Paren(Box<Statement>),
    /// `@{ key = … }`
    Hashtable(Vec<(Expression, Statement)>),
    /// `{ … }`
    Block(Arc<ScriptBlock>),
    /// An operator before its operand, in lower case: `not`, `-`, `+`, `,`, `join`, `split`, `++`, `--`.
    Unary(String, Box<Expression>),
    /// `x++`, `x--`
    Postfix(String, Box<Expression>),
    /// An operator between operands: `eq`, `and`, `+`, `..`, `f`, …
    Binary(String, Box<Expression>, Box<Expression>),
    /// `[type]operand`
    Cast(String, Box<Expression>),
    /// `of.name`, `[type]::name`
    Member {
        /// Of what.
        of: Box<Expression>,
        /// The name, mostly a literal.
        name: Box<Expression>,
        /// With `::`.
        of_type: bool,
    },
    /// `of.name(…)`, `[type]::name(…)`
    Call {
        /// Of what.
        of: Box<Expression>,
        /// The name, mostly a literal.
        name: Box<Expression>,
        /// In order.
        arguments: Vec<Expression>,
        /// With `::`.
        of_type: bool,
    },
    /// `of[index]`
    Index(Box<Expression>, Box<Expression>),
}

/// A part of a text that expands.
#[derive(Debug, Clone, PartialEq)]
pub enum StringPart {
    /// As it is.
    Text(String),
    /// `$name`
    Variable(Variable),
    /// `$( … )`
    Statements(Vec<Statement>),
}
