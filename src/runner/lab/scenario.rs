//! A scenario of the lab as the operator names it: one that comes with the program, or a file.

use std::path::Path;

use color_eyre::eyre::{WrapErr, eyre};

use crate::lab::Scenario;

/// A scenario by name, or out of a file whose name ends in `.yaml` or `.yml`.
///
/// # Errors
/// In words: no such scenario and which may have been meant, a file that cannot be read or used.
pub fn load(name: &str) -> color_eyre::Result<Scenario> {
    let path = Path::new(name);
    if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
        let text = std::fs::read_to_string(path).wrap_err_with(|| format!("{name} cannot be read"))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        return Scenario::parse(&stem, &text).map_err(|why| eyre!("{name}: {why}"));
    }
    Scenario::bundled(name).map_err(|why| eyre!("{why}"))
}
