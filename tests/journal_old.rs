//! Journals of every release that ever wrote one: they are read, folded and reported for ever. A file in
//! `fixtures/journals` is never changed; a new release adds one.

mod journal_support;

use std::collections::BTreeSet;

use journal_support::{journal_of, story};
use lockstep::session::Session;
use lockstep::session::event::Outcome;
use lockstep::session::line::{Ending, Journal, KINDS};
use lockstep::session::state::{RunStatus, StepStatus};

const V1: &[u8] = include_bytes!("fixtures/journals/v1.jsonl");

#[test]
fn the_first_journal_is_read_as_it_was_meant() {
    let journal = Journal::read(V1);
    assert_eq!(journal.ending, Ending::Intact);
    let written = story::events();
    assert_eq!(journal.events.len(), written.len());
    for (read, written) in journal.events.iter().zip(&written) {
        assert_eq!(read, written);
    }
    let head = journal.chain.head().expect("a head").to_string();
    assert_eq!(head, "13ab5c1d3e00227d9ea9d2f019bc2808495a1cd278540cf516f2a68afabda918");
}

#[test]
fn this_program_writes_the_same_bytes() {
    assert!(journal_of(&story::events()) == V1, "the format of version 1 has changed");
}

#[test]
fn every_kind_is_in_it() {
    let journal = Journal::read(V1);
    let kinds: BTreeSet<&str> = journal.events.iter().map(|event| event.body.kind()).collect();
    let expected: BTreeSet<&str> = KINDS.iter().copied().chain(["moon_phase"]).collect();
    assert_eq!(kinds, expected);
}

#[test]
fn it_folds_to_what_happened() {
    let journal = Journal::read(V1);
    let session = Session::fold(&journal.events).expect("a session");
    let status = |step: &str| session.status(&step.into());
    assert_eq!(status("ready"), StepStatus::Confirmed);
    assert_eq!(status("health"), StepStatus::Skipped);
    assert_eq!(status("stage-old"), StepStatus::Reopened);
    assert_eq!(status("back"), StepStatus::Confirmed);
    let runs: Vec<RunStatus> = session.runs.iter().map(lockstep::session::state::RunState::status).collect();
    assert!(matches!(runs[..], [RunStatus::Ended(_), RunStatus::Resolved(_)]));
    assert_eq!(session.results["connectors"].records.len(), 2);
    assert_eq!(session.attachments.iter().filter(|kept| kept.withdrawn.is_none()).count(), 1);
    assert!(session.isolated.is_empty() && session.findings.len() == 1);
    assert_eq!(session.unknown.len(), 1);
    assert_eq!(session.closed.as_ref().map(|closed| closed.outcome), Some(Outcome::RolledBack));
}
