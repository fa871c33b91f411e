//! A gate line and the same line in a script come to the same answer. The gate has its own lexer, parser and evaluator; the
//! lab's shell has others. Only what a comparison or a cast does to two values is shared by both.

use chrono::{TimeZone, Utc};
use lockstep::Time;
use lockstep::gate::{Truth, parse};
use lockstep::lab::shell::{Command, Execution, Host, Invocation, Next, Output, Reply};
use lockstep::powershell::{Record, Value};
use proptest::prelude::*;
use proptest::sample::select;

/// Everything that a line may read is known: a script has no Unknown.
const FACTS: &str = r#"{
    "Host": "EC01", "Idle": false, "Nil": null, "Twelve": 12, "Percent": 0.4, "None": [], "Texts": ["EC01", "success"],
    "One": [{ "Name": "success" }], "Two": [{ "Name": "EC01", "Result": 1 }, { "Name": "a", "Result": [2, 3] }],
    "Version": { "$version": "2.5.79.0" }, "Span": { "$timespan": "00:30:00" },
    "Time": { "$datetime": "2026-11-20T03:30:00Z" }, "Last": { "Result": "success" }
}"#;

const PATHS: &[&str] = &[
    "$Run.Host",
    "$Run.Idle",
    "$Run.Nil",
    "$Run.Twelve",
    "$Run.Percent",
    "$Run.None",
    "$Run.Texts",
    "$Run.Texts[0]",
    "$Run.Texts[-1]",
    "$Run.Texts.Count",
    "$Run.One.Name",
    "$Run.One.Count",
    "$Run.Two.Name",
    "$Run.Two.Result",
    "$Run.Two[0].Result",
    "$Run.Two.Result.Count",
    "$Run.Version",
    "$Run.Span",
    "$Run.Time",
    "$Run.Last.Result",
    "$true",
    "$false",
    "$null",
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
    "'EC01'",
    "'ec02'",
    "''",
    "'it''s'",
    "\"PHS\"",
    "'success'",
    "'2.5'",
    "'00:30:00'",
    "'c*'",
    "'False'",
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

const CASTS: &[&str] = &["[string]", "[bool]", "[int]", "[double]", "[version]", "[timespan]"];

/// A line of the grammar, with parentheses and without, so that precedence counts.
fn line() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![4 => select(PATHS), 3 => select(LITERALS)].prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let group = inner.clone().prop_map(|inner| format!("({inner})"));
        prop_oneof![
            3 => (group.clone(), select(OPERATORS), group.clone()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            3 => (select(PATHS), select(OPERATORS), select(LITERALS)).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            2 => (inner.clone(), select(OPERATORS), select(PATHS)).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            4 => (inner.clone(), select(&["-and", "-or"][..]), inner.clone()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            1 => inner.clone().prop_map(|inner| format!("-not {inner}")),
            1 => group.clone().prop_map(|inner| format!("!{inner}.Count")),
            1 => group.clone().prop_map(|inner| format!("@{inner}")),
            1 => inner.clone().prop_map(|inner| format!("@({inner})[0]")),
            1 => (group.clone(), group.clone()).prop_map(|(a, b)| format!("{a},{b}")),
            1 => (select(CASTS), group).prop_map(|(cast, inner)| format!("{cast}{inner}")),
        ]
    })
}

/// A server without a command of its own.
struct Nothing;

impl Host for Nothing {
    fn command(&self, _: &str) -> Option<&'static Command> {
        None
    }

    fn call(&mut self, _: &Invocation) -> Reply {
        unreachable!("there is no command")
    }

    fn now(&self) -> Time {
        Utc.with_ymd_and_hms(2026, 11, 21, 3, 0, 0).single().expect("a moment")
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

/// What a script makes of the line: its answer, or the words of its error.
fn in_a_script(line: &str, facts: &Value) -> Result<bool, String> {
    let variables = Record::new().with("Run", facts.clone());
    let script = format!("if ({line}) {{ 'it is so' }} else {{ 'it is not' }}");
    let mut run = Execution::new(&script, &variables, false, Nothing.now());
    let mut said = String::new();
    loop {
        let progress = run.poll(&mut Nothing);
        for output in progress.output {
            match output {
                Output::Text(text) => said.push_str(&text),
                Output::Error { record, .. } => return Err(record.message),
                _ => {}
            }
        }
        if let Next::Finished(end) = progress.next {
            return match (end.error, said.trim()) {
                (Some(error), _) => Err(error.message),
                (None, "it is so") => Ok(true),
                (None, "it is not") => Ok(false),
                (None, other) => Err(format!("said '{other}'")),
            };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_gate_and_a_script_agree(line in line()) {
        let facts: Value = serde_json::from_str(FACTS).expect("the facts read");
        let tree = Value::from(Record::new().with("Run", facts.clone()));
        let outcome = parse(&line).map_err(|error| TestCaseError::fail(format!("{line}: {error}")))?.evaluate(&tree, &|_| None);
        let script = in_a_script(&line, &facts);
        let same = match (&script, outcome.truth) {
            (Ok(answer), truth) => truth == if *answer { Truth::True } else { Truth::False },
            // An error makes the whole line Unknown.
            (Err(_), truth) => truth == Truth::Unknown,
        };
        prop_assert!(same, "{}\n  a gate: {} ({})\n  a script: {:?}", line, outcome.truth, outcome.why, script);
    }
}
