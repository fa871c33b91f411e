//! `lockstep new [FILE]`: a small runbook to start from. Never writes over a file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr, eyre};

use crate::text::Safe;

/// The runbook that is written; a test keeps it free of findings.
pub const TEMPLATE: &str = include_str!("../../assets/new-runbook.md");

/// Write a small runbook to start from.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Where to; an existing file is left alone
    #[arg(value_name = "FILE", default_value = "runbook.md")]
    pub file: PathBuf,
}

/// Runs the verb; gives the exit code.
pub fn run(args: &NewArgs, out: &mut dyn Write) -> Result<u8> {
    let name = Safe::line(&args.file.display().to_string());
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&args.file) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(eyre!("{name} is there already and is left alone: give another name"));
        }
        Err(error) => return Err(error).wrap_err_with(|| format!("{name} cannot be written")),
    };
    file.write_all(TEMPLATE.as_bytes()).wrap_err_with(|| format!("{name} cannot be written"))?;
    writeln!(out, "{name} is written. Next: lockstep check {name}, then lockstep outline {name}.")?;
    Ok(0)
}
