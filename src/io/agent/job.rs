//! The one request that an agent process is busy with: a read, or a run.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::event::{AgentEvent, Ended};
use super::lane::Told;
use super::order::{Options, RunOrder};
use super::output::{RunOutput, error_text};
use super::tail::SharedTail;
use crate::facts::ServerName;
use crate::io::transcript::{TranscriptFile, free_space};
use crate::rb1::{ErrorRecord, Frame, Group, Stream};
use crate::session::event::{EndState, Output, Results, Transcript};
use crate::text::{Safe, hex};

/// A request under way.
pub(super) enum Job {
    Read(ReadJob),
    Parse(ParseJob),
    Run(Box<RunJob>),
}

/// How long an agent may take to read a text without running it.
const PARSING: Duration = Duration::from_secs(30);

pub(super) struct ParseJob {
    server: ServerName,
    script: String,
    deadline: Instant,
}

impl ParseJob {
    /// Asked just now.
    pub(super) fn new(server: ServerName, script: String) -> Self {
        Self { server, script, deadline: Instant::now() + PARSING }
    }

    fn end(self, frame: Frame, told: &Told) {
        let Frame::End { state, err, .. } = frame else { return };
        if state != "Busy" {
            let problem = err.map(|err| Safe::line(&err.message.replace('\n', "; ")).into_string());
            told.tell(AgentEvent::Parsed { server: self.server, script: self.script, problem });
        }
    }
}

pub(super) struct ReadJob {
    server: ServerName,
    groups: Vec<Group>,
    asked: Instant,
    deadline: Instant,
}

impl ReadJob {
    /// Asked just now. Each group has its own deadline on the server; past all of them, and some, the agent is stuck.
    pub(super) fn new(server: ServerName, groups: Vec<Group>, deadline: Duration, options: &Options) -> Self {
        let asked = Instant::now();
        let rounds = u32::try_from(groups.len()).unwrap_or(u32::MAX);
        Self { server, deadline: asked + deadline.saturating_mul(rounds) + options.stop_grace, asked, groups }
    }

    fn take(&mut self, frame: Frame, told: &Told) -> Result<(), String> {
        match frame {
            Frame::Reading { group, .. } => {
                self.groups.retain(|open| *open != group);
                told.tell(AgentEvent::Reading { server: self.server.clone(), asked_elapsed: self.asked.elapsed(), frame });
                Ok(())
            }
            Frame::Stuck { ms, .. } => Err(format!("the read did not stop for {} s", ms / 1000)),
            _ => Ok(()),
        }
    }

    fn end(self, frame: Frame, told: &Told) {
        let Frame::End { state, err, .. } = frame else { return };
        let why = err.map_or_else(|| format!("the read ended as {state}"), |err| err.message);
        self.close(&Safe::line(&why).into_string(), told);
    }

    /// What was not answered has failed.
    fn close(self, why: &str, told: &Told) {
        if !self.groups.is_empty() {
            told.tell(AgentEvent::ReadFailed { server: self.server, groups: self.groups, why: why.to_owned() });
        }
    }
}

pub(super) struct RunJob {
    pub(super) order: RunOrder,
    output: RunOutput,
    stop_by: Option<Instant>,
    dropped: u64,
}

impl RunJob {
    /// Makes the transcript. The error says why it must not begin.
    pub(super) fn prepare(order: RunOrder, tail: SharedTail, options: &Options) -> Result<Self, Box<Ended>> {
        let refuse = |order: &RunOrder, why: String| Err(Box::new(never_began(order, why)));
        let dir = order.transcript.parent().unwrap_or(&order.transcript);
        if let Some(free) = free_space(dir).filter(|free| *free < options.free_space) {
            let why = format!(
                "only {} MiB are free where transcripts are kept ({}); at least {} MiB are wanted before a command runs",
                free >> 20,
                dir.display(),
                options.free_space >> 20
            );
            return refuse(&order, why);
        }
        match TranscriptFile::create(&order.transcript, options.transcript_cap) {
            Ok(file) => Ok(Self { order, output: RunOutput::new(file, tail), stop_by: None, dropped: 0 }),
            Err(error) => {
                let why = format!("the transcript '{}' cannot be made: {error}", order.transcript.display());
                refuse(&order, why)
            }
        }
    }

    /// It was asked to stop; past this moment its agent is ended.
    pub(super) fn stopping(&mut self, options: &Options) {
        self.stop_by.get_or_insert(Instant::now() + options.stop_grace);
    }

    /// The view is told once until it has looked.
    fn tell_changed(&self, tell: bool, told: &Told) {
        if tell {
            told.tell(AgentEvent::OutputChanged { run: self.order.run.clone() });
        }
    }

    fn take(&mut self, frame: Frame, told: &Told) -> Result<(), String> {
        match frame {
            Frame::Started { sha256, .. } => {
                let sha256 = Safe::line(&sha256).into_string();
                let own = hex(&Sha256::digest(self.order.script.as_bytes()));
                if sha256 != own {
                    return Err(format!("the agent received another text ({sha256}) than was sent ({own}); it was ended"));
                }
                told.tell(AgentEvent::Started { run: self.order.run.clone(), sha256 });
            }
            Frame::Out(out) => {
                let tell = self.output.take(out);
                self.tell_changed(tell, told);
            }
            // Nobody asked for the objects of a run without `into`.
            Frame::Record { v, .. } if self.order.into.is_some() => self.output.record(v),
            Frame::Stuck { ms, .. } => {
                return Err(format!("the command did not stop for {} s; its agent was ended", ms / 1000));
            }
            _ => {}
        }
        Ok(())
    }

    /// The agent told the end.
    fn end(mut self, frame: Frame, told: &Told) {
        let Frame::End { state, why, exit, err, dropped, .. } = frame else { return };
        if let Some(err) = &err
            && why.is_none()
        {
            // A terminating error is output too: the operator reads it where the rest is.
            self.output.errors += 1;
            let tell = self.output.append(Stream::Error, error_text(err));
            self.tell_changed(tell, told);
        }
        self.dropped = dropped.saturating_add(self.output.unkept);
        let (state, otherwise) = match state.as_str() {
            "Completed" => (EndState::Completed, None),
            "Stopped" => (EndState::Stopped, None),
            "Busy" => (EndState::Refused, Some("the agent was busy with another command".to_owned())),
            "Failed" => (EndState::Failed, None),
            other => (EndState::Failed, Some(format!("the pipeline ended as {}", Safe::line(other).into_string()))),
        };
        self.close(state, words(why, err).or(otherwise), exit, told);
    }

    /// Completes the transcript and tells the end.
    fn close(self, state: EndState, why: Option<String>, exit: Option<i64>, told: &Told) {
        let RunOrder { run, into, .. } = self.order;
        let finished = self.output.finish();
        let results = into.map(|name| Results { name, records: finished.records, dropped: self.dropped });
        told.tell(AgentEvent::Ended(Box::new(Ended {
            run,
            state,
            errors: finished.errors,
            exit,
            why,
            transcript: finished.transcript,
            transcript_trouble: finished.trouble,
            output: finished.output,
            // Of a run whose end was not seen nobody knows whether these are all.
            results: results.filter(|_| state == EndState::Completed),
        })));
    }
}

/// A run that never reached a server.
pub(super) fn never_began(order: &RunOrder, why: impl Into<String>) -> Ended {
    Ended {
        run: order.run.clone(),
        state: EndState::Refused,
        errors: 0,
        exit: None,
        why: Some(why.into()),
        transcript: Transcript::default(),
        transcript_trouble: None,
        output: Output::default(),
        results: None,
    }
}

fn words(why: Option<String>, err: Option<ErrorRecord>) -> Option<String> {
    let stopped = why.map(|why| match why.as_str() {
        "cancel" => "cancelled by the operator".to_owned(),
        "timeout" => "its time was over".to_owned(),
        "shutdown" => "its agent was told to leave".to_owned(),
        other => Safe::line(other).into_string(),
    });
    stopped.or_else(|| err.map(|err| Safe::line(&err.message).into_string()))
}

impl Job {
    /// Takes a frame that answers it. The error says that its process has to be ended.
    pub(super) fn take(&mut self, frame: Frame, told: &Told) -> Result<(), String> {
        match self {
            Self::Read(job) => job.take(frame, told),
            Self::Parse(_) => Ok(()),
            Self::Run(job) => job.take(frame, told),
        }
    }

    /// Its [`Frame::End`] came.
    pub(super) fn end(self, frame: Frame, told: &Told) {
        match self {
            Self::Read(job) => job.end(frame, told),
            Self::Parse(job) => job.end(frame, told),
            Self::Run(job) => job.end(frame, told),
        }
    }

    /// Its end will not be seen: a read has failed, a run is interrupted and nobody repeats it.
    pub(super) fn abandon(self, why: &str, told: &Told) {
        match self {
            Self::Read(job) => job.close(why, told),
            Self::Parse(_) => {}
            Self::Run(job) => job.close(EndState::Interrupted, Some(why.to_owned()), None, told),
        }
    }

    /// The moment past which the agent is stuck.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Read(job) => Some(job.deadline),
            Self::Parse(job) => Some(job.deadline),
            Self::Run(job) => job.stop_by,
        }
    }
}
