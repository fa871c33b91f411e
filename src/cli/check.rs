//! `lockstep check FILE…`: everything that is wrong with runbooks, printed as a compiler prints it, or as JSON.

mod powershell;

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use color_eyre::Result;
use serde_json::{Value as Json, json};

use super::NOT_DONE;
use crate::runbook::diagnostic::Style;
use crate::runbook::source::{LIMIT, Lines};
use crate::runbook::{Diagnostic, Loaded, Severity, lint, load, rules};
use crate::text::Safe;

pub use powershell::Ask;

/// Check runbooks without asking any server.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing that keeps a runbook from being used, 1 errors, 2 a file could not be read.")]
pub struct CheckArgs {
    /// Runbooks to check; a folder stands for the runbooks in it and below, how-tos left out
    #[arg(value_name = "FILE", required_unless_present = "rules")]
    pub files: Vec<PathBuf>,
    /// One JSON array of findings instead of text
    #[arg(long)]
    pub json: bool,
    /// Take these for errors, too
    #[arg(long, value_name = "WHAT")]
    pub deny: Option<Deny>,
    /// The PowerShell that is asked for the syntax of commands: a program, `none`, or `auto` for the one on PATH
    #[arg(long, value_name = "PATH", default_value = "auto", value_parser = |text: &str| Ok::<_, String>(Ask::from(text)))]
    pub powershell: Ask,
    /// Say also where no PowerShell was asked
    #[arg(short, long)]
    pub verbose: bool,
    /// List every rule with its severity
    #[arg(long)]
    pub rules: bool,
    /// Colours of the text
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// What `--deny` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings fail the check, too.
    Warnings,
}

/// When text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where standard output is a terminal and `NO_COLOR` is not set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    fn style(self) -> Style {
        let auto = || io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if self == Self::Always || (self == Self::Auto && auto()) { Style::Coloured } else { Style::Plain }
    }
}

/// Runs the verb; gives the exit code.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Result<u8> {
    if args.rules {
        list_rules(args.json, out)?;
        return Ok(0);
    }
    let mut files: Vec<(String, io::Result<Loaded>)> = args.files.iter().flat_map(|path| read_all(path)).collect();
    let mut readable: Vec<&mut Loaded> = files.iter_mut().filter_map(|(_, loaded)| loaded.as_mut().ok()).collect();
    let not_asked = powershell::check(&mut readable, &args.powershell);
    let mut tally = Tally::default();
    let mut json = Vec::new();
    for (name, loaded) in &files {
        match loaded {
            Err(error) => {
                tally.unreadable += 1;
                let message = format!("cannot be read: {error}");
                if args.json {
                    json.push(json!({ "file": name, "rule": rules::UNREADABLE.name, "severity": "error", "message": message }));
                } else {
                    writeln!(out, "error: {} {message}", Safe::line(name))?;
                }
            }
            Ok(loaded) => {
                tally.unreadable += usize::from(loaded.runbook.is_none());
                let lines = Lines::of(&loaded.text);
                for diagnostic in &loaded.diagnostics {
                    tally.count(diagnostic.severity);
                    if args.json {
                        json.push(diagnostic.to_json(name, &loaded.text, &lines));
                    } else {
                        writeln!(out, "{}\n", diagnostic.render(name, &loaded.text, args.color.style()))?;
                    }
                }
            }
        }
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&Json::Array(json))?)?;
    } else {
        if let Some(why) = not_asked.filter(|_| args.verbose) {
            writeln!(out, "note: {why}")?;
        }
        writeln!(out, "{}", tally.sentence(files.len()))?;
    }
    // A check that looked at nothing must not be green.
    Ok(if files.is_empty() { 2 } else { tally.code(args.deny.is_some()) })
}

/// A file, or the runbooks of a folder: its Markdown files and those below, without what is hidden and without how-tos.
fn read_all(path: &Path) -> Vec<(String, io::Result<Loaded>)> {
    let named = |path: &Path| (path.display().to_string(), read(path));
    if !path.is_dir() {
        return vec![named(path)];
    }
    let (mut found, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                found.push((folder.display().to_string(), Err(error)));
                continue;
            }
        };
        for entry in entries {
            let path = entry.path();
            // What a link leads to is not below this folder, and may lead back to it.
            let kind = entry.file_type().ok().filter(|_| !entry.file_name().as_encoded_bytes().starts_with(b"."));
            if kind.is_some_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if kind.is_some_and(|kind| kind.is_file())
                && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
            {
                found.push(named(&path));
            }
        }
    }
    let is_how_to = |loaded: &io::Result<Loaded>| {
        let plain = loaded.as_ref().is_ok_and(|loaded| loaded.runbook.as_ref().is_some_and(|runbook| !runbook.strict));
        plain && !loaded.as_ref().is_ok_and(|loaded| loaded.diagnostics.iter().any(|found| found.severity != Severity::Info))
    };
    found.retain(|(_, loaded)| !is_how_to(loaded));
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// Reads and checks a runbook on disk: everything that [`load()`] finds, and pictures that are not beside it.
pub fn read(path: &Path) -> io::Result<Loaded> {
    let mut bytes = Vec::new();
    // One byte more than is taken, so that `load` sees that it is too much, and no more of it.
    let limit = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    let mut loaded = load(&path.to_string_lossy(), &bytes);
    if let Some(runbook) = &loaded.runbook {
        let folder = path.parent().unwrap_or(Path::new(""));
        let more = lint::missing_pictures(runbook, &|picture| folder.join(picture).is_file());
        loaded.diagnostics.extend(more);
        if !runbook.strict {
            loaded.diagnostics.push(plain());
        }
        loaded.diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    }
    Ok(loaded)
}

fn plain() -> Diagnostic {
    rules::PLAIN_HOW_TO
        .at(0..0, "this is a how-to, not a runbook: its commands are copied, and no gate is checked")
        .help("begin the file with `---`, `lockstep: 1`, `---` to make it one")
}

fn list_rules(json: bool, out: &mut dyn Write) -> Result<()> {
    if json {
        let list: Vec<Json> = rules::ALL
            .iter()
            .map(|rule| json!({ "rule": rule.name, "severity": rule.severity.name(), "about": rule.about }))
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&list)?)?;
        return Ok(());
    }
    let width = rules::ALL.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in rules::ALL {
        writeln!(out, "{:width$}  {:7}  {}", rule.name, rule.severity.name(), rule.about)?;
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Tally {
    errors: usize,
    warnings: usize,
    unreadable: usize,
}

impl Tally {
    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => {}
        }
    }

    fn code(&self, deny_warnings: bool) -> u8 {
        if self.unreadable > 0 { NOT_DONE } else { u8::from(self.errors > 0 || (deny_warnings && self.warnings > 0)) }
    }

    fn sentence(&self, files: usize) -> String {
        let count = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
        if files == 0 {
            return "no runbook was found".to_owned();
        }
        let files = count(files, "file");
        if self.errors + self.warnings + self.unreadable == 0 {
            return format!("{files} checked, nothing found");
        }
        format!("{files} checked: {}, {}", count(self.errors.max(self.unreadable), "error"), count(self.warnings, "warning"))
    }
}
