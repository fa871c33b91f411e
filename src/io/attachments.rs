//! Attachments: bytes kept in the session directory under their SHA-256, durable before any event names them. The file's own
//! name is data and never a path.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::session_dir::SessionDir;
use super::storage::{Storage, read_at_most};
use crate::session::line::Digest;

mod sniff;

pub use sniff::sniff;

/// The largest attachment, in bytes: 64 MiB.
pub const MAX_ATTACHMENT: u64 = 64 << 20;

/// The longest name that is recorded, in characters.
const MAX_NAME: usize = 200;

/// An attachment whose bytes are on the disk: what `Act::Attach` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of its bytes, hex
    pub sha256: String,
    /// Size
    pub bytes: u64,
    /// What it is, by its first bytes: also its ending in `attachments/`
    pub kind: &'static str,
    /// The file's own name, as data
    pub name: String,
}

/// Why something was not kept.
#[derive(Debug)]
pub enum NotKept {
    /// It cannot be read.
    Unreadable(PathBuf, io::Error),
    /// It is no file.
    NoFile(
        /// Which
        PathBuf,
        /// What it is
        &'static str,
    ),
    /// It is too large.
    TooLarge(PathBuf, u64),
    /// Nothing is in it.
    Empty(String),
    /// The session directory did not take it.
    CannotWrite(PathBuf, io::Error),
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{} cannot be read: {error}", path.display()),
            Self::NoFile(path, what) => {
                let wanted = if *what == LINK { "the file itself" } else { "a file" };
                write!(f, "{} is {what}: give {wanted}", path.display())
            }
            Self::TooLarge(path, bytes) => write!(
                f,
                "{} has {bytes} bytes; an attachment has at most {MAX_ATTACHMENT} (64 MiB): attach the part that matters",
                path.display()
            ),
            Self::Empty(name) => write!(f, "{name} is empty: there is nothing to attach"),
            Self::CannotWrite(path, error) => write!(f, "{} cannot be written: {error}; nothing was attached", path.display()),
        }
    }
}

impl std::error::Error for NotKept {}

/// Where an attachment's bytes are.
pub fn path_of(dir: &SessionDir, sha256: &str, kind: &str) -> PathBuf {
    dir.attachments().join(format!("{sha256}.{kind}"))
}

/// A path as an operator types it or a terminal drops it: quotation marks around it, `~` for the home directory, and (not on
/// Windows, where it parts names) a backslash before what a shell would take apart.
pub fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    let quoted = ['"', '\''].into_iter().find_map(|mark| text.strip_prefix(mark)?.strip_suffix(mark));
    let plain = match quoted {
        Some(inner) => inner.to_owned(),
        None if cfg!(windows) => text.to_owned(),
        None => unescaped(text),
    };
    let below_home = plain.strip_prefix("~/").or_else(|| plain.strip_prefix("~\\").filter(|_| cfg!(windows)));
    match (below_home, directories::BaseDirs::new()) {
        (Some(rest), Some(dirs)) if quoted.is_none() => dirs.home_dir().join(rest),
        _ => PathBuf::from(plain),
    }
}

fn unescaped(text: &str) -> String {
    let (mut plain, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    plain
}

/// Keeps a copy of a file.
///
/// # Errors
/// [`NotKept`]; directories, links, pipes and devices are refused.
pub fn keep_file(storage: &dyn Storage, dir: &SessionDir, path: &Path) -> Result<Kept, NotKept> {
    let bytes = read_file(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    keep(storage, dir, &bytes, &name)
}

/// Keeps pasted text.
///
/// # Errors
/// [`NotKept`]
pub fn keep_text(storage: &dyn Storage, dir: &SessionDir, text: &str) -> Result<Kept, NotKept> {
    keep(storage, dir, text.as_bytes(), "pasted.txt")
}

/// Keeps bytes: written beside their place, synced, named by their SHA-256, and the name synced.
///
/// # Errors
/// [`NotKept`]
pub fn keep(storage: &dyn Storage, dir: &SessionDir, bytes: &[u8], name: &str) -> Result<Kept, NotKept> {
    let name: String = name.chars().take(MAX_NAME).collect();
    if bytes.is_empty() {
        return Err(NotKept::Empty(name));
    }
    let size = bytes.len() as u64;
    if size > MAX_ATTACHMENT {
        return Err(NotKept::TooLarge(PathBuf::from(name), size));
    }
    let kept = Kept { sha256: Digest::of(bytes).to_string(), bytes: size, kind: sniff(bytes), name };
    let path = path_of(dir, &kept.sha256, kept.kind);
    let written = || -> io::Result<()> {
        let there = storage.read(&path, MAX_ATTACHMENT).ok().is_some_and(|there| there == bytes);
        if !there {
            write_beside(storage, &path, bytes)?;
        }
        storage.sync_dir(&dir.attachments())
    };
    written().map_err(|error| NotKept::CannotWrite(path.clone(), error))?;
    Ok(kept)
}

/// Writes a draft and gives it its name. A draft that a crash left is written anew.
fn write_beside(storage: &dyn Storage, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    match storage.remove(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = storage.create_new(&draft)?;
    file.append(bytes)?;
    file.sync()?;
    // Windows does not rename an open file.
    drop(file);
    storage.rename(&draft, path)
}

/// All bytes of an ordinary file. It is looked at through the handle it is read by, so that nothing can be put in its place between.
fn read_file(path: &Path) -> Result<Vec<u8>, NotKept> {
    let unreadable = |error| NotKept::Unreadable(path.to_owned(), error);
    let no_file = |kind: std::fs::FileType| NotKept::NoFile(path.to_owned(), what(kind));
    let named = std::fs::symlink_metadata(path).map_err(unreadable)?;
    if !named.is_file() {
        return Err(no_file(named.file_type()));
    }
    let file = open_without_following(path).map_err(unreadable)?;
    let opened = file.metadata().map_err(unreadable)?;
    if !opened.is_file() {
        return Err(no_file(opened.file_type()));
    }
    if opened.len() > MAX_ATTACHMENT {
        return Err(NotKept::TooLarge(path.to_owned(), opened.len()));
    }
    read_at_most(&file, MAX_ATTACHMENT).map_err(unreadable)
}

/// What a symbolic link is called.
const LINK: &str = "a link";

fn what(kind: std::fs::FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else if kind.is_symlink() {
        LINK
    } else {
        "a pipe, socket or device"
    }
}

#[cfg(unix)]
fn open_without_following(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open_without_following(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::typed_path;

    #[test]
    fn a_path_is_taken_as_it_is_typed_or_dropped() {
        for text in ["/tmp/a b.png", "  '/tmp/a b.png' ", "\"/tmp/a b.png\"", "/tmp/a\\ b.png"] {
            assert_eq!(typed_path(text), Path::new("/tmp/a b.png"), "{text}");
        }
        assert!(typed_path("~/x.png").is_absolute());
        assert_eq!(typed_path("'~/x.png'"), Path::new("~/x.png"));
        assert_eq!(typed_path("it's"), Path::new("it's"));
    }
}
