//! What becomes of each act of the operator: recorded, looked into, or refused with words.

use std::collections::BTreeMap;

use super::view::parts;
use super::{Act, Effect, Engine, Moment};
use crate::powershell::Value;
use crate::runbook::fields;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::model::{AlertKind, Block, Form, Item, Step};
use crate::session::event::{Attachment, Body};

impl Engine {
    pub(super) fn act(&mut self, moment: Moment, act: Act, out: &mut Vec<Effect>) {
        if let Some(why) = self.why_no_act(&act) {
            out.push(Effect::Refuse(why));
            return;
        }
        match act {
            Act::Toggle(item) => self.toggle(moment, item, out),
            Act::Acknowledge(caution) => self.acknowledge(moment, caution, out),
            Act::SaveForm { form, values } => self.save_form(moment, &form, &values, out),
            Act::Run(command) => self.run(moment, &command, false, out),
            Act::Cancel(run) => self.cancel(run, out),
            Act::Resolve { run, how, reason } => self.resolve(moment, run, how, reason, out),
            Act::Look => self.start_look(moment, out),
            Act::StopLooking => self.stop_look(),
            Act::Wait => self.wait(moment, out),
            Act::Confirm => self.confirm(moment, out),
            Act::Waive(reason) => self.waive(moment, reason, out),
            Act::Applies { applies, reason } => self.applies(moment, applies, reason, out),
            Act::Reopen { step, reason } => self.reopen(moment, step, reason, out),
            Act::Note(text) => self.note(moment, text, out),
            Act::WithdrawNote(note) => self.withdraw_note(moment, note, out),
            Act::Attach { wanted, sha256, bytes, kind, name } => {
                let Some(step) = self.attaching_step(out) else { return };
                let attachment = format!("a{}", self.session.events);
                let kept = Attachment { attachment, step, wanted, sha256, bytes, kind, name };
                self.append(moment, Body::AttachmentAdded(kept), out);
            }
            Act::WithdrawAttachment(attachment) => {
                let known = |kept: &&crate::session::state::AttachmentState| kept.attachment.attachment == attachment;
                match self.session.attachments.iter().find(known) {
                    Some(kept) if kept.withdrawn.is_none() => {
                        self.append(moment, Body::AttachmentWithdrawn { attachment }, out);
                    }
                    _ => out.push(Effect::Refuse("no such attachment".into())),
                }
            }
            Act::AskNow(groups) => self.ask_now(moment, &groups),
            Act::Isolate { server, how, checked } => self.isolate(moment, server, how, checked, out),
            Act::AcknowledgeFinding(finding) => match self.session.findings.get(&finding) {
                Some(state) if state.acknowledged.is_none() => {
                    self.append(moment, Body::FindingAcknowledged { finding }, out);
                }
                Some(_) => out.push(Effect::Refuse("it is acknowledged already".into())),
                None => out.push(Effect::Refuse(format!("'{finding}' does not fire"))),
            },
            Act::EnterAside { phase, reason } => self.enter_aside(moment, phase, reason, out),
            Act::LeaveAside => self.leave_aside(moment, out),
            Act::Close { outcome, summary } => self.close(moment, outcome, summary, out),
            Act::SeenResume => self.resume = None,
        }
    }

    /// What bars every act that would be recorded.
    fn why_no_act(&self, act: &Act) -> Option<String> {
        if matches!(act, Act::AskNow(_) | Act::StopLooking | Act::SeenResume | Act::Cancel(_)) {
            return None;
        }
        if let Some(why) = &self.read_only {
            return Some(format!("the session is read-only: {why}"));
        }
        self.session.closed.as_ref().map(|_| "the session is closed".into())
    }

    /// The open step, or words.
    fn open_step(&self, out: &mut Vec<Effect>) -> Option<(StepId, &Step)> {
        let open = self.session.current.clone().and_then(|id| self.step_of(&id).map(|(_, step)| (id, step)));
        if open.is_none() {
            out.push(Effect::Refuse("no step is open".into()));
        }
        open
    }

    fn attaching_step(&self, out: &mut Vec<Effect>) -> Option<StepId> {
        self.open_step(out).map(|(id, _)| id)
    }

    fn toggle(&mut self, moment: Moment, item: PartId, out: &mut Vec<Effect>) {
        let Some((step, model)) = self.open_step(out) else { return };
        if !items(model).iter().any(|known| known.id == item) {
            out.push(Effect::Refuse(format!("the open step has no item '{item}'")));
            return;
        }
        let ticked = self.session.steps.get(&step).is_some_and(|state| state.ticked.contains_key(&item));
        let body = if ticked { Body::ItemUnticked { step, item } } else { Body::ItemTicked { step, item } };
        self.look = None;
        self.append(moment, body, out);
    }

    fn acknowledge(&mut self, moment: Moment, caution: PartId, out: &mut Vec<Effect>) {
        let Some((step, model)) = self.open_step(out) else { return };
        let known = parts(&model.blocks)
            .any(|block| matches!(block, Block::Alert(alert) if alert.kind == AlertKind::Caution && alert.id == caution));
        let done = self.session.steps.get(&step).is_some_and(|state| state.acknowledged.contains_key(&caution));
        if !known {
            out.push(Effect::Refuse(format!("the open step has no CAUTION '{caution}'")));
        } else if !done {
            self.append(moment, Body::CautionAcknowledged { step, caution }, out);
        }
    }

    fn save_form(&mut self, moment: Moment, id: &PartId, entered: &BTreeMap<String, String>, out: &mut Vec<Effect>) {
        let Some((step, model)) = self.open_step(out) else { return };
        let Some(form) = forms(model).find(|form| &form.id == id) else {
            out.push(Effect::Refuse(format!("the open step has no form '{id}'")));
            return;
        };
        let mut values = BTreeMap::new();
        for field in &form.fields {
            let text = entered.get(&field.name).map_or("", String::as_str);
            match fields::read(field, text) {
                Ok(Some(value)) => {
                    values.insert(field.name.clone(), value);
                }
                Ok(None) => {}
                Err(why) => {
                    out.push(Effect::Refuse(format!("{}: {why}", field.label)));
                    return;
                }
            }
        }
        if self.session.forms.get(id).is_some_and(|saved| saved.values == values) {
            return;
        }
        self.look = None;
        self.append(moment, Body::FormSaved { step, form: id.clone(), values }, out);
    }

    fn note(&mut self, moment: Moment, text: String, out: &mut Vec<Effect>) {
        if text.trim().is_empty() {
            out.push(Effect::Refuse("the note is empty".into()));
            return;
        }
        let note = format!("n{}", self.session.events);
        let step = self.session.current.clone();
        self.append(moment, Body::NoteWritten { note, step, text }, out);
    }

    fn withdraw_note(&mut self, moment: Moment, note: String, out: &mut Vec<Effect>) {
        match self.session.notes.iter().find(|kept| kept.id == note) {
            Some(kept) if kept.withdrawn.is_none() => self.append(moment, Body::NoteWithdrawn { note }, out),
            _ => out.push(Effect::Refuse("no such note".into())),
        }
    }

    /// A form's saved value, for showing it again.
    pub fn form_value(&self, form: &PartId, field: &str) -> Option<&Value> {
        self.session.forms.get(form)?.values.get(field)
    }
}

/// Forms of a step.
fn forms(step: &Step) -> impl Iterator<Item = &Form> {
    parts(&step.blocks).filter_map(|block| if let Block::Form(form) = block { Some(form) } else { None })
}

/// Items of a step, nested and optional ones among them.
fn items(step: &Step) -> Vec<&Item> {
    fn walk<'a>(items: &'a [Item], found: &mut Vec<&'a Item>) {
        for item in items {
            found.push(item);
            walk(&item.items, found);
        }
    }
    let mut found = Vec::new();
    for block in parts(&step.blocks) {
        if let Block::Checklist(items) = block {
            walk(items, &mut found);
        }
    }
    found
}
