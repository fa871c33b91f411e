//! The main view and the dialog of a command.

use super::super::command::Id;
use super::super::dialog::{Attach, Dialog, Purpose, Scroll};
use super::super::palette::Palette;
use super::super::parts::{self, Part};
use super::super::state::Frozen;
use super::super::steps::Search;
use super::super::{App, Effect, Pane, enabled};
use super::{TOO_FAST, act};
use crate::engine::{Act, Engine, Hold, Moment};
use crate::rb1::Group;
use crate::runbook::ids::PartId;
use crate::runbook::model::Wanted;

pub(super) fn perform(app: &mut App, engine: &Engine, id: Id, at: Moment) -> Vec<Effect> {
    match id {
        Id::Tick => match app.part(engine) {
            Some(Part::Item(item)) => return act(app, Act::Toggle(item.id.clone())),
            Some(Part::Caution(alert)) => return act(app, Act::Acknowledge(alert.id.clone())),
            _ => {}
        },
        Id::Run => app.dialog = enabled::meant_command(app, engine).map(|command| Dialog::run(engine, command)),
        Id::Confirm => return confirm(app, engine),
        Id::Attach => app.dialog = Some(Dialog::attach(wanted(app, engine), "")),
        Id::Note => app.dialog = Some(Dialog::note(&app.note_draft)),
        Id::OtherPane => to_list(app, engine),
        Id::Palette => app.dialog = Some(Dialog::Palette(Palette::default())),
        Id::Help => app.dialog = Some(Dialog::Help(Scroll::default())),
        Id::Output => return super::output::open(app, engine),
        Id::Form => app.dialog = enabled::meant_form(app, engine).map(|form| Dialog::form(engine, form)),
        Id::Search => {
            to_list(app, engine);
            app.list.search = Some(Search { text: String::new(), typing: true });
            app.list.selected = 0;
        }
        Id::AskNow => {
            app.say("Every server is asked for everything.");
            return vec![Effect::Act(Act::AskNow(Group::ALL.to_vec()))];
        }
        Id::Freeze => {
            app.frozen = match app.frozen.take() {
                Some(_) => None,
                None => Some(Frozen { at: at.now, tree: engine.tree().clone(), servers: engine.servers().to_vec() }),
            };
        }
        Id::Follow => return super::link::follow(app, engine),
        Id::About => {
            let phase = app.step(engine).and_then(|step| engine.step_of(&step.id)).map(|(phase, _)| phase.id.clone());
            app.dialog = Some(Dialog::about(phase));
        }
        Id::Connections => app.dialog = Some(Dialog::Connections(Scroll::default())),
        Id::Zoom => app.zoomed = !app.zoomed,
        Id::Recovery => app.dialog = Some(Dialog::Findings(0)),
        Id::Resolve => {
            app.dialog = engine.session().interrupted().next().map(|run| Dialog::resolve(&run.approved.run));
        }
        Id::Cancel => return cancel(app, engine),
        Id::Reopen => {
            app.dialog = app.step(engine).map(|step| Dialog::reason(Purpose::Reopen(step.id.clone())));
        }
        Id::Isolate => app.dialog = Some(Dialog::isolate(engine)),
        Id::LeaveAside => return act(app, Act::LeaveAside),
        Id::Withdraw => {
            if let Some(note) = enabled::newest_note(app, engine).map(ToOwned::to_owned) {
                let effects = act(app, Act::WithdrawNote(note));
                app.say("The note is withdrawn; the journal keeps it, marked.");
                return effects;
            }
        }
        Id::Report => app.dialog = Some(Dialog::Resume(Scroll::default())),
        Id::Lab => app.dialog = Some(Dialog::lab()),
        Id::Close => app.dialog = Some(Dialog::close(engine.is_at_end())),
        Id::Quit => return quit(app, engine),
        Id::Redraw => return vec![Effect::Redraw],
        Id::Back => back(app),
        _ => movement(app, engine, id),
    }
    Vec::new()
}

/// The keys of the dialog that shows a command.
pub(super) fn run_dialog(app: &mut App, engine: &Engine, id: Id) -> Vec<Effect> {
    let Some(Dialog::Run(run)) = &app.dialog else { return Vec::new() };
    let command = run.command.clone();
    match id {
        Id::RunIt if app.rhythm.is_pasted() => app.refuse(TOO_FAST),
        Id::RunIt => {
            app.dialog = None;
            return act(app, Act::Run(command));
        }
        Id::Copy => {
            if let Some(command) = engine.command(&command) {
                app.say("The command is copied.");
                return vec![Effect::Copy(command.text.trim_end().to_owned())];
            }
        }
        _ => app.dialog = None,
    }
    Vec::new()
}

fn confirm(app: &mut App, engine: &Engine) -> Vec<Effect> {
    app.message = None;
    if engine.question().is_some() {
        app.dialog = Some(Dialog::reason(Purpose::Applies));
        return Vec::new();
    }
    app.dialog = Some(Dialog::Look);
    vec![Effect::Act(Act::Look)]
}

/// Selects the first part that holds the confirmation back.
pub(super) fn select_missing(app: &mut App, engine: &Engine) {
    let missing: Vec<PartId> = engine
        .holds()
        .into_iter()
        .filter_map(|hold| match hold {
            Hold::Item(id) | Hold::Caution(id) | Hold::Form(id) | Hold::Evidence(id) => Some(id),
            Hold::Running(_) | Hold::Interrupted(_) => None,
        })
        .collect();
    let place = app
        .step(engine)
        .and_then(|step| parts::of(step).iter().position(|part| part.id().is_some_and(|id| missing.contains(id))));
    if let Some(place) = place {
        (app.body.selected, app.body.follow) = (place, true);
    }
}

pub(super) fn cancel(app: &mut App, engine: &Engine) -> Vec<Effect> {
    let Some(run) = enabled::running(engine).map(|run| run.approved.run.clone()) else { return Vec::new() };
    app.say("The command is asked to stop.");
    vec![Effect::Act(Act::Cancel(run))]
}

pub(super) fn quit(app: &mut App, engine: &Engine) -> Vec<Effect> {
    if enabled::running(engine).is_some() {
        app.dialog = Some(Dialog::Leave);
        return Vec::new();
    }
    vec![Effect::Quit]
}

/// The evidence that `a` answers: the selected one, else the first that is still missing.
fn wanted(app: &App, engine: &Engine) -> Option<(PartId, String)> {
    let named = |wanted: &Wanted| (wanted.id.clone(), wanted.caption.clone());
    if let Some(Part::Wanted(wanted)) = app.part(engine) {
        return Some(named(wanted));
    }
    let step = app.step(engine)?;
    let missing = |wanted: &Wanted| {
        !engine.session().attachments_of(&step.id).any(|kept| kept.attachment.wanted.as_ref() == Some(&wanted.id))
    };
    parts::of(step).into_iter().find_map(|part| match part {
        Part::Wanted(wanted) if missing(wanted) => Some(named(wanted)),
        _ => None,
    })
}

/// A text pasted on the main view: a new attachment.
pub(super) fn attach_text(app: &mut App, engine: &Engine, text: &str) {
    let mut dialog = Dialog::attach(wanted(app, engine), "");
    if let Dialog::Attach(Attach { fields, .. }) = &mut dialog {
        fields.focus = 1;
        fields.paste(text);
    }
    app.dialog = Some(dialog);
}

fn to_list(app: &mut App, engine: &Engine) {
    app.pane = Pane::Steps;
    super::list::select_step(app, engine);
}

fn back(app: &mut App) {
    if app.zoomed {
        app.zoomed = false;
    } else if app.body.viewing.is_some() {
        app.body = super::super::state::Body::default();
    } else {
        app.message = None;
    }
}

fn movement(app: &mut App, engine: &Engine, id: Id) {
    let last = app.step(engine).map_or(0, |step| parts::of(step).len()).saturating_sub(1);
    let selected = app.body.selected.min(last);
    let page = app.extent.page.saturating_sub(2).max(1);
    let greatest = app.body.top + app.extent.below;
    let scroll = |app: &mut App, top: usize| (app.body.top, app.body.follow) = (top.min(greatest), false);
    let (top, select) = (app.body.top, |app: &mut App, part: usize| (app.body.selected, app.body.follow) = (part, true));
    match id {
        Id::Down if selected < last => select(app, selected + 1),
        Id::Up if selected > 0 => select(app, selected - 1),
        Id::Down => scroll(app, top + 1),
        Id::Up => scroll(app, top.saturating_sub(1)),
        Id::PageDown => scroll(app, top + page),
        Id::PageUp => scroll(app, top.saturating_sub(page)),
        Id::Top => {
            select(app, 0);
            scroll(app, 0);
        }
        Id::Bottom => {
            select(app, last);
            scroll(app, usize::MAX);
        }
        _ => {}
    }
}
