//! Answers a line over the value tree: PowerShell's rules, Unknown by Kleene's, nothing evaluated that `-and` and `-or`
//! pass over. An error of PowerShell's makes the whole line Unknown with its words.

use std::borrow::Cow;

use super::access::{self, Held};
use super::ast::{Expr, Kind, Literal, Logic, Node, Step, StepKind};
use super::explain;
use super::outcome::{Clause, Outcome, Seen};
use super::provenance;
use super::truth::Truth;
use crate::Time;
use crate::powershell::convert::{cast, truthy, unknown_in};
use crate::powershell::{Case, Comparison, Error, Operator, Value, compare};

impl Expr {
    /// Answers the line. `tree` is one object whose properties are the variables (`old`, `servers`, `pair`, …); `read_at`
    /// says of a path when it was read ([`ReadTimes`](super::ReadTimes) where the tree itself says so).
    pub fn evaluate(&self, tree: &Value, read_at: &dyn Fn(&str) -> Option<Time>) -> Outcome {
        let mut evaluation = Evaluation { text: &self.text, tree, read_at, clauses: Vec::new(), seen: Vec::new() };
        match evaluation.truth(&self.root) {
            Ok(truth) => {
                let why = explain::line(truth, &evaluation.clauses);
                Outcome { truth, why, clauses: evaluation.clauses }
            }
            Err(error) => Outcome { truth: Truth::Unknown, why: error.message, clauses: evaluation.clauses },
        }
    }
}

struct Evaluation<'t> {
    text: &'t str,
    tree: &'t Value,
    read_at: &'t dyn Fn(&str) -> Option<Time>,
    clauses: Vec<Clause>,
    /// The facts of the condition that is being looked at
    seen: Vec<Seen>,
}

impl<'t> Evaluation<'t> {
    /// The truth of a part of the line that is made of conditions, each of which becomes a clause.
    fn truth(&mut self, node: &Node) -> Result<Truth, Error> {
        match &node.kind {
            Kind::Logic(first, rest) => self.join(first, rest, Self::truth),
            Kind::Group(inner) if inner.is_joined() => self.truth(inner),
            Kind::Not(_, inner) if inner.is_joined() => Ok(!self.truth(inner)?),
            _ => self.clause(node),
        }
    }

    /// One condition.
    fn clause(&mut self, node: &Node) -> Result<Truth, Error> {
        self.seen.clear();
        let answered = self.held(node);
        let seen = std::mem::take(&mut self.seen);
        let text = self.text.get(node.span.clone()).unwrap_or_default().to_owned();
        let (truth, why) = match &answered {
            Ok(held) => {
                let truth = truth_of(held);
                (truth, explain::clause(truth, &held.clone().settle(), &seen))
            }
            Err(error) => (Truth::Unknown, error.message.clone()),
        };
        self.clauses.push(Clause { text, span: node.span.clone(), truth, why, seen });
        answered.map(|_| truth)
    }

    /// `-and` and `-or` from left to right: what the left side decides, the right side is not asked for.
    fn join(
        &mut self,
        first: &Node,
        rest: &[(Logic, Node)],
        mut truth: impl FnMut(&mut Self, &Node) -> Result<Truth, Error>,
    ) -> Result<Truth, Error> {
        let mut so_far = truth(self, first)?;
        for (logic, node) in rest {
            so_far = match (logic, so_far) {
                (Logic::And, Truth::False) | (Logic::Or, Truth::True) => so_far,
                (Logic::And, _) => so_far.and(truth(self, node)?),
                (Logic::Or, _) => so_far.or(truth(self, node)?),
            };
        }
        Ok(so_far)
    }

    /// What a part of the line holds.
    fn held(&mut self, node: &Node) -> Result<Held<'t>, Error> {
        Ok(match &node.kind {
            Kind::Literal(literal) => Held::made(match literal {
                Literal::Null => Value::Null,
                Literal::Bool(value) => Value::Bool(*value),
                Literal::Number(_, value) => value.clone(),
                Literal::Text(text) => Value::Text(text.clone()),
            }),
            Kind::Variable(name) => {
                let held = self.variable(name);
                self.saw(format!("${name}"), &held);
                held
            }
            Kind::Steps(base, steps) => self.steps(base, steps)?,
            Kind::Group(inner) => self.held(inner)?,
            Kind::Array(None) => Held::made(Vec::new()),
            Kind::Array(Some(inner)) => match self.held(inner)?.settle() {
                array if matches!(*array, Value::Array(_)) => Held::Value(array),
                single => Held::made(vec![single.into_owned()]),
            },
            Kind::Cast(to, inner) => Held::made(cast(*to, &self.held(inner)?.settle())?),
            Kind::Not(_, inner) => {
                let held = self.held(inner)?;
                as_value(!truth_of(&held), &[held])
            }
            Kind::List(items) => {
                let items = items.iter().map(|item| Ok(self.held(item)?.settle().into_owned()));
                Held::made(items.collect::<Result<Vec<_>, Error>>()?)
            }
            Kind::Compare(left, operator, right) => {
                let (left, right) = (self.held(left)?, self.held(right)?);
                compared(*operator, left, right)?
            }
            Kind::Logic(first, rest) => {
                let mut met = Vec::new();
                let truth = self.join(first, rest, |this, node| {
                    let held = this.held(node)?;
                    let truth = truth_of(&held);
                    met.push(held);
                    Ok(truth)
                })?;
                as_value(truth, &met)
            }
        })
    }

    fn variable(&self, name: &str) -> Held<'t> {
        let variables = self.tree.as_object();
        match variables.and_then(|variables| variables.get(name)) {
            Some(value) => Held::Value(Cow::Borrowed(value)),
            None => Held::made(access::missing("", name, variables.iter().flat_map(|v| v.iter().map(|(name, _)| name)))),
        }
    }

    fn steps(&mut self, base: &Node, steps: &[Step]) -> Result<Held<'t>, Error> {
        let root = if let Kind::Variable(name) = &base.kind { Some(name) } else { None };
        let mut held = match root {
            Some(name) => self.variable(name),
            None => self.held(base)?,
        };
        let mut path = base.to_string();
        for step in steps {
            held = match &step.kind {
                StepKind::Member(name) => access::member(held, name, &path),
                StepKind::Index(index) => access::element(held, *index)?,
            };
            path.push_str(&step.kind.to_string());
        }
        if root.is_some() {
            self.saw(path, &held);
        }
        Ok(held)
    }

    fn saw(&mut self, path: String, held: &Held<'t>) {
        if self.seen.iter().any(|seen| seen.path == path) {
            return;
        }
        let (read, server) = ((self.read_at)(&path), provenance::server(self.tree, &path));
        self.seen.push(Seen { path, value: held.clone().settle().into_owned(), read, server });
    }
}

fn truth_of(held: &Held<'_>) -> Truth {
    match held {
        Held::Value(value) => truthy(value).map_or(Truth::Unknown, Truth::from),
        Held::AtLeast(0, _) => Truth::Unknown,
        Held::AtLeast(..) => Truth::True,
    }
}

/// A truth as a value: Unknown keeps the reason of what it was made of.
fn as_value<'t>(truth: Truth, of: &[Held<'t>]) -> Held<'t> {
    match truth {
        Truth::True => Held::made(true),
        Truth::False => Held::made(false),
        Truth::Unknown => {
            let why = of.iter().filter(|held| truth_of(held) == Truth::Unknown).find_map(|held| match held {
                Held::Value(value) => unknown_in(value).map(str::to_owned),
                Held::AtLeast(_, why) => Some(why.clone()),
            });
            Held::made(Value::Unknown(why.unwrap_or_default()))
        }
    }
}

fn compared<'t>(operator: Operator, left: Held<'t>, right: Held<'t>) -> Result<Held<'t>, Error> {
    let known = match (&left, &right) {
        (Held::AtLeast(least, _), Held::Value(limit)) => at_least(*least, operator.asks, limit),
        (Held::Value(limit), Held::AtLeast(least, _)) => at_least(*least, turned(operator.asks), limit),
        _ => None,
    };
    match known {
        Some(answer) => Ok(Held::made(answer)),
        None => compare::apply(operator, &left.settle(), &right.settle()).map(Held::made),
    }
}

/// What can be told of a count that is only known from below.
fn at_least(least: i64, asks: Comparison, limit: &Value) -> Option<bool> {
    let limit_below = |inclusive: bool| {
        let order = compare::order(&Value::Int(least), limit, Case::Default).ok()??;
        Some(order.is_gt() || inclusive && order.is_eq())
    };
    if !matches!(limit, Value::Int(_) | Value::Double(_)) {
        return None;
    }
    match asks {
        Comparison::Gt | Comparison::Ne => limit_below(false)?.then_some(true),
        Comparison::Ge => limit_below(true)?.then_some(true),
        Comparison::Lt => limit_below(true)?.then_some(false),
        Comparison::Le | Comparison::Eq => limit_below(false)?.then_some(false),
        _ => None,
    }
}

/// The same question with its sides exchanged.
fn turned(asks: Comparison) -> Comparison {
    match asks {
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        Comparison::Gt => Comparison::Lt,
        Comparison::Ge => Comparison::Le,
        other => other,
    }
}

#[cfg(test)]
mod tests;
