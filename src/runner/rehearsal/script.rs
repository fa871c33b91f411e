//! A rehearsal script: what the operator does at each step, and what must come of it. What it does not say, the usual
//! operator does: tick, acknowledge, attach, fill in the examples, run what is asked for, confirm, wait as the gate allows.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// A whole script.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// In words
    pub title: String,
    /// The lab's scenario
    pub scenario: Option<String>,
    /// The world's seed
    pub seed: Option<u64>,
    /// Which of the scenario's servers plays a role of the runbook; what is missing is played by the one of that name
    pub servers: BTreeMap<String, String>,
    /// Inputs by name; what is missing takes its example
    pub inputs: BTreeMap<String, String>,
    /// What the operator does, matched by step: the first unused visit of the step that opens
    pub steps: Vec<Visit>,
    /// How the session is closed
    pub end: End,
    /// The session that follows in the same world
    pub then: Option<Then>,
}

/// A session that follows another one in the same world: another runbook, some time later.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// Its runbook: a path, seen from the script's folder
    pub runbook: String,
    /// In words; none: the title of the script that it follows
    #[serde(default)]
    pub title: Option<String>,
    /// Which of the scenario's servers plays a role of the runbook
    #[serde(default)]
    pub servers: BTreeMap<String, String>,
    /// How long nobody is there in between; the world goes on
    #[serde(default)]
    pub after: Option<Span>,
    /// Inputs by name; what is missing takes its example
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// What the operator does
    #[serde(default)]
    pub steps: Vec<Visit>,
    /// How the session is closed
    #[serde(default)]
    pub end: End,
}

/// How a rehearsal ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Every step done, closed as completed.
    #[default]
    Completed,
    /// Closed as aborted, after the last visit of the script.
    Aborted,
    /// Closed as rolled back, after the last visit of the script.
    RolledBack,
}

/// One visit of one step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The step's id
    pub step: String,
    /// Acts before the usual ones, in order
    #[serde(default, rename = "do")]
    pub acts: Vec<Act>,
    /// Commands that are run, by id; none: every one with `run=ask`
    #[serde(default)]
    pub run: Option<Vec<String>>,
    /// What must come of it
    #[serde(default)]
    pub expect: Expect,
    /// A fragment of the line that blocks, or of the reason it is skipped for
    #[serde(default)]
    pub because: Option<String>,
    /// The reason of the waiver, where `expect: waived`
    #[serde(default)]
    pub waive: Option<String>,
}

/// What comes of a visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The step is confirmed on a gate that passed.
    #[default]
    Passed,
    /// The gate does not pass, or the step may not begin; the visit ends there.
    Blocked,
    /// The step is confirmed with a waiver.
    Waived,
    /// Its condition does not hold.
    Skipped,
    /// A command of it is interrupted; the visit ends there.
    Interrupted,
    /// The visit leaves the step open (an aside was entered).
    Left,
}

impl Expect {
    /// The word in the output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Blocked => "blocked",
            Self::Waived => "waived",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
            Self::Left => "left",
        }
    }
}

/// One act of the operator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// A verb of the lab panel.
    Lab(String),
    /// Let time pass.
    Wait(Span),
    /// Let time pass until a gate line is true (at most two days).
    Until(String),
    /// Run a command and let it end.
    Run(String),
    /// Start a command and lose its connection.
    Interrupt(String),
    /// Say what became of the interrupted command.
    Resolve(Resolve),
    /// Write a note.
    Note(String),
    /// Fill in fields of a form by hand.
    Form(BTreeMap<String, BTreeMap<String, String>>),
    /// Start a command and stop it before it ends.
    Cancel(String),
    /// Say whether the step applies, where its `when` is Unknown.
    Applies(Applies),
    /// Open a done step again.
    Reopen(Reopen),
    /// Acknowledge a finding.
    Acknowledge(String),
    /// Record that a server cannot export.
    Isolate(Isolate),
    /// Enter an aside.
    Aside(String),
    /// Leave the aside.
    Leave(Leave),
    /// A finding must fire now.
    Finding(String),
    /// A finding must not fire now.
    NoFinding(String),
    /// A gate line must be true now.
    Check(String),
}

/// `leave: now`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leave {
    /// At once.
    Now,
}

/// What became of an interrupted command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// `finished` or `did_not_run`
    pub how: crate::session::event::Resolution,
    /// How that is known
    pub reason: String,
}

/// The answer to a condition that is Unknown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// Whether the step applies
    pub applies: bool,
    /// Why
    pub reason: String,
}

/// A done step that is opened again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reopen {
    /// The step's id
    pub step: String,
    /// Why
    pub reason: String,
}

/// A record of isolation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isolate {
    /// Role name
    pub server: String,
    /// How it was isolated
    pub how: String,
    /// How that was checked
    pub checked: String,
}

/// A span of lab time: `90s`, `10m`, `2h`, `35d`, at most `400d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

/// As long as the lab jumps ahead at once.
const LONGEST: Duration = Duration::from_secs(400 * 86_400);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::runbook::parse_duration(&text).filter(|span| *span <= LONGEST).map(Self).ok_or_else(|| {
            let why = format!("a span such as 90s, 10m, 2h or 35d is expected, at most 400d, found '{text}'");
            serde::de::Error::custom(why)
        })
    }
}

/// Words of the reader of YAML, and what a person says.
const PLAIN: [(&str, &str); 4] = [
    ("sequence start", "a list (lines that begin with '- ')"),
    ("mapping start", "keys with values"),
    ("string scalar", "a text"),
    ("unknown variant", "unknown word"),
];

impl Script {
    /// Reads a script. The error names the place and what was expected there.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| {
            let words = error.to_string().trim_start_matches("error: ").to_owned();
            PLAIN.iter().fold(words, |words, (said, plain)| words.replace(said, plain))
        })
    }

    /// The script of the session that follows, where there is one.
    pub fn following(&self) -> Option<Self> {
        let then = self.then.as_ref()?;
        Some(Self {
            title: then.title.clone().unwrap_or_else(|| self.title.clone()),
            scenario: self.scenario.clone(),
            seed: self.seed,
            servers: then.servers.clone(),
            inputs: then.inputs.clone(),
            steps: then.steps.clone(),
            end: then.end.clone(),
            then: None,
        })
    }
}
