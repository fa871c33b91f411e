//! A rehearsal's world on a thread of its own. However long a simulated night takes to live through or to save, no key
//! waits for it; and the world goes on while the screen is busy, as real servers do.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::host::{Entrance, LabHost};
use super::saved;
use crate::lab::{Lab, Panel, Verb};
use crate::runner::clock::Clock;

/// A world that changed is saved at most so often.
const SAVE: Duration = Duration::from_secs(5);
/// A panel that is looked at is shown anew at most so often.
const SHOW: Duration = Duration::from_millis(100);

/// What the world tells the loop.
#[derive(Debug)]
pub enum LabNews {
    /// What came of a verb.
    Did(Result<String, String>),
    /// What the panel shows.
    Panel(Box<Panel>),
    /// The world's file could not be written.
    NotSaved(std::io::Error),
}

/// What the loop tells the world.
enum Order {
    Play(Verb),
    /// Its clock is this one from now on
    Clock(Clock),
    /// Whether the panel is looked at
    Look(bool),
    /// Something stands in the journal that the world has to remember
    Save,
}

/// The world, seen from the loop.
pub struct LabThread {
    orders: UnboundedSender<Order>,
    life: Stage,
}

/// How far the world's life has come.
enum Stage {
    Prepared(Box<dyn FnOnce(Runtime) + Send>),
    Alive(JoinHandle<()>),
    Ended,
}

impl LabThread {
    /// A world that will be made and live by that clock and behind that entrance. It is saved to `file` at once, then as it
    /// changes, and when it ends.
    pub fn prepare(
        make: impl FnOnce() -> Lab + Send + 'static,
        clock: Clock,
        entrance: Entrance,
        file: PathBuf,
        tell: impl Fn(LabNews) + Send + 'static,
    ) -> Self {
        let (orders, received) = unbounded_channel();
        let life = move |runtime: Runtime| {
            let host = LabHost::behind(make(), entrance);
            let life = Life { host, clock, file, tell, looked_at: false, changed: true };
            runtime.block_on(life.live(received));
        };
        Self { orders, life: Stage::Prepared(Box::new(life)) }
    }

    /// Lets it live.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn begin(&mut self) -> std::io::Result<()> {
        self.life = match std::mem::replace(&mut self.life, Stage::Ended) {
            Stage::Prepared(life) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let thread = std::thread::Builder::new().name("lab".to_owned());
                Stage::Alive(thread.spawn(move || life(runtime))?)
            }
            begun => begun,
        };
        Ok(())
    }

    /// Something that a human does in the world; answered by [`LabNews::Did`].
    pub fn play(&self, verb: Verb) {
        self.send(Order::Play(verb));
    }

    /// The session's clock was set.
    pub fn set_clock(&self, clock: &Clock) {
        self.send(Order::Clock(clock.clone()));
    }

    /// Whether the panel is to be told as it changes.
    pub fn look(&self, looked_at: bool) {
        self.send(Order::Look(looked_at));
    }

    /// Saves the world now: what the journal says was done must have been done in it, whenever the program is killed.
    pub fn save(&self) {
        self.send(Order::Save);
    }

    /// Ends the world once it is saved. Its pipes are closed then: agents of it have nothing to wait for.
    pub fn stop(self) {
        drop(self.orders);
        if let Stage::Alive(thread) = self.life {
            // A panic there was reported by its hook; the last save stands.
            let _ = thread.join();
        }
    }

    fn send(&self, order: Order) {
        // Without its thread the world stands still, which every server's connection says.
        let _ = self.orders.send(order);
    }
}

/// The world's own side.
struct Life<T> {
    host: LabHost,
    clock: Clock,
    file: PathBuf,
    tell: T,
    looked_at: bool,
    /// Since it was last saved
    changed: bool,
}

impl<T: Fn(LabNews)> Life<T> {
    async fn live(mut self, mut orders: UnboundedReceiver<Order>) {
        self.show();
        self.save();
        let (mut next_save, mut next_show) = (Instant::now() + SAVE, Instant::now());
        let mut shown = true;
        loop {
            let showing = self.looked_at && !shown;
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => {
                        self.obey(order);
                        shown = true;
                    }
                    None => break,
                },
                () = tokio::time::sleep_until(next_show), if showing => {
                    self.show();
                    (shown, next_show) = (true, Instant::now() + SHOW);
                }
                () = tokio::time::sleep_until(next_save), if self.changed => {
                    self.save();
                    next_save = Instant::now() + SAVE;
                }
                () = self.host.turn(&self.clock) => (self.changed, shown) = (true, false),
            }
        }
        self.save();
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Play(verb) => {
                let said = self.host.operate(&verb, &self.clock);
                (self.tell)(LabNews::Did(said));
                self.save();
            }
            Order::Clock(clock) => (self.clock, self.changed) = (clock, true),
            Order::Look(looked_at) => self.looked_at = looked_at,
            Order::Save => self.save(),
        }
        self.show();
    }

    fn show(&self) {
        (self.tell)(LabNews::Panel(Box::new(self.host.lab().panel())));
    }

    fn save(&mut self) {
        self.changed = false;
        self.host.catch_up(&self.clock);
        if let Err(error) = saved::save(&self.file, self.host.lab(), self.clock.speed()) {
            (self.tell)(LabNews::NotSaved(error));
        }
    }
}
