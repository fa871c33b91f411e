use serde_json::json;

use super::*;
use crate::facts::tests::derivations::statistics;
use crate::facts::tests::{answered, at, core};

fn servers(now: i64) -> Vec<Server> {
    [("old", false), ("new", true)]
        .map(|(role, staging)| {
            let mut server = Server::new(role.into(), format!("lab:clean/{role}"));
            let mut values = core(staging);
            values["Host"] = json!(if staging { "EC02" } else { "EC01" });
            answered(&mut server, Group::Core, now, values);
            answered(&mut server, Group::Statistics, now, statistics([0, if staging { 2 } else { 0 }, 0], 2_000));
            server
        })
        .into()
}

#[test]
fn both_servers_stand_side_by_side_in_80_columns() {
    let (servers, policy) = (servers(0), Policy::default());
    let text = Status::of(&servers, at(0), &policy).render(80, false);
    assert!(text.lines().all(|line| crate::text::width::width(line) <= 80), "{text}");
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no {start}: {text}"));
    assert!(line("03:00 UTC").contains("old EC01  ACTIVE") && line("03:00 UTC").contains("new EC02  STAGING"), "{text}");
    let staging: Vec<_> = line("StagingModeEnabled").split_whitespace().collect();
    assert_eq!(staging, ["StagingModeEnabled", "False", "≠", "True"]);
    let enabled: Vec<_> = line("SyncCycleEnabled").split_whitespace().collect();
    assert_eq!(enabled, ["SyncCycleEnabled", "True", "True"]);
    assert!(line("CustomizedSyncCycleInterval").contains("none"));
    assert!(line("next cycle").contains("Delta in 12 min"));
    assert!(line("pending exports").contains("2 updates"));
    assert!(line("last export").contains("none in staging"));
    assert!(SCHEDULER.iter().all(|name| text.contains(name)));
}

#[test]
fn what_is_unknown_says_why_below_the_table() {
    let (mut servers, policy) = (servers(0), Policy::default());
    servers[1].not_answered(Group::Runs, at(0), "the cmdlet took too long");
    let text = Status::of(&servers, at(0), &policy).render(80, false);
    assert!(text.contains("  EC02: runs not read yet: the cmdlet took too long\n"), "{text}");
}

#[test]
fn ascii_is_ascii_and_hostile_text_is_harmless() {
    let (mut servers, policy) = (servers(0), Policy::default());
    let mut values = core(true);
    values["Host"] = json!("EC02\u{1b}[31m\nspoofed");
    answered(&mut servers[1], Group::Core, 1, values);
    let text = Status::of(&servers, at(1), &policy).render(80, true);
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("spoofed")));
    let clean = Status::of(&servers[..1], at(1), &policy).render(80, true);
    assert!(clean.is_ascii(), "{clean}");
}

#[test]
fn every_size_and_number_of_servers_is_drawn() {
    let policy = Policy::default();
    let many: Vec<Server> = (0..5).flat_map(|_| servers(0)).collect();
    for count in 0..many.len() {
        for width in [0, 1, 20, 37, 60, 80, 200] {
            let text = Status::of(&many[..count], at(0), &policy).render(width, false);
            assert!(text.lines().all(|line| crate::text::width::width(line) <= width.max(1)), "{count} {width}: {text}");
        }
    }
}

#[test]
fn the_exit_code_is_of_the_worst() {
    let policy = Policy::default();
    let code = |servers: &[Server]| Status::of(servers, at(0), &policy).exit_code();
    let mut servers = servers(0);
    let mut values = core(false);
    values["Service"]["StartType"] = json!("Manual");
    assert_eq!(code(&servers), 0, "{:?}", Status::of(&servers, at(0), &policy).findings());
    answered(&mut servers[0], Group::Core, 0, values.clone());
    assert_eq!(code(&servers), 1);
    values["Scheduler"]["SyncCycleEnabled"] = json!(false);
    answered(&mut servers[0], Group::Core, 0, values);
    assert_eq!(code(&servers), 2);
    servers[1].not_answered(Group::Core, at(0), "no route");
    assert_eq!(code(&servers), 3);
}

#[test]
fn the_json_is_the_value_tree() {
    let (servers, policy) = (servers(0), Policy::default());
    let json = Status::of(&servers, at(0), &policy).to_json();
    assert_eq!(json["old"]["Scheduler"]["StagingModeEnabled"], json!(false));
    assert_eq!(json["servers"][1]["Host"], json!("EC02"));
    assert!(json["findings"].is_array());
}
