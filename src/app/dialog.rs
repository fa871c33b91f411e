//! The one dialog that may be open. A dialog is a value, so two can never be open and none is hidden.

use super::entry::{Entry, Fields, Kind};
use super::palette::Palette;
use crate::engine::Engine;
use crate::facts::ServerName;
use crate::runbook::ids::{PartId, PhaseId, StepId};
use crate::runbook::model::{Command, Field, FieldKind, Form, RunMode};
use crate::session::event::Resolution;

/// A dialog.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// The look at the gates before a step is confirmed, or begins.
    Look,
    /// A command with its exact text and its server.
    Run(Run),
    /// A note being written.
    Note(Fields),
    /// A file or a text being attached.
    Attach(Attach),
    /// A form of the step.
    Form(FormDialog),
    /// Why: of a waiver, a reopening, an aside, an answer.
    Reason(Reason),
    /// What became of an interrupted command.
    Resolve(Resolve),
    /// A server is recorded as isolated.
    Isolate(Isolate),
    /// The session is closed.
    Close(Fields),
    /// The program is left while a command runs.
    Leave,
    /// What happened while the session was away.
    Resume(Scroll),
    /// Findings and their ways of recovery.
    Findings(usize),
    /// The output of a run.
    Output(Output),
    /// All keys.
    Help(Scroll),
    /// How the connections went, and what came that was no answer.
    Connections(Scroll),
    /// What the runbook says before its first step, and a phase before its own.
    About(About),
    /// All commands by name.
    Palette(Palette),
    /// The simulated world.
    Lab(Lab),
}

/// How far a dialog is scrolled, in rows; the drawing holds it within what there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll(pub usize);

/// A command about to be run.
#[derive(Debug, Clone)]
pub struct Run {
    /// Which
    pub command: PartId,
    /// For `run=type`: the server's name being typed, and what it must be
    pub typed: Option<(Fields, String)>,
}

/// An attachment being named.
#[derive(Debug, Clone)]
pub struct Attach {
    /// The wanted evidence it answers, and its caption
    pub wanted: Option<(PartId, String)>,
    /// A path, or a text
    pub fields: Fields,
}

/// A form being filled in.
#[derive(Debug, Clone)]
pub struct FormDialog {
    /// Which
    pub form: PartId,
    /// Names of its fields, in their order
    pub names: Vec<String>,
    /// What is entered
    pub fields: Fields,
}

/// What a reason is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Passing gate lines that are not True.
    Waive,
    /// Opening a confirmed step again.
    Reopen(StepId),
    /// Entering a phase off the main path.
    Aside(PhaseId),
    /// Whether a step applies whose condition is unknown.
    Applies,
}

/// A reason being written.
#[derive(Debug, Clone)]
pub struct Reason {
    /// What for
    pub purpose: Purpose,
    /// The reason
    pub fields: Fields,
}

/// An interrupted command being resolved.
#[derive(Debug, Clone)]
pub struct Resolve {
    /// Which run
    pub run: String,
    /// What became of it, once said
    pub how: Option<Resolution>,
    /// How that is known
    pub fields: Fields,
}

/// An isolation being recorded.
#[derive(Debug, Clone)]
pub struct Isolate {
    /// Server names, in the order of the choice
    pub servers: Vec<ServerName>,
    /// Which server, how it was isolated, how that was checked
    pub fields: Fields,
}

/// The lab being told something.
#[derive(Debug, Clone)]
pub struct Lab {
    /// Which of its offers is taken
    pub offer: Option<usize>,
    /// What is said
    pub fields: Fields,
}

/// The preface of the runbook and the introduction of a phase being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Which phase; none before a step is open
    pub phase: Option<PhaseId>,
    /// How far it is scrolled
    pub scroll: Scroll,
}

/// The output of a run being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Which run
    pub run: String,
    /// Lines between the end and the last one shown; 0 follows the end
    pub back: usize,
    /// Columns of the lines that are left out at their beginning
    pub right: usize,
}

impl Lab {
    /// The panel with a word ready to be said.
    pub fn said(word: &str) -> Self {
        Self {
            offer: None,
            fields: Fields::new(vec![Entry::new("Tell the lab", Kind::Line, word).hint("↑ ↓ take one of the above")]),
        }
    }
}

impl Dialog {
    /// The fields that have the keys.
    pub fn fields_mut(&mut self) -> Option<&mut Fields> {
        match self {
            Self::Note(fields) | Self::Close(fields) => Some(fields),
            Self::Lab(lab) => Some(&mut lab.fields),
            Self::Attach(attach) => Some(&mut attach.fields),
            Self::Form(form) => Some(&mut form.fields),
            Self::Reason(reason) => Some(&mut reason.fields),
            Self::Resolve(resolve) => resolve.how.is_some().then_some(&mut resolve.fields),
            Self::Isolate(isolate) => Some(&mut isolate.fields),
            Self::Run(run) => run.typed.as_mut().map(|(fields, _)| fields),
            _ => None,
        }
    }

    /// What saving comes to, in a word or two: what will happen stands before the key that does it.
    pub fn saves_by(&self) -> &'static str {
        match self {
            Self::Lab(_) => "tell it",
            Self::Run(_) => "run",
            Self::Attach(_) => "attach",
            Self::Close(_) => "close the session",
            Self::Resolve(_) | Self::Isolate(_) => "record",
            Self::Reason(reason) => match reason.purpose {
                Purpose::Waive => "waive",
                Purpose::Reopen(_) => "reopen",
                Purpose::Aside(_) => "enter",
                Purpose::Applies => "answer",
            },
            _ => "save",
        }
    }

    /// Whether Enter says that the operator is done: in the last line, and once a path was given, since the text below it
    /// is the other way to attach.
    pub fn saves_on_enter(&self) -> bool {
        let path = matches!(self, Self::Attach(attach) if attach.fields.focus == 0 && !attach.fields.value(0).is_empty());
        path || self.fields().is_some_and(Fields::saves_on_enter)
    }

    /// The same, for reading.
    pub fn fields(&self) -> Option<&Fields> {
        match self {
            Self::Note(fields) | Self::Close(fields) => Some(fields),
            Self::Lab(lab) => Some(&lab.fields),
            Self::Attach(attach) => Some(&attach.fields),
            Self::Form(form) => Some(&form.fields),
            Self::Reason(reason) => Some(&reason.fields),
            Self::Resolve(resolve) => resolve.how.is_some().then_some(&resolve.fields),
            Self::Isolate(isolate) => Some(&isolate.fields),
            Self::Run(run) => run.typed.as_ref().map(|(fields, _)| fields),
            _ => None,
        }
    }

    /// A note, with the draft that was left.
    pub fn note(draft: &str) -> Self {
        Self::Note(Fields::new(vec![Entry::new("Note", Kind::Text, draft)]))
    }

    /// A command; one with `run=type` asks for the server's name.
    pub fn run(engine: &Engine, command: &Command) -> Self {
        let machine = command.on.as_ref().map(|on| super::words::machine(engine, on));
        let typed = machine.filter(|_| command.run == RunMode::Type).map(|machine| {
            let field = Entry::new(format!("Type {machine} to run it"), Kind::Line, "");
            (Fields::new(vec![field]), machine)
        });
        Self::Run(Run { command: command.id.clone(), typed })
    }

    /// A file or a text, for that wanted evidence.
    pub fn attach(wanted: Option<(PartId, String)>, text: &str) -> Self {
        let path = Entry::new("Path of a file", Kind::Line, "");
        let text = Entry::new("or text", Kind::Text, text).hint("pasted or written");
        Self::Attach(Attach { wanted, fields: Fields::new(vec![path, text]) })
    }

    /// A form with what was saved before.
    pub fn form(engine: &Engine, form: &Form) -> Self {
        let saved = engine.session().forms.get(&form.id);
        let entries = form.fields.iter().map(|field| {
            let before = saved.and_then(|saved| saved.values.get(&field.name)).filter(|_| field.kind != FieldKind::Secret);
            entry(field, &before.map(value_text).unwrap_or_default())
        });
        Self::Form(FormDialog {
            form: form.id.clone(),
            names: form.fields.iter().map(|field| field.name.clone()).collect(),
            fields: Fields::new(entries.collect()),
        })
    }

    /// A reason; where it answers a question, the answer comes first.
    pub fn reason(purpose: Purpose) -> Self {
        let mut entries = vec![Entry::new("Reason", Kind::Text, "")];
        if purpose == Purpose::Applies {
            let answers = [("it applies", "true"), ("it does not apply", "false")];
            let answers = answers.map(|(shown, value)| (shown.to_owned(), value.to_owned())).to_vec();
            entries.insert(0, Entry::new("The step", Kind::Choice(answers), "").hint("Space or arrows"));
        }
        Self::Reason(Reason { purpose, fields: Fields::new(entries) })
    }

    /// What became of that run.
    pub fn resolve(run: &str) -> Self {
        let field = Entry::new("How you know", Kind::Text, "");
        Self::Resolve(Resolve { run: run.to_owned(), how: None, fields: Fields::new(vec![field]) })
    }

    /// The isolation of one of the servers.
    pub fn isolate(engine: &Engine) -> Self {
        let servers: Vec<ServerName> = engine.servers().iter().map(|server| server.name.clone()).collect();
        let choices = servers.iter().map(|name| (super::words::server(engine, name), name.to_string())).collect();
        let fields = Fields::new(vec![
            Entry::new("Server", Kind::Choice(choices), "").hint("Space or arrows"),
            Entry::new("How it was isolated", Kind::Line, "").hint("switched off, network detached, service disabled"),
            Entry::new("How that was checked", Kind::Line, ""),
        ]);
        Self::Isolate(Isolate { servers, fields })
    }

    /// The end of the session.
    pub fn close(completed: bool) -> Self {
        let outcomes = [
            ("completed: the runbook was gone through", "completed"),
            ("aborted: stopped before its end", "aborted"),
            ("rolled back: the roles are as they were", "rolled_back"),
        ];
        let outcomes = outcomes.map(|(shown, value)| (shown.to_owned(), value.to_owned())).to_vec();
        Self::Close(Fields::new(vec![
            Entry::new("Outcome", Kind::Choice(outcomes), if completed { "completed" } else { "" }).hint("Space or arrows"),
            Entry::new("Summary", Kind::Text, ""),
        ]))
    }

    /// What the runbook and that phase say first.
    pub fn about(phase: Option<PhaseId>) -> Self {
        Self::About(About { phase, scroll: Scroll::default() })
    }

    /// A word to the simulated world.
    pub fn lab() -> Self {
        Self::Lab(Lab::said(""))
    }
}

/// The field of a form as an entry.
fn entry(field: &Field, before: &str) -> Entry {
    let kind = match &field.kind {
        FieldKind::Choice(choices) => Kind::Choice(choices.iter().map(|choice| (choice.clone(), choice.clone())).collect()),
        FieldKind::Bool => Kind::Choice([("yes", "true"), ("no", "false")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()),
        FieldKind::Secret => Kind::Secret,
        FieldKind::Text | FieldKind::Number | FieldKind::DateTime => Kind::Line,
    };
    let mut hint = match (&field.kind, &field.example) {
        (FieldKind::Choice(_) | FieldKind::Bool, _) => "Space or arrows".to_owned(),
        (FieldKind::Secret, _) => "never written to the journal".to_owned(),
        (_, Some(example)) => format!("such as {example}"),
        (FieldKind::DateTime, None) => "UTC, such as 2026-11-21T03:00:00Z".to_owned(),
        (FieldKind::Number, None) => "a number".to_owned(),
        (FieldKind::Text, None) => String::new(),
    };
    if !field.required {
        hint = if hint.is_empty() { "optional".to_owned() } else { format!("optional, {hint}") };
    }
    Entry::new(field.label.clone(), kind, before).hint(hint)
}

fn value_text(value: &crate::powershell::Value) -> String {
    use crate::powershell::Value;
    match value {
        Value::Text(text) => text.clone(),
        Value::Null | Value::Unknown(_) => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Version(value) => value.to_string(),
        Value::DateTime(value) => crate::powershell::tree::format_datetime(*value),
        Value::TimeSpan(value) => crate::powershell::tree::format_timespan(*value),
        Value::Array(_) | Value::Object(_) => value.to_json().to_string(),
    }
}
