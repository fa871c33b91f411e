//! The list of steps as rows: phases, the steps of those that are open in the list, and the asides below.

use std::collections::BTreeSet;

use crate::engine::Engine;
use crate::runbook::ids::{PhaseId, StepId};
use crate::runbook::model::{Phase, Step};

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Row<'a> {
    /// A phase of the main path and its number.
    Phase(&'a Phase, usize),
    /// A step of the phase above.
    Step(&'a Step),
    /// A phase off the main path.
    Aside(&'a Phase),
}

/// The state of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// The selected row
    pub selected: usize,
    /// Phases whose steps are shown besides the current one's
    pub open: BTreeSet<PhaseId>,
    /// What is searched for, and whether it is being typed
    pub search: Option<Search>,
}

/// A search in the titles of the steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What for
    pub text: String,
    /// Still being typed
    pub typing: bool,
}

/// The rows as they are now. A search shows every step that matches, with its phase.
pub fn rows<'a>(engine: &'a Engine, list: &List) -> Vec<Row<'a>> {
    let wanted = list.search.as_ref().map(|search| search.text.to_lowercase()).filter(|text| !text.is_empty());
    let current = engine.current_step().map(|step| &step.id);
    let (mut rows, mut asides, mut number) = (Vec::new(), Vec::new(), 0);
    for phase in &engine.runbook().phases {
        let rows = if phase.aside.is_some() {
            asides.push(Row::Aside(phase));
            &mut asides
        } else {
            number += 1;
            rows.push(Row::Phase(phase, number));
            &mut rows
        };
        let open = list.open.contains(&phase.id) || phase.steps.iter().any(|step| Some(&step.id) == current);
        match &wanted {
            Some(text) => {
                let before = rows.len();
                rows.extend(phase.steps.iter().filter(|step| step.title.to_lowercase().contains(text)).map(Row::Step));
                if rows.len() == before && !phase.title.to_lowercase().contains(text) {
                    rows.pop();
                }
            }
            None if open => rows.extend(phase.steps.iter().map(Row::Step)),
            None => {}
        }
    }
    rows.append(&mut asides);
    rows
}

/// A step's number, `3.1`; none in an aside.
pub fn number(engine: &Engine, id: &StepId) -> Option<String> {
    let main = engine.runbook().phases.iter().filter(|phase| phase.aside.is_none());
    main.enumerate().find_map(|(p, phase)| {
        let s = phase.steps.iter().position(|step| &step.id == id)?;
        Some(format!("{}.{}", p + 1, s + 1))
    })
}

/// Number and title, safe to draw.
pub fn title(engine: &Engine, step: &Step) -> String {
    let title = crate::text::Safe::line(&step.title);
    number(engine, &step.id).map_or_else(|| title.to_string(), |number| format!("{number} {title}"))
}
