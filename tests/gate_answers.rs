//! Every answer that real PowerShell gave to 500 gate lines over one set of facts: ours are the same. Where PowerShell
//! throws, the line is Unknown and says PowerShell's words.

use lockstep::gate::{Truth, parse};
use lockstep::powershell::Value;

const FACTS: &str = include_str!("fixtures/gates/facts.json");
const ANSWERS: &str = include_str!("fixtures/gates/answers.jsonl");

#[test]
fn every_answer_is_powershells() {
    let tree: Value = serde_json::from_str(FACTS).unwrap();
    let mut wrong = Vec::new();
    let mut answered = 0;
    for line in ANSWERS.lines() {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        let (line, expected) = (answer["expr"].as_str().unwrap(), answer["result"].as_str().unwrap());
        let outcome = parse(line).unwrap_or_else(|error| panic!("{line}: {error}")).evaluate(&tree, &|_| None);
        let same = match outcome.truth {
            Truth::Unknown => expected == "Error: ComparisonFailure" && outcome.why.starts_with("Could not compare \""),
            known => known.to_string() == expected,
        };
        if !same {
            wrong.push(format!("{line}\n    PowerShell: {expected}, ours: {} ({})", outcome.truth, outcome.why));
        }
        answered += 1;
    }
    assert_eq!(answered, 500);
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn errors_say_powershells_words() {
    let tree: Value = serde_json::from_str(FACTS).unwrap();
    for (line, words) in [
        (
            "$new.Version -le 'ec02'",
            "Could not compare \"2.6.92.0\" to \"ec02\". Error: \"Cannot convert value \"ec02\" to type \"System.Version\". \
             Error: \"Version string portion was too short or too long.\"\"",
        ),
        (
            "$old.Scheduler.CustomizedSyncCycleInterval -ge [datetime]'2026-11-20T03:05:00Z'",
            "Could not compare \"03:00:00\" to \"11/20/2026 03:05:00\". Error: \"Cannot convert value \"11/20/2026 03:05:00\" to \
             type \"System.TimeSpan\". Error: \"Invalid cast from 'System.DateTime' to 'System.TimeSpan'.\"\"",
        ),
        (
            "[int]'abc'",
            "Cannot convert value \"abc\" to type \"System.Int32\". Error: \"Input string was not in a correct format.\"",
        ),
        ("$new.LastExport[0]", "Cannot index into a null array."),
    ] {
        let outcome = parse(line).unwrap().evaluate(&tree, &|_| None);
        assert_eq!((outcome.truth, outcome.why.as_str()), (Truth::Unknown, words), "{line}");
    }
}
