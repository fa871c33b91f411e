//! The syntax of commands as PowerShell itself reads it: where one is at hand, its parser is asked once for every command.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::io::agent::{local::Local, parser};
use crate::rb1::syntax::SyntaxError;
use crate::runbook::model::{Command, Span};
use crate::runbook::source::place_of;
use crate::runbook::{Diagnostic, Loaded, rules};
use crate::text::Safe;

/// Which PowerShell is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The first one on PATH, where there is one
    OnPath,
    /// This program
    Program(PathBuf),
    /// None
    Nobody,
}

impl From<&str> for Ask {
    fn from(text: &str) -> Self {
        match text {
            "none" => Self::Nobody,
            "" | "auto" => Self::OnPath,
            program => Self::Program(program.into()),
        }
    }
}

impl Ask {
    fn program(&self) -> Result<PathBuf, &'static str> {
        match self {
            Self::Nobody => Err("--powershell none"),
            Self::Program(program) => Ok(program.clone()),
            Self::OnPath => on_path(std::env::var_os("PATH").as_deref()).ok_or("there is none on PATH"),
        }
    }
}

/// A program of the current folder is never taken for it: only absolute folders count.
fn on_path(path: Option<&OsStr>) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(path?).filter(|folder| folder.is_absolute()).collect();
    let names: &[&str] = if cfg!(windows) { &["powershell.exe", "pwsh.exe"] } else { &["pwsh", "powershell"] };
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|program| is_program(program)))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// Adds what PowerShell finds wrong with the commands of these runbooks. Gives the reason where nobody was asked.
pub(super) fn check(loaded: &mut [&mut Loaded], ask: &Ask) -> Option<String> {
    let commands = |loaded: &Loaded| -> Vec<Command> {
        let strict = loaded.runbook.iter().filter(|runbook| runbook.strict);
        strict.flat_map(|runbook| runbook.steps().flat_map(|(_, step)| step.commands()).cloned()).collect()
    };
    let commands: Vec<Vec<Command>> = loaded.iter().map(|one| commands(one)).collect();
    let texts: Vec<&str> = commands.iter().flatten().map(|command| command.text.as_str()).collect();
    if texts.is_empty() {
        return None;
    }
    let program = match ask.program() {
        Ok(program) => program,
        Err(why) => return Some(format!("no PowerShell was asked for the syntax of commands: {why}")),
    };
    let mut answers = match parser::parse(&Local::with_program(&program), &texts) {
        Ok(answers) => answers.into_iter(),
        Err(why) => {
            let program = Safe::line(&program.display().to_string()).into_string();
            return Some(format!("{program} was not asked for the syntax of commands: {}", Safe::line(&why)));
        }
    };
    for (loaded, commands) in loaded.iter_mut().zip(&commands) {
        for (command, errors) in commands.iter().zip(answers.by_ref()) {
            add(loaded, command, &errors);
        }
        loaded.diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    }
    None
}

/// What lockstep's own lexer has found in a command already is not told twice.
fn add(loaded: &mut Loaded, command: &Command, errors: &[SyntaxError]) {
    let known = |found: &Diagnostic| {
        found.rule == rules::COMMAND_SYNTAX.name && (command.span.start..=command.span.end).contains(&found.span.start)
    };
    if loaded.diagnostics.iter().any(known) {
        return;
    }
    for error in errors {
        let place = place_of(&loaded.text, &command.text, &command.span, &part(&command.text, error));
        let message = format!("PowerShell: {}", Safe::line(&error.message));
        loaded.diagnostics.push(rules::POWERSHELL_SYNTAX.at(place, message));
    }
}

/// The part of the text that an error is about, else its whole line.
fn part(text: &str, error: &SyntaxError) -> Span {
    let start: usize = text.split_inclusive('\n').take(error.line.saturating_sub(1)).map(str::len).sum();
    let line = text[start..].lines().next().unwrap_or_default();
    let about = error.about.lines().next().unwrap_or_default();
    let whole = || {
        let indent = line.len() - line.trim_start().len();
        start + indent..start + line.trim_end().len().max(indent)
    };
    match line.find(about).filter(|_| !about.is_empty()) {
        Some(at) => start + at..start + at + about.len(),
        None => whole(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_about_its_words_or_its_line() {
        let text = "Get-Date\n  if ($x {\n}";
        let of = |line: usize, about: &str| {
            let error = SyntaxError { line, message: String::new(), about: about.to_owned() };
            &text[part(text, &error)]
        };
        assert_eq!(of(2, "("), "(");
        assert_eq!(of(2, "elsewhere"), "if ($x {");
        assert_eq!(of(2, ""), "if ($x {");
        assert_eq!(of(3, "}\nmore"), "}");
        assert_eq!(of(9, ""), "");
    }

    #[test]
    fn words_say_whom_to_ask() {
        assert_eq!(Ask::from("none"), Ask::Nobody);
        assert_eq!(Ask::from("auto"), Ask::OnPath);
        assert_eq!(Ask::from("/usr/bin/pwsh"), Ask::Program("/usr/bin/pwsh".into()));
        assert_eq!(on_path(Some(OsStr::new("."))), None);
    }
}
