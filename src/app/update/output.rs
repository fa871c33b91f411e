//! Reading: the output of a run, the help, the report of a resumption.

use super::super::command::Id;
use super::super::dialog::{About, Dialog, Output};
use super::super::{App, Effect, enabled};
use crate::engine::Engine;

/// Opens the output of the run that is meant.
pub(super) fn open(app: &mut App, engine: &Engine) -> Vec<Effect> {
    let Some(run) = enabled::meant_run(app, engine).map(|run| run.approved.run.clone()) else { return Vec::new() };
    app.dialog = Some(Dialog::Output(Output { run: run.clone(), back: 0, right: 0 }));
    vec![Effect::LoadOutput(run)]
}

pub(super) fn perform(app: &mut App, engine: &Engine, id: Id) -> Vec<Effect> {
    let (page, last) = (app.extent.page.saturating_sub(1).max(1), app.extent.dialog);
    let (aside, wide) = (usize::from(app.size.0 / 2).max(1), app.extent.wide);
    let Some(Dialog::Output(output)) = &mut app.dialog else { return Vec::new() };
    match id {
        Id::Up => output.back = (output.back + 1).min(last),
        Id::Down => output.back = output.back.saturating_sub(1),
        Id::PageUp => output.back = (output.back + page).min(last),
        Id::PageDown => output.back = output.back.saturating_sub(page),
        Id::Top => output.back = last,
        Id::Bottom => output.back = 0,
        Id::Right => output.right = (output.right + aside).min(wide),
        Id::Left => output.right = output.right.saturating_sub(aside),
        Id::Cancel => return super::main::cancel(app, engine),
        _ => app.dialog = None,
    }
    Vec::new()
}

/// The help, the report of a resumption, what the runbook says first.
pub(super) fn scroll_dialog(app: &mut App, engine: &Engine, id: Id) -> Vec<Effect> {
    let (page, last) = (app.extent.page.saturating_sub(1).max(1), app.extent.dialog);
    let Some(Dialog::Help(scroll) | Dialog::Connections(scroll) | Dialog::Resume(scroll) | Dialog::About(About { scroll, .. })) =
        &mut app.dialog
    else {
        return Vec::new();
    };
    match id {
        Id::Down => scroll.0 = (scroll.0 + 1).min(last),
        Id::Up => scroll.0 = scroll.0.saturating_sub(1),
        Id::PageDown => scroll.0 = (scroll.0 + page).min(last),
        Id::PageUp => scroll.0 = scroll.0.saturating_sub(page),
        Id::Quit => return super::main::quit(app, engine),
        Id::Resolve => {
            app.dialog = engine.session().interrupted().next().map(|run| Dialog::resolve(&run.approved.run));
        }
        _ => app.dialog = None,
    }
    Vec::new()
}
