//! How long a session takes to open: `cargo run --release --example journal_speed [EVENTS…]` prints, for journals of so many
//! events, the time to read and verify the lines alone, and to open the session whole: read from the disk with its lock,
//! verified, folded, its runbook parsed, the engine ready to draw the first frame.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lockstep::engine::{Engine, Moment, Opening};
use lockstep::facts::Baselines;
use lockstep::facts::fresh::Intervals;
use lockstep::io::session_dir::{OpenSession, Sessions};
use lockstep::powershell::Value;
use lockstep::runbook::load::load;
use lockstep::session::Session;
use lockstep::session::event::{Body, By, Change, Event, PinnedRunbook, SessionOpened};
use lockstep::session::line::{Chain, Digest, Ending, Journal};

const RUNBOOK: &str = "---\nlockstep: 1\ntitle: Swap\nid: swap\nroles:\n  old: { title: Active, starts: active }\n---\n\n# Swap\n\n## Swap {#swap}\n\n### Into staging {#stage-old}\n\n- [ ] Wizard on EC01\n";
const SESSION: &str = "20261121-030000-abcdef";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let sizes = if asked.is_empty() { vec![1_000, 10_000, 100_000] } else { asked };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:>9} {:>12} {:>9} {:>9} {:>9} {:>9}", "events", "bytes", "write ms", "read ms", "µs/event", "open ms")?;
    for events in sizes {
        let start = Instant::now();
        let bytes = journal(events)?;
        let written = start.elapsed();
        let best = (0..5).map(|_| reading(&bytes, events)).min().unwrap_or_default();
        let each = best.as_secs_f64() * 1e6 / events.max(1).to_string().parse::<f64>()?;
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let home = tempfile::tempdir()?;
        let sessions = Sessions::of(home.path());
        drop(sessions.create(SESSION, RUNBOOK.as_bytes(), "speed")?);
        std::fs::write(sessions.dir(SESSION)?.journal(), &bytes)?;
        let whole = (0..5).map(|_| opened(&sessions)).collect::<Result<Vec<_>, _>>()?.into_iter().min().unwrap_or_default();
        let (write, read, open) = (ms(written), ms(best), ms(whole));
        writeln!(out, "{events:>9} {:>12} {write:>9.1} {read:>9.1} {each:>9.2} {open:>9.1}", bytes.len())?;
    }
    Ok(())
}

/// What `lockstep resume` does before it draws.
fn opened(sessions: &Sessions) -> Result<Duration, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let OpenSession { runbook, events, access, .. } = sessions.open(&sessions.find(None)?, "speed")?;
    let runbook = load("runbook.md", &runbook).runbook.ok_or("a runbook that cannot be read")?;
    let session = Session::fold(&events)?;
    drop(events);
    let opening = Opening {
        runbook: Arc::new(runbook),
        by: By::default(),
        intervals: Intervals::default(),
        baselines: Baselines::default(),
    };
    let moment = Moment { now: session.last_at, wall: session.last_at, mono: 0 };
    let (engine, _) = Engine::resume_folded(opening, session, Vec::new(), moment);
    let time = start.elapsed();
    assert!(engine.resume_report().is_some());
    drop(access);
    Ok(time)
}

fn reading(bytes: &[u8], events: u64) -> Duration {
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
        session: SESSION.into(),
        runbook: PinnedRunbook {
            title: "Swap the active role".into(),
            id: Some("swap".into()),
            version: None,
            path: "swap.md".into(),
            sha256: Digest::of(RUNBOOK.as_bytes()).to_string(),
        },
        servers: Vec::new(),
        inputs: std::collections::BTreeMap::new(),
        rehearsal: None,
    })
}
