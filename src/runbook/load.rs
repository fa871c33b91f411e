//! Bytes to a runbook with everything that is wrong with it. Pure: whether a picture is there is asked by [`lint::missing_pictures`].

use super::diagnostic::{Diagnostic, Severity};
use super::model::Runbook;
use super::{lint, parse, source};

/// A file as far as it could be understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The runbook; none where the bytes are no text.
    pub runbook: Option<Runbook>,
    /// What is wrong, in the order of the text
    pub diagnostics: Vec<Diagnostic>,
    /// What the spans are offsets of: the file without its byte order mark
    pub text: String,
}

impl Loaded {
    /// Whether anything keeps it from being used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads and checks a file. `file_name` is the last resort for a title.
pub fn load(file_name: &str, bytes: &[u8]) -> Loaded {
    let text = match source::read(bytes) {
        Ok(text) => text,
        Err(error) => {
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(source::LIMIT)]).into_owned();
            let text = text.trim_start_matches('\u{feff}').to_owned();
            return Loaded { runbook: None, diagnostics: vec![error], text };
        }
    };
    let (runbook, notes) = parse::parse(file_name, &text);
    let found = lint::run(&runbook, &notes, &text);
    // Nothing in a how-to is an error; of the parser's findings nothing concerns its author.
    let mut diagnostics = if runbook.strict { notes.diagnostics } else { Vec::new() };
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    Loaded { runbook: Some(runbook), diagnostics, text }
}
