//! How long a journal takes to open: `cargo run --release --example journal_speed [EVENTS…]` prints bytes, time and rate.

use std::io::Write as _;
use std::time::Instant;

use lockstep::powershell::Value;
use lockstep::session::event::{Body, By, Change, Event, PinnedRunbook, SessionOpened};
use lockstep::session::line::{Chain, Ending, Journal};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let sizes = if asked.is_empty() { vec![1_000, 10_000, 100_000] } else { asked };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:>9} {:>12} {:>10} {:>10} {:>9}", "events", "bytes", "write ms", "read ms", "µs/event")?;
    for events in sizes {
        let start = Instant::now();
        let bytes = journal(events)?;
        let written = start.elapsed();
        let best = (0..3).map(|_| reading(&bytes, events)).min().unwrap_or_default();
        let each = best.as_secs_f64() * 1e6 / events.max(1).to_string().parse::<f64>()?;
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        writeln!(out, "{events:>9} {:>12} {:>10.1} {:>10.1} {each:>9.2}", bytes.len(), ms(written), ms(best))?;
    }
    Ok(())
}

fn reading(bytes: &[u8], events: u64) -> std::time::Duration {
    let start = Instant::now();
    let journal = Journal::read(bytes);
    let time = start.elapsed();
    assert_eq!(journal.ending, Ending::Intact);
    assert_eq!(journal.chain.events(), events);
    time
}

/// A journal of observations, notes and ticks, as a long session has them.
fn journal(events: u64) -> Result<Vec<u8>, String> {
    let mut chain = Chain::new();
    let mut bytes = Vec::new();
    for seq in 0..events {
        let body = match seq % 4 {
            0 if seq == 0 => opening(),
            0 => Body::NoteWritten { note: format!("n{seq}"), step: Some("stage-old".into()), text: "the window is open".into() },
            1 => Body::ItemTicked { step: "stage-old".into(), item: "item:wizard on EC01".into() },
            _ => Body::ServerObserved {
                server: "old".into(),
                changes: vec![Change {
                    path: "Scheduler.SyncCycleInProgress".into(),
                    from: Some(Value::Bool(seq % 2 == 0)),
                    to: Value::Bool(seq % 2 == 1),
                }],
            },
        };
        let at = chrono::DateTime::from_timestamp_millis(1_800_000_000_000).unwrap_or_default()
            + chrono::TimeDelta::milliseconds(i64::try_from(seq).unwrap_or_default() * 137);
        let by = By { user: "CONTOSO\\anna".into(), host: "PAW7".into(), program: "lockstep 0.1.0".into() };
        bytes.extend(chain.append(&Event { seq, at, wall: at, mono: seq * 137, by, body })?);
    }
    Ok(bytes)
}

fn opening() -> Body {
    Body::SessionOpened(SessionOpened {
        session: "speed".into(),
        runbook: PinnedRunbook {
            title: "Swap the active role".into(),
            id: Some("swap".into()),
            version: None,
            path: "swap.md".into(),
            sha256: String::new(),
        },
        servers: Vec::new(),
        inputs: std::collections::BTreeMap::new(),
        rehearsal: None,
    })
}
