//! A report for programs: every event as it stands in the journal, with its meaning in words. Texts are raw; `<`, U+2028 and
//! U+2029 are escaped, so that it can stand within a web page as it is.

use serde_json::{Value as Json, json};

use super::Source;
use super::names::Names;
use super::summary;
use super::words;
use crate::session::event::{Body, Event};

/// The report, one line, with a newline.
pub fn write(source: &Source<'_>) -> String {
    let names = Names::of(source.runbook);
    let session = source.session;
    let steps: Vec<Json> = source
        .runbook
        .steps()
        .map(|(phase, step)| {
            let name = names.step(&step.id);
            json!({
                "step": step.id, "number": name.number, "title": name.title, "phase": phase.id,
                "status": words::status(session.status(&step.id)),
            })
        })
        .collect();
    let report = json!({
        "lockstep_report": 1,
        "session": session.opened,
        "began": session.started,
        "rehearsal": session.opened.rehearsal.is_some(),
        "outcome": session.closed.as_ref().map(|closed| json!({ "outcome": closed.outcome, "summary": closed.summary, "at": closed.mark.at })),
        "journal": { "events": source.events.len(), "head": source.head.map(|head| head.to_string()) },
        "damaged_files": source.damaged,
        "steps": steps,
        "events": source.events.iter().map(|event| told(event, &names)).collect::<Vec<_>>(),
    });
    let mut text = report.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    text.push('\n');
    text
}

fn told(event: &Event, names: &Names) -> Json {
    let (kind, data) = match &event.body {
        Body::Unknown { kind, data } => (kind.clone(), data.clone()),
        known => {
            let body = serde_json::to_value(known).unwrap_or_default();
            (known.kind().to_owned(), body.get("data").cloned().unwrap_or_default())
        }
    };
    json!({
        "seq": event.seq, "at": event.at, "wall": event.wall, "mono": event.mono, "by": event.by,
        "type": kind, "data": data, "meaning": summary::line(event, names).as_str(),
    })
}
