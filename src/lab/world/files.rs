//! Files: on a server's own disk, and on shares that every server sees; each with the moment it was written.

use super::World;
use super::server::Server;
use crate::Time;

/// Whether a path is of a share.
pub fn is_share(path: &str) -> bool {
    path.starts_with("\\\\")
}

/// Whether a path names a file in full: `C:\settings.json`, `\\server\share\settings.json`.
pub fn is_full_path(path: &str) -> bool {
    let named = |parts: &str, least: usize| parts.split('\\').count() >= least && parts.split('\\').all(|part| !part.is_empty());
    match path.strip_prefix("\\\\") {
        Some(share) => named(share, 3),
        None => path
            .split_once(":\\")
            .is_some_and(|(drive, rest)| matches!(drive.as_bytes(), [letter] if letter.is_ascii_alphabetic()) && named(rest, 1)),
    }
}

impl Server {
    /// Writes a file on its own disk.
    pub fn write_file(&mut self, path: String, text: String, at: Time) {
        self.written.insert(path.clone(), at);
        self.files.insert(path, text);
    }
}

impl World {
    /// Writes a file, as a server sees its path.
    pub fn write_file(&mut self, server: usize, path: &str, text: String) {
        let now = self.now;
        if is_share(path) {
            self.shares_written.insert(path.to_owned(), now);
            self.shares.insert(path.to_owned(), text);
        } else {
            self.servers[server].write_file(path.to_owned(), text, now);
        }
    }

    /// Removes a file, as a server sees its path.
    pub fn remove_file(&mut self, server: usize, path: &str) {
        let own = &mut self.servers[server];
        let (files, written) =
            if is_share(path) { (&mut self.shares, &mut self.shares_written) } else { (&mut own.files, &mut own.written) };
        files.remove(path);
        written.remove(path);
    }

    /// When a file was written; one from before the lab began is as old as its machine's start.
    pub fn file_written(&self, server: usize, path: &str) -> Time {
        let server = &self.servers[server];
        let known = if is_share(path) { &self.shares_written } else { &server.written };
        known.get(path).copied().unwrap_or(server.host.booted)
    }
}
