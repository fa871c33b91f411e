//! `status --json` as a facts file: over every scenario of the lab, every gate line of every bundled runbook has the same
//! answer, for the same reason, from the file as from the tree it was written of.

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::facts::{Policy, Server, ServerName, View, tree};
use lockstep::gate::{self, ReadTimes, Truth};
use lockstep::health::{self, Context};
use lockstep::lab::{Lab, Scenario, facts};
use lockstep::powershell::Value;
use lockstep::powershell::tree::format_datetime;
use lockstep::rb1::{Frame, Group};
use lockstep::report::status::Status;

/// Every gate line of the bundled runbooks.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks")).expect("runbooks") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let loaded = lockstep::runbook::load(&path.display().to_string(), &std::fs::read(&path).expect("a runbook"));
        let runbook = loaded.runbook.expect("a runbook");
        for step in runbook.phases.iter().flat_map(|phase| &phase.steps) {
            lines.extend(step.gates().flat_map(|gate| &gate.lines).map(|line| line.text.clone()));
        }
    }
    lines
}

/// The servers of a scenario some hours on, all groups read but the passwords: something is always not known.
fn servers(lab: &Lab) -> Vec<Server> {
    let world = lab.world();
    let mut servers = Vec::new();
    for (at, (role, _)) in lab.servers().into_iter().enumerate() {
        let mut server = Server::new(ServerName::from(role.as_str()), format!("lab:x/{role}"));
        let skew = TimeDelta::milliseconds(world.servers[at].host.skew_ms);
        for group in Group::ALL.into_iter().chain([Group::Core]).filter(|group| *group != Group::Passwords) {
            let answer = facts::answer(world, at, group, None);
            let server_utc = format_datetime(lab.now() + skew);
            let (values, errors) = (answer.values, answer.errors);
            let frame = Frame::Reading { id: "1".into(), group, server_utc, ms: 1, values, errors };
            server.answered(&frame, lab.now(), lab.now()).expect("a reading");
        }
        servers.push(server);
    }
    servers
}

#[test]
fn every_gate_line_has_the_answer_of_the_live_tree() {
    let lines = lines();
    assert!(lines.len() > 100, "{}", lines.len());
    let mut answers = std::collections::BTreeMap::new();
    for name in Scenario::names() {
        let start = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment");
        let mut lab = Lab::new(&Scenario::bundled(name).expect("a scenario"), 3, start);
        lab.advance(start + TimeDelta::minutes(97));
        let (servers, policy) = (servers(&lab), Policy::default());
        let examined = health::examine(&Context::new(&servers, lab.now(), &policy));
        let view = View { findings: health::tree_value(&examined), ..View::of(&servers, lab.now(), &policy) };
        let live = tree(&view);
        let file = serde_json::to_string_pretty(&Status::of(&servers, lab.now(), &policy).to_json()).expect("JSON");
        let read = Value::from_json(&serde_json::from_str(&file).expect("JSON")).expect("a tree");
        for line in &lines {
            let expr = gate::parse(line).expect("a gate line");
            let of = |tree: &Value| {
                let times = ReadTimes::of(tree);
                expr.evaluate(tree, &|path| times.read_at(path))
            };
            let (from_live, from_file) = (of(&live), of(&read));
            assert_eq!((from_live.truth, &from_live.why), (from_file.truth, &from_file.why), "{name}: {line}");
            *answers.entry(from_live.truth.to_string()).or_insert(0) += 1;
        }
    }
    // Each kind of answer was compared.
    for truth in [Truth::True, Truth::False, Truth::Unknown] {
        assert!(answers.get(&truth.to_string()).is_some_and(|count| *count > 20), "{answers:?}");
    }
}
