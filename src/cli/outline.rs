//! `lockstep outline FILE`: what lockstep understood of a runbook: phases, steps, servers, commands, gates, evidence.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::WrapErr;
use serde_json::{Value as Json, json};

use super::{NOT_DONE, check};
use crate::runbook::model::{
    AlertKind, Block, Command, Condition, Field, FieldKind, Gate, Item, Keep, Makes, Phase, Runbook, Starts, Step,
};
use crate::runbook::walk::plain;
use crate::text::Safe;

/// Show what lockstep understood of a runbook.
#[derive(Debug, Args)]
pub struct OutlineArgs {
    /// The runbook
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb; gives the exit code: 1 where the file has errors, which `lockstep check` shows, 2 where it is no text.
pub fn run(args: &OutlineArgs, out: &mut dyn Write) -> Result<u8> {
    let name = Safe::line(&args.file.display().to_string());
    let loaded = check::read(&args.file).wrap_err_with(|| format!("{name} cannot be read"))?;
    let Some(runbook) = &loaded.runbook else {
        let why = loaded.diagnostics.first().map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
        writeln!(out, "error: {name}: {}", Safe::line(&why))?;
        return Ok(NOT_DONE);
    };
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&to_json(runbook))?)?;
    } else {
        let mut page = Page { out };
        page.runbook(runbook)?;
        if loaded.has_errors() {
            page.line(0, &format!("This runbook has errors: see lockstep check {name}"))?;
        }
    }
    Ok(u8::from(loaded.has_errors()))
}

struct Page<'o> {
    out: &'o mut dyn Write,
}

impl Page<'_> {
    /// A line of text from the runbook, made safe.
    fn line(&mut self, indent: usize, text: &str) -> Result<()> {
        writeln!(self.out, "{:indent$}{}", "", Safe::line(text))?;
        Ok(())
    }

    fn runbook(&mut self, runbook: &Runbook) -> Result<()> {
        let version = runbook.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        self.line(0, &format!("{}{version}", runbook.title))?;
        if !runbook.strict {
            self.line(0, "A plain how-to: commands are copied, nothing is checked.")?;
        }
        for role in &runbook.roles {
            let optional = if role.optional { ", optional" } else { "" };
            self.line(2, &format!("role {}: {}, {}{optional}", role.name, role.title, starts(role.starts)))?;
        }
        for field in &runbook.inputs {
            self.line(2, &format!("input {}", field_words(field)))?;
        }
        for condition in &runbook.never {
            self.line(2, &format!("never {}", condition.text))?;
        }
        for (index, phase) in runbook.phases.iter().enumerate() {
            self.phase(index + 1, phase)?;
        }
        Ok(())
    }

    fn phase(&mut self, number: usize, phase: &Phase) -> Result<()> {
        writeln!(self.out)?;
        self.line(0, &format!("{number} {} #{}{}", phase.title, phase.id, phase_words(phase)))?;
        self.when(2, phase.when.as_ref())?;
        for (index, step) in phase.steps.iter().enumerate() {
            self.line(2, &format!("{number}.{} {} #{}{}", index + 1, step.title, step.id, step_words(step)))?;
            self.when(6, step.when.as_ref())?;
            for block in &step.blocks {
                self.block(block)?;
            }
        }
        Ok(())
    }

    fn when(&mut self, indent: usize, when: Option<&Condition>) -> Result<()> {
        when.map_or(Ok(()), |when| self.line(indent, &format!("only when {}", when.text)))
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Checklist(items) => self.items(6, items),
            Block::Alert(alert) if alert.kind == AlertKind::Caution => self.line(6, "caution to acknowledge"),
            Block::Command(command) => self.command(command),
            Block::Form(form) => {
                self.line(6, &format!("form {}", form.id))?;
                form.fields.iter().try_for_each(|field| self.line(8, &field_words(field)))
            }
            Block::Gate(gate) => {
                self.line(6, &format!("gate{}", gate_words(gate)))?;
                gate.lines.iter().try_for_each(|line| self.line(8, &line.text))
            }
            Block::Wanted(wanted) => {
                let optional = if wanted.optional { " (optional)" } else { "" };
                self.line(6, &format!("attach {}{optional}: {}", wanted.id, wanted.caption))
            }
            _ => Ok(()),
        }
    }

    fn items(&mut self, indent: usize, items: &[Item]) -> Result<()> {
        for item in items {
            self.line(indent, &format!("[ ] {}", plain(&item.text)))?;
            self.items(indent + 4, &item.items)?;
        }
        Ok(())
    }

    fn command(&mut self, command: &Command) -> Result<()> {
        self.line(6, &format!("command{}", command_words(command)))?;
        command.text.lines().try_for_each(|line| self.line(8, line))
    }
}

fn starts(starts: Starts) -> &'static str {
    match starts {
        Starts::Active => "starts active",
        Starts::Staging => "starts in staging",
        Starts::Absent => "not installed at the start",
        Starts::Any => "starts as it is",
    }
}

fn field_words(field: &Field) -> String {
    let mut words = format!("{} ({}): {}", field.name, field.kind.word(), field.label);
    if let FieldKind::Choice(choices) = &field.kind {
        let _ = write!(words, ", one of {}", choices.join(", "));
    }
    if field.required {
        words.push_str(", required");
    }
    words
}

fn phase_words(phase: &Phase) -> String {
    let mut words = String::new();
    if let Some(aside) = &phase.aside {
        words.push_str(", aside");
        if !aside.for_findings.is_empty() {
            let _ = write!(words, " for {}", aside.for_findings.join(", "));
        }
        if !aside.reopens.is_empty() {
            let steps: Vec<&str> = aside.reopens.iter().map(crate::runbook::ids::StepId::as_str).collect();
            let _ = write!(words, ", opens {} again", steps.join(", "));
        }
    }
    words
}

fn step_words(step: &Step) -> String {
    let mut words = step.on.as_ref().map(|on| format!(", on {on}")).unwrap_or_default();
    if let Some(makes) = step.makes {
        let _ = write!(words, ", makes it {}", makes.word());
    }
    words
}

fn command_words(command: &Command) -> String {
    let mut words = format!(" {}, {}", command.id, command.run.word());
    if let Some(on) = &command.on {
        let _ = write!(words, ", on {on}");
    }
    if let Some(timeout) = command.timeout {
        let _ = write!(words, ", at most {} s", timeout.as_secs());
    }
    if let Some(into) = &command.into {
        let _ = write!(words, ", kept as $results.{into}");
    }
    if let Some(rollback) = &command.rollback {
        let _ = write!(words, ", on failure {rollback}");
    }
    if !command.wants.is_empty() {
        let _ = write!(words, ", needs {}", command.wants.join(", "));
    }
    words
}

fn gate_words(gate: &Gate) -> String {
    let mut words = String::new();
    if gate.before {
        words.push_str(" before the step begins");
    }
    if let Some(within) = gate.within {
        let _ = write!(words, ", may take {} min", within.as_secs().div_ceil(60));
    }
    match &gate.keep {
        Keep::No => {}
        Keep::ToTheEnd => words.push_str(", kept to the end"),
        Keep::Until(step) => {
            let _ = write!(words, ", kept until {step}");
        }
    }
    if !gate.waivable {
        words.push_str(", no waiver");
    }
    words
}

fn to_json(runbook: &Runbook) -> Json {
    let fields = |fields: &[Field]| -> Vec<Json> {
        let one = |field: &Field| json!({ "name": field.name, "label": field.label, "type": field.kind.word(), "required": field.required });
        fields.iter().map(one).collect()
    };
    let conditions = |list: &[Condition]| list.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    let step = |step: &Step| {
        json!({
            "id": step.id, "title": step.title, "on": step.on, "makes": step.makes.map(Makes::word), "expects": step.expects,
            "when": step.when.as_ref().map(|when| &when.text),
            "items": step.items().iter().map(|item| json!({ "id": item.id, "text": plain(&item.text), "optional": item.optional })).collect::<Vec<_>>(),
            "cautions": step.alerts().filter(|alert| alert.kind == AlertKind::Caution).map(|alert| &alert.id).collect::<Vec<_>>(),
            "commands": step.commands().map(|command| json!({
                "id": command.id, "on": command.on, "run": command.run.word(), "into": command.into,
                "timeoutSeconds": command.timeout.map(|timeout| timeout.as_secs()), "rollback": command.rollback,
                "wants": command.wants, "text": command.text,
            })).collect::<Vec<_>>(),
            "forms": step.forms().map(|form| json!({ "id": form.id, "fields": fields(&form.fields) })).collect::<Vec<_>>(),
            "gates": step.gates().map(|gate| json!({
                "id": gate.id, "lines": conditions(&gate.lines), "before": gate.before, "waivable": gate.waivable,
                "withinSeconds": gate.within.map(|within| within.as_secs()),
                "keep": match &gate.keep { Keep::No => Json::Bool(false), Keep::ToTheEnd => Json::Bool(true), Keep::Until(step) => json!(step) },
            })).collect::<Vec<_>>(),
            "evidence": step.wanted().map(|wanted| json!({ "id": wanted.id, "caption": wanted.caption, "optional": wanted.optional })).collect::<Vec<_>>(),
        })
    };
    json!({
        "title": runbook.title, "id": runbook.id, "version": runbook.version, "runbook": runbook.strict,
        "roles": runbook.roles.iter().map(|role| json!({ "name": role.name, "title": role.title, "starts": role.starts.word(), "optional": role.optional })).collect::<Vec<_>>(),
        "inputs": fields(&runbook.inputs), "never": conditions(&runbook.never), "sources": runbook.sources,
        "phases": runbook.phases.iter().map(|phase| json!({
            "id": phase.id, "title": phase.title, "on": phase.on, "expects": phase.expects,
            "when": phase.when.as_ref().map(|when| &when.text),
            "aside": phase.aside.as_ref().map(|aside| json!({ "for": aside.for_findings, "reopens": aside.reopens })),
            "steps": phase.steps.iter().map(step).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
