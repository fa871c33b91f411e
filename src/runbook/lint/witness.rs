//! Whether a few lines can be True together: they are evaluated on every choice of values that could tell a difference, which
//! for comparisons with written values are those values, what lies beside them, and something else. Where that cannot be told
//! (patterns, counts, elements), nothing is said.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::TimeDelta;

use crate::facts::table::{Kind as FactKind, Names, resolve};
use crate::gate::Truth;
use crate::gate::ast::{Kind, Literal, Node, StepKind};
use crate::powershell::convert::{Type, cast};
use crate::powershell::{Comparison, Record, Value, Version};
use crate::runbook::model::Condition;

/// What lines can come out as.
pub(super) struct Truths {
    /// Whether some values make all of them True
    pub can_be_true: bool,
    /// Whether some values make one of them False, or an error
    pub can_be_false: bool,
}

/// Facts that are tried at once: more would need more values beside each other.
const FACTS: usize = 3;
/// Choices of values that are tried.
const CHOICES: usize = 2_000;

/// What these lines can come out as; none: that cannot be told.
pub(super) fn of(lines: &[&Condition], names: &Names) -> Option<Truths> {
    let mut written = Vec::new();
    for line in lines {
        literals(line.expr.root(), &mut written)?;
    }
    let ordered = lines.iter().any(|line| any(line.expr.root(), &is_ordered));
    let mut facts: BTreeMap<String, (Vec<String>, Vec<Value>)> = BTreeMap::new();
    for path in lines.iter().flat_map(|line| line.expr.paths()) {
        let key = path.to_string().to_ascii_lowercase();
        if let Entry::Vacant(slot) = facts.entry(key) {
            let fact = resolve(&path.to_string(), names).ok()?;
            let told = !fact.many && !["servers", "results"].iter().any(|root| root.eq_ignore_ascii_case(&path.root));
            let values = choices(fact.kind, &written).filter(|_| told && !(ordered && fact.kind == FactKind::Text))?;
            let null = fact.nullable.then_some(Value::Null);
            let names = std::iter::once(path.root).chain(path.names).collect();
            slot.insert((names, values.into_iter().chain(null).collect()));
        }
    }
    let count = facts.values().try_fold(1_usize, |count, (_, values)| count.checked_mul(values.len()))?;
    let below =
        |key: &String| facts.keys().any(|other| other.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('.')));
    if facts.is_empty() || facts.len() > FACTS || count > CHOICES || facts.keys().any(below) {
        return None;
    }
    let facts: Vec<_> = facts.into_values().collect();
    let mut truths = Truths { can_be_true: false, can_be_false: false };
    for choice in 0..count {
        let tree = tree(&facts, choice);
        let all = lines.iter().fold(Truth::True, |all, line| all.and(line.expr.evaluate(&tree, &|_| None).truth));
        truths.can_be_true |= all == Truth::True;
        truths.can_be_false |= all != Truth::True;
        if truths.can_be_true && truths.can_be_false {
            break;
        }
    }
    Some(truths)
}

/// The tree of one choice of values.
fn tree(facts: &[(Vec<String>, Vec<Value>)], mut choice: usize) -> Value {
    let mut tree = Record::new();
    for (names, values) in facts {
        set(&mut tree, names, values[choice % values.len()].clone());
        choice /= values.len();
    }
    tree.into()
}

fn set(record: &mut Record, names: &[String], value: Value) {
    match names {
        [] => {}
        [last] => record.set(last.clone(), value),
        [first, rest @ ..] => {
            let mut inner = record.get(first).and_then(Value::as_object).cloned().unwrap_or_default();
            set(&mut inner, rest, value);
            record.set(first.clone(), inner);
        }
    }
}

/// The written values of a line; none where it has parts that a choice of values says nothing about.
fn literals(node: &Node, found: &mut Vec<Value>) -> Option<()> {
    match &node.kind {
        Kind::Literal(literal) => found.push(match literal {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Number(_, value) => value.clone(),
            Literal::Text(text) => Value::Text(text.clone()),
        }),
        Kind::Variable(_) | Kind::Array(None) => {}
        Kind::Steps(base, steps) => {
            let is_name = |kind: &StepKind| matches!(kind, StepKind::Member(name) if !["Count", "Length"].iter().any(|count| count.eq_ignore_ascii_case(name)));
            if !matches!(base.kind, Kind::Variable(_)) || !steps.iter().all(|step| is_name(&step.kind)) {
                return None;
            }
        }
        Kind::Group(inner) | Kind::Array(Some(inner)) | Kind::Cast(_, inner) | Kind::Not(_, inner) => literals(inner, found)?,
        Kind::List(items) => items.iter().try_for_each(|item| literals(item, found))?,
        Kind::Compare(left, operator, right) => {
            let patterns = [Comparison::Like, Comparison::NotLike, Comparison::Match, Comparison::NotMatch];
            if patterns.contains(&operator.asks) {
                return None;
            }
            literals(left, found)?;
            literals(right, found)?;
        }
        Kind::Logic(first, rest) => {
            literals(first, found)?;
            rest.iter().try_for_each(|(_, node)| literals(node, found))?;
        }
    }
    Some(())
}

fn is_ordered(node: &Node) -> bool {
    let orders = [Comparison::Lt, Comparison::Le, Comparison::Gt, Comparison::Ge];
    matches!(&node.kind, Kind::Compare(_, operator, _) if orders.contains(&operator.asks))
}

fn any(node: &Node, holds: &dyn Fn(&Node) -> bool) -> bool {
    holds(node)
        || match &node.kind {
            Kind::Literal(_) | Kind::Variable(_) | Kind::Array(None) => false,
            Kind::Steps(inner, _)
            | Kind::Group(inner)
            | Kind::Array(Some(inner))
            | Kind::Cast(_, inner)
            | Kind::Not(_, inner) => any(inner, holds),
            Kind::List(items) => items.iter().any(|item| any(item, holds)),
            Kind::Compare(left, _, right) => any(left, holds) || any(right, holds),
            Kind::Logic(first, rest) => any(first, holds) || rest.iter().any(|(_, node)| any(node, holds)),
        }
}

/// Values of a kind that could tell a difference to the written ones.
fn choices(kind: FactKind, written: &[Value]) -> Option<Vec<Value>> {
    let of = |to: Type| written.iter().filter_map(move |value| cast(to, value).ok());
    let mut values: Vec<Value> = match kind {
        FactKind::Bool => vec![Value::Bool(false), Value::Bool(true)],
        FactKind::Int => {
            let known = of(Type::Int).filter_map(|value| value.as_int()).chain([0, 2]);
            known.flat_map(|number| [-1, 0, 1].map(|step| Value::Int(number.saturating_add(step)))).collect()
        }
        FactKind::Double => {
            let mut known: Vec<f64> = of(Type::Double)
                .filter_map(|value| if let Value::Double(number) = value { Some(number) } else { None })
                .collect();
            known.extend([0.0, 1.5]);
            known.sort_by(f64::total_cmp);
            let between: Vec<f64> = known.windows(2).map(|two| f64::midpoint(two[0], two[1])).collect();
            let beyond = [known.first().map(|first| first - 1.0), known.last().map(|last| last + 1.0)];
            known.into_iter().chain(between).chain(beyond.into_iter().flatten()).map(Value::Double).collect()
        }
        FactKind::Text => {
            let known = of(Type::String).filter_map(|value| value.as_text().map(str::to_owned));
            known.chain([String::new(), "something else".to_owned()]).map(Value::Text).collect()
        }
        FactKind::Version => {
            let known =
                of(Type::Version).filter_map(|value| if let Value::Version(version) = value { Some(version) } else { None });
            let least = Version { major: 0, minor: 0, build: Some(0), revision: Some(0) };
            let most = Version { major: u32::MAX >> 1, ..least };
            known.chain([least, most]).flat_map(|version| [version, above(version)]).map(Value::Version).collect()
        }
        FactKind::TimeSpan => {
            let known = of(Type::TimeSpan).filter_map(|value| value.as_span()).chain([TimeDelta::zero(), TimeDelta::hours(1)]);
            let beside =
                |span: TimeDelta| [-1, 0, 1].map(|step| span.checked_add(&TimeDelta::milliseconds(step)).unwrap_or(span));
            known.flat_map(beside).map(Value::TimeSpan).collect()
        }
        FactKind::DateTime => {
            let now = chrono::DateTime::UNIX_EPOCH;
            let known = of(Type::DateTime).filter_map(|value| value.as_time()).chain([now, now + TimeDelta::days(30_000)]);
            let beside =
                |at: crate::Time| [-1, 0, 1].map(|step| at.checked_add_signed(TimeDelta::milliseconds(step)).unwrap_or(at));
            known.flat_map(beside).map(Value::DateTime).collect()
        }
        FactKind::Object | FactKind::Any => return None,
    };
    let mut kept: Vec<Value> = Vec::new();
    values.retain(|value| {
        let new = !kept.contains(value);
        if new {
            kept.push(value.clone());
        }
        new
    });
    Some(values)
}

/// The next version: nothing lies between.
fn above(version: Version) -> Version {
    match (version.build, version.revision) {
        (None, _) => Version { build: Some(0), ..version },
        (Some(_), None) => Version { revision: Some(0), ..version },
        (Some(_), Some(revision)) => Version { revision: Some(revision.saturating_add(1)), ..version },
    }
}
