//! A running agent process: requests one at a time, signs of life.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc::{Receiver, UnboundedSender};
use tokio::time::Instant;

use super::event::{AgentEvent, Ended, LinkState};
use super::job::{Job, ParseJob, ReadJob, RunJob, never_began};
use super::lane::{Lane, safe_hello};
use super::order::{Order, RunOrder};
use super::plain;
use super::refusal::{NO_LANGUAGE, limits, of_hello, of_protocol};
use super::serve::Ending;
use super::tail::SharedTail;
use crate::facts::Loss;
use crate::powershell::tree::format_datetime;
use crate::rb1::{Client, Frame, Hello, Request, Turn};
use crate::text::Safe;

/// Standard error that is kept to find out why an agent did not come up, in bytes.
const ERRORS: usize = 16 * 1024;

/// The longest that an agent may say it will be silent.
const LONGEST_BUSY: Duration = Duration::from_secs(600);

pub(super) struct Live<'a> {
    pub(super) lane: &'a mut Lane,
    client: Client,
    to_agent: UnboundedSender<Vec<u8>>,
    pub(super) job: Option<Job>,
    errors: String,
    begun: Instant,
    heard: Instant,
    pinged: Option<Instant>,
    /// It said that it would print for so long
    busy_until: Option<Instant>,
    warned: bool,
    connecting: bool,
    pub(super) up_since: Option<Instant>,
    /// It takes scripts, not only single commands
    scripts: bool,
    requests: u64,
}

impl<'a> Live<'a> {
    pub(super) fn new(lane: &'a mut Lane, client: Client, to_agent: UnboundedSender<Vec<u8>>) -> Self {
        let now = Instant::now();
        let live = Self {
            lane,
            client,
            to_agent,
            job: None,
            errors: String::new(),
            begun: now,
            heard: now,
            pinged: None,
            busy_until: None,
            warned: false,
            connecting: false,
            up_since: None,
            scripts: true,
            requests: 0,
        };
        live.send(live.client.opening());
        live
    }

    pub(super) async fn run(
        &mut self,
        output: &mut (dyn tokio::io::AsyncRead + Send + Unpin),
        errors: &mut Receiver<String>,
    ) -> Ending {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let wake = self.wake();
            let served = tokio::select! {
                order = self.lane.orders.recv() => match order {
                    None | Some(Order::Stop) => return Ending::Stopped,
                    Some(order) => {
                        self.order(order);
                        Ok(())
                    }
                },
                text = errors.recv(), if !errors.is_closed() || !errors.is_empty() => {
                    if let Some(text) = text {
                        self.error_text(&text);
                    }
                    Ok(())
                }
                read = output.read(&mut buffer) => match read {
                    Ok(0) => return self.end_of_output(errors, None).await,
                    Ok(count) => self.feed(&buffer[..count]),
                    Err(error) => return self.end_of_output(errors, Some(error.to_string())).await,
                },
                () = tokio::time::sleep_until(wake) => Ok(()),
            };
            if let Err(ending) = served {
                return ending;
            }
            // Not only where the sleep came to its end: a server that floods us is never still.
            if Instant::now() >= wake
                && let Err(ending) = self.on_time()
            {
                return ending;
            }
            self.next_job();
        }
    }

    fn send(&self, bytes: Vec<u8>) {
        // A writer that is gone has seen a broken pipe: the output ends too, and that is told.
        let _ = self.to_agent.send(bytes);
    }

    fn request(&mut self, request: &Request) {
        let bytes = self.client.request(request);
        self.send(bytes);
    }

    fn order(&mut self, order: Order) {
        if let (Order::Cancel { run }, Some(Job::Run(job))) = (&order, &mut self.job)
            && job.order.run == *run
        {
            job.stopping(&self.lane.options);
            let id = run.clone();
            self.request(&Request::Cancel { id });
        } else {
            self.lane.accept(order);
        }
    }

    fn next_job(&mut self) {
        while self.up_since.is_some() && self.job.is_none() {
            match self.lane.waiting.pop_front() {
                None => return,
                Some(Order::Read { groups, since, deadline }) => {
                    self.requests += 1;
                    let request = Request::Read {
                        id: format!("read{}", self.requests),
                        groups: groups.clone(),
                        deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
                        since: since.map(format_datetime),
                    };
                    self.request(&request);
                    let server = self.lane.told.server.clone();
                    self.job = Some(Job::Read(ReadJob::new(server, groups, deadline, &self.lane.options)));
                }
                Some(Order::Parse { script }) => {
                    self.requests += 1;
                    self.request(&Request::Parse { id: format!("parse{}", self.requests), script: script.clone() });
                    self.job = Some(Job::Parse(ParseJob::new(self.lane.told.server.clone(), script)));
                }
                Some(Order::Run { order, tail }) => {
                    if let Err(ended) = self.begin_run(*order, tail) {
                        self.lane.told.tell(AgentEvent::Ended(ended));
                    }
                }
                Some(Order::Cancel { .. } | Order::Retry | Order::Stop) => {}
            }
        }
    }

    /// Sends a command. The error says why it was not sent.
    fn begin_run(&mut self, order: RunOrder, tail: SharedTail) -> Result<(), Box<Ended>> {
        let command = if self.scripts { Ok(None) } else { plain::command(&order.script, &order.vars).map(Some) };
        let command = command.map_err(|why| Box::new(never_began(&order, why)))?;
        let job = RunJob::prepare(order, tail, &self.lane.options)?;
        let order = &job.order;
        self.request(&Request::Run {
            id: order.run.clone(),
            script: order.script.clone(),
            command,
            vars: order.vars.clone(),
            timeout_ms: order.timeout_ms,
            into: order.into.is_some(),
        });
        self.job = Some(Job::Run(Box::new(job)));
        Ok(())
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), Ending> {
        self.heard = Instant::now();
        for turn in self.client.feed(bytes) {
            match turn {
                Turn::Send(bytes) => self.send(bytes),
                Turn::Frame(frame) => self.frame(frame)?,
                Turn::Noise(text) => self.lane.log(&text),
                Turn::OtherProtocol(found) => return Err(Ending::Refused(of_protocol(found))),
                Turn::Broken(why) => return Err(self.not_up(Loss::Broken, Safe::line(&why).into_string())),
            }
        }
        Ok(())
    }

    fn frame(&mut self, frame: Frame) -> Result<(), Ending> {
        match frame {
            Frame::Hello(hello) => self.hello(hello),
            Frame::Bye => Err(Ending::Lost(Loss::Ended, "the agent left".to_owned())),
            Frame::Oops { message, err } => {
                let words = message.or_else(|| err.map(|err| format!("{} {}", err.message, err.fqid))).unwrap_or_default();
                let words = Safe::line(&words).into_string();
                if self.connecting {
                    return Err(self.not_up(Loss::NotUp, format!("the server could not be reached: {words}")));
                }
                self.lane.log(&format!("the agent could not read a request: {words}"));
                Ok(())
            }
            Frame::Ready | Frame::Pong { .. } | Frame::Other => Ok(()),
            frame => self.answer(frame),
        }
    }

    fn answer(&mut self, frame: Frame) -> Result<(), Ending> {
        self.busy_until = None;
        if let Frame::Busy { ms, .. } = frame {
            self.busy_until = Some(Instant::now() + Duration::from_millis(ms).min(LONGEST_BUSY));
            return Ok(());
        }
        if matches!(frame, Frame::End { .. }) {
            if let Some(job) = self.job.take() {
                job.end(frame, &self.lane.told);
            }
            return Ok(());
        }
        match &mut self.job {
            Some(job) => job.take(frame, &self.lane.told).map_err(|why| Ending::Lost(Loss::Stuck, why)),
            None => Ok(()),
        }
    }

    fn hello(&mut self, hello: Hello) -> Result<(), Ending> {
        if self.up_since.is_some() {
            return Ok(());
        }
        let hello = safe_hello(hello);
        if let Some(refusal) = of_hello(&hello, self.lane.transport.demands_windows_powershell()) {
            return Err(Ending::Refused(refusal));
        }
        if let Some(connect) = self.lane.transport.connect().filter(|_| !self.connecting) {
            self.connecting = true;
            // Host and names are plain ASCII: a target is checked when it is read.
            self.send(format!("{}\n", json!(connect)).into_bytes());
            return Ok(());
        }
        self.connecting = false;
        self.up_since = Some(Instant::now());
        let limits = limits(&hello);
        self.scripts = hello.lang != NO_LANGUAGE;
        self.lane.told.link(LinkState::Live { hello: Box::new(hello), limits });
        Ok(())
    }

    fn error_text(&mut self, text: &str) {
        if self.errors.len() + text.len() < ERRORS {
            self.errors.push_str(text);
            if !text.ends_with('\n') {
                self.errors.push('\n');
            }
        }
        self.lane.log(text);
    }

    async fn end_of_output(&mut self, errors: &mut Receiver<String>, error: Option<String>) -> Ending {
        // Why it ended is mostly said on standard error, a moment later.
        let until = Instant::now() + Duration::from_millis(500);
        while let Ok(Some(text)) = tokio::time::timeout_at(until, errors.recv()).await {
            self.error_text(&text);
        }
        let mut why = error;
        for turn in self.client.finish() {
            match turn {
                Turn::OtherProtocol(found) => return Ending::Refused(of_protocol(found)),
                Turn::Broken(broken) => why = Some(broken),
                Turn::Noise(text) => self.lane.log(&text),
                Turn::Send(_) | Turn::Frame(_) => {}
            }
        }
        let why = why.or_else(|| self.errors.lines().last().map(|line| Safe::line(line).into_string()));
        self.not_up(
            Loss::Ended,
            match (self.up_since.is_some(), why) {
                (true, Some(why)) => format!("the connection ended: {why}"),
                (true, None) => "the connection ended".to_owned(),
                (false, Some(why)) => format!("the agent did not come up: {why}"),
                (false, None) => "the agent ended before it said anything".to_owned(),
            },
        )
    }

    /// A known reason before the hello is a refusal; anything else may pass by itself.
    fn not_up(&self, what: Loss, why: String) -> Ending {
        let told = format!("{}\n{why}", self.errors);
        match self.lane.transport.refusal(&told).filter(|_| self.up_since.is_none()) {
            Some(refusal) => Ending::Refused(refusal),
            None => Ending::Lost(if self.up_since.is_some() { what } else { Loss::NotUp }, why),
        }
    }

    /// The moment past which silence is death.
    fn dead_at(&self) -> Instant {
        self.busy_until.unwrap_or(self.heard).max(self.heard) + self.lane.options.silence
    }

    /// The next moment at which patience has something to do.
    fn wake(&self) -> Instant {
        let options = &self.lane.options;
        if self.up_since.is_none() {
            return self.begun + if self.warned { options.start_fail } else { options.start_warn.min(options.start_fail) };
        }
        let ping = match self.pinged.filter(|pinged| *pinged > self.heard) {
            Some(pinged) => pinged + options.ping_after,
            None => self.heard + options.ping_after,
        };
        let dead = self.dead_at();
        let stuck = self.job.as_ref().and_then(Job::deadline).unwrap_or(dead);
        ping.min(dead).min(stuck)
    }

    fn on_time(&mut self) -> Result<(), Ending> {
        let now = Instant::now();
        let options = &self.lane.options;
        if self.up_since.is_none() {
            let (warn, fail) = (options.start_warn, options.start_fail);
            if now >= self.begun + fail {
                return Err(self.not_up(Loss::NotUp, format!("the agent did not answer within {} s", fail.as_secs())));
            }
            if !self.warned && now >= self.begun + warn {
                self.warned = true;
                self.lane.log(&format!("the agent has not answered for {} s", warn.as_secs()));
            }
            return Ok(());
        }
        if self.job.as_ref().and_then(Job::deadline).is_some_and(|deadline| now >= deadline) {
            return Err(Ending::Lost(Loss::Stuck, "the agent was stuck and was ended".to_owned()));
        }
        if now >= self.dead_at() {
            return Err(Ending::Lost(Loss::Silent, format!("no sign of life for {} s", (now - self.heard).as_secs())));
        }
        if now >= self.heard + options.ping_after {
            self.pinged = Some(now);
            self.requests += 1;
            let id = format!("ping{}", self.requests);
            self.request(&Request::Ping { id });
        }
        Ok(())
    }

    /// Says goodbye and takes what still comes: the end of a command that is being stopped among it.
    pub(super) async fn leave(&mut self, output: &mut (dyn tokio::io::AsyncRead + Send + Unpin)) {
        if !self.client.is_live() {
            return;
        }
        self.request(&Request::Bye);
        let until = Instant::now() + self.lane.options.leave_grace;
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(Ok(count @ 1..)) = tokio::time::timeout_at(until, output.read(&mut buffer)).await {
            if self.feed(&buffer[..count]).is_err() {
                return;
            }
        }
    }
}
