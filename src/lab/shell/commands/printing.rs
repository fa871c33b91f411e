//! Format-List, Format-Table, Out-String, Out-Host, Out-Default.

use std::sync::Arc;

use super::super::display::{Column, List, PRINTED, Printer, READY, Table, properties_shown};
use super::super::error::WIDTH;
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::filter::failed;
use super::select::{Wanted, chosen, wanted};
use super::{Builtin, Filter, command, gather};
use crate::powershell::Value;

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &LIST, make: |call| Box::new(Format { call, items: Vec::new() }) },
    Builtin { command: &TABLE, make: |call| Box::new(Format { call, items: Vec::new() }) },
    Builtin { command: &STRING, make: |call| Box::new(OutString { call, items: Vec::new() }) },
    Builtin { command: &HOST, make: |call| Box::new(OutHost { call }) },
    Builtin { command: &DEFAULT, make: |call| Box::new(OutHost { call }) },
];

const INPUT: Parameter = Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value);
const PROPERTY: Parameter = Parameter::new("Property", Kind::Many).at(0);

static LIST: Command = command(
    "Format-List",
    "Microsoft.PowerShell.Commands.FormatListCommand",
    &[PROPERTY, Parameter::new("Force", Kind::Switch), Parameter::new("Expand", Kind::Text), INPUT],
);
static TABLE: Command = command(
    "Format-Table",
    "Microsoft.PowerShell.Commands.FormatTableCommand",
    &[
        PROPERTY,
        Parameter::new("AutoSize", Kind::Switch),
        Parameter::new("HideTableHeaders", Kind::Switch),
        Parameter::new("Wrap", Kind::Switch),
        Parameter::new("Force", Kind::Switch),
        INPUT,
    ],
);
static STRING: Command = command(
    "Out-String",
    "Microsoft.PowerShell.Commands.OutStringCommand",
    &[Parameter::new("Width", Kind::Int), Parameter::new("Stream", Kind::Switch), INPUT],
);
static HOST: Command =
    command("Out-Host", "Microsoft.PowerShell.Commands.OutHostCommand", &[Parameter::new("Paging", Kind::Switch), INPUT]);
static DEFAULT: Command = command("Out-Default", "Microsoft.PowerShell.Commands.OutDefaultCommand", &[INPUT]);

/// Text that the printer passes on as it is.
fn ready(text: String) -> Item {
    Object::new(READY).shown_as(text).into()
}

/// Objects by the same shape of output stay together; scalars are lines as always.
struct Format {
    call: Call,
    items: Vec<Item>,
}

impl Format {
    fn properties(&self, shell: &Evaluator) -> Result<Vec<Wanted>, Flow> {
        wanted(self.call.arguments.get("Property")).map_err(|key| {
            let message = format!("The {key} key is missing.");
            failed(
                shell,
                &self.call,
                Failure::new(message, "System.NotSupportedException", "InvalidArgument").id("DictionaryKeyMandatoryEntry"),
            )
        })
    }

    async fn list(&mut self, shell: &mut Evaluator) -> Result<String, Flow> {
        let wanted = self.properties(shell)?;
        let mut out = String::new();
        let mut list = List::default();
        for item in std::mem::take(&mut self.items) {
            let properties =
                if wanted.is_empty() { properties_shown(&item, true) } else { chosen(shell, &wanted, &item, false).await? };
            if is_scalar(&item) || properties.is_empty() {
                let mut printer = Printer::new(PRINTED);
                printer.push(&item, &mut out);
                printer.finish(&mut out);
            } else {
                list.push(&properties, PRINTED, &mut out);
            }
        }
        list.finish(&mut out);
        Ok(out)
    }

    async fn table(&mut self, shell: &mut Evaluator) -> Result<String, Flow> {
        let wanted = self.properties(shell)?;
        let mut out = String::new();
        let items = std::mem::take(&mut self.items);
        if wanted.is_empty() && !items.iter().any(|item| properties_shown(item, true).len() > 4) {
            let mut printer = Printer::new(PRINTED);
            for item in &items {
                printer.push(item, &mut out);
            }
            printer.finish(&mut out);
            return Ok(out);
        }
        let mut table: Option<(Vec<Arc<str>>, Table)> = None;
        for item in items {
            let properties =
                if wanted.is_empty() { properties_shown(&item, false) } else { chosen(shell, &wanted, &item, true).await? };
            if table.is_none() {
                let names: Vec<Arc<str>> = properties.iter().map(|(name, _)| Arc::clone(name)).collect();
                let columns = names.iter().map(|name| column(name, &wanted)).collect();
                let headers = !self.call.arguments.switch("HideTableHeaders");
                table = Some((names, Table::new(columns).with(headers, self.call.arguments.switch("Wrap"))));
            }
            if let Some((names, table)) = &mut table {
                let row = names
                    .iter()
                    .map(|name| {
                        properties
                            .iter()
                            .find(|(found, _)| found.eq_ignore_ascii_case(name))
                            .map_or(Item::NULL, |(_, value)| value.clone())
                    })
                    .collect();
                table.push(row, PRINTED, &mut out);
            }
        }
        if let Some((_, table)) = table {
            table.finish(PRINTED, &mut out);
        }
        Ok(out)
    }
}

fn column(name: &str, wanted: &[Wanted]) -> Column {
    let calculated = wanted.iter().find_map(|wanted| match wanted {
        Wanted::Calculated { name: found, width, right, .. } if found.eq_ignore_ascii_case(name) => Some((*width, *right)),
        _ => None,
    });
    let (width, right) = calculated.unwrap_or((None, None));
    Column { header: name.to_owned(), width, right }
}

fn is_scalar(item: &Item) -> bool {
    matches!(item, Item::Value(Value::Text(_) | Value::Int(_) | Value::Double(_) | Value::Bool(_)) | Item::Enum(_))
}

impl Filter for Format {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            if !input.is_null() {
                self.items.push(input);
            }
            Ok(())
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.items.extend(self.call.input());
            let text = if self.call.command.name == "Format-List" { self.list(shell).await? } else { self.table(shell).await? };
            if text.is_empty() { Ok(()) } else { shell.emit(ready(text), out).await }
        })
    }
}

struct OutString {
    call: Call,
    items: Vec<Item>,
}

impl Filter for OutString {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        gather(&mut self.items, input)
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.items.extend(self.call.input());
            let width =
                self.call.arguments.value("Width").and_then(|value| value.as_int()).and_then(|width| usize::try_from(width).ok());
            let mut printer = Printer::new(width.unwrap_or(WIDTH).clamp(2, 4_096));
            let mut text = String::new();
            for item in std::mem::take(&mut self.items) {
                printer.push(&item, &mut text);
            }
            printer.finish(&mut text);
            if self.call.arguments.switch("Stream") {
                for line in text.lines() {
                    shell.emit(Item::from(line), out).await?;
                }
                return Ok(());
            }
            shell.emit(Item::from(text.replace('\n', "\r\n")), out).await
        })
    }
}

/// Prints at once, past what stands behind it.
struct OutHost {
    call: Call,
}

impl Filter for OutHost {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move { shell.emit(input, Sink::Printer).await })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            if !self.call.has_input
                && let Some(given) = self.call.arguments.get("InputObject").cloned()
            {
                shell.emit_all(given, Sink::Printer).await?;
            }
            Ok(())
        })
    }
}
