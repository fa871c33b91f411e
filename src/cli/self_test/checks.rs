//! The checks that are a short script and what must come of it. None of them changes anything on the server.

use std::time::Duration;

use super::probe::Outcome;
use super::shown;
use crate::powershell::Value;
use crate::rb1::Stream;
use crate::session::event::EndState;

/// What came of a check.
pub(super) enum Verdict {
    Passed(String),
    Failed(String),
    /// Neither good nor bad by itself.
    Noted(String),
}

/// A script and its judge.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) script: &'static str,
    pub(super) vars: &'static [(&'static str, &'static str)],
    pub(super) judge: fn(&Outcome) -> Verdict,
}

const fn check(name: &'static str, script: &'static str, judge: fn(&Outcome) -> Verdict) -> Check {
    Check { name, script, vars: &[], judge }
}

const FOREIGN: &str = "gr\u{fc}\u{df}e \u{6f22}\u{5b57} \u{1f600}";
const HOSTILE: &str = "x'; Write-Output (1+1) \" $(2+2) `n ; \u{2019} end";

const NATIVE: &str = "if ([IO.Path]::DirectorySeparatorChar -eq '\\') { & \"$env:SystemRoot\\System32\\sort.exe\" } else { & /bin/cat }\n'the child is gone'";
const EXIT_3: &str = "if ([IO.Path]::DirectorySeparatorChar -eq '\\') { & \"$env:SystemRoot\\System32\\cmd.exe\" /c exit 3 } else { & /bin/sh -c 'exit 3' }";
const STREAMS: &str =
    "Write-Warning 'w'; Write-Verbose 'v' -Verbose; Write-Host 'h'; Write-Error 'e' -ErrorAction Continue; 'after'";

/// In the order of the report.
pub(super) const CHECKS: &[Check] = &[
    check("text beyond ASCII comes back", "'gr\u{fc}\u{df}e \u{6f22}\u{5b57} \u{1f600}'", |outcome| line(outcome, FOREIGN)),
    Check {
        name: "a value is never taken for code",
        script: "$Run.Text",
        vars: &[("Text", HOSTILE)],
        judge: |outcome| line(outcome, HOSTILE),
    },
    check("a native program cannot eat our input", NATIVE, |outcome| line(outcome, "the child is gone")),
    check("the exit code of a native program", EXIT_3, |outcome| exit_code(outcome, Some(3))),
    check("no stale exit code", "'nothing native'", |outcome| exit_code(outcome, None)),
    check("the streams are told apart", STREAMS, streams),
    check("a terminating error has its words", "throw 'no such connector'", terminating),
    check("a prompt fails instead of waiting", "Read-Host 'name'", prompt),
    check(
        "Format-Table prints one table",
        "1..3 | ForEach-Object { [pscustomobject]@{ N = $_; Square = $_ * $_ } } | Format-Table",
        table,
    ),
    check("a UTC date", "[pscustomobject]@{ V = New-Object datetime(2026, 11, 21, 3, 0, 0, [DateTimeKind]::Utc) }", |o| {
        value(o, r#"{"$datetime":"2026-11-21T03:00:00Z"}"#)
    }),
    check("a date without a kind is UTC", "[pscustomobject]@{ V = New-Object datetime(2026, 11, 21, 3, 0, 0) }", |o| {
        value(o, r#"{"$datetime":"2026-11-21T03:00:00Z"}"#)
    }),
    check("a time span", "[pscustomobject]@{ V = [timespan]'7.00:30:00' }", |o| value(o, r#"{"$timespan":"7.00:30:00"}"#)),
    check("a version", "[pscustomobject]@{ V = [version]'2.6.92.0' }", |o| value(o, r#"{"$version":"2.6.92.0"}"#)),
    check("an enum is its word", "[pscustomobject]@{ V = [DayOfWeek]::Monday }", |o| value(o, r#""Monday""#)),
    check("an array of one stays an array", "[pscustomobject]@{ V = @('one') }", |o| value(o, r#"["one"]"#)),
    check("an empty array stays one", "[pscustomobject]@{ V = @() }", |o| value(o, "[]")),
    check("nothing is null", "[pscustomobject]@{ V = $null }", |o| value(o, "null")),
    check("ADSync's scheduler answers", "(Get-ADSyncScheduler).StagingModeEnabled", scheduler),
];

fn line(outcome: &Outcome, wanted: &str) -> Verdict {
    let found = outcome.lines.iter().find(|line| line.stream == Stream::Stdout).map_or("", |line| line.text.as_str());
    let same = found == crate::text::Safe::line(wanted).as_str();
    if same && outcome.ended.state == EndState::Completed {
        Verdict::Passed(format!("{} ms", outcome.took.as_millis()))
    } else {
        Verdict::Failed(format!("expected '{wanted}', found '{found}'; {}", end(outcome)))
    }
}

fn end(outcome: &Outcome) -> String {
    let why = outcome.ended.why.as_deref().unwrap_or("no reason given");
    format!("{:?}, {why}", outcome.ended.state)
}

fn exit_code(outcome: &Outcome, wanted: Option<i64>) -> Verdict {
    let told = |exit: Option<i64>| exit.map_or_else(|| "none".to_owned(), |exit| exit.to_string());
    if outcome.ended.exit == wanted {
        Verdict::Passed(told(wanted))
    } else {
        Verdict::Failed(format!("expected {}, found {}", told(wanted), told(outcome.ended.exit)))
    }
}

fn streams(outcome: &Outcome) -> Verdict {
    let missing: Vec<String> = [Stream::Warning, Stream::Verbose, Stream::Info, Stream::Error, Stream::Stdout]
        .iter()
        .filter(|stream| !outcome.lines.iter().any(|line| line.stream == **stream))
        .map(|stream| format!("{stream:?}"))
        .collect();
    if missing.is_empty() {
        Verdict::Passed("five".to_owned())
    } else {
        Verdict::Failed(format!("missing: {}", missing.join(", ")))
    }
}

fn terminating(outcome: &Outcome) -> Verdict {
    let words = outcome.ended.why.as_deref().unwrap_or_default();
    if outcome.ended.state == EndState::Failed && words.contains("no such connector") {
        Verdict::Passed(words.to_owned())
    } else {
        Verdict::Failed(end(outcome))
    }
}

fn prompt(outcome: &Outcome) -> Verdict {
    let quick = outcome.took < Duration::from_secs(20);
    if quick && (outcome.ended.errors > 0 || outcome.ended.state == EndState::Failed) {
        Verdict::Passed(format!("{} ms", outcome.took.as_millis()))
    } else {
        Verdict::Failed(format!("{} after {} ms", end(outcome), outcome.took.as_millis()))
    }
}

fn table(outcome: &Outcome) -> Verdict {
    let heads = outcome.lines.iter().filter(|line| line.text.as_str().contains("Square")).count();
    let last = outcome.lines.iter().any(|line| line.text.as_str().split_whitespace().eq(["3", "9"]));
    if heads == 1 && last {
        Verdict::Passed("one heading".to_owned())
    } else {
        Verdict::Failed(format!("{heads} headings; {}", end(outcome)))
    }
}

fn value(outcome: &Outcome, wanted: &str) -> Verdict {
    let records = outcome.ended.results.as_ref().map(|results| results.records.as_slice()).unwrap_or_default();
    let found = shown(records.first().and_then(|record| record.at("V")));
    if records.len() == 1 && found == wanted {
        Verdict::Passed(found)
    } else {
        Verdict::Failed(format!("expected {wanted}, found {found} in {} records; {}", records.len(), end(outcome)))
    }
}

fn scheduler(outcome: &Outcome) -> Verdict {
    let records = outcome.ended.results.as_ref().map(|results| results.records.as_slice()).unwrap_or_default();
    if let Some(Value::Bool(staging)) = records.first().and_then(|record| record.at("Value")) {
        return Verdict::Passed(format!("StagingModeEnabled {staging}"));
    }
    let words = outcome.lines.iter().find(|line| line.stream == Stream::Error).map_or("no answer", |line| line.text.as_str());
    Verdict::Noted(words.to_owned())
}
