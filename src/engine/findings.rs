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
/// Two servers out of staging: never normal, whatever a runbook says.
const DUAL_ACTIVE: &str = "dual-active";

/// A finding as it is recorded.
struct Raised {
    id: String,
    severity: Severity,
    text: String,
    servers: Vec<ServerName>,
    expected: bool,
}

impl Raised {
    fn new(id: impl Into<String>, severity: Severity, text: &str, remedy: &str, servers: Vec<ServerName>) -> Self {
        Self { id: id.into(), severity, text: format!("{text} {remedy}").trim().to_owned(), servers, expected: false }
    }
}

impl From<Finding> for Raised {
    fn from(found: Finding) -> Self {
        let expected = found.expected;
        Self { expected, ..Self::new(found.id, found.severity, &found.text, &found.remedy, found.servers) }
    }
}

impl Engine {
    /// Records what began and stopped firing, on what is known now.
    pub(super) fn judge(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        if self.session.closed.is_some() || self.read_only.is_some() {
            return;
        }
        let mut findings: Vec<Raised> = self.steady.findings().into_iter().map(Raised::from).collect();
        findings.extend(self.swapped_targets(moment));
        findings.extend(self.broken_promises());
        let firing: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
        for finding in findings {
            let expected = finding.expected || self.is_expected(&finding.id);
            let known = self.session.findings.get(&finding.id);
            // A count or an age in the text that moved is no news; a severity or an expectation that changed is.
            if known.is_none_or(|known| known.severity != finding.severity.name() || known.expected != expected) {
                let Raised { id, severity, text, servers, .. } = finding;
                let severity = severity.name().into();
                self.append(moment, Body::FindingRaised { finding: id, severity, text, servers, expected }, out);
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
        finding != DUAL_ACTIVE && here.is_some_and(|(phase, step)| named(&step.expects) || named(&phase.expects))
    }

    /// Targets that are the wrong way round, until the first step that changes a role is confirmed.
    fn swapped_targets(&self, moment: Moment) -> Option<Raised> {
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
        Some(Raised::new(first, severity, &text, remedy, servers))
    }

    /// `keep` gates and `never` conditions that are broken.
    fn broken_promises(&self) -> Vec<Raised> {
        let mut findings = Vec::new();
        for (number, never) in self.runbook.never.iter().enumerate() {
            let line = self.line_on(never, &self.tree);
            if line.truth.passes() {
                findings.push(Raised::new(
                    format!("never-{}", number + 1),
                    Severity::Critical,
                    &format!("What must never be true is true: {}.", line.text),
                    &line.why,
                    Vec::new(),
                ));
            }
        }
        for (step, gate) in self.kept_gates() {
            for line in gate.lines.iter().map(|line| self.line_on(line, &self.tree)) {
                if line.truth == Truth::False {
                    findings.push(Raised::new(
                        format!("keep-{step}-{}", gate.id),
                        Severity::Critical,
                        &format!("A condition that was to keep holding does not: {} (step {step}).", line.text),
                        &line.why,
                        Vec::new(),
                    ));
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
