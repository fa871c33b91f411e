//! `lockstep test`: takes a runbook through the lab without a screen and without real time.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{TimeZone, Utc};
use clap::Args;
use color_eyre::eyre::{WrapErr, bail, eyre};
use sha2::{Digest, Sha256};

use crate::Time;
use crate::runbook::model::Runbook;
use crate::runner::rehearsal::check::check;
use crate::runner::rehearsal::{Outcome, Script, junit, rehearse};
use crate::session::event::PinnedRunbook;

/// Take a runbook through the lab without a screen
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The runbook
    pub runbook: PathBuf,
    /// The lab's scenario: a bundled one by name, or a file
    #[arg(long, value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// A rehearsal script; may be given more than once. Without one: every script in `rehearsals/NAME/` beside the runbook,
    /// else the usual operator
    #[arg(long, value_name = "FILE")]
    pub script: Vec<PathBuf>,
    /// Write the outcome as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// Runs the verb: 0 where everything came as expected, 1 where not.
pub fn run(args: &TestArgs, out: &mut dyn Write) -> color_eyre::Result<u8> {
    let loaded = super::runbook_file::read(&args.runbook)?;
    let pinned = PinnedRunbook {
        title: loaded.runbook.title.clone(),
        id: loaded.runbook.id.clone(),
        version: loaded.runbook.version.clone(),
        path: args.runbook.display().to_string(),
        sha256: crate::text::hex(&Sha256::digest(&loaded.bytes)),
    };
    let runbook = Arc::new(loaded.runbook);
    let mut outcomes = Vec::new();
    for script in scripts(&args.runbook, &args.script, &runbook)? {
        let name = args.scenario.as_deref().or(script.scenario.as_deref()).unwrap_or(crate::lab::scenario::DEFAULT);
        let scenario = crate::runner::lab::scenario::load(name)?;
        let outcome = rehearse(runbook.clone(), pinned.clone(), &script, &scenario, begin());
        tell(&outcome, out)?;
        outcomes.push(outcome);
    }
    if let Some(path) = &args.junit {
        std::fs::write(path, junit::xml(&outcomes)).wrap_err_with(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(u8::from(!outcomes.iter().all(Outcome::is_ok)))
}

/// Every rehearsal begins on the same evening, so that the same script gives the same journal.
fn begin() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().unwrap_or_default()
}

/// The scripts asked for; else those beside the runbook; else the usual operator.
fn scripts(path: &Path, asked: &[PathBuf], runbook: &Runbook) -> color_eyre::Result<Vec<Script>> {
    let mut files = asked.to_vec();
    if files.is_empty() {
        let stem = path.file_stem().unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new("")).join("rehearsals").join(stem);
        if let Ok(entries) = std::fs::read_dir(&folder) {
            files.extend(
                entries
                    .filter_map(Result::ok)
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|e| e == "yaml")),
            );
        }
        files.sort();
    }
    if files.is_empty() {
        return Ok(vec![Script { title: "the usual operator".into(), ..Script::default() }]);
    }
    files.iter().map(|path| script(path, runbook)).collect()
}

/// One script, held against the runbook.
fn script(path: &Path, runbook: &Runbook) -> color_eyre::Result<Script> {
    let text = std::fs::read_to_string(path).wrap_err_with(|| format!("{} cannot be read", path.display()))?;
    let mut script = Script::parse(&text).map_err(|why| eyre!("{}: {why}", path.display()))?;
    let complaints = check(&text, &script, runbook);
    if !complaints.is_empty() {
        let lines: Vec<String> =
            complaints.iter().map(|found| format!("{}:{}: {}", path.display(), found.line, found.message)).collect();
        bail!("the script does not fit its runbook\n{}", lines.join("\n"));
    }
    if script.title.is_empty() {
        script.title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    }
    Ok(script)
}

fn tell(outcome: &Outcome, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{} / {} on {}", outcome.runbook, outcome.script, outcome.scenario)?;
    for step in &outcome.steps {
        writeln!(out, "  {}", step.line())?;
    }
    for problem in &outcome.problems {
        writeln!(out, "  NOT {problem}")?;
    }
    writeln!(out, "  {}", outcome.summary())
}
