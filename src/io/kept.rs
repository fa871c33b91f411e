//! Whether the files that events name are still what they were: attachments and transcripts, by their SHA-256.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::attachments::{MAX_ATTACHMENT, path_of};
use super::session_dir::SessionDir;
use super::storage::Storage;
use crate::session::event::{Body, Event};
use crate::session::line::Digest;

/// The largest transcript that is checked, in bytes: 1 GiB.
const MAX_TRANSCRIPT: u64 = 1 << 30;

/// What is wrong with kept files, in words, by the SHA-256 their event names.
pub fn damaged_files(storage: &dyn Storage, dir: &SessionDir, events: &[Event]) -> BTreeMap<String, String> {
    let mut damaged = BTreeMap::new();
    for event in events {
        let (path, sha256, limit, what) = match &event.body {
            Body::AttachmentAdded(kept) => (path_of(dir, &kept.sha256, &kept.kind), &kept.sha256, MAX_ATTACHMENT, &kept.name),
            Body::CommandEnded(end) if end.transcript.bytes > 0 => {
                let path = dir.transcripts().join(format!("{}.log", end.run));
                (path, &end.transcript.sha256, MAX_TRANSCRIPT, &end.run)
            }
            _ => continue,
        };
        // A journal from elsewhere names no file outside its directory.
        let inside = path.parent() == Some(&dir.attachments()) || path.parent() == Some(&dir.transcripts());
        let words = if inside { trouble(storage, &path, sha256, limit) } else { Some("its name is no file's".to_owned()) };
        damaged.extend(words.map(|words| (sha256.clone(), format!("{what}: {words}"))));
    }
    damaged
}

fn trouble(storage: &dyn Storage, path: &Path, sha256: &str, limit: u64) -> Option<String> {
    match storage.read(path, limit) {
        Ok(bytes) => {
            let found = Digest::of(&bytes).to_string();
            (found != *sha256).then(|| format!("the file is not as it was: its SHA-256 is {found} now"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("the file is missing".to_owned()),
        Err(error) => Some(format!("the file cannot be read: {error}")),
    }
}
