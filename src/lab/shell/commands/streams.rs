//! Write-Output, Write-Host, Write-Warning, Write-Verbose, Write-Error, Write-Progress, Out-Null.

use super::super::display::text_of;
use super::super::evaluate::{Boxed, Call, Evaluator, Sink};
use super::super::execution::Output;
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::Item;
use super::{Builtin, Filter, command};

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &OUTPUT, make: |call| Box::new(Write { call }) },
    Builtin { command: &HOST, make: |call| Box::new(Write { call }) },
    Builtin { command: &INFORMATION, make: |call| Box::new(Write { call }) },
    Builtin { command: &WARNING, make: |call| Box::new(Write { call }) },
    Builtin { command: &VERBOSE, make: |call| Box::new(Write { call }) },
    Builtin { command: &DEBUG, make: |call| Box::new(Write { call }) },
    Builtin { command: &ERROR, make: |call| Box::new(Write { call }) },
    Builtin { command: &PROGRESS, make: |call| Box::new(Write { call }) },
    Builtin { command: &NULL, make: |call| Box::new(Write { call }) },
];

const MESSAGE: Parameter = Parameter::new("Message", Kind::Text).alias(&["Msg"]).at(0).mandatory().from_pipeline(Pipeline::Value);

static OUTPUT: Command = command(
    "Write-Output",
    "Microsoft.PowerShell.Commands.WriteOutputCommand",
    &[
        Parameter::new("InputObject", Kind::Many).at(0).mandatory().from_pipeline(Pipeline::Value),
        Parameter::new("NoEnumerate", Kind::Switch),
    ],
);
static HOST: Command = command(
    "Write-Host",
    "Microsoft.PowerShell.Commands.WriteHostCommand",
    &[
        Parameter::new("Object", Kind::Many).alias(&["Msg", "Message"]).at(0).from_pipeline(Pipeline::Value),
        Parameter::new("NoNewline", Kind::Switch),
        Parameter::new("Separator", Kind::Text),
        Parameter::new("ForegroundColor", Kind::Text),
        Parameter::new("BackgroundColor", Kind::Text),
    ],
);
static INFORMATION: Command = command(
    "Write-Information",
    "Microsoft.PowerShell.Commands.WriteInformationCommand",
    &[
        Parameter::new("MessageData", Kind::Any).alias(&["Msg", "Message"]).at(0).mandatory().from_pipeline(Pipeline::Value),
        Parameter::new("Tags", Kind::Texts).at(1),
    ],
);
static WARNING: Command = command("Write-Warning", "Microsoft.PowerShell.Commands.WriteWarningCommand", &[MESSAGE]);
static VERBOSE: Command = command("Write-Verbose", "Microsoft.PowerShell.Commands.WriteVerboseCommand", &[MESSAGE]);
static DEBUG: Command = command("Write-Debug", "Microsoft.PowerShell.Commands.WriteDebugCommand", &[MESSAGE]);
static ERROR: Command = command(
    "Write-Error",
    "Microsoft.PowerShell.Commands.WriteErrorException",
    &[
        MESSAGE,
        Parameter::new("Category", Kind::Text),
        Parameter::new("ErrorId", Kind::Text),
        Parameter::new("TargetObject", Kind::Any),
        Parameter::new("RecommendedAction", Kind::Text),
    ],
);
static PROGRESS: Command = command(
    "Write-Progress",
    "Microsoft.PowerShell.Commands.WriteProgressCommand",
    &[
        Parameter::new("Activity", Kind::Text).at(0).mandatory(),
        Parameter::new("Status", Kind::Text).at(1),
        Parameter::new("Id", Kind::Int).at(2),
        Parameter::new("PercentComplete", Kind::Int),
        Parameter::new("SecondsRemaining", Kind::Int),
        Parameter::new("CurrentOperation", Kind::Text),
        Parameter::new("ParentId", Kind::Int),
        Parameter::new("Completed", Kind::Switch),
    ],
);
static NULL: Command = command(
    "Out-Null",
    "Microsoft.PowerShell.Commands.OutNullCommand",
    &[Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value)],
);

struct Write {
    call: Call,
}

impl Write {
    async fn write(&self, shell: &mut Evaluator, item: Item, out: Sink) -> Result<(), super::super::evaluate::Flow> {
        let arguments = &self.call.arguments;
        match self.call.command.name {
            "Write-Output" if arguments.switch("NoEnumerate") => return shell.emit(item, out).await,
            "Write-Output" => return shell.emit_all(item, out).await,
            "Write-Host" => {
                let separator = arguments.text("Separator").unwrap_or(" ");
                let text = match &item {
                    Item::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(separator),
                    single => text_of(single),
                };
                shell.inform(&text);
            }
            "Write-Information" if shell.variables.preference("InformationPreference").eq_ignore_ascii_case("Continue") => {
                shell.inform(&text_of(&item));
            }
            "Write-Warning" => shell.warn(&text_of(&item)),
            "Write-Verbose" => shell.verbose(&self.call, &text_of(&item)),
            "Write-Error" => {
                let category = arguments.text("Category").unwrap_or("NotSpecified");
                let failure = Failure::new(text_of(&item), "Microsoft.PowerShell.Commands.WriteErrorException", category)
                    .id(arguments.text("ErrorId").unwrap_or("Microsoft.PowerShell.Commands.WriteErrorException"));
                let mut call = self.call.clone();
                // Written by the script: the record bears no class of a command.
                call.command = &WRITTEN_ERROR;
                return shell.command_failed(&call, failure);
            }
            "Write-Progress" => shell.write(Output::Progress {
                activity: arguments.text("Activity").unwrap_or_default().to_owned(),
                status: arguments.text("Status").unwrap_or("Processing").to_owned(),
                percent: arguments.value("PercentComplete").and_then(|value| value.as_int()).unwrap_or(-1),
                completed: arguments.switch("Completed"),
            }),
            _ => {}
        }
        Ok(())
    }

    fn given(&self) -> Option<&Item> {
        ["InputObject", "Object", "MessageData", "Message", "Activity"].iter().find_map(|name| self.call.arguments.get(name))
    }
}

static WRITTEN_ERROR: Command = command("Write-Error", "", &[]);

impl Filter for Write {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move { self.write(shell, input, out).await })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            if self.call.has_input {
                return Ok(());
            }
            match self.given().cloned() {
                Some(Item::Array(items)) if self.call.command.name == "Write-Output" && items.len() == 1 => {
                    self.write(shell, items[0].clone(), out).await
                }
                Some(item) => self.write(shell, item, out).await,
                None if self.call.command.name == "Write-Host" => self.write(shell, Item::from(""), out).await,
                None => Ok(()),
            }
        })
    }
}
