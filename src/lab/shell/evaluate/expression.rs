//! Expressions to values.

use std::sync::Arc;

use super::super::display::text_of;
use super::super::error::runtime;
use super::super::item::{Item, Object};
use super::{Boxed, Evaluator, Flow, Sink, member, truthy};
use crate::powershell::Value;
use crate::powershell::syntax::{Expression, ExpressionKind, StringPart};
use crate::powershell::token::{Span, Variable};

/// The collections of ADSync's objects are keyed by name: `ConnectivityParameters['UserName']`.
fn by_name(items: &[Item], key: &Item) -> Option<Item> {
    let key = key.as_text()?;
    if let Ok(index) = key.trim().parse::<usize>() {
        return items.get(index).cloned();
    }
    let named = |item: &&Item| {
        item.as_object()
            .and_then(|object| object.get("Name"))
            .and_then(Item::as_text)
            .is_some_and(|name| name.eq_ignore_ascii_case(key))
    };
    items.iter().find(named).cloned()
}

impl Evaluator {
    /// The value of an expression.
    pub fn expression<'a>(&'a mut self, expression: &'a Expression) -> Boxed<'a, Item> {
        Box::pin(async move {
            self.enter(1, &expression.span)?;
            let result = self.evaluated(expression).await;
            self.depth -= 1;
            result
        })
    }

    fn evaluated<'a>(&'a mut self, expression: &'a Expression) -> Boxed<'a, Item> {
        Box::pin(async move {
            let span = &expression.span;
            match &expression.kind {
                ExpressionKind::Literal(value) | ExpressionKind::Number { value, .. } => Ok(Item::Value(value.clone())),
                ExpressionKind::Expandable(parts) => Ok(Item::from(self.expand(parts).await?)),
                ExpressionKind::Variable(variable) => self.variable(variable, span).await,
                ExpressionKind::Type(name) => member::type_literal(name).ok_or_else(|| self.unknown_type(name, span)),
                ExpressionKind::List(items) => {
                    let mut values = Vec::with_capacity(items.len());
                    for item in items {
                        values.push(self.expression(item).await?);
                    }
                    Ok(Item::array(values))
                }
                ExpressionKind::Array(statements) => Ok(Item::array(self.collect(statements, false).await?)),
                ExpressionKind::Sub(statements) => {
                    let mut items = self.collect(statements, false).await?;
                    Ok(match items.len() {
                        0 => Item::Nothing,
                        1 => items.swap_remove(0),
                        _ => Item::array(items),
                    })
                }
                ExpressionKind::Paren(statement) => self.value_of(statement).await,
                ExpressionKind::Hashtable(entries) => {
                    let mut table = Object::new(Object::HASHTABLE);
                    for (key, value) in entries {
                        let key = self.text_of(key).await?;
                        if table.get(&key).is_some() {
                            let message = format!("Duplicate keys '{key}' are not allowed in hash literals.");
                            return Err(self.error(runtime("DuplicateKeyInHashLiteral", message), span));
                        }
                        let value = self.value_of(value).await?;
                        table.set(key, if matches!(value, Item::Nothing) { Item::NULL } else { value });
                    }
                    Ok(table.into())
                }
                ExpressionKind::Block(block) => Ok(Item::Block(Arc::clone(block))),
                ExpressionKind::Unary(name, operand) => self.unary(name, operand, span).await,
                ExpressionKind::Postfix(name, operand) => {
                    let before = self.expression(operand).await?;
                    let before = if before.is_null() { Item::from(0) } else { before };
                    let after = self.binary(&name[..1], &before, &Item::from(1), span)?;
                    self.assign(operand, after).await?;
                    Ok(before)
                }
                ExpressionKind::Binary(name, left, right) => {
                    let left = self.expression(left).await?;
                    match name.as_str() {
                        "and" if !truthy(&left) => return Ok(Item::from(false)),
                        "or" if truthy(&left) => return Ok(Item::from(true)),
                        "and" | "or" => {
                            let right = self.expression(right).await?;
                            return Ok(Item::from(truthy(&right)));
                        }
                        _ => {}
                    }
                    let right = self.expression(right).await?;
                    self.binary(name, &left, &right, span)
                }
                ExpressionKind::Cast(type_name, operand) => {
                    let item = self.expression(operand).await?;
                    self.cast(type_name, item, span)
                }
                ExpressionKind::Member { of, name, of_type } => {
                    let name = self.text_of(name).await?;
                    let of = self.expression(of).await?;
                    if *of_type {
                        self.static_member(&of, &name, span).await
                    } else {
                        Ok(member::property(&of, &name).unwrap_or(Item::NULL))
                    }
                }
                ExpressionKind::Call { of, name, arguments, of_type } => {
                    let name = self.text_of(name).await?;
                    let of = self.expression(of).await?;
                    let mut values = Vec::with_capacity(arguments.len());
                    for argument in arguments {
                        values.push(self.expression(argument).await?);
                    }
                    if *of_type { self.static_call(&of, &name, &values, span) } else { self.method(&of, &name, &values, span) }
                }
                ExpressionKind::Index(of, index) => {
                    let of = self.expression(of).await?;
                    let index = self.expression(index).await?;
                    self.element(&of, &index, span)
                }
            }
        })
    }

    async fn variable(&mut self, variable: &Variable, span: &Span) -> Result<Item, Flow> {
        match variable.scope.as_deref() {
            None | Some("script" | "global" | "local" | "private" | "variable") => Ok(self.variables.get(&variable.name)),
            Some("env") => Ok(Item::from(self.port.environment(&variable.name).await)),
            Some(scope) => Err(self.not_played(&format!("the variable ${scope}:{}", variable.name), span)),
        }
    }

    /// The text of an expandable string; an array's elements with spaces between.
    async fn expand(&mut self, parts: &[StringPart]) -> Result<String, Flow> {
        let mut text = String::new();
        for part in parts {
            match part {
                StringPart::Text(part) => text.push_str(part),
                StringPart::Variable(variable) => {
                    let item = self.variable(variable, &(0..0)).await?;
                    text.push_str(&text_of(&item));
                }
                StringPart::Statements(statements) => {
                    let items = self.collect(statements, false).await?;
                    let texts: Vec<String> = items.iter().map(text_of).collect();
                    text.push_str(&texts.join(" "));
                }
            }
        }
        Ok(text)
    }

    /// An expression as text: a member's name, a hashtable's key.
    pub async fn text_of(&mut self, expression: &Expression) -> Result<String, Flow> {
        if let ExpressionKind::Literal(Value::Text(text)) = &expression.kind {
            return Ok(text.clone());
        }
        let item = self.expression(expression).await?;
        Ok(text_of(&item))
    }

    async fn unary(&mut self, name: &str, operand: &Expression, span: &Span) -> Result<Item, Flow> {
        let item = self.expression(operand).await?;
        match name {
            "not" => Ok(Item::from(!truthy(&item))),
            "-" => self.binary("-", &Item::from(0), &item, span),
            "+" => self.binary("+", &Item::from(0), &item, span),
            "," => Ok(Item::array(vec![item])),
            "join" => self.binary("join", &item, &Item::from(""), span),
            "split" => {
                let words = text_of(&item).split_whitespace().map(Item::from).collect();
                Ok(Item::array(words))
            }
            "++" | "--" => {
                let before = if item.is_null() { Item::from(0) } else { item };
                let after = self.binary(&name[..1], &before, &Item::from(1), span)?;
                self.assign(operand, after.clone()).await?;
                Ok(after)
            }
            other => Err(self.not_played(&format!("the operator -{other}"), span)),
        }
    }

    fn element(&self, of: &Item, index: &Item, span: &Span) -> Result<Item, Flow> {
        if let Item::Array(indices) = index {
            let found: Result<Vec<Item>, Flow> = indices.iter().map(|index| self.element(of, index, span)).collect();
            return Ok(Item::array(found?.into_iter().filter(|item| !item.is_null()).collect()));
        }
        let at = |length: usize| -> Option<usize> {
            let index = index.to_value().as_int()?;
            let place = if index < 0 { i64::try_from(length).ok()?.checked_add(index)? } else { index };
            usize::try_from(place).ok().filter(|place| *place < length)
        };
        match of {
            Item::Array(items) if index.as_text().is_some() => Ok(by_name(items, index).unwrap_or(Item::NULL)),
            Item::Array(items) => Ok(at(items.len()).and_then(|place| items.get(place)).cloned().unwrap_or(Item::NULL)),
            Item::Object(object) if index.as_text().is_some() || object.is(Object::HASHTABLE) => {
                Ok(object.get(&text_of(index)).cloned().unwrap_or(Item::NULL))
            }
            Item::Value(Value::Text(text)) => {
                let chars: Vec<char> = text.chars().collect();
                Ok(at(chars.len()).and_then(|place| chars.get(place)).map_or(Item::NULL, |c| Item::from(c.to_string())))
            }
            item if item.is_null() => Err(self.error(runtime("NullArray", "Cannot index into a null array."), span)),
            // A scalar is its own first element.
            single => Ok(if at(1).is_some() { single.clone() } else { Item::NULL }),
        }
    }

    /// Puts the value of an expression into a sink, arrays opened; a range element by element.
    pub fn emit_expression<'a>(&'a mut self, expression: &'a Expression, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            match &expression.kind {
                ExpressionKind::Binary(name, left, right) if name == ".." => {
                    let left = self.expression(left).await?;
                    let right = self.expression(right).await?;
                    let (first, last) = self.bounds(&left, &right, &expression.span)?;
                    let mut value = first;
                    loop {
                        self.emit(Item::from(value), out).await?;
                        if value == last {
                            return Ok(());
                        }
                        value += if last > value { 1 } else { -1 };
                    }
                }
                ExpressionKind::Paren(statement) => {
                    // `($a = 1)` puts its value out, a statement of its own does not.
                    if matches!(statement.kind, crate::powershell::syntax::StatementKind::Assignment { .. }) {
                        let value = self.value_of_assignment(statement).await?;
                        return self.emit_all(value, out).await;
                    }
                    self.statement(statement, out).await
                }
                ExpressionKind::Postfix(..) => self.expression(expression).await.map(|_| ()),
                ExpressionKind::Unary(name, _) if name == "++" || name == "--" => self.expression(expression).await.map(|_| ()),
                _ => {
                    let item = self.expression(expression).await?;
                    self.emit_all(item, out).await
                }
            }
        })
    }

    async fn value_of_assignment(&mut self, statement: &crate::powershell::syntax::Statement) -> Result<Item, Flow> {
        self.statement(statement, Sink::Nothing).await?;
        match &statement.kind {
            crate::powershell::syntax::StatementKind::Assignment { target, .. } => self.expression(target).await,
            _ => Ok(Item::Nothing),
        }
    }

    fn unknown_type(&self, name: &str, span: &Span) -> Flow {
        self.not_played(&format!("the type [{name}]"), span)
    }
}
