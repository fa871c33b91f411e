//! PowerShell's grammar as data: text to statements, pipelines and expressions with their places.
//! What the language has and this tree has not is reported as [`Beyond`], apart from what PowerShell itself would refuse.

pub mod ast;
mod command;
mod expression;
mod function;
mod parser;
mod redirection;
mod statement;
mod switch;
#[cfg(test)]
mod tests;

pub use ast::{
    Argument, Assign, Catch, CommandName, CommandSyntax, Comparison, Declared, Element, Expression, ExpressionKind,
    RedirectedStream, RedirectedTo, Redirection, ScriptBlock, Statement, StatementKind, StringPart,
};
pub use parser::{Beyond, Parsed, parse};
