//! `lockstep config`: the values in effect and where each came from.

use std::io::Write;

use clap::Args;
use color_eyre::Result;
use serde_json::json;

use super::NOT_DONE;
use crate::io::config::{Broken, Config, Origin};
use crate::text::Safe;
use crate::text::width::{pad, width};

/// Show the settings in effect and where each came from
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 shown, 2 the file, or a baseline that it names, cannot be used.")]
pub struct ConfigArgs {
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb; gives the exit code.
pub fn run(args: &ConfigArgs, out: &mut dyn Write) -> Result<u8> {
    let config = match Config::load() {
        Ok(config) => config,
        Err(broken) => {
            tell(&broken, out)?;
            return Ok(NOT_DONE);
        }
    };
    // What it names is opened too: the next session would be the first to say that it is missing.
    let baselines = config.baselines().err();
    let code = if baselines.is_some() { NOT_DONE } else { 0 };
    let effective = config.effective();
    if args.json {
        let settings = effective.iter().map(|(key, value, from)| {
            let line = if let Origin::File(line) = from { Some(*line) } else { None };
            json!({ "key": key, "value": value, "from": words(*from), "line": line })
        });
        let problems: Vec<String> =
            baselines.iter().flat_map(|broken| broken.problems.iter().map(|(_, text)| text.clone())).collect();
        let whole = json!({ "file": config.file, "settings": settings.collect::<Vec<_>>(), "problems": problems });
        writeln!(out, "{}", serde_json::to_string_pretty(&whole)?)?;
        return Ok(code);
    }
    if let Some(file) = &config.file {
        writeln!(out, "{}{}", Safe::line(&file.display().to_string()), if file.is_file() { "" } else { " (there is no file)" })?;
    }
    let columns = |of: fn(&(String, String, Origin)) -> &String| effective.iter().map(|row| width(of(row))).max().unwrap_or(0);
    let (keys, values) = (columns(|row| &row.0), columns(|row| &row.1));
    for (key, value, from) in &effective {
        let line = if let Origin::File(line) = from { format!(" line {line}") } else { String::new() };
        let (key, value) = (Safe::line(key), Safe::line(value));
        writeln!(out, "{}  {}  {}{line}", pad(key.as_str(), keys), pad(value.as_str(), values), words(*from))?;
    }
    if let Some(broken) = baselines {
        tell(&broken, out)?;
    }
    Ok(code)
}

fn tell(broken: &Broken, out: &mut dyn Write) -> Result<()> {
    for line in broken.to_string().lines() {
        writeln!(out, "error: {}", Safe::line(line))?;
    }
    Ok(())
}

fn words(from: Origin) -> &'static str {
    match from {
        Origin::Default => "default",
        Origin::File(_) => "file",
        Origin::Environment(variable) => variable,
        Origin::Option(option) => option,
    }
}
