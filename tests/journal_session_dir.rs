//! Session directories on the real disk: made, locked, found, listed; the writer's thread; attachments.

mod journal_support;

use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;

use journal_support::{Filling, event, opened, time};
use lockstep::io::attachments::{NotKept, keep_file, keep_text, path_of};
use lockstep::io::journal::{JournalFile, JournalNews, JournalWriter};
use lockstep::io::lock::Lock;
use lockstep::io::session_dir::{Access, OpenSession, Sessions, Trouble, WhyReadOnly, new_id};
use lockstep::io::storage::LocalDisk;
use lockstep::session::event::{Body, Event, Outcome};
use lockstep::session::line::Digest;

const RUNBOOK: &[u8] = b"# Swap the active role\n";

fn opening(id: &str) -> Event {
    let Body::SessionOpened(mut session) = opened(id, &Filling::plain()) else { unreachable!("it opens") };
    session.runbook.sha256 = Digest::of(RUNBOOK).to_string();
    event(0, Body::SessionOpened(session))
}

fn note(seq: u64) -> Event {
    event(seq, Body::NoteWritten { note: format!("n{seq}"), step: None, text: "the window is open".into() })
}

fn writable(session: OpenSession) -> (JournalFile, Lock) {
    match session.access {
        Access::Write { journal, lock, .. } => (journal, lock),
        Access::ReadOnly(why) => panic!("read-only: {why:?}"),
    }
}

/// A session with an opening and some notes.
fn begun(data: &Path, id: &str, notes: u64) {
    let session = Sessions::of(data).create(id, RUNBOOK, "anna@PAW7").expect("made");
    let (mut journal, _lock) = writable(session);
    journal.stage(&opening(id)).expect("staged");
    for seq in 1..=notes {
        journal.stage(&note(seq)).expect("staged");
    }
    journal.commit().expect("written");
}

#[test]
fn ids_sort_by_time_and_differ() {
    let (earlier, later) = (time("2026-11-21T03:00:00Z"), time("2026-11-21T13:00:00Z"));
    let ids = [new_id(earlier), new_id(earlier), new_id(later)].map(|id| id.expect("an id"));
    assert!(ids[0] != ids[1] && ids[0] < ids[2] && ids[1] < ids[2]);
    assert!(ids[0].starts_with("20261121-030000-"));
    assert!(Sessions::of(Path::new("/x")).dir(&ids[0]).is_ok());
}

#[test]
fn an_id_never_leads_out_of_the_directory() {
    let sessions = Sessions::of(Path::new("/data"));
    for id in ["", ".", "..", "../x", "a/b", "a\\b", "C:", "a b", "é", "a\n", &"a".repeat(65)] {
        assert!(matches!(sessions.dir(id), Err(Trouble::NoId(_))), "{id:?}");
    }
}

#[test]
fn what_was_written_is_there_when_it_is_opened_again() {
    let data = tempfile::tempdir().expect("a directory");
    begun(data.path(), "s1", 3);
    let session = Sessions::of(data.path()).open("s1", "anna").expect("opened");
    assert_eq!(session.events, [opening("s1"), note(1), note(2), note(3)]);
    assert_eq!(session.runbook, RUNBOOK);
    let journal = fs::read(session.dir.journal()).expect("a journal");
    let last = journal.split(|byte| *byte == b'\n').rev().nth(1).expect("a line");
    assert_eq!(session.head, Some(Digest::of(last)));
}

#[test]
fn a_second_opener_only_looks_until_the_first_is_gone() {
    let data = tempfile::tempdir().expect("a directory");
    begun(data.path(), "s1", 1);
    let sessions = Sessions::of(data.path());
    let first = sessions.open("s1", "anna@PAW7, process 4711").expect("opened");
    let second = sessions.open("s1", "otto@PAW8").expect("looked at");
    assert_eq!(second.events.len(), 2);
    match second.access {
        Access::ReadOnly(why) => assert_eq!(why, WhyReadOnly::Held(Some("anna@PAW7, process 4711".into()))),
        Access::Write { .. } => panic!("two writers"),
    }
    assert_eq!(sessions.list().expect("a list")[0].held.as_deref(), Some("anna@PAW7, process 4711"));
    drop(first);
    assert_eq!(sessions.list().expect("a list")[0].held, None);
    writable(sessions.open("s1", "otto@PAW8").expect("opened"));
}

#[test]
fn a_directory_that_cannot_be_made_is_said_with_what_to_do() {
    let data = tempfile::tempdir().expect("a directory");
    let file = data.path().join("file");
    fs::write(&file, "x").expect("written");
    let trouble = Sessions::of(&file).create("s1", RUNBOOK, "anna").expect_err("no directory");
    let words = trouble.to_string();
    assert!(words.contains("sessions cannot be written: ") && words.contains("--data-dir"), "{words}");
    begun(data.path(), "s1", 0);
    assert!(Sessions::of(data.path()).create("s1", RUNBOOK, "anna").is_err());
}

#[test]
fn one_bad_session_does_not_hide_the_others() {
    let data = tempfile::tempdir().expect("a directory");
    for id in ["s1", "s2", "s3", "s4"] {
        begun(data.path(), id, 2);
    }
    let at = |path: &str| data.path().join("sessions").join(path);
    let journal = fs::read_to_string(at("s2/journal.jsonl")).expect("a journal");
    fs::write(at("s2/journal.jsonl"), journal.replacen("the window is open", "the window is shut", 1)).expect("written");
    fs::write(at("s3/runbook.md"), "# Another\n").expect("written");
    fs::create_dir(at("s5")).expect("made");
    fs::write(at("not-a-session"), "").expect("written");
    let list = Sessions::of(data.path()).list().expect("a list");
    let found: Vec<(String, String)> = list
        .into_iter()
        .map(|listed| {
            (listed.id, listed.session.map_or_else(|trouble| trouble.to_string(), |session| session.events.len().to_string()))
        })
        .collect();
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["not-a-session", "s1", "s2", "s3", "s4", "s5"]);
    for (number, words) in [(1, "3"), (2, "line 2 is damaged"), (3, "not the runbook"), (4, "3"), (5, "never began")] {
        assert!(found[number].1.contains(words), "{:?}", found[number]);
    }
    assert!(matches!(Sessions::of(data.path()).open("s2", "anna"), Err(Trouble::Damaged { .. })));
}

#[test]
fn a_session_is_found_by_the_beginning_of_its_id() {
    let data = tempfile::tempdir().expect("a directory");
    let sessions = Sessions::of(data.path());
    assert!(matches!(sessions.find(None), Err(Trouble::NotFound { wanted: None, .. })));
    for id in ["20261120-1", "20261121-1", "20261121-12"] {
        begun(data.path(), id, 0);
    }
    assert_eq!(sessions.find(None).expect("the newest"), "20261121-12");
    assert_eq!(sessions.find(Some("20261120")).expect("one"), "20261120-1");
    assert_eq!(sessions.find(Some("20261121-1")).expect("the exact one"), "20261121-1");
    let several = sessions.find(Some("20261121")).expect_err("two").to_string();
    assert_eq!(several, "2 sessions begin with \"20261121\": 20261121-1, 20261121-12; give more of the id");
    assert!(matches!(sessions.find(Some("2025")), Err(Trouble::NotFound { .. })));
}

#[test]
fn what_goes_on_is_the_newest_session_that_is_not_closed() {
    let data = tempfile::tempdir().expect("a directory");
    let sessions = Sessions::of(data.path());
    assert!(matches!(sessions.find_unfinished(), Err(Trouble::NotFound { wanted: None, .. })));
    let close = |id: &str| {
        let (mut journal, _lock) = writable(sessions.open(id, "anna@PAW7").expect("opened"));
        let closed = Body::SessionClosed { outcome: Outcome::Completed, summary: "done".into() };
        journal.stage(&event(2, closed)).expect("staged");
        journal.commit().expect("written");
    };
    for id in ["s1", "s2", "s3"] {
        begun(data.path(), id, 1);
    }
    close("s3");
    assert_eq!(sessions.find_unfinished().expect("one goes on"), "s2");
    close("s1");
    close("s2");
    assert_eq!(sessions.find_unfinished().expect("the newest, to look at"), "s3");
    begun(data.path(), "s4", 1);
    fs::write(data.path().join("sessions/s4/journal.jsonl"), "{\"not\": \"ours\"}\n").expect("written over");
    assert_eq!(sessions.find_unfinished().expect("its trouble is to be told"), "s4");
}

#[test]
fn a_torn_end_is_cut_kept_and_told() {
    let data = tempfile::tempdir().expect("a directory");
    begun(data.path(), "s1", 2);
    let path = data.path().join("sessions/s1/journal.jsonl");
    let whole = fs::read(&path).expect("a journal");
    fs::write(&path, &whole[..whole.len() - 7]).expect("cut");
    let sessions = Sessions::of(data.path());
    assert_eq!(sessions.read("s1").expect("looked at").events.len(), 2);
    assert_eq!(fs::read(&path).expect("a journal").len(), whole.len() - 7);
    for _ in 0..2 {
        let session = sessions.open("s1", "anna").expect("opened");
        let Access::Write { recovered, .. } = session.access else { panic!("writable") };
        let [cut] = recovered.as_slice() else { panic!("told: {recovered:?}") };
        let kept = fs::read(data.path().join("sessions/s1").join(&cut.kept_as)).expect("kept");
        assert!(whole.ends_with(&[&kept[..], &whole[whole.len() - 7..]].concat()));
        assert_eq!((cut.dropped_bytes, cut.sha256.clone()), (kept.len() as u64, Digest::of(&kept).to_string()));
    }
}

#[test]
fn a_later_format_opens_read_only() {
    let data = tempfile::tempdir().expect("a directory");
    begun(data.path(), "s1", 1);
    let path = data.path().join("sessions/s1/journal.jsonl");
    let mut bytes = fs::read(&path).expect("a journal");
    bytes.extend_from_slice(b"{\"v\":2}\n");
    fs::write(&path, &bytes).expect("written");
    let session = Sessions::of(data.path()).open("s1", "anna").expect("looked at");
    assert!(matches!(session.access, Access::ReadOnly(WhyReadOnly::Newer { line: 3, v: 2 })));
    assert_eq!(fs::read(&path).expect("a journal"), bytes);
}

#[test]
fn the_thread_writes_in_order_and_tells_how_far_it_is() {
    let data = tempfile::tempdir().expect("a directory");
    let session = Sessions::of(data.path()).create("s1", RUNBOOK, "anna").expect("made");
    let (journal, _lock) = writable(session);
    let (tell, told) = channel();
    let writer = JournalWriter::start(journal, move |news| tell.send(news).expect("heard")).expect("a thread");
    writer.append(opening("s1"));
    for seq in 1..500 {
        writer.append(note(seq));
    }
    let journal = writer.finish().expect("written");
    let told: Vec<JournalNews> = told.iter().collect();
    let durable: Vec<u64> =
        told.iter().map(|news| if let JournalNews::Durable { seq, .. } = news { *seq } else { panic!("{news:?}") }).collect();
    assert!(durable.is_sorted_by(|a, b| a < b) && durable.last() == Some(&499));
    assert!(matches!(told.last(), Some(JournalNews::Durable { head, .. }) if Some(*head) == journal.head()));
    assert_eq!(Sessions::of(data.path()).read("s1").expect("read").events.len(), 500);
}

#[test]
fn the_thread_tells_a_failure_once() {
    let data = tempfile::tempdir().expect("a directory");
    let session = Sessions::of(data.path()).create("s1", RUNBOOK, "anna").expect("made");
    let path = session.dir.journal();
    let (journal, _lock) = writable(session);
    fs::write(&path, "somebody else's").expect("written");
    let (tell, told) = channel();
    let writer = JournalWriter::start(journal, move |news| tell.send(news).expect("heard")).expect("a thread");
    writer.append(opening("s1"));
    let first = told.recv().expect("told");
    writer.append(note(1));
    assert!(writer.finish().is_err());
    assert!(matches!(first, JournalNews::Failed(why) if why.contains("another program")));
    assert!(told.recv().is_err());
    assert_eq!(fs::read_to_string(&path).expect("a journal"), "somebody else's");
}

#[test]
fn attachments_are_kept_by_their_sha256() {
    let data = tempfile::tempdir().expect("a directory");
    let session = Sessions::of(data.path()).create("s1", RUNBOOK, "anna").expect("made");
    let dir = &session.dir;
    let picture = data.path().join("..odd ; name$(x).txt");
    fs::write(&picture, b"\x89PNG\r\n\x1a\nrest").expect("written");
    let kept = keep_file(&LocalDisk, dir, &picture).expect("kept");
    assert_eq!((kept.kind, kept.bytes, kept.name.as_str()), ("png", 12, "..odd ; name$(x).txt"));
    assert_eq!(fs::read(path_of(dir, &kept.sha256, kept.kind)).expect("there"), b"\x89PNG\r\n\x1a\nrest");
    assert_eq!(keep_file(&LocalDisk, dir, &picture).expect("kept again"), kept);
    let pasted = keep_text(&LocalDisk, dir, "StagingModeEnabled : False").expect("kept");
    assert_eq!((pasted.kind, pasted.name.as_str()), ("txt", "pasted.txt"));
    assert_eq!(fs::read_dir(dir.attachments()).expect("there").count(), 2);
    assert!(matches!(keep_text(&LocalDisk, dir, ""), Err(NotKept::Empty(_))));
}

#[test]
fn what_is_no_file_is_not_attached() {
    let data = tempfile::tempdir().expect("a directory");
    let session = Sessions::of(data.path()).create("s1", RUNBOOK, "anna").expect("made");
    let refused = |path: &Path| keep_file(&LocalDisk, &session.dir, path).expect_err("refused").to_string();
    assert!(refused(data.path()).ends_with("is a directory: give a file"));
    assert!(refused(&data.path().join("missing")).contains("missing cannot be read: "));
    let large = fs::File::create(data.path().join("large")).expect("made");
    large.set_len((64 << 20) + 1).expect("grown");
    assert!(refused(&data.path().join("large")).contains("67108865 bytes; an attachment has at most 67108864 (64 MiB)"));
    #[cfg(unix)]
    {
        let link = data.path().join("link");
        std::os::unix::fs::symlink("/etc/hostname", &link).expect("linked");
        assert!(refused(&link).ends_with("is a link: give the file itself"));
        assert!(refused(Path::new("/dev/zero")).ends_with("is a pipe, socket or device: give a file"));
        let pipe = data.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert!(refused(&pipe).contains("pipe"));
    }
}
