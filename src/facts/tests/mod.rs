//! Readings typed, moved and aged; what a server is.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::Time;
use crate::powershell::{Value, Version};
use crate::rb1::{Frame, Group};

/// A moment, in seconds after 2026-11-21 03:00:00 UTC.
pub(crate) fn at(seconds: i64) -> Time {
    DateTime::from_timestamp(1_795_230_000 + seconds, 0).expect("a time")
}

/// A reading frame: server time in seconds as in [`at`].
pub(crate) fn frame(group: Group, server: i64, values: &Json, errors: &Json) -> Frame {
    let frame = json!({"t": "reading", "id": "1", "group": group.name(), "server_utc": at(server).to_rfc3339(), "ms": 5,
        "values": values, "errors": errors});
    serde_json::from_value(frame).expect("a frame")
}

/// A healthy core reading.
pub(crate) fn core(staging: bool) -> Json {
    json!({
        "Host": "EC01", "Domain": "contoso.com", "Now": "2026-11-21T03:00:00Z", "BootTime": "2026-11-01T00:00:00Z",
        "Installed": true, "Version": "2.6.92.0",
        "Service": {"Status": "Running", "StartType": "Automatic"},
        "Scheduler": {
            "AllowedSyncCycleInterval": "00:30:00", "CurrentlyEffectiveSyncCycleInterval": "00:30:00",
            "CustomizedSyncCycleInterval": null, "NextSyncCyclePolicyType": "Delta",
            "NextSyncCycleStartTimeInUTC": "2026-11-21T03:12:00Z", "PurgeRunHistoryInterval": "7.00:00:00",
            "SyncCycleEnabled": true, "MaintenanceEnabled": true, "StagingModeEnabled": staging,
            "SchedulerSuspended": false, "SyncCycleInProgress": false
        },
        "ConnectorRunStatus": [],
        "Wizard": {"Open": false, "User": null, "SessionState": null, "Since": null},
        "SynchronizationServiceManager": {"Open": false, "User": null}
    })
}

/// A server that answered one reading at `seconds`, its clock being right.
pub(crate) fn answered(server: &mut Server, group: Group, seconds: i64, values: impl Into<Json>) {
    server.answered(&frame(group, seconds, &values.into(), &json!({})), at(seconds), at(seconds)).expect("a reading");
}

fn server() -> Server {
    Server::new(ServerName::from("old"), "lab:clean/old")
}

fn read(values: impl Into<Json>, errors: impl Into<Json>) -> Reading {
    Reading::from_frame(&frame(Group::Core, 0, &values.into(), &errors.into()), at(0), at(0), None).expect("a reading")
}

fn value(reading: &Reading, path: &str) -> Value {
    Value::Object(reading.values.clone()).at(path).cloned().unwrap_or_else(|| panic!("no {path}"))
}

fn why(value: Value) -> String {
    let Value::Unknown(why) = value else { panic!("{value:?} is known") };
    why
}

#[test]
fn every_row_of_a_group_is_typed() {
    let reading = read(core(true), json!({}));
    assert_eq!(value(&reading, "Scheduler.StagingModeEnabled"), Value::Bool(true));
    assert_eq!(value(&reading, "Scheduler.PurgeRunHistoryInterval"), Value::TimeSpan(TimeDelta::days(7)));
    assert_eq!(value(&reading, "Scheduler.CustomizedSyncCycleInterval"), Value::Null);
    assert_eq!(Some(value(&reading, "Version")), Version::parse("2.6.92.0").map(Value::Version));
    assert_eq!(value(&reading, "ConnectorRunStatus"), Value::Array(vec![]));
    assert_eq!(value(&reading, "Wizard.User"), Value::Null);
}

#[test]
fn missing_and_extra_properties_are_tolerated() {
    let mut values = core(true);
    values["Scheduler"].as_object_mut().expect("an object").remove("SchedulerSuspended");
    values["Scheduler"]["NewInALaterBuild"] = json!(1);
    let reading = read(values, json!({}));
    assert_eq!(why(value(&reading, "Scheduler.SchedulerSuspended")), "the server's answer has no Scheduler.SchedulerSuspended");
    assert_eq!(value(&reading, "Scheduler.SyncCycleEnabled"), Value::Bool(true));
    assert_eq!(Value::Object(reading.values.clone()).at("Scheduler.NewInALaterBuild"), None);
    assert_eq!(reading.raw["Scheduler"]["NewInALaterBuild"], json!(1));
}

#[test]
fn a_wrong_kind_is_unknown_with_what_was_found() {
    for (path, wrong) in [
        ("Scheduler.StagingModeEnabled", json!("yes")),
        ("Scheduler.StagingModeEnabled", Json::Null),
        ("Scheduler.AllowedSyncCycleInterval", json!("30")),
        ("Scheduler.NextSyncCycleStartTimeInUTC", json!("24-3-2025 22:03:04")),
        ("Version", json!("two")),
        ("ConnectorRunStatus", json!({"ConnectorName": "contoso.com"})),
        ("Service.Status", json!(4)),
    ] {
        let mut values = core(true);
        let pointer = format!("/{}", path.replace('.', "/"));
        *values.pointer_mut(&pointer).expect(path) = wrong.clone();
        let reading = read(values, json!({}));
        // "30" is thirty days to .NET; the table cannot tell that from a mistake.
        if path.ends_with("AllowedSyncCycleInterval") {
            assert_eq!(value(&reading, path), Value::TimeSpan(TimeDelta::days(30)));
            continue;
        }
        let words = why(value(&reading, path));
        assert!(words.starts_with(&format!("{path}: expected ")) && words.contains(&wrong.to_string()), "{words}");
    }
}

#[test]
fn an_object_of_the_wrong_kind_makes_its_members_unknown() {
    let mut values = core(true);
    values["Scheduler"] = json!("broken");
    let reading = read(values, json!({}));
    assert!(why(value(&reading, "Scheduler.StagingModeEnabled")).contains("expected an object, found \"broken\""));
}

#[test]
fn a_failed_part_is_unknown_in_the_servers_words_and_the_rest_stands() {
    let mut values = core(true);
    values.as_object_mut().expect("an object").remove("Scheduler");
    let reading = read(values, json!({"Scheduler": {"message": "Access Denied"}, "ConnectorRunStatus": {"message": "no"}}));
    assert_eq!(why(value(&reading, "Scheduler.StagingModeEnabled")), "Access Denied");
    assert_eq!(why(value(&reading, "ConnectorRunStatus")), "no");
    assert_eq!(value(&reading, "Host"), Value::from("EC01"));
}

#[test]
fn an_absent_product_is_the_reason_of_its_facts() {
    let reading = read(json!({"Host": "EC02", "Installed": false, "Wizard": {"Open": false}}), json!({}));
    assert_eq!(why(value(&reading, "Scheduler.StagingModeEnabled")), "the product is not installed");
    assert_eq!(value(&reading, "Wizard.Open"), Value::Bool(false));
}

#[test]
fn server_times_are_moved_and_the_raw_reading_is_kept() {
    let skew = Skew { offset: TimeDelta::minutes(5), error: TimeDelta::zero() };
    let frame = frame(Group::Core, 300, &core(true), &json!({}));
    let reading = Reading::from_frame(&frame, at(0), at(0), Some(skew)).expect("a reading");
    assert_eq!(value(&reading, "Scheduler.NextSyncCycleStartTimeInUTC"), Value::DateTime(at(7 * 60)));
    assert_eq!(value(&reading, "Now"), Value::DateTime(at(0)), "the server's own clock stays as it said");
    assert_eq!(reading.raw["Scheduler"]["NextSyncCycleStartTimeInUTC"], json!("2026-11-21T03:12:00Z"));
    assert_eq!(reading.server_utc, at(300));
}

#[test]
fn other_frames_and_unreadable_times_are_errors() {
    assert!(Reading::from_frame(&Frame::Bye, at(0), at(0), None).is_err());
    let broken = serde_json::from_value::<Frame>(
        json!({"t": "reading", "id": "1", "group": "core", "server_utc": "03:00", "ms": 1, "values": {}}),
    )
    .expect("a frame");
    let error = Reading::from_frame(&broken, at(0), at(0), None).expect_err("no time");
    assert!(error.contains("'03:00'"), "{error}");
}

#[test]
fn freshness_turns_at_three_and_ten_intervals() {
    let mut server = server();
    answered(&mut server, Group::Core, 0, core(true));
    let policy = Policy::default();
    let state = |seconds| server.freshness(Group::Core, at(seconds), &policy);
    assert!(matches!(state(15), Freshness::Fresh(_)));
    assert!(matches!(state(16), Freshness::Late(_, age) if age == TimeDelta::seconds(16)));
    assert!(matches!(state(50), Freshness::Late(..)));
    assert_eq!(state(51), Freshness::Unknown("core last read 51 s ago".into()));
    assert!(matches!(state(-5), Freshness::Fresh(_)), "a clock that was set back is no age");
    assert_eq!(server.freshness(Group::Runs, at(0), &policy), Freshness::Unknown("runs not read yet".into()));
}

#[test]
fn a_gate_takes_only_answers_to_later_requests() {
    let mut server = server();
    answered(&mut server, Group::Core, 10, core(true));
    let gate = |seconds| Policy::asked_since(Intervals::default(), at(seconds));
    assert!(matches!(server.freshness(Group::Core, at(11), &gate(10)), Freshness::Fresh(_)));
    assert_eq!(server.freshness(Group::Core, at(11), &gate(11)), Freshness::Unknown("core not answered yet".into()));
    assert!(server.reachable(&gate(10)) && !server.reachable(&gate(11)));
    server.not_answered(Group::Core, at(12), "EC01 did not answer");
    assert_eq!(
        server.freshness(Group::Core, at(12), &gate(11)),
        Freshness::Unknown("core not answered yet: EC01 did not answer".into())
    );
    assert!(!server.reachable(&Policy::default()));
}

#[test]
fn an_answer_to_an_older_request_changes_nothing() {
    let mut server = server();
    answered(&mut server, Group::Core, 10, core(true));
    let older = frame(Group::Core, 5, &core(false), &json!({}));
    server.answered(&older, at(5), at(12)).expect("a reading");
    assert_eq!(server.activity(at(12), &Policy::default()), Activity::Staging);
}

fn activity(values: impl Into<Json>, errors: impl Into<Json>) -> Activity {
    let mut server = server();
    server.answered(&frame(Group::Core, 0, &values.into(), &errors.into()), at(0), at(0)).expect("a reading");
    server.activity(at(0), &Policy::default())
}

#[test]
fn what_a_server_is() {
    assert_eq!(activity(core(true), json!({})), Activity::Staging);
    assert_eq!(activity(core(false), json!({})), Activity::Active);
    assert_eq!(activity(json!({"Installed": false}), json!({})), Activity::Absent);
    let with = |status: &str| {
        let mut values = core(false);
        values["Service"]["Status"] = json!(status);
        values
    };
    assert_eq!(activity(with("Stopped"), json!({})), Activity::Stopped);
    assert_eq!(activity(with("StopPending"), json!({})), Activity::Active, "it may still export");
}

#[test]
fn a_stopped_service_is_told_even_where_the_scheduler_does_not_answer() {
    let mut values = core(false);
    values["Service"]["Status"] = json!("Stopped");
    values.as_object_mut().expect("an object").remove("Scheduler");
    assert_eq!(activity(values.clone(), json!({"Scheduler": {"message": "service stopped"}})), Activity::Stopped);
    values["Service"]["Status"] = json!("Running");
    assert_eq!(activity(values, json!({"Scheduler": {"message": "Access Denied"}})), Activity::Unknown("Access Denied".into()));
}

#[test]
fn isolation_wins_and_staleness_is_unknown() {
    let mut server = server();
    answered(&mut server, Group::Core, 0, core(false));
    assert!(matches!(server.activity(at(60), &Policy::default()), Activity::Unknown(_)));
    server.isolated = Some(Isolation { at: at(0), how: "powered off".into(), checked: "console".into() });
    assert_eq!(server.activity(at(60), &Policy::default()), Activity::Isolated);
}

proptest! {
    /// Whatever an agent sends, every row of the group is there and nothing panics.
    #[test]
    fn any_answer_is_typed(text in "\\PC{0,12}", number in any::<i64>(), flag in any::<bool>(), pick in 0_usize..11, what in 0..6) {
        let wrong = match what { 0 => json!(text), 1 => json!(number), 2 => json!(flag), 3 => json!([text]), 4 => json!({text: number}), _ => Json::Null };
        let mut values = core(flag);
        let key = values.as_object().and_then(|map| map.keys().nth(pick).cloned()).expect("a key");
        values[key.as_str()] = wrong;
        let reading = read(values, json!({}));
        prop_assert_eq!(reading.values.len(), 11);
    }

    /// However far a clock is off, a moved time is the true one, to the measurement's error.
    #[test]
    fn moved_times_are_true(offset in -1_000_000_i64..1_000_000, trip in 0_i64..60) {
        let mut server = server();
        let mut values = core(true);
        values["BootTime"] = json!(at(offset - 500).to_rfc3339());
        let frame = frame(Group::Core, offset + trip / 2, &values, &json!({}));
        server.answered(&frame, at(0), at(trip)).expect("a reading");
        let boot = server.groups[&Group::Core].last.as_ref().and_then(|reading| reading.values.get("BootTime")?.as_time()).expect("a time");
        prop_assert!((boot - at(-500)).abs() <= TimeDelta::seconds(1));
    }
}

mod baselines;
pub(crate) mod derivations;
pub(crate) mod differences;
