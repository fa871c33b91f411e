//! Streams that a command sends elsewhere: `2>$null`, `2>&1`, `3> file`. Only what the command reports while it runs is
//! redirected: an error that keeps it from running is shown, as on a server.

use super::super::commands;
use super::super::display::text_of;
use super::super::execution::Output;
use super::super::host::Arguments;
use super::super::item::{Item, Object};
use super::bind::Common;
use super::pipeline::{Call, Sink};
use super::{Evaluator, Flow};
use crate::powershell::syntax::{RedirectedStream, RedirectedTo, Redirection};
use crate::powershell::token::Span;

/// Where one stream goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Target {
    /// To the console, or wherever the command around this one sends it.
    #[default]
    Own,
    /// Nowhere: `$null`
    Nothing,
    /// Into the output.
    Into(Sink),
    /// Into the file at that place of the list.
    File(usize),
}

/// Where a command's streams go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Targets {
    pub errors: Target,
    pub warnings: Target,
    pub verbose: Target,
    pub information: Target,
}

impl Targets {
    /// These, and where they say nothing those of the command around.
    pub fn within(self, outer: Self) -> Self {
        let or = |own: Target, outer: Target| if own == Target::Own { outer } else { own };
        Self {
            errors: or(self.errors, outer.errors),
            warnings: or(self.warnings, outer.warnings),
            verbose: or(self.verbose, outer.verbose),
            information: or(self.information, outer.information),
        }
    }
}

/// A file that a stream is written to once the pipeline is over.
#[derive(Debug)]
pub struct RedirectedFile {
    path: String,
    append: bool,
    text: String,
}

/// What the redirections of a run hold.
#[derive(Debug, Default)]
pub struct Redirected {
    /// Of the command that runs now.
    pub targets: Targets,
    files: Vec<RedirectedFile>,
    /// What goes into the output next, before anything else does.
    waiting: Vec<(Item, Sink)>,
}

impl Evaluator {
    /// Where a stage's streams go, and whether its output goes nowhere; `out` is where its output goes else.
    pub(super) async fn targets(
        &mut self,
        redirections: &[Redirection],
        out: Sink,
        span: &Span,
    ) -> Result<(Targets, bool), Flow> {
        let (mut targets, mut silent) = (Targets::default(), false);
        for redirection in redirections {
            let target = match &redirection.to {
                RedirectedTo::Output => Target::Into(out),
                RedirectedTo::File { path, append } => {
                    let path = self.expression(path).await?;
                    if path.is_null() {
                        Target::Nothing
                    } else {
                        self.redirected.files.push(RedirectedFile { path: text_of(&path), append: *append, text: String::new() });
                        Target::File(self.redirected.files.len() - 1)
                    }
                }
            };
            match redirection.stream {
                RedirectedStream::Error => targets.errors = target,
                RedirectedStream::Warning => targets.warnings = target,
                RedirectedStream::Verbose => targets.verbose = target,
                // The lab writes nothing into it.
                RedirectedStream::Debug => {}
                RedirectedStream::Information => targets.information = target,
                RedirectedStream::All => {
                    if matches!(target, Target::File(_)) {
                        return Err(self.not_played("redirection of all streams into a file", span));
                    }
                    targets = Targets { errors: target, warnings: target, verbose: target, information: target };
                    silent = target == Target::Nothing;
                }
            }
        }
        Ok((targets, silent))
    }

    /// How many files are open: those from there on belong to the pipeline that begins now.
    pub(super) fn redirected_files(&self) -> usize {
        self.redirected.files.len()
    }

    /// Writes the files of a pipeline that is over.
    pub(super) async fn close_redirected(&mut self, from: usize, span: &Span) -> Result<(), Flow> {
        let files = self.redirected.files.split_off(from);
        let Some(command) = commands::builtin("Out-File").map(|builtin| builtin.command) else { return Ok(()) };
        let call =
            Call { command, arguments: Arguments::default(), common: Common::default(), span: span.clone(), has_input: true };
        for file in files {
            self.write_file(&call, &file.path, file.text.replace('\n', "\r\n"), file.append).await?;
        }
        Ok(())
    }

    /// Sends something of a stream where it goes; `plain` is what the console shows.
    pub(super) fn divert(&mut self, target: Target, plain: Output, item: impl FnOnce() -> (Item, String)) {
        match target {
            Target::Own => self.write(plain),
            Target::Nothing => {}
            Target::Into(sink) => self.redirected.waiting.push((item().0, sink)),
            Target::File(at) => {
                if let Some(file) = self.redirected.files.get_mut(at) {
                    file.text.push_str(&item().1);
                }
            }
        }
    }

    /// The same for a message of a stream that is no error.
    pub(super) fn divert_message(&mut self, target: Target, type_name: &'static str, text: &str, plain: fn(String) -> Output) {
        let record = || (Object::new(type_name).shown_as(text.to_owned()).into(), format!("{text}\n"));
        self.divert(target, plain(text.to_owned()), record);
    }

    /// Puts into the output what a stream was sent there.
    pub(super) async fn pass_waiting(&mut self) -> Result<(), Flow> {
        for (item, sink) in std::mem::take(&mut self.redirected.waiting) {
            self.emit(item, sink).await?;
        }
        Ok(())
    }

    /// Whether something waits to be put out.
    pub(super) fn waits(&self) -> bool {
        !self.redirected.waiting.is_empty()
    }
}
