//! What a run history tells: the newest run of a kind, the newest complete cycle, and what may have been purged from it.
//! History that may be gone is unknown, never null.

use chrono::TimeDelta;

use super::words;
use crate::Time;
use crate::powershell::{Record, Value};

/// What a run does, by its profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `Full Import`, `Delta Import`
    Import,
    /// `Full Synchronization`, `Delta Synchronization`
    Sync,
    /// `Export`
    Export,
}

impl Kind {
    /// By the profile's name; none for a profile of somebody's own making.
    pub fn of(profile: &str) -> Option<Self> {
        let has = |word: &str| profile.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
        [("import", Self::Import), ("synchronization", Self::Sync), ("export", Self::Export)]
            .into_iter()
            .find_map(|(word, kind)| has(word).then_some(kind))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sync => "synchronization",
            Self::Export => "export",
        }
    }
}

/// What became of a run, by its result's text; a text that nobody has seen yet is a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// `in-progress`
    Running,
    /// `success` and the like
    Success,
    /// It went through with something to look at
    Warnings,
    /// It went through; objects failed
    ObjectErrors,
    /// It did not start because another run was under way: it is tried again by itself
    Transient,
    /// It did not start or did not end
    Failed,
}

const COMPLETED: &str = "completed-";
const SUCCESSES: &[&str] = &["success", "success-can-resume", "completed-no-objects", "completed-skipped-already-completed"];
const OBJECT_ERRORS: &[&str] =
    &["completed-sync-errors", "completed-export-errors", "completed-import-errors", "completed-discovery-errors"];
const TRANSIENT: &[&str] =
    &["no-start-ma-already-running", "no-start-ma-update-in-progress", "no-start-ma-concurrent-operation-disallowed"];

impl Outcome {
    /// By the result's text.
    pub fn of(result: &str) -> Self {
        let is = |known: &[&str]| known.iter().any(|word| word.eq_ignore_ascii_case(result));
        let completed = result.get(..COMPLETED.len()).is_some_and(|start| start.eq_ignore_ascii_case(COMPLETED));
        match () {
            () if is(&["in-progress"]) => Self::Running,
            () if is(SUCCESSES) => Self::Success,
            () if is(OBJECT_ERRORS) => Self::ObjectErrors,
            () if is(TRANSIENT) => Self::Transient,
            () if completed => Self::Warnings,
            () => Self::Failed,
        }
    }

    /// Whether the run reached its end: objects that failed are a matter of their own.
    pub fn went_through(self) -> bool {
        matches!(self, Self::Success | Self::Warnings | Self::ObjectErrors)
    }
}

/// One entry of `RunHistory`.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a>(pub &'a Record);

impl<'a> Run<'a> {
    fn text(self, name: &str) -> &'a str {
        self.0.get(name).and_then(Value::as_text).unwrap_or_default()
    }

    /// The connector's name.
    pub fn connector(self) -> &'a str {
        self.text("ConnectorName")
    }

    /// The profile's name.
    pub fn profile(self) -> &'a str {
        self.text("RunProfileName")
    }

    /// The result's text.
    pub fn result(self) -> &'a str {
        self.text("Result")
    }

    /// What became of it.
    pub fn outcome(self) -> Outcome {
        Outcome::of(self.result())
    }

    /// When it began.
    pub fn start(self) -> Option<Time> {
        self.0.get("StartDate")?.as_time()
    }

    /// When it ended.
    pub fn end(self) -> Option<Time> {
        self.0.get("EndDate")?.as_time()
    }

    /// Why objects failed, each reason once; the error is why that is unknown.
    pub fn error_types(self) -> Result<Vec<&'a str>, String> {
        match self.0.get("ErrorTypes") {
            Some(Value::Array(types)) => Ok(types.iter().filter_map(Value::as_text).collect()),
            Some(Value::Unknown(why)) => Err(why.clone()),
            _ => Err("the reasons of its errors were not read".to_owned()),
        }
    }

    /// A whole number of the entry.
    pub fn int(self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_int()
    }
}

/// The newest complete cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// When it began
    pub start: Time,
    /// When it ended
    pub end: Time,
    /// `Delta` or `Initial`
    pub policy: String,
    /// Whether every run of it went through without object errors; none where its runs are gone from the history
    pub succeeded: Option<bool>,
}

/// A server's run history, newest first.
#[derive(Debug, Clone)]
pub struct History<'a> {
    runs: Vec<Run<'a>>,
    begins: Option<Time>,
}

/// Runs of one cycle follow one another within seconds; this much silence between two means another cycle.
const BETWEEN_CYCLES: TimeDelta = TimeDelta::seconds(60);

impl<'a> History<'a> {
    /// Out of the values of the group `runs`; the error is why the history is unknown.
    pub fn of(runs: &'a Record) -> Result<Self, String> {
        match runs.get("RunHistory") {
            Some(Value::Array(entries)) => {
                let mut runs_of: Vec<Run<'_>> = entries.iter().filter_map(Value::as_object).map(Run).collect();
                runs_of.sort_by_cached_key(|run| std::cmp::Reverse(run.start()));
                let oldest = runs_of.iter().filter_map(|run| run.start()).min();
                let begins = runs.get("RunHistoryBegins").and_then(Value::as_time).or(oldest);
                Ok(Self { runs: runs_of, begins })
            }
            Some(Value::Unknown(why)) => Err(why.clone()),
            _ => Err("the run history was not read".to_owned()),
        }
    }

    /// The runs, newest first.
    pub fn runs(&self) -> &[Run<'a>] {
        &self.runs
    }

    /// A connector's newest run of a kind, as an entry; `$null` where it certainly never had one.
    pub fn last(&self, connector: &str, kind: Kind) -> Value {
        let mut of_connector = self.runs.iter().filter(|run| run.connector().eq_ignore_ascii_case(connector));
        match of_connector.find(|run| Kind::of(run.profile()) == Some(kind)) {
            Some(run) => Value::Object(run.0.clone()),
            None if self.is_whole_for(connector) => Value::Null,
            None => Value::unknown(self.none_of(kind.word())),
        }
    }

    /// Of each connector's newest run with that profile that went through, the oldest end.
    pub fn oldest_of_newest(&self, profile: &str, connectors: &[String]) -> Value {
        let newest = |connector: &String| {
            self.runs
                .iter()
                .filter(|run| run.connector().eq_ignore_ascii_case(connector) && run.profile().eq_ignore_ascii_case(profile))
                .find(|run| run.outcome().went_through())
                .and_then(|run| run.end().or_else(|| run.start()))
                .ok_or_else(|| self.none_of(&format!("{} of {connector}", profile.to_ascii_lowercase())))
        };
        match connectors.iter().map(newest).collect::<Result<Vec<_>, _>>() {
            Ok(times) => times.into_iter().min().map_or_else(|| Value::unknown("the server has no connector"), Value::DateTime),
            Err(why) => Value::Unknown(why),
        }
    }

    /// The newest cycle that is certainly over. `running` says whether the scheduler was seen in a cycle, and when that
    /// was seen; `events` are those of the event log, where they were read.
    pub fn last_cycle(&self, running: (bool, Time), events: &[Value]) -> Option<Cycle> {
        let told = self.cycle_of_events(events);
        let seen = self.cycle_of_runs(running);
        match (told, seen) {
            (Some(told), Some(seen)) => Some(if seen.start > told.end { seen } else { told }),
            (told, seen) => told.or(seen),
        }
    }

    /// By event 904: its start and its end are in the scheduler's own words.
    fn cycle_of_events(&self, events: &[Value]) -> Option<Cycle> {
        let mut told: Vec<(Time, &str)> = events
            .iter()
            .filter(|event| event.at("Id").and_then(Value::as_int) == Some(904))
            .filter_map(|event| Some((event.at("TimeCreated")?.as_time()?, event.at("Message")?.as_text()?)))
            .collect();
        told.sort_by_key(|(time, _)| *time);
        let ended = told.iter().rposition(|(_, message)| message.contains("cycle completed"))?;
        let began = told[..ended].iter().rposition(|(_, message)| message.contains("cycle started"))?;
        let ((start, _), (end, message)) = (told[began], told[ended]);
        let policy = if message.contains("Initial") { "Initial" } else { "Delta" };
        let of_cycle: Vec<_> = self.runs.iter().filter(|run| run.start().is_some_and(|at| start <= at && at <= end)).collect();
        let succeeded = (!of_cycle.is_empty()).then(|| of_cycle.iter().all(|run| succeeded(run.outcome())));
        Some(Cycle { start, end, policy: policy.to_owned(), succeeded })
    }

    /// By runs that follow one another: the newest such row that imported and synchronised and is over.
    fn cycle_of_runs(&self, (running, seen_at): (bool, Time)) -> Option<Cycle> {
        let mut rows: Vec<Vec<Run<'_>>> = Vec::new();
        for run in self.runs.iter().rev().filter(|run| run.start().is_some()) {
            let ended = rows.last().and_then(|row| row.iter().filter_map(|run| run.end()).max());
            // A cycle imports first: an import after a synchronization belongs to the next one, however soon that came.
            let begins = Kind::of(run.profile()) == Some(Kind::Import)
                && rows.last().is_some_and(|row| row.iter().any(|run| Kind::of(run.profile()) == Some(Kind::Sync)));
            match (rows.last_mut(), ended, run.start()) {
                (Some(row), Some(ended), Some(start)) if !begins && start.signed_duration_since(ended) <= BETWEEN_CYCLES => {
                    row.push(*run);
                }
                _ => rows.push(vec![*run]),
            }
        }
        rows.iter().rev().find_map(|row| {
            let start = row.iter().filter_map(|run| run.start()).min()?;
            let end = row.iter().map(|run| run.end()).collect::<Option<Vec<_>>>()?.into_iter().max()?;
            let has = |kind| row.iter().any(|run| Kind::of(run.profile()) == Some(kind));
            // The scheduler's word must be later than the row's end, and a cycle that runs may be this very row.
            let over = seen_at >= end && (!running || seen_at.signed_duration_since(end) > BETWEEN_CYCLES);
            (over && has(Kind::Import) && has(Kind::Sync)).then(|| {
                let mut syncs = row.iter().filter(|run| Kind::of(run.profile()) == Some(Kind::Sync));
                let initial = syncs.all(|run| run.profile().to_ascii_lowercase().starts_with("full"));
                let policy = if initial { "Initial" } else { "Delta" };
                Cycle { start, end, policy: policy.to_owned(), succeeded: Some(row.iter().all(|run| succeeded(run.outcome()))) }
            })
        })
    }

    /// Whether nothing of the connector can have been purged: its very first run is still there.
    fn is_whole_for(&self, connector: &str) -> bool {
        let first = |run: &&Run<'_>| run.int("RunNumber") == Some(1);
        let own = self.runs.iter().filter(first).any(|run| run.connector().eq_ignore_ascii_case(connector));
        // Where runs are numbered over all connectors, no two have one number.
        let mut numbers: Vec<_> = self.runs.iter().map(|run| run.int("RunNumber")).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let one_row = numbers.len() == self.runs.len() && self.runs.iter().any(|run| first(&run));
        own || (one_row && self.runs.iter().any(|run| !run.connector().eq_ignore_ascii_case(connector)))
    }

    fn none_of(&self, what: &str) -> String {
        match (self.runs.is_empty(), self.begins) {
            (true, _) => "the run history is empty".to_owned(),
            (false, Some(begins)) => format!("no {what} in the run history, which begins {}", words::day(begins)),
            (false, None) => format!("no {what} in the run history"),
        }
    }
}

fn succeeded(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Success | Outcome::Warnings)
}
