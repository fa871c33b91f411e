//! Two servers compared, and one server before and after.

use super::derivations::{connector, statistics};
use super::*;
use crate::facts::changes;
use crate::facts::table::ENTRA_CONNECTOR;

fn rule(name: &str, tag: Option<&str>, fingerprint: &str) -> Json {
    json!({"Name": name, "ImmutableTag": tag, "Direction": "Inbound", "Precedence": 100, "Disabled": false,
        "IsStandardRule": tag.is_some(), "ConnectorName": "contoso.com", "Fingerprint": fingerprint})
}

/// A whole configuration reading.
pub(crate) fn configuration() -> Json {
    json!({
        "Connectors": [], "SignIn": {"Method": "PasswordHashSynchronization", "DesktopSsoEnabled": true},
        "Features": {"PasswordHashSync": true, "PasswordWriteback": false, "GroupWriteback": false, "DeviceWriteback": false,
            "UserWriteback": false, "DirectoryExtension": false, "HybridExchange": false},
        "SourceAnchor": "mS-DS-ConsistencyGuid", "UserPrincipalNameAttribute": "userPrincipalName", "DeletionThreshold": 500,
        "AutoUpgrade": {"State": "Disabled", "SuspensionReason": null}, "MachineId": "a",
        "Rules": [rule("In from AD - User Join", Some("Microsoft.InFromADUserJoin.003"), "f1"), rule("Custom", None, "c1")],
        "Scope": [{"ConnectorName": "contoso.com", "DN": "DC=contoso,DC=com", "Selected": true,
            "Inclusions": ["OU=Users,DC=contoso,DC=com"], "Exclusions": []}],
        "EntraCredential": {"Type": "Application", "Application": "app", "Expires": null}
    })
}

fn pair_of(change: impl Fn(&mut Json)) -> Value {
    let mut other = configuration();
    change(&mut other);
    let mut servers = ["new", "old"].map(|role| Server::new(ServerName::from(role), "lab:clean"));
    for (server, values) in servers.iter_mut().zip([other, configuration()]) {
        answered(server, Group::Core, 0, core(true));
        answered(server, Group::Configuration, 0, values);
    }
    let policy = Policy::default();
    tree(&View::of(&servers, at(0), &policy)).at("pair").cloned().expect("a pair")
}

fn differences(pair: &Value, name: &str) -> Vec<String> {
    let Some(Value::Array(all)) = pair.at(name) else { panic!("{name}: {:?}", pair.at(name)) };
    all.iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

#[test]
fn equal_servers_do_not_differ() {
    let pair = pair_of(|_| {});
    for name in ["RuleDifferences", "CustomRuleDifferences", "ScopeDifferences", "SettingDifferences"] {
        assert!(differences(&pair, name).is_empty(), "{name}");
    }
    assert!(pair.at("MissingConnectors").is_some_and(Value::is_unknown), "statistics were not read");
}

#[test]
fn identifiers_accounts_and_tag_versions_are_no_differences() {
    let pair = pair_of(|other| {
        other["MachineId"] = json!("b");
        other["EntraCredential"]["Application"] = json!("another");
        other["Rules"][0]["ImmutableTag"] = json!("Microsoft.InFromADUserJoin.004");
        other["Rules"][0]["Fingerprint"] = json!("f2");
        other["Rules"][0]["Precedence"] = json!(101);
        other["SourceAnchor"] = json!("MS-DS-CONSISTENCYGUID");
    });
    assert!(differences(&pair, "RuleDifferences").is_empty());
    assert!(differences(&pair, "SettingDifferences").is_empty());
}

#[test]
fn rules_differ_by_meaning_and_custom_ones_by_precedence_too() {
    let pair = pair_of(|other| other["Rules"][0]["Fingerprint"] = json!("f2"));
    assert_eq!(differences(&pair, "RuleDifferences"), ["In from AD - User Join"]);
    assert!(differences(&pair, "CustomRuleDifferences").is_empty());
    let pair = pair_of(|other| other["Rules"][1]["Precedence"] = json!(50));
    assert_eq!(differences(&pair, "CustomRuleDifferences"), ["Custom"]);
    let pair =
        pair_of(|other| other["Rules"] = json!([rule("In from AD - User Join", Some("Microsoft.InFromADUserJoin.003"), "f1")]));
    assert_eq!(differences(&pair, "CustomRuleDifferences"), ["Custom"]);
    let pair = pair_of(|other| other["Rules"][0]["Disabled"] = json!(true));
    assert_eq!(differences(&pair, "RuleDifferences"), ["In from AD - User Join"]);
}

#[test]
fn scope_and_settings_differ_by_name() {
    let pair = pair_of(|other| {
        other["Scope"][0]["Inclusions"] = json!(["ou=users,dc=contoso,dc=com", "OU=Sales,DC=contoso,DC=com"]);
        other["SignIn"]["Method"] = json!("PassthroughAuthentication");
    });
    assert_eq!(differences(&pair, "ScopeDifferences"), ["OU=Sales,DC=contoso,DC=com"]);
    assert_eq!(differences(&pair, "SettingDifferences"), ["SignIn.Method"]);
}

#[test]
fn what_was_not_read_makes_the_comparison_unknown_and_says_whose_it_is() {
    let pair = pair_of(|other| {
        other.as_object_mut().expect("an object").remove("Rules");
    });
    assert_eq!(pair.at("RuleDifferences").cloned().map(why), Some("EC01: the server's answer has no Rules".into()));
}

#[test]
fn object_counts_and_forests_are_compared_by_name() {
    let mut servers = ["old", "new"].map(|role| Server::new(ServerName::from(role), "lab:clean"));
    let forest = |name: &str, total| json!({"Connectors": [connector(name, "22", [0; 3], total), connector("AAD", ENTRA_CONNECTOR, [0; 3], 400)]});
    let policy = Policy::default();
    let mut pair = |a, b| {
        answered(&mut servers[0], Group::Statistics, 0, a);
        answered(&mut servers[1], Group::Statistics, 0, b);
        tree(&View::of(&servers, at(0), &policy)).at("pair").cloned().expect("a pair")
    };
    let same = pair(statistics([0; 3], 300), statistics([0; 3], 297));
    assert_eq!(same.at("ObjectCountDifferencePercent"), Some(&Value::Double(1.0)));
    let other = pair(forest("contoso.com", 10), forest("fabrikam.com", 900));
    assert_eq!(differences(&other, "MissingConnectors"), ["contoso.com", "fabrikam.com"]);
    assert_eq!(other.at("ObjectCountDifferencePercent"), Some(&Value::Double(0.0)), "only what both have is compared");
}

#[test]
fn an_isolated_server_that_says_nothing_leaves_the_tenant_to_the_others() {
    let mut servers = ["old", "new"].map(|role| Server::new(ServerName::from(role), "lab:clean"));
    answered(&mut servers[1], Group::Core, 0, core(true));
    answered(&mut servers[1], Group::Configuration, 0, configuration());
    let policy = Policy::default();
    let threshold = |servers: &[Server; 2]| {
        tree(&View::of(servers, at(0), &policy)).at("tenant").and_then(|tenant| tenant.at("DeletionThreshold")).cloned()
    };
    assert!(threshold(&servers).is_some_and(|value| value.is_unknown()), "it may be alive");
    servers[0].isolated = Some(Isolation { at: at(0), how: "off".into(), checked: "black".into() });
    assert_eq!(threshold(&servers), Some(Value::Int(500)));
    let mut other = configuration();
    other["DeletionThreshold"] = json!(100);
    answered(&mut servers[0], Group::Core, 0, core(true));
    answered(&mut servers[0], Group::Configuration, 0, other);
    assert!(threshold(&servers).is_some_and(|value| value.is_unknown()), "one that answers has its say");
}

#[test]
fn only_what_is_worth_an_event_is_a_change() {
    let mut before = server();
    answered(&mut before, Group::Core, 0, core(true));
    let first = changes(&server(), &before);
    assert!(
        first.iter().any(|(path, from, to)| path == "Scheduler.StagingModeEnabled" && from.is_none() && *to == Value::Bool(true))
    );

    let mut after = before.clone();
    let mut values = core(false);
    values["Scheduler"]["SyncCycleInProgress"] = json!(true);
    values["Scheduler"]["NextSyncCycleStartTimeInUTC"] = json!("2026-11-21T04:00:00Z");
    answered(&mut after, Group::Core, 5, values);
    let expected = ("Scheduler.StagingModeEnabled".to_owned(), Some(Value::Bool(true)), Value::Bool(false));
    assert_eq!(changes(&before, &after), [expected]);
    assert!(changes(&after, &after).is_empty());
}

#[test]
fn a_failed_reading_changes_no_fact_and_a_lost_connection_does() {
    let mut before = server();
    answered(&mut before, Group::Core, 0, core(true));
    before.link = Link::Live { since: at(0), machine: "EC01".into(), user: "CONTOSO\\anna".into(), limits: Vec::new() };
    let mut after = before.clone();
    let mut values = core(true);
    values.as_object_mut().expect("an object").remove("Scheduler");
    answered(&mut after, Group::Core, 5, values);
    assert!(changes(&before, &after).is_empty());
    after.link = Link::Lost { since: at(5), what: crate::facts::Loss::Ended, why: "gone".into(), retry_at: at(10) };
    assert_eq!(changes(&before, &after), [("Reachable".to_owned(), Some(Value::Bool(true)), Value::Bool(false))]);
}
