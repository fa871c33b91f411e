//! The outcome of rehearsals as JUnit XML, which every CI reads.

use std::fmt::Write as _;

use super::outcome::Outcome;

/// One `testsuite` a rehearsal. Times are seconds of lab time.
pub fn xml(outcomes: &[Outcome]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for outcome in outcomes {
        let failures = outcome.steps.iter().filter(|step| !step.is_ok()).count();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{}\" time=\"{}\">",
            escape(&format!("{} / {}", outcome.runbook, outcome.script)),
            outcome.steps.len() + outcome.problems.len(),
            outcome.problems.len(),
            outcome.lab_time.num_seconds()
        );
        for step in &outcome.steps {
            let _ = write!(
                out,
                "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
                escape(&outcome.scenario),
                escape(&format!("{} {}", step.step, step.title)),
                (step.ended - step.began).num_seconds()
            );
            if step.is_ok() {
                out.push_str("/>\n");
            } else {
                let found = step.found();
                let message = found.lines().take(2).collect::<Vec<_>>().join(" ");
                let _ = write!(
                    out,
                    ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                    escape(&message),
                    escape(&found)
                );
            }
        }
        for problem in &outcome.problems {
            let _ = write!(
                out,
                "    <testcase classname=\"{}\" name=\"session\">\n      <error message=\"{}\"/>\n    </testcase>\n",
                escape(&outcome.scenario),
                escape(problem)
            );
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
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
