//! What is wrong with a runbook: where, what was found, what was expected, what to do.
//! Printed as a compiler prints it, or as JSON for editors and pipelines.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value as Json, json};

use super::model::Span;
use super::source::{Lines, floor_char};

/// How bad a finding of lint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The runbook cannot be used as it is.
    Error,
    /// It can, and probably does not do what its author means.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// As printed and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "note",
        }
    }
}

/// One finding about a runbook's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Name of the rule in [`super::rules::ALL`]
    pub rule: &'static str,
    /// How bad it is
    pub severity: Severity,
    /// Place in the text
    pub span: Span,
    /// What was found, in one sentence
    pub message: String,
    /// Words under the underlined place
    pub label: Option<String>,
    /// What to do
    pub help: Option<String>,
}

impl Diagnostic {
    /// The same with words under the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with what to do, where there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// For a terminal: message, place and help, without a newline at the end. Nothing of the text reaches it unsanitised.
    pub fn render(&self, file: &str, text: &str, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::NOTE,
        };
        let (source, first_line, span) = excerpt(text, &self.span);
        let source = visible(&source);
        let label = self.label.as_deref().map(said);
        let mut annotation = AnnotationKind::Primary.span(span);
        if let Some(label) = &label {
            annotation = annotation.label(label.as_str());
        }
        let (message, file) = (said(&self.message), said(file));
        let snippet = Snippet::source(source.as_str()).line_start(first_line).path(file.as_str()).annotation(annotation);
        let mut report = vec![level.primary_title(message.as_str()).id(self.rule).element(snippet)];
        let help = self.help.as_deref().map(said);
        if let Some(help) = &help {
            report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        renderer.render(&report)
    }

    /// For editors and pipelines: file, line, column, rule, severity, message, help. Line and column count from 1.
    pub fn to_json(&self, file: &str, text: &str, lines: &Lines) -> Json {
        let (line, column) = lines.place(text, self.span.start);
        let (end_line, end_column) = lines.place(text, self.span.end);
        json!({
            "file": file, "line": line, "column": column, "endLine": end_line, "endColumn": end_column,
            "rule": self.rule, "severity": self.severity.name(), "message": self.message, "label": self.label, "help": self.help,
        })
    }
}

/// Whether colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text only
    Plain,
    /// With terminal colours
    Coloured,
}

/// Longest piece of a line that is shown, in bytes: a line of a megabyte must not fill the screen.
const EXCERPT: usize = 400;

/// The lines around a span with the number of the first one, cut to what can be read, and the span within them.
fn excerpt(text: &str, span: &Span) -> (String, usize, Span) {
    let start = floor_char(text, span.start);
    let end = floor_char(text, span.end.clamp(start, start + EXCERPT));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let from = if start - line_start > EXCERPT { floor_char(text, start - EXCERPT / 2) } else { line_start };
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let to = if line_end - end > EXCERPT { floor_char(text, end + EXCERPT / 2) } else { line_end };
    let first_line = 1 + text[..start].bytes().filter(|byte| *byte == b'\n').count();
    (text[from..to].to_owned(), first_line, start - from..end - from)
}

/// The same number of bytes with everything that a terminal would obey, or that hides text, made visible.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c.to_string(),
            '\r' => " ".to_owned(),
            c if c.is_control() || is_hidden(c) => "?".repeat(c.len_utf8()),
            c => c.to_string(),
        })
        .collect()
}

/// Our own words, which may name a piece of the text: the renderer lays out the tabs of a source, not those of a title.
fn said(text: &str) -> String {
    visible(text).replace('\t', " ")
}

/// Characters that reorder or hide text: bidirectional controls, zero-width characters, the byte order mark within a text.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}')
}

/// The candidate that was probably meant, where one is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 80 {
        return None;
    }
    let folded = word.to_ascii_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?`, else the list of what there is.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(word, candidates.clone()) {
        return Some(format!("did you mean '{near}'?"));
    }
    let all: Vec<&str> = candidates.into_iter().collect();
    (!all.is_empty() && all.len() <= 16).then(|| format!("known here: {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::rules;
    use super::*;

    #[test]
    fn a_finding_names_file_line_rule_and_help() {
        let text = "---\nlockstep: 1\nrols: {}\n---\n";
        let finding = rules::UNKNOWN_KEY.at(16..20, "unknown key 'rols'").help("did you mean 'roles'?");
        let shown = finding.render("swap.md", text, Style::Plain);
        for part in ["error[unknown-key]: unknown key 'rols'", "swap.md:3:1", "rols: {}", "^^^^", "did you mean 'roles'?"] {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
        let json = finding.to_json("swap.md", text, &Lines::of(text));
        assert_eq!((json["line"].as_u64(), json["column"].as_u64()), (Some(3), Some(1)));
    }

    #[test]
    fn nothing_of_the_text_reaches_the_terminal() {
        let text = "a\u{1b}]0;title\u{7}b\u{202e}c";
        let shown = rules::HIDDEN_CHARACTER.at(1..2, text).render("x\u{1b}[2J.md", text, Style::Plain);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}') && !shown.contains('\u{202e}'), "{shown:?}");
    }

    #[test]
    fn a_long_line_is_cut() {
        let text = format!("{}bad{}", "x".repeat(1_000_000), "y".repeat(1_000_000));
        let shown = rules::UNKNOWN_KEY.at(1_000_000..1_000_003, "here").render("x.md", &text, Style::Plain);
        assert!(shown.len() < 4_000, "{} bytes", shown.len());
    }

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(nearest("rols", ["roles", "inputs"]), Some("roles"));
        assert_eq!(nearest("SyncCycleEnabeld", ["SyncCycleEnabled", "StagingModeEnabled"]), Some("SyncCycleEnabled"));
        assert_eq!(nearest("weather", ["roles", "inputs"]), None);
    }
}
