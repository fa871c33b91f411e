//! The arguments of a command: evaluated, then bound to its parameters, or for a program put into text.

use super::super::display::text_of;
use super::super::error::ErrorRecord;
use super::super::host::Command;
use super::super::item::Item;
use super::bind::{Bound, Given, Written, bind};
use super::function::splatted;
use super::{Evaluator, Flow};
use crate::powershell::syntax::{Argument, CommandSyntax, Expression, ExpressionKind};

impl Evaluator {
    /// The arguments of a command, bound to its parameters.
    pub(super) async fn bound(
        &mut self,
        command: &'static Command,
        syntax: &CommandSyntax,
        has_input: bool,
    ) -> Result<Bound, Flow> {
        let given = self.given(&syntax.arguments).await?;
        let bound = bind(command, given, has_input, &syntax.span).map_err(|(failure, span)| {
            // A parameter that does not exist is underlined itself, everything else of binding with it.
            Flow::Error(Box::new(ErrorRecord::of_command(failure, command, &self.source, span)))
        })?;
        if let Some(name) = bound.common.error_variable.as_deref().filter(|name| !name.starts_with('+')) {
            self.variables.set(name, Item::array(Vec::new()));
        }
        Ok(bound)
    }

    /// Arguments with their values; what is splatted stands among them.
    pub(super) async fn given(&mut self, arguments: &[Argument]) -> Result<Vec<Given>, Flow> {
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            given.push(match argument {
                Argument::Splat { variable, span } => {
                    given.extend(splatted(&self.variables.get(&variable.name), span));
                    continue;
                }
                Argument::Value(expression) => Given::Value(self.written(expression).await?),
                Argument::Parameter { name, value, span } => {
                    let value = match value {
                        Some(expression) => Some(self.written(expression).await?),
                        None => None,
                    };
                    Given::Parameter { name: name.clone(), value, span: span.clone() }
                }
            });
        }
        Ok(given)
    }

    async fn written(&mut self, expression: &Expression) -> Result<Written, Flow> {
        let item = self.expression(expression).await?;
        let text = if let ExpressionKind::Number { text, .. } = &expression.kind { Some(text.clone()) } else { None };
        Ok(Written { item, text, span: expression.span.clone() })
    }

    /// The arguments of a program: as they are written, variables filled in.
    pub(super) async fn program_arguments(&mut self, arguments: &[Argument]) -> Result<Vec<String>, Flow> {
        let mut texts = Vec::new();
        for argument in arguments {
            match argument {
                Argument::Splat { variable, .. } => match self.variables.get(&variable.name) {
                    Item::Array(items) => texts.extend(items.iter().map(text_of)),
                    item => texts.push(text_of(&item)),
                },
                Argument::Parameter { span, .. } => texts.push(self.source.get(span.clone()).unwrap_or_default().to_owned()),
                Argument::Value(expression) => {
                    let written = self.written(expression).await?;
                    match (written.text, written.item) {
                        (Some(text), _) => texts.push(text),
                        (None, Item::Array(items)) => texts.extend(items.iter().map(text_of)),
                        (None, item) => texts.push(text_of(&item)),
                    }
                }
            }
        }
        Ok(texts)
    }
}
