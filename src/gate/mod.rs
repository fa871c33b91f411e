//! The gate language: a strict subset of PowerShell over the value tree, with Unknown as third truth value.
//! [`parse`] reads one line, [`Expr::evaluate`] answers it and explains every clause; nothing is sent anywhere.

pub mod ast;
pub mod truth;

pub use ast::Expr;
pub use truth::Truth;
