//! What was seen of the servers while the session ran: changes, findings, isolation.

use super::{Page, code, inline};
use crate::report::words;
use crate::session::event::Body;

pub(super) fn write(page: &mut Page<'_>) {
    changes(page);
    findings(page);
}

fn changes(page: &mut Page<'_>) {
    let mut lines = Vec::new();
    for event in page.source.events {
        let Body::ServerObserved { server, changes } = &event.body else { continue };
        for change in changes {
            let from = change.from.as_ref().map(|from| format!("{} → ", code(&words::value(from))));
            let from = from.unwrap_or_else(|| "is ".to_owned());
            let (at, server) = (page.time(event.at), inline(server.as_str()));
            lines.push(format!("**{at}**, {server}: {} {from}{}", code(&change.path), code(&words::value(&change.to))));
        }
    }
    list(page, "What changed on the servers", lines);
}

fn findings(page: &mut Page<'_>) {
    let mut lines = Vec::new();
    for event in page.source.events {
        let at = page.time(event.at);
        match &event.body {
            Body::FindingRaised { finding, severity, text, servers, expected } => {
                let expected = if *expected { ", normal at this step" } else { "" };
                let on: Vec<String> = servers.iter().map(|server| inline(server.as_str())).collect();
                let on = if on.is_empty() { String::new() } else { format!(" on {}", on.join(", ")) };
                lines.push(format!("**{at}**, {} {}{on}{expected}: {}", inline(severity), code(finding), inline(text)));
            }
            Body::FindingCleared { finding } => lines.push(format!("**{at}**, {} cleared", code(finding))),
            Body::FindingAcknowledged { finding } => {
                lines.push(format!("**{at}**, {} acknowledged by {}", code(finding), inline(&event.by.user)));
            }
            Body::ServerIsolated { server, how, checked } => lines.push(format!(
                "**{at}**, **ISOLATED** {} by {}: {}; checked: {}",
                inline(server.as_str()),
                inline(&event.by.user),
                inline(how),
                inline(checked)
            )),
            Body::IsolationEnded { server, reason } => {
                lines.push(format!("**{at}**, isolation of {} over: {}", inline(server.as_str()), inline(reason)));
            }
            _ => {}
        }
    }
    list(page, "Findings and isolation", lines);
}

fn list(page: &mut Page<'_>, title: &str, lines: Vec<String>) {
    page.heading(2, title);
    if lines.is_empty() {
        page.item("none");
    }
    for line in lines {
        page.item(&line);
    }
}
