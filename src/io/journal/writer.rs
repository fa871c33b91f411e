//! The thread that writes the journal. Events are handed over without waiting; it appends them in order, as many as are
//! there with one sync, and tells how far they are durable.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::{JournalFile, WriteFailed};
use crate::session::event::Event;
use crate::session::line::Digest;

/// What the writer tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalNews {
    /// The events up to and with this one are on the disk.
    Durable {
        /// Its sequence number
        seq: u64,
        /// The SHA-256 of its line
        head: Digest,
    },
    /// Nothing is written any more; told once. Events that were not told durable may be lost.
    Failed(
        /// Why, in words
        String,
    ),
}

/// A journal with its thread.
#[derive(Debug)]
pub struct JournalWriter {
    events: Sender<Event>,
    thread: JoinHandle<Result<JournalFile, WriteFailed>>,
}

impl JournalWriter {
    /// Starts the thread. `tell` is called on it.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(journal: JournalFile, tell: impl FnMut(JournalNews) + Send + 'static) -> std::io::Result<Self> {
        let (events, received) = channel();
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || write(journal, &received, tell))?;
        Ok(Self { events, thread })
    }

    /// Hands over the next event; never waits. After a failure it goes nowhere, as `Failed` has told.
    pub fn append(&self, event: Event) {
        // The thread is gone only after it told `Failed`.
        let _ = self.events.send(event);
    }

    /// Waits until everything handed over is durable, and gives the journal back.
    ///
    /// # Errors
    /// [`WriteFailed`], as it was told.
    pub fn finish(self) -> Result<JournalFile, WriteFailed> {
        drop(self.events);
        self.thread.join().unwrap_or_else(|_| Err(WriteFailed("the journal's thread panicked".to_owned())))
    }
}

fn write(
    mut journal: JournalFile,
    events: &Receiver<Event>,
    mut tell: impl FnMut(JournalNews),
) -> Result<JournalFile, WriteFailed> {
    while let Ok(first) = events.recv() {
        match write_batch(&mut journal, &first, events) {
            Ok(news) => tell(news),
            Err(failed) => {
                tell(JournalNews::Failed(failed.0.clone()));
                return Err(failed);
            }
        }
    }
    Ok(journal)
}

/// One batch: the first event and those that are waiting behind it.
fn write_batch(journal: &mut JournalFile, first: &Event, events: &Receiver<Event>) -> Result<JournalNews, WriteFailed> {
    let mut seq = first.seq;
    journal.stage(first)?;
    while !journal.is_full() {
        let Ok(event) = events.try_recv() else { break };
        seq = event.seq;
        journal.stage(&event)?;
    }
    journal.commit()?;
    let head = journal.head().ok_or_else(|| WriteFailed("a written journal without a head".to_owned()))?;
    Ok(JournalNews::Durable { seq, head })
}
