//! Findings that do not flicker: most rules must fire at two looks in a row before they are raised, and be clear at two
//! before they are cleared. A rule that became unknown keeps what it last was.

use std::collections::BTreeMap;

use super::{Examined, Finding, Verdict};
use crate::Time;

/// What the rules came to at the looks so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Steady {
    rules: BTreeMap<&'static str, Standing>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Standing {
    /// The finding as it was last seen and since when it stands, while it does
    raised: Option<(Finding, Time)>,
    /// Looks in a row that said otherwise
    against: u32,
}

/// How many looks in a row change a finding.
const LOOKS: u32 = 2;

impl Steady {
    /// Takes one look at everything and gives the findings that stand now, the worst first. `core` must have been read
    /// anew since the last look, else the same reading counts twice.
    pub fn look(&mut self, examined: Vec<Examined>, now: Time) -> Vec<Finding> {
        for Examined { rule, verdict } in examined {
            let standing = self.rules.entry(rule.id).or_default();
            match (verdict, &mut standing.raised) {
                (Verdict::Fires(finding), Some((raised, _))) => {
                    *raised = finding;
                    standing.against = 0;
                }
                (Verdict::Fires(finding), None) => {
                    standing.against += 1;
                    if rule.at_once || standing.against >= LOOKS {
                        *standing = Standing { raised: Some((finding, now)), against: 0 };
                    }
                }
                (Verdict::Clear, Some(_)) => {
                    standing.against += 1;
                    if standing.against >= LOOKS {
                        *standing = Standing::default();
                    }
                }
                (Verdict::Clear, None) => standing.against = 0,
                (Verdict::Unknown(_), _) => {}
            }
        }
        self.findings()
    }

    /// The findings that stand, the worst first.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<_> = self.rules.values().filter_map(|standing| Some(standing.raised.as_ref()?.0.clone())).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    /// Since when each that stands has been firing: what [`super::Context::firing`] takes.
    pub fn firing(&self) -> BTreeMap<String, Time> {
        let since = |(id, standing): (&&str, &Standing)| Some(((*id).to_owned(), standing.raised.as_ref()?.1));
        self.rules.iter().filter_map(since).collect()
    }
}
