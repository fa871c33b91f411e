//! The report for the change ticket, in Markdown that any renderer takes: headings, lists, code. No tables, no HTML, no
//! pictures and no links; a rehearsal is marked in every heading.

use super::Source;
use super::names::Names;
use super::words;
use crate::Time;
use crate::session::event::{Body, Event};

mod attention;
mod command;
mod gate;
mod header;
mod quote;
mod servers;
mod step;

use quote::{code, inline};

/// The report.
pub fn write(source: &Source<'_>) -> String {
    let mut page = Page::of(source);
    header::write(&mut page);
    attention::write(&mut page);
    header::steps(&mut page);
    step::write_all(&mut page);
    servers::write(&mut page);
    journal(&mut page);
    limits(&mut page);
    page.out
}

/// The text so far, and what every part of it needs.
struct Page<'a> {
    out: String,
    source: Source<'a>,
    names: Names,
}

impl<'a> Page<'a> {
    fn of(source: &Source<'a>) -> Self {
        Self { out: String::new(), source: *source, names: Names::of(source.runbook) }
    }

    /// A heading; the words are safe already.
    fn heading(&mut self, level: usize, words: &str) {
        let mark = if self.source.session.opened.rehearsal.is_some() { " (REHEARSAL)" } else { "" };
        let gap = if self.out.is_empty() || self.out.ends_with("\n\n") { "" } else { "\n" };
        self.out.extend([gap, &"#".repeat(level), " ", words, mark, "\n\n"]);
    }

    /// A list item; the words are safe already.
    fn item(&mut self, words: &str) {
        self.out.extend(["- ", words, "\n"]);
    }

    /// An item below the last one.
    fn sub_item(&mut self, words: &str) {
        self.out.extend(["  - ", words, "\n"]);
    }

    /// An item two below the last one.
    fn sub_sub_item(&mut self, words: &str) {
        self.out.extend(["    - ", words, "\n"]);
    }

    /// A paragraph; the words are safe already.
    fn paragraph(&mut self, words: &str) {
        self.out.extend([words, "\n\n"]);
    }

    /// A fence after what was said last.
    fn fence<'t>(&mut self, language: &str, lines: impl IntoIterator<Item = &'t str>) {
        self.out.extend(["\n", &quote::fence(language, lines), "\n"]);
    }

    /// What is wrong with a kept file, where something is.
    fn damaged(&mut self, sha256: &str) {
        if let Some(words) = self.source.damaged.get(sha256) {
            self.sub_item(&format!("**DAMAGED EVIDENCE**: {}", inline(words)));
        }
    }

    /// When and by whom, as an item begins.
    fn who(&self, event: &Event) -> String {
        let opener = &self.source.session.by;
        let host = if event.by.host == opener.host { String::new() } else { format!(" on {}", inline(&event.by.host)) };
        format!("**{}**, {}{host}:", self.time(event.at), inline(&event.by.user))
    }

    /// A moment; the date only where it is not the day the session began.
    fn time(&self, time: Time) -> String {
        if time.date_naive() == self.source.session.started.date_naive() {
            time.format("%H:%M:%S UTC").to_string()
        } else {
            words::moment(time)
        }
    }
}

/// What happened to the session itself.
fn journal(page: &mut Page<'_>) {
    let events = page.source.events;
    page.heading(2, "The session itself");
    for event in events {
        let told = super::summary::told(&event.body, &page.names);
        let own = matches!(
            event.body,
            Body::SessionOpened(_)
                | Body::SessionResumed { .. }
                | Body::JournalRecovered { .. }
                | Body::SessionClosed { .. }
                | Body::AsideEntered { .. }
                | Body::AsideLeft { .. }
                | Body::Unknown { .. }
        );
        let general_note = matches!(&event.body, Body::NoteWritten { step: None, .. });
        if general_note {
            step::note(page, event);
        } else if own {
            let quoted = told.quoted.map(|text| format!(": {}", inline(&text))).unwrap_or_default();
            let line = format!("{} {}{quoted}", page.who(event), told.said);
            page.item(&line);
        }
    }
}

/// What the report does not claim.
fn limits(page: &mut Page<'_>) {
    page.heading(2, "What this report does not claim");
    let head = page.source.head.map_or_else(|| "unknown".to_owned(), |head| code(&head.to_string()));
    page.item(&format!(
        "The journal is a chain: a line that was changed, taken out or put in breaks it. It cannot show by itself that lines at its end were taken away, or that all of it was written anew. Whoever keeps this count ({}) and this SHA-256 ({head}) elsewhere, such as in the ticket, can.",
        words::count(page.source.events.len() as u64, "event")
    ));
    page.item("Who did something is the user who was signed in at the console. Nobody proved who sat there.");
    page.item(
        "What was done in windows of the servers is known from the operator's word and from what the servers answered, no more.",
    );
    page.item("An answer of a server is what it said at the time that stands beside it.");
    page.item("Output is shown by its first and last lines; the transcripts beside the journal have all of it that was kept.");
    if page.source.session.opened.rehearsal.is_some() {
        page.item("**This was a rehearsal: no real server took part, and the times are of the rehearsal's clock.**");
    }
}
