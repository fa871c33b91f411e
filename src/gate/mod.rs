//! The gate language: a strict subset of PowerShell over the value tree, with Unknown as third truth value.
//! [`parse()`] reads one line, [`Expr::evaluate`] answers it and explains every clause; nothing is sent anywhere.

mod access;
pub mod ast;
mod evaluate;
pub mod explain;
mod lex;
pub mod outcome;
pub mod parse;
pub mod paths;
mod provenance;
pub mod truth;

pub use ast::Expr;
pub use outcome::{Clause, Outcome, Seen};
pub use parse::{ParseError, parse};
pub use paths::FactPath;
pub use provenance::ReadTimes;
pub use truth::Truth;
