//! A runbook from a file, for verbs that need one without errors.

use std::path::Path;

use color_eyre::eyre::{WrapErr, bail};

use crate::runbook::diagnostic::Style;
use crate::runbook::model::Runbook;
use crate::runbook::{self, Diagnostic, Severity};

/// A runbook that can be worked with, and the very bytes it was read from.
pub struct RunbookFile {
    /// The runbook
    pub runbook: Runbook,
    /// Its bytes
    pub bytes: Vec<u8>,
    /// Its text, without a byte order mark
    pub text: String,
}

/// Reads a runbook. Errors in it are shown as `lockstep check` shows them.
pub fn read(path: &Path) -> color_eyre::Result<RunbookFile> {
    let bytes = std::fs::read(path).wrap_err_with(|| format!("the runbook {} cannot be read", path.display()))?;
    let name = path.display().to_string();
    let loaded = runbook::load(&name, &bytes);
    let errors: Vec<_> = loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error).cloned().collect();
    match loaded.runbook {
        Some(runbook) if errors.is_empty() => Ok(RunbookFile { runbook, bytes, text: loaded.text }),
        _ => bail!(
            "{}\nthe runbook has errors: mend them, or see all with `lockstep check {name}`",
            shown(&name, &loaded.text, &errors)
        ),
    }
}

/// The diagnostics as text, each with its place underlined.
pub fn shown(file: &str, text: &str, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|found| found.render(file, text, Style::Plain)).collect::<Vec<_>>().join("\n")
}
