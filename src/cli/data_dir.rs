//! Where sessions are kept, as every verb that needs them takes it.

use std::path::PathBuf;

use color_eyre::eyre::eyre;

use crate::io::config::Config;
use crate::io::session_dir::{DATA_DIR_VARIABLE, Sessions};

/// The data directory of a verb.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DataDir {
    /// Keep and look for sessions here instead of in the user's own data directory
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl DataDir {
    /// The sessions there.
    ///
    /// # Errors
    /// Where no directory is named and the system knows no home of the user.
    pub fn sessions(&self, config: &Config) -> color_eyre::Result<Sessions> {
        let dir = self.data_dir.clone().or_else(|| config.data_dir.value.clone());
        let dir = dir.ok_or_else(|| eyre!("no home directory is known: give --data-dir DIR or set {DATA_DIR_VARIABLE}"))?;
        Ok(Sessions::of(&dir))
    }
}
