//! The lab behind the screen: a world in process, reached through pipes that carry the very bytes a real agent sends. The
//! connections are made by the same code that speaks to real servers; it cannot tell them apart.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;

use crate::facts::{Obstacle, ServerName};
use crate::io::agent::refusal::Refusal;
use crate::io::agent::{Nonce, Opened, Transport};
use crate::lab::{ConnectionId, Lab, Verb};
use crate::runner::clock::Clock;

/// Bytes that a pipe holds in each direction, as a pipe of the system would.
const PIPE: usize = 64 * 1024;
/// Pieces that wait for a pipe.
const PENDING: usize = 4;
/// How soon a full pipe is tried again.
const STALLED: Duration = Duration::from_millis(2);

/// The way to one server of the lab.
pub struct LabTransport {
    server: ServerName,
    opened: mpsc::UnboundedSender<(ServerName, DuplexStream)>,
}

impl Transport for LabTransport {
    fn open(&self, _nonce: &Nonce) -> Result<Opened, Refusal> {
        let (ours, theirs) = tokio::io::duplex(PIPE);
        let gone = || Refusal::new(Obstacle::Machine, "the world has ended", "start the rehearsal again");
        self.opened.send((self.server.clone(), theirs)).map_err(|_| gone())?;
        let (output, input) = tokio::io::split(ours);
        Ok(Opened { input: Box::new(input), output: Box::new(output), errors: None, process: None })
    }
}

/// Where connections arrive, also before the world is made.
pub struct Entrance {
    opening: mpsc::UnboundedReceiver<(ServerName, DuplexStream)>,
    opened: mpsc::UnboundedSender<(ServerName, DuplexStream)>,
}

impl Entrance {
    /// One that nobody has come through yet.
    pub fn new() -> Self {
        let (opened, opening) = mpsc::unbounded_channel();
        Self { opening, opened }
    }

    /// The way to one of the servers behind it.
    pub fn transport(&self, server: ServerName) -> LabTransport {
        LabTransport { server, opened: self.opened.clone() }
    }
}

/// The world and the pipes to it.
pub struct LabHost {
    lab: Lab,
    entrance: Entrance,
    pipes: Vec<Pipe>,
    heard: mpsc::Receiver<(ConnectionId, Option<Vec<u8>>)>,
    hear: mpsc::Sender<(ConnectionId, Option<Vec<u8>>)>,
    /// A pipe is full: it is tried again soon
    stalled: bool,
}

struct Pipe {
    id: ConnectionId,
    say: mpsc::Sender<Vec<u8>>,
}

impl LabHost {
    /// A world that nobody has connected to yet.
    pub fn new(lab: Lab) -> Self {
        Self::behind(lab, Entrance::new())
    }

    /// A world behind an entrance at which connections may be waiting already.
    pub fn behind(lab: Lab, entrance: Entrance) -> Self {
        let (hear, heard) = mpsc::channel(PENDING);
        Self { lab, entrance, pipes: Vec::new(), heard, hear, stalled: false }
    }

    /// The way to one of its servers.
    pub fn transport(&self, server: ServerName) -> LabTransport {
        self.entrance.transport(server)
    }

    /// The world.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// The operator does something at a wizard, an installer, in the directory. The words say what came of it.
    pub fn operate(&mut self, verb: &Verb, clock: &Clock) -> Result<String, String> {
        self.lab.advance(clock.now());
        let words = self.lab.operate(verb);
        self.pump();
        words
    }

    /// Waits until the world has something to do, and does it. Safe to drop while it waits.
    pub async fn turn(&mut self, clock: &Clock) {
        let due = if self.stalled { Some(STALLED) } else { self.lab.next_due().and_then(|at| clock.until(at)) };
        tokio::select! {
            biased;
            Some((server, stream)) = self.entrance.opening.recv() => {
                self.lab.advance(clock.now());
                self.connect(&server, stream);
            }
            Some((id, bytes)) = self.heard.recv() => {
                self.lab.advance(clock.now());
                match bytes {
                    Some(bytes) => self.lab.write(id, &bytes),
                    None => self.lab.disconnect(id),
                }
            }
            () = sleep(due) => self.lab.advance(clock.now()),
        }
        self.pump();
    }

    /// Brings the world up to the clock, for saving it.
    pub fn catch_up(&mut self, clock: &Clock) {
        self.lab.advance(clock.now());
    }

    fn connect(&mut self, server: &ServerName, stream: DuplexStream) {
        // A server that cannot be reached drops the stream: the connection is lost, as a real one would be.
        let Ok(id) = self.lab.connect(server.as_str()) else { return };
        let (mut from, mut to) = tokio::io::split(stream);
        let (say, mut saying) = mpsc::channel::<Vec<u8>>(PENDING);
        let hear = self.hear.clone();
        tokio::spawn(async move {
            let mut buffer = vec![0; PIPE];
            while let Ok(count @ 1..) = from.read(&mut buffer).await {
                if hear.send((id, Some(buffer[..count].to_vec()))).await.is_err() {
                    return;
                }
            }
            // The receiver is gone only when the world is: nobody is left to tell.
            let _ = hear.send((id, None)).await;
        });
        tokio::spawn(async move {
            while let Some(bytes) = saying.recv().await {
                if to.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            // The reading half is still held: without this the other side would not see the agent's end.
            let _ = to.shutdown().await;
        });
        self.pipes.push(Pipe { id, say });
    }

    /// Moves what the agents said into their pipes, as far as there is room.
    fn pump(&mut self) {
        self.stalled = false;
        let (lab, stalled) = (&mut self.lab, &mut self.stalled);
        self.pipes.retain(|pipe| {
            loop {
                match pipe.say.try_reserve() {
                    Ok(permit) => {
                        let bytes = lab.read(pipe.id);
                        if bytes.is_empty() {
                            // Dropping the sender ends the stream: the agent has gone.
                            return !lab.ended(pipe.id);
                        }
                        permit.send(bytes);
                    }
                    Err(mpsc::error::TrySendError::Full(())) => {
                        *stalled = true;
                        return true;
                    }
                    Err(mpsc::error::TrySendError::Closed(())) => return false,
                }
            }
        });
    }
}

/// Sleeps so long; without a span, for ever.
async fn sleep(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}
