//! The engine's value trees: one on what is known now, as the screen shows it, and one on answers to requests made after
//! the operator asked, as a gate needs it. Gate lines are evaluated here and become records.

use super::journey::WHEN;
use super::look::{Look, Purpose};
use super::{Engine, Moment};
use crate::Time;
use crate::facts::fresh::Policy;
use crate::facts::table::{self, Whose};
use crate::facts::tree::{View, tree_of};
use crate::facts::{Isolation, ServerName, server_facts};
use crate::gate::{FactPath, Truth};
use crate::health;
use crate::powershell::{Record, Value};
use crate::rb1::Group;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::model::Condition;
use crate::session::event::{GateRecord, LineRecord, SeenFact};

impl Engine {
    /// The tree on what is known now: late values stand, with their age; older ones are Unknown.
    /// `read`: whether the health rules have something new to look at.
    pub(super) fn tree_now(&mut self, moment: Moment, read: bool) -> Value {
        let policy = self.watching();
        let facts = self.facts_for(moment, &policy);
        if read {
            let examined = self.examine(moment, &policy, &facts);
            self.findings = health::tree_value(&examined);
            let clear = |id: &String| examined.iter().any(|e| e.rule.id == id.as_str() && e.verdict == health::Verdict::Clear);
            self.inherited.retain(|id| !clear(id));
            self.steady.look(examined, moment.now);
        }
        self.tree_for(moment, &policy, facts, self.findings.clone())
    }

    fn facts_for(&self, moment: Moment, policy: &Policy) -> Vec<Record> {
        self.servers.iter().map(|server| server_facts(server, moment.now, policy)).collect()
    }

    /// The tree on answers to requests made since the look was asked for; everything else is Unknown. The health rules are
    /// examined only for a look that reads `$findings`: they cost more than all the rest, and few gates do.
    fn tree_for_look(&self, moment: Moment, look: &Look) -> Value {
        let policy = self.since(look.asked);
        let facts = self.facts_for(moment, &policy);
        let reads_findings = |path: &FactPath| path.root.eq_ignore_ascii_case("findings");
        let asks = |condition: &Condition| condition.expr.paths().iter().any(reads_findings);
        let findings = if self.conditions_of_look(&look.step, look.purpose).iter().any(asks) {
            health::tree_value(&self.examine(moment, &policy, &facts))
        } else {
            Value::unknown("no condition of this look asks for it")
        };
        self.tree_for(moment, &policy, facts, findings)
    }

    fn tree_for(&self, moment: Moment, policy: &Policy, facts: Vec<Record>, findings: Value) -> Value {
        let view = View {
            servers: &self.servers,
            now: moment.now,
            policy,
            findings,
            inputs: self.inputs(),
            forms: self.forms(),
            results: self.results(),
            step_started: self
                .session
                .current
                .as_ref()
                .and_then(|step| self.session.steps.get(step))
                .and_then(|state| state.opened),
        };
        self.with_absent(tree_of(&view, facts))
    }

    fn inputs(&self) -> Record {
        let value = |name: &str| self.session.opened.inputs.get(name).cloned();
        let fields = self.runbook.inputs.iter();
        fields.map(|field| (field.name.clone(), value(&field.name).unwrap_or_else(|| Value::unknown("was not given")))).collect()
    }

    fn forms(&self) -> Record {
        let forms = self.index.forms.iter();
        forms
            .map(|(form, fields)| {
                let saved = self.session.forms.get(form);
                let value = |field: &str| match saved {
                    Some(saved) => saved.values.get(field).cloned().unwrap_or(Value::Null),
                    None => Value::unknown(format!("the form '{form}' is not filled in yet")),
                };
                let fields: Record = fields.iter().map(|field| (field.clone(), value(field))).collect();
                (form.to_string(), Value::Object(fields))
            })
            .collect()
    }

    fn results(&self) -> Record {
        let names = self.index.results.iter();
        names
            .map(|name| {
                let kept = self.session.results.get(name).map(|kept| Value::Array(kept.records.clone()));
                (name.clone(), kept.unwrap_or_else(|| Value::unknown(format!("'{name}' is not captured yet"))))
            })
            .collect()
    }

    /// The groups that a condition reads, on which servers.
    pub(super) fn groups_of(&self, condition: &Condition) -> Vec<(ServerName, Group)> {
        let mut needs = Vec::new();
        for path in condition.expr.paths() {
            let Ok(resolved) = table::resolve(&path.to_string(), &self.names) else { continue };
            let servers = self.servers.iter().filter(|server| match &resolved.whose {
                Whose::Server(role) => server.name.as_str() == role,
                Whose::Servers => true,
                Whose::Session => false,
            });
            needs.extend(servers.flat_map(|server| resolved.groups.iter().map(|group| (server.name.clone(), *group))));
        }
        needs
    }

    /// When the facts of a path were answered: the oldest of its groups.
    fn read_at(&self, path: &str) -> Option<Time> {
        let resolved = table::resolve(path, &self.names).ok()?;
        let servers = self.servers.iter().filter(|server| match &resolved.whose {
            Whose::Server(role) => server.name.as_str() == role,
            Whose::Servers => true,
            Whose::Session => false,
        });
        let answered = |group: &Group, server: &crate::facts::Server| Some(server.groups.get(group)?.last.as_ref()?.answered);
        servers.flat_map(|server| resolved.groups.iter().filter_map(move |group| answered(group, server))).min()
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
                seen.push(SeenFact {
                    path: fact.path.clone(),
                    value: fact.value.clone(),
                    read: self.read_at(&fact.path).or(fact.read),
                });
            }
        }
        LineRecord { text: condition.text.clone(), truth: outcome.truth, why: outcome.why, seen }
    }

    /// Every condition that a look evaluates: the gates', the `when`, and the `never` conditions for a promotion.
    fn conditions_of_look(&self, step: &StepId, purpose: Purpose) -> Vec<Condition> {
        let Some((_, model)) = self.step_of(step) else { return Vec::new() };
        let mut conditions: Vec<Condition> = Self::gates_of(model, purpose).flat_map(|gate| &gate.lines).cloned().collect();
        if purpose == Purpose::Begin {
            conditions.extend(self.conditions_of(step));
        }
        if Self::promotes(model) {
            conditions.extend(self.runbook.never.iter().cloned());
        }
        conditions
    }

    /// The groups that a look reads: of the gates' conditions, of the `when`, and `core` of every server for a promotion.
    pub(super) fn needs_of(&self, step: &StepId, purpose: Purpose) -> Vec<(ServerName, Group)> {
        let conditions = self.conditions_of_look(step, purpose);
        let mut needs: Vec<(ServerName, Group)> = conditions.iter().flat_map(|condition| self.groups_of(condition)).collect();
        if self.step_of(step).is_some_and(|(_, model)| Self::promotes(model)) {
            needs.extend(self.servers.iter().map(|server| (server.name.clone(), Group::Core)));
        }
        needs.sort();
        needs.dedup();
        needs
    }

    /// Evaluates the gates (and the guard) of the look on the answers that are here.
    pub(super) fn evaluate_look(&mut self, moment: Moment) {
        let Some(mut look) = self.look.take() else { return };
        let tree = self.tree_for_look(moment, &look);
        look.guard = self.guard_lines(&look, moment, &tree);
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
                let say =
                    |line: &LineRecord| LineRecord { truth: Truth::True, why: format!("the operator: {reason}"), ..line.clone() };
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
        look.guard.iter().all(|line| line.truth.passes())
            && Self::gates_of(step, look.purpose).all(|gate| gate.waivable || !look.is_blocked_by(&gate.id))
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
