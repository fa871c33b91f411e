//! Pipelines: objects are pushed from stage to stage, one at a time, to the printer or to whoever collects them.

use super::super::commands::{self, Filter};
use super::super::display::text_of;
use super::super::error::{self, ErrorRecord};
use super::super::host::{Arguments, Command, Failure};
use super::super::item::Item;
use super::bind::Common;
use super::calling::HostCommand;
use super::convert::many;
use super::function::Called;
use super::redirect::Targets;
use super::{Boxed, Evaluator, Flow};
use crate::powershell::cmdlets::unalias;
use crate::powershell::syntax::{CommandName, CommandSyntax, Element, Expression, ScriptBlock};
use crate::powershell::token::Span;

/// Where objects go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    Nothing,
    Printer,
    Collector(usize),
    /// Into a stage.
    Stage {
        pipeline: usize,
        stage: usize,
    },
    /// Out of a stage.
    After {
        pipeline: usize,
        stage: usize,
    },
}

/// A command with its arguments, as a stage keeps it.
#[derive(Debug, Clone)]
pub struct Call {
    pub command: &'static Command,
    pub arguments: Arguments,
    pub common: Common,
    pub span: Span,
    /// Whether something stands before it.
    pub has_input: bool,
}

impl Call {
    /// What `-InputObject` holds, where nothing stands before the command: an array's elements one by one.
    pub fn input(&self) -> Vec<Item> {
        match self.arguments.get("InputObject") {
            Some(given) if !self.has_input => many(given.clone()),
            _ => Vec::new(),
        }
    }
}

/// The open pipelines and collectors; a sink is a place in them.
#[derive(Default)]
pub struct Pipelines {
    open: Vec<Open>,
    collectors: Vec<Vec<Item>>,
}

struct Open {
    stages: Vec<Option<Box<dyn Filter>>>,
    out_variables: Vec<Option<(String, Vec<Item>)>>,
    /// Where the streams of each stage go.
    targets: Vec<Targets>,
    /// Stages whose output goes nowhere (`*> $null`).
    silent: Vec<bool>,
    out: Sink,
}

impl Evaluator {
    pub(super) fn open_collector(&mut self) -> Sink {
        self.pipelines.collectors.push(Vec::new());
        Sink::Collector(self.pipelines.collectors.len() - 1)
    }

    /// Collectors close in the reverse order of their opening; what an error left open above goes too.
    pub(super) fn close_collector(&mut self, sink: Sink) -> Vec<Item> {
        let Sink::Collector(place) = sink else { return Vec::new() };
        self.pipelines.collectors.truncate(place + 1);
        self.pipelines.collectors.pop().unwrap_or_default()
    }

    /// Puts one item where it goes.
    pub fn emit(&mut self, item: Item, out: Sink) -> Boxed<'_, ()> {
        Box::pin(async move {
            if self.waits() {
                self.pass_waiting().await?;
            }
            match out {
                Sink::Nothing => Ok(()),
                Sink::Printer => {
                    self.print(&item).await;
                    Ok(())
                }
                Sink::Collector(place) => {
                    if let Some(items) = self.pipelines.collectors.get_mut(place) {
                        items.push(item);
                    }
                    self.turn().await;
                    Ok(())
                }
                Sink::Stage { pipeline, stage } => self.feed(pipeline, stage, item).await,
                Sink::After { pipeline, stage } => {
                    let Some(open) = self.pipelines.open.get_mut(pipeline) else { return Ok(()) };
                    if open.silent.get(stage) == Some(&true) {
                        return Ok(());
                    }
                    if let Some(Some((_, items))) = open.out_variables.get_mut(stage) {
                        items.push(item.clone());
                    }
                    if stage + 1 < open.stages.len() {
                        self.feed(pipeline, stage + 1, item).await
                    } else {
                        let out = open.out;
                        self.emit(item, out).await
                    }
                }
            }
        })
    }

    /// The same for all of an array's items; nothing is not passed on.
    pub async fn emit_all(&mut self, item: Item, out: Sink) -> Result<(), Flow> {
        match item {
            Item::Nothing => Ok(()),
            Item::Array(items) => {
                for item in items.iter() {
                    self.emit(item.clone(), out).await?;
                }
                Ok(())
            }
            single => self.emit(single, out).await,
        }
    }

    async fn feed(&mut self, pipeline: usize, stage: usize, item: Item) -> Result<(), Flow> {
        self.turn().await;
        let Some(mut filter) = self.take(pipeline, stage) else { return Ok(()) };
        let outer = self.redirect_for(pipeline, stage);
        let mut result = filter.process(self, item, Sink::After { pipeline, stage }).await;
        if self.waits() {
            result = self.pass_waiting().await.and(result);
        }
        self.redirected.targets = outer;
        self.put_back(pipeline, stage, filter);
        result
    }

    /// The stage's own streams from now on; what it was before comes back.
    fn redirect_for(&mut self, pipeline: usize, stage: usize) -> Targets {
        let own = self.pipelines.open.get(pipeline).and_then(|open| open.targets.get(stage)).copied();
        std::mem::replace(&mut self.redirected.targets, own.unwrap_or_default())
    }

    fn take(&mut self, pipeline: usize, stage: usize) -> Option<Box<dyn Filter>> {
        self.pipelines.open.get_mut(pipeline)?.stages.get_mut(stage)?.take()
    }

    fn put_back(&mut self, pipeline: usize, stage: usize, filter: Box<dyn Filter>) {
        if let Some(slot) = self.pipelines.open.get_mut(pipeline).and_then(|open| open.stages.get_mut(stage)) {
            *slot = Some(filter);
        }
    }

    /// Runs a pipeline to its end.
    pub(super) async fn pipeline(&mut self, elements: &[Element], out: Sink) -> Result<(), Flow> {
        let (first, rest) = match elements {
            [Element::Expression(expression), rest @ ..] => (Some(expression), rest),
            all => (None, all),
        };
        if rest.is_empty() {
            return match first {
                Some(expression) => {
                    self.emit_expression(expression, out).await?;
                    self.variables.succeeded = true;
                    Ok(())
                }
                None => Ok(()),
            };
        }
        let mut open = Open { stages: Vec::new(), out_variables: Vec::new(), targets: Vec::new(), silent: Vec::new(), out };
        let files = self.redirected_files();
        for (nth, element) in rest.iter().enumerate() {
            let Element::Command(command) = element else { continue };
            let (filter, out_variable) = self.prepare(command, nth > 0 || first.is_some()).await?;
            let after = Sink::After { pipeline: self.pipelines.open.len(), stage: nth };
            let (targets, silent) = self.targets(&command.redirections, after, &command.span).await?;
            open.stages.push(Some(filter));
            open.out_variables.push(out_variable.map(|name| (name, Vec::new())));
            open.targets.push(targets.within(self.redirected.targets));
            open.silent.push(silent);
        }
        self.variables.succeeded = true;
        let stages = open.stages.len();
        self.pipelines.open.push(open);
        let pipeline = self.pipelines.open.len() - 1;
        let result = self.drive(pipeline, stages, first).await;
        let variables = match self.pipelines.open.get_mut(pipeline) {
            Some(open) => std::mem::take(&mut open.out_variables),
            None => Vec::new(),
        };
        self.pipelines.open.truncate(pipeline);
        for (name, items) in variables.into_iter().flatten() {
            self.variables.set(name.trim_start_matches('+'), Item::array(items));
        }
        if self.redirected_files() > files
            && let Some(Element::Command(command)) = rest.last()
        {
            let span = command.span.clone();
            self.close_redirected(files, &span).await?;
        }
        result
    }

    async fn drive(&mut self, pipeline: usize, stages: usize, first: Option<&Expression>) -> Result<(), Flow> {
        let mut from = 0;
        if let Some(expression) = first {
            match self.emit_expression(expression, Sink::Stage { pipeline, stage: 0 }).await {
                Err(Flow::Enough { pipeline: whose, stage }) if whose == pipeline => from = stage + 1,
                other => other?,
            }
        }
        while from < stages {
            let Some(mut filter) = self.take(pipeline, from) else { break };
            let outer = self.redirect_for(pipeline, from);
            let mut result = filter.finish(self, Sink::After { pipeline, stage: from }).await;
            if self.waits() {
                result = self.pass_waiting().await.and(result);
            }
            self.redirected.targets = outer;
            self.put_back(pipeline, from, filter);
            match result {
                Err(Flow::Enough { pipeline: whose, stage }) if whose == pipeline => from = stage + 1,
                other => {
                    other?;
                    from += 1;
                }
            }
        }
        Ok(())
    }

    /// A command as a stage: its name found, its arguments bound.
    async fn prepare(&mut self, syntax: &CommandSyntax, has_input: bool) -> Result<(Box<dyn Filter>, Option<String>), Flow> {
        let name = match &syntax.name {
            CommandName::Bare(name) => name.clone(),
            CommandName::Called(expression) => match self.expression(expression).await? {
                Item::Block(block) => {
                    let given = self.given(&syntax.arguments).await?;
                    let called = Called { name: None, block, given, span: syntax.span.clone() };
                    return Ok((Box::new(commands::CalledBlock { called, input: Vec::new() }), None));
                }
                other => text_of(&other),
            },
        };
        let name = unalias(&name).to_owned();
        if let Some(block) = self.functions.get(&name.to_lowercase()).cloned() {
            let given = self.given(&syntax.arguments).await?;
            let called = Called { name: Some(name), block, given, span: syntax.span.clone() };
            return Ok((Box::new(commands::CalledBlock { called, input: Vec::new() }), None));
        }
        if let Some(builtin) = commands::builtin(&name) {
            let bound = self.bound(builtin.command, syntax, has_input).await?;
            let out_variable = bound.common.out_variable.clone();
            let call = Call {
                command: builtin.command,
                arguments: bound.arguments,
                common: bound.common,
                span: syntax.span.clone(),
                has_input,
            };
            return Ok(((builtin.make)(call), out_variable));
        }
        let mut command = self.port.command(&name).await;
        if command.is_none() && name.contains('\\') {
            // `ADSync\Get-ADSyncScheduler`, or the path of a program.
            let file = name.rsplit('\\').next().unwrap_or(&name);
            let stem = file.strip_suffix(".exe").or_else(|| file.strip_suffix(".EXE")).unwrap_or(file);
            command = self.port.command(stem).await;
        }
        if command.is_none() && commands::is_known(&name) {
            return Err(self.not_played(&name, &syntax.span));
        }
        let Some(command) = command else {
            let mut record = ErrorRecord::of_language(error::not_found(&name), &self.source, self.name_span(syntax, &name));
            record.command = Some((name.as_str().into(), ""));
            return Err(Flow::Error(Box::new(record)));
        };
        if command.program {
            let positional = self.program_arguments(&syntax.arguments).await?;
            let arguments = Arguments { positional, ..Arguments::default() };
            let call = Call { command, arguments, common: Common::default(), span: syntax.span.clone(), has_input };
            return Ok((Box::new(HostCommand::new(call)), None));
        }
        let bound = self.bound(command, syntax, has_input).await?;
        if bound.common.what_if {
            return Err(self.not_played("-WhatIf", &syntax.span));
        }
        let call = Call { command, arguments: bound.arguments, common: bound.common, span: syntax.span.clone(), has_input };
        if call.common.confirm {
            return Err(self.prompt_refused(&call));
        }
        let out_variable = call.common.out_variable.clone();
        Ok((Box::new(HostCommand::new(call)), out_variable))
    }

    /// The name alone: an unknown command is underlined without its arguments.
    fn name_span(&self, syntax: &CommandSyntax, name: &str) -> Span {
        let start = syntax.span.start;
        let bare = self.source.get(start..).is_some_and(|text| text.starts_with(name));
        if bare { start..start + name.len() } else { syntax.span.clone() }
    }

    /// A question in a session that nobody can answer.
    pub fn prompt_refused(&self, call: &Call) -> Flow {
        let message = "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.";
        let failure = Failure::new(message, "System.Management.Automation.PSInvalidOperationException", "InvalidOperation")
            .id("InvalidOperation");
        Flow::Error(Box::new(ErrorRecord::of_command(failure, call.command, &self.source, call.span.clone())))
    }

    /// Runs a script block of a stage for one object.
    pub async fn block_for(&mut self, block: &ScriptBlock, current: Item, out: Sink) -> Result<(), Flow> {
        self.variables.push_current(current);
        let result = self.statements(&block.statements, out).await;
        self.variables.pop_current();
        match result {
            Err(Flow::Return) => Ok(()),
            other => other,
        }
    }

    /// The value of a script block for one object: of `Where-Object`, of a calculated property.
    pub async fn value_for(&mut self, block: &ScriptBlock, current: Item) -> Result<Item, Flow> {
        let sink = self.open_collector();
        let result = self.block_for(block, current, sink).await;
        let mut items = self.close_collector(sink);
        result?;
        Ok(match items.len() {
            0 => Item::Nothing,
            1 => items.swap_remove(0),
            _ => Item::array(items),
        })
    }
}
