//! One run of a command: the exact text, where it ran, what it printed, what it gave back, and what became of it.

use super::{Page, code, inline, quote};
use crate::report::words;
use crate::session::Event;
use crate::session::event::{Body, CommandApproved, CommandEnded, Output, Results};

/// The most captured records that are written out.
const MAX_RECORDS: usize = 100;

pub(super) fn run(page: &mut Page<'_>, approval: &Event, approved: &CommandApproved) {
    let how = if approved.auto { "a read-only command ran by itself" } else { "ran" };
    let line = format!(
        "{} {how} on {} ({}), text with the SHA-256 {}",
        page.who(approval),
        inline(approved.server.as_str()),
        code(&approved.target),
        code(&approved.sha256)
    );
    page.item(&line);
    page.fence("powershell", [approved.text.as_str()]);
    let of_it: Vec<&Event> = after(page.source.events, approval, &approved.run).collect();
    let ended = of_it.iter().any(|event| matches!(event.body, Body::CommandEnded(_)));
    let resolved = of_it.iter().any(|event| matches!(event.body, Body::CommandResolved { .. }));
    for event in of_it {
        match &event.body {
            Body::CommandStarted { sha256, .. } if *sha256 == approved.sha256 => {
                page.item(&format!("{}: began; the server received this very text", page.time(event.at)));
            }
            Body::CommandStarted { sha256, .. } => {
                page.item(&format!(
                    "{}: began. **THE SERVER RECEIVED ANOTHER TEXT**, SHA-256 {}",
                    page.time(event.at),
                    code(sha256)
                ));
            }
            Body::CommandEnded(end) => finished(page, event, end),
            Body::CommandResolved { how, reason, .. } => {
                let line = format!(
                    "{} **the end was not seen; the operator says that {}**: {}",
                    page.who(event),
                    words::resolution(*how),
                    inline(reason)
                );
                page.item(&line);
            }
            _ => {}
        }
    }
    if !ended && !resolved {
        page.item("**Its end was never seen, and nobody has said what became of it.**");
    }
}

/// Events of the same run.
fn after<'e>(events: &'e [Event], approval: &Event, id: &str) -> impl Iterator<Item = &'e Event> {
    let (first, id) = (approval.seq, id.to_owned());
    events.iter().filter(move |event| {
        let of_it = match &event.body {
            Body::CommandStarted { run, .. } | Body::CommandResolved { run, .. } => *run == id,
            Body::CommandEnded(end) => end.run == id,
            _ => false,
        };
        of_it && event.seq > first
    })
}

fn finished(page: &mut Page<'_>, event: &Event, end: &CommandEnded) {
    let why = end.why.as_ref().map(|why| format!(": {}", inline(why))).unwrap_or_default();
    let exit = end.exit.map(|code| format!(", exit {code}")).unwrap_or_default();
    page.item(&format!(
        "{}: {} after {}, {}{exit}{why}",
        page.time(event.at),
        words::end_state(end.state),
        words::milliseconds(end.ms),
        words::count(end.errors, "error")
    ));
    let transcript = &end.transcript;
    if transcript.bytes > 0 {
        let cut = transcript.dropped_bytes;
        let dropped =
            if cut == 0 { String::new() } else { format!(", **{} left out of its middle**", words::count(cut, "byte")) };
        page.item(&format!(
            "Transcript: {}, {}, SHA-256 {}{dropped}",
            words::count(transcript.lines, "line"),
            words::count(transcript.bytes, "byte"),
            code(&transcript.sha256)
        ));
        page.damaged(&transcript.sha256);
    }
    if end.output.is_empty() {
        page.item("It printed nothing.");
    } else {
        printed(page, &end.output);
    }
    if let Some(results) = &end.results {
        captured(page, results);
    }
}

fn printed(page: &mut Page<'_>, output: &Output) {
    let gap = format!("[… {} not shown here …]", words::count(output.omitted, "line"));
    let gap = (output.omitted > 0).then_some(gap.as_str());
    let lines = output.head.iter().map(String::as_str).chain(gap).chain(output.tail.iter().map(String::as_str));
    page.fence("text", lines);
}

fn captured(page: &mut Page<'_>, results: &Results) {
    let total = results.records.len() as u64 + results.dropped;
    page.item(&format!("Captured as {}: {}", quote::code(&format!("$results.{}", results.name)), words::count(total, "record")));
    if results.records.is_empty() {
        return;
    }
    let mut lines: Vec<String> = results.records.iter().take(MAX_RECORDS).map(words::value).collect();
    if results.records.len() > MAX_RECORDS {
        lines.push(format!("[… {} more in the journal …]", results.records.len() - MAX_RECORDS));
    }
    if results.dropped > 0 {
        lines.push(format!("[… {} past the limit, not kept …]", results.dropped));
    }
    page.fence("text", lines.iter().map(String::as_str));
}
