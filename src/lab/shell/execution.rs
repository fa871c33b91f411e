//! One run of a script: a machine that is polled, asks its host, and can wait for a moment of the server's clock.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Item;
use super::error;
use super::evaluate::Evaluator;
use super::host::Host;
use super::port::{Port, Request, Response};
use crate::Time;
use crate::powershell::Record;
use crate::powershell::syntax;
use crate::rb1::ErrorRecord;

/// One piece of a run's output.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// What the pipeline returned, as `Out-String -Width 120` prints it; every line ends with `\n`.
    Text(String),
    /// An error record, and how the 5.1 console prints it.
    Error {
        /// The record.
        record: ErrorRecord,
        /// Several lines, each with its `\n`.
        text: String,
    },
    /// Write-Warning
    Warning(String),
    /// Write-Verbose
    Verbose(String),
    /// Write-Host, Write-Information
    Information(String),
    /// Write-Progress
    Progress {
        /// What is being done.
        activity: String,
        /// How far it is, in words.
        status: String,
        /// Negative where unknown.
        percent: i64,
        /// The activity is over.
        completed: bool,
    },
    /// A line of a program's standard error.
    NativeError(String),
    /// One flat object of the pipeline, where they were asked for (`into`).
    Record(Record),
}

/// What a poll gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// In order; everything since the poll before.
    pub output: Vec<Output>,
    /// What is next.
    pub next: Next,
}

/// Whether and when to poll again.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one a poll, never kept")]
pub enum Next {
    /// At once: there is more to do. Between two polls a run can be stopped.
    Again,
    /// Not before this moment of the server's clock.
    At(Time),
    /// It is over.
    Finished(End),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// In PowerShell's own words.
    pub state: State,
    /// Whether there were errors, terminating or not.
    pub errors: bool,
    /// `$LASTEXITCODE`, where a program ran.
    pub exit: Option<i64>,
    /// The error that ended it.
    pub error: Option<ErrorRecord>,
    /// Objects past the limit of `into` that became no record.
    pub dropped: u64,
}

/// The state of a run that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To its end, with errors or without.
    Completed,
    /// By an error that nothing caught, a script that does not parse, or something that the lab does not play.
    Failed,
    /// By [`Execution::stop`].
    Stopped,
}

impl State {
    /// As in the agent's `end` frame.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}

/// A run of a script. Poll it until it is finished.
pub struct Execution {
    port: Port,
    /// Gone when it is over.
    script: Option<Pin<Box<dyn Future<Output = End> + Send>>>,
    end: Option<End>,
}

impl Execution {
    /// A run that has not begun. `variables` are set before (`Run` for `$Run`); `into` asks for records too.
    pub fn new(script: &str, variables: &Record, into: bool, now: Time) -> Self {
        let port = Port::new(now);
        let parsed = syntax::parse(script);
        let variables = variables.iter().map(|(name, value)| (name.to_owned(), Item::from(value.clone()))).collect();
        let evaluator = Evaluator::new(port.clone(), Arc::clone(&parsed.script.source), variables, into);
        Self { port, script: Some(Box::pin(evaluator.run(parsed))), end: None }
    }

    /// Runs until output is due, time must pass, or it is over. A run that is over says so again.
    pub fn poll(&mut self, host: &mut dyn Host) -> Progress {
        let next = self.advance(host);
        Progress { output: std::mem::take(&mut self.port.slot().output), next }
    }

    fn advance(&mut self, host: &mut dyn Host) -> Next {
        loop {
            let Some(script) = &mut self.script else {
                return Next::Finished(self.end.clone().unwrap_or_else(stopped));
            };
            // What was asked for first: a wait may be over now.
            self.port.slot().now = host.now();
            let request = self.port.slot().request.take();
            let response = match request {
                None => None,
                Some(Request::Sleep(until)) if host.now() < until => {
                    self.port.slot().request = Some(Request::Sleep(until));
                    return Next::At(until);
                }
                Some(Request::Sleep(_) | Request::Breathe) => Some(Response::Nothing),
                Some(Request::Command(name)) => Some(Response::Command(host.command(&name))),
                Some(Request::Environment(name)) => Some(Response::Environment(host.environment(&name))),
                Some(Request::Call(invocation)) => Some(Response::Reply(Box::new(host.call(&invocation)))),
            };
            self.port.slot().response = response;
            if let Poll::Ready(end) = script.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                self.script = None;
                self.end = Some(end);
            } else if matches!(self.port.slot().request, Some(Request::Breathe)) {
                return Next::Again;
            }
        }
    }

    /// Stops it where it stands (`finally` blocks do not run); the next poll says `Stopped`.
    pub fn stop(&mut self) {
        if self.script.take().is_some() {
            self.end = Some(stopped());
        }
    }
}

/// What PowerShell's own parser would refuse in a script, as error records; nothing is run.
pub fn parse_errors(script: &str) -> Vec<ErrorRecord> {
    let parsed = syntax::parse(script);
    let record =
        |error| error::ErrorRecord::of_language(error::syntax(error), &parsed.script.source, error.span.clone()).to_frame();
    parsed.errors.iter().map(record).collect()
}

fn stopped() -> End {
    End { state: State::Stopped, errors: false, exit: None, error: None, dropped: 0 }
}
