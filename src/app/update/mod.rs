//! What a message does to the screen, and what the screen asks for in answer.

mod fields;
mod link;
mod list;
mod look;
mod main;
mod output;
mod palette;
mod paste;

use crossterm::event::KeyEvent;

use super::command::{self, Id, Scope};
use super::dialog::Dialog;
use super::{App, Effect, Msg};
use crate::engine::{Act, Engine, Moment};

/// Takes a message. Pure: it reads the engine and changes only the screen's own state.
pub fn update(app: &mut App, engine: &Engine, msg: Msg, at: Moment) -> Vec<Effect> {
    app.follow(engine);
    match msg {
        Msg::Key(key) => {
            app.rhythm.key(&key, at.mono);
            on_key(app, engine, key, at)
        }
        Msg::Rested => fields::on_rest(app, engine, at.mono),
        Msg::Paste(text) => paste::on_paste(app, engine, &text),
        Msg::Resized(width, height) => {
            app.size = (width, height);
            vec![Effect::Redraw]
        }
        Msg::Changed => Vec::new(),
        Msg::Said(text) => {
            app.say(text);
            Vec::new()
        }
        Msg::Refused(text) => {
            app.refuse(text);
            Vec::new()
        }
        Msg::EditorClosed(text) => {
            if let Some(text) = text {
                app.dialog = Some(Dialog::note(&text));
            }
            Vec::new()
        }
    }
}

fn on_key(app: &mut App, engine: &Engine, key: KeyEvent, at: Moment) -> Vec<Effect> {
    let scope = Scope::of(app);
    if scope == Scope::Search {
        return list::on_search_key(app, engine, key);
    }
    let command = command::for_key(scope, &key);
    match (command, scope) {
        (Some(command), _) => match (command.enabled)(app, engine) {
            Ok(()) => {
                // What was said stays until the next act; that a key could not be used, until the next one can.
                app.message.take_if(|message| message.refused);
                perform(app, engine, command.id, scope, at)
            }
            Err(why) => {
                if command.id == Id::Confirm {
                    main::select_missing(app, engine);
                }
                app.refuse(why);
                Vec::new()
            }
        },
        (None, Scope::Fields) => fields::on_key(app, engine, key),
        (None, Scope::Palette) => palette::on_key(app, key),
        (None, _) => {
            if let Some((key, command)) = command::of_main_view(&key) {
                let way = if scope == Scope::Steps { "Tab" } else { "Esc" };
                app.refuse(format!("{key} ({}) works at the step: {way} goes back to it.", command.name.to_lowercase()));
            }
            Vec::new()
        }
    }
}

/// Does a command that can be done.
fn perform(app: &mut App, engine: &Engine, id: Id, scope: Scope, at: Moment) -> Vec<Effect> {
    match scope {
        Scope::Main => main::perform(app, engine, id, at),
        // Its keys went to the words.
        Scope::Search => Vec::new(),
        Scope::Steps => list::perform(app, engine, id, at),
        Scope::Look => look::perform(app, id),
        Scope::Run => main::run_dialog(app, engine, id),
        Scope::Findings => look::findings(app, engine, id),
        Scope::Resolve => look::resolve(app, id),
        Scope::Output => output::perform(app, engine, id),
        Scope::Help | Scope::Resume | Scope::About => output::scroll_dialog(app, engine, id),
        Scope::Fields => fields::perform(app, engine, id),
        Scope::Palette => palette::perform(app, engine, id, at),
        Scope::Leave => {
            app.dialog = None;
            if id == Id::Quit { vec![Effect::Quit] } else { Vec::new() }
        }
    }
}

/// An act: what was said before it is gone.
fn act(app: &mut App, act: Act) -> Vec<Effect> {
    app.message = None;
    vec![Effect::Act(act)]
}

/// Words when a key that reaches a server or the journal came as a paste would.
const TOO_FAST: &str = "That came too fast to be typed: press it again.";
