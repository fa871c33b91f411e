//! The product's database: it grows with the objects and with the run history, and ends where SQL LocalDB ends.

use super::Around;
use super::directory::Directory;
use super::history::Run;
use super::server::{Product, Server};

/// SQL LocalDB holds no more.
pub const LOCAL_DB_LIMIT_MB: i64 = 10_240;
/// More objects than these need a SQL Server of their own.
const LOCAL_DB_OBJECTS: u64 = 100_000;

/// An empty database: schema, rules, the model's files.
const EMPTY_KB: u64 = 620_000;
/// An object: in the metaverse and in two connector spaces, with what is pending.
const OBJECT_KB: u64 = 60;
/// A row of the run history with its step.
const RUN_KB: u64 = 20;
/// An object that a run tells of.
const CHANGE_KB: u64 = 2;

/// Whether an installation of so many objects makes do with SQL LocalDB.
pub fn fits_local_db(objects: u64) -> bool {
    objects <= LOCAL_DB_OBJECTS
}

impl Product {
    /// Used space in MB.
    pub fn database_mb(&self, directory: &Directory) -> i64 {
        let objects: u64 = self.synced.iter().map(|(dn, synced)| directory.population(dn, synced.as_of)).sum();
        let row = |run: &Run| {
            let counted = &run.counters;
            RUN_KB + CHANGE_KB * (counted.adds + counted.updates + counted.deletes + counted.failures)
        };
        let history: u64 = self.history.newest_first().map(row).sum();
        let kb = EMPTY_KB + OBJECT_KB * objects + history;
        self.unpurged_mb + i64::try_from(kb / 1_024).unwrap_or(i64::MAX)
    }

    /// Whether nothing more can be written.
    pub fn database_is_full(&self, directory: &Directory) -> bool {
        self.local_db && self.database_mb(directory) >= LOCAL_DB_LIMIT_MB
    }
}

impl Server {
    /// Fills the database with a history that nothing purged.
    pub(in crate::lab) fn fill_database(&mut self, around: &Around) -> Result<(), String> {
        let name = self.host.name.clone();
        let Some(product) = self.product.as_mut() else { return Ok(()) };
        if !product.local_db {
            return Err(format!("{name} has a SQL Server, not LocalDB: it has no limit"));
        }
        product.unpurged_mb += (LOCAL_DB_LIMIT_MB - product.database_mb(around.directory)).max(0);
        Ok(())
    }
}
