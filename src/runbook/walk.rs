//! Ways through a runbook that several modules need. The parser keeps everything that can be done or filled in (checklists, alerts,
//! commands, forms, gates, wanted evidence) at the top level of its step, never within a list or a quote.

use super::ids::StepId;
use super::model::{Alert, Block, Command, Form, Gate, Inline, Item, Phase, Runbook, Step, Wanted};
use crate::facts::ServerName;

impl Runbook {
    /// Steps in document order with their phases, those of asides among them.
    pub fn steps(&self) -> impl Iterator<Item = (&Phase, &Step)> {
        self.phases.iter().flat_map(|phase| phase.steps.iter().map(move |step| (phase, step)))
    }

    /// Steps of the main path in order.
    pub fn main_path(&self) -> impl Iterator<Item = (&Phase, &Step)> {
        self.steps().filter(|(phase, _)| phase.aside.is_none())
    }

    /// Whether a session may have no server in that role.
    pub fn is_optional(&self, role: &ServerName) -> bool {
        self.roles.iter().any(|known| known.optional && known.name == *role)
    }

    /// A step by its id, with its phase. Walks the document: keep an index where it is asked often.
    pub fn step(&self, id: &StepId) -> Option<(&Phase, &Step)> {
        self.steps().find(|(_, step)| step.id == *id)
    }
}

macro_rules! blocks {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $of:ty;)*) => {
        impl Step {$(
            $(#[$doc])*
            pub fn $name(&self) -> impl Iterator<Item = &$of> {
                self.blocks.iter().filter_map(|block| if let Block::$variant(found) = block { Some(found) } else { None })
            }
        )*}
    };
}

blocks! {
    /// Commands in order.
    commands: Command -> Command;
    /// Gates in order.
    gates: Gate -> Gate;
    /// Forms in order.
    forms: Form -> Form;
    /// Alerts in order.
    alerts: Alert -> Alert;
    /// Wanted evidence in order.
    wanted: Wanted -> Wanted;
}

impl Step {
    /// Items in document order, nested ones after the item they belong to.
    pub fn items(&self) -> Vec<&Item> {
        fn walk<'a>(items: &'a [Item], found: &mut Vec<&'a Item>) {
            for item in items {
                found.push(item);
                walk(&item.items, found);
            }
        }
        let mut found = Vec::new();
        for block in &self.blocks {
            if let Block::Checklist(items) = block {
                walk(items, &mut found);
            }
        }
        found
    }
}

impl Block {
    /// Whether it is something to do or to fill in, so that a step must hold it.
    pub fn is_work(&self) -> bool {
        matches!(self, Self::Checklist(_) | Self::Command(_) | Self::Form(_) | Self::Gate(_) | Self::Wanted(_))
    }
}

/// The words of prose without their marks; placeholders as written.
pub fn plain(prose: &[Inline]) -> String {
    fn write(prose: &[Inline], text: &mut String) {
        for inline in prose {
            match inline {
                Inline::Text(words) | Inline::Code(words) => text.push_str(words),
                Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Struck(inner) | Inline::Link { text: inner, .. } => {
                    write(inner, text);
                }
                Inline::Placeholder { path, .. } => {
                    text.push_str("{{ ");
                    text.push_str(path);
                    text.push_str(" }}");
                }
                Inline::Break => text.push(' '),
            }
        }
    }
    let mut text = String::new();
    write(prose, &mut text);
    text
}
