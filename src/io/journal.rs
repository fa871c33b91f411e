//! The journal as a file: opened with its torn end cut and kept, appended to in batches, each durable with one sync.
//! One failed write or sync ends it: after that nobody can say what is on the disk, so nothing is tried again.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::storage::{Storage, Stored};
use crate::session::event::{Body, Event};
use crate::session::line::chain::MAX_BATCH;
use crate::session::line::{Chain, Damage, Digest, Ending, Journal};

mod writer;

pub use writer::{JournalNews, JournalWriter};

/// The journal's name in its session directory.
pub const JOURNAL: &str = "journal.jsonl";

/// The longest journal that is read, in bytes: 1 GiB.
pub const MAX_JOURNAL: u64 = 1 << 30;

/// A journal that is open for writing.
#[derive(Debug)]
pub struct JournalFile {
    file: Box<dyn Stored>,
    chain: Chain,
    /// Bytes that are ours in the file.
    length: u64,
    staged: Vec<u8>,
    failed: Option<WriteFailed>,
    /// Of a new session, until its first commit
    unsynced: Option<Unsynced>,
}

/// What of a new session has to be durable before its first event is. It waits for that: a disk takes milliseconds for each,
/// and the screen is not kept waiting.
#[derive(Debug)]
pub struct Unsynced {
    /// Where it is
    pub storage: Arc<dyn Storage>,
    /// Files that were written
    pub files: Vec<Box<dyn Stored>>,
    /// Directories that got new names
    pub directories: Vec<PathBuf>,
}

impl Unsynced {
    fn sync(self) -> io::Result<()> {
        for mut file in self.files {
            file.sync()?;
        }
        self.directories.iter().try_for_each(|directory| self.storage.sync_dir(directory))
    }
}

/// Why nothing is written any more, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteFailed(pub String);

impl fmt::Display for WriteFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WriteFailed {}

/// A torn end that was cut: what `journal_recovered` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Bytes that were cut
    pub dropped_bytes: u64,
    /// Their SHA-256
    pub sha256: String,
    /// The file beside the journal that has them
    pub kept_as: String,
}

impl Recovered {
    /// The event that records it.
    pub fn body(&self) -> Body {
        Body::JournalRecovered { dropped_bytes: self.dropped_bytes, sha256: self.sha256.clone(), kept_as: self.kept_as.clone() }
    }
}

/// Why a journal was not opened.
#[derive(Debug)]
pub enum OpenFailed {
    /// It is damaged.
    Damaged(Damage),
    /// A later program wrote it: it may be read only.
    Newer {
        /// Which line, from 1
        line: u64,
        /// Its format
        v: u64,
    },
    /// The disk's answer, and what was being done.
    Disk(&'static str, io::Error),
}

impl JournalFile {
    /// Makes the empty journal of a new session. Nothing of it is durable before the first commit, which makes all of it so.
    pub fn create(dir: &Path, unsynced: Unsynced) -> io::Result<Self> {
        let file = unsynced.storage.create_new(&dir.join(JOURNAL))?;
        Ok(Self { file, chain: Chain::new(), length: 0, staged: Vec::new(), failed: None, unsynced: Some(unsynced) })
    }

    /// Opens a journal whose lock is held. A torn end is kept in a file of its own and cut; what was cut, now or by a program
    /// that ended before it could say so, is answered for `journal_recovered`.
    ///
    /// # Errors
    /// [`OpenFailed`]; the file is as it was, except where cutting itself failed.
    pub fn open(storage: &dyn Storage, dir: &Path) -> Result<(Self, Vec<Event>, Vec<Recovered>), OpenFailed> {
        let path = dir.join(JOURNAL);
        let bytes = storage.read(&path, MAX_JOURNAL).map_err(|error| OpenFailed::Disk("read the journal", error))?;
        let journal = Journal::read(&bytes);
        let mut file = storage.open(&path).map_err(|error| OpenFailed::Disk("open the journal for writing", error))?;
        match journal.ending {
            Ending::Intact => {}
            Ending::Torn { .. } => {
                keep_torn(storage, dir, &bytes[journal.length..], journal.length)
                    .map_err(|error| OpenFailed::Disk("keep the torn end of the journal", error))?;
                let cut = file.truncate(journal.length as u64).and_then(|()| file.sync());
                cut.map_err(|error| OpenFailed::Disk("cut the torn end of the journal", error))?;
            }
            Ending::Newer { line, v } => return Err(OpenFailed::Newer { line, v }),
            Ending::Damaged(damage) => return Err(OpenFailed::Damaged(damage)),
        }
        // What a program before this one left unsynced was read, so it must not be lost after it was acted upon.
        file.sync().map_err(|error| OpenFailed::Disk("sync the journal", error))?;
        let recovered = untold(storage, dir, &journal.events).map_err(|error| OpenFailed::Disk("look for torn ends", error))?;
        let length = journal.length as u64;
        let opened = Self { file, chain: journal.chain, length, staged: Vec::new(), failed: None, unsynced: None };
        Ok((opened, journal.events, recovered))
    }

    /// The SHA-256 of the last line, staged ones among them.
    pub fn head(&self) -> Option<Digest> {
        self.chain.head()
    }

    /// The sequence number of the next event.
    pub fn events(&self) -> u64 {
        self.chain.events()
    }

    /// Puts the next event into the batch. One that would make it larger than a batch may be is preceded by a commit.
    ///
    /// # Errors
    /// [`WriteFailed`] where the journal has failed before or the event does not follow, which ends it as well.
    pub fn stage(&mut self, event: &Event) -> Result<(), WriteFailed> {
        self.usable()?;
        match self.chain.append(event) {
            Ok(line) => {
                if !self.staged.is_empty() && self.staged.len() + line.len() > MAX_BATCH {
                    self.commit()?;
                }
                self.staged.extend(line);
                Ok(())
            }
            Err(why) => Err(self.fail(format!("event {} cannot be written to the journal: {why}", event.seq))),
        }
    }

    /// Whether the batch is as large as one may be.
    pub fn is_full(&self) -> bool {
        self.staged.len() >= MAX_BATCH
    }

    /// Writes the batch and syncs it: when this answers, its events are durable.
    ///
    /// # Errors
    /// [`WriteFailed`]; from then on always.
    pub fn commit(&mut self) -> Result<(), WriteFailed> {
        self.usable()?;
        if self.staged.is_empty() {
            return Ok(());
        }
        if let Some(Err(error)) = self.unsynced.take().map(Unsynced::sync) {
            return Err(self.fail(format!("the session's directory cannot be made durable: {error}")));
        }
        match self.file.length() {
            Ok(length) if length == self.length => {}
            Ok(length) => {
                let why = format!("{JOURNAL} has {length} bytes where {} were written: another program writes it", self.length);
                return Err(self.fail(why));
            }
            Err(error) => return Err(self.fail(format!("{JOURNAL} cannot be looked at: {error}"))),
        }
        if let Err(error) = self.file.append(&self.staged) {
            return Err(self.fail(format!("{JOURNAL} cannot be written: {error}")));
        }
        if let Err(error) = self.file.sync() {
            return Err(self.fail(format!("{JOURNAL} cannot be synced to the disk: {error}")));
        }
        self.length += self.staged.len() as u64;
        self.staged.clear();
        Ok(())
    }

    fn usable(&self) -> Result<(), WriteFailed> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn fail(&mut self, why: String) -> WriteFailed {
        self.failed.insert(WriteFailed(why)).clone()
    }
}

/// Keeps a torn end beside the journal. Done again after a crash it comes to the same file.
fn keep_torn(storage: &dyn Storage, dir: &Path, torn: &[u8], from: usize) -> io::Result<()> {
    let name = format!("{TORN}{from}-{}", Digest::of(torn));
    let path = dir.join(&name);
    let draft = dir.join(format!("draft-{name}"));
    match storage.remove(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = storage.create_new(&draft)?;
    file.append(torn)?;
    file.sync()?;
    storage.rename(&draft, &path)?;
    storage.sync_dir(dir)
}

/// How the names of kept torn ends begin; the offset and the SHA-256 follow.
const TORN: &str = "journal.torn-";

/// Torn ends that no event tells of yet.
fn untold(storage: &dyn Storage, dir: &Path, events: &[Event]) -> io::Result<Vec<Recovered>> {
    let told =
        |name: &str| events.iter().any(|event| matches!(&event.body, Body::JournalRecovered { kept_as, .. } if kept_as == name));
    let names = storage.names(dir)?;
    let kept = names.into_iter().filter(|name| name.starts_with(TORN) && !told(name));
    kept.map(|kept_as| {
        let bytes = storage.read(&dir.join(&kept_as), MAX_JOURNAL)?;
        Ok(Recovered { dropped_bytes: bytes.len() as u64, sha256: Digest::of(&bytes).to_string(), kept_as })
    })
    .collect()
}
