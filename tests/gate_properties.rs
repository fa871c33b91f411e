//! What must hold of every gate line: nothing panics, what is written back reads as the same line, and an Unknown never
//! turns an answer into another one.

use lockstep::gate::ast::{Kind, Literal, Node, Step};
use lockstep::gate::{Truth, parse};
use lockstep::powershell::{Record, Value};
use proptest::prelude::*;
use proptest::sample::select;

/// Few facts, so that a line mostly reads one that is replaced.
const FACTS: &str = r#"{
    "old": {
        "Host": "EC01", "Idle": false, "Nil": null, "Count12": 12, "Percent": 0.4, "None": [], "Texts": ["EC01", "success"],
        "One": [{ "Name": "success" }], "Two": [{ "Name": "EC01", "Result": 1 }, { "Name": "a", "Result": [2, 3] }]
    },
    "new": {
        "Version": { "$version": "2.5.79.0" }, "Span": { "$timespan": "00:30:00" },
        "Time": { "$datetime": "2026-11-20T03:30:00Z" }, "Last": { "Result": "success" }
    }
}"#;

fn facts() -> Value {
    serde_json::from_str(FACTS).expect("the facts read")
}

fn truth(line: &str, tree: &Value) -> Truth {
    parse(line).unwrap_or_else(|error| panic!("{line}: {error}")).evaluate(tree, &|_| None).truth
}

const PATHS: &[&str] = &[
    "$old.Host",
    "$old.Idle",
    "$old.Nil",
    "$old.Count12",
    "$old.Percent",
    "$old.None",
    "$old.None.Name",
    "$old.Texts",
    "$old.Texts[0]",
    "$old.Texts.Count",
    "$old.One",
    "$old.One.Name",
    "$old.One.Count",
    "$old.Two",
    "$old.Two.Name",
    "$old.Two.Result",
    "$old.Two[-1]",
    "$old.Two[0].Result",
    "$old.Two.Result.Count",
    "$old.Two.Name.Length",
    "$new.Version",
    "$new.Span",
    "$new.Time",
    "$new.Last",
    "$new.Last.Result",
    "$new",
    "$old.Nowhere",
    "$nobody.Idle",
];

const LITERALS: &[&str] = &[
    "0",
    "1",
    "-2",
    ".5",
    "312.5",
    "1e2",
    "0x1F4",
    "1kb",
    "3l",
    "'EC01'",
    "'ec02'",
    "''",
    "'it''s'",
    "\"PHS\"",
    "'success'",
    "'2.5'",
    "'00:30:00'",
    "'2026-11-20T03:30:00Z'",
    "'c*'",
    "'EC0[12]'",
    "'^(a|b)$'",
    "$true",
    "$false",
    "$null",
    "@()",
];

const OPERATORS: &[&str] = &[
    "-eq",
    "-ne",
    "-lt",
    "-le",
    "-gt",
    "-ge",
    "-like",
    "-notlike",
    "-match",
    "-notmatch",
    "-in",
    "-notin",
    "-contains",
    "-notcontains",
    "-ceq",
    "-ilt",
    "-clike",
    "-cin",
    "-ccontains",
];

const CASTS: &[&str] = &["[string]", "[bool]", "[int]", "[double]", "[version]", "[timespan]", "[datetime]"];

/// A line of the grammar, never too deep.
fn line() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![4 => select(PATHS), 3 => select(LITERALS)].prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let group = inner.clone().prop_map(|inner| format!("({inner})"));
        prop_oneof![
            4 => (group.clone(), select(OPERATORS), group.clone()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            2 => (select(PATHS), select(OPERATORS), select(LITERALS)).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            3 => (inner.clone(), select(&["-and", "-or"][..]), inner.clone()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            1 => group.clone().prop_map(|inner| format!("-not {inner}")),
            1 => group.clone().prop_map(|inner| format!("!{inner}.Count")),
            1 => group.clone().prop_map(|inner| format!("@{inner}")),
            1 => inner.clone().prop_map(|inner| format!("@({inner})[0]")),
            1 => (group.clone(), group.clone()).prop_map(|(a, b)| format!("{a},{b}")),
            1 => (select(CASTS), group).prop_map(|(cast, inner)| format!("{cast}{inner}")),
        ]
    })
}

/// Values that a fact may have.
fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-3_i64..600).prop_map(Value::Int),
        select(&["EC01", "success", "", "2.5.79.0", "False"][..]).prop_map(Value::from),
        select(&[0.5, 312.5, -1.0][..]).prop_map(Value::Double),
    ];
    scalar.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            1 => (inner.clone(), inner)
                .prop_map(|(name, result)| Value::Object(Record::new().with("Name", name).with("Result", result))),
        ]
    })
}

/// How many values a tree has, itself among them.
fn size(tree: &Value) -> usize {
    1 + match tree {
        Value::Object(record) => record.iter().map(|(_, value)| size(value)).sum(),
        Value::Array(items) => items.iter().map(size).sum(),
        _ => 0,
    }
}

/// The tree with its `at`-th value replaced (0 is the tree itself, which stays).
fn replaced(tree: &Value, at: &mut usize, by: &Value) -> Value {
    let mut next = |value: &Value| match *at {
        1 => {
            *at = 0;
            by.clone()
        }
        0 => value.clone(),
        _ => {
            *at -= 1;
            replaced(value, at, by)
        }
    };
    match tree {
        Value::Object(record) => record.iter().map(|(name, value)| (name.to_owned(), next(value))).collect::<Record>().into(),
        Value::Array(items) => Value::Array(items.iter().map(next).collect()),
        other => other.clone(),
    }
}

/// The same node without its places.
fn placeless(node: &Node) -> Node {
    let boxed = |node: &Node| Box::new(placeless(node));
    let kind = match &node.kind {
        Kind::Steps(base, steps) => {
            Kind::Steps(boxed(base), steps.iter().map(|step| Step { kind: step.kind.clone(), span: 0..0 }).collect())
        }
        Kind::Group(inner) => Kind::Group(boxed(inner)),
        Kind::Array(inner) => Kind::Array(inner.as_deref().map(boxed)),
        Kind::Cast(to, inner) => Kind::Cast(*to, boxed(inner)),
        Kind::Not(sign, inner) => Kind::Not(*sign, boxed(inner)),
        Kind::List(items) => Kind::List(items.iter().map(placeless).collect()),
        Kind::Compare(left, operator, right) => Kind::Compare(boxed(left), *operator, boxed(right)),
        Kind::Logic(first, rest) => {
            Kind::Logic(boxed(first), rest.iter().map(|(logic, node)| (*logic, placeless(node))).collect())
        }
        Kind::Literal(Literal::Number(written, value)) => Kind::Literal(Literal::Number(written.clone(), value.clone())),
        other => other.clone(),
    };
    Node { kind, span: 0..0 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.span).is_some());
        }
    }

    #[test]
    fn any_pile_of_tokens_is_read_or_refused(
        pieces in prop::collection::vec(
            prop_oneof![
                select(PATHS), select(LITERALS), select(OPERATORS), select(CASTS),
                select(&["(", ")", "@(", ",", ".", "[", "]", "-", "!", "$", "'", "\"", "`", "-and", "-or", "-not", "==", " ", "\u{2013}", "é"][..]),
            ],
            0..12,
        ),
        spaced in any::<bool>(),
    ) {
        let text = pieces.join(if spaced { " " } else { "" });
        match parse(&text) {
            Ok(expr) => drop(expr.evaluate(&facts(), &|_| None)),
            Err(error) => prop_assert!(text.get(error.span).is_some()),
        }
    }

    #[test]
    fn a_line_written_back_reads_as_the_same_line(line in line()) {
        let expr = parse(&line).unwrap();
        let again = parse(&expr.to_string()).unwrap();
        prop_assert_eq!(placeless(expr.root()), placeless(again.root()));
        prop_assert_eq!(expr.paths().len(), again.paths().len());
    }

    #[test]
    fn an_unknown_never_turns_an_answer_into_another(
        line in line(),
        places in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(value())), 1..6),
    ) {
        // The same places are Unknown in one tree, and any values (or what they were) in the other.
        let (mut dark, mut light) = (facts(), facts());
        for (place, value) in places {
            let at = place.index(size(&dark) - 1) + 1;
            // Both trees have the same shape up to here, since an Unknown is put in after the value.
            if let Some(value) = &value {
                light = replaced(&light, &mut at.clone(), value);
                dark = light.clone();
            }
            let unknown = replaced(&dark, &mut at.clone(), &Value::unknown("not read"));
            let (sure, told) = (truth(&line, &unknown), truth(&line, &light));
            // A value may lead to an error that the Unknown did not; then the line does not pass either.
            prop_assert!(
                sure == Truth::Unknown || told == sure || told == Truth::Unknown,
                "{} is {} while a fact is Unknown, and {} when it is known", line, sure, told
            );
        }
    }

    #[test]
    fn a_second_unknown_takes_nothing_back(line in line(), one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let unknown = Value::unknown("not read");
        let tree = facts();
        let first = replaced(&tree, &mut (one.index(size(&tree) - 1) + 1), &unknown);
        let both = replaced(&first, &mut (other.index(size(&first) - 1) + 1), &unknown);
        let (less, more) = (truth(&line, &first), truth(&line, &both));
        prop_assert!(more == Truth::Unknown || less == more || less == Truth::Unknown, "{}: {} then {}", line, less, more);
    }
}

#[test]
fn kleenes_laws_hold() {
    let all = [Truth::True, Truth::False, Truth::Unknown];
    for a in all {
        assert_eq!(!!a, a);
        for b in all {
            assert_eq!(a.and(b), b.and(a));
            assert_eq!(a.or(b), b.or(a));
            assert_eq!(!(a.and(b)), (!a).or(!b));
            assert_eq!(!(a.or(b)), (!a).and(!b));
            for c in all {
                assert_eq!(a.and(b).and(c), a.and(b.and(c)));
                assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
            }
        }
    }
    assert_eq!(Truth::Unknown.and(Truth::False), Truth::False);
    assert_eq!(Truth::Unknown.or(Truth::True), Truth::True);
}
