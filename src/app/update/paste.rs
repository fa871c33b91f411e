//! Pasted text: into the field that has the keys; on the main view it becomes an attachment to be confirmed.

use super::super::dialog::Dialog;
use super::super::{App, Effect, enabled};
use crate::engine::Engine;
use crate::text::Safe;

pub(super) fn on_paste(app: &mut App, engine: &Engine, text: &str) -> Vec<Effect> {
    // Terminals send the line ends of a paste as Enter does: as carriage returns. Left so, each line would overwrite the
    // one before.
    let text = &text.replace("\r\n", "\n").replace('\r', "\n");
    if app.is_searching() {
        if let Some(search) = &mut app.list.search {
            search.text.push_str(&Safe::line(text.trim()));
        }
        return Vec::new();
    }
    match &mut app.dialog {
        Some(Dialog::Attach(attach)) if text.trim().contains('\n') => {
            attach.fields.focus = 1;
            attach.fields.paste(text);
        }
        Some(Dialog::Palette(palette)) => palette.query.push_str(&Safe::line(text.trim())),
        Some(dialog) => {
            if let Some(fields) = dialog.fields_mut() {
                fields.paste(text);
            }
        }
        None => match enabled::write_at_step(app, engine) {
            Ok(()) => super::main::attach_text(app, engine, text),
            Err(why) => app.refuse(why),
        },
    }
    Vec::new()
}
