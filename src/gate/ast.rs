//! The parsed form of one gate line.

/// A compiled gate line.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {}
