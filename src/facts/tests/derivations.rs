//! Facts made out of readings: the run history and its purged past, idleness, cycles, connectors, the tree.

use super::*;
use crate::facts::table::{self, ENTRA_CONNECTOR, Scope};
use crate::powershell::Record;

/// A run: number, connector, profile, result, start and end in seconds as in [`at`].
pub(crate) fn run(number: i64, connector: &str, profile: &str, result: &str, start: i64, end: i64) -> Json {
    json!({"RunNumber": number, "ConnectorName": connector, "RunProfileName": profile, "Result": result,
        "StartDate": at(start).to_rfc3339(), "EndDate": at(end).to_rfc3339(), "Username": "NT SERVICE\\ADSync",
        "IsRunComplete": true, "Adds": 1, "Updates": 2, "Renames": 0, "Deletes": 0, "Failures": 0, "ErrorTypes": []})
}

const AD: &str = "contoso.com";
const ENTRA: &str = "contoso.onmicrosoft.com - AAD";

/// A connector with its pending exports and object count.
pub(crate) fn connector(name: &str, identifier: &str, pending: [i64; 3], total: i64) -> Json {
    let [adds, updates, deletes] = pending;
    let kind = if identifier == ENTRA_CONNECTOR { "Extensible2" } else { "AD" };
    json!({"Name": name, "Identifier": identifier, "Type": kind, "Subtype": null,
        "Statistics": {"ExportAdds": adds, "ExportUpdates": updates, "ExportDeletes": deletes, "ImportAdds": 0,
            "ImportUpdates": 0, "ImportDeletes": 0, "ImportNoChange": total, "TotalConnectors": total},
        "Override": {"FullImportRequired": false, "FullSyncRequired": false}})
}

/// Two connectors: a forest and Entra.
pub(crate) fn statistics(pending: [i64; 3], total: i64) -> Json {
    json!({"Connectors": [connector(AD, "11111111-0000-0000-0000-000000000000", [0; 3], total),
        connector(ENTRA, ENTRA_CONNECTOR, pending, total)]})
}

/// The runs of one delta cycle, newest first.
fn cycle(first: i64, start: i64) -> Vec<Json> {
    vec![
        run(first + 4, ENTRA, "Export", "success", start + 14, start + 16),
        run(first + 3, ENTRA, "Delta Synchronization", "success", start + 11, start + 13),
        run(first + 2, AD, "Delta Synchronization", "completed-sync-errors", start + 8, start + 10),
        run(first + 1, ENTRA, "Delta Import", "success", start + 4, start + 6),
        run(first, AD, "Delta Import", "success", start, start + 3),
    ]
}

fn facts_at(server: &Server, seconds: i64) -> Record {
    server_facts(server, at(seconds), &Policy::default())
}

fn fact(facts: &Record, path: &str) -> Value {
    facts.at(path).cloned().unwrap_or_else(|| panic!("no {path}"))
}

fn with_runs(runs: impl Into<Json>, begins: i64) -> Server {
    let runs = runs.into();
    let mut server = server();
    answered(&mut server, Group::Core, 100, core(false));
    answered(&mut server, Group::Statistics, 100, statistics([1, 2, 3], 2_000));
    answered(
        &mut server,
        Group::Runs,
        100,
        json!({"RunHistory": runs, "RunHistoryBegins": at(begins).to_rfc3339(), "StagingSince": null}),
    );
    server
}

#[test]
fn every_row_of_the_table_is_in_the_tree_of_a_server_nothing_is_known_of() {
    let facts = facts_at(&server(), 0);
    for row in table::all().filter(|row| row.scope == Scope::Server && !row.path.contains("[]")) {
        let value = row.path.split('.').try_fold(Value::Object(facts.clone()), |value, name| match value {
            // Below an unknown object everything is unknown.
            Value::Unknown(why) => Some(Value::Unknown(why)),
            value => value.as_object()?.get(name).cloned(),
        });
        let known = ["Role", "Target", "Reachable", "Isolated"].contains(&row.path);
        assert_eq!(
            value.unwrap_or_else(|| panic!("no {}", row.path)).is_unknown(),
            !known || value_is_object(&facts, row.path),
            "{}",
            row.path
        );
    }
    assert_eq!(fact(&facts, "Reachable"), Value::Bool(false));
    assert_eq!(why(fact(&facts, "$read.core")), "core not read yet");
}

fn value_is_object(facts: &Record, path: &str) -> bool {
    facts.at(path).is_some_and(|value| value.as_object().is_some())
}

#[test]
fn the_newest_export_is_the_entra_connectors() {
    let mut runs = vec![run(9, AD, "Export", "success", 60, 61)];
    runs.extend(cycle(1, 20));
    let facts = facts_at(&with_runs(runs, 20), 100);
    assert_eq!(fact(&facts, "LastExport.RunNumber"), Value::Int(5));
    assert_eq!(fact(&facts, "EntraConnector.LastExport.RunNumber"), Value::Int(5));
    assert_eq!(fact(&facts, "EntraConnector.LastSync.RunNumber"), Value::Int(4));
}

#[test]
fn purged_history_is_unknown_and_says_where_it_begins() {
    let runs = cycle(400, 20).split_off(1);
    let facts = facts_at(&with_runs(runs, -6 * 86_400), 100);
    assert_eq!(why(fact(&facts, "LastExport")), "no export in the run history, which begins 15 Nov");
    assert_eq!(
        why(fact(&facts, "LastFullSync")),
        "no full synchronization of contoso.com in the run history, which begins 15 Nov"
    );
    assert_eq!(why(fact(&facts_at(&with_runs(json!([]), 0), 100), "LastExport")), "the run history is empty");
}

#[test]
fn a_history_that_is_whole_says_null() {
    let facts = facts_at(&with_runs(cycle(1, 20).split_off(1), 20), 100);
    assert_eq!(fact(&facts, "LastExport"), Value::Null);
}

#[test]
fn the_oldest_of_the_connectors_newest_delta_counts() {
    let mut runs = cycle(20, 60);
    runs.retain(|run| run["ConnectorName"] != ENTRA);
    runs.extend(cycle(10, 0));
    let facts = facts_at(&with_runs(runs, 0), 200);
    assert_eq!(fact(&facts, "LastDeltaSync"), Value::DateTime(at(13)), "Entra's, of the older cycle");
    assert_eq!(fact(&facts, "SinceDeltaSync"), Value::TimeSpan(TimeDelta::seconds(187)));
}

#[test]
fn a_cycle_is_over_when_the_scheduler_says_so_later() {
    let server = with_runs(cycle(10, 20), 20);
    let facts = facts_at(&server, 100);
    assert_eq!(fact(&facts, "LastCycle.StartDate"), Value::DateTime(at(20)));
    assert_eq!(fact(&facts, "LastCycle.EndDate"), Value::DateTime(at(36)));
    assert_eq!(fact(&facts, "LastCycle.PolicyType"), Value::from("Delta"));
    assert_eq!(fact(&facts, "LastCycle.Succeeded"), Value::Bool(false), "objects failed in a synchronization");

    let mut running = with_runs(cycle(10, 95), 20);
    let mut values = core(false);
    values["Scheduler"]["SyncCycleInProgress"] = json!(true);
    answered(&mut running, Group::Core, 112, values);
    assert_eq!(why(fact(&facts_at(&running, 112), "LastCycle.EndDate")), "no complete cycle in the run history");
}

#[test]
fn two_cycles_in_quick_succession_are_two() {
    let mut runs = cycle(20, 40);
    runs.extend(cycle(10, 20));
    let facts = facts_at(&with_runs(runs, 20), 100);
    assert_eq!(fact(&facts, "LastCycle.StartDate"), Value::DateTime(at(40)));
    assert_eq!(fact(&facts, "LastCycle.EndDate"), Value::DateTime(at(56)));
}

#[test]
fn the_event_log_knows_a_cycle_that_the_history_has_lost() {
    let mut server = with_runs(json!([]), 0);
    let event = |seconds, message: &str| {
        json!({"TimeCreated": at(seconds).to_rfc3339(), "ProviderName": "Directory Synchronization",
        "Id": 904, "Level": "Information", "Message": message})
    };
    let events = [
        event(10, "Import/Sync/Export cycle started (Initial)."),
        event(70, "Import/Sync/Export cycle completed (Initial)."),
        event(90, "Import/Sync/Export cycle started (Delta)."),
    ];
    answered(&mut server, Group::Events, 100, json!({"Events": events}));
    let facts = facts_at(&server, 100);
    assert_eq!(fact(&facts, "LastCycle.PolicyType"), Value::from("Initial"));
    assert_eq!(fact(&facts, "LastCycle.EndDate"), Value::DateTime(at(70)));
    assert!(fact(&facts, "LastCycle.Succeeded").is_unknown());
}

#[test]
fn idle_takes_two_readings_in_a_row() {
    let mut server = server();
    answered(&mut server, Group::Core, 0, core(true));
    assert!(fact(&facts_at(&server, 0), "Idle").is_unknown());
    answered(&mut server, Group::Core, 5, core(true));
    assert_eq!(fact(&facts_at(&server, 5), "Idle"), Value::Bool(true));
    let mut busy = core(true);
    busy["ConnectorRunStatus"] = json!([{"ConnectorName": AD, "RunState": "Busy"}]);
    answered(&mut server, Group::Core, 10, busy);
    assert_eq!(fact(&facts_at(&server, 10), "Idle"), Value::Bool(false));
    answered(&mut server, Group::Core, 15, core(true));
    assert_eq!(fact(&facts_at(&server, 15), "Idle"), Value::Bool(false), "the run status is empty between two steps too");
    answered(&mut server, Group::Core, 500, core(true));
    assert!(fact(&facts_at(&server, 500), "Idle").is_unknown(), "with a hole between them they are not in a row");
}

#[test]
fn pending_exports_are_the_entra_connectors_and_accounts_come_by_identifier() {
    let mut server = with_runs(json!([]), 0);
    answered(
        &mut server,
        Group::Configuration,
        100,
        json!({"Connectors": [
        {"Identifier": format!("{{{}}}", ENTRA_CONNECTOR.to_uppercase()), "Account": "Sync_EC01"}]}),
    );
    let facts = facts_at(&server, 100);
    assert_eq!(fact(&facts, "PendingExports.Total"), Value::Int(6));
    assert_eq!(fact(&facts, "EntraConnector.Account"), Value::from("Sync_EC01"));
    let Value::Array(connectors) = fact(&facts, "Connectors") else { panic!("no array") };
    assert!(connectors[0].at("Account").is_some_and(Value::is_unknown));

    answered(&mut server, Group::Statistics, 101, json!({"Connectors": []}));
    let facts = facts_at(&server, 101);
    assert_eq!(fact(&facts, "EntraConnector"), Value::Null);
    assert_eq!(why(fact(&facts, "PendingExports.Deletes")), "there is no Entra connector");
}

#[test]
fn staging_since_comes_from_the_server_else_from_the_session() {
    let mut server = server();
    answered(&mut server, Group::Core, 0, core(true));
    answered(&mut server, Group::Runs, 0, json!({"RunHistory": []}));
    assert!(fact(&facts_at(&server, 0), "StagingFor").is_unknown());
    server.staging_since = Some(at(-60));
    assert_eq!(fact(&facts_at(&server, 0), "StagingFor"), Value::TimeSpan(TimeDelta::minutes(1)));
    answered(&mut server, Group::Runs, 1, json!({"RunHistory": [], "StagingSince": at(-120).to_rfc3339()}));
    assert_eq!(fact(&facts_at(&server, 1), "StagingSince"), Value::DateTime(at(-120)));
    answered(&mut server, Group::Core, 2, core(false));
    assert_eq!(fact(&facts_at(&server, 2), "StagingSince"), Value::Null);
    assert_eq!(fact(&facts_at(&server, 2), "StagingFor"), Value::Null);
}

#[test]
fn where_the_product_is_absent_its_groups_say_so_and_the_host_is_known() {
    let mut server = server();
    answered(&mut server, Group::Core, 0, json!({"Host": "EC02", "Installed": false}));
    answered(&mut server, Group::Host, 0, json!({"DotNetRelease": 528_040}));
    let facts = facts_at(&server, 0);
    for path in ["Version", "Idle", "PasswordHashSync.Enabled", "PendingExports.Total", "LastCycle.EndDate", "MachineId"] {
        assert_eq!(why(fact(&facts, path)), "the product is not installed", "{path}");
    }
    assert_eq!(fact(&facts, "DotNetRelease"), Value::Int(528_040));
}

#[test]
fn the_tree_has_its_roots_and_reads_back_from_json() {
    let servers = [with_runs(cycle(10, 20), 20)];
    let policy = Policy::default();
    let tree = tree(&View { step_started: Some(at(5)), ..View::of(&servers, at(100), &policy) });
    for root in ["old", "servers", "pair", "tenant", "findings", "inputs", "forms", "results", "step"] {
        assert!(tree.at(root).is_some(), "{root}");
    }
    assert_eq!(tree.at("step.StartedAt"), Some(&Value::DateTime(at(5))));
    assert_eq!(tree.at("tenant.Name"), Some(&Value::from(ENTRA)));
    assert_eq!(tree.at("pair.RuleDifferences").cloned().map(why), Some("there is only one server".into()));
    assert_eq!(Value::from_json(&tree.to_json()), Ok(tree));
}
