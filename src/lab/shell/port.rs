//! The one window between a running script and the outside: the script asks, whoever polls it answers.
//! Nothing is shared but this slot, so a run is as deterministic as its host.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::execution::Output;
use super::host::{Command, Invocation, Reply};
use crate::Time;

/// What a script asks for.
#[derive(Debug)]
pub(super) enum Request {
    Command(String),
    Environment(String),
    Call(Box<Invocation>),
    Sleep(Time),
    /// Gives the poller a chance to take the output and to stop the run.
    Breathe,
}

/// What it is answered.
#[derive(Debug)]
pub(super) enum Response {
    Command(Option<&'static Command>),
    Environment(Option<String>),
    Reply(Box<Reply>),
    Nothing,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub request: Option<Request>,
    pub response: Option<Response>,
    pub output: Vec<Output>,
    pub now: Time,
}

/// The script's end of the window; the poller holds the other.
#[derive(Debug, Clone)]
pub(super) struct Port(Arc<Mutex<Slot>>);

/// Output is handed over at the latest after so many pieces.
const BATCH: usize = 128;
/// Text is coalesced into pieces of about this size.
const PIECE: usize = 16 * 1024;

impl Port {
    pub fn new(now: Time) -> Self {
        Self(Arc::new(Mutex::new(Slot { request: None, response: None, output: Vec::new(), now })))
    }

    pub fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Time {
        self.slot().now
    }

    /// Puts output where the poller finds it. Whether it should be handed over soon.
    pub fn write(&self, output: Output) -> bool {
        let mut slot = self.slot();
        match (slot.output.last_mut(), output) {
            (Some(Output::Text(last)), Output::Text(text)) if last.len() + text.len() <= PIECE => last.push_str(&text),
            (_, output) => slot.output.push(output),
        }
        slot.output.len() >= BATCH
    }

    async fn ask(&self, request: Request) -> Response {
        self.slot().request = Some(request);
        poll_fn(|_| self.slot().response.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    pub async fn command(&self, name: &str) -> Option<&'static Command> {
        match self.ask(Request::Command(name.to_owned())).await {
            Response::Command(command) => command,
            _ => None,
        }
    }

    pub async fn environment(&self, name: &str) -> Option<String> {
        match self.ask(Request::Environment(name.to_owned())).await {
            Response::Environment(value) => value,
            _ => None,
        }
    }

    pub async fn call(&self, invocation: Invocation) -> Reply {
        match self.ask(Request::Call(Box::new(invocation))).await {
            Response::Reply(reply) => *reply,
            _ => Reply::NotFound,
        }
    }

    pub async fn sleep(&self, until: Time) {
        self.ask(Request::Sleep(until)).await;
    }

    pub async fn breathe(&self) {
        self.ask(Request::Breathe).await;
    }
}
