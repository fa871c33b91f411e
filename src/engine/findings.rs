//! Findings: health rules, broken `keep` gates and `never` conditions, and targets given the wrong way round. What begins
//! and stops firing is recorded; "never two active servers" is watched at every reading.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, Engine, Moment};
use crate::Time;
use crate::facts::{Activity, Policy, ServerName};
use crate::gate::Truth;
use crate::health::{self, Finding, Severity};
use crate::powershell::Record;
use crate::runbook::ids::StepId;
use crate::runbook::model::{Block, Gate, Keep, Starts};
use crate::session::event::{Body, LineRecord};
use crate::session::state::{FindingState, StepStatus};

/// The targets were given the wrong way round.
const TARGETS_SWAPPED: &str = "targets-swapped";
/// No server is out of staging: normal between the halves of a swap and nowhere else.
const NONE_ACTIVE: &str = "none-active";
/// What the ids of `never` conditions begin with.
const NEVER: &str = "never-";
/// What the ids of `keep` gates begin with.
const KEEP: &str = "keep-";

impl Engine {
    /// Records what began and stopped firing, on what is known now.
    pub(super) fn judge(&mut self, moment: Moment, out: &mut Vec<Effect>) {
        if self.session.closed.is_some() || self.read_only.is_some() {
            return;
        }
        let mut findings = self.steady.findings();
        self.inherited.retain(|id| !findings.iter().any(|finding| &finding.id == id));
        findings.extend(self.swapped_targets(moment));
        let mut undecided = BTreeSet::new();
        findings.extend(self.broken_promises(&mut undecided));
        let firing: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
        for finding in findings {
            let (severity, text) = (finding.severity.word(), finding.words());
            let expected = self.is_expected(&finding.id, severity);
            let told = |known: &FindingState| {
                // The reason of a condition may name values that change with every reading, and is told once.
                let same = known.text == text || is_promise(&finding.id) && known.text.starts_with(&finding.text);
                same && known.severity == severity && known.expected == expected
            };
            if !self.session.findings.get(&finding.id).is_some_and(told) {
                let (finding, severity, servers) = (finding.id, severity.into(), finding.servers);
                self.append(moment, Body::FindingRaised { finding, severity, text, servers, expected }, out);
            }
        }
        let stands = |id: &String| firing.contains(id) || undecided.contains(id) || self.inherited.contains(id);
        let over: Vec<String> = self.session.findings.keys().filter(|id| !stands(id)).cloned().collect();
        for finding in over {
            self.append(moment, Body::FindingCleared { finding }, out);
        }
        for finding in self.session.findings.keys().filter(|id| !firing.contains(id)).cloned().collect::<Vec<_>>() {
            self.follow_expected(moment, &finding, out);
        }
    }

    /// A finding that stands without being told anew may have become expected, or not be so any more.
    fn follow_expected(&mut self, moment: Moment, id: &str, out: &mut Vec<Effect>) {
        let Some(known) = self.session.findings.get(id).cloned() else { return };
        let expected = self.is_expected(id, &known.severity);
        if known.expected != expected {
            let FindingState { severity, text, servers, .. } = known;
            self.append(moment, Body::FindingRaised { finding: id.to_owned(), severity, text, servers, expected }, out);
        }
    }

    /// On coming back nothing is known of the servers: what fired goes on firing until a reading says otherwise.
    pub(super) fn inherit_findings(&mut self) {
        let is_rule = |id: &&String| health::rules::all().any(|rule| rule.id == id.as_str());
        self.inherited = self.session.findings.keys().filter(is_rule).cloned().collect();
    }

    /// The health rules on these facts: what they come to, and what stands of them. A reading counts once.
    pub(super) fn examine(&self, moment: Moment, policy: &Policy, facts: &[Record]) -> Vec<health::Examined> {
        let seen = self.servers.iter().zip(facts).map(|(server, facts)| {
            let activity = server.activity(moment.now, policy);
            health::Seen::new(server, facts.clone(), activity, self.intends_active(&server.name))
        });
        health::examine(&health::Context {
            servers: seen.collect(),
            now: moment.now,
            policy,
            none_active_since: self.expects_none_active(),
            firing: self.firing_since(),
        })
    }

    /// Since when each finding fires: as the journal has it, which an interruption does not forget.
    fn firing_since(&self) -> BTreeMap<String, Time> {
        let mut firing = self.steady.firing();
        firing.extend(self.session.findings.iter().map(|(id, state)| (id.clone(), state.since)));
        firing
    }

    /// Whether the runbook says that a finding is normal now (`expects=`). Two active servers never are; that none is active
    /// is normal in a swap, but not for as long as it likes: what has grown critical is an alarm.
    fn is_expected(&self, finding: &str, severity: &str) -> bool {
        let named = |expects: &[String]| expects.iter().any(|id| id == finding);
        let here = self.current_step().or_else(|| self.next_step()).and_then(|step| self.step_of(&step.id));
        if finding == NONE_ACTIVE && severity != Severity::Critical.word() && self.expects_none_active().is_some() {
            return true;
        }
        finding != health::DUAL_ACTIVE && here.is_some_and(|(phase, step)| named(&step.expects) || named(&phase.expects))
    }

    /// Targets that are the wrong way round, until the first step that changes a role begins: from then on the servers
    /// are to differ from what the runbook starts from. What was found before stands until that step is confirmed.
    fn swapped_targets(&self, moment: Moment) -> Option<Finding> {
        let policy = self.watching();
        let found = |id: &str| self.session.findings.contains_key(id);
        let changing = self.runbook.phases.iter().flat_map(|phase| &phase.steps).filter(|step| step.makes.is_some());
        let mut changing = changing.filter_map(|step| self.session.steps.get(&step.id));
        if changing.any(|state| state.confirmed.is_some() || state.opened.is_some() && !found(TARGETS_SWAPPED)) {
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

    /// `keep` gates and `never` conditions that are broken; those that cannot be told are put among the undecided.
    fn broken_promises(&self, undecided: &mut BTreeSet<String>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut broken = |id: String, what: String, why: String| {
            let severity = Severity::Critical;
            findings.push(Finding { id, severity, text: what, remedy: why, servers: Vec::new() });
        };
        for (number, never) in self.runbook.never.iter().enumerate() {
            let (id, line) = (format!("{NEVER}{}", number + 1), self.line_on(never, &self.tree));
            match line.truth {
                Truth::True => broken(id, format!("What must never be true is true: {}.", line.text), line.why),
                Truth::Unknown => drop(undecided.insert(id)),
                Truth::False => {}
            }
        }
        for (step, gate, lines) in self.kept_gates() {
            let id = format!("{KEEP}{step}-{}", gate.id);
            if let Some(line) = lines.iter().find(|line| line.truth == Truth::False) {
                let what = format!("A condition that was to keep holding does not: {} (step {step}).", line.text);
                broken(id, what, line.why.clone());
            } else if lines.iter().any(|line| line.truth == Truth::Unknown) {
                undecided.insert(id);
            }
        }
        findings
    }

    /// `keep` gates of done steps that must still hold, as they stand now. They have ended once an aside that opens their
    /// step again is entered; a line that was waived was never true, and has nothing to keep.
    fn kept_gates(&self) -> Vec<(&StepId, &Gate, Vec<LineRecord>)> {
        let mut kept = Vec::new();
        for step in self.runbook.phases.iter().flat_map(|phase| &phase.steps) {
            let Some(state) = self.session.steps.get(&step.id) else { continue };
            let Some(confirmed) = &state.confirmed else { continue };
            let done = matches!(state.status, StepStatus::Confirmed | StepStatus::Waived);
            if !done || self.is_undone_by_aside(&step.id, confirmed.mark.at) {
                continue;
            }
            let gates = super::view::parts(&step.blocks).filter_map(|block| match block {
                Block::Gate(gate) if self.still_kept(gate) => Some(gate),
                _ => None,
            });
            for gate in gates {
                let record = confirmed.confirmation.gates.iter().find(|record| record.gate == gate.id);
                let waived = |at: usize| record.and_then(|record| record.lines.get(at)).is_some_and(|line| !line.truth.passes());
                let lines = gate.lines.iter().enumerate().filter(|(at, _)| !waived(*at));
                kept.push((&step.id, gate, lines.map(|(_, line)| self.line_on(line, &self.tree)).collect()));
            }
        }
        kept
    }

    fn still_kept(&self, gate: &Gate) -> bool {
        match &gate.keep {
            Keep::No => false,
            Keep::ToTheEnd => true,
            Keep::Until(step) => self.session.status(step) == StepStatus::Pending,
        }
    }

    /// Gates that must keep holding, line by line, as they stand now: for the report of a resumption.
    pub(super) fn kept_now(&self) -> Vec<(StepId, LineRecord)> {
        let kept = self.kept_gates().into_iter();
        kept.flat_map(|(step, _, lines)| lines.into_iter().map(|line| (step.clone(), line))).collect()
    }
}

/// Whether a finding is about a condition of the runbook, not about a health rule.
fn is_promise(id: &str) -> bool {
    id.starts_with(NEVER) || id.starts_with(KEEP)
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
