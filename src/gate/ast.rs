//! The parsed form of one gate line.

/// A compiled gate line.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {}

/// temporary
pub struct Seen {
    /// p
    pub path: String,
    /// v
    pub value: crate::powershell::Value,
    /// r
    pub read: Option<crate::Time>,
}
/// temporary
pub struct Clause {
    /// s
    pub seen: Vec<Seen>,
}
/// temporary
pub struct Outcome {
    /// t
    pub truth: super::Truth,
    /// w
    pub why: String,
    /// c
    pub clauses: Vec<Clause>,
}
impl Expr {
    /// temporary
    pub fn evaluate(&self, _: &crate::powershell::Value, _: &dyn Fn(&str) -> Option<crate::Time>) -> Outcome {
        Outcome { truth: super::Truth::Unknown, why: String::new(), clauses: Vec::new() }
    }
    /// temporary
    pub fn paths(&self) -> Vec<String> {
        Vec::new()
    }
}
