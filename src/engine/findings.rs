//! Findings: health rules, broken `keep` gates and `never` conditions, and targets given the wrong way round. What begins
//! and stops firing is recorded; "never two active servers" is watched at every reading.

use super::{Effect, Engine, Moment};
use crate::facts::{Activity, ServerName};
use crate::gate::Truth;
use crate::health::{self, Finding, Severity};
use crate::runbook::ids::StepId;
use crate::runbook::model::{Block, Gate, Keep, Starts};
use crate::session::event::{Body, Change, LineRecord};
use crate::session::state::StepStatus;

impl Engine {
    /// Evaluates every rule on what is known now and records what changed.
    pub(super) fn judge(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        if self.session.closed.is_some() || self.read_only.is_some() {
            return;
        }
        let mut findings = self.health_findings(moment);
        findings.extend(self.swapped_targets(moment));
        findings.extend(self.broken_promises());
        let firing: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
        for finding in findings {
            let known = self.session.findings.get(&finding.id);
            let same = known.is_some_and(|known| known.severity == finding.severity.word() && known.text == finding.text);
            if !same {
                let expected = self.is_expected(&finding.id);
                self.append(
                    moment,
                    Body::FindingRaised {
                        severity: finding.severity.word().into(),
                        text: finding.words(),
                        finding: finding.id,
                        servers: finding.servers,
                        expected,
                    },
                    out,
                );
            }
        }
        let over: Vec<String> = self.session.findings.keys().filter(|id| !firing.contains(id)).cloned().collect();
        for finding in over {
            self.append(moment, Body::FindingCleared { finding }, out);
        }
    }

    /// Whether the runbook says that a finding is normal now (`expects=`). Two active servers never are.
    fn is_expected(&self, finding: &str) -> bool {
        let named = |expects: &[String]| expects.iter().any(|id| id == finding);
        let here = self.current_step().and_then(|step| self.step_of(&step.id));
        finding != health::DUAL_ACTIVE && here.is_some_and(|(phase, step)| named(&step.expects) || named(&phase.expects))
    }
}
