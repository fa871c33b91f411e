//! The seam between a session directory and the disk: the few calls everything durable is made of. The tests put a disk
//! behind it that fails at any call and loses what was not synced.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::lock::{Lock, NotTaken};

/// Calls on paths.
pub trait Storage: Debug + Send + Sync {
    /// Makes a directory and those above it that are missing.
    fn create_dirs(&self, path: &Path) -> io::Result<()>;
    /// Makes one directory; an error where there is one.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes an empty file for appending; an error where there is one.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn Stored>>;
    /// Opens a file for appending.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Stored>>;
    /// All bytes of a file; an error where it is longer than `limit` bytes.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;
    /// Names in a directory, sorted.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Gives a file its name; one that has it already is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable. Nothing to do on Windows, which keeps them so by itself.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Takes the lock of a session directory; `owner` is for others to read.
    fn lock(&self, dir: &Path, owner: &str) -> Result<Lock, NotTaken>;
    /// Who holds it: none where nobody does, an empty text where that is not known.
    fn holder(&self, dir: &Path) -> Option<String>;
}

/// Calls on an open file.
pub trait Stored: Debug + Send {
    /// Writes at the end.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// How long it is now, whoever wrote it.
    fn length(&self) -> io::Result<u64>;
    /// Cuts it.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
    /// Makes its bytes durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// The disks of this machine. What it makes only its user may read.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalDisk;

impl Storage for LocalDisk {
    fn create_dirs(&self, path: &Path) -> io::Result<()> {
        private_dir().recursive(true).create(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        private_dir().create(path)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn Stored>> {
        Ok(Box::new(private_file().append(true).create_new(true).open(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Stored>> {
        Ok(Box::new(OpenOptions::new().append(true).open(path)?))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        read_at_most(&File::open(path)?, limit)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            // A name that is no text is none of ours.
            names.extend(entry?.file_name().into_string().ok());
        }
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn lock(&self, dir: &Path, owner: &str) -> Result<Lock, NotTaken> {
        Lock::take(dir, owner)
    }

    fn holder(&self, dir: &Path) -> Option<String> {
        Lock::holder(dir)
    }
}

impl Stored for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// All bytes of an open file; an error where there are more than `limit`.
pub fn read_at_most(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than the limit of {limit} bytes")));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn private_dir() -> fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private_dir() -> fs::DirBuilder {
    fs::DirBuilder::new()
}

/// How a file is opened that only its user may read.
#[cfg(unix)]
pub(super) fn private_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// How a file is opened that only its user may read: a Windows profile's own rights see to it.
#[cfg(not(unix))]
pub(super) fn private_file() -> OpenOptions {
    OpenOptions::new()
}
