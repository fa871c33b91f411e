//! Findings: health rules, broken `keep` gates and `never` conditions, and targets given the wrong way round. What begins
//! and stops firing is recorded; "never two active servers" is watched at every reading.

use super::{Effect, Engine, Moment};
use crate::Time;
use crate::facts::{Activity, Policy, ServerName};
use crate::gate::Truth;
use crate::health::{self, Finding, Severity};
use crate::powershell::Record;
use crate::runbook::ids::StepId;
use crate::runbook::model::{Block, Gate, Keep, Starts};
use crate::session::event::{Body, Change, LineRecord};
use crate::session::state::StepStatus;

/// The targets were given the wrong way round.
const TARGETS_SWAPPED: &str = "targets-swapped";
/// No server is out of staging: normal between the halves of a swap and nowhere else.
const NONE_ACTIVE: &str = "none-active";

impl Engine {
    /// Records what began and stopped firing, on what is known now.
    pub(super) fn judge(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        if self.session.closed.is_some() || self.read_only.is_some() {
            return;
        }
        let mut findings = self.steady.findings();
        findings.extend(self.swapped_targets(moment));
        findings.extend(self.broken_promises());
        let firing: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
        for finding in findings {
            let (expected, severity, text) = (self.is_expected(&finding.id), finding.severity.word(), finding.words());
            let known = self.session.findings.get(&finding.id);
            if known.is_none_or(|known| known.severity != severity || known.text != text || known.expected != expected) {
                let (finding, severity, servers) = (finding.id, severity.into(), finding.servers);
                self.append(moment, Body::FindingRaised { finding, severity, text, servers, expected }, out);
            }
        }
        let over: Vec<String> = self.session.findings.keys().filter(|id| !firing.contains(id)).cloned().collect();
        for finding in over {
            self.append(moment, Body::FindingCleared { finding }, out);
        }
    }

    /// The health rules on these facts: what they come to, and what stands of them. A reading counts once.
    pub(super) fn examine(&self, moment: Moment, policy: &Policy, facts: &[Record]) -> Vec<health::Examined> {
        let seen = self.servers.iter().zip(facts).map(|(server, facts)| health::Seen {
            server,
            facts: facts.clone(),
            activity: server.activity(moment.now, policy),
            intended: self.intends_active(&server.name),
        });
        health::examine(&health::Context {
            servers: seen.collect(),
            now: moment.now,
            policy,
            none_active_since: self.expects_none_active(),
            firing: self.steady.firing(),
        })
    }

    /// Whether the runbook says that a finding is normal now (`expects=`). Two active servers never are.
    fn is_expected(&self, finding: &str) -> bool {
        let named = |expects: &[String]| expects.iter().any(|id| id == finding);
        let here = self.current_step().and_then(|step| self.step_of(&step.id));
        if finding == NONE_ACTIVE && self.expects_none_active().is_some() {
            return true;
        }
        finding != health::DUAL_ACTIVE && here.is_some_and(|(phase, step)| named(&step.expects) || named(&phase.expects))
    }

    /// Targets that are the wrong way round, until the first step that changes a role is confirmed.
    fn swapped_targets(&self, moment: Moment) -> Option<Finding> {
        let policy = self.watching();
        if self.session.steps.values().any(|state| state.confirmed.is_some()) {
            return None;
        }
        let wrong: Vec<(&ServerName, Starts, Activity)> = self
            .runbook
            .roles
            .iter()
            .filter_map(|role| Some((&role.name, role.starts, self.server(&role.name)?.activity(moment.now, &policy))))
            .filter(|(_, starts, activity)| !fits(*starts, activity))
            .collect();
        let is = |(_, starts, activity): &(&ServerName, Starts, Activity)| {
            (*starts == Starts::Active && *activity == Activity::Staging)
                || (*starts == Starts::Staging && *activity == Activity::Active)
        };
        let servers: Vec<ServerName> = wrong.iter().map(|(name, ..)| (*name).clone()).collect();
        let found = wrong.iter().map(|(name, _, activity)| format!("'{name}' is {}", activity.word())).collect::<Vec<_>>();
        let (first, text, remedy) = match wrong.as_slice() {
            [] => return None,
            both @ [_, _, ..] if both.iter().filter(|one| is(one)).count() >= 2 => (
                TARGETS_SWAPPED,
                format!("The targets are the wrong way round: {}.", found.join(", ")),
                "Quit, and start again with the two targets exchanged.",
            ),
            _ => (
                "roles-differ",
                format!("The servers are not what the runbook starts from: {}.", found.join(", ")),
                "Make sure that these are the right servers before anything is done.",
            ),
        };
        let severity = if first == TARGETS_SWAPPED { Severity::Critical } else { Severity::Warning };
        Some(Finding { id: first.into(), severity, text, remedy: remedy.into(), servers })
    }

    /// `keep` gates and `never` conditions that are broken.
    fn broken_promises(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (number, never) in self.runbook.never.iter().enumerate() {
            let line = self.line_on(never, &self.tree);
            if line.truth.passes() {
                findings.push(Finding {
                    id: format!("never-{}", number + 1),
                    severity: Severity::Critical,
                    text: format!("What must never be true is true: {}.", line.text),
                    remedy: line.why,
                    servers: Vec::new(),
                });
            }
        }
        for (step, gate) in self.kept_gates() {
            for line in gate.lines.iter().map(|line| self.line_on(line, &self.tree)) {
                if line.truth == Truth::False {
                    findings.push(Finding {
                        id: format!("keep-{step}-{}", gate.id),
                        severity: Severity::Critical,
                        text: format!("A condition that was to keep holding does not: {} (step {step}).", line.text),
                        remedy: line.why,
                        servers: Vec::new(),
                    });
                    break;
                }
            }
        }
        findings
    }

    /// `keep` gates of done steps that must still hold: those of steps that an entered aside opens again have ended.
    fn kept_gates(&self) -> Vec<(&StepId, &Gate)> {
        let ended = self.reopened_by_aside();
        let steps = self.runbook.phases.iter().flat_map(|phase| &phase.steps);
        steps
            .filter(|step| matches!(self.session.status(&step.id), StepStatus::Confirmed | StepStatus::Waived))
            .filter(|step| !ended.contains(&&step.id))
            .flat_map(|step| super::view::parts(&step.blocks).map(move |block| (&step.id, block)))
            .filter_map(|(step, block)| match block {
                Block::Gate(gate) if self.still_kept(gate) => Some((step, gate)),
                _ => None,
            })
            .collect()
    }

    fn still_kept(&self, gate: &Gate) -> bool {
        match &gate.keep {
            Keep::No => false,
            Keep::ToTheEnd => true,
            Keep::Until(step) => self.session.status(step) == StepStatus::Pending,
        }
    }

    /// Gates that must keep holding, as they stand now: for the report of a resumption.
    pub(super) fn kept_lines(&self, _moment: Moment) -> Vec<(StepId, LineRecord)> {
        let kept = self.kept_gates();
        kept.into_iter()
            .flat_map(|(step, gate)| gate.lines.iter().map(move |line| (step.clone(), self.line_on(line, &self.tree))))
            .collect()
    }

    /// What was told of the servers since a moment.
    pub(super) fn changes_since(&self, since: Time) -> Vec<(ServerName, Vec<Change>)> {
        self.told_since_resume
            .iter()
            .filter(|(at, ..)| *at >= since)
            .map(|(_, name, changes)| (name.clone(), changes.clone()))
            .collect()
    }
}

/// Whether a server is what the runbook starts from. What is not known yet is no contradiction.
fn fits(starts: Starts, activity: &Activity) -> bool {
    match (starts, activity) {
        (Starts::Any, _) | (_, Activity::Unknown(_) | Activity::Isolated) => true,
        (Starts::Active, activity) => *activity == Activity::Active,
        (Starts::Staging, activity) => *activity == Activity::Staging,
        (Starts::Absent, activity) => *activity == Activity::Absent,
    }
}
