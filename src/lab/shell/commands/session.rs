//! Import-Module, Get-Command, Get-Variable, Set-StrictMode: what is about the session itself.

use super::super::display::text_of;
use super::super::error;
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::{Builtin, Filter, builtin, command};

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &IMPORT, make: |call| Box::new(Session { call }) },
    Builtin { command: &GET_COMMAND, make: |call| Box::new(Session { call }) },
    Builtin { command: &GET_VARIABLE, make: |call| Box::new(Session { call }) },
    Builtin { command: &SET_VARIABLE, make: |call| Box::new(Session { call }) },
    Builtin { command: &READ_HOST, make: |call| Box::new(Session { call }) },
];

static IMPORT: Command = command(
    "Import-Module",
    "Microsoft.PowerShell.Commands.ImportModuleCommand",
    &[
        Parameter::new("Name", Kind::Texts).at(0).mandatory().from_pipeline(Pipeline::Value),
        Parameter::new("Force", Kind::Switch),
        Parameter::new("Global", Kind::Switch),
        Parameter::new("PassThru", Kind::Switch),
        Parameter::new("DisableNameChecking", Kind::Switch),
    ],
);
static GET_COMMAND: Command = command(
    "Get-Command",
    "Microsoft.PowerShell.Commands.GetCommandCommand",
    &[
        Parameter::new("Name", Kind::Texts).at(0),
        Parameter::new("Module", Kind::Texts),
        Parameter::new("CommandType", Kind::Text),
    ],
);
static GET_VARIABLE: Command = command(
    "Get-Variable",
    "Microsoft.PowerShell.Commands.GetVariableCommand",
    &[Parameter::new("Name", Kind::Text).at(0).mandatory(), Parameter::new("ValueOnly", Kind::Switch)],
);
static SET_VARIABLE: Command = command(
    "Set-Variable",
    "Microsoft.PowerShell.Commands.SetVariableCommand",
    &[Parameter::new("Name", Kind::Text).at(0).mandatory(), Parameter::new("Value", Kind::Any).at(1)],
);
static READ_HOST: Command = command(
    "Read-Host",
    "Microsoft.PowerShell.Commands.ReadHostCommand",
    &[Parameter::new("Prompt", Kind::Any).at(0), Parameter::new("AsSecureString", Kind::Switch)],
);

struct Session {
    call: Call,
}

impl Session {
    fn names(&self) -> Vec<String> {
        match self.call.arguments.get("Name") {
            Some(Item::Array(names)) => names.iter().map(text_of).collect(),
            Some(name) => vec![text_of(name)],
            None => Vec::new(),
        }
    }

    /// ADSync is there where the product is; of other modules the lab knows nothing.
    async fn import(&self, shell: &mut Evaluator) -> Result<(), Flow> {
        for name in self.names() {
            let file = name.rsplit(['\\', '/']).next().unwrap_or(&name);
            let module = file.strip_suffix(".psd1").or_else(|| file.strip_suffix(".psm1")).unwrap_or(file);
            // ADSyncTools comes from the gallery and is on no server of the lab.
            let absent = module.eq_ignore_ascii_case("ADSyncTools");
            if !module.eq_ignore_ascii_case("ADSync") && !absent {
                return Err(shell.not_played(&format!("the module {name}"), &self.call.span));
            }
            if absent || shell.port.command("Get-ADSyncScheduler").await.is_none() {
                let message = format!(
                    "The specified module '{name}' was not loaded because no valid module file was found in any module directory."
                );
                let failure = Failure::new(message, "System.IO.FileNotFoundException", "ResourceUnavailable")
                    .id("Modules_ModuleNotFound")
                    .target(name, "String");
                shell.command_failed(&self.call, failure)?;
            }
        }
        Ok(())
    }

    async fn get_command(&self, shell: &mut Evaluator, out: Sink) -> Result<(), Flow> {
        let names = self.names();
        if names.is_empty() || names.iter().any(|name| name.contains(['*', '?', '['])) {
            return Err(shell.not_played("Get-Command without the whole name of a command", &self.call.span));
        }
        for name in names {
            let found = match builtin(&name) {
                Some(builtin) => Some(builtin.command),
                None => shell.port.command(&name).await,
            };
            let Some(found) = found else {
                let mut failure = error::not_found(&name);
                failure.id = "CommandNotFoundException".into();
                shell.command_failed(&self.call, failure)?;
                continue;
            };
            let source = if found.class.starts_with("Microsoft.IdentityManagement") { "ADSync" } else { "" };
            let info = Object::new("System.Management.Automation.CmdletInfo")
                .with("CommandType", if found.program { "Application" } else { "Cmdlet" })
                .with("Name", found.name)
                .with("Version", if source.is_empty() { "" } else { "1.0.0.0" })
                .with("Source", source)
                .shown_as(found.name);
            shell.emit(info.into(), out).await?;
        }
        Ok(())
    }
}

impl Filter for Session {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, _input: Item, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            match self.call.command.name {
                "Import-Module" => self.import(shell).await,
                "Get-Command" => self.get_command(shell, out).await,
                "Read-Host" => Err(shell.prompt_refused(&self.call)),
                "Set-Variable" => {
                    let value = self.call.arguments.get("Value").cloned().unwrap_or(Item::NULL);
                    shell.variables.set(self.call.arguments.text("Name").unwrap_or_default(), value);
                    Ok(())
                }
                _ => {
                    let name = self.call.arguments.text("Name").unwrap_or_default().to_owned();
                    let value = shell.variables.get(&name);
                    if self.call.arguments.switch("ValueOnly") {
                        return shell.emit_all(value, out).await;
                    }
                    let variable = Object::new("System.Management.Automation.PSVariable").with("Name", name).with("Value", value);
                    shell.emit(variable.into(), out).await
                }
            }
        })
    }
}
