//! Where-Object, ForEach-Object, and a script block that is called.

use std::sync::Arc;

use super::super::error::ErrorRecord;
use super::super::evaluate::{Boxed, Call, Called, Evaluator, Flow, Sink, property, truthy};
use super::super::host::{Command, Kind, Parameter, Pipeline};
use super::super::item::Item;
use super::{Builtin, Filter, command, gather};

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &WHERE, make: |call| Box::new(Where { call }) },
    Builtin { command: &FOR_EACH, make: |call| Box::new(ForEach { call, begun: false }) },
];

const INPUT: Parameter = Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value);

static WHERE: Command = command(
    "Where-Object",
    "Microsoft.PowerShell.Commands.WhereObjectCommand",
    &[
        // Taken for a property's name where it is a text.
        Parameter::new("FilterScript", Kind::Any).alias(&["Property"]).at(0),
        Parameter::new("Value", Kind::Any).at(1),
        Parameter::new("eq", Kind::Switch).alias(&["ieq"]),
        Parameter::new("ceq", Kind::Switch),
        Parameter::new("ne", Kind::Switch).alias(&["ine"]),
        Parameter::new("cne", Kind::Switch),
        Parameter::new("lt", Kind::Switch).alias(&["ilt"]),
        Parameter::new("clt", Kind::Switch),
        Parameter::new("le", Kind::Switch).alias(&["ile"]),
        Parameter::new("cle", Kind::Switch),
        Parameter::new("gt", Kind::Switch).alias(&["igt"]),
        Parameter::new("cgt", Kind::Switch),
        Parameter::new("ge", Kind::Switch).alias(&["ige"]),
        Parameter::new("cge", Kind::Switch),
        Parameter::new("like", Kind::Switch).alias(&["ilike"]),
        Parameter::new("clike", Kind::Switch),
        Parameter::new("notlike", Kind::Switch).alias(&["inotlike"]),
        Parameter::new("cnotlike", Kind::Switch),
        Parameter::new("match", Kind::Switch).alias(&["imatch"]),
        Parameter::new("cmatch", Kind::Switch),
        Parameter::new("notmatch", Kind::Switch).alias(&["inotmatch"]),
        Parameter::new("cnotmatch", Kind::Switch),
        Parameter::new("in", Kind::Switch).alias(&["iin"]),
        Parameter::new("cin", Kind::Switch),
        Parameter::new("notin", Kind::Switch).alias(&["inotin"]),
        Parameter::new("cnotin", Kind::Switch),
        Parameter::new("contains", Kind::Switch).alias(&["icontains"]),
        Parameter::new("ccontains", Kind::Switch),
        Parameter::new("notcontains", Kind::Switch).alias(&["inotcontains"]),
        Parameter::new("cnotcontains", Kind::Switch),
        Parameter::new("is", Kind::Switch),
        Parameter::new("isnot", Kind::Switch),
        Parameter::new("not", Kind::Switch),
        INPUT,
    ],
);

static FOR_EACH: Command = command(
    "ForEach-Object",
    "Microsoft.PowerShell.Commands.ForEachObjectCommand",
    &[
        Parameter::new("Process", Kind::Any).alias(&["MemberName"]).at(0).mandatory(),
        Parameter::new("Begin", Kind::Block),
        Parameter::new("End", Kind::Block),
        INPUT,
    ],
);

struct Where {
    call: Call,
}

impl Filter for Where {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let arguments = &self.call.arguments;
            let keeps = match arguments.get("FilterScript") {
                Some(Item::Block(block)) => {
                    let block = Arc::clone(block);
                    truthy(&shell.value_for(&block, input.clone()).await?)
                }
                Some(name) => {
                    let found = property(&input, name.as_text().unwrap_or_default()).unwrap_or(Item::NULL);
                    // The simplified syntax, `Where-Object Name -like 'x'`: each comparison is a switch of its own.
                    let switches = self.call.command.parameters.iter().filter(|parameter| parameter.kind == Kind::Switch);
                    match switches.map(|switch| switch.name).find(|name| *name != "not" && arguments.switch(name)) {
                        Some(operator) => {
                            let value = arguments.get("Value").cloned().unwrap_or(Item::NULL);
                            truthy(&shell.binary(operator, &found, &value, &self.call.span)?)
                        }
                        None => truthy(&found) != arguments.switch("not"),
                    }
                }
                None => true,
            };
            if keeps { shell.emit(input, out).await } else { Ok(()) }
        })
    }
}

struct ForEach {
    call: Call,
    begun: bool,
}

impl ForEach {
    async fn begin(&mut self, shell: &mut Evaluator, out: Sink) -> Result<(), Flow> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        match self.call.arguments.get("Begin") {
            Some(Item::Block(block)) => shell.block_for(&Arc::clone(block), Item::NULL, out).await,
            _ => Ok(()),
        }
    }
}

impl Filter for ForEach {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.begin(shell, out).await?;
            match self.call.arguments.get("Process") {
                Some(Item::Block(block)) => shell.block_for(&Arc::clone(block), input, out).await,
                Some(name) => {
                    let name = name.as_text().unwrap_or_default().to_owned();
                    let value = match property(&input, &name) {
                        Some(value) => value,
                        None if input.is_null() || input.as_object().is_some() => Item::Nothing,
                        None => shell.method(&input, &name, &[], &self.call.span)?,
                    };
                    shell.emit_all(value, out).await
                }
                None => Ok(()),
            }
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.begin(shell, out).await?;
            match self.call.arguments.get("End") {
                Some(Item::Block(block)) => shell.block_for(&Arc::clone(block), Item::NULL, out).await,
                _ => Ok(()),
            }
        })
    }
}

/// A script block that is called (`& { … }`), or a function.
pub struct CalledBlock {
    pub called: Called,
    pub input: Vec<Item>,
}

impl Filter for CalledBlock {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        gather(&mut self.input, input)
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let input = std::mem::take(&mut self.input);
            shell.call(&mut self.called, input, out).await
        })
    }
}

/// An error of one of the shell's own commands.
pub fn failed(shell: &Evaluator, call: &Call, failure: super::super::host::Failure) -> Flow {
    Flow::Error(Box::new(ErrorRecord::of_command(failure, call.command, &shell.source, call.span.clone())))
}
