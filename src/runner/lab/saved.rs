//! A rehearsal's world on disk. While the rehearsal is closed it goes on at real speed, so that the return can be
//! rehearsed too.

use std::io::Write as _;
use std::path::Path;

use chrono::Utc;
use color_eyre::eyre::{WrapErr, eyre};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::Time;
use crate::lab::Lab;

/// What stands in `lab.json`.
#[derive(Debug, Serialize, Deserialize)]
struct SavedLab<World> {
    v: u32,
    saved: Time,
    speed: f64,
    world: World,
}

/// Writes the world so that either the old or the new file is there, whatever happens. It takes some ten milliseconds.
pub fn save(path: &Path, lab: &Lab, speed: f64) -> std::io::Result<()> {
    let saved = SavedLab { v: 1, saved: Utc::now(), speed, world: lab.world() };
    let next = path.with_extension("json.new");
    let mut file = std::fs::File::create(&next)?;
    file.write_all(&serde_json::to_vec(&saved)?)?;
    file.sync_data()?;
    std::fs::rename(&next, path)
}

/// Reads the world, with the time that went by since it was saved, and the speed it ran at.
pub fn load(path: &Path) -> color_eyre::Result<(Lab, f64)> {
    let bytes = std::fs::read(path).wrap_err_with(|| format!("the rehearsal's world {} cannot be read", path.display()))?;
    let saved: SavedLab<Json> = serde_json::from_slice(&bytes).wrap_err_with(|| format!("{} is damaged", path.display()))?;
    if saved.v != 1 {
        return Err(eyre!("{} was written by a later program (format {})", path.display(), saved.v));
    }
    let mut lab = Lab::from_json(&saved.world).map_err(|why| eyre!("{}: {why}", path.display()))?;
    let away = (Utc::now() - saved.saved).max(chrono::TimeDelta::zero());
    lab.advance(lab.now() + away);
    Ok((lab, saved.speed))
}
