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
use crate::powershell::cmdlets::unalias;

/// A stage of a pipeline.
pub trait Filter: Send {
    /// Takes one object.
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()>;

    /// After the last object.
    fn finish<'a>(&'a mut self, _shell: &'a mut Evaluator, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// What a stage does that wants all objects before it begins: it keeps this one.
fn gather(items: &mut Vec<Item>, input: Item) -> Boxed<'_, ()> {
    items.push(input);
    Box::pin(async { Ok(()) })
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

/// The shell's own command of that name.
pub fn builtin(name: &str) -> Option<&'static Builtin> {
    let name = unalias(name);
    FAMILIES.iter().flat_map(|family| family.iter()).find(|builtin| builtin.command.name.eq_ignore_ascii_case(name))
}

/// A command of the shell.
const fn command(name: &'static str, class: &'static str, parameters: &'static [Parameter]) -> Command {
    Command { name, class, parameters, program: false }
}
