//! Following a link of the runbook: to a step, to a phase, to an aside, which asks for a reason first.

use super::super::dialog::{Dialog, Purpose};
use super::super::parts::{self, Part};
use super::super::state::Body;
use super::super::{App, Effect, Pane, enabled};
use crate::engine::Engine;
use crate::runbook::ids::StepId;

/// Goes where the selected link leads.
pub(super) fn follow(app: &mut App, engine: &Engine) -> Vec<Effect> {
    let Some(Part::Link(link)) = app.part(engine) else { return Vec::new() };
    let name = link.target.trim_start_matches('#').to_owned();
    let phase = engine.phase_of(&name.as_str().into());
    if let Some(phase) = phase.filter(|phase| phase.aside.is_some()) {
        match enabled::write(app, engine) {
            Err(why) => app.refuse(why),
            Ok(()) if engine.session().aside.is_some() => app.refuse("An aside is entered already."),
            Ok(()) => app.dialog = Some(Dialog::reason(Purpose::Aside(phase.id.clone()))),
        }
        return Vec::new();
    }
    let step = match phase {
        Some(phase) => phase.steps.first().map(|step| step.id.clone()),
        None => step_of(engine, &name),
    };
    match step {
        Some(step) => {
            let open = engine.current_step().is_some_and(|current| current.id == step);
            app.body = Body { viewing: (!open).then_some(step), ..Body::default() };
            app.pane = Pane::Body;
        }
        None => app.refuse(format!("The runbook has nothing of the name {}.", crate::text::Safe::line(link.target))),
    }
    Vec::new()
}

/// The step of that name, or the one that has a part of that name.
fn step_of(engine: &Engine, name: &str) -> Option<StepId> {
    let steps = || engine.runbook().phases.iter().flat_map(|phase| &phase.steps);
    let named = steps().find(|step| step.id.as_str() == name);
    let having = || steps().find(|step| parts::of(step).iter().any(|part| part.id().is_some_and(|id| id.as_str() == name)));
    named.or_else(having).map(|step| step.id.clone())
}
