//! What it was, who did it, how it ended, and where every step stands.

use super::{Page, code, inline};
use crate::powershell::Value;
use crate::report::words;
use crate::runbook::model::Runbook;

pub(super) fn write(page: &mut Page<'_>) {
    let session = page.source.session;
    let (opened, events) = (&session.opened, page.source.events);
    page.heading(1, &format!("Report: {}", inline(&opened.runbook.title)));
    if let Some(rehearsal) = &opened.rehearsal {
        let words = format!(
            "**REHEARSAL on the simulated scenario {}, seed {}. No real server took part.**",
            code(&rehearsal.scenario),
            rehearsal.seed
        );
        page.paragraph(&words);
    }
    page.item(&format!("Session: {}", code(&opened.session)));
    if let Some(ticket) = opened.inputs.get("ticket") {
        page.item(&format!("Ticket: {}", inline(&words::value(ticket))));
    }
    let version = opened.runbook.version.as_deref().map(|version| format!(", version {}", inline(version))).unwrap_or_default();
    page.item(&format!(
        "Runbook: {}{version}, read from {}, SHA-256 {}",
        inline(&opened.runbook.title),
        code(&opened.runbook.path),
        code(&opened.runbook.sha256)
    ));
    for server in &opened.servers {
        let title = role_title(page.source.runbook, server.role.as_str());
        page.item(&format!("Server {}: {}{title}", inline(server.role.as_str()), code(&server.target)));
    }
    for role in page.source.runbook.roles.iter().filter(|role| role.optional) {
        if !opened.servers.iter().any(|server| server.role == role.name) {
            let title = role_title(page.source.runbook, role.name.as_str());
            page.item(&format!("Server {}: none in this session{title}", inline(role.name.as_str())));
        }
    }
    let by = &session.by;
    page.item(&format!(
        "Began: {}, by {} on {}, {}",
        words::moment(session.started),
        inline(&by.user),
        inline(&by.host),
        inline(&by.program)
    ));
    let ended = match &session.closed {
        Some(closed) => {
            let summary = if closed.summary.trim().is_empty() { String::new() } else { format!(": {}", inline(&closed.summary)) };
            let how = words::outcome(closed.outcome);
            format!("Ended: {}, by {}, **{how}**{summary}", words::moment(closed.mark.at), inline(&closed.mark.by))
        }
        None => format!("**Not closed.** The last event was at {}", words::moment(session.last_at)),
    };
    page.item(&ended);
    let head = page.source.head.map_or_else(|| "unknown".to_owned(), |head| code(&head.to_string()));
    page.item(&format!(
        "Journal: {}, the chain is intact, SHA-256 of its last line {head}",
        words::count(events.len() as u64, "event")
    ));
    inputs(page);
}

fn role_title(runbook: &Runbook, role: &str) -> String {
    let title = runbook.roles.iter().find(|known| known.name.as_str() == role).map(|known| known.title.as_str());
    title.filter(|title| !title.is_empty()).map(|title| format!(" ({})", inline(title))).unwrap_or_default()
}

fn inputs(page: &mut Page<'_>) {
    let session = page.source.session;
    for (name, value) in session.opened.inputs.iter().filter(|(name, _)| *name != "ticket") {
        let label = page.source.runbook.inputs.iter().find(|field| field.name == *name).map_or(name, |field| &field.label);
        page.item(&format!("{}: {}", inline(label), given(page.source.runbook, name, value)));
    }
}

/// An input's value; of a secret only that it was given.
fn given(runbook: &Runbook, name: &str, value: &Value) -> String {
    use crate::runbook::model::FieldKind;
    let secret = runbook.inputs.iter().any(|field| field.name == *name && field.kind == FieldKind::Secret);
    if secret { "given, not recorded".to_owned() } else { code(&words::value(value)) }
}

/// Every step of the runbook with where it stands.
pub(super) fn steps(page: &mut Page<'_>) {
    page.heading(2, "Steps");
    let (runbook, session) = (page.source.runbook, page.source.session);
    for (phase, step) in runbook.steps() {
        let state = session.steps.get(&step.id);
        if phase.aside.is_some() && state.is_none() {
            continue;
        }
        let status = session.status(&step.id);
        let when = state
            .and_then(|state| state.confirmed.as_ref())
            .filter(|_| status.is_done())
            .map(|confirmed| format!(", {}, {}", page.time(confirmed.mark.at), inline(&confirmed.mark.by)))
            .unwrap_or_default();
        let why = state.and_then(|state| state.skipped.as_ref()).filter(|_| status == crate::session::state::StepStatus::Skipped);
        let why = why.map(|why| format!(": {}", inline(why))).unwrap_or_default();
        let name = page.names.step(&step.id);
        let line = format!("{}**{}**{when}{why}", spaced(&name.number, &inline(&name.title)), words::status(status));
        page.item(&line);
    }
}

/// `3.1 Title: `; the number where there is one.
fn spaced(number: &str, title: &str) -> String {
    if number.is_empty() { format!("{title}: ") } else { format!("{number} {title}: ") }
}
