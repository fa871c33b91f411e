//! The outcome of rehearsals as JUnit XML, which every CI reads.

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::outcome::{Outcome, StepOutcome};

/// One `testsuite` a rehearsal, one `testcase` a visit of a step. Times are seconds of lab time.
pub fn xml(outcomes: &[Outcome]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for outcome in outcomes {
        suite(&mut out, outcome);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, outcome: &Outcome) {
    let name = escape(&format!("{} / {}", outcome.runbook, outcome.script));
    let failures = outcome.steps.iter().filter(|step| !step.is_ok()).count();
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" errors=\"{}\" time=\"{}\">",
        outcome.steps.len() + outcome.problems.len(),
        outcome.problems.len(),
        seconds(outcome.lab_time)
    );
    let scenario = escape(&outcome.scenario);
    let _ = writeln!(out, "    <properties><property name=\"scenario\" value=\"{scenario}\"/></properties>");
    for (at, step) in outcome.steps.iter().enumerate() {
        // A CI server knows a case by its name: the second visit of a step has one of its own.
        let visit = 1 + outcome.steps[..at].iter().filter(|before| before.step == step.step).count();
        case(out, &name, step, visit);
    }
    for problem in &outcome.problems {
        let message = escape(problem);
        let _ = writeln!(out, "    <testcase classname=\"{name}\" name=\"session\"><error message=\"{message}\"/></testcase>");
    }
    if !outcome.left_out.is_empty() {
        let told: Vec<String> = outcome.left_out.iter().map(|left| format!("left out of the scenario: {left}")).collect();
        let _ = writeln!(out, "    <system-out>{}</system-out>", escape(&told.join("\n")));
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, suite: &str, step: &StepOutcome, visit: usize) {
    let visit = if visit > 1 { format!(", visit {visit}") } else { String::new() };
    let name = escape(&format!("{} {}{visit}", step.step, step.title));
    let time = seconds(step.ended - step.began);
    let _ = write!(out, "    <testcase classname=\"{suite}\" name=\"{name}\" time=\"{time}\"");
    if step.is_ok() {
        out.push_str("/>\n");
        return;
    }
    let found = step.found();
    let message = found.lines().take(2).collect::<Vec<_>>().join(" ");
    let (message, found) = (escape(&message), escape(&found));
    let _ = write!(out, ">\n      <failure message=\"{message}\">{found}</failure>\n    </testcase>\n");
}

/// `75.300`
fn seconds(span: TimeDelta) -> String {
    let millis = span.num_milliseconds().max(0);
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// Text as XML attribute text; what XML 1.0 cannot hold becomes `?`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}
