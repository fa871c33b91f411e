//! A session directory on a disk that fails or loses power at every call there is: what was acknowledged is never lost, the
//! session opens again, and nothing is taken for recorded that was not.

mod journal_support;

use std::path::Path;
use std::sync::Arc;

use journal_support::disk::{Disk, Fault};
use journal_support::{Filling, event, opened};
use lockstep::io::attachments::{keep_text, path_of};
use lockstep::io::journal::JournalFile;
use lockstep::io::session_dir::{Access, OpenSession, Sessions, Trouble};
use lockstep::session::event::{Attachment, Body, Event};
use lockstep::session::line::{Digest, Ending, Journal};
use proptest::prelude::*;

const RUNBOOK: &[u8] = b"# Swap the active role\n";

fn sessions(disk: &Disk) -> Sessions {
    Sessions::on(Arc::new(disk.clone()), Path::new("/data"))
}

fn opening() -> Body {
    let Body::SessionOpened(mut session) = opened("s1", &Filling::plain()) else { unreachable!("it opens") };
    session.runbook.sha256 = Digest::of(RUNBOOK).to_string();
    Body::SessionOpened(session)
}

fn note(seq: u64) -> Event {
    let text = "x".repeat(usize::try_from(seq * 157 % 900).expect("small"));
    event(seq, Body::NoteWritten { note: format!("n{seq}"), step: None, text })
}

/// Events and attachments that somebody was told are recorded.
#[derive(Debug, Default)]
struct Acknowledged {
    events: Vec<Event>,
    attachments: Vec<(String, &'static str, String)>,
}

impl Acknowledged {
    /// Writes events in one batch; they count once that is durable.
    fn commit(&mut self, journal: &mut JournalFile, events: Vec<Event>) -> Option<()> {
        for event in &events {
            journal.stage(event).ok()?;
        }
        journal.commit().ok()?;
        self.events.extend(events);
        Some(())
    }
}

/// A session as it is lived: made, written in batches, an attachment added, closed, opened again, gone on with. Stops at the
/// first call that fails.
fn live(disk: &Disk, told: &mut Acknowledged) -> Option<()> {
    let session = sessions(disk).create("s1", RUNBOOK, "anna").ok()?;
    let Access::Write { mut journal, lock, .. } = session.access else { return None };
    told.commit(&mut journal, vec![event(0, opening())])?;
    told.commit(&mut journal, (1..5).map(note).collect())?;
    let text = "StagingModeEnabled : False";
    let kept = keep_text(disk, &session.dir, text).ok()?;
    told.attachments.push((kept.sha256.clone(), kept.kind, text.to_owned()));
    let added = Attachment {
        attachment: "a1".into(),
        step: "stage-old".into(),
        wanted: None,
        sha256: kept.sha256,
        bytes: kept.bytes,
        kind: kept.kind.into(),
        name: kept.name,
    };
    told.commit(&mut journal, vec![event(5, Body::AttachmentAdded(added))])?;
    drop((journal, lock));
    let session = sessions(disk).open("s1", "anna").ok()?;
    let Access::Write { mut journal, lock: _lock, .. } = session.access else { return None };
    told.commit(&mut journal, (6..16).map(note).collect())
}

/// What must hold whenever the disk is well again.
fn check(disk: &Disk, told: &Acknowledged) -> Result<(), String> {
    disk.set(Fault::None);
    let OpenSession { dir, events, access, .. } = match sessions(disk).open("s1", "anna") {
        Ok(session) => session,
        Err(Trouble::NeverBegan(_) | Trouble::NotFound { .. }) if told.events.is_empty() => return Ok(()),
        Err(trouble) => return Err(trouble.to_string()),
    };
    let Access::Write { mut journal, lock, recovered } = access else { return Err("not writable".into()) };
    if !events.starts_with(&told.events) {
        return Err(format!("{} events of {} acknowledged ones", events.len(), told.events.len()));
    }
    for (sha256, kind, text) in &told.attachments {
        if disk.bytes(&path_of(&dir, sha256, kind)).as_deref() != Some(text.as_bytes()) {
            return Err(format!("the attachment {sha256} is lost"));
        }
    }
    for (event, number) in events.iter().zip(0..) {
        let expected = match number {
            0 => event.body == opening(),
            5 => matches!(event.body, Body::AttachmentAdded(_)),
            _ => matches!(event.body, Body::JournalRecovered { .. }) || *event == note(number),
        };
        if !expected {
            return Err(format!("event {number} is not one that was written: {:?}", event.body));
        }
    }
    // The session goes on, and what was cut is told once.
    let mut seq = journal.events();
    for cut in &recovered {
        let kept = disk.bytes(&dir.path().join(&cut.kept_as)).ok_or("the torn end was not kept")?;
        if Digest::of(&kept).to_string() != cut.sha256 {
            return Err("the torn end was kept wrong".into());
        }
        journal.stage(&event(seq, cut.body())).map_err(|failed| failed.0)?;
        seq += 1;
    }
    journal.stage(&note(seq)).and_then(|()| journal.commit()).map_err(|failed| failed.0)?;
    let bytes = disk.bytes(&dir.journal()).ok_or("no journal")?;
    let read = Journal::read(&bytes);
    if read.ending != Ending::Intact || read.chain.head() != journal.head() {
        return Err(format!("it ends {:?}", read.ending));
    }
    drop((journal, lock));
    match sessions(disk).open("s1", "anna").map_err(|trouble| trouble.to_string())?.access {
        Access::Write { recovered, .. } if recovered.is_empty() => Ok(()),
        other => Err(format!("opened once more: {other:?}")),
    }
}

#[test]
fn a_call_that_fails_once_loses_nothing_that_was_acknowledged() {
    for call in 1..500 {
        let disk = Disk::new(Fault::Once(call));
        let mut told = Acknowledged::default();
        let finished = live(&disk, &mut told).is_some();
        let struck = disk.has_failed();
        check(&disk, &told).unwrap_or_else(|why| panic!("call {call}: {why}"));
        if !struck {
            assert!(finished && told.events.len() == 16 && call > 30);
            return;
        }
    }
    panic!("it never succeeds");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_power_cut_at_any_call_keeps_every_acknowledged_event(
        call in 1u64..70,
        again in 1u64..30,
        picks in prop::collection::vec(any::<usize>(), 64),
    ) {
        let mut picks = picks.into_iter().cycle();
        let mut pick = move |ways: usize| picks.next().unwrap_or_default() % ways;
        let disk = Disk::new(Fault::From(call));
        let mut told = Acknowledged::default();
        live(&disk, &mut told);
        let disk = disk.after_power_cut(&mut pick);
        // The power goes once more while the session is opened, which is when a torn end is cut.
        disk.set(Fault::From(again));
        drop(sessions(&disk).open("s1", "anna"));
        let disk = disk.after_power_cut(&mut pick);
        if let Err(why) = check(&disk, &told) {
            return Err(TestCaseError::fail(why));
        }
    }
}

#[test]
fn a_failed_write_is_never_tried_again() {
    let later =
        [(1, "cannot be looked at"), (2, "cannot be written"), (3, "cannot be synced")].map(|(ahead, what)| (1, ahead, what));
    let first = [1, 2, 3, 4].map(|ahead| (0, ahead, "the session's directory cannot be made durable"));
    for (before, ahead, what) in first.into_iter().chain(later) {
        let disk = Disk::new(Fault::None);
        let session = sessions(&disk).create("s1", RUNBOOK, "anna").expect("a session");
        let Access::Write { mut journal, .. } = session.access else { panic!("writable") };
        for seq in 0..before {
            journal.stage(&if seq == 0 { event(0, opening()) } else { note(seq) }).expect("staged");
            journal.commit().expect("written");
        }
        disk.set(Fault::Once(ahead));
        journal.stage(&if before == 0 { event(0, opening()) } else { note(before) }).expect("staged");
        let failed = journal.commit().expect_err("the disk failed");
        assert!(failed.0.contains(what), "{failed}");
        let left = disk.bytes(&session.dir.journal());
        assert_eq!(journal.commit(), Err(failed.clone()));
        assert_eq!(journal.stage(&note(before + 1)), Err(failed));
        assert_eq!(disk.bytes(&session.dir.journal()), left);
    }
}

#[test]
fn another_writer_is_noticed_before_anything_is_written() {
    use lockstep::io::storage::Storage as _;
    let disk = Disk::new(Fault::None);
    let session = sessions(&disk).create("s1", RUNBOOK, "anna").expect("a session");
    let Access::Write { mut journal, .. } = session.access else { panic!("writable") };
    disk.open(&session.dir.journal()).and_then(|mut file| file.append(b"x")).expect("written");
    journal.stage(&event(0, opening())).expect("staged");
    let failed = journal.commit().expect_err("somebody wrote");
    assert_eq!(failed.0, "journal.jsonl has 1 bytes where 0 were written: another program writes it");
    assert_eq!(disk.bytes(&session.dir.journal()).as_deref(), Some(&b"x"[..]));
}
