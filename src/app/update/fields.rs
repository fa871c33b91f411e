//! Dialogs of fields: keys go to the fields; saving turns what was entered into an act.

use crossterm::event::{KeyCode, KeyEvent};

use super::super::command::Id;
use super::super::dialog::{Dialog, Lab, Purpose};
use super::super::entry::{Entry, Fields, Kind, Typed};
use super::super::keys::is_line_end;
use super::super::{App, Effect};
use super::{TOO_FAST, act};
use crate::engine::{Act, Engine};
use crate::session::event::Outcome;

pub(super) fn on_key(app: &mut App, engine: &Engine, key: KeyEvent) -> Vec<Effect> {
    let pasted = app.rhythm.is_pasted();
    if let (Some(Dialog::Lab(_)), KeyCode::Up | KeyCode::Down) = (&app.dialog, key.code) {
        choose_offer(app, key.code == KeyCode::Down);
        return Vec::new();
    }
    if !pasted && is_line_end(&key) && app.dialog.as_ref().is_some_and(Dialog::saves_on_enter) {
        return save(app, engine);
    }
    let Some(fields) = app.dialog.as_mut().and_then(Dialog::fields_mut) else { return Vec::new() };
    match fields.key(key, pasted) {
        Typed::Taken => Vec::new(),
        Typed::Back => back(app),
        Typed::Done => save(app, engine),
    }
}

/// A line for the lab that came in one burst with its Enter is said after all: it reaches no server and no journal.
pub(super) fn on_rest(app: &mut App, engine: &Engine, mono: u64) -> Vec<Effect> {
    if app.rests_at().is_none_or(|at| mono < at) {
        return Vec::new();
    }
    app.rhythm.rest();
    save(app, engine)
}

pub(super) fn perform(app: &mut App, engine: &Engine, id: Id) -> Vec<Effect> {
    match id {
        Id::Save => return save(app, engine),
        Id::NextField => {
            if let Some(fields) = app.dialog.as_mut().and_then(Dialog::fields_mut) {
                fields.focus = (fields.focus + 1) % fields.entries.len().max(1);
            }
        }
        Id::Editor => {
            if let Some(Dialog::Note(fields)) = &app.dialog {
                return vec![Effect::OpenEditor(fields.value(0))];
            }
        }
        _ => return back(app),
    }
    Vec::new()
}

/// Takes another of the lab's offers into the line.
fn choose_offer(app: &mut App, forward: bool) {
    let offers = app.lab.offers();
    let (Some(Dialog::Lab(dialog)), Some(last)) = (&mut app.dialog, offers.len().checked_sub(1)) else { return };
    let chosen = match (dialog.offer, forward) {
        (None, true) => 0,
        (None, false) => last,
        (Some(n), true) => (n + 1).min(last),
        (Some(n), false) => n.saturating_sub(1).min(last),
    };
    *dialog = Lab { offer: Some(chosen), ..Lab::said(offers[chosen]) };
}

/// One level back. A note's text stays for the next try.
fn back(app: &mut App) -> Vec<Effect> {
    match app.dialog.take() {
        Some(Dialog::Note(fields)) => app.note_draft = fields.value(0),
        Some(Dialog::Reason(reason)) if reason.purpose == Purpose::Waive => app.dialog = Some(Dialog::Look),
        _ => {}
    }
    Vec::new()
}

/// Does what the dialog is for, or says what is missing.
fn save(app: &mut App, engine: &Engine) -> Vec<Effect> {
    let pasted = app.rhythm.is_pasted();
    let Some(mut dialog) = app.dialog.take() else { return Vec::new() };
    let outcome = match &mut dialog {
        Dialog::Run(_) if pasted => Err(TOO_FAST.to_owned()),
        Dialog::Lab(lab) => {
            let word = written(&lab.fields, 0, "Nothing was entered.");
            if word.is_ok() {
                // The panel stays: a wizard takes several words.
                app.dialog = Some(Dialog::lab());
            }
            word.map(Effect::Lab)
        }
        Dialog::Attach(attach) => {
            let wanted = attach.wanted.as_ref().map(|(id, _)| id.clone());
            let (path, text) = (attach.fields.value(0), attach.fields.value(1));
            match (unquoted(&path), text.is_empty()) {
                ("", true) => Err("Give the path of a file, or a text.".to_owned()),
                ("", false) => Ok(Effect::AttachText { text, wanted }),
                (_, false) => Err("Give a path or a text, not both.".to_owned()),
                (path, true) => Ok(Effect::AttachFile { path: path.to_owned(), wanted }),
            }
        }
        other => short_enough(other).and_then(|()| to_act(other)).map(Effect::Act),
    };
    match outcome {
        Ok(Effect::Act(done)) => {
            if matches!(done, Act::Note(_)) {
                app.note_draft.clear();
            }
            // A waiver, like a confirmation, is seen through in the look, which closes when the next step opens.
            if matches!(done, Act::Waive(_)) && engine.look().is_some() {
                app.dialog = Some(Dialog::Look);
            }
            // Where the note stands may be out of sight. What the engine refuses, it says after this.
            let is_note = matches!(done, Act::Note(_));
            let effects = act(app, done);
            if is_note {
                app.say("The note is written; it stands at the end of the step.");
            }
            effects
        }
        Ok(effect) => {
            app.message = None;
            vec![effect]
        }
        Err(problem) => {
            if let Some(fields) = dialog.fields_mut() {
                fields.problem = Some(problem);
            }
            app.dialog = Some(dialog);
            Vec::new()
        }
    }
}

/// The most characters of a field: what is longer is kept as a file, not as a line of the journal.
const LONGEST: usize = 20_000;

fn short_enough(dialog: &Dialog) -> Result<(), String> {
    let fields = dialog.fields().map(|fields| fields.entries.as_slice()).unwrap_or_default();
    let length = |entry: &Entry| entry.area.lines().iter().map(|line| line.chars().count() + 1).sum::<usize>() - 1;
    match fields.iter().map(length).find(|length| *length > LONGEST) {
        Some(length) => Err(format!("{length} characters, at most {LONGEST}: a longer text is attached (Esc, then a).")),
        None => Ok(()),
    }
}

/// The act of a dialog, or what is missing.
fn to_act(dialog: &Dialog) -> Result<Act, String> {
    match dialog {
        Dialog::Note(fields) => written(fields, 0, "The note is empty.").map(Act::Note),
        Dialog::Run(run) => match &run.typed {
            Some((fields, name)) if fields.value(0).eq_ignore_ascii_case(name) => Ok(Act::Run(run.command.clone())),
            Some((_, name)) => Err(format!("That is not {name}.")),
            None => Err("Press r to run it.".to_owned()),
        },
        Dialog::Form(form) => {
            let values = form.names.iter().cloned().zip(form.fields.entries.iter().map(super::super::entry::Entry::value));
            Ok(Act::SaveForm { form: form.form.clone(), values: values.filter(|(_, value)| !value.is_empty()).collect() })
        }
        Dialog::Reason(reason) => {
            let why = written(&reason.fields, reason.fields.entries.len() - 1, "A reason is needed.")?;
            Ok(match &reason.purpose {
                Purpose::Waive => Act::Waive(why),
                Purpose::Reopen(step) => Act::Reopen { step: step.clone(), reason: why },
                Purpose::Aside(phase) => Act::EnterAside { phase: phase.clone(), reason: why },
                Purpose::Applies => match reason.fields.value(0).as_str() {
                    "" => return Err("Say whether the step applies.".to_owned()),
                    answer => Act::Applies { applies: answer == "true", reason: why },
                },
            })
        }
        Dialog::Resolve(resolve) => {
            let how = resolve.how.ok_or("Say first what became of it.")?;
            let reason = written(&resolve.fields, 0, "Say how you know.")?;
            Ok(Act::Resolve { run: resolve.run.clone(), how, reason })
        }
        Dialog::Isolate(isolate) => {
            let chosen = isolate.fields.entries.first().and_then(|entry| entry.chosen);
            let server = chosen.and_then(|n| isolate.servers.get(n)).ok_or("Choose the server.")?;
            let how = written(&isolate.fields, 1, "Say how it was isolated.")?;
            let checked = written(&isolate.fields, 2, "Say how that was checked.")?;
            Ok(Act::Isolate { server: server.clone(), how, checked })
        }
        Dialog::Close(fields) => {
            let outcome = match fields.value(0).as_str() {
                "completed" => Outcome::Completed,
                "aborted" => Outcome::Aborted,
                "rolled_back" => Outcome::RolledBack,
                _ => return Err("Choose the outcome.".to_owned()),
            };
            Ok(Act::Close { outcome, summary: written(fields, 1, "A summary is needed.")? })
        }
        _ => Err("There is nothing to save here.".to_owned()),
    }
}

/// The value of a field that must not be empty.
fn written(fields: &Fields, place: usize, missing: &str) -> Result<String, String> {
    let value = fields.value(place);
    let secret = fields.entries.get(place).is_some_and(|entry| entry.kind == Kind::Secret);
    if value.trim().is_empty() && !secret { Err(missing.to_owned()) } else { Ok(value) }
}

/// A path without the quotes that Explorer's `Copy as path` puts around it.
fn unquoted(path: &str) -> &str {
    path.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(path).trim()
}
