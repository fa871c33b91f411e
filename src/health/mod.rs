//! Rules over all servers: what is wrong or worth knowing, how bad it is and what to do. Each rule is one small function
//! in a table ([`rules`]); it fires, is clear, or is unknown, and unknown never counts as clear.

pub mod context;
pub mod rules;
pub mod steady;
#[cfg(test)]
mod tests;
pub mod versions;

use std::fmt;

pub use context::{Context, Seen};
pub use steady::Steady;

use crate::facts::ServerName;
use crate::powershell::Value;

/// The rule that no session may do without: two servers out of staging.
pub const DUAL_ACTIVE: &str = "dual-active";

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing
    Information,
    /// The operator should look at it before going on
    Warning,
    /// The change must not go on
    Critical,
}

impl Severity {
    /// The journal's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A rule that fires. Its words change only with what is true, never with the mere passing of time: moments are told, not
/// ages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id
    pub id: String,
    /// How bad it is
    pub severity: Severity,
    /// What to tell the operator
    pub text: String,
    /// What to do
    pub remedy: String,
    /// The servers it is about
    pub servers: Vec<ServerName>,
}

impl Finding {
    /// What is the matter and what to do, as sentences.
    pub fn words(&self) -> String {
        let sentence = |text: &str| format!("{}.", text.trim_end_matches('.'));
        format!("{} {}", sentence(&self.text), sentence(&self.remedy))
    }
}

/// What a rule comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It fires.
    Fires(Finding),
    /// It does not.
    Clear,
    /// It cannot be told; the words say why.
    Unknown(String),
}

/// A rule: one row of the table.
#[derive(Debug)]
pub struct Rule {
    /// Its readable id, as in `$findings` and `expects=`
    pub id: &'static str,
    /// What it looks for, in one line
    pub title: &'static str,
    /// Whether one look is enough to raise it; the others take two in a row
    pub at_once: bool,
    check: fn(&Context<'_>, &'static str) -> Verdict,
}

impl Rule {
    const fn new(id: &'static str, title: &'static str, check: fn(&Context<'_>, &'static str) -> Verdict) -> Self {
        Self { id, title, at_once: false, check }
    }

    const fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    /// What it comes to now.
    pub fn check(&self, context: &Context<'_>) -> Verdict {
        (self.check)(context, self.id)
    }
}

/// A rule with what it came to.
#[derive(Debug)]
pub struct Examined {
    /// The rule
    pub rule: &'static Rule,
    /// What it came to
    pub verdict: Verdict,
}

/// Every rule with what it comes to, in the table's order.
pub fn examine(context: &Context<'_>) -> Vec<Examined> {
    rules::all().map(|rule| Examined { rule, verdict: rule.check(context) }).collect()
}

/// The findings, the worst first.
pub fn evaluate(context: &Context<'_>) -> Vec<Finding> {
    findings(examine(context))
}

/// Those that fire out of what was examined, the worst first.
pub fn findings(examined: impl IntoIterator<Item = Examined>) -> Vec<Finding> {
    let fires = |examined: Examined| match examined.verdict {
        Verdict::Fires(finding) => Some(finding),
        Verdict::Clear | Verdict::Unknown(_) => None,
    };
    let mut findings: Vec<_> = examined.into_iter().filter_map(fires).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// `$findings`: the ids that fire. A rule that cannot be told is an Unknown element, so that `-notcontains` is never True
/// by mere ignorance.
pub fn tree_value(examined: &[Examined]) -> Value {
    let element = |examined: &Examined| match &examined.verdict {
        Verdict::Fires(_) => Some(Value::from(examined.rule.id)),
        Verdict::Unknown(why) => Some(Value::unknown(format!("{}: {why}", examined.rule.id))),
        Verdict::Clear => None,
    };
    examined.iter().filter_map(element).collect::<Vec<_>>().into()
}
