//! What `lockstep test` is to play: the runbook and its script from their files, held against each other, and the sessions
//! that follow.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use color_eyre::eyre::{WrapErr, bail, eyre};
use sha2::{Digest, Sha256};

use crate::cli::runbook_file;
use crate::runbook::model::Runbook;
use crate::runner::rehearsal::check::{Complaint, check};
use crate::runner::rehearsal::{Planned, Script};
use crate::session::event::PinnedRunbook;

/// A runbook that is to be rehearsed.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// What was understood
    pub runbook: Arc<Runbook>,
    pinned: PinnedRunbook,
}

impl Rehearsed {
    /// Reads a runbook.
    ///
    /// # Errors
    /// In words, where it cannot be read or has errors.
    pub fn read(path: &Path) -> color_eyre::Result<Self> {
        let loaded = runbook_file::read(path)?;
        let pinned = PinnedRunbook {
            title: loaded.runbook.title.clone(),
            id: loaded.runbook.id.clone(),
            version: loaded.runbook.version.clone(),
            path: path.display().to_string(),
            sha256: crate::text::hex(&Sha256::digest(&loaded.bytes)),
        };
        Ok(Self { runbook: Arc::new(loaded.runbook), pinned })
    }

    /// It with a script that is not a file's.
    pub fn with(&self, script: Script) -> Planned {
        Planned { runbook: self.runbook.clone(), pinned: self.pinned.clone(), script, then: None }
    }

    /// It with a script from a file, and what follows.
    ///
    /// # Errors
    /// In words: the file, the line, what was found there and what was expected.
    pub fn with_file(&self, path: &Path) -> color_eyre::Result<Planned> {
        let text = std::fs::read_to_string(path).wrap_err_with(|| format!("{} cannot be read", path.display()))?;
        let mut script = Script::parse(&text).map_err(|why| eyre!("{}: {why}", path.display()))?;
        if script.title.is_empty() {
            script.title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        }
        let mut complaints = check(&part(&text, Part::First), &script, &self.runbook);
        let mut then = None;
        if let (Some(said), Some(script)) = (&script.then, script.following()) {
            let file = path.parent().unwrap_or(Path::new("")).join(&said.runbook);
            let next = Self::read(&file).wrap_err_with(|| format!("{}: what follows cannot be played", path.display()))?;
            complaints.extend(check(&part(&text, Part::Then), &script, &next.runbook));
            let pause = said.after.and_then(|span| TimeDelta::from_std(span.0).ok()).unwrap_or_default();
            then = Some((pause, Box::new(next.with(script))));
        }
        if !complaints.is_empty() {
            let line = |found: &Complaint| format!("{}:{}: {}", path.display(), found.line, found.message);
            bail!("the script does not fit its runbook\n{}", complaints.iter().map(line).collect::<Vec<_>>().join("\n"));
        }
        Ok(Planned { then, ..self.with(script) })
    }
}

/// The scripts that a runbook has beside it, in order.
pub fn beside(runbook: &Path) -> Vec<PathBuf> {
    let stem = runbook.file_stem().unwrap_or_default();
    let folder = runbook.parent().unwrap_or(Path::new("")).join("rehearsals").join(stem);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    files.sort();
    files
}

/// The scenario of a rehearsal that names none: that of the runbook's own clean script, else the one that suits most.
pub fn usual_scenario(runbook: &Path) -> String {
    let clean = beside(runbook).into_iter().find(|file| file.file_stem().is_some_and(|stem| stem == "clean"));
    let script = clean.and_then(|file| std::fs::read_to_string(file).ok()).and_then(|text| Script::parse(&text).ok());
    script.and_then(|script| script.scenario).unwrap_or_else(|| crate::lab::scenario::DEFAULT.to_owned())
}

/// Which session of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Then,
}

/// The text of one session; the lines of the other are empty, so that every line keeps its number.
fn part(text: &str, wanted: Part) -> String {
    let mut here = Part::First;
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if !line.starts_with([' ', '#', '\n', '\r']) {
            here = if line.starts_with("then:") { Part::Then } else { Part::First };
        }
        out.push_str(if here == wanted { line } else { "\n" });
    }
    out
}
