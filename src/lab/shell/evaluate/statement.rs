//! Statements: loops, branches, assignments, `try`.

use std::sync::Arc;

use super::super::error::runtime;
use super::super::host::Failure;
use super::super::item::{Item, Object};
use super::switch::Switch;
use super::{Boxed, Evaluator, Flow, STATEMENT, Sink, convert, truthy};
use crate::powershell::Value;
use crate::powershell::syntax::{Assign, Catch, Element, Expression, ExpressionKind, Statement, StatementKind};
use crate::powershell::token::{Span, Variable};

impl Evaluator {
    /// Runs statements in order. An error that ends only its statement is reported, unless a `try` is open.
    pub fn statements<'a>(&'a mut self, statements: &'a [Statement], out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            for statement in statements {
                match self.statement(statement, out).await {
                    Err(Flow::Error(record)) if self.goes_on(record.ends_script) => self.report(&record),
                    other => other?,
                }
            }
            Ok(())
        })
    }

    fn goes_on(&self, ends_script: bool) -> bool {
        !ends_script && self.tries == 0 && !self.variables.preference("ErrorActionPreference").eq_ignore_ascii_case("Stop")
    }

    /// Runs one statement; its output goes to `out`.
    pub fn statement<'a>(&'a mut self, statement: &'a Statement, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.enter(STATEMENT, &statement.span)?;
            let result = self.played(statement, out).await;
            self.depth -= STATEMENT;
            result
        })
    }

    fn played<'a>(&'a mut self, statement: &'a Statement, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            match &statement.kind {
                StatementKind::Pipeline(elements) => self.pipeline(elements, out).await,
                StatementKind::Assignment { target, operator, value } => self.assignment(target, *operator, value).await,
                StatementKind::If { branches, otherwise } => {
                    for (condition, body) in branches {
                        if self.condition(condition).await? {
                            return self.statements(body, out).await;
                        }
                    }
                    match otherwise {
                        Some(body) => self.statements(body, out).await,
                        None => Ok(()),
                    }
                }
                StatementKind::ForEach { variable, over, body } => self.for_each(variable, over, body, out).await,
                StatementKind::While { condition, body, first, until } => {
                    let mut unconditional = *first;
                    while unconditional || self.condition(condition).await? != *until {
                        unconditional = false;
                        if self.turn_of_loop(body, out).await? {
                            break;
                        }
                    }
                    Ok(())
                }
                StatementKind::For { initial, condition, step, body } => {
                    if let Some(initial) = initial {
                        self.statement(initial, Sink::Nothing).await?;
                    }
                    loop {
                        if let Some(condition) = condition
                            && !self.condition(condition).await?
                        {
                            return Ok(());
                        }
                        if self.turn_of_loop(body, out).await? {
                            return Ok(());
                        }
                        if let Some(step) = step {
                            self.statement(step, Sink::Nothing).await?;
                        }
                    }
                }
                StatementKind::Switch { over, comparison, case_sensitive, cases, default } => {
                    let (comparison, case_sensitive) = (*comparison, *case_sensitive);
                    let switch = Switch { comparison, case_sensitive, cases, default: default.as_deref() };
                    self.switch(over, switch, out).await
                }
                StatementKind::Function { name, body } => {
                    let name = name.rsplit(':').next().unwrap_or(name);
                    self.functions.insert(name.to_lowercase(), Arc::clone(body));
                    Ok(())
                }
                StatementKind::Try { body, catches, finally } => self.try_statement(body, catches, finally.as_deref(), out).await,
                StatementKind::Throw(value) => self.throw(value.as_deref(), &statement.span).await,
                StatementKind::Return(value) => {
                    if let Some(value) = value {
                        self.statement(value, out).await?;
                    }
                    Err(Flow::Return)
                }
                StatementKind::Exit(value) => {
                    let code = match value {
                        Some(value) => self.value_of(value).await?.to_value().as_int().unwrap_or(0),
                        None => 0,
                    };
                    Err(Flow::Exit(code))
                }
                StatementKind::Break => Err(Flow::Break),
                StatementKind::Continue => Err(Flow::Continue),
            }
        })
    }

    /// One turn; whether the loop is left.
    async fn turn_of_loop(&mut self, body: &[Statement], out: Sink) -> Result<bool, Flow> {
        self.turn().await;
        match self.statements(body, out).await {
            Ok(()) | Err(Flow::Continue) => Ok(false),
            Err(Flow::Break) => Ok(true),
            Err(flow) => Err(flow),
        }
    }

    async fn for_each(&mut self, variable: &Variable, over: &Statement, body: &[Statement], out: Sink) -> Result<(), Flow> {
        let items = match self.items_of(over).await?.as_slice() {
            // Nothing to go through, not one thing that is nothing.
            [one] if one.is_null() => Vec::new(),
            items => items.to_vec(),
        };
        for item in items {
            self.variables.set(&variable.name, item);
            if self.turn_of_loop(body, out).await? {
                break;
            }
        }
        Ok(())
    }

    async fn condition(&mut self, condition: &Statement) -> Result<bool, Flow> {
        let value = self.value_of(condition).await?;
        Ok(truthy(&value))
    }

    /// The value of a statement: an expression's own, else its output as one value.
    pub async fn value_of(&mut self, statement: &Statement) -> Result<Item, Flow> {
        if let StatementKind::Pipeline(elements) = &statement.kind
            && let [Element::Expression(expression)] = elements.as_slice()
        {
            return self.expression(expression).await;
        }
        let mut items = self.collect(std::slice::from_ref(statement), true).await?;
        Ok(match items.len() {
            0 => Item::Nothing,
            1 => items.swap_remove(0),
            _ => Item::array(items),
        })
    }

    /// The items that a statement puts out, arrays opened.
    pub(super) async fn items_of(&mut self, statement: &Statement) -> Result<Vec<Item>, Flow> {
        self.collect(std::slice::from_ref(statement), true).await
    }

    /// The output of statements as items. An error of a `single` statement is the caller's.
    pub async fn collect(&mut self, statements: &[Statement], single: bool) -> Result<Vec<Item>, Flow> {
        let sink = self.open_collector();
        let mut result = Ok(());
        if single {
            for statement in statements {
                result = self.statement(statement, sink).await;
                if result.is_err() {
                    break;
                }
            }
        } else {
            result = self.statements(statements, sink).await;
        }
        let items = self.close_collector(sink);
        result.map(|()| items)
    }

    async fn assignment(&mut self, target: &Expression, operator: Assign, value: &Statement) -> Result<(), Flow> {
        let value = match self.value_of(value).await? {
            Item::Nothing if operator != Assign::Set => Item::NULL,
            value => value,
        };
        let value = match operator {
            Assign::Set => value,
            Assign::With(name) => {
                let before = self.expression(target).await?;
                self.binary(name, &before, &value, &target.span)?
            }
        };
        self.assign(target, value).await
    }

    /// Puts a value into a variable, a property or an element.
    pub fn assign<'a>(&'a mut self, target: &'a Expression, value: Item) -> Boxed<'a, ()> {
        Box::pin(async move {
            match &target.kind {
                ExpressionKind::Variable(variable) => self.assign_variable(variable, value, &target.span),
                ExpressionKind::Cast(type_name, inner) => {
                    let value = self.cast(type_name, value, &target.span)?;
                    self.assign(inner, value).await
                }
                ExpressionKind::List(targets) => {
                    let mut values = match value {
                        Item::Array(items) => items.as_ref().clone(),
                        single => vec![single],
                    };
                    for (nth, target) in targets.iter().enumerate() {
                        let last = nth + 1 == targets.len() && values.len() > 1;
                        let value = if last {
                            Item::array(std::mem::take(&mut values))
                        } else if values.is_empty() {
                            Item::NULL
                        } else {
                            values.remove(0)
                        };
                        self.assign(target, value).await?;
                    }
                    Ok(())
                }
                ExpressionKind::Member { of, name, of_type: false } => {
                    let name = self.text_of(name).await?;
                    let holder = self.expression(of).await?;
                    let changed = self.with_property(holder, &name, value, &target.span)?;
                    self.assign(of, changed).await
                }
                ExpressionKind::Index(of, index) => {
                    let index = self.expression(index).await?;
                    let holder = self.expression(of).await?;
                    let changed = self.with_element(holder, &index, value, &target.span)?;
                    self.assign(of, changed).await
                }
                _ => Err(self.not_played("an assignment to this", &target.span)),
            }
        })
    }

    fn assign_variable(&mut self, variable: &Variable, value: Item, span: &Span) -> Result<(), Flow> {
        match variable.scope.as_deref() {
            None | Some("script" | "global" | "local" | "private") => {}
            Some(scope) => return Err(self.not_played(&format!("setting ${scope}:{}", variable.name), span)),
        }
        if self.variables.set(&variable.name, value) {
            return Ok(());
        }
        let message = format!("Cannot overwrite variable {} because it is read-only or constant.", variable.name);
        let failure = Failure::new(message, "System.Management.Automation.SessionStateUnauthorizedAccessException", "WriteError")
            .id("VariableNotWritable")
            .target(variable.name.clone(), "String");
        Err(self.error(failure, span))
    }

    fn with_property(&self, holder: Item, name: &str, value: Item, span: &Span) -> Result<Item, Flow> {
        match holder {
            Item::Object(mut object) if object.get(name).is_some() || object.is(Object::HASHTABLE) => {
                Arc::make_mut(&mut object).set(name, value);
                Ok(Item::Object(object))
            }
            holder => {
                let message = format!(
                    "The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
                );
                let id = if holder.is_null() { "PropertyNotFound" } else { "PropertyAssignmentException" };
                Err(self.error(runtime(id, message), span))
            }
        }
    }

    fn with_element(&self, holder: Item, index: &Item, value: Item, span: &Span) -> Result<Item, Flow> {
        match (holder, index.to_value()) {
            (Item::Object(mut object), key) if object.is(Object::HASHTABLE) => {
                Arc::make_mut(&mut object).set(crate::powershell::format::to_text(&key), value);
                Ok(Item::Object(object))
            }
            (Item::Array(mut items), Value::Int(index)) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let place = usize::try_from(if index < 0 { length + index } else { index }).ok();
                match place.and_then(|place| Arc::make_mut(&mut items).get_mut(place)) {
                    Some(slot) => *slot = value,
                    None => {
                        return Err(self.error(
                            runtime("System.IndexOutOfRangeException", "Index was outside the bounds of the array."),
                            span,
                        ));
                    }
                }
                Ok(Item::Array(items))
            }
            // A keyed collection, such as the parameters of the global settings.
            (Item::Array(mut items), Value::Text(key)) => {
                let named = |item: &Item| item.as_object().and_then(|o| o.get("Name")).and_then(Item::as_text).map(str::to_owned);
                let place = items.iter().position(|item| named(item).is_some_and(|name| name.eq_ignore_ascii_case(&key)));
                match place.and_then(|place| Arc::make_mut(&mut items).get_mut(place)) {
                    Some(slot) => *slot = value,
                    None => return Err(self.not_played("setting an element of this", span)),
                }
                Ok(Item::Array(items))
            }
            (holder, _) if holder.is_null() => Err(self.error(runtime("NullArray", "Cannot index into a null array."), span)),
            _ => Err(self.not_played("setting an element of this", span)),
        }
    }

    async fn throw(&mut self, value: Option<&Statement>, span: &Span) -> Result<(), Flow> {
        let item = match value {
            Some(value) => self.value_of(value).await?,
            None => Item::from("ScriptHalted"),
        };
        let message = super::super::display::text_of(&item);
        let failure = Failure::new(message.clone(), "System.Management.Automation.RuntimeException", "OperationStopped")
            .target(message, "String");
        let Flow::Error(mut record) = self.error(failure, span) else { return Ok(()) };
        record.ends_script = true;
        Err(Flow::Error(record))
    }

    async fn try_statement(
        &mut self,
        body: &[Statement],
        catches: &[Catch],
        finally: Option<&[Statement]>,
        out: Sink,
    ) -> Result<(), Flow> {
        self.tries += 1;
        let mut result = self.statements(body, out).await;
        self.tries -= 1;
        if let Err(Flow::Error(record)) = &result
            && record.failure.id.as_ref() != super::super::error::NOT_PLAYED
            && let Some(taken) = catches.iter().find(|catch| takes(catch, &record.failure.exception))
        {
            self.had_errors = true;
            let error = record.to_item();
            self.variables.remember_error(error.clone());
            self.variables.push_current(error);
            let caught = self.statements(&taken.body, out).await;
            self.variables.pop_current();
            // `throw` alone in a catch passes the error on.
            result = caught;
        }
        if let Some(finally) = finally {
            self.statements(finally, out).await?;
        }
        result
    }
}

fn takes(catch: &Catch, exception: &str) -> bool {
    catch.types.is_empty()
        || catch.types.iter().any(|wanted| {
            let full =
                |name: &str| name.trim_start_matches("System.").eq_ignore_ascii_case(exception.trim_start_matches("System."));
            full(wanted)
                || convert::is_base_exception(wanted)
                || exception.to_ascii_lowercase().ends_with(&format!(".{}", wanted.to_ascii_lowercase()))
        })
}
