//! What can be wrong with a session directory, each with the path, what was found and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::DATA_DIR_VARIABLE;
use crate::session::line::Damage;

/// Why a session was not made or opened.
#[derive(Debug)]
pub enum Trouble {
    /// The text cannot be an id.
    NoId(
        /// As given
        String,
    ),
    /// There is no such session, or none at all.
    NotFound {
        /// The id that was asked for; none: the newest
        wanted: Option<String>,
        /// Where it was looked for
        root: PathBuf,
    },
    /// More than one id begins so.
    Several {
        /// As given
        beginning: String,
        /// Those that do
        ids: Vec<String>,
    },
    /// Somebody else has just made it.
    Taken(
        /// Its directory
        PathBuf,
    ),
    /// The directory was made, but the first event never reached the disk.
    NeverBegan(
        /// Its directory
        PathBuf,
    ),
    /// The journal is damaged.
    Damaged {
        /// The journal
        path: PathBuf,
        /// Where and how
        damage: Damage,
    },
    /// The pinned runbook is not the one the session began with.
    OtherRunbook {
        /// The pinned copy
        path: PathBuf,
        /// Its SHA-256 in the first event
        expected: String,
        /// Its SHA-256 now
        found: String,
    },
    /// A directory or file cannot be made or written.
    CannotWrite {
        /// Which
        path: PathBuf,
        /// The system's answer
        error: io::Error,
    },
    /// The disk's answer to something else.
    Disk {
        /// What was being done
        doing: &'static str,
        /// With what
        path: PathBuf,
        /// The system's answer
        error: io::Error,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoId(text) => write!(
                f,
                "{text:?} is no session id: expected letters, digits and hyphens, such as 20261121-030000-7f3a9c; `lockstep sessions` lists them"
            ),
            Self::NotFound { wanted: None, root } => write!(f, "there is no session in {}", root.display()),
            Self::NotFound { wanted: Some(id), root } => {
                write!(f, "no session begins with {id:?} in {}; `lockstep sessions` lists them", root.display())
            }
            Self::Several { beginning, ids } => {
                write!(f, "{} sessions begin with {beginning:?}: {}; give more of the id", ids.len(), ids.join(", "))
            }
            Self::Taken(path) => write!(f, "{}: another program has just made this session; start again", path.display()),
            Self::NeverBegan(path) => {
                write!(f, "{}: the session never began: no event of it reached the disk; start a new one", path.display())
            }
            Self::Damaged { path, damage } => {
                write!(
                    f,
                    "{}: {damage}. The session is not opened; keep the directory as it is, and look for an earlier copy",
                    path.display()
                )
            }
            Self::OtherRunbook { path, expected, found } => write!(
                f,
                "{}: not the runbook the session began with: expected the SHA-256 {expected}, found {found}; put the original back",
                path.display()
            ),
            Self::CannotWrite { path, error } => write!(
                f,
                "{} cannot be written: {error}; give another data directory with --data-dir or {DATA_DIR_VARIABLE}",
                path.display()
            ),
            Self::Disk { doing, path, error } => write!(f, "could not {doing}, {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Trouble {}
