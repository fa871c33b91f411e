//! One writer a session: an operating system lock on the file `lock`, held for as long as the session is open. It ends with
//! its process, however that ends, so it cannot go stale. Who holds it stands beside it in `lock.owner`, for people only:
//! Windows lets nobody read a locked file.

use std::fmt::Debug;
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use super::storage::{private_file, read_at_most};

/// The longest owner text that is read, in bytes.
const MAX_OWNER: u64 = 4096;

/// A held lock. Dropping it gives it up.
#[derive(Debug)]
pub struct Lock {
    _held: Box<dyn Debug + Send>,
}

/// Why a lock was not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// Another process has it; what it said of itself, where that can be read.
    Held(Option<String>),
    /// The file system's answer.
    Failed(io::Error),
}

impl Lock {
    /// A lock that lasts as long as this does.
    pub fn of(held: impl Debug + Send + 'static) -> Self {
        Self { _held: Box::new(held) }
    }

    /// Takes the lock of a session directory. `owner` is written beside it for others to read.
    ///
    /// # Errors
    /// [`NotTaken`]; the lock is never taken from a living holder.
    pub fn take(dir: &Path, owner: &str) -> Result<Self, NotTaken> {
        let file = private_file().write(true).create(true).truncate(false).open(dir.join("lock")).map_err(NotTaken::Failed)?;
        // Somebody may only be looking whether it is held (`holder`), which takes a moment.
        for _ in 0..5 {
            match file.try_lock() {
                Ok(()) => {
                    // Information only: that it could not be written does not make the lock worse.
                    let _ = write_owner(dir, owner);
                    return Ok(Self::of(file));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(error)) => return Err(NotTaken::Failed(error)),
            }
        }
        Err(NotTaken::Held(owner_of(dir)))
    }

    /// Who holds a session directory's lock: none where nobody does, an empty text where that is not known.
    pub fn holder(dir: &Path) -> Option<String> {
        let file = File::open(dir.join("lock")).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(owner_of(dir).unwrap_or_default()),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

fn write_owner(dir: &Path, owner: &str) -> io::Result<()> {
    let mut file = private_file().write(true).create(true).truncate(true).open(dir.join("lock.owner"))?;
    file.write_all(owner.as_bytes())
}

fn owner_of(dir: &Path) -> Option<String> {
    let bytes = read_at_most(&File::open(dir.join("lock.owner")).ok()?, MAX_OWNER).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let first = text.lines().next()?.trim();
    (!first.is_empty()).then(|| first.chars().filter(|c| !c.is_control()).collect())
}
