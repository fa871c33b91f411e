//! What a reader must not miss: waivers, isolation, interrupted commands, critical findings, what is not done.

use super::{Page, inline};
use crate::report::words;
use crate::session::event::{Body, Outcome};
use crate::session::state::{RunStatus, StepStatus};

pub(super) fn write(page: &mut Page<'_>) {
    let mut lines: Vec<String> =
        page.source.damaged.values().map(|words| format!("**DAMAGED EVIDENCE** {}", inline(words))).collect();
    for event in page.source.events {
        lines.extend(loud(page, event));
    }
    for run in &page.source.session.runs {
        let command = inline(&page.names.part(&run.approved.step, &run.approved.command));
        let what = format!("{command} on {}, {}", inline(run.approved.server.as_str()), page.time(run.mark.at));
        match run.status() {
            RunStatus::Interrupted => lines.push(format!("**INTERRUPTED, NOT RESOLVED** {what}: its end was never seen")),
            RunStatus::Resolved(how) => {
                lines.push(format!("**INTERRUPTED** {what}: the operator says that {}", words::resolution(how)));
            }
            RunStatus::Approved | RunStatus::Running => lines.push(format!("**NOT ENDED** {what}: no end of it is recorded")),
            RunStatus::Ended(_) => {}
        }
    }
    lines.extend(undone(page));
    if lines.is_empty() {
        return;
    }
    page.heading(2, "Read this first");
    for line in lines {
        page.item(&line);
    }
}

fn loud(page: &Page<'_>, event: &crate::session::Event) -> Option<String> {
    let (at, by) = (page.time(event.at), inline(&event.by.user));
    Some(match &event.body {
        Body::StepWaived { confirmation, reason } => {
            let step = inline(&page.names.step(&confirmation.step).full());
            format!("**WAIVED** {step}, {at}, by {by}: {}", inline(reason))
        }
        Body::StepOpened { step, reason: Some(reason), .. } => {
            let step = inline(&page.names.step(step).full());
            format!("**BEGUN ALL THE SAME** {step}, {at}, by {by}: {}", inline(reason))
        }
        Body::ServerIsolated { server, how, checked } => format!(
            "**ISOLATED** server {}, recorded {at} by {by}: {}; checked: {}",
            inline(server.as_str()),
            inline(how),
            inline(checked)
        ),
        Body::IsolationEnded { server, reason } => {
            format!("**ISOLATION OVER** server {}, {at}: {}", inline(server.as_str()), inline(reason))
        }
        Body::StepReopened { step, reason } => {
            format!("**OPENED AGAIN** {}, {at}, by {by}: {}", inline(&page.names.step(step).full()), inline(reason))
        }
        Body::FindingRaised { severity, text, expected: false, .. } if severity == "critical" => {
            format!("**CRITICAL FINDING** {at}: {}", inline(text))
        }
        Body::JournalRecovered { dropped_bytes, .. } => {
            format!(
                "**JOURNAL RECOVERED** {at}: a crash had cut its last lines short; {} were cut and kept",
                words::count(*dropped_bytes, "byte")
            )
        }
        Body::Unknown { kind, .. } => {
            format!("**UNKNOWN EVENT** {at}: a later program wrote {}, which this one does not know", inline(kind))
        }
        _ => return None,
    })
}

/// A session that says it is completed while steps of its main path are not.
fn undone(page: &Page<'_>) -> Option<String> {
    let session = page.source.session;
    let claims = session.closed.as_ref().is_some_and(|closed| closed.outcome == Outcome::Completed);
    let open = page.source.runbook.main_path().filter(|(_, step)| !session.status(&step.id).is_done()).count() as u64;
    let pending = |status| status == StepStatus::Open || status == StepStatus::Reopened;
    let reopened = page.source.runbook.steps().any(|(_, step)| pending(session.status(&step.id)));
    if claims && open > 0 {
        Some(format!(
            "**NOT DONE** the session was closed as completed with {} of the main path not done",
            words::count(open, "step")
        ))
    } else if session.closed.is_some() && reopened {
        Some("**LEFT OPEN** a step was open when the session was closed".to_owned())
    } else {
        None
    }
}
