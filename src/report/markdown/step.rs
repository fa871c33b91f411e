//! The steps, each with all that happened in it in the order it happened: failed attempts, notes that were withdrawn and
//! work that was done again among it.

use super::{Page, code, command, gate, inline};
use crate::report::summary;
use crate::report::words;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::model::{FieldKind, Step};
use crate::session::Event;
use crate::session::event::{Attachment, Body, Confirmation};

pub(super) fn write_all(page: &mut Page<'_>) {
    let runbook = page.source.runbook;
    let mut place = 0;
    for phase in &runbook.phases {
        place += usize::from(phase.aside.is_none());
        let begun: Vec<&Step> = phase.steps.iter().filter(|step| of_step(page, &step.id).next().is_some()).collect();
        if begun.is_empty() {
            continue;
        }
        let number = if phase.aside.is_none() { format!("{place} ") } else { "Aside: ".to_owned() };
        page.heading(2, &format!("{number}{}", inline(&phase.title)));
        for step in begun {
            write(page, step);
        }
    }
}

/// Events that name the step.
fn of_step<'a>(page: &Page<'a>, id: &StepId) -> impl Iterator<Item = &'a Event> + use<'a> {
    let id = id.clone();
    page.source.events.iter().filter(move |event| summary::step_of(&event.body) == Some(&id))
}

fn write(page: &mut Page<'_>, step: &Step) {
    let name = page.names.step(&step.id);
    let status = words::status(page.source.session.status(&step.id));
    let number = if name.number.is_empty() { String::new() } else { format!("{} ", name.number) };
    page.heading(3, &format!("{number}{}: {status}", inline(&name.title)));
    let mut attempts = 0;
    for event in of_step(page, &step.id) {
        match &event.body {
            Body::CommandApproved(approved) => command::run(page, event, approved),
            Body::NoteWritten { .. } => note(page, event),
            Body::AttachmentAdded(attachment) => attached(page, event, attachment),
            Body::FormSaved { form, values, .. } => {
                page.item(&format!("{} form {} filled in", page.who(event), inline(form.as_str())));
                for (field, value) in values {
                    let shown =
                        if is_secret(step, form, field) { "given, not recorded".to_owned() } else { code(&words::value(value)) };
                    page.sub_item(&format!("{}: {shown}", inline(field)));
                }
            }
            Body::GateNotPassed { gates, .. } => {
                attempts += 1;
                page.item(&format!("{} look {attempts}: **the check did not pass**", page.who(event)));
                gate::gates(page, gates);
            }
            Body::StepConfirmed(confirmation) => {
                let check = if confirmation.gates.is_empty() { "; it has no check" } else { ", and the check passed" };
                page.item(&format!("{} **confirmed**{check}", page.who(event)));
                confirmed(page, confirmation);
            }
            Body::StepWaived { confirmation, reason } => {
                page.item(&format!("{} **CONFIRMED WITH A WAIVER**: {}", page.who(event), inline(reason)));
                confirmed(page, confirmation);
            }
            Body::StepOpened { looked, .. } | Body::StepSkipped { looked, .. } => {
                told(page, event);
                gate::gates(page, looked);
            }
            _ => told(page, event),
        }
    }
}

fn told(page: &mut Page<'_>, event: &Event) {
    let told = summary::told(&event.body, &page.names);
    let quoted = told.quoted.map(|text| format!(": {}", inline(&text))).unwrap_or_default();
    let line = format!("{} {}{quoted}", page.who(event), told.said);
    page.item(&line);
}

fn confirmed(page: &mut Page<'_>, confirmation: &Confirmation) {
    let items: Vec<String> = confirmation.items.iter().map(|item| inline(&page.names.part(&confirmation.step, item))).collect();
    for item in items {
        page.sub_item(&format!("[x] {item}"));
    }
    gate::gates(page, &confirmation.gates);
    if !confirmation.guard.is_empty() {
        page.sub_item("seen of the other servers before the role changed:");
        gate::lines(page, &confirmation.guard);
    }
    let names: Vec<String> = confirmation.attachments.iter().map(|id| code(&name_of(page, id))).collect();
    if !names.is_empty() {
        page.sub_item(&format!("attached: {}", names.join(", ")));
    }
}

/// An attachment's own name, by its id.
fn name_of(page: &Page<'_>, id: &str) -> String {
    let kept = page.source.session.attachments.iter().find(|kept| kept.attachment.attachment == *id);
    kept.map_or_else(|| id.to_owned(), |kept| kept.attachment.name.clone())
}

fn attached(page: &mut Page<'_>, event: &Event, attachment: &Attachment) {
    let withdrawn = page
        .source
        .session
        .attachments
        .iter()
        .find(|kept| kept.attachment.attachment == attachment.attachment)
        .and_then(|kept| kept.withdrawn)
        .map(|at| format!(" **(withdrawn {})**", page.time(at)))
        .unwrap_or_default();
    let wanted = attachment.wanted.as_ref().map(|part| format!(", for {}", inline(&page.names.part(&attachment.step, part))));
    let line = format!(
        "{} attached {}, {}, {}, SHA-256 {}{}{withdrawn}",
        page.who(event),
        code(&attachment.name),
        inline(&attachment.kind),
        words::count(attachment.bytes, "byte"),
        code(&attachment.sha256),
        wanted.unwrap_or_default()
    );
    page.item(&line);
    page.damaged(&attachment.sha256);
}

/// A note: struck where it was withdrawn, in a fence where it has several lines.
pub(super) fn note(page: &mut Page<'_>, event: &Event) {
    let Body::NoteWritten { note, text, .. } = &event.body else { return };
    let kept = page.source.session.notes.iter().find(|kept| kept.id == *note);
    let text = text.trim_end();
    if let Some(at) = kept.and_then(|kept| kept.withdrawn) {
        let line = format!("{} note ~~{}~~ (withdrawn {})", page.who(event), inline(text), page.time(at));
        page.item(&line);
    } else if text.contains('\n') {
        page.item(&format!("{} note", page.who(event)));
        page.fence("text", [text]);
    } else {
        page.item(&format!("{} note: {}", page.who(event), inline(text)));
    }
}

fn is_secret(step: &Step, form: &PartId, field: &str) -> bool {
    let fields = step.forms().filter(|known| known.id == *form).flat_map(|known| &known.fields);
    fields.into_iter().any(|known| known.name == field && known.kind == FieldKind::Secret)
}
