//! The shell's own commands: what PowerShell brings, whatever the server. One file a family.

mod csv;
mod files;
mod filter;
mod from_json;
mod json;
mod objects;
mod order;
mod printing;
mod select;
mod session;
mod streams;
mod time;
mod unplayed;

pub use filter::CalledBlock;
pub use unplayed::is_known;

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
    from_json::COMMANDS,
    csv::COMMANDS,
    files::COMMANDS,
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
    ("gv", "Get-Variable"),
    ("gsv", "Get-Service"),
    ("sasv", "Start-Service"),
    ("spsv", "Stop-Service"),
    ("gps", "Get-Process"),
    ("ps", "Get-Process"),
    ("gci", "Get-ChildItem"),
    ("dir", "Get-ChildItem"),
    ("ls", "Get-ChildItem"),
    ("gc", "Get-Content"),
    ("cat", "Get-Content"),
    ("type", "Get-Content"),
    ("gi", "Get-Item"),
    ("gp", "Get-ItemProperty"),
    ("sp", "Set-ItemProperty"),
    ("iwr", "Invoke-WebRequest"),
    ("curl", "Invoke-WebRequest"),
    ("irm", "Invoke-RestMethod"),
    ("icm", "Invoke-Command"),
    ("iex", "Invoke-Expression"),
    ("gwmi", "Get-WmiObject"),
    ("gcim", "Get-CimInstance"),
    ("compare", "Compare-Object"),
    ("diff", "Compare-Object"),
    ("sls", "Select-String"),
    ("tee", "Tee-Object"),
    ("cd", "Set-Location"),
    ("pwd", "Get-Location"),
    ("cls", "Clear-Host"),
    ("clear", "Clear-Host"),
    ("cp", "Copy-Item"),
    ("copy", "Copy-Item"),
    ("mv", "Move-Item"),
    ("move", "Move-Item"),
    ("rm", "Remove-Item"),
    ("del", "Remove-Item"),
    ("ni", "New-Item"),
    ("md", "New-Item"),
    ("mkdir", "New-Item"),
    ("ren", "Rename-Item"),
    ("start", "Start-Process"),
    ("saps", "Start-Process"),
    ("kill", "Stop-Process"),
    ("man", "Get-Help"),
    ("help", "Get-Help"),
    ("h", "Get-History"),
    ("gjb", "Get-Job"),
    ("epcsv", "Export-Csv"),
    ("ipcsv", "Import-Csv"),
    ("fw", "Format-Wide"),
];

/// The command that an alias stands for, else the name itself.
pub fn unaliased(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map_or(name, |(_, full)| full)
}

/// The shell's own command of that name.
pub fn builtin(name: &str) -> Option<&'static Builtin> {
    let name = unaliased(name);
    FAMILIES.iter().flat_map(|family| family.iter()).find(|builtin| builtin.command.name.eq_ignore_ascii_case(name))
}

/// A command of the shell.
const fn command(name: &'static str, class: &'static str, parameters: &'static [Parameter]) -> Command {
    Command { name, class, parameters, program: false }
}
