//! One agent process, from its start to its end, and why it ended.

use std::time::Duration;

use tokio::sync::mpsc::{channel, unbounded_channel};

use super::lane::Lane;
use super::live::Live;
use super::refusal::Refusal;
use super::streams::{WAITING, read_errors, write_input};
use super::transport::{Bootstrap, Nonce, Opened};
use crate::facts::{Loss, Obstacle};
use crate::rb1::Client;

/// Why a process is not served any more.
pub(super) enum Ending {
    /// It was told to leave.
    Stopped,
    /// The connection is gone, or the agent of no use: how, and in words.
    Lost(Loss, String),
    /// It cannot work as it is.
    Refused(Refusal),
}

/// A served process.
pub(super) struct Served {
    pub(super) ending: Ending,
    /// Since its hello.
    pub(super) live_for: Option<Duration>,
}

/// Starts an agent and serves it to its end. The process is gone when this returns.
pub(super) async fn serve(lane: &mut Lane) -> Served {
    let refused = |refusal| Served { ending: Ending::Refused(refusal), live_for: None };
    let nonce = match Nonce::random() {
        Ok(nonce) => nonce,
        Err(error) => return refused(Refusal::new(Obstacle::Machine, error.to_string(), "restart the machine")),
    };
    let Opened { input, mut output, errors, mut process } = match lane.transport.open(&nonce) {
        Ok(opened) => opened,
        Err(refusal) => return refused(refusal),
    };
    let (to_agent, queue) = unbounded_channel();
    let writer = tokio::spawn(write_input(queue, input));
    let (lines, mut errors_in) = channel(WAITING);
    if let Some(errors) = errors {
        tokio::spawn(read_errors(errors, lines));
    }
    let client = match lane.transport.bootstrap() {
        Bootstrap::Sent => Client::new(nonce.as_str().to_owned(), &lane.options.script),
        Bootstrap::Installed => Client::installed(nonce.as_str().to_owned()),
    };
    let mut live = Live::new(lane, client, to_agent);
    let ending = live.run(&mut *output, &mut errors_in).await;
    let live_for = live.up_since.map(|since| since.elapsed());
    let words = match &ending {
        Ending::Stopped => "lockstep was closed while it ran",
        Ending::Lost(_, why) => why,
        Ending::Refused(refusal) => &refusal.why,
    };
    if matches!(ending, Ending::Stopped) {
        live.leave(&mut *output).await;
    }
    if let Some(job) = live.job.take() {
        job.abandon(words, &live.lane.told);
    }
    drop(live);
    writer.abort();
    if let Some(process) = &mut process {
        // What was asked to leave has had its time; nothing that was started may outlive this.
        let _ = tokio::time::timeout(Duration::from_millis(200), process.wait()).await;
    }
    Served { ending, live_for }
}
