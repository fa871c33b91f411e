//! Select-Object, and the reading of `-Property` lists that the formatting commands share.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::display::text_of;
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink, compare_items, property};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::filter::failed;
use super::{Builtin, Filter, command};
use crate::powershell::syntax::ScriptBlock;
use crate::powershell::{Case, like};

pub const COMMANDS: &[Builtin] = &[Builtin { command: &SELECT, make: |call| Box::new(Select::new(call)) }];

static SELECT: Command = command(
    "Select-Object",
    "Microsoft.PowerShell.Commands.SelectObjectCommand",
    &[
        Parameter::new("Property", Kind::Many).at(0),
        Parameter::new("ExcludeProperty", Kind::Texts),
        Parameter::new("ExpandProperty", Kind::Text),
        Parameter::new("Unique", Kind::Switch),
        Parameter::new("First", Kind::Int),
        Parameter::new("Last", Kind::Int),
        Parameter::new("Skip", Kind::Int),
        Parameter::new("Index", Kind::Many),
        Parameter::new("Wait", Kind::Switch),
        Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value),
    ],
);

/// One column that was asked for.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// A name, perhaps with wildcards.
    Name(String),
    /// `@{ Name = …; Expression = { … } }` with what tables add.
    Calculated { name: String, expression: Expression, width: Option<usize>, right: Option<bool>, format: Option<String> },
}

/// How a calculated property gets its value.
#[derive(Debug, Clone)]
pub enum Expression {
    Block(Arc<ScriptBlock>),
    Name(String),
}

/// Reads a `-Property` argument. The error is the item that is no property.
pub fn wanted(argument: Option<&Item>) -> Result<Vec<Wanted>, String> {
    let items = match argument {
        Some(Item::Array(items)) => items.as_ref().clone(),
        Some(item) if !item.is_null() => vec![item.clone()],
        _ => Vec::new(),
    };
    items.iter().map(one).collect()
}

fn one(item: &Item) -> Result<Wanted, String> {
    match item {
        Item::Block(block) => Ok(Wanted::Calculated {
            name: block.text().to_owned(),
            expression: Expression::Block(Arc::clone(block)),
            width: None,
            right: None,
            format: None,
        }),
        Item::Object(table) if table.is(Object::HASHTABLE) => {
            let find = |names: &[&str]| {
                table.iter().find(|(key, _)| {
                    let key = key.to_lowercase();
                    names.iter().any(|name| name.starts_with(&key) && !key.is_empty())
                })
            };
            let expression = match find(&["expression"]).map(|(_, value)| value) {
                Some(Item::Block(block)) => Expression::Block(Arc::clone(block)),
                Some(name) => Expression::Name(text_of(name)),
                None => return Err("expression".to_owned()),
            };
            let name = find(&["name", "label"]).map_or_else(
                || match &expression {
                    Expression::Block(block) => block.text().to_owned(),
                    Expression::Name(name) => name.clone(),
                },
                |(_, value)| text_of(value),
            );
            let width =
                find(&["width"]).and_then(|(_, value)| value.to_value().as_int()).and_then(|width| usize::try_from(width).ok());
            let right = find(&["alignment"]).map(|(_, value)| text_of(value).eq_ignore_ascii_case("right"));
            let format = find(&["formatstring"]).map(|(_, value)| text_of(value));
            Ok(Wanted::Calculated { name, expression, width, right, format })
        }
        other => Ok(Wanted::Name(text_of(other))),
    }
}

/// The properties of one object that were asked for, in order. A name without wildcards that the object has not is `$null`
/// where `missing` says so.
pub async fn chosen(shell: &mut Evaluator, wanted: &[Wanted], item: &Item, missing: bool) -> Result<Vec<(Arc<str>, Item)>, Flow> {
    let mut found: Vec<(Arc<str>, Item)> = Vec::new();
    for wanted in wanted {
        match wanted {
            Wanted::Name(name) if name.contains(['*', '?', '[']) => {
                let Ok(pattern) = like::Wildcard::new(name, Case::Default) else { continue };
                if let Some(object) = item.as_object() {
                    let matching = object.iter().filter(|(name, _)| pattern.matches(name));
                    found.extend(matching.map(|(name, value)| (Arc::clone(name), value.clone())));
                }
            }
            Wanted::Name(name) => match property(item, name) {
                Some(value) => found.push((spelled(item, name), value)),
                None if missing => found.push((name.as_str().into(), Item::NULL)),
                None => {}
            },
            Wanted::Calculated { name, expression, format, .. } => {
                let value = match expression {
                    Expression::Block(block) => match shell.value_for(block, item.clone()).await {
                        Ok(Item::Nothing) => Item::NULL,
                        Ok(value) => value,
                        // An error in a calculated property leaves it empty.
                        Err(Flow::Error(record)) if record.failure.id.as_ref() != super::super::error::NOT_PLAYED => Item::NULL,
                        Err(flow) => return Err(flow),
                    },
                    Expression::Name(name) => property(item, name).unwrap_or(Item::NULL),
                };
                let value = match format {
                    Some(format) => super::super::display::format_with(&braced(format), std::slice::from_ref(&value))
                        .map_or(value, Item::from),
                    None => value,
                };
                found.push((name.as_str().into(), value));
            }
        }
    }
    Ok(found)
}

/// A FormatString is the part after the colon, or a whole `{0:…}`.
fn braced(format: &str) -> String {
    if format.contains("{0") { format.to_owned() } else { format!("{{0:{format}}}") }
}

/// The property's name as the object spells it.
fn spelled(item: &Item, name: &str) -> Arc<str> {
    item.as_object()
        .and_then(|object| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(key, _)| Arc::clone(key)))
        .unwrap_or_else(|| name.into())
}

struct Select {
    call: Call,
    wanted: Result<Vec<Wanted>, String>,
    skipped: i64,
    passed: i64,
    seen: i64,
    last: VecDeque<Item>,
    unique: Vec<Item>,
}

impl Select {
    fn new(call: Call) -> Self {
        let wanted = wanted(call.arguments.get("Property"));
        Self { call, wanted, skipped: 0, passed: 0, seen: 0, last: VecDeque::new(), unique: Vec::new() }
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.call.arguments.value(name).and_then(|value| value.as_int())
    }

    async fn pass(&mut self, shell: &mut Evaluator, input: Item, out: Sink) -> Result<(), Flow> {
        let wanted = match &self.wanted {
            Ok(wanted) => wanted.clone(),
            Err(key) => {
                let message = format!("The {key} key has a type, or is missing, that is not valid.");
                return Err(failed(
                    shell,
                    &self.call,
                    Failure::new(message, "System.NotSupportedException", "InvalidArgument").id("DictionaryKeyIllegal2"),
                ));
            }
        };
        let item = if wanted.is_empty() { input.clone() } else { self.projected(shell, &wanted, &input).await? };
        if let Some(name) = self.call.arguments.text("ExpandProperty").map(str::to_owned) {
            if let Some(value) = property(&input, &name) {
                return shell.emit_all(value, out).await;
            }
            let message = format!("Property \"{name}\" cannot be found.");
            let failure = Failure::new(message, "System.Management.Automation.PSArgumentException", "InvalidArgument")
                .id("ExpandPropertyNotFound")
                .target(text_of(&input), "PSObject");
            return shell.command_failed(&self.call, failure);
        }
        if self.call.arguments.switch("Unique") {
            if self.unique.iter().any(|seen| same(seen, &item)) {
                return Ok(());
            }
            self.unique.push(item.clone());
        }
        shell.emit(item, out).await
    }

    async fn projected(&self, shell: &mut Evaluator, wanted: &[Wanted], input: &Item) -> Result<Item, Flow> {
        let excluded: Vec<String> = match self.call.arguments.get("ExcludeProperty") {
            Some(Item::Array(items)) => items.iter().map(text_of).collect(),
            _ => Vec::new(),
        };
        let type_name = input
            .as_object()
            .map_or_else(|| super::super::evaluate::convert::full_type_name(input), |object| object.type_name.to_string());
        let mut object = Object::new(format!("Selected.{}", type_name.trim_start_matches("Selected.")));
        for (name, value) in chosen(shell, wanted, input, true).await? {
            let out = excluded
                .iter()
                .any(|pattern| like::Wildcard::new(pattern, Case::Default).is_ok_and(|pattern| pattern.matches(&name)));
            if !out && object.get(&name).is_none() {
                object.set(name, value);
            }
        }
        Ok(object.into())
    }
}

fn same(left: &Item, right: &Item) -> bool {
    match (left, right) {
        (Item::Object(_), _) | (_, Item::Object(_)) => left == right,
        _ => compare_items(left, right, Case::Sensitive).is_eq(),
    }
}

impl Filter for Select {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let nth = self.seen;
            self.seen += 1;
            if let Some(Item::Array(indices)) = self.call.arguments.get("Index") {
                let wanted = indices.iter().any(|index| index.to_value().as_int() == Some(nth));
                return if wanted { self.pass(shell, input, out).await } else { Ok(()) };
            }
            let last = self.number("Last");
            if last.is_none() && self.skipped < self.number("Skip").unwrap_or(0) {
                self.skipped += 1;
                return Ok(());
            }
            if let Some(first) = self.number("First") {
                if self.passed < first {
                    self.passed += 1;
                    self.pass(shell, input, out).await?;
                } else if let Some(last) = last {
                    self.keep(input, last);
                }
                if self.passed >= first
                    && last.is_none()
                    && let Sink::After { pipeline, stage } = out
                {
                    return Err(Flow::Enough { pipeline, stage });
                }
                return Ok(());
            }
            match last {
                Some(last) => {
                    self.keep(input, last);
                    Ok(())
                }
                None => self.pass(shell, input, out).await,
            }
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            while let Some(item) = self.last.pop_front() {
                self.pass(shell, item, out).await?;
            }
            Ok(())
        })
    }
}

impl Select {
    fn keep(&mut self, input: Item, last: i64) {
        self.last.push_back(input);
        while i64::try_from(self.last.len()).is_ok_and(|length| length > last.max(0)) {
            self.last.pop_front();
        }
    }
}
