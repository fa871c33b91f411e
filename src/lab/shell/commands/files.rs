//! Out-File (and `>`, which is the same) and Select-String: printed text into a file, and lines found in text.

use super::super::display::{MATCH, Printer, text_of};
use super::super::error::WIDTH;
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::filter::failed;
use super::{Builtin, Filter, command, gather};
use crate::powershell::operator::Case;
use crate::powershell::pattern;

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &OUT_FILE, make: |call| Box::new(OutFile { call, items: Vec::new() }) },
    Builtin { command: &SELECT, make: |call| Box::new(SelectString { call, line: 0 }) },
];

static OUT_FILE: Command = command(
    "Out-File",
    "Microsoft.PowerShell.Commands.OutFileCommand",
    &[
        Parameter::new("FilePath", Kind::Any).alias(&["LiteralPath", "PSPath", "Path"]).at(0).mandatory(),
        Parameter::new("Encoding", Kind::Text).at(1),
        Parameter::new("Append", Kind::Switch),
        Parameter::new("Force", Kind::Switch),
        Parameter::new("NoClobber", Kind::Switch).alias(&["NoOverwrite"]),
        Parameter::new("NoNewline", Kind::Switch),
        Parameter::new("Width", Kind::Int),
        Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value),
    ],
);
static SELECT: Command = command(
    "Select-String",
    "Microsoft.PowerShell.Commands.SelectStringCommand",
    &[
        Parameter::new("Pattern", Kind::Texts).at(0).mandatory(),
        Parameter::new("Path", Kind::Texts).alias(&["LiteralPath", "PSPath", "FullName"]).at(1),
        Parameter::new("SimpleMatch", Kind::Switch),
        Parameter::new("CaseSensitive", Kind::Switch),
        Parameter::new("NotMatch", Kind::Switch),
        Parameter::new("Quiet", Kind::Switch),
        Parameter::new("List", Kind::Switch),
        Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value),
    ],
);

struct OutFile {
    call: Call,
    items: Vec<Item>,
}

impl Filter for OutFile {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        gather(&mut self.items, input)
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let arguments = &self.call.arguments;
            self.items.extend(self.call.input());
            let width = arguments.value("Width").and_then(|value| value.as_int()).and_then(|width| usize::try_from(width).ok());
            let append = arguments.switch("Append");
            // `> $null` keeps nothing.
            let Some(path) = arguments.get("FilePath").filter(|path| !path.is_null()).map(text_of) else { return Ok(()) };
            let mut printer = Printer::new(width.unwrap_or(WIDTH).clamp(2, 4_096));
            let mut text = String::new();
            for item in std::mem::take(&mut self.items) {
                printer.push(&item, &mut text);
            }
            printer.finish(&mut text);
            shell.write_file(&self.call, &path, text.replace('\n', "\r\n"), append).await
        })
    }
}

struct SelectString {
    call: Call,
    line: i64,
}

impl SelectString {
    fn patterns(&self) -> Vec<String> {
        match self.call.arguments.get("Pattern") {
            Some(Item::Array(items)) => items.iter().map(text_of).collect(),
            Some(item) => vec![text_of(item)],
            None => Vec::new(),
        }
    }

    /// The pattern that a line fits, or with `-NotMatch` the first of those that it does not.
    fn fits(&self, shell: &Evaluator, line: &str) -> Result<Option<String>, Flow> {
        let arguments = &self.call.arguments;
        let case = if arguments.switch("CaseSensitive") { Case::Sensitive } else { Case::Insensitive };
        let mut found = None;
        for pattern in self.patterns() {
            let fits = if arguments.switch("SimpleMatch") {
                if case.matters() { line.contains(&pattern) } else { line.to_lowercase().contains(&pattern.to_lowercase()) }
            } else {
                let compiled = pattern::compile(&pattern, case).map_err(|why| {
                    let message = format!("The string {pattern} is not a valid regular expression: {}", why.message);
                    let failure =
                        Failure::new(message, "System.ArgumentException", "InvalidArgument").id("InvalidRegex").terminating();
                    failed(shell, &self.call, failure)
                })?;
                compiled.is_match(line)
            };
            if fits {
                found = Some(pattern);
                break;
            }
        }
        Ok(match (found, arguments.switch("NotMatch")) {
            (found, false) => found,
            (Some(_), true) => None,
            (None, true) => self.patterns().into_iter().next(),
        })
    }

    /// Tells of one line; whether it fits.
    async fn line(
        &self,
        shell: &mut Evaluator,
        (path, number, line): (Option<&str>, i64, &str),
        out: Sink,
    ) -> Result<bool, Flow> {
        let Some(pattern) = self.fits(shell, line)? else { return Ok(false) };
        if self.call.arguments.switch("Quiet") {
            shell.emit(Item::from(true), out).await?;
            return Ok(true);
        }
        let name = path.map_or("InputStream", |path| path.rsplit('\\').next().unwrap_or(path));
        let shown = path.map_or_else(|| line.to_owned(), |path| format!("{path}:{number}:{line}"));
        let found = Object::new(MATCH)
            .with("IgnoreCase", !self.call.arguments.switch("CaseSensitive"))
            .with("LineNumber", number)
            .with("Line", line)
            .with("Filename", name)
            .with("Path", path.unwrap_or("InputStream"))
            .with("Pattern", pattern)
            .shown_as(shown);
        shell.emit(found.into(), out).await?;
        Ok(true)
    }
}

impl Filter for SelectString {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            // A file that comes down the pipeline is searched, anything else is a line itself.
            let path = input.as_object().and_then(|object| object.get("FullName")).and_then(Item::as_text).map(str::to_owned);
            if let Some(path) = path {
                return self.file(shell, &path, out).await;
            }
            self.line += 1;
            let line = text_of(&input);
            self.line(shell, (None, self.line, &line), out).await.map(|_| ())
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let paths = match self.call.arguments.get("Path") {
                Some(Item::Array(items)) => items.iter().map(text_of).collect(),
                Some(item) => vec![text_of(item)],
                None => Vec::new(),
            };
            for path in paths {
                self.file(shell, &path, out).await?;
            }
            Ok(())
        })
    }
}

impl SelectString {
    async fn file(&self, shell: &mut Evaluator, path: &str, out: Sink) -> Result<(), Flow> {
        let Some(text) = shell.read_file(&self.call, path).await? else { return Ok(()) };
        let once = self.call.arguments.switch("List") || self.call.arguments.switch("Quiet");
        for (line, number) in text.lines().zip(1..) {
            if self.line(shell, (Some(path), number, line), out).await? && once {
                break;
            }
        }
        Ok(())
    }
}
