//! Standard rules held against untouched installations.

use super::*;
use crate::powershell::Record;

const JOIN: &str = "Microsoft.InfromADUserJoin.011";

fn rule(name: &str, tag: Option<&str>, fingerprint: &str) -> Json {
    json!({"Name": name, "ImmutableTag": tag, "Direction": "Inbound", "Precedence": 100, "Disabled": false,
        "IsStandardRule": tag.is_some(), "ConnectorName": "contoso.com", "Fingerprint": fingerprint})
}

fn configuration(rules: &[Json]) -> Json {
    json!({"SourceAnchor": "mS-DS-ConsistencyGuid", "Rules": rules})
}

fn untouched() -> Json {
    configuration(&[rule("In from AD - User Join", Some(JOIN), "f1")])
}

fn server_with(baselines: Baselines, configuration: Json) -> Server {
    let mut server = server().with_baselines(baselines);
    answered(&mut server, Group::Core, 0, core(true));
    answered(&mut server, Group::Configuration, 1, configuration);
    server
}

/// A status file of a server that answered this.
fn file_of(configuration: Json) -> Value {
    let servers = [server_with(Baselines::default(), configuration)];
    let policy = Policy::default();
    let written = tree(&View::of(&servers, at(2), &policy)).to_json();
    Value::from_json(&written).expect("what was written reads back")
}

fn baselines_of(configuration: Json) -> Baselines {
    let mut baselines = Baselines::default();
    baselines.add(&file_of(configuration)).expect("a baseline");
    baselines
}

fn changed(server: &Server) -> Vec<Value> {
    let facts: Record = server_facts(server, at(2), &Policy::default());
    let rules = facts.get("Rules").and_then(Value::as_array).expect("rules");
    rules.iter().map(|rule| rule.at("Changed").cloned().expect("Changed")).collect()
}

#[test]
fn a_rule_is_changed_where_the_baseline_has_it_otherwise_or_not_at_all() {
    let rules = [
        rule("In from AD - User Join", Some(JOIN), "f1"),
        rule("In from AD - User Join", Some(JOIN), "f2"),
        rule("In from AD - Another", Some("Microsoft.Another.001"), "f1"),
        rule("Custom", None, "f1"),
    ];
    let server = server_with(baselines_of(untouched()), configuration(&rules));
    assert_eq!(changed(&server), [Value::Bool(false), Value::Bool(true), Value::Bool(true), Value::Null]);
}

#[test]
fn without_a_baseline_of_the_version_nothing_is_known() {
    let none = "no baseline for version 2.6.92.0: see baselines in lockstep.toml";
    assert_eq!(changed(&server_with(Baselines::default(), untouched())), [Value::unknown(none)]);
    let mut server = server_with(baselines_of(untouched()), untouched());
    assert_eq!(changed(&server), [Value::Bool(false)]);
    let mut upgraded = core(true);
    upgraded["Version"] = json!("2.6.93.0");
    answered(&mut server, Group::Core, 2, upgraded);
    assert_eq!(changed(&server), [Value::unknown("no baseline for version 2.6.93.0: see baselines in lockstep.toml")]);
}

#[test]
fn rules_that_came_before_the_version_are_held_against_it_once_it_is_there() {
    let mut server = server().with_baselines(baselines_of(untouched()));
    answered(&mut server, Group::Configuration, 0, untouched());
    assert_eq!(changed(&server), [Value::unknown("the version was not read yet")]);
    answered(&mut server, Group::Core, 1, core(true));
    assert_eq!(changed(&server), [Value::Bool(false)]);
}

#[test]
fn a_baseline_of_other_choices_accuses_no_rule() {
    let mut other = untouched();
    other["SourceAnchor"] = json!("objectGUID");
    let mut baselines = baselines_of(other);
    let edited = configuration(&[rule("In from AD - User Join", Some(JOIN), "f2")]);
    let words = "the rule differs from the baseline, which was made with another SourceAnchor";
    assert_eq!(changed(&server_with(baselines.clone(), edited.clone())), [Value::unknown(words)]);
    assert_eq!(changed(&server_with(baselines.clone(), untouched())), [Value::Bool(false)]);
    // A second baseline of the version, made with the same choices, decides.
    baselines.add(&file_of(untouched())).expect("a baseline");
    assert_eq!(changed(&server_with(baselines, edited)), [Value::Bool(true)]);
}

#[test]
fn what_is_no_baseline_says_what_it_has_instead() {
    let refused = |tree: &Value| Baselines::default().add(tree).expect_err("no baseline");
    assert_eq!(refused(&Value::Null), "it has no array 'servers'");
    assert_eq!(refused(&file_of(json!({}))), "old has no Rules (the server's answer has no Rules)");
    assert_eq!(refused(&file_of(configuration(&[rule("Custom", None, "f1")]))), "old has no standard rule");
}

#[test]
fn another_look_leaves_the_rules_untouched() {
    let mut server = server_with(baselines_of(untouched()), untouched());
    let first = |server: &Server| {
        let facts = server_facts(server, at(2), &Policy::default());
        facts.get("Rules").and_then(Value::as_array).and_then(|rules| rules[0].as_object().cloned()).expect("a rule")
    };
    let before = first(&server);
    answered(&mut server, Group::Core, 2, core(true));
    assert!(before.is_same(&first(&server)), "a comparison of rules knows them again by this");
}
