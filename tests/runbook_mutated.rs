//! Real runbooks with something broken in them: whatever is cut out, doubled, exchanged or put in, loading ends, never panics,
//! and every place that is told lies within the text. The gates of the fixtures are broken the same way.

use lockstep::gate::parse;
use lockstep::powershell::Value;
use lockstep::runbook::diagnostic::Style;
use lockstep::runbook::load;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const RUNBOOKS: &[&str] = &[
    include_str!("../runbooks/upgrade-by-staging-swap.md"),
    include_str!("../runbooks/swing-migration.md"),
    include_str!("../runbooks/dual-active-recovery.md"),
    include_str!("../assets/new-runbook.md"),
    include_str!("fixtures/runbooks/swap.md"),
];

/// What is put in: the marks of the format, and what no editor shows.
const MARKS: &[&str] = &[
    "`",
    "```",
    "```powershell {gate}\n",
    "{",
    "}",
    "{{",
    "}}",
    "#",
    "\n## ",
    "\n### ",
    "---\n",
    "> ",
    "- [ ] ",
    "\t",
    "\r\n",
    "\r",
    "\n\n\n",
    "'",
    "\"",
    "$",
    "$(",
    "@'",
    "-and ",
    " -eq ",
    "on=",
    "{#x}",
    "|",
    "<!--",
    "[",
    "](#",
    "&",
    "*",
    "optional: true",
    "\u{feff}",
    "\u{202e}",
    "\u{0}",
    "é",
    "😀",
];

#[derive(Debug, Clone)]
enum Change {
    Cut(Index, usize),
    Double(Index, usize),
    Exchange(Index, Index),
    Insert(Index, &'static str),
    /// Everything after it is gone
    End(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let span = prop_oneof![4 => 1_usize..4, 2 => 4_usize..200];
    prop_oneof![
        4 => (any::<Index>(), span.clone()).prop_map(|(at, length)| Change::Cut(at, length)),
        2 => (any::<Index>(), span).prop_map(|(at, length)| Change::Double(at, length)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Exchange(one, other)),
        5 => (any::<Index>(), select(MARKS)).prop_map(|(at, mark)| Change::Insert(at, mark)),
        1 => any::<Index>().prop_map(Change::End),
    ]
}

/// The text after a change; characters stay whole.
fn changed(text: &str, change: &Change) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.is_empty() {
        return String::new();
    }
    let place = |index: &Index| index.index(chars.len());
    let part = |from: usize, to: usize| chars[from.min(chars.len())..to.min(chars.len())].iter().collect::<String>();
    let all = chars.len();
    match change {
        Change::Cut(at, length) => part(0, place(at)) + &part(place(at) + length, all),
        Change::Double(at, length) => part(0, place(at) + length) + &part(place(at), all),
        Change::Exchange(one, other) => {
            let (first, second) = (place(one).min(place(other)), place(one).max(place(other)));
            part(0, first) + &part(second, all) + &part(first, second)
        }
        Change::Insert(at, mark) => part(0, place(at)) + mark + &part(place(at), all),
        Change::End(at) => part(0, place(at)),
    }
}

fn answers() -> Vec<String> {
    let lines = include_str!("fixtures/gates/answers.jsonl").lines().filter(|line| !line.trim().is_empty());
    let expr = |line: &str| {
        let json: serde_json::Value = serde_json::from_str(line).expect("JSON");
        json["expr"].as_str().expect("an expression").to_owned()
    };
    lines.map(expr).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_broken_runbook_is_told_and_never_breaks_its_reader(text in select(RUNBOOKS), changes in prop::collection::vec(change(), 1..6)) {
        let text = changes.iter().fold(text.to_owned(), |text, one| changed(&text, one));
        let loaded = load("x.md", text.as_bytes());
        for diagnostic in &loaded.diagnostics {
            let span = diagnostic.span.clone();
            prop_assert!(loaded.text.get(span.clone()).is_some() || loaded.runbook.is_none(), "{:?}", diagnostic);
            let shown = diagnostic.render("x.md", &loaded.text, Style::Plain);
            prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", shown);
        }
        if let Some(runbook) = &loaded.runbook {
            prop_assert!(runbook.phases.iter().all(|phase| !phase.steps.is_empty()));
            if !runbook.strict {
                prop_assert!(!loaded.has_errors(), "a how-to has no errors: {:?}", loaded.diagnostics);
            }
        }
    }

    #[test]
    fn a_broken_line_is_read_or_refused(at in any::<Index>(), changes in prop::collection::vec(change(), 1..4)) {
        let (answers, facts) = (answers(), include_str!("fixtures/gates/facts.json"));
        let tree: Value = serde_json::from_str(facts).expect("the facts read");
        let line = changes.iter().fold(at.get(&answers).clone(), |line, one| changed(&line, one));
        match parse(&line) {
            Ok(expr) => {
                let again = parse(&expr.to_string());
                prop_assert!(again.is_ok(), "{} was written back as {}, which is refused", line, expr);
                let _ = expr.evaluate(&tree, &|_| None);
            }
            Err(error) => prop_assert!(line.get(error.span.clone()).is_some(), "{}: {:?}", line, error),
        }
    }
}
