//! Session directories: `<data dir>/sessions/<id>/` with the pinned runbook, the journal and what it names. Made, opened by
//! one writer and any number of readers, found by the beginning of their id, and listed, where one that is damaged never
//! hides the others.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::journal::{JOURNAL, JournalFile, MAX_JOURNAL, OpenFailed, Recovered, Unsynced};
use super::lock::{Lock, NotTaken};
use super::storage::{LocalDisk, Storage};
use crate::Time;
use crate::session::event::{Body, Event};
use crate::session::line::chain::MAX_BATCH;
use crate::session::line::{Digest, Ending, Journal};

mod trouble;

pub use trouble::Trouble;

/// The largest runbook, in bytes: 4 MiB.
pub const MAX_RUNBOOK: u64 = 4 << 20;

/// The environment variable that names the data directory.
pub const DATA_DIR_VARIABLE: &str = "LOCKSTEP_DATA_DIR";

/// Where sessions are kept unless it is said: what [`DATA_DIR_VARIABLE`] names, else the user's own local data (never a
/// roaming profile: a journal must not be synced by another program). None where the system names no home.
pub fn default_data_dir() -> Option<PathBuf> {
    let named = std::env::var_os(DATA_DIR_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    named.or_else(|| directories::ProjectDirs::from("", "", "lockstep").map(|dirs| dirs.data_local_dir().to_owned()))
}

/// The id of a session that begins now: sorts by time, unique by six random hex digits.
///
/// # Errors
/// Where the system gives no randomness.
pub fn new_id(now: Time) -> io::Result<String> {
    let mut random = [0; 3];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(format!("no randomness: {error}")))?;
    let [a, b, c] = random;
    Ok(format!("{}-{a:02x}{b:02x}{c:02x}", now.format("%Y%m%d-%H%M%S")))
}

/// The places in one session's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDir {
    path: PathBuf,
}

impl SessionDir {
    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The pinned copy of the runbook.
    pub fn runbook(&self) -> PathBuf {
        self.path.join("runbook.md")
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// Attachments by their SHA-256.
    pub fn attachments(&self) -> PathBuf {
        self.path.join("attachments")
    }

    /// Raw outputs by run.
    pub fn transcripts(&self) -> PathBuf {
        self.path.join("transcripts")
    }

    /// A rehearsal's world.
    pub fn lab(&self) -> PathBuf {
        self.path.join("lab.json")
    }
}

/// All sessions of a data directory.
#[derive(Debug, Clone)]
pub struct Sessions {
    storage: Arc<dyn Storage>,
    root: PathBuf,
}

/// A session that was opened.
#[derive(Debug)]
pub struct OpenSession {
    /// Its directory
    pub dir: SessionDir,
    /// The pinned runbook's bytes
    pub runbook: Vec<u8>,
    /// What happened
    pub events: Vec<Event>,
    /// The SHA-256 of the journal's last line
    pub head: Option<Digest>,
    /// Whether it may be written
    pub access: Access,
}

/// What may be done with an opened session.
#[derive(Debug)]
pub enum Access {
    /// It is ours to go on with.
    Write {
        /// Its journal
        journal: JournalFile,
        /// Held while the session is open
        lock: Lock,
        /// Torn ends that were cut: each is to be recorded
        recovered: Vec<Recovered>,
    },
    /// It can be looked at.
    ReadOnly(WhyReadOnly),
}

/// Why a session is only looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyReadOnly {
    /// That was asked for.
    Asked,
    /// Another program has it open: what that said of itself, where it can be read.
    Held(Option<String>),
    /// A later program wrote it: from this line on it is not read.
    Newer {
        /// Which line, from 1
        line: u64,
        /// Its format
        v: u64,
    },
}

/// A session in a list.
#[derive(Debug)]
pub struct Listed {
    /// Its id: the directory's name
    pub id: String,
    /// Who has it open now, as far as that is known
    pub held: Option<String>,
    /// What is in it, or what is wrong with it
    pub session: Result<OpenSession, Trouble>,
}

impl Sessions {
    /// Those of a data directory on this machine; it need not exist yet.
    pub fn of(data_dir: &Path) -> Self {
        Self::on(Arc::new(LocalDisk), data_dir)
    }

    /// Those of a data directory on any storage.
    pub fn on(storage: Arc<dyn Storage>, data_dir: &Path) -> Self {
        Self { storage, root: data_dir.join("sessions") }
    }

    /// The storage they are on.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// The directory of a session, whether or not there is one.
    ///
    /// # Errors
    /// [`Trouble::NoId`] where the text cannot be the name of one.
    pub fn dir(&self, id: &str) -> Result<SessionDir, Trouble> {
        if id.is_empty() || id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(Trouble::NoId(id.chars().take(80).collect()));
        }
        Ok(SessionDir { path: self.root.join(id) })
    }

    /// Makes the directory of a new session with its runbook and an empty journal, and takes its lock. All of it is durable
    /// once its first event is.
    ///
    /// # Errors
    /// [`Trouble`], with the path and what to do.
    pub fn create(&self, id: &str, runbook: &[u8], owner: &str) -> Result<OpenSession, Trouble> {
        let dir = self.dir(id)?;
        let disk = self.storage.as_ref();
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| Trouble::CannotWrite { path, error }
        };
        disk.create_dirs(&self.root).map_err(failed(&self.root))?;
        disk.create_dir(&dir.path).map_err(failed(&dir.path))?;
        let lock = disk.lock(&dir.path, owner).map_err(|not| match not {
            NotTaken::Held(_) => Trouble::Taken(dir.path.clone()),
            NotTaken::Failed(error) => failed(&dir.path)(error),
        })?;
        for path in [dir.attachments(), dir.transcripts()] {
            disk.create_dir(&path).map_err(failed(&path))?;
        }
        let mut pinned = disk.create_new(&dir.runbook()).map_err(failed(&dir.runbook()))?;
        pinned.append(runbook).map_err(failed(&dir.runbook()))?;
        let directories = [Some(dir.path.as_path()), Some(self.root.as_path()), self.root.parent()];
        let unsynced = Unsynced {
            storage: Arc::clone(&self.storage),
            files: vec![pinned],
            directories: directories.into_iter().flatten().map(Path::to_owned).collect(),
        };
        let journal = JournalFile::create(&dir.path, unsynced).map_err(failed(&dir.journal()))?;
        let access = Access::Write { journal, lock, recovered: Vec::new() };
        Ok(OpenSession { dir, runbook: runbook.to_owned(), events: Vec::new(), head: None, access })
    }

    /// Opens a session to go on with it; read-only where another program has it or a later one wrote it.
    ///
    /// # Errors
    /// [`Trouble`]: there is none, it never began, or it is damaged.
    pub fn open(&self, id: &str, owner: &str) -> Result<OpenSession, Trouble> {
        let dir = self.existing(id)?;
        let lock = match self.storage.lock(&dir.path, owner) {
            Ok(lock) => lock,
            Err(NotTaken::Held(by)) => return self.look(dir, WhyReadOnly::Held(by)),
            Err(NotTaken::Failed(error)) => return Err(Trouble::CannotWrite { path: dir.path.join("lock"), error }),
        };
        match JournalFile::open(self.storage.as_ref(), &dir.path) {
            Ok((journal, events, recovered)) => {
                let runbook = self.pinned(&dir, &events)?;
                let head = journal.head();
                Ok(OpenSession { dir, runbook, events, head, access: Access::Write { journal, lock, recovered } })
            }
            Err(OpenFailed::Newer { line, v }) => self.look(dir, WhyReadOnly::Newer { line, v }),
            Err(OpenFailed::Damaged(damage)) => Err(Trouble::Damaged { path: dir.journal(), damage }),
            Err(OpenFailed::Disk(_, error)) if error.kind() == io::ErrorKind::NotFound => Err(Trouble::NeverBegan(dir.path)),
            Err(OpenFailed::Disk(doing, error)) => Err(Trouble::Disk { doing, path: dir.journal(), error }),
        }
    }

    /// Opens a session to look at it; nothing is locked, changed or recovered.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(&self, id: &str) -> Result<OpenSession, Trouble> {
        self.look(self.existing(id)?, WhyReadOnly::Asked)
    }

    /// The id that begins so; without a beginning the newest, past those that were cut off before their first event.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] or [`Trouble::Several`].
    pub fn find(&self, beginning: Option<&str>) -> Result<String, Trouble> {
        let mut ids = self.ids()?;
        let Some(beginning) = beginning else {
            let newest = ids.iter().rposition(|id| self.began(id)).map(|at| ids.swap_remove(at)).or_else(|| ids.pop());
            return newest.ok_or_else(|| Trouble::NotFound { wanted: None, root: self.root.clone() });
        };
        if ids.iter().any(|id| id == beginning) {
            return Ok(beginning.to_owned());
        }
        ids.retain(|id| id.starts_with(beginning));
        match ids.as_slice() {
            [id] => Ok(id.clone()),
            [] => Err(Trouble::NotFound { wanted: Some(beginning.to_owned()), root: self.root.clone() }),
            _ => Err(Trouble::Several { beginning: beginning.to_owned(), ids }),
        }
    }

    /// The newest session that is not closed; where all are, the newest. One that cannot be read counts as not closed: its
    /// trouble has to be told, not passed over.
    ///
    /// # Errors
    /// [`Trouble::NotFound`].
    pub fn find_unfinished(&self) -> Result<String, Trouble> {
        let is_closed = |id: &String| {
            let closes = |event: &Event| matches!(event.body, Body::SessionClosed { .. });
            self.read(id).is_ok_and(|session| session.events.iter().any(closes))
        };
        let unfinished = self.ids()?.into_iter().rev().find(|id| self.began(id) && !is_closed(id));
        unfinished.map_or_else(|| self.find(None), Ok)
    }

    /// Whether a session's first event reached the disk.
    fn began(&self, id: &str) -> bool {
        match self.storage.read(&self.root.join(id).join(JOURNAL), MAX_BATCH as u64) {
            Ok(bytes) => bytes.contains(&b'\n'),
            // A longer one has; of one that cannot be read, opening it will say why.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Every session, oldest first.
    ///
    /// # Errors
    /// Where the directory itself cannot be read; what is wrong with one session stands in its place in the list.
    pub fn list(&self) -> Result<Vec<Listed>, Trouble> {
        let listed = |id: String| Listed { held: self.storage.holder(&self.root.join(&id)), session: self.read(&id), id };
        Ok(self.ids()?.into_iter().map(listed).collect())
    }

    /// Names that may be sessions, sorted, which is by time.
    fn ids(&self) -> Result<Vec<String>, Trouble> {
        match self.storage.names(&self.root) {
            Ok(names) => Ok(names.into_iter().filter(|name| self.dir(name).is_ok()).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Trouble::Disk { doing: "list the sessions", path: self.root.clone(), error }),
        }
    }

    fn existing(&self, id: &str) -> Result<SessionDir, Trouble> {
        let dir = self.dir(id)?;
        match self.storage.names(&dir.path) {
            Ok(_) => Ok(dir),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Trouble::NotFound { wanted: Some(id.to_owned()), root: self.root.clone() })
            }
            Err(error) => Err(Trouble::Disk { doing: "open the session", path: dir.path, error }),
        }
    }

    fn look(&self, dir: SessionDir, why: WhyReadOnly) -> Result<OpenSession, Trouble> {
        let bytes = self.storage.read(&dir.journal(), MAX_JOURNAL).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Trouble::NeverBegan(dir.path.clone()),
            _ => Trouble::Disk { doing: "read the journal", path: dir.journal(), error },
        })?;
        let journal = Journal::read(&bytes);
        let why = match journal.ending {
            // A torn end is what a writer is writing, or what the next one will cut.
            Ending::Intact | Ending::Torn { .. } => why,
            Ending::Newer { line, v } => WhyReadOnly::Newer { line, v },
            Ending::Damaged(damage) => return Err(Trouble::Damaged { path: dir.journal(), damage }),
        };
        let runbook = self.pinned(&dir, &journal.events)?;
        let head = journal.chain.head();
        Ok(OpenSession { dir, runbook, events: journal.events, head, access: Access::ReadOnly(why) })
    }

    /// The pinned runbook, which must be the one the first event names.
    fn pinned(&self, dir: &SessionDir, events: &[Event]) -> Result<Vec<u8>, Trouble> {
        let Some(Body::SessionOpened(opened)) = events.first().map(|event| &event.body) else {
            return Err(Trouble::NeverBegan(dir.path.clone()));
        };
        let path = dir.runbook();
        let bytes = self.storage.read(&path, MAX_RUNBOOK).map_err(|error| Trouble::Disk {
            doing: "read the pinned runbook",
            path: path.clone(),
            error,
        })?;
        let (expected, found) = (&opened.runbook.sha256, Digest::of(&bytes).to_string());
        if *expected != found {
            return Err(Trouble::OtherRunbook { path, expected: expected.clone(), found });
        }
        Ok(bytes)
    }
}
