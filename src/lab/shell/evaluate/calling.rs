//! Calls of a server's own commands: until they are done, with their errors as ErrorAction says.

use std::sync::Arc;

use super::super::commands::Filter;
use super::super::display::text_of;
use super::super::error::{self, ErrorRecord, binding};
use super::super::execution::Output;
use super::super::host::{Arguments, Emission, Failure, Invocation, Pipeline, Reply};
use super::super::item::Item;
use super::bind::bind_item;
use super::pipeline::{Call, Sink};
use super::{Boxed, Evaluator, Flow};

impl Evaluator {
    /// Reports a command's error as its ErrorAction says; `Err` where the statement ends.
    pub fn command_failed(&mut self, call: &Call, failure: Failure) -> Result<(), Flow> {
        let terminating = failure.terminating;
        let mut record = ErrorRecord::of_command(failure, call.command, &self.source, call.span.clone());
        let action = call.common.error_action.clone().unwrap_or_else(|| self.variables.preference("ErrorActionPreference"));
        self.variables.succeeded = false;
        if let Some(name) = call.common.error_variable.as_deref().filter(|_| !action.eq_ignore_ascii_case("Ignore")) {
            self.variables.append(name.trim_start_matches('+'), record.to_item());
        }
        match action.to_ascii_lowercase().as_str() {
            "stop" => {
                record.ends_script = true;
                Err(Flow::Error(Box::new(record)))
            }
            _ if terminating => Err(Flow::Error(Box::new(record))),
            "silentlycontinue" => {
                self.variables.remember_error(record.to_item());
                Ok(())
            }
            "ignore" => Ok(()),
            "inquire" => Err(self.prompt_refused(call)),
            _ => {
                self.report(&record);
                Ok(())
            }
        }
    }

    async fn emissions(&mut self, call: &Call, emissions: Vec<Emission>, out: Sink) -> Result<(), Flow> {
        for emission in emissions {
            match emission {
                Emission::Object(item) => self.emit_all(item, out).await?,
                Emission::Error(failure) => self.command_failed(call, failure)?,
                Emission::Warning(text) => self.warn(&text),
                Emission::Verbose(text) => self.verbose(call, &text),
                Emission::Information(text) => self.inform(&text),
                Emission::NativeError(text) => self.native_error(call, text),
                Emission::Exit(code) => {
                    self.variables.exit = Some(code);
                    self.exit = Some(code);
                    if code != 0 {
                        self.variables.succeeded = false;
                    }
                }
            }
        }
        Ok(())
    }

    /// A warning, unless the script does not want any.
    pub fn warn(&mut self, text: &str) {
        if !self.variables.preference("WarningPreference").to_ascii_lowercase().contains("silently") {
            let target = self.redirected.targets.warnings;
            self.divert_message(target, "System.Management.Automation.WarningRecord", text, Output::Warning);
        }
    }

    /// A message of Write-Host and Write-Information.
    pub fn inform(&mut self, text: &str) {
        let target = self.redirected.targets.information;
        self.divert_message(target, "System.Management.Automation.InformationRecord", text, Output::Information);
    }

    /// A line of a program's standard error: plain on the console, an error record where it is redirected.
    fn native_error(&mut self, call: &Call, text: String) {
        let failure = Failure::new(text.as_str(), "System.Management.Automation.RemoteException", "NotSpecified")
            .id("NativeCommandError")
            .target(text.as_str(), "String");
        let record = ErrorRecord::of_command(failure, call.command, &self.source, call.span.clone());
        let target = self.redirected.targets.errors;
        self.divert(target, Output::NativeError(text), || (record.to_item(), record.render()));
    }

    /// A verbose message, where the call or the script wants them.
    pub fn verbose(&mut self, call: &Call, text: &str) {
        let wanted = self.variables.preference("VerbosePreference").eq_ignore_ascii_case("Continue");
        if call.common.verbose.unwrap_or(wanted) {
            let target = self.redirected.targets.verbose;
            self.divert_message(target, "System.Management.Automation.VerboseRecord", text, Output::Verbose);
        }
    }

    /// Calls a command of the server until it is done.
    async fn invoke(&mut self, call: &Call, arguments: Arguments, out: Sink) -> Result<(), Flow> {
        let mut invocation = Invocation { name: call.command.name, arguments, began: self.port.now(), resumed: None };
        loop {
            match self.port.call(invocation.clone()).await {
                Reply::Done(items) => {
                    for item in items {
                        self.emit_all(item, out).await?;
                    }
                    return Ok(());
                }
                Reply::Emitted(emissions) => return self.emissions(call, emissions, out).await,
                Reply::Failed(failure) => return self.command_failed(call, failure),
                Reply::Pending { until, emitted, memo } => {
                    self.emissions(call, emitted, out).await?;
                    self.sleep(until).await;
                    invocation.resumed = Some(memo);
                }
                Reply::NotPlayed(what) => return Err(self.refused(error::not_played_in(&what), &call.span)),
                Reply::NotFound => {
                    let mut record =
                        ErrorRecord::of_language(error::not_found(call.command.name), &self.source, call.span.clone());
                    record.command = Some((Arc::from(call.command.name), ""));
                    return Err(Flow::Error(Box::new(record)));
                }
            }
        }
    }
}

/// A command of the server as a stage: called once, or once per object where the pipeline fills a parameter.
pub struct HostCommand {
    call: Call,
    gathered: Vec<Item>,
}

impl HostCommand {
    pub fn new(call: Call) -> Self {
        Self { call, gathered: Vec::new() }
    }

    /// The arguments for one object from the pipeline; `None` where it fits no parameter.
    fn with_input(&self, input: &Item) -> Option<Result<Arguments, Failure>> {
        let mut arguments = self.call.arguments.clone();
        let mut taken = false;
        for parameter in self.call.command.parameters {
            if arguments.named.contains_key(parameter.name) {
                continue;
            }
            let spellings = std::iter::once(parameter.name).chain(parameter.aliases.iter().copied());
            let by_name = || input.as_object().and_then(|object| spellings.clone().find_map(|name| object.get(name)).cloned());
            let item = match parameter.pipeline {
                Pipeline::No | Pipeline::Whole => None,
                Pipeline::Value => (!taken).then(|| input.clone()),
                Pipeline::Property => by_name(),
                Pipeline::Either => by_name().or_else(|| (!taken).then(|| input.clone())),
            };
            if let Some(item) = item {
                match bind_item(parameter, item) {
                    Ok(item) => arguments.named.insert(parameter.name, item),
                    Err(failure) => return Some(Err(failure)),
                };
                taken = true;
            }
        }
        taken.then_some(Ok(arguments))
    }
}

impl Filter for HostCommand {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            if self.call.command.program
                || self.call.command.parameters.iter().any(|parameter| parameter.pipeline == Pipeline::Whole)
            {
                self.gathered.push(input);
                return Ok(());
            }
            match self.with_input(&input) {
                Some(Ok(arguments)) => shell.invoke(&self.call, arguments, out).await,
                Some(Err(failure)) => shell.command_failed(&self.call, failure),
                None => {
                    let message = "The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its properties do not match any of the parameters that take pipeline input.";
                    let failure = binding("InputObjectNotBound", message).target(text_of(&input), "PSObject");
                    shell.command_failed(&self.call, failure)
                }
            }
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let mut arguments = self.call.arguments.clone();
            let whole = self.call.command.parameters.iter().find(|parameter| parameter.pipeline == Pipeline::Whole);
            match whole {
                Some(parameter) if self.call.has_input => {
                    arguments.named.insert(parameter.name, Item::array(std::mem::take(&mut self.gathered)));
                }
                _ if self.call.has_input && !self.call.command.program => return Ok(()),
                _ => {}
            }
            shell.invoke(&self.call, arguments, out).await
        })
    }
}
