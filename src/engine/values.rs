//! The engine's value trees: one on what is known now, as the screen shows it, and one on answers to requests made after
//! the operator asked, as a gate needs it. Gate lines are evaluated here and become records.

use super::journey::WHEN;
use super::look::{Look, Purpose};
use super::{Engine, Moment};
use crate::Time;
use crate::facts::fresh::Policy;
use crate::facts::tree::{View, tree};
use crate::facts::{Isolation, ServerName, table};
use crate::gate::Truth;
use crate::powershell::Value;
use crate::rb1::Group;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::model::Condition;
use crate::session::event::{GateRecord, LineRecord, SeenFact};

impl Engine {
    /// The tree on what is known now: late values stand, with their age; older ones are Unknown.
    pub(super) fn tree_now(&self, moment: Moment) -> Value {
        self.tree_for(moment, &self.watching())
    }

    /// The tree on answers to requests made at or after `asked`; everything else is Unknown.
    pub(super) fn tree_asked_after(&self, moment: Moment, asked: Time) -> Value {
        self.tree_for(moment, &self.since(asked))
    }

    /// What counts as fresh on the screen and for the findings.
    pub fn watching(&self) -> Policy {
        Policy::watching(self.asking.kept_intervals())
    }

    /// What counts as fresh for a gate that was asked for at this moment.
    pub(super) fn since(&self, asked: Time) -> Policy {
        Policy::asked_since(self.asking.kept_intervals(), asked)
    }

    /// Evaluates one condition and writes down what it saw.
    pub(super) fn line_on(&self, condition: &Condition, tree: &Value) -> LineRecord {
        let outcome = condition.expr.evaluate(tree, &|path| self.read_at(path));
        let mut seen: Vec<SeenFact> = Vec::new();
        for fact in outcome.clauses.iter().flat_map(|clause| &clause.seen) {
            if !seen.iter().any(|known| known.path.eq_ignore_ascii_case(&fact.path)) {
                seen.push(SeenFact { path: fact.path.clone(), value: fact.value.clone(), read: fact.read });
            }
        }
        LineRecord { text: condition.text.clone(), truth: outcome.truth, why: outcome.why, seen }
    }

    /// The groups that a look reads: of the gates' conditions, of the `when`, and `core` of every server for a promotion.
    pub(super) fn needs_of(&self, step: &StepId, purpose: Purpose) -> Vec<(ServerName, Group)> {
        let Some((_, model)) = self.step_of(step) else { return Vec::new() };
        let mut conditions: Vec<&Condition> = Self::gates_of(model, purpose).flat_map(|gate| &gate.lines).collect();
        let when = if purpose == Purpose::Begin { self.conditions_of(step) } else { Vec::new() };
        conditions.extend(when.iter());
        let promotes = Self::promotes(model);
        if promotes {
            conditions.extend(self.runbook.never.iter());
        }
        let mut needs: Vec<(ServerName, Group)> = conditions.into_iter().flat_map(|condition| self.groups_of(condition)).collect();
        if promotes {
            needs.extend(self.servers.iter().map(|server| (server.name.clone(), Group::Core)));
        }
        needs.sort();
        needs.dedup();
        needs
    }

    /// Evaluates the gates (and the guard) of the look on the answers that are here.
    pub(super) fn evaluate_look(&mut self, moment: Moment) {
        let Some(mut look) = self.look.take() else { return };
        let tree = self.tree_asked_after(moment, look.asked);
        look.guard = self.guard_lines(&look.step, moment, look.asked);
        look.gates = self.gate_records(&look, &tree);
        look.waivable = self.is_waivable(&look);
        self.look = Some(look);
    }

    fn gate_records(&self, look: &Look, tree: &Value) -> Vec<GateRecord> {
        let Some((_, step)) = self.step_of(&look.step) else { return Vec::new() };
        let mut records = Vec::new();
        if look.purpose == Purpose::Begin {
            let lines: Vec<_> = self.conditions_of(&look.step).iter().map(|when| self.line_on(when, tree)).collect();
            if let Some((answered, reason)) = self.answered_for(&look.step) {
                // The operator said that the step applies although its condition is Unknown.
                let say = |line: &LineRecord| LineRecord { truth: Truth::True, why: format!("the operator: {reason}"), ..line.clone() };
                records.push(GateRecord { gate: PartId::from(WHEN), lines: answered.lines.iter().map(say).collect() });
            } else if !lines.is_empty() {
                records.push(GateRecord { gate: PartId::from(WHEN), lines });
            }
        }
        records.extend(Self::gates_of(step, look.purpose).map(|gate| GateRecord {
            gate: gate.id.clone(),
            lines: gate.lines.iter().map(|line| self.line_on(line, tree)).collect(),
        }));
        records
    }

    /// Whether every gate that did not pass may be waived, and the guard stands.
    fn is_waivable(&self, look: &Look) -> bool {
        let Some((_, step)) = self.step_of(&look.step) else { return false };
        let blocked = |id: &PartId| {
            look.gates.iter().any(|record| &record.gate == id && record.lines.iter().any(|line| !line.truth.passes()))
        };
        look.guard.iter().all(|line| line.truth.passes())
            && Self::gates_of(step, look.purpose).all(|gate| gate.waivable || !blocked(&gate.id))
    }

    /// The gates of the open step on what is known now.
    pub(super) fn preview_now(&self) -> Vec<GateRecord> {
        let Some((_, step)) = self.session.current.as_ref().and_then(|id| self.step_of(id)) else { return Vec::new() };
        Self::gates_of(step, Purpose::Confirm)
            .map(|gate| GateRecord {
                gate: gate.id.clone(),
                lines: gate.lines.iter().map(|line| self.line_on(line, &self.tree)).collect(),
            })
            .collect()
    }

    /// What of the record belongs to the servers: isolation, and since when the session knows them in staging.
    pub(super) fn follow_record(&mut self) {
        let staged: Vec<_> = self.servers.iter().map(|server| self.staged_since(&server.name)).collect();
        for (server, staged) in self.servers.iter_mut().zip(staged) {
            server.staging_since = staged;
            server.isolated = self.session.isolated.get(&server.name).map(|isolated| Isolation {
                at: isolated.mark.at,
                how: isolated.how.clone(),
                checked: isolated.checked.clone(),
            });
        }
    }
}
