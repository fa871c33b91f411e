//! One server of a fresh lab for a caller that has no loop of its own: its world runs on a thread, in real time.

use std::thread::JoinHandle;

use chrono::Utc;
use color_eyre::eyre::{WrapErr, bail};
use tokio::sync::oneshot;

use super::host::{LabHost, LabTransport};
use super::scenario;
use crate::facts::ServerName;
use crate::lab::Lab;
use crate::runner::clock::Clock;

/// The world's seed: every look at a scenario begins with the same world.
const SEED: u64 = 1;

/// A world on a thread. Dropping it ends the world.
pub struct LabAlone {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LabAlone {
    /// Starts a scenario's world, and gives the way to one of its servers.
    ///
    /// # Errors
    /// In words: a scenario or a role that is none, or no thread.
    pub fn start(scenario: &str, role: &str) -> color_eyre::Result<(Self, LabTransport)> {
        let mut host = fresh(scenario)?;
        let transport = way(&host, scenario, role)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, mut stopped) = oneshot::channel::<()>();
        let clock = Clock::console();
        let live = async move {
            loop {
                tokio::select! {
                    _ = &mut stopped => return,
                    () = host.turn(&clock) => {}
                }
            }
        };
        let thread = std::thread::Builder::new().name("lab".to_owned()).spawn(move || runtime.block_on(live));
        let thread = thread.wrap_err("the lab's thread cannot be started")?;
        Ok((Self { stop: Some(stop), thread: Some(thread) }, transport))
    }
}

impl Drop for LabAlone {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A thread that panicked has told so already.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A scenario's world as it begins.
///
/// # Errors
/// A scenario that is none.
pub fn fresh(name: &str) -> color_eyre::Result<LabHost> {
    Ok(LabHost::new(Lab::new(&scenario::load(name)?, SEED, Utc::now())))
}

/// The way to a server of a world.
///
/// # Errors
/// A role that is none.
pub fn way(host: &LabHost, scenario: &str, role: &str) -> color_eyre::Result<LabTransport> {
    let roles: Vec<String> = host.lab().servers().into_iter().map(|(role, _)| role).collect();
    if !roles.iter().any(|known| known == role) {
        bail!("the scenario '{scenario}' has no server '{role}'; it has {}", roles.join(", "));
    }
    Ok(host.transport(ServerName::from(role)))
}
