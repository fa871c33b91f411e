//! Comparisons that cannot be right. What stands on each side is known from the facts' table, and PowerShell's own rules are asked with
//! a value of that kind: what is an error for one version is an error for all.

use crate::facts::table::Kind as FactKind;
use crate::gate::ast::{Kind, Literal, Node, Span, StepKind};
use crate::health;
use crate::powershell::convert::{self, Type};
use crate::powershell::{Comparison, Operator, Value, Version, compare};
use crate::runbook::rules::{self, Rule};

/// Finds what a path stands for, where it stands for something.
type Resolve<'f> = dyn FnMut(&str) -> Option<Fact> + 'f;

/// What a path stands for, as far as comparing it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fact {
    /// What it holds; of many, each
    pub kind: FactKind,
    /// Whether it is an array
    pub many: bool,
    /// Whether it may be `$null`
    pub nullable: bool,
}

/// Takes a rule that is broken, the place in the line, what is found and what to do.
type Report<'r> = dyn FnMut(&Rule, &Span, String, String) + 'r;

/// Looks through a line.
pub(super) fn check(root: &Node, resolve: &mut Resolve<'_>, report: &mut Report<'_>) {
    Check { resolve, report }.truth(root);
}

struct Check<'c, 'r, 'f> {
    resolve: &'c mut Resolve<'f>,
    report: &'c mut Report<'r>,
}

/// What is known of one side.
enum Side {
    /// It is this.
    Value(Value),
    /// It is of this kind.
    Fact { kind: FactKind, many: bool, nullable: bool },
    /// True or False
    Truth,
    /// Nothing.
    Unsaid,
}

impl Check<'_, '_, '_> {
    fn report(&mut self, rule: &Rule, span: &Span, message: impl Into<String>, help: impl Into<String>) {
        (self.report)(rule, span, message.into(), help.into());
    }

    /// A node of which only the truth counts.
    fn truth(&mut self, node: &Node) {
        match &node.kind {
            Kind::Group(inner) | Kind::Not(_, inner) => self.truth(inner),
            Kind::Logic(first, rest) => {
                self.truth(first);
                for (_, node) in rest {
                    self.truth(node);
                }
            }
            Kind::Compare(left, operator, right) => {
                if is_filter(*operator) && matches!(self.side(left), Side::Fact { many: true, .. }) {
                    let message = "a collection on the left answers those that fit: this is True where any one does";
                    self.report(&rules::DOUBTFUL_COMPARISON, &left.span, message, "count them: ( … ).Count -eq 0");
                }
                self.compare(node, left, *operator, right);
            }
            _ => {
                self.within(node);
                self.bare(node);
            }
        }
    }

    /// A value that stands for its truth.
    fn bare(&mut self, node: &Node) {
        match self.side(node) {
            Side::Value(_) => {
                self.report(&rules::CONSTANT_CONDITION, &node.span, "this reads no fact", "name what must be True");
            }
            Side::Fact { many: true, .. } => {
                let message = "a collection stands for its truth: one element counts as itself, several are True";
                self.report(&rules::DOUBTFUL_COMPARISON, &node.span, message, "compare its .Count, or use -contains");
            }
            Side::Fact { kind, nullable: false, .. }
                if matches!(
                    kind,
                    FactKind::Text | FactKind::Version | FactKind::TimeSpan | FactKind::DateTime | FactKind::Object
                ) =>
            {
                let message = format!("a {kind} stands for its truth, which is True whatever it holds");
                self.report(&rules::DOUBTFUL_COMPARISON, &node.span, message, "compare it with something");
            }
            _ => {}
        }
    }

    /// Comparisons within something else: `(… -eq …).Count`.
    fn within(&mut self, node: &Node) {
        match &node.kind {
            Kind::Steps(inner, _) | Kind::Group(inner) | Kind::Array(Some(inner)) | Kind::Cast(_, inner) => self.within(inner),
            Kind::Not(_, inner) => self.truth(inner),
            Kind::Logic(..) => self.truth(node),
            Kind::List(items) => items.iter().for_each(|item| self.within(item)),
            Kind::Compare(left, operator, right) => self.compare(node, left, *operator, right),
            Kind::Literal(_) | Kind::Variable(_) | Kind::Array(None) => {}
        }
    }

    fn compare(&mut self, node: &Node, left: &Node, operator: Operator, right: &Node) {
        self.within(left);
        self.within(right);
        self.findings(left, right);
        self.findings(right, left);
        let wrong = &rules::IMPOSSIBLE_COMPARISON;
        match (self.side(left), self.side(right)) {
            (Side::Value(_), Side::Value(_)) => {
                self.report(&rules::CONSTANT_CONDITION, &node.span, "this reads no fact", "compare a fact with something");
            }
            (Side::Fact { kind, many, nullable }, Side::Value(value)) => {
                if let Value::Array(items) = &value {
                    if is_membership(operator) {
                        for item in items {
                            self.with_value(kind, Comparison::Eq.into(), item, &right.span);
                        }
                    } else {
                        self.report(
                            wrong,
                            &right.span,
                            format!("{operator} compares with one value, not with a list"),
                            if items.iter().all(|item| matches!(item, Value::Int(_))) {
                                "a comma makes a list: write a large number without it, and use -in for a list"
                            } else {
                                "use -in"
                            },
                        );
                    }
                } else if value == Value::Null {
                    if !nullable && !many && matches!(operator.asks, Comparison::Eq | Comparison::Ne) {
                        let message = "this is never $null: what was not read is Unknown, and Unknown never passes";
                        self.report(&rules::DOUBTFUL_COMPARISON, &node.span, message, "leave the line out");
                    }
                } else {
                    self.with_value(kind, operator, &value, &right.span);
                }
            }
            (Side::Fact { kind: one, .. }, Side::Fact { kind: other, .. }) if !comparable(one, other) => {
                let message = format!("a {one} is compared with a {other}");
                self.report(wrong, &node.span, message, "compare facts of one kind");
            }
            (Side::Truth, Side::Value(value @ (Value::Text(_) | Value::Int(_)))) => {
                self.with_value(FactKind::Bool, operator, &value, &right.span);
            }
            _ => {}
        }
    }

    /// `$findings -contains 'dual-active'`: the words are those of the health rules.
    fn findings(&mut self, of: &Node, with: &Node) {
        if !written_path(of).is_some_and(|path| path.eq_ignore_ascii_case("$findings")) {
            return;
        }
        let Side::Value(value) = self.side(with) else { return };
        let single = std::slice::from_ref(&value);
        for word in value.as_array().unwrap_or(single).iter().filter_map(Value::as_text) {
            if !word.contains(['*', '?', '[']) && health::rules::find(word).is_none() {
                let unknown = super::names::unknown_finding(word, with.span.clone());
                self.report(&rules::UNKNOWN_FINDING, &with.span, unknown.message, unknown.help.unwrap_or_default());
            }
        }
    }

    /// A fact against a written value.
    fn with_value(&mut self, kind: FactKind, operator: Operator, value: &Value, span: &Span) {
        let wrong = &rules::IMPOSSIBLE_COMPARISON;
        match (kind, value) {
            (FactKind::Any | FactKind::Object, _) => {}
            (FactKind::Bool, Value::Text(text)) => {
                let help = format!("write ${}", if text.eq_ignore_ascii_case("false") { "false" } else { "true" });
                self.report(wrong, span, format!("to PowerShell every text is $true, '{text}' too"), help);
            }
            (FactKind::Text, Value::Bool(_)) => {
                self.report(wrong, span, "a text is never $true or $false", "compare it with a text");
            }
            (FactKind::TimeSpan | FactKind::DateTime, Value::Int(_) | Value::Double(_)) => {
                let help = if kind == FactKind::TimeSpan {
                    "write [timespan]'02:00:00'"
                } else {
                    "write [datetime]'2026-11-21T03:00:00Z'"
                };
                self.report(wrong, span, format!("a bare number is ticks of 100 ns to a {kind}"), help);
            }
            (FactKind::Version, Value::Double(_)) => {
                let message = "a number without quotes loses its zeros: 2.10 is 2.1";
                self.report(&rules::DOUBTFUL_COMPARISON, span, message, "write [version]'2.10.0.0'");
            }
            (FactKind::Text, Value::Text(text)) if is_order(operator) => self.text_order(text, span),
            (FactKind::Text, Value::Version(_) | Value::Int(_) | Value::Double(_)) if is_order(operator) => {
                self.report(
                    &rules::TEXT_ORDER,
                    span,
                    "the left side is text, so the order is that of letters",
                    "cast the left side",
                );
            }
            _ if matches!(operator.asks, Comparison::Like | Comparison::NotLike | Comparison::Match | Comparison::NotMatch) => {}
            _ => {
                let Some(sample) = sample(kind) else { return };
                // -eq of what cannot be converted is False without a word; the order says why.
                if kind != FactKind::Bool && kind != FactKind::Text && compare::order(&sample, value, operator.case).is_err() {
                    let shown = match value {
                        Value::Text(text) => format!("'{text}'"),
                        other => convert::type_name(other).to_owned(),
                    };
                    let help = format!("a {kind} is expected here");
                    self.report(wrong, span, format!("{shown} cannot be compared with a {kind}"), help);
                }
            }
        }
    }

    fn text_order(&mut self, text: &str, span: &Span) {
        if !text.is_ascii() {
            let message = "beyond ASCII the order of text may differ from PowerShell's";
            self.report(&rules::TEXT_ORDER, span, message, "compare with -eq, -like or -in");
        } else if text.starts_with(|c: char| c.is_ascii_digit()) {
            let message = format!("'{text}' is ordered as letters: '10' comes before '9'");
            self.report(&rules::TEXT_ORDER, span, message, "cast the left side, such as [version]$old.OS.Version");
        }
    }

    fn side(&mut self, node: &Node) -> Side {
        match &node.kind {
            Kind::Literal(literal) => Side::Value(value(literal)),
            Kind::Group(inner) => self.side(inner),
            Kind::Array(None) => Side::Value(Value::Array(Vec::new())),
            Kind::Array(Some(inner)) => match self.side(inner) {
                Side::Value(Value::Array(items)) => Side::Value(Value::Array(items)),
                Side::Value(one) => Side::Value(Value::Array(vec![one])),
                Side::Fact { kind, nullable, .. } => Side::Fact { kind, many: true, nullable },
                other => other,
            },
            Kind::List(items) => {
                let values = items.iter().map(|item| match self.side(item) {
                    Side::Value(value) => Some(value),
                    _ => None,
                });
                values.collect::<Option<Vec<_>>>().map_or(Side::Unsaid, |values| Side::Value(Value::Array(values)))
            }
            Kind::Cast(to, inner) => match self.side(inner) {
                Side::Value(value) => convert::cast(*to, &value).map_or(Side::Unsaid, Side::Value),
                _ => Side::Fact { kind: kind_of(*to), many: false, nullable: false },
            },
            Kind::Not(..) | Kind::Logic(..) => Side::Truth,
            Kind::Compare(left, operator, _) => match self.side(left) {
                Side::Fact { kind, many: true, nullable } if is_filter(*operator) => Side::Fact { kind, many: true, nullable },
                _ => Side::Truth,
            },
            Kind::Variable(_) | Kind::Steps(..) => self.path(node),
        }
    }

    fn path(&mut self, node: &Node) -> Side {
        let Some(path) = written_path(node) else {
            // Steps upon a group: only a count says what it is.
            return match &node.kind {
                Kind::Steps(_, steps)
                    if steps.last().is_some_and(
                        |step| matches!(&step.kind, StepKind::Member(name) if name.eq_ignore_ascii_case("Count")),
                    ) =>
                {
                    Side::Fact { kind: FactKind::Int, many: false, nullable: false }
                }
                _ => Side::Unsaid,
            };
        };
        (self.resolve)(&path).map_or(Side::Unsaid, |Fact { kind, many, nullable }| Side::Fact { kind, many, nullable })
    }
}

/// `$old.RunHistory[0].Result` as the table reads it.
fn written_path(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Variable(name) => Some(format!("${name}")),
        Kind::Steps(base, steps) => {
            let mut path = written_path(base)?;
            for step in steps {
                path.push_str(&step.kind.to_string());
            }
            Some(path)
        }
        _ => None,
    }
}

fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Number(_, value) => value.clone(),
        Literal::Text(text) => Value::Text(text.clone()),
    }
}

fn kind_of(to: Type) -> FactKind {
    match to {
        Type::Version => FactKind::Version,
        Type::TimeSpan => FactKind::TimeSpan,
        Type::DateTime => FactKind::DateTime,
        Type::Int => FactKind::Int,
        Type::Double => FactKind::Double,
        Type::String => FactKind::Text,
        Type::Bool => FactKind::Bool,
    }
}

/// A value of the kind, to ask PowerShell's rules with.
fn sample(kind: FactKind) -> Option<Value> {
    Some(match kind {
        FactKind::Bool => Value::Bool(true),
        FactKind::Int => Value::Int(1),
        FactKind::Double => Value::Double(1.5),
        FactKind::Text => Value::Text("a".to_owned()),
        FactKind::Version => Value::Version(Version { major: 2, minor: 0, build: Some(0), revision: Some(0) }),
        FactKind::TimeSpan => Value::TimeSpan(chrono::TimeDelta::hours(1)),
        FactKind::DateTime => Value::DateTime(chrono::DateTime::UNIX_EPOCH),
        FactKind::Object | FactKind::Any => return None,
    })
}

/// Text is read as whatever the left side is, at the moment it is compared.
fn comparable(left: FactKind, right: FactKind) -> bool {
    let is_number = |kind| matches!(kind, FactKind::Int | FactKind::Double);
    let is_open = |kind| matches!(kind, FactKind::Any | FactKind::Object | FactKind::Text);
    left == right || (is_number(left) && is_number(right)) || is_open(left) || is_open(right)
}

fn is_order(operator: Operator) -> bool {
    matches!(operator.asks, Comparison::Lt | Comparison::Le | Comparison::Gt | Comparison::Ge)
}

fn is_membership(operator: Operator) -> bool {
    matches!(operator.asks, Comparison::In | Comparison::NotIn)
}

/// Whether a collection on the left answers its elements.
fn is_filter(operator: Operator) -> bool {
    !matches!(operator.asks, Comparison::In | Comparison::NotIn | Comparison::Contains | Comparison::NotContains)
}
