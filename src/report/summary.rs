//! One event in a few words: for the screen's log, for `lockstep sessions`, and for what happened while nobody looked.

use super::names::Names;
use super::words;
use crate::runbook::ids::StepId;
use crate::session::event::{Body, Event};
use crate::text::Safe;

/// The most characters of an event's words.
const LONGEST: usize = 160;

/// The words for an event: `3.1 ticked: Wizard on EC01`.
pub fn line(event: &Event, names: &Names) -> Safe {
    let told = told(&event.body, names);
    let place = told.step.map(|step| format!("{} ", names.step(step).short())).unwrap_or_default();
    let quoted = told.quoted.map(|text| format!(": {}", text.trim())).unwrap_or_default();
    Safe::line(&clipped(&format!("{place}{}{quoted}", told.said)))
}

/// The first characters, with a mark where more follow.
fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An event in parts: what the program says of it, and what it quotes from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told<'a> {
    /// The step it happened in
    pub(super) step: Option<&'a StepId>,
    /// The program's words
    pub(super) said: String,
    /// Words of the runbook, the operator or a server
    pub(super) quoted: Option<String>,
}

/// The parts of an event's words.
pub(super) fn told<'a>(body: &'a Body, names: &Names) -> Told<'a> {
    let (said, quoted) = said(body, names);
    Told { step: step_of(body), said, quoted }
}

/// The step an event names itself.
pub(super) fn step_of(body: &Body) -> Option<&StepId> {
    match body {
        Body::StepOpened { step, .. }
        | Body::StepReopened { step, .. }
        | Body::StepSkipped { step, .. }
        | Body::ItemTicked { step, .. }
        | Body::ItemUnticked { step, .. }
        | Body::CautionAcknowledged { step, .. }
        | Body::FormSaved { step, .. }
        | Body::GateNotPassed { step, .. } => Some(step),
        Body::StepConfirmed(confirmation) | Body::StepWaived { confirmation, .. } => Some(&confirmation.step),
        Body::NoteWritten { step, .. } => step.as_ref(),
        Body::AttachmentAdded(attachment) => Some(&attachment.step),
        Body::CommandApproved(approved) => Some(&approved.step),
        _ => None,
    }
}

fn said(body: &Body, names: &Names) -> (String, Option<String>) {
    let plain = |said: &str| (said.to_owned(), None);
    let quoting = |said: &str, quoted: &str| (said.to_owned(), Some(quoted.to_owned()));
    match body {
        Body::SessionOpened(opened) if opened.rehearsal.is_some() => quoting("rehearsal began", &opened.runbook.title),
        Body::SessionOpened(opened) => quoting("session began", &opened.runbook.title),
        Body::SessionResumed { events } => (format!("session resumed after {}", words::count(*events, "event")), None),
        Body::JournalRecovered { dropped_bytes, kept_as, .. } => (
            format!("a torn end of the journal was cut, {}, kept as", words::count(*dropped_bytes, "byte")),
            Some(kept_as.clone()),
        ),
        Body::SessionClosed { outcome, summary } => (format!("session closed, {}", words::outcome(*outcome)), some(summary)),
        Body::StepOpened { reason: Some(reason), .. } => quoting("opened ALL THE SAME", reason),
        Body::StepOpened { reason: None, .. } => plain("opened"),
        Body::StepConfirmed(_) => plain("confirmed"),
        Body::StepWaived { reason, .. } => quoting("confirmed with a WAIVER", reason),
        Body::StepReopened { reason, .. } => quoting("opened again", reason),
        Body::StepSkipped { reason, .. } => quoting("does not apply", reason),
        Body::ItemTicked { step, item } => quoting("ticked", &names.part(step, item)),
        Body::ItemUnticked { step, item } => quoting("unticked", &names.part(step, item)),
        Body::CautionAcknowledged { step, caution } => quoting("caution acknowledged", &names.part(step, caution)),
        Body::NoteWritten { text, .. } => quoting("note", text),
        Body::NoteWithdrawn { .. } => plain("note withdrawn"),
        Body::AttachmentAdded(attachment) => quoting("attached", &attachment.name),
        Body::AttachmentWithdrawn { .. } => plain("attachment withdrawn"),
        Body::FormSaved { form, .. } => quoting("form filled in", form.as_str()),
        Body::GateNotPassed { gates, .. } => {
            let lines = gates.iter().flat_map(|gate| &gate.lines);
            let first = lines.clone().find(|line| !line.truth.passes()).map(|line| format!("{} is {}", line.text, line.truth));
            let open = lines.filter(|line| !line.truth.passes()).count() as u64;
            (format!("the check did not pass, {} open", words::count(open, "line")), first)
        }
        Body::CommandApproved(_) | Body::CommandStarted { .. } | Body::CommandEnded(_) | Body::CommandResolved { .. } => {
            said_of_command(body, names)
        }
        Body::FindingRaised { severity, text, .. } => quoting(&format!("{} finding", severity_word(severity)), text),
        Body::FindingCleared { finding } => quoting("finding cleared", finding),
        Body::FindingAcknowledged { finding } => quoting("finding acknowledged", finding),
        Body::ServerObserved { server, changes } => quoting("seen", &changes_of(server.as_str(), changes)),
        Body::ServerIsolated { server, how, .. } => quoting("SERVER RECORDED AS ISOLATED", &format!("{server}, {how}")),
        Body::IsolationEnded { server, reason } => quoting("isolation over", &format!("{server}, {reason}")),
        Body::AsideEntered { phase, reason, .. } => quoting("entered", &format!("{}, {reason}", names.phase(phase))),
        Body::AsideLeft { phase, completed } => {
            quoting(if *completed { "left, all of it done" } else { "left before its end" }, &names.phase(phase))
        }
        Body::Unknown { kind, .. } => quoting("an event of a later program", kind),
    }
}

fn said_of_command(body: &Body, names: &Names) -> (String, Option<String>) {
    match body {
        Body::CommandApproved(approved) => {
            let how = if approved.auto { "runs by itself" } else { "run" };
            (how.to_owned(), Some(format!("{} on {}", names.part(&approved.step, &approved.command), approved.server)))
        }
        Body::CommandStarted { .. } => ("command began".to_owned(), None),
        Body::CommandEnded(ended) => {
            let errors = if ended.errors == 0 { String::new() } else { format!(", {}", words::count(ended.errors, "error")) };
            let exit = ended.exit.filter(|code| *code != 0).map(|code| format!(", exit {code}")).unwrap_or_default();
            let took = words::milliseconds(ended.ms);
            (format!("command {} in {took}{errors}{exit}", words::end_state(ended.state)), ended.why.clone())
        }
        Body::CommandResolved { how, reason, .. } => (format!("interrupted command: {}", words::resolution(*how)), some(reason)),
        _ => (String::new(), None),
    }
}

/// `EC01 StagingModeEnabled False -> True, …`, the first three of them.
fn changes_of(server: &str, changes: &[crate::session::event::Change]) -> String {
    let told = changes.iter().take(3).map(|change| match &change.from {
        Some(from) => format!("{} {} -> {}", change.path, words::value(from), words::value(&change.to)),
        None => format!("{} {}", change.path, words::value(&change.to)),
    });
    let more = if changes.len() > 3 { format!(", and {} more", changes.len() - 3) } else { String::new() };
    format!("{server} {}{more}", told.collect::<Vec<_>>().join(", "))
}

/// Only the three severities there are become the program's own words.
fn severity_word(severity: &str) -> &'static str {
    match severity {
        "critical" => "CRITICAL",
        "warning" => "warning",
        _ => "information",
    }
}

fn some(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}
