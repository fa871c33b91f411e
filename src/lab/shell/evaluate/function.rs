//! Functions and script blocks that are called: what they declare is filled from what was given, in a scope of its own.

use std::sync::Arc;

use super::super::display::text_of;
use super::super::error::binding;
use super::super::item::Item;
use super::bind::Given;
use super::{Evaluator, Flow, Sink};
use crate::powershell::syntax::{Declared, ScriptBlock};
use crate::powershell::token::Span;

/// A call of a function, or of a script block (`& { … }`), which has no name.
pub struct Called {
    pub name: Option<String>,
    pub block: Arc<ScriptBlock>,
    pub given: Vec<Given>,
    pub span: Span,
}

impl Evaluator {
    /// Runs what is called; what came by the pipeline is `$input`.
    pub async fn call(&mut self, called: &mut Called, input: Vec<Item>, out: Sink) -> Result<(), Flow> {
        self.variables.enter();
        let mut result = self.declare(called).await;
        if result.is_ok() {
            self.variables.set("input", Item::array(input));
            let block = Arc::clone(&called.block);
            result = self.statements(&block.statements, out).await;
        }
        self.variables.leave();
        match result {
            Err(Flow::Return) => Ok(()),
            other => other,
        }
    }

    /// Sets the parameters, and `$args` to what is left over.
    async fn declare(&mut self, called: &mut Called) -> Result<(), Flow> {
        let declared = called.block.parameters.clone();
        let (mut filled, rest) = self.matched(&declared, called)?;
        let missing: Vec<&str> = declared
            .iter()
            .zip(&filled)
            .filter(|(one, item)| one.mandatory && item.is_none())
            .map(|(one, _)| one.name.as_str())
            .collect();
        if !missing.is_empty() {
            let message =
                format!("Cannot process command because of one or more missing mandatory parameters: {}.", missing.join(" "));
            return Err(self.of_called(called, "MissingMandatoryParameter", message));
        }
        for (one, item) in declared.iter().zip(&mut filled) {
            let item = match (item.take(), &one.default) {
                (Some(item), _) => self.converted(one, item, called)?,
                (None, Some(default)) => {
                    let item = self.expression(default).await?;
                    self.converted(one, item, called)?
                }
                (None, None) => unset(one),
            };
            self.variables.set(&one.name, item);
        }
        self.variables.set("args", Item::array(rest));
        Ok(())
    }

    /// What was given for each parameter, by name and then by place, and what is left over.
    fn matched(&self, declared: &[Declared], called: &mut Called) -> Result<(Vec<Option<Item>>, Vec<Item>), Flow> {
        let mut filled: Vec<Option<Item>> = vec![None; declared.len()];
        let (mut places, mut rest) = (Vec::new(), Vec::new());
        let mut given = std::mem::take(&mut called.given).into_iter().peekable();
        while let Some(next) = given.next() {
            match next {
                Given::Value(value) => places.push(value.item),
                Given::Parameter { name, value, .. } => {
                    let Some(at) = by_name(declared, &name) else {
                        // As with a function that is no cmdlet, an unknown name is an argument like any other.
                        rest.push(Item::from(format!("-{name}")));
                        rest.extend(value.map(|value| value.item));
                        continue;
                    };
                    let item = match value {
                        Some(value) => value.item,
                        None if is_switch(&declared[at]) => Item::from(true),
                        None => {
                            let next = given.next_if(|next| matches!(next, Given::Value(_)));
                            let Some(Given::Value(value)) = next else {
                                return Err(self.missing_argument(called, &declared[at].name));
                            };
                            value.item
                        }
                    };
                    filled[at] = Some(item);
                }
            }
        }
        for item in places {
            let free = declared.iter().zip(&filled).position(|(one, item)| item.is_none() && !is_switch(one));
            match free {
                Some(at) => filled[at] = Some(item),
                None => rest.push(item),
            }
        }
        Ok((filled, rest))
    }

    fn missing_argument(&self, called: &Called, name: &str) -> Flow {
        let message =
            format!("Missing an argument for parameter '{name}'. Specify a parameter of type 'System.Object' and try again.");
        self.of_called(called, "MissingArgument", message)
    }

    fn converted(&self, one: &Declared, item: Item, called: &Called) -> Result<Item, Flow> {
        let Some(type_name) = one.type_name.as_deref().filter(|_| !is_switch(one)) else { return Ok(item) };
        self.cast(type_name, item, &called.span).map_err(|flow| match flow {
            Flow::Error(record) if record.failure.id.as_ref() != super::super::error::NOT_PLAYED => {
                let words = &record.failure.message;
                let message = format!("Cannot process argument transformation on parameter '{}'. {words}", one.name);
                self.of_called(called, "ParameterArgumentTransformationError", message)
            }
            other => other,
        })
    }

    fn of_called(&self, called: &Called, id: &'static str, message: String) -> Flow {
        let Flow::Error(mut record) = self.error(binding(id, message), &called.span) else { return Flow::Return };
        if let Some(name) = &called.name {
            record.failure.id = format!("{id},{name}").into();
            record.command = Some((name.as_str().into(), ""));
        }
        Flow::Error(record)
    }
}

fn is_switch(one: &Declared) -> bool {
    one.type_name.as_deref().is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        name == "switch" || name.ends_with("switchparameter")
    })
}

/// The parameter of that name, or the only one that begins so.
fn by_name(declared: &[Declared], name: &str) -> Option<usize> {
    let exact = declared.iter().position(|one| one.name.eq_ignore_ascii_case(name));
    exact.or_else(|| {
        let begins = |one: &Declared| one.name.to_lowercase().starts_with(&name.to_lowercase());
        let mut fitting = declared.iter().enumerate().filter(|(_, one)| begins(one));
        fitting.next().map(|(at, _)| at).filter(|_| fitting.next().is_none())
    })
}

/// What a parameter is that was not given and has no default.
fn unset(one: &Declared) -> Item {
    match one.type_name.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("string") => Item::from(""),
        Some("int" | "int32" | "long" | "int64" | "double") => Item::from(0),
        Some("bool") => Item::from(false),
        _ if is_switch(one) => Item::from(false),
        _ => Item::NULL,
    }
}

/// The text of a hashtable's entries or an array's elements as arguments (`@name`).
pub(super) fn splatted(item: &Item, span: &Span) -> Vec<Given> {
    let written = |item: &Item| super::bind::Written { item: item.clone(), text: None, span: span.clone() };
    match item {
        Item::Object(table) => table
            .iter()
            .map(|(name, value)| Given::Parameter { name: name.to_string(), value: Some(written(value)), span: span.clone() })
            .collect(),
        Item::Array(items) => items.iter().map(|item| Given::Value(written(item))).collect(),
        other if other.is_null() => Vec::new(),
        other => vec![Given::Value(super::bind::Written { item: other.clone(), text: Some(text_of(other)), span: span.clone() })],
    }
}
