//! The shell's own commands: what PowerShell brings, whatever the server. One file a family.

mod filter;
mod json;
mod objects;
mod order;
mod printing;
mod select;
mod session;
mod streams;
mod time;

pub use filter::CalledBlock;

use super::evaluate::{Boxed, Call, Evaluator, Sink};
use super::host::{Command, Parameter};
use super::item::Item;

/// A stage of a pipeline.
pub trait Filter: Send {
    /// Takes one object.
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()>;

    /// After the last object.
    fn finish<'a>(&'a mut self, _shell: &'a mut Evaluator, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// One of the shell's own commands.
pub struct Builtin {
    /// What is bound.
    pub command: &'static Command,
    /// What it does.
    pub make: fn(Call) -> Box<dyn Filter>,
}

/// The families; the first that knows a name has it.
const FAMILIES: &[&[Builtin]] = &[
    filter::COMMANDS,
    select::COMMANDS,
    order::COMMANDS,
    printing::COMMANDS,
    json::COMMANDS,
    streams::COMMANDS,
    time::COMMANDS,
    objects::COMMANDS,
    session::COMMANDS,
];

const ALIASES: &[(&str, &str)] = &[
    ("?", "Where-Object"),
    ("where", "Where-Object"),
    ("%", "ForEach-Object"),
    ("foreach", "ForEach-Object"),
    ("select", "Select-Object"),
    ("sort", "Sort-Object"),
    ("group", "Group-Object"),
    ("measure", "Measure-Object"),
    ("fl", "Format-List"),
    ("ft", "Format-Table"),
    ("gm", "Get-Member"),
    ("gcm", "Get-Command"),
    ("ipmo", "Import-Module"),
    ("echo", "Write-Output"),
    ("write", "Write-Output"),
    ("sleep", "Start-Sleep"),
    ("oh", "Out-Host"),
];

/// The shell's own command of that name or alias.
pub fn builtin(name: &str) -> Option<&'static Builtin> {
    let name = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map_or(name, |(_, full)| full);
    FAMILIES.iter().flat_map(|family| family.iter()).find(|builtin| builtin.command.name.eq_ignore_ascii_case(name))
}

/// A command of the shell.
const fn command(name: &'static str, class: &'static str, parameters: &'static [Parameter]) -> Command {
    Command { name, class, parameters, program: false }
}
