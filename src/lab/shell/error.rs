//! Errors as records, and how the console of 5.1 prints them.

use std::sync::Arc;

use super::display::wrap;
use super::host::{Command, Failure};
use super::item::{Item, Object};
use super::position;
use crate::powershell;
use crate::powershell::token::{Span, SyntaxError};
use crate::rb1;

/// The console's width; PowerShell never writes into the last column.
pub(super) const WIDTH: usize = 120;

/// The id of what the lab does not play; nothing catches it.
pub(super) const NOT_PLAYED: &str = "LabDoesNotPlayThis";

/// The type of an error that went through the pipeline.
pub(super) const ERROR_RECORD: &str = "System.Management.Automation.ErrorRecord";

/// An error with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ErrorRecord {
    pub failure: Failure,
    /// The command that failed: its name as printed, and its class.
    pub command: Option<(Arc<str>, &'static str)>,
    pub source: Arc<str>,
    pub span: Span,
    /// `throw` and ErrorAction Stop end the script, not only the statement.
    pub ends_script: bool,
}

impl ErrorRecord {
    /// An error of a command.
    pub fn of_command(failure: Failure, command: &'static Command, source: &Arc<str>, span: Span) -> Self {
        let command = Some((command.name.into(), command.class));
        Self { failure, command, source: Arc::clone(source), span, ends_script: false }
    }

    /// An error of the language itself.
    pub fn of_language(failure: Failure, source: &Arc<str>, span: Span) -> Self {
        Self { failure, command: None, source: Arc::clone(source), span, ends_script: false }
    }

    /// The id with the command's class.
    pub fn full_id(&self) -> String {
        match &self.command {
            Some((_, class)) if !class.is_empty() => format!("{},{class}", self.failure.id),
            _ => self.failure.id.to_string(),
        }
    }

    /// As `$_` in a catch and in `$Error`.
    pub fn to_item(&self) -> Item {
        let failure = &self.failure;
        let exception = Object::new(Arc::clone(&failure.exception))
            .with("Message", failure.message.to_string())
            .shown_as(failure.message.to_string());
        let category = Object::new("System.Management.Automation.ErrorCategoryInfo")
            .with("Category", failure.category.to_string())
            .with("Activity", self.activity())
            .with("Reason", short_name(&failure.exception))
            .with("TargetName", failure.target.to_string())
            .with("TargetType", failure.target_type.to_string())
            .shown_as(self.category_info());
        let invocation = Object::new("System.Management.Automation.InvocationInfo")
            .with("MyCommand", self.activity())
            .with("InvocationName", self.command.as_ref().map(|(name, _)| name.to_string()).unwrap_or_default())
            .with("ScriptLineNumber", i64::try_from(position::line_of(&self.source, self.span.start)).unwrap_or(i64::MAX))
            .with("PositionMessage", if self.source.is_empty() { String::new() } else { self.position() });
        Object::new(ERROR_RECORD)
            .with("Exception", exception)
            .with("TargetObject", failure.target.to_string())
            .with("CategoryInfo", category)
            .with("FullyQualifiedErrorId", self.full_id())
            .with("InvocationInfo", invocation)
            .shown_as(failure.message.to_string())
            .into()
    }

    /// As the agent sends it.
    pub fn to_frame(&self) -> rb1::ErrorRecord {
        let line = position::line_of(&self.source, self.span.start);
        rb1::ErrorRecord {
            message: self.failure.message.to_string(),
            fqid: self.full_id(),
            category: self.failure.category.to_string(),
            target: self.failure.target.to_string(),
            exception: self.failure.exception.to_string(),
            position: self.position(),
            line: u64::try_from(line).ok(),
            stack: format!("at <ScriptBlock>, <No file>: line {line}"),
        }
    }

    fn activity(&self) -> String {
        self.command.as_ref().filter(|(_, class)| !class.is_empty()).map(|(name, _)| name.to_string()).unwrap_or_default()
    }

    fn category_info(&self) -> String {
        let failure = &self.failure;
        format!(
            "{}: ({}:{}) [{}], {}",
            failure.category,
            ellipsized(&failure.target),
            ellipsized(&failure.target_type),
            ellipsized(&self.activity()),
            ellipsized(short_name(&failure.exception)),
        )
    }

    fn position(&self) -> String {
        position::message(&self.source, &self.span)
    }

    /// As the console prints it, each line with its end.
    pub fn render(&self) -> String {
        let without_place = self.span.is_empty() && self.source.is_empty();
        let (category_info, full_id) = (self.category_info(), self.full_id());
        Printed {
            name: self.command.as_ref().map_or("", |(name, _)| name),
            message: &self.failure.message,
            position: if without_place { String::new() } else { self.position() },
            category: &self.failure.category,
            category_info: &category_info,
            full_id: &full_id,
        }
        .render()
    }
}

/// As the console prints a record that went through the pipeline (`$Error[0]`, `2>&1`).
pub(super) fn render_item(object: &Object) -> String {
    let part = |of: &str, name: &str| {
        let part = object.get(of).and_then(Item::as_object).and_then(|part| part.get(name));
        part.and_then(Item::as_text).unwrap_or_default().to_owned()
    };
    let (name, message, category) =
        (part("InvocationInfo", "InvocationName"), part("Exception", "Message"), part("CategoryInfo", "Category"));
    let category_info = object.get("CategoryInfo").and_then(Item::as_object).and_then(|info| info.text.clone());
    Printed {
        name: &name,
        message: &message,
        position: part("InvocationInfo", "PositionMessage"),
        category: &category,
        category_info: category_info.as_deref().unwrap_or_default(),
        full_id: object.get("FullyQualifiedErrorId").and_then(Item::as_text).unwrap_or_default(),
    }
    .render()
}

/// The parts of an error that the console prints.
struct Printed<'a> {
    name: &'a str,
    message: &'a str,
    position: String,
    category: &'a str,
    category_info: &'a str,
    full_id: &'a str,
}

impl Printed<'_> {
    fn render(&self) -> String {
        // The view of 5.1 cuts its two last lines into pieces, indents every piece, and does not break between them.
        let piece = WIDTH - 4 - 2;
        let cut = |line: &str| {
            let chars: Vec<char> = line.chars().collect();
            let pieces: Vec<String> =
                chars.chunks(piece).map(|chunk| format!("    {}", chunk.iter().collect::<String>())).collect();
            pieces.concat()
        };
        let head = if self.name.is_empty() { self.message.to_owned() } else { format!("{} : {}", self.name, self.message) };
        let category = cut(&format!("+ CategoryInfo          : {}", self.category_info));
        let id = cut(&format!("+ FullyQualifiedErrorId : {}", self.full_id.replace(['\r', '\n'], " ")));
        let text = if self.position.is_empty() {
            format!("{head}\n{category}\n{id}")
        } else if self.category == "ParserError" {
            format!("{}\n{head}\n{category}\n{id}", self.position)
        } else {
            format!("{head}\n{}\n{category}\n{id}", self.position)
        };
        let mut printed = String::new();
        for line in text.lines() {
            for row in wrap(line, WIDTH - 1) {
                printed.push_str(&row);
                printed.push('\n');
            }
        }
        printed.push_str(" \n");
        printed
    }
}

/// The error of an operator or a cast.
pub(super) fn of_value(error: &powershell::Error) -> Failure {
    let category = if error.id == "ComparisonFailure" { "InvalidOperation" } else { "InvalidArgument" };
    Failure::new(error.message.clone(), "System.Management.Automation.RuntimeException", category).id(error.id)
}

/// An error of the language itself.
pub(super) fn runtime(id: &'static str, message: impl Into<Arc<str>>) -> Failure {
    Failure::new(message, "System.Management.Automation.RuntimeException", "InvalidOperation").id(id)
}

/// An error of binding arguments.
pub(super) fn binding(id: &'static str, message: impl Into<Arc<str>>) -> Failure {
    Failure::new(message, "System.Management.Automation.ParameterBindingException", "InvalidArgument").id(id)
}

/// A command that no one knows.
pub(super) fn not_found(name: &str) -> Failure {
    let message = format!(
        "The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the \
         spelling of the name, or if a path was included, verify that the path is correct and try again."
    );
    Failure::new(message, "System.Management.Automation.CommandNotFoundException", "ObjectNotFound")
        .id("CommandNotFoundException")
        .target(name, "String")
}

/// What the lab does not play. Not an error that a server would give, and it says so.
pub(super) fn not_played(what: &str) -> Failure {
    not_played_in(&format!("The lab does not play {what}. A real server may well know it."))
}

/// The same in a host's own words.
pub(super) fn not_played_in(words: &str) -> Failure {
    Failure::new(words, "Lockstep.Lab.NotPlayed", "NotImplemented").id(NOT_PLAYED)
}

/// A script that does not parse.
pub(super) fn syntax(error: &SyntaxError) -> Failure {
    Failure::new(error.message.clone(), "System.Management.Automation.ParentContainsErrorRecordException", "ParserError")
        .id(error.id)
}

/// PowerShell shortens the parts of CategoryInfo to their ends.
fn ellipsized(text: &str) -> String {
    let chars: Vec<char> = text.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }).collect();
    if chars.len() <= 40 {
        return chars.into_iter().collect();
    }
    let (head, tail) = (&chars[..15], &chars[chars.len() - 15..]);
    format!("{}...{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}

fn short_name(type_name: &str) -> &str {
    type_name.rsplit('.').next().unwrap_or(type_name)
}
