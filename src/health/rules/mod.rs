//! The table of rules, by what they are about. A rule is added by one row and one function.

mod comparison;
mod machine;
mod product;
mod reading;
mod roles;
mod runs;
mod scheduler;

use super::Rule;

/// Every rule, the most telling first.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [roles::RULES, scheduler::RULES, runs::RULES, comparison::RULES, product::RULES, machine::RULES, reading::RULES]
        .into_iter()
        .flatten()
}

/// The place of a finding among equally bad ones: the table's, which begins with who is active. What is no rule of the table
/// is of the runbook itself, and comes right after those.
pub fn place(id: &str) -> usize {
    all().position(|rule| rule.id == id).unwrap_or(roles::RULES.len())
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
