//! Seen at once, done when durable; and a journal that cannot be written.

use lockstep::engine::{Act, Observed};
use lockstep::session::event::EndState;
use lockstep::session::state::StepStatus;

use crate::bench::{Bench, ended};

const TWO: &str = "## A\n\n### One {#one}\n\n```powershell {#go on=old}\nStart-ADSyncSyncCycle\n```\n\n### Two {#two}\n";

#[test]
fn the_next_step_opens_once_the_confirmation_is_durable() {
    let mut bench = Bench::open(TWO);
    bench.disk = false;
    bench.confirm();
    assert_eq!((bench.status("one"), bench.current()), (StepStatus::Confirmed, None), "shown at once");
    assert_eq!(bench.engine.pending_events(), 1);
    bench.pass(60);
    assert_eq!(bench.current(), None);
    bench.sync();
    assert_eq!(bench.current(), Some("two"));
}

#[test]
fn what_waited_for_a_journal_that_failed_never_happens() {
    let mut bench = Bench::open(TWO);
    bench.disk = false;
    bench.act(Act::Run("go".into())).unwrap();
    bench.observe(Observed::JournalFailed("the disk is full".into()));
    bench.sync();
    assert!(bench.sent().is_empty());
    assert!(bench.said("the disk is full"));
    assert_eq!(bench.engine.read_only(), Some("the disk is full"));
}

#[test]
fn nothing_is_recorded_once_the_session_is_read_only() {
    let mut bench = Bench::open(TWO);
    bench.act(Act::Run("go".into())).unwrap();
    let run = bench.sent()[0].clone();
    bench.observe(Observed::JournalFailed("gone".into()));
    let events = bench.events.len();
    assert!(bench.act(Act::Note("n".into())).is_err());
    assert!(bench.act(Act::Look).is_err());
    bench.act(Act::Cancel(run.clone())).unwrap();
    bench.observe(ended(&run, EndState::Stopped));
    bench.set_staging("old", true);
    bench.pass(120);
    assert_eq!((bench.events.len(), bench.current()), (events, Some("one")));
    bench.assert_folds();
}
