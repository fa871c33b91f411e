//! A session as it may go on a bad night, with every kind of event in it: the journal of `fixtures/journals/v1.jsonl`.

use std::collections::BTreeMap;

use lockstep::Time;
use lockstep::gate::Truth;
use lockstep::powershell::{Record, Value};
use lockstep::runbook::ids::{PartId, StepId};
use lockstep::runbook::load::load;
use lockstep::runbook::model::Runbook;
use lockstep::session::event::*;
use lockstep::session::line::Digest;
use serde_json::json;

use super::time;

/// The runbook it ran on.
pub const RUNBOOK: &str = include_str!("../fixtures/journals/v1.md");

pub fn runbook() -> Runbook {
    // What a later lint says of an old runbook does not matter: its session goes on.
    load("v1.md", RUNBOOK.as_bytes()).runbook.expect("a runbook")
}

fn sha(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

/// Parts of a step in document order: items, then cautions, commands, gates, wanted evidence.
struct Parts {
    items: Vec<PartId>,
    cautions: Vec<PartId>,
    commands: Vec<(PartId, String)>,
    gates: Vec<PartId>,
    wanted: Vec<PartId>,
}

fn parts(runbook: &Runbook, step: &str) -> Parts {
    let (_, step) = runbook.step(&StepId::from(step)).expect("a step");
    Parts {
        items: step.items().into_iter().map(|item| item.id.clone()).collect(),
        cautions: step.alerts().map(|alert| alert.id.clone()).collect(),
        commands: step.commands().map(|command| (command.id.clone(), command.text.clone())).collect(),
        gates: step.gates().map(|gate| gate.id.clone()).collect(),
        wanted: step.wanted().map(|wanted| wanted.id.clone()).collect(),
    }
}

fn seen(path: &str, value: impl Into<Value>, read: &str) -> SeenFact {
    SeenFact { path: path.into(), value: value.into(), read: Some(time(read)) }
}

fn line(text: &str, truth: Truth, why: &str, seen: Vec<SeenFact>) -> LineRecord {
    LineRecord { text: text.into(), truth, why: why.into(), seen }
}

fn change(path: &str, from: Option<Value>, to: impl Into<Value>) -> Change {
    Change { path: path.into(), from, to: to.into() }
}

fn observed(server: &str, changes: Vec<Change>) -> Body {
    Body::ServerObserved { server: server.into(), changes }
}

fn approved(run: &str, step: &str, command: &(PartId, String), server: &str, target: &str) -> Body {
    Body::CommandApproved(CommandApproved {
        run: run.into(),
        step: step.into(),
        command: command.0.clone(),
        server: server.into(),
        target: target.into(),
        text: command.1.clone(),
        sha256: sha(&command.1),
        auto: false,
    })
}

/// The events. The program ends without a word in the middle of a command, and is started again.
pub fn events() -> Vec<Event> {
    let bodies = opening().into_iter().chain(ready()).chain(swap()).chain(back()).chain(end());
    let begin: Time = time("2026-11-21T21:30:00Z");
    (0..)
        .zip(bodies)
        .map(|(seq, body)| {
            let at = begin + chrono::TimeDelta::milliseconds(i64::try_from(seq).expect("small") * 41_250);
            let by = By { user: "CONTOSO\\anna".into(), host: "PAW7".into(), program: "lockstep 0.1.0".into() };
            Event { seq, at, wall: at, mono: seq * 41_250, by, body }
        })
        .collect()
}

fn opening() -> Vec<Body> {
    let target = |role: &str, target: &str| ServerTarget { role: role.into(), target: target.into() };
    vec![
        Body::SessionOpened(SessionOpened {
            session: "20261121-213000-5eed01".into(),
            runbook: PinnedRunbook {
                title: "Swap the active role".into(),
                id: Some("swap".into()),
                version: Some("1.0.0".into()),
                path: "C:\\runbooks\\swap.md".into(),
                sha256: sha(RUNBOOK),
            },
            servers: vec![target("old", "winrm://ec01"), target("new", "ssh://anna@ec02")],
            inputs: BTreeMap::from([
                ("share".into(), Value::from("\\\\fs01\\adsync")),
                ("ticket".into(), Value::from("CHG0045871")),
            ]),
            rehearsal: None,
        }),
        observed("old", vec![change("Host", None, "EC01"), change("Scheduler.StagingModeEnabled", None, false)]),
        observed("new", vec![change("Host", None, "EC02"), change("Scheduler.StagingModeEnabled", None, true)]),
        Body::FindingRaised {
            finding: "version-end-of-life".into(),
            severity: "warning".into(),
            text: "EC01 runs 2.3.20.0, which is out of support".into(),
            servers: vec!["old".into()],
            expected: false,
        },
        Body::FindingAcknowledged { finding: "version-end-of-life".into() },
        Body::NoteWritten { note: "n1".into(), step: None, text: "window opened by @servicedesk, see #4711".into() },
    ]
}

fn ready() -> Vec<Body> {
    let runbook = runbook();
    let ready = parts(&runbook, "ready");
    let step = || StepId::from("ready");
    let gate = |idle: LineRecord| {
        let staging = line(
            "$new.Scheduler.StagingModeEnabled",
            Truth::True,
            "",
            vec![seen("$new.Scheduler.StagingModeEnabled", true, "2026-11-21T21:36:50Z")],
        );
        vec![GateRecord { gate: ready.gates[0].clone(), lines: vec![staging, idle] }]
    };
    let record = |name: &str, kind: &str| Value::Object(Record::new().with("Name", name).with("Type", kind));
    vec![
        Body::StepOpened { step: step(), looked: vec![], reason: None },
        Body::ItemTicked { step: step(), item: ready.items[1].clone() },
        Body::ItemUnticked { step: step(), item: ready.items[1].clone() },
        Body::ItemTicked { step: step(), item: ready.items[0].clone() },
        Body::FormSaved {
            step: step(),
            form: "signin".into(),
            values: BTreeMap::from([("method".into(), Value::from("password hash"))]),
        },
        approved("r1", "ready", &ready.commands[0], "new", "ssh://anna@ec02"),
        Body::CommandStarted { run: "r1".into(), sha256: sha(&ready.commands[0].1) },
        Body::CommandEnded(CommandEnded {
            run: "r1".into(),
            state: EndState::Completed,
            ms: 412,
            errors: 0,
            exit: None,
            why: None,
            transcript: Transcript { bytes: 214, sha256: sha("transcript r1"), lines: 120, dropped_bytes: 0 },
            output: Output {
                head: vec!["Name                     Type".into(), "----                     ----".into()],
                tail: vec!["contoso.onmicrosoft.com  Extensible2".into()],
                omitted: 117,
            },
            results: Some(Results {
                name: "connectors".into(),
                records: vec![record("contoso.com", "AD"), record("contoso.onmicrosoft.com", "Extensible2")],
                dropped: 0,
            }),
        }),
        Body::GateNotPassed {
            step: step(),
            gates: gate(line(
                "$old.Idle",
                Truth::Unknown,
                "EC01 did not answer",
                vec![SeenFact { path: "$old.Idle".into(), value: Value::unknown("EC01 did not answer"), read: None }],
            )),
        },
        Body::StepConfirmed(Confirmation {
            step: step(),
            items: vec![ready.items[0].clone()],
            attachments: vec![],
            gates: gate(line("$old.Idle", Truth::True, "", vec![seen("$old.Idle", true, "2026-11-21T21:40:02Z")])),
            guard: vec![],
        }),
        Body::StepSkipped {
            step: "health".into(),
            reason: "its condition is False".into(),
            looked: vec![GateRecord {
                gate: "when".into(),
                lines: vec![line(
                    "$new.Scheduler.SyncCycleEnabled",
                    Truth::False,
                    "",
                    vec![seen("$new.Scheduler.SyncCycleEnabled", false, "2026-11-21T21:41:00Z")],
                )],
            }],
        },
    ]
}

fn swap() -> Vec<Body> {
    let runbook = runbook();
    let stage = parts(&runbook, "stage-old");
    let step = || StepId::from("stage-old");
    let attachment = |id: &str, kind: &str, name: &str, wanted: Option<PartId>| {
        Body::AttachmentAdded(Attachment {
            attachment: id.into(),
            step: step(),
            wanted,
            sha256: sha(name),
            bytes: 48_213,
            kind: kind.into(),
            name: name.into(),
        })
    };
    vec![
        Body::StepOpened { step: step(), looked: vec![], reason: None },
        Body::CautionAcknowledged { step: step(), caution: stage.cautions[0].clone() },
        approved("r2", "stage-old", &stage.commands[0], "old", "winrm://ec01"),
        Body::CommandStarted { run: "r2".into(), sha256: sha(&stage.commands[0].1) },
        Body::SessionResumed { events: 21 },
        Body::JournalRecovered { dropped_bytes: 187, sha256: sha("torn"), kept_as: "journal.torn-9812".into() },
        Body::CommandResolved {
            run: "r2".into(),
            how: Resolution::Finished,
            reason: "Get-ADSyncScheduler on EC01 says SyncCycleEnabled False".into(),
        },
        Body::ItemTicked { step: step(), item: stage.items[0].clone() },
        Body::ItemTicked { step: step(), item: stage.items[1].clone() },
        attachment("a1", "txt", "pasted.txt", None),
        Body::AttachmentWithdrawn { attachment: "a1".into() },
        attachment("a2", "png", "wizard | last `page`.png", Some(stage.wanted[0].clone())),
        Body::NoteWritten {
            note: "n2".into(),
            step: Some(step()),
            text: "The wizard said:\n```\n<b>Configuration complete</b>\n```\nEC01 is in staging now.".into(),
        },
        Body::NoteWritten { note: "n3".into(), step: Some(step()), text: "wrong server".into() },
        Body::NoteWithdrawn { note: "n3".into() },
        observed("old", vec![change("Scheduler.StagingModeEnabled", Some(Value::Bool(false)), true)]),
        Body::FindingRaised {
            finding: "none-active".into(),
            severity: "critical".into(),
            text: "No server is active: nothing is exported".into(),
            servers: vec!["old".into(), "new".into()],
            expected: true,
        },
        Body::StepWaived {
            confirmation: Confirmation {
                step: step(),
                items: stage.items.clone(),
                attachments: vec!["a2".into()],
                gates: vec![GateRecord {
                    gate: stage.gates[0].clone(),
                    lines: vec![
                        line(
                            "$old.Scheduler.StagingModeEnabled",
                            Truth::True,
                            "",
                            vec![seen("$old.Scheduler.StagingModeEnabled", true, "2026-11-21T21:54:10Z")],
                        ),
                        line(
                            "-not $old.Wizard.Open",
                            Truth::False,
                            "",
                            vec![seen("$old.Wizard.Open", true, "2026-11-21T21:54:10Z")],
                        ),
                    ],
                }],
                guard: vec![line(
                    "$new is in staging",
                    Truth::True,
                    "",
                    vec![seen("$new.Scheduler.StagingModeEnabled", true, "2026-11-21T21:54:11Z")],
                )],
            },
            reason: "a colleague's wizard is open on [another](http://desk.example) desktop | it was not used".into(),
        },
    ]
}

fn back() -> Vec<Body> {
    vec![
        Body::ServerIsolated {
            server: "old".into(),
            how: "firewall rule \"ADSync off\"".into(),
            checked: "Test-NetConnection from EC01 fails".into(),
        },
        Body::StepOpened {
            step: "promote".into(),
            looked: vec![],
            reason: Some("its condition is Unknown; the tenant was asked by hand".into()),
        },
        Body::IsolationEnded { server: "old".into(), reason: "it answered at 22:03:41 UTC".into() },
        Body::AsideEntered { phase: "rollback".into(), from: Some("promote".into()), reason: "EC02 cannot sign in".into() },
        Body::StepOpened { step: "back".into(), looked: vec![], reason: None },
        Body::StepConfirmed(Confirmation {
            step: "back".into(),
            items: vec![],
            attachments: vec![],
            gates: vec![],
            guard: vec![],
        }),
        Body::AsideLeft { phase: "rollback".into(), completed: true },
        Body::StepReopened { step: "stage-old".into(), reason: "reopened by the aside Roll back".into() },
        Body::FindingCleared { finding: "none-active".into() },
    ]
}

fn end() -> Vec<Body> {
    vec![
        Body::Unknown { kind: "moon_phase".into(), data: json!({ "phase": "waxing", "of": ["a", 1, null] }) },
        Body::SessionClosed { outcome: Outcome::RolledBack, summary: "EC01 is active as before; try again on Monday".into() },
    ]
}
