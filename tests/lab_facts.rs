//! The lab answers every fact of the table that a server can answer, in the types of the table.

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::facts::fresh::{Intervals, Policy};
use lockstep::facts::tree::server_facts;
use lockstep::facts::{Server, ServerName, table};
use lockstep::lab::facts::answer;
use lockstep::lab::{Lab, Scenario};
use lockstep::powershell::Value;
use lockstep::powershell::tree::format_datetime;
use lockstep::rb1::{Frame, Group};

/// All unknown facts below a value, with their paths and reasons.
fn unknown(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Unknown(why) => found.push(format!("{path}: {why}")),
        Value::Object(record) => record.iter().for_each(|(name, inner)| unknown(&format!("{path}.{name}"), inner, found)),
        Value::Array(items) => items.iter().for_each(|item| unknown(&format!("{path}[]"), item, found)),
        _ => {}
    }
}

#[test]
fn nothing_of_a_healthy_server_is_unknown() {
    let start = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment");
    let mut lab = Lab::new(&Scenario::bundled("clean-swap").expect("a scenario"), 5, start);
    for (at, role) in ["old", "new"].into_iter().enumerate() {
        let mut server = Server::new(ServerName::from(role), format!("lab:clean-swap/{role}"));
        // Twice: a server is idle only if two readings in succession say so.
        for _ in 0..2 {
            for group in Group::ALL {
                let answered = answer(lab.world(), at, group, None);
                assert!(answered.errors.is_empty(), "{:?}", answered.errors);
                let asked = lab.now();
                let frame = Frame::Reading {
                    id: "1".to_owned(),
                    group,
                    server_utc: format_datetime(asked),
                    ms: 1,
                    values: answered.values,
                    errors: answered.errors,
                };
                server.asked(group, asked);
                server.answered(&frame, asked, asked + TimeDelta::milliseconds(20)).expect("by the table");
            }
            let to = lab.now() + TimeDelta::seconds(5);
            lab.advance(to);
        }
        let facts = server_facts(&server, lab.now(), &Policy::watching(Intervals::default()));
        let mut found = Vec::new();
        unknown(role, &Value::Object(facts), &mut found);
        // No baseline is named, a standby never exported, and the first full runs left the history after seven days.
        found.retain(|line| ![".Changed:", "LastExport", "LastFull"].iter().any(|known| line.contains(known)));
        assert!(found.is_empty(), "{found:#?}");
    }
    assert!(table::find("Scheduler.StagingModeEnabled").is_some());
}
