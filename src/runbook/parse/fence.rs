//! Fences: commands, gates, conditions, forms, and code that is only shown.

use super::attributes::{Attributes, Placed};
use super::condition;
use super::fields::{self, check_name};
use super::markdown::Body;
use super::notes::{Defines, Refers};
use super::passage::Passage;
use super::yaml;
use crate::runbook::diagnostic::suggest;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::model::{Block, Command, Form, Gate, Keep, RunMode, Span};
use crate::runbook::rules;
use crate::runbook::vocabulary::{COMMAND, FORM, GATE, WHEN, Word, run};
use crate::runbook::wants;

/// Languages that a plain how-to shows commands in; a fence without one counts, too.
const SHELLS: &[&str] = &["", "powershell", "pwsh", "ps1", "ps", "posh", "cmd", "bat", "batch", "console", "shell", "sh", "bash"];

impl Body<'_> {
    /// The block that a fence is; a `when` is kept for its section and is none.
    pub(super) fn fence(&mut self, passage: &Passage, span: Span) -> Vec<Block> {
        let (language, attributes) = self.info(&span);
        if !self.strict {
            return vec![self.plain_fence(&language, passage)];
        }
        self.check_closed(&span);
        let is_powershell = language.text.eq_ignore_ascii_case("powershell");
        let Some(attributes) = attributes else {
            return vec![if is_powershell {
                self.command(&Attributes::default(), passage, &span)
            } else {
                code(&language, passage)
            }];
        };
        if language.text.eq_ignore_ascii_case("yaml") && attributes.has("form") {
            return vec![self.form(&attributes, passage, &span)];
        }
        if !is_powershell {
            self.not_powershell(&language, &attributes);
            return vec![code(&language, passage)];
        }
        if attributes.has("when") {
            self.condition(&attributes, passage, &span);
            return Vec::new();
        }
        vec![if attributes.has("gate") {
            self.gate(&attributes, passage, &span)
        } else {
            self.command(&attributes, passage, &span)
        }]
    }

    /// The language and the attributes after the backticks.
    fn info(&mut self, span: &Span) -> (Placed, Option<Attributes>) {
        let document = self.document;
        let line = document[span.clone()].lines().next().unwrap_or_default();
        let info = line.trim_start_matches(['`', '~', ' ']);
        let at = span.start + line.len() - info.len();
        let info = info.trim_end();
        let language = info.split([' ', '\t', '{']).next().unwrap_or_default();
        let placed = Placed { text: language.to_owned(), span: at..at + language.len() };
        let rest = info[language.len()..].trim_start();
        if rest.is_empty() || !self.strict {
            return (placed, None);
        }
        let start = at + info.len() - rest.len();
        if let Some(inner) = rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            return (placed, Some(Attributes::parse(inner, start + 1)));
        }
        let message = "after the language stand attributes in braces";
        let help = format!("such as ```{language} {{#id on=old}}");
        self.notes.report(rules::UNKNOWN_ATTRIBUTE.at(start..start + rest.len(), message).help(help));
        (placed, None)
    }

    /// In a how-to every command is copied and done by hand.
    fn plain_fence(&mut self, language: &Placed, passage: &Passage) -> Block {
        let is_command = SHELLS.iter().any(|shell| shell.eq_ignore_ascii_case(&language.text)) && !passage.text.trim().is_empty();
        if !is_command {
            return code(language, passage);
        }
        let mut command = self.command_of(passage, PartId(String::new()));
        command.id = self.parts.name("command", &command.text);
        command.run = RunMode::Manual;
        Block::Command(command)
    }

    fn check_closed(&mut self, span: &Span) {
        let source = &self.document[span.clone()];
        let first = source.trim_start_matches([' ', '\t']);
        let mark = if first.starts_with('~') { '~' } else { '`' };
        let count = first.chars().take_while(|c| *c == mark).count();
        let last = source.trim_end().lines().next_back().unwrap_or_default().trim_start_matches([' ', '\t', '>']).trim_end();
        let closed = last.len() >= count && last.chars().all(|c| c == mark) && source.trim_end().contains('\n');
        if !closed {
            let line = source.lines().next().unwrap_or_default().len();
            let help = "close it with a line of the same backticks";
            self.notes.report(rules::UNCLOSED_FENCE.at(span.start..span.start + line, "this fence is never closed").help(help));
        }
    }

    /// Attributes on a fence that is only shown mean that its author wanted more.
    fn not_powershell(&mut self, language: &Placed, attributes: &Attributes) {
        let words = || [COMMAND, GATE, WHEN, FORM].into_iter().flatten().map(|word: &Word| word.name);
        for attribute in &attributes.list {
            let key = &attribute.key;
            if words().any(|word| word == key.text) {
                let needs = if key.text == "form" { "yaml" } else { "powershell" };
                let message = format!("'{}' works on a {needs} fence, and this is '{}'", key.text, language.text);
                self.notes.report(rules::UNKNOWN_ATTRIBUTE.at(key.span.clone(), message).help(format!("write ```{needs}")));
            } else {
                let message = format!("a fence that is only shown has no attribute '{}'", key.text);
                let help = suggest(&key.text, words());
                self.notes.report(rules::UNKNOWN_ATTRIBUTE.at(key.span.clone(), message).maybe_help(help));
            }
        }
    }

    /// The id in the braces, else one from the text.
    fn part(&mut self, attributes: &Attributes, kind: &str, defines: Defines, text: &str) -> PartId {
        match &attributes.id {
            Some(id) => {
                self.notes.define(&id.text, defines, true, id.span.clone());
                PartId(id.text.clone())
            }
            None => self.parts.name(kind, text),
        }
    }

    fn command_of(&self, passage: &Passage, id: PartId) -> Command {
        let text = passage.text.trim_end_matches('\n').to_owned();
        Command {
            id,
            on: self.on.clone(),
            run: RunMode::Ask,
            timeout: None,
            into: None,
            rollback: None,
            wants: wants::needed(&text),
            text,
            sample: None,
            span: passage.whole(),
        }
    }

    fn command(&mut self, attributes: &Attributes, passage: &Passage, span: &Span) -> Block {
        let id = self.part(attributes, "command", Defines::Command, &passage.text);
        let mut command = self.command_of(passage, id);
        // `gate` and `when` are offered, too: they are what a wrong word on a PowerShell fence may have meant.
        self.notes.check_attributes(attributes, &[COMMAND, GATE, WHEN], "a command");
        for word in ["before", "within", "keep", "no-waiver"] {
            if let Some(attribute) = attributes.get(word) {
                let message = format!("'{word}' belongs to a gate");
                self.notes.report(rules::UNKNOWN_ATTRIBUTE.at(attribute.key.span.clone(), message).help("write {gate …}"));
            }
        }
        if let Some(server) = self.server(attributes) {
            command.on = Some(server);
        }
        if let Some(mode) = attributes.value("run").and_then(|value| run(&value.text)) {
            command.run = mode;
        }
        command.timeout = self.notes.duration(attributes, "timeout");
        if let Some(into) = attributes.value("into") {
            check_name(&into.text, &into.span, "a result", &mut self.notes);
            command.into = Some(into.text.clone());
        }
        if let Some(rollback) = attributes.value("rollback") {
            command.rollback = Some(self.notes.refer(Refers::Rollback, rollback));
        }
        if command.text.trim().is_empty() {
            self.notes.report(rules::EMPTY_FENCE.at(self.first_line(span), "a command without a text"));
        }
        Block::Command(command)
    }

    fn gate(&mut self, attributes: &Attributes, passage: &Passage, span: &Span) -> Block {
        self.notes.check_attributes(attributes, &[GATE], "a gate");
        let id = self.part(attributes, "gate", Defines::Other, &passage.text);
        let before = self.notes.diagnostics.len();
        let lines = condition::lines(passage, &mut self.notes);
        if lines.is_empty() && self.notes.diagnostics.len() == before {
            let message = "a gate without a line would always be passed";
            self.notes.report(rules::EMPTY_FENCE.at(self.first_line(span), message));
        }
        let keep = match attributes.get("keep") {
            None => Keep::No,
            Some(attribute) => match attribute.value.as_ref().filter(|value| !value.text.is_empty()) {
                None => Keep::ToTheEnd,
                Some(value) => Keep::Until(StepId(self.notes.refer(Refers::Step, value))),
            },
        };
        Block::Gate(Gate {
            id,
            lines,
            before: attributes.has("before"),
            within: self.notes.duration(attributes, "within"),
            keep,
            waivable: !attributes.has("no-waiver"),
            span: passage.whole(),
        })
    }

    fn condition(&mut self, attributes: &Attributes, passage: &Passage, span: &Span) {
        self.notes.check_attributes(attributes, &[WHEN], "a condition");
        let before = self.notes.diagnostics.len();
        let mut lines = condition::lines(passage, &mut self.notes);
        let place = self.first_line(span);
        if self.when.is_some() || lines.len() > 1 {
            let help = "join the lines with -and";
            self.notes.report(rules::SECOND_WHEN.at(place, "a step or phase has one condition of one line").help(help));
        } else if lines.is_empty() && self.notes.diagnostics.len() == before {
            self.notes.report(rules::EMPTY_FENCE.at(place, "a condition without a line"));
        } else {
            self.when = lines.pop();
        }
    }

    fn form(&mut self, attributes: &Attributes, passage: &Passage, span: &Span) -> Block {
        self.notes.check_attributes(attributes, &[FORM], "a form");
        let id = self.part(attributes, "form", Defines::Form, &passage.text);
        if let Some(name) = &attributes.id {
            check_name(&name.text, &name.span, "a form", &mut self.notes);
        } else {
            let help = "write {form #signin}: its values are then $forms.signin.FIELD";
            self.notes.report(rules::MISSING_KEY.at(attributes.span.clone(), "a form needs a name").help(help));
        }
        let fields = match yaml::parse(passage) {
            Ok(yaml) => fields::read(&yaml, "a form", &mut self.notes),
            Err(error) => {
                self.notes.report(error);
                Vec::new()
            }
        };
        if passage.text.trim().is_empty() {
            self.notes.report(rules::EMPTY_FENCE.at(self.first_line(span), "a form without a field"));
        }
        Block::Form(Form { id, fields, span: passage.whole() })
    }

    fn first_line(&self, span: &Span) -> Span {
        span.start..span.start + self.document[span.clone()].lines().next().unwrap_or_default().len()
    }
}

fn code(language: &Placed, passage: &Passage) -> Block {
    Block::Code { language: language.text.clone(), text: passage.text.trim_end_matches('\n').to_owned(), span: passage.whole() }
}
