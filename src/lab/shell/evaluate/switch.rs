//! `switch`: each element against each case, in order; `break` leaves it, `continue` goes on to the next element.

use super::super::item::Item;
use super::{Evaluator, Flow, Sink, truthy};
use crate::powershell::syntax::{Comparison, Expression, ExpressionKind, Statement};

/// The parts of a `switch`.
#[derive(Clone, Copy)]
pub struct Switch<'a> {
    pub comparison: Comparison,
    pub case_sensitive: bool,
    pub cases: &'a [(Expression, Vec<Statement>)],
    pub default: Option<&'a [Statement]>,
}

impl Evaluator {
    pub(super) async fn switch(&mut self, over: &Statement, switch: Switch<'_>, out: Sink) -> Result<(), Flow> {
        for item in self.items_of(over).await? {
            self.turn().await;
            self.variables.push_current(item.clone());
            let result = self.cases(&item, switch, out).await;
            self.variables.pop_current();
            match result {
                Ok(()) | Err(Flow::Continue) => {}
                Err(Flow::Break) => return Ok(()),
                Err(flow) => return Err(flow),
            }
        }
        Ok(())
    }

    async fn cases(&mut self, item: &Item, switch: Switch<'_>, out: Sink) -> Result<(), Flow> {
        let mut found = false;
        for (case, body) in switch.cases {
            if self.is_case(item, case, switch).await? {
                found = true;
                self.statements(body, out).await?;
            }
        }
        match switch.default {
            Some(body) if !found => self.statements(body, out).await,
            _ => Ok(()),
        }
    }

    async fn is_case(&mut self, item: &Item, case: &Expression, switch: Switch<'_>) -> Result<bool, Flow> {
        if let ExpressionKind::Block(block) = &case.kind {
            return Ok(truthy(&self.value_for(block, item.clone()).await?));
        }
        let wanted = self.expression(case).await?;
        let operator = match (switch.comparison, switch.case_sensitive) {
            (Comparison::Equal, false) => "eq",
            (Comparison::Equal, true) => "ceq",
            (Comparison::Wildcard, false) => "like",
            (Comparison::Wildcard, true) => "clike",
            (Comparison::Regex, false) => "match",
            (Comparison::Regex, true) => "cmatch",
        };
        Ok(truthy(&self.binary(operator, item, &wanted, &case.span)?))
    }
}
