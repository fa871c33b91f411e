//! What came of a rehearsal: a line a step and a summary.

use std::fmt::Write as _;

use super::script::Expect;
use crate::Time;

/// What came of one visit of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepOutcome {
    /// The step's id
    pub step: String,
    /// Its title
    pub title: String,
    /// When the visit began, lab time
    pub began: Time,
    /// When it ended, lab time
    pub ended: Time,
    /// What was expected
    pub expected: Expect,
    /// What came, with the words of the line that decided
    pub came: Result<Expect, String>,
    /// What decided: a blocking line, a skip's reason
    pub why: String,
}

impl StepOutcome {
    /// Whether it came as expected.
    pub fn is_ok(&self) -> bool {
        self.came == Ok(self.expected)
    }

    /// One line: `passed   stage-old   The active server goes into staging   4 min`
    pub fn line(&self) -> String {
        let came = match &self.came {
            Ok(came) => came.word().to_owned(),
            Err(_) => "FAILED".to_owned(),
        };
        let span = crate::text::age::duration(self.ended - self.began);
        let mark = if self.is_ok() { "ok " } else { "NOT" };
        let mut line = format!("{mark} {came:<11} {:<22} {:<48} {span}", self.step, self.title);
        let found = self.found();
        if !found.is_empty() {
            let _ = write!(line, "\n      {}", found.replace('\n', "\n      "));
        }
        line
    }

    /// What was expected and what came, in lines; of a visit that came as expected, what decided. Empty: nothing to tell.
    pub fn found(&self) -> String {
        match &self.came {
            Ok(came) if *came == self.expected && *came == Expect::Passed => String::new(),
            Ok(came) if *came == self.expected => self.why.clone(),
            Ok(came) => {
                let why = if self.why.is_empty() { String::new() } else { format!(":\n{}", self.why) };
                format!("expected {}, came out {}{why}", self.expected.word(), came.word())
            }
            Err(why) => format!("expected {}, but:\n{why}", self.expected.word()),
        }
    }
}

/// What came of a whole rehearsal.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The runbook's title
    pub runbook: String,
    /// The script's title or file name
    pub script: String,
    /// The scenario
    pub scenario: String,
    /// Visits in order
    pub steps: Vec<StepOutcome>,
    /// Whether it stopped at the last of them, which did not come out as it should
    pub stopped: bool,
    /// What went wrong outside a step (the session could not be closed, a visit of the script was never used)
    pub problems: Vec<String>,
    /// What the scenario would have done by itself and was not possible at its moment, with the reason
    pub left_out: Vec<String>,
    /// Lab time from first to last event
    pub lab_time: chrono::TimeDelta,
    /// Every event, for a report
    pub events: Vec<crate::session::Event>,
}

impl Outcome {
    /// Whether everything came as expected.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty() && self.steps.iter().all(StepOutcome::is_ok)
    }

    /// The summary line.
    pub fn summary(&self) -> String {
        let failed = self.steps.iter().filter(|step| !step.is_ok()).count() + self.problems.len();
        let passed = self.steps.iter().filter(|step| step.is_ok()).count();
        let span = crate::text::age::duration(self.lab_time);
        let stopped = if self.stopped { "; the rehearsal stopped there" } else { "" };
        format!("{passed} as expected, {failed} not{stopped}; {span} of lab time, {} events", self.events.len())
    }
}
