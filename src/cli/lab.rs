//! `lockstep lab`: which scenarios and faults a rehearsal can have, and whether a scenario of one's own can be played.

use std::io::Write;
use std::path::PathBuf;

use chrono::{TimeZone, Utc};
use clap::{Args, Subcommand};
use color_eyre::Result;

use super::NOT_DONE;
use crate::lab::scenario::{ServerSpec, Starts};
use crate::lab::{Fault, Lab, Scenario};
use crate::text::Safe;
use crate::text::age::duration;
use crate::text::wrap::wrap;

/// Columns of the text.
const WIDTH: usize = 100;

/// Look at the lab's scenarios and faults
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 shown, or nothing wrong; 1 a scenario cannot be played; 2 there is none of that name, or it cannot be read."
)]
pub struct LabArgs {
    #[command(subcommand)]
    about: About,
}

#[derive(Debug, Subcommand)]
enum About {
    /// The scenarios that come with the program
    List,
    /// One scenario: its servers, its faults and what happens in it by itself
    Show {
        /// A bundled scenario by name, or a file
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// The faults that a server can have
    Faults,
    /// Check scenario files
    Check {
        /// Scenarios in YAML
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// Runs the verb; gives the exit code.
///
/// # Errors
/// Where the output cannot be written.
pub fn run(args: &LabArgs, out: &mut dyn Write) -> Result<u8> {
    match &args.about {
        About::List => list(out),
        About::Show { name } => match crate::runner::lab::scenario::load(name) {
            Ok(scenario) => show(&scenario, name, out),
            Err(why) => wrong(&why.to_string(), NOT_DONE, out),
        },
        About::Faults => faults(out),
        About::Check { files } => {
            let mut code = 0;
            for file in files {
                code = code.max(check(file, out)?);
            }
            Ok(code)
        }
    }
}

fn wrong(why: &str, code: u8, out: &mut dyn Write) -> Result<u8> {
    for (number, line) in why.lines().enumerate() {
        writeln!(out, "{}{}", if number == 0 { "error: " } else { "" }, Safe::line(line))?;
    }
    Ok(code)
}

fn list(out: &mut dyn Write) -> Result<u8> {
    let all = Scenario::list();
    let width = all.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    for (name, title, _) in &all {
        writeln!(out, "{name:width$}  {title}")?;
    }
    Ok(0)
}

fn faults(out: &mut dyn Write) -> Result<u8> {
    let width = Fault::ALL.iter().map(|fault| fault.name().len()).max().unwrap_or(0);
    for fault in Fault::ALL {
        writeln!(out, "{:width$}  {}", fault.name(), fault.description())?;
    }
    Ok(0)
}

fn show(scenario: &Scenario, named: &str, out: &mut dyn Write) -> Result<u8> {
    writeln!(out, "{}: {}", Safe::line(&scenario.name), Safe::line(&scenario.title))?;
    for line in wrap(Safe::line(&scenario.description).as_str(), WIDTH - 2) {
        writeln!(out, "  {line}")?;
    }
    let objects: u64 = scenario.forests.iter().flat_map(|forest| &forest.containers).map(|(_, held)| held.objects()).sum();
    let forests: Vec<&str> = scenario.forests.iter().map(|forest| forest.name.as_str()).collect();
    let threshold = match scenario.deletion_threshold {
        0 => "off".to_owned(),
        objects => format!("{objects} objects"),
    };
    let world = format!(
        "{} with {objects} objects, tenant {}, deletion threshold {threshold}, installer {}, running for {} when the rehearsal begins",
        forests.join(", "),
        scenario.tenant,
        scenario.offers,
        duration(scenario.history)
    );
    writeln!(out, "\nWorld")?;
    for line in wrap(Safe::line(&world).as_str(), WIDTH - 2) {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "\nServers")?;
    let width = scenario.servers.iter().map(|server| server.role.len()).max().unwrap_or(0);
    for server in &scenario.servers {
        writeln!(out, "  {:width$}  {}", Safe::line(&server.role).as_str(), Safe::line(&about(server)))?;
    }
    if !scenario.script.is_empty() {
        writeln!(out, "\nHappens by itself")?;
        for (at, verb) in &scenario.script {
            let when = if *at < chrono::TimeDelta::zero() {
                format!("{} before it begins", duration(-*at))
            } else {
                format!("{} after it began", duration(*at))
            };
            writeln!(out, "  {when:24}  {}", Safe::line(&verb.to_string()))?;
        }
    }
    writeln!(out, "\nRehearse in it: lockstep run RUNBOOK --lab {}", Safe::line(named))?;
    Ok(0)
}

fn about(server: &ServerSpec) -> String {
    let starts = match server.starts {
        Starts::Active => format!("active, {}", server.version),
        Starts::Staging => format!("staging, {}", server.version),
        Starts::Absent => "nothing installed".to_owned(),
    };
    let faults: Vec<&str> = server.faults.iter().map(|fault| fault.name()).collect();
    let faults = if faults.is_empty() { String::new() } else { format!("; faults: {}", faults.join(", ")) };
    format!("{}  {starts}{faults}", server.host)
}

/// A scenario that can be read is also begun: what cannot be played shows then.
fn check(file: &std::path::Path, out: &mut dyn Write) -> Result<u8> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return wrong(&format!("{name}: cannot be read: {error}"), NOT_DONE, out),
    };
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let scenario = match Scenario::parse(&stem, &text) {
        Ok(scenario) => scenario,
        Err(why) => return wrong(&format!("{name}: {why}"), 1, out),
    };
    let begin = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().unwrap_or_default();
    let lab = Lab::new(&scenario, 1, begin);
    // What comes later may well be possible only by what the operator does until then.
    if let [left_out, ..] = lab.left_out() {
        return wrong(&format!("{name}: the scenario cannot do {left_out}"), 1, out);
    }
    let servers = crate::facts::words::count(i64::try_from(lab.servers().len()).unwrap_or(i64::MAX), "server");
    writeln!(out, "{}: {servers}, nothing found", Safe::line(&name))?;
    Ok(0)
}
