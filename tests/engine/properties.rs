//! Whatever the operator and the servers do, in whatever order: nothing panics, what the journal holds adds up to the live
//! session, and the promises of the guard hold.

use chrono::TimeDelta;
use lockstep::engine::{Act, Effect, Hold, Observed};
use lockstep::session::event::{Body, EndState, Outcome, Resolution};
use proptest::prelude::*;
use serde_json::json;

use crate::bench::{Bench, attach, ended, reason};

const RUNBOOK: &str = "## Before {#before}\n\n### Ready {#ready on=new}\n\n- [ ] Item\n\n\
    ```powershell {#list on=old run=auto}\nGet-ADSyncScheduler\n```\n\n```powershell {gate keep=#promote}\n$new.Scheduler.StagingModeEnabled\n```\n\n\
    ### Maybe {#maybe}\n\n```powershell {when}\n$old.Wizard.Open\n```\n\n\
    ## Swap {#swap}\n\n### Out {#out on=old makes=staging}\n\n> [!CAUTION]\n> First.\n\n![Shot](evidence:shot)\n\n\
    ```powershell {gate within=1m}\n$old.Scheduler.StagingModeEnabled\n```\n\n\
    ### Promote {#promote on=new makes=active}\n\n```powershell {#go on=new}\nStart-ADSyncSyncCycle\n```\n\n\
    ```powershell {gate no-waiver keep}\n-not $new.Scheduler.StagingModeEnabled\n```\n\n\
    ## Back {#back .aside reopens=out,promote}\n\n### Undo {#undo on=new makes=staging}\n\n### Redo {#redo on=old makes=active}\n";

const STEPS: [&str; 6] = ["ready", "maybe", "out", "promote", "undo", "redo"];

/// One thing that happens: a kind, and what picks its detail.
fn happening() -> impl Strategy<Value = (u8, u8)> {
    (0_u8..27, any::<u8>())
}

fn do_one(bench: &mut Bench, (kind, pick): (u8, u8)) {
    let server = if pick.is_multiple_of(2) { "old" } else { "new" };
    let flag = pick & 2 == 0;
    let step = STEPS[usize::from(pick) % STEPS.len()];
    let why = if pick.is_multiple_of(5) { String::new() } else { reason() };
    let run = bench.session().runs.last().map_or_else(|| "r0".to_owned(), |run| run.approved.run.clone());
    let act = match kind {
        0 => return bench.set_staging(server, flag),
        1 => return bench.set(server, "/Wizard/Open", if pick < 40 { json!(null) } else { json!(flag) }),
        2 => return bench.set(server, "/Service/Status", if flag { json!("Running") } else { json!("Stopped") }),
        3 => return bench.link(server, flag),
        4 => return bench.pass(i64::from(pick)),
        5 => return bench.answering = flag,
        6 => return bench.answer(),
        7 => return bench.disk = flag,
        8 => return bench.sync(),
        9 => return bench.observe(Observed::Started { run, sha256: "00".into() }),
        10 => {
            let states = [EndState::Completed, EndState::Failed, EndState::Stopped, EndState::Refused, EndState::Interrupted];
            return bench.observe(ended(&run, states[usize::from(pick) % states.len()]));
        }
        11 => {
            let groups = vec![lockstep::rb1::Group::Core, lockstep::rb1::Group::Runs];
            return bench.observe(Observed::ReadFailed { server: server.into(), groups, why });
        }
        12..=15 => match bench.engine.holds().first() {
            Some(Hold::Item(item)) => Act::Toggle(item.clone()),
            Some(Hold::Caution(caution)) => Act::Acknowledge(caution.clone()),
            Some(Hold::Evidence(wanted)) => attach(Some(wanted.as_str())),
            Some(Hold::Interrupted(run)) => Act::Resolve { run: run.clone(), how: Resolution::DidNotRun, reason: why },
            Some(Hold::Running(run)) if flag => Act::Cancel(run.clone()),
            _ => Act::Look,
        },
        16 => Act::Confirm,
        17 => Act::Look,
        18 => Act::Wait,
        19 => Act::Waive(why),
        20 => Act::Applies { applies: flag, reason: why },
        21 => Act::Reopen { step: step.into(), reason: why },
        22 => Act::Run(if flag { "go" } else { "list" }.into()),
        23 => Act::EnterAside { phase: "back".into(), reason: why },
        24 => {
            if flag {
                Act::LeaveAside
            } else {
                Act::StopLooking
            }
        }
        25 => Act::Isolate { server: server.into(), how: why.clone(), checked: why },
        _ => {
            if pick < 16 {
                Act::Close { outcome: Outcome::Aborted, summary: why }
            } else {
                Act::Note(why)
            }
        }
    };
    let _ = bench.act(act);
}

/// A promotion never opens, and is never confirmed or waived, while its guard does not hold.
fn promotions_are_guarded(bench: &Bench) -> bool {
    let guarded = |gates: &[lockstep::session::event::GateRecord]| {
        let guard = gates.iter().find(|gate| gate.gate.as_str() == "guard");
        guard.is_some_and(|guard| guard.lines.iter().all(|line| line.truth.passes()))
    };
    bench.events.iter().all(|event| match &event.body {
        Body::StepOpened { step, looked, .. } if ["promote", "redo"].contains(&step.as_str()) => guarded(looked),
        Body::StepConfirmed(confirmation) | Body::StepWaived { confirmation, .. }
            if ["promote", "redo"].contains(&confirmation.step.as_str()) =>
        {
            !confirmation.guard.is_empty() && confirmation.guard.iter().all(|line| line.truth.passes())
        }
        _ => true,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_adds_up(happenings in prop::collection::vec(happening(), 1..80)) {
        let mut bench = Bench::open(RUNBOOK);
        for one in happenings {
            do_one(&mut bench, one);
        }
        bench.assert_folds();
        prop_assert!(promotions_are_guarded(&bench));
        let closed = bench.events.iter().position(|event| matches!(event.body, Body::SessionClosed { .. }));
        prop_assert!(closed.is_none_or(|at| at + 1 == bench.events.len()), "nothing follows the end");
        // What is sent was approved, and approved once.
        for effect in &bench.effects {
            if let Effect::Run { run, .. } = effect {
                prop_assert_eq!(bench.count(|body| matches!(body, Body::CommandApproved(known) if &known.run == run)), 1);
            }
        }
        let mut bench = bench.come_back(TimeDelta::hours(1));
        bench.pass(60);
        bench.assert_folds();
        let events = bench.events.len();
        bench.answering = true;
        bench.answer();
        bench.pass(60);
        let settled = bench.events.len();
        bench.pass(60);
        prop_assert_eq!(bench.events.len(), settled, "time alone appends nothing ({} events before)", events);
    }
}
