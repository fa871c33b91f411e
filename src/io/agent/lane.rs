//! The life of one agent of one server: idle, starting, live, lost or refused, with growing waits between the tries. It
//! has a thread of its own, so that a slow disk below a transcript, or a slow server, holds up nothing else.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

use super::backoff::{Backoff, jitter};
use super::event::{AgentEvent, LinkState, Purpose};
use super::job::never_began;
use super::order::{Options, Order};
use super::refusal::Refusal;
use super::serve::{Ending, serve};
use super::transport::Transport;
use crate::facts::ServerName;
use crate::rb1::Hello;
use crate::text::Safe;

/// How long a connection has to last before its failures are forgotten.
const SETTLED: Duration = Duration::from_secs(30);

/// How much noise is passed on in a second, in bytes.
const NOISE: usize = 64 * 1024;

/// Where events go. Sending never waits: the runner takes them when it can.
pub(super) struct Told {
    pub(super) server: ServerName,
    pub(super) purpose: Purpose,
    pub(super) events: UnboundedSender<AgentEvent>,
}

impl Told {
    pub(super) fn tell(&self, event: AgentEvent) {
        // Without a runner there is nobody to tell; the thread ends with its orders.
        let _ = self.events.send(event);
    }

    pub(super) fn link(&self, link: LinkState) {
        self.tell(AgentEvent::Link { server: self.server.clone(), purpose: self.purpose, link });
    }
}

/// One agent of one server.
pub(super) struct Lane {
    pub(super) told: Told,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) options: Arc<Options>,
    pub(super) orders: UnboundedReceiver<Order>,
    /// Reads and runs that wait for the agent.
    pub(super) waiting: VecDeque<Order>,
    pub(super) noise: Noise,
}

impl Lane {
    /// Until it is told to stop.
    pub(super) async fn live(mut self) {
        let mut backoff = Backoff::default();
        loop {
            if self.told.purpose == Purpose::Step && self.waiting.is_empty() {
                self.told.link(LinkState::Idle);
                if !self.wait_for_work().await {
                    return;
                }
            }
            self.told.link(LinkState::Starting);
            let served = serve(&mut self).await;
            if served.live_for.is_some_and(|live| live >= SETTLED) {
                backoff.reset();
            }
            let (link, why, wait) = match served.ending {
                Ending::Stopped => return self.refuse_waiting("lockstep is closing"),
                Ending::Lost(what, why) => {
                    let wait = backoff.next(jitter());
                    (LinkState::Lost { what, why: why.clone(), retry_in: wait }, why, wait)
                }
                Ending::Refused(refusal) => {
                    let Refusal { what, why, remedy } = self.transport.look_closer(refusal).await;
                    let wait = Backoff::longest(jitter());
                    let words = format!("{why}: {remedy}");
                    (LinkState::Refused { what, why, remedy, retry_in: wait }, words, wait)
                }
            };
            self.refuse_waiting(&why);
            self.told.link(link);
            // The next command is a reason of its own to try again at once.
            if self.told.purpose != Purpose::Step && !self.rest(wait, &why).await {
                return;
            }
        }
    }

    /// False where it is told to stop.
    async fn wait_for_work(&mut self) -> bool {
        while self.waiting.is_empty() {
            match self.orders.recv().await {
                None | Some(Order::Stop) => return false,
                Some(order) => self.accept(order),
            }
        }
        true
    }

    /// Waits for the next try and answers meanwhile. False where it is told to stop.
    async fn rest(&mut self, wait: Duration, why: &str) -> bool {
        let until = Instant::now() + wait;
        loop {
            match tokio::time::timeout_at(until, self.orders.recv()).await {
                Err(_) | Ok(Some(Order::Retry)) => return true,
                Ok(None | Some(Order::Stop)) => return false,
                Ok(Some(order)) => {
                    self.accept(order);
                    self.refuse_waiting(why);
                }
            }
        }
    }

    /// Keeps work for later; a run that is cancelled before it began never begins.
    pub(super) fn accept(&mut self, order: Order) {
        match order {
            Order::Read { .. } | Order::Parse { .. } | Order::Run { .. } => self.waiting.push_back(order),
            Order::Cancel { run } => {
                let at = self.waiting.iter().position(|waiting| matches!(waiting, Order::Run { order, .. } if order.run == run));
                if let Some(Order::Run { order, .. }) = at.and_then(|at| self.waiting.remove(at)) {
                    self.told.tell(AgentEvent::Ended(Box::new(never_began(&order, "cancelled before it began"))));
                }
            }
            Order::Retry | Order::Stop => {}
        }
    }

    fn refuse_waiting(&mut self, why: &str) {
        for order in std::mem::take(&mut self.waiting) {
            match order {
                Order::Read { groups, .. } => {
                    self.told.tell(AgentEvent::ReadFailed { server: self.told.server.clone(), groups, why: why.to_owned() });
                }
                Order::Run { order, .. } => self.told.tell(AgentEvent::Ended(Box::new(never_began(&order, why)))),
                // Nobody waits for it: a server that comes up again is asked again.
                Order::Parse { .. } | Order::Cancel { .. } | Order::Retry | Order::Stop => {}
            }
        }
    }

    /// Passes text on to the connection log, made safe, within bounds.
    pub(super) fn log(&mut self, text: &str) {
        if let Some(text) = self.noise.take(text) {
            let (server, purpose) = (self.told.server.clone(), self.told.purpose);
            self.told.tell(AgentEvent::Noise { server, purpose, text });
        }
    }
}

/// Bounds what is passed on of a stream of noise.
#[derive(Default)]
pub(super) struct Noise {
    since: Option<Instant>,
    passed: usize,
    left_out: usize,
}

impl Noise {
    fn take(&mut self, text: &str) -> Option<String> {
        let now = Instant::now();
        let mut safe = String::new();
        if self.since.is_none_or(|since| now - since >= Duration::from_secs(1)) {
            if self.left_out > 0 {
                safe = format!("[{} bytes were left out here]\n", self.left_out);
            }
            *self = Self { since: Some(now), passed: 0, left_out: 0 };
        }
        if self.passed + text.len() > NOISE {
            self.left_out += text.len();
            return None;
        }
        self.passed += text.len();
        let lines: Vec<String> = Safe::lines(text.trim_end()).into_iter().map(Safe::into_string).collect();
        safe.push_str(&lines.join("\n"));
        Some(safe)
    }
}

/// A hello whose words are safe to draw.
pub(super) fn safe_hello(hello: Hello) -> Hello {
    let safe = |text: String| Safe::line(&text).into_string();
    Hello {
        agent_sha: safe(hello.agent_sha),
        ps: safe(hello.ps),
        edition: safe(hello.edition),
        lang: safe(hello.lang),
        machine: safe(hello.machine),
        user: safe(hello.user),
        ..hello
    }
}
