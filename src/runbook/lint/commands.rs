//! Commands: where they run, what they change, and what PowerShell must not be used for. Read by the lexer, so that names in strings
//! and comments do not count.

use super::{Document, secrets};
use crate::powershell::cmdlets::{self, Effect, Parameter};
use crate::powershell::lexer::tokens;
use crate::powershell::syntax::parse;
use crate::powershell::token::{Keyword, Part, Symbol, Token, TokenKind};
use crate::runbook::diagnostic::{Diagnostic, suggest};
use crate::runbook::model::{Block, Command, RunMode, Span, Step};
use crate::runbook::rules;

/// Errors of one command that are told: the later ones mostly follow from the first.
const MOST_ERRORS: usize = 3;

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for (_, step) in document.runbook.steps() {
        let last_gate = step.blocks.iter().rposition(|block| matches!(block, Block::Gate(gate) if !gate.before));
        for (at, block) in step.blocks.iter().enumerate() {
            match block {
                Block::Command(command) => {
                    let checked = last_gate.is_some_and(|gate| gate > at);
                    Check { document, step, command, found }.run(checked);
                }
                Block::Code { language, span, .. } => shown_only(document, language, span, found),
                _ => {}
            }
        }
    }
}

/// A fence whose language is another word for PowerShell.
fn shown_only(document: &Document<'_>, language: &str, span: &Span, found: &mut Vec<Diagnostic>) {
    if ["ps1", "pwsh", "ps", "posh", "shell", "powershell-interactive", "azurepowershell"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(language))
    {
        let start = document.text[..span.start].trim_end().rfind('\n').map_or(0, |at| at + 1);
        let line = document.text[start..].lines().next().unwrap_or_default().len();
        let message = format!("a '{language}' fence is shown and never run");
        found.push(rules::FENCE_NOT_RUN.at(start..start + line, message).help("write ```powershell to have it run"));
    }
}

/// A command of a pipeline with its parameters.
struct Call<'t> {
    name: &'t str,
    span: Span,
    parameters: Vec<Named<'t>>,
}

/// A parameter with what follows it.
struct Named<'t> {
    name: &'t str,
    span: Span,
    value: Option<&'t Token>,
}

struct Check<'c, 'd, 'a> {
    document: &'c Document<'d>,
    step: &'a Step,
    command: &'a Command,
    found: &'c mut Vec<Diagnostic>,
}

impl Check<'_, '_, '_> {
    fn run(mut self, checked: bool) {
        let command = self.command;
        if command.on.is_none() {
            let help = "add on=ROLE to the fence, the step or the phase";
            let message = "no on= says which server this command runs on";
            self.found.push(rules::COMMAND_WITHOUT_SERVER.at(command.span.clone(), message).help(help));
        }
        let (list, errors) = tokens(&command.text);
        let parsed = parse(&command.text);
        // Where the grammar goes beyond what is known here, only what no text may hold is told.
        let errors = if parsed.beyond.is_empty() { parsed.errors } else { errors };
        for error in errors.into_iter().take(MOST_ERRORS) {
            let place = self.place(&error.span);
            self.found.push(rules::COMMAND_SYNTAX.at(place, error.message));
        }
        secrets::in_command(self.document, command, &list, self.found);
        let mut calls = Vec::new();
        let mut exits = Vec::new();
        collect(&list, &mut calls, &mut exits);
        for span in exits {
            let place = self.place(&span);
            let help = "use return, or throw with the reason";
            self.found.push(rules::EXIT_IN_COMMAND.at(place, "'exit' ends the agent on the server").help(help));
        }
        for call in &calls {
            self.call(call);
        }
        self.effects(&calls, checked);
    }

    fn place(&self, part: &Span) -> Span {
        self.document.place(&self.command.text, &self.command.span, part)
    }

    fn call(&mut self, call: &Call<'_>) {
        if call.name.eq_ignore_ascii_case("Set-ADSyncGlobalSettings") && self.command.text.contains("StagingMode") {
            let message = "the staging switch is never written into the global settings";
            let help = "staging mode is changed by the wizard; make it an item and check it by a gate";
            let place = self.place(&call.span);
            self.found.push(rules::UNSUPPORTED_CHANGE.at(place, message).help(help));
        }
        let Some(cmdlet) = cmdlets::find(call.name) else {
            self.unknown(call);
            return;
        };
        if cmdlet.signs_in && self.command.run != RunMode::Manual {
            let message = format!("{} opens a sign-in window", cmdlet.name);
            let place = self.place(&call.span);
            self.found.push(rules::SIGN_IN_WINDOW.at(place, message).help("write run=manual and keep what it printed in a form"));
        }
        for parameter in &call.parameters {
            self.parameter(cmdlet, parameter);
        }
    }

    fn unknown(&mut self, call: &Call<'_>) {
        let noun = call.name.split_once('-').map(|(_, noun)| noun).unwrap_or_default();
        let is_adsync = noun.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("ADSync"));
        if is_adsync && !cmdlets::adsync_names().any(|name| name.eq_ignore_ascii_case(call.name)) {
            let help = suggest(call.name, cmdlets::adsync_names());
            let message = format!("the ADSync modules have no '{}'", call.name);
            let place = self.place(&call.span);
            self.found.push(rules::UNKNOWN_CMDLET.at(place, message).maybe_help(help));
        }
    }

    fn parameter(&mut self, cmdlet: &cmdlets::Cmdlet, parameter: &Named<'_>) {
        let place = self.place(&parameter.span);
        let is = |name: &str| parameter.name.eq_ignore_ascii_case(name);
        if cmdlet.name == "Set-ADSyncScheduler" && (is("SchedulerSuspended") || is("StagingModeEnabled")) {
            let message = format!("-{} is not to be set by PowerShell", parameter.name);
            let help = if is("SchedulerSuspended") {
                "setup and the wizard set it and clear it; an item and a gate on Scheduler.SchedulerSuspended say the same"
            } else {
                "staging mode is changed by the wizard; make it an item and check it by a gate"
            };
            self.found.push(rules::UNSUPPORTED_CHANGE.at(place, message).help(help));
            return;
        }
        match cmdlet.parameter(parameter.name) {
            Parameter::Known(name) => self.timespan(name, parameter),
            Parameter::Ambiguous(names) => {
                let message = format!("-{} of {} may be {}", parameter.name, cmdlet.name, names.join(" or "));
                let help = if is("Connector") { "write -ConnectorIdentifier" } else { "write it in full" };
                self.found.push(rules::UNKNOWN_PARAMETER.at(place, message).help(help));
            }
            Parameter::Unknown => {
                let help = suggest(parameter.name, cmdlet.parameters.iter().copied());
                let message = format!("{} has no parameter -{}", cmdlet.name, parameter.name);
                self.found.push(rules::UNKNOWN_PARAMETER.at(place, message).maybe_help(help));
            }
        }
    }

    /// PowerShell reads `30` as 30 ticks and `'30'` as 30 days; neither is half an hour.
    fn timespan(&mut self, name: &str, parameter: &Named<'_>) {
        if !matches!(name, "CustomizedSyncCycleInterval" | "PurgeRunHistoryInterval") {
            return;
        }
        let Some(value) = parameter.value else { return };
        let bare = match &value.kind {
            TokenKind::Number(_) => true,
            TokenKind::Text(text) => text.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        if bare {
            let written = self.command.text.get(value.span.clone()).unwrap_or_default();
            let message = format!("-{name} {written} is not {written} minutes");
            let place = self.place(&value.span);
            self.found.push(rules::BARE_TIMESPAN.at(place, message).help("write hours, minutes and seconds: 00:30:00"));
        }
    }

    fn effects(&mut self, calls: &[Call<'_>], checked: bool) {
        let is_auto = self.command.run == RunMode::Auto;
        let worst = |wanted: Effect| calls.iter().find(|call| cmdlets::effect(call.name) == wanted);
        if let Some(call) = worst(Effect::Changes) {
            let place = self.place(&call.span);
            if is_auto {
                let message = format!("{} changes something, and run=auto runs it again whenever the step opens", call.name);
                self.found.push(rules::AUTO_CHANGES.at(place, message).help("write run=ask"));
            } else if !checked && self.command.run != RunMode::Manual {
                let message = format!("nothing checks what {} did", call.name);
                let help = format!("add a gate after it in the step '{}'", self.step.title);
                self.found.push(rules::CHANGE_WITHOUT_GATE.at(place, message).help(help));
            }
        } else if is_auto && let Some(call) = worst(Effect::Unknown).or_else(|| worst(Effect::Writes)) {
            let place = self.place(&call.span);
            let message = format!("run=auto is for what only reads, and that is not known of '{}'", call.name);
            self.found.push(rules::AUTO_UNKNOWN.at(place, message).help("write run=ask"));
        }
    }
}

/// Commands with their parameters, those within strings' expressions among them, and every `exit`.
fn collect<'t>(list: &'t [Token], calls: &mut Vec<Call<'t>>, exits: &mut Vec<Span>) {
    // One entry an open bracket: the command that a parameter there belongs to.
    let mut open: Vec<Option<usize>> = vec![None];
    for (at, token) in list.iter().enumerate() {
        match &token.kind {
            TokenKind::Command(name) => {
                calls.push(Call { name, span: token.span.clone(), parameters: Vec::new() });
                if let Some(top) = open.last_mut() {
                    *top = Some(calls.len() - 1);
                }
            }
            TokenKind::Parameter { name, .. } => {
                if let Some(call) = open.last().copied().flatten() {
                    calls[call].parameters.push(Named { name, span: token.span.clone(), value: list.get(at + 1) });
                }
            }
            TokenKind::Keyword(Keyword::Exit) => exits.push(token.span.clone()),
            TokenKind::Expandable(parts) | TokenKind::Word(parts) => {
                for part in parts {
                    if let Part::Expression(inner) = part {
                        collect(inner, calls, exits);
                    }
                }
            }
            TokenKind::NewLine => end_statement(&mut open),
            TokenKind::Symbol(symbol) => match symbol {
                Symbol::Open
                | Symbol::OpenBrace
                | Symbol::DollarParen
                | Symbol::AtParen
                | Symbol::AtBrace
                | Symbol::OpenBracket => {
                    open.push(None);
                }
                Symbol::Close | Symbol::CloseBrace | Symbol::CloseBracket if open.len() > 1 => {
                    open.pop();
                }
                Symbol::Pipe | Symbol::Semicolon | Symbol::Or | Symbol::And => end_statement(&mut open),
                _ => {}
            },
            _ => {}
        }
    }
}

fn end_statement(open: &mut [Option<usize>]) {
    if let Some(top) = open.last_mut() {
        *top = None;
    }
}
