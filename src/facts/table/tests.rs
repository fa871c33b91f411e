use super::*;
use crate::rb1::Group;
use std::collections::{BTreeMap, BTreeSet};

fn names() -> Names {
    Names {
        roles: vec!["old".into(), "new".into()],
        inputs: BTreeMap::from([("ticket".into(), Kind::Text)]),
        forms: BTreeMap::from([("signin".into(), BTreeMap::from([("method".into(), Kind::Text), ("sso".into(), Kind::Bool)]))]),
        results: BTreeSet::from(["overrides".into()]),
    }
}

fn resolved(path: &str) -> Resolved {
    resolve(path, &names()).unwrap_or_else(|error| panic!("{error}"))
}

fn missing(path: &str) -> NoSuchFact {
    resolve(path, &names()).expect_err(path)
}

#[test]
fn no_path_is_written_twice() {
    let mut seen = BTreeSet::new();
    for fact in all() {
        assert!(seen.insert(fact.path.to_ascii_lowercase()), "{} has two rows", fact.path);
    }
}

#[test]
fn every_row_says_what_it_is() {
    for fact in all() {
        assert!(!fact.text.is_empty() && !fact.source.is_empty(), "{}", fact.path);
        assert!(!fact.text.ends_with('.'), "{}: {}", fact.path, fact.text);
        assert_eq!(fact.scope == Scope::Server, !fact.path.starts_with('$'), "{}", fact.path);
        assert!(!fact.moved || fact.kind == Kind::DateTime, "{}", fact.path);
    }
}

#[test]
fn a_fact_that_is_read_needs_its_group() {
    for fact in all() {
        if let Origin::Read(group) = fact.origin {
            assert!(fact.needs.contains(&group), "{}", fact.path);
        }
    }
}

#[test]
fn the_eleven_scheduler_properties_are_there() {
    let scheduler: Vec<_> = all().filter(|fact| fact.path.starts_with("Scheduler.")).collect();
    assert_eq!(scheduler.len(), 11);
    assert!(scheduler.iter().all(|fact| fact.origin == Origin::Read(Group::Core)));
}

#[test]
fn paths_are_found_without_regard_to_case_or_array_marks() {
    let fact = find("scheduler.STAGINGMODEENABLED").expect("a row");
    assert_eq!((fact.path, fact.kind), ("Scheduler.StagingModeEnabled", Kind::Bool));
    assert_eq!(find("RunHistory.Result"), find("RunHistory[].Result"));
    assert!(find("$pair.RuleDifferences").is_some_and(Fact::is_array));
    assert!(find("LastExport.StartDate").is_some_and(|fact| fact.moved));
    assert_eq!(find("StagingModeEnabled"), None);
}

#[test]
fn a_server_path_resolves_to_kind_and_group() {
    let staging = resolved("$NEW.scheduler.stagingmodeenabled");
    assert_eq!((staging.kind, staging.many), (Kind::Bool, false));
    assert_eq!(staging.whose, Whose::Server("new".into()));
    assert_eq!(staging.groups, BTreeSet::from([Group::Core]));
}

#[test]
fn members_of_arrays_are_many_and_an_index_makes_them_one() {
    assert!(resolved("$new.Connectors.Name").many);
    assert!(!resolved("$new.RunHistory[0].Result").many);
    assert!(resolved("$servers.Scheduler.StagingModeEnabled").many);
    assert!(!resolved("$servers[0].Host").many);
    assert!(resolved("$pair.ScopeDifferences").many);
    assert!(resolved("$findings").many);
}

#[test]
fn a_derived_fact_needs_the_groups_it_comes_from() {
    assert_eq!(resolved("$old.LastExport.Result").groups, BTreeSet::from([Group::Runs, Group::Statistics]));
    assert_eq!(resolved("$old.Idle").groups, BTreeSet::from([Group::Core]));
    assert_eq!(resolved("$pair.RuleDifferences.Count").groups, BTreeSet::from([Group::Configuration]));
    assert!(resolved("$old.Role").groups.is_empty());
    assert_eq!(resolved("$new.Scheduler").groups, BTreeSet::from([Group::Core]));
    assert_eq!(resolved("$new.Connectors.Count").kind, Kind::Int);
    assert!(resolved("$new.Connectors.Count").groups.contains(&Group::Statistics));
    assert!(!resolved("$new.Connectors.Count").groups.contains(&Group::Runs));
}

#[test]
fn null_is_known_where_the_table_says_so() {
    assert!(resolved("$old.LastExport").nullable);
    assert!(resolved("$old.LastExport.Result").nullable);
    assert!(!resolved("$old.Host").nullable);
}

#[test]
fn captured_names_have_the_kinds_the_runbook_declares() {
    assert_eq!(resolved("$inputs.ticket").kind, Kind::Text);
    assert_eq!(resolved("$forms.signin.sso").kind, Kind::Bool);
    assert_eq!(resolved("$results.overrides.FullImportRequired").kind, Kind::Any);
    assert_eq!(resolved("$step.StartedAt").kind, Kind::DateTime);
    assert_eq!(resolved("$step.StartedAt").whose, Whose::Session);
}

#[test]
fn an_unknown_name_says_where_and_what_was_meant() {
    let error = missing("$new.Scheduler.StagingModeEnable");
    assert_eq!(&error.path[error.span.clone()], "StagingModeEnable");
    assert_eq!(error.candidates[0], "$new.Scheduler.StagingModeEnabled");

    let error = missing("$new.StagingModeEnabled");
    assert_eq!(error.candidates[0], "$new.Scheduler.StagingModeEnabled");

    let error = missing("$nwe.Host");
    assert_eq!(&error.path[error.span.clone()], "nwe");
    assert_eq!(error.candidates, ["$new"]);
    assert_eq!(error.to_string(), "no such fact: 'nwe' in $nwe.Host; did you mean $new?");

    assert_eq!(missing("$forms.signin.methd").candidates, ["$forms.signin.method"]);
    assert_eq!(missing("$results.override").candidates, ["$results.overrides"]);
    assert!(missing("$new.Host.Nothing.AtAll").candidates.len() <= 3);
}

#[test]
fn odd_paths_are_refused_and_never_panic() {
    for path in ["", "$", ".", "$.x", "$new..Host", "$new.[0]", "[", "$new.Host[", "$é.x"] {
        let _ = resolve(path, &names());
    }
}
