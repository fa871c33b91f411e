//! Every kind of event, filled with the same few values: what the tests of the journal read and write.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod disk;
pub mod story;

use std::collections::BTreeMap;

use lockstep::Time;
use lockstep::gate::Truth;
use lockstep::powershell::Value;
use lockstep::runbook::ids::{PartId, StepId};
use lockstep::session::event::*;
use serde_json::json;

/// What a set of events is made of.
#[derive(Debug, Clone)]
pub struct Filling {
    pub text: String,
    pub value: Value,
    pub time: Time,
    pub number: u64,
}

impl Filling {
    pub fn plain() -> Self {
        Self {
            text: "Disable \"staging\" on EC02 \u{2192} näher\n".into(),
            value: Value::Version(lockstep::powershell::Version::parse("2.6.92.0").expect("a version")),
            time: time("2026-11-21T03:00:00.125Z"),
            number: 7,
        }
    }
}

pub fn time(text: &str) -> Time {
    chrono::DateTime::parse_from_rfc3339(text).expect("a time").with_timezone(&chrono::Utc)
}

pub fn opened(session: &str, filling: &Filling) -> Body {
    let text = || filling.text.clone();
    Body::SessionOpened(SessionOpened {
        session: session.into(),
        runbook: PinnedRunbook { title: text(), id: Some(text()), version: None, path: text(), sha256: text() },
        servers: vec![ServerTarget { role: "old".into(), target: text() }],
        inputs: BTreeMap::from([("ticket".into(), filling.value.clone())]),
        rehearsal: Some(Rehearsal { scenario: text(), seed: filling.number }),
    })
}

/// One of every kind, `session_opened` first.
pub fn every_body(session: &str, filling: &Filling) -> Vec<Body> {
    let text = || filling.text.clone();
    let step = || StepId(filling.text.clone());
    let part = || PartId(filling.text.clone());
    let value = || filling.value.clone();
    let number = filling.number;
    let line = LineRecord {
        text: text(),
        truth: Truth::Unknown,
        why: text(),
        seen: vec![SeenFact { path: text(), value: value(), read: Some(filling.time) }],
    };
    let gates = || vec![GateRecord { gate: part(), lines: vec![line.clone()] }];
    let confirmation = || Confirmation {
        step: step(),
        items: vec![part()],
        attachments: vec![text()],
        gates: gates(),
        guard: vec![line.clone()],
    };
    vec![
        opened(session, filling),
        Body::SessionResumed { events: number },
        Body::JournalRecovered { dropped_bytes: number, sha256: text(), kept_as: text() },
        Body::SessionClosed { outcome: Outcome::RolledBack, summary: text() },
        Body::StepOpened { step: step(), looked: gates(), reason: Some("checked by telephone".into()) },
        Body::StepConfirmed(confirmation()),
        Body::StepWaived { confirmation: confirmation(), reason: text() },
        Body::StepReopened { step: step(), reason: text() },
        Body::StepSkipped { step: step(), reason: text(), looked: vec![] },
        Body::ItemTicked { step: step(), item: part() },
        Body::ItemUnticked { step: step(), item: part() },
        Body::CautionAcknowledged { step: step(), caution: part() },
        Body::NoteWritten { note: text(), step: None, text: text() },
        Body::NoteWithdrawn { note: text() },
        Body::AttachmentAdded(Attachment {
            attachment: text(),
            step: step(),
            wanted: Some(part()),
            sha256: text(),
            bytes: number,
            kind: text(),
            name: text(),
        }),
        Body::AttachmentWithdrawn { attachment: text() },
        Body::FormSaved { step: step(), form: part(), values: BTreeMap::from([(text(), value())]) },
        Body::CommandApproved(CommandApproved {
            run: text(),
            step: step(),
            command: part(),
            server: "new".into(),
            target: text(),
            text: text(),
            sha256: text(),
            auto: true,
        }),
        Body::CommandStarted { run: text(), sha256: text() },
        Body::CommandEnded(CommandEnded {
            run: text(),
            state: EndState::Interrupted,
            ms: number,
            errors: number,
            exit: Some(-1),
            why: Some(text()),
            transcript: Transcript { bytes: number, sha256: text(), lines: number, dropped_bytes: 0 },
            output: Output { head: vec![text()], tail: vec![text()], omitted: number },
            results: Some(Results { name: text(), records: vec![value()], dropped: number }),
        }),
        Body::CommandResolved { run: text(), how: Resolution::DidNotRun, reason: text() },
        Body::GateNotPassed { step: step(), gates: gates() },
        Body::ServerObserved { server: "old".into(), changes: vec![Change { path: text(), from: Some(value()), to: value() }] },
        Body::FindingRaised {
            finding: text(),
            severity: "critical".into(),
            text: text(),
            servers: vec!["old".into()],
            expected: true,
        },
        Body::FindingCleared { finding: text() },
        Body::FindingAcknowledged { finding: text() },
        Body::ServerIsolated { server: "old".into(), how: text(), checked: text() },
        Body::IsolationEnded { server: "old".into(), reason: text() },
        Body::AsideEntered { phase: "rollback".into(), from: Some(step()), reason: text() },
        Body::AsideLeft { phase: "rollback".into(), completed: true },
        Body::Unknown { kind: "planet_aligned".into(), data: json!({ "z": [1, null, {"a": text()}], "a": number }) },
    ]
}

/// An event around a body.
pub fn event(seq: u64, body: Body) -> Event {
    let at = time("2026-11-21T03:00:00Z") + chrono::TimeDelta::seconds(i64::try_from(seq).expect("a small number"));
    let by = By { user: "anna".into(), host: "PAW7".into(), program: "lockstep 0.1.0".into() };
    Event { seq, at, wall: at, mono: seq * 1000, by, body }
}

/// The events of a whole session with every kind in it.
pub fn every_event(session: &str, filling: &Filling) -> Vec<Event> {
    (0..).zip(every_body(session, filling)).map(|(seq, body)| event(seq, body)).collect()
}

/// The bytes of a journal with these events.
pub fn journal_of(events: &[Event]) -> Vec<u8> {
    let mut chain = lockstep::session::line::Chain::new();
    events.iter().flat_map(|event| chain.append(event).expect("an event that follows")).collect()
}
