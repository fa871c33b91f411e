//! The tenant and the ways to it: Conditional Access, features, latency and blocked paths, and a database that fills up.

mod lab_support;

use chrono::{TimeZone, Utc};
use lockstep::lab::fault::Fault;
use lockstep::lab::world::database::LOCAL_DB_LIMIT_MB;
use lockstep::lab::world::history::Profile;
use lockstep::lab::{Lab, Scenario};

use lab_support::{old, pass, server, until, world};

/// A small tenant; the words go to the active server.
fn lab(of_old: &str) -> Lab {
    world(of_old, "")
}

/// Lets the next cycle begin and end.
fn cycle(lab: &mut Lab) {
    until(lab, |lab| old(lab).cycle.is_some());
    until(lab, |lab| old(lab).cycle.is_none());
}

fn say(lab: &mut Lab, verb: &str) -> String {
    lab.operate(&verb.parse().expect("a verb")).unwrap_or_else(|why| panic!("{verb}: {why}"))
}

/// Why a verb is not possible.
fn refused(lab: &mut Lab, verb: &str) -> String {
    lab.operate(&verb.parse().expect("a verb")).expect_err(verb)
}

/// The newest run of the tenant's connector that imports.
fn import(lab: &Lab) -> String {
    let name = old(lab).entra().expect("a connector").name.clone();
    old(lab).history.newest(&name, Profile::is_import).expect("a run").result.clone()
}

/// Messages of events with that id, newest first.
fn told(lab: &Lab, id: i64) -> Vec<String> {
    server(lab).host.log.newest_first().filter(|event| event.id == id).map(|event| event.message.clone()).collect()
}

#[test]
fn a_policy_stops_the_sign_in_until_the_identity_is_excluded() {
    let mut lab = lab("");
    assert!(say(&mut lab, "policy list").contains("no Conditional Access policy"));
    let said = say(&mut lab, "policy add \"Block EC01\" location old");
    assert_eq!(said, "Block EC01 (enabled): blocks sign-ins from EC01");
    cycle(&mut lab);
    assert_eq!(import(&lab), "stopped-extension-dll-exception");
    assert!(told(&lab, 906)[0].contains("AADSTS53003") && told(&lab, 115)[0].contains("AADSTS53003"));
    say(&mut lab, "wizard old open");
    assert!(refused(&mut lab, "wizard old stage on start on").contains("AADSTS53003"), "the wizard signs in from there too");
    say(&mut lab, "wizard old exit");
    let said = say(&mut lab, "policy exclude old from \"Block EC01\"");
    assert!(said.contains(" but ConnectSyncProvisioning_EC01_"), "{said}");
    cycle(&mut lab);
    assert_eq!(import(&lab), "success");
    assert_eq!(say(&mut lab, "policy list"), said);
}

#[test]
fn a_policy_that_is_not_enforced_stops_nobody() {
    let mut lab = lab("");
    say(&mut lab, "policy add All everybody report-only");
    cycle(&mut lab);
    assert_eq!(import(&lab), "success");
    say(&mut lab, "policy enable All");
    cycle(&mut lab);
    assert_ne!(import(&lab), "success");
    say(&mut lab, "policy disable All");
    cycle(&mut lab);
    assert_eq!(import(&lab), "success");
    assert!(refused(&mut lab, "policy enable Other").contains("no policy Other"));
    assert!(refused(&mut lab, "policy add all mfa").contains("already"));
}

#[test]
fn a_second_factor_is_asked_of_accounts_and_not_of_applications() {
    for (version, result, text) in
        [("2.6.84.0", "success", None), ("2.5.3.0", "stopped-extension-dll-exception", Some("AADSTS50076"))]
    {
        let mut lab = lab(&format!(", version: {version}"));
        say(&mut lab, "policy add MFA mfa");
        cycle(&mut lab);
        assert_eq!(import(&lab), result, "{version}");
        if let Some(text) = text {
            assert!(told(&lab, 906)[0].contains(text), "{:?}", told(&lab, 906));
        }
    }
}

#[test]
fn the_fault_is_such_a_policy_and_goes_when_it_is_excluded() {
    let mut lab = lab("");
    say(&mut lab, "fault conditional-access on old");
    assert!(say(&mut lab, "policy list").contains("blocks sign-ins from EC01"));
    say(&mut lab, "policy exclude old from \"Block sign-ins from EC01\"");
    assert!(!server(&lab).has(Fault::ConditionalAccess));
    assert!(refused(&mut lab, "cure conditional-access on old").contains("does not have the fault"));
    say(&mut lab, "policy add Everything everybody");
    say(&mut lab, "cure conditional-access on old");
    cycle(&mut lab);
    assert_eq!(import(&lab), "success");
}

#[test]
fn password_hashes_stop_with_the_sign_in_and_catch_up_after_it() {
    let mut lab = lab("");
    pass(&mut lab, 600);
    let last = |lab: &Lab| old(lab).passwords.last_success(lab.now()).expect("a round");
    say(&mut lab, "network old cloud blocked");
    let before = last(&lab);
    pass(&mut lab, 3_600);
    assert_eq!((last(&lab), old(&lab).passwords.status(lab.now())), (before, "Failed"));
    assert!(told(&lab, 652).len() == 2);
    say(&mut lab, "network old cloud open");
    pass(&mut lab, 600);
    assert!(last(&lab) > before && old(&lab).passwords.status(lab.now()) == "Successful");
}

#[test]
fn features_are_the_tenants_and_a_wizard_changes_them() {
    let mut lab = lab(", features: [PasswordHashSync, PasswordWriteback]");
    assert_eq!(say(&mut lab, "portal features"), "contoso.onmicrosoft.com: PasswordHashSync, PasswordWriteback");
    say(&mut lab, "fault passwords-off on new");
    assert!(say(&mut lab, "portal features").contains("PasswordHashSync"), "a server that forgets it changes nothing there");
    say(&mut lab, "wizard old open");
    say(&mut lab, "wizard old features PasswordHashSync,DeviceWriteback");
    pass(&mut lab, 60);
    say(&mut lab, "wizard old exit");
    assert_eq!(say(&mut lab, "portal features"), "contoso.onmicrosoft.com: PasswordHashSync, DeviceWriteback");
}

#[test]
fn latency_makes_runs_longer_and_nothing_else() {
    let length = |of_old: &str| {
        let mut lab = lab(of_old);
        cycle(&mut lab);
        assert_eq!(import(&lab), "success");
        let entra = old(&lab).entra().expect("a connector").name.clone();
        let seconds = |name: &str| {
            let run = old(&lab).history.newest(name, Profile::is_import).expect("a run").clone();
            (run.end.expect("over") - run.start).num_seconds()
        };
        [seconds("contoso.com"), seconds(&entra)]
    };
    let [ad, cloud] = length("");
    let [slow_ad, same] = length(", network: { ad: 2s }");
    assert!(slow_ad >= ad + 18 && (same - cloud).abs() < 5, "{ad} {slow_ad} {cloud} {same}");
    let [same, slow_cloud] = length(", network: { cloud: 2s }");
    assert!(slow_cloud >= cloud + 18 && (same - ad).abs() < 5, "{cloud} {slow_cloud} {ad} {same}");
}

#[test]
fn a_blocked_way_is_a_failed_run_and_its_fault_is_nothing_else() {
    let mut lab = lab("");
    say(&mut lab, "fault directory-connection on old");
    cycle(&mut lab);
    assert_eq!(old(&lab).history.newest("contoso.com", Profile::is_import).expect("a run").result, "no-start-connection");
    say(&mut lab, "network old ad open");
    assert!(!server(&lab).has(Fault::DirectoryConnection));
    cycle(&mut lab);
    assert_eq!(old(&lab).history.newest("contoso.com", Profile::is_import).expect("a run").result, "success");
    say(&mut lab, "firewall old block");
    cycle(&mut lab);
    assert_eq!(import(&lab), "stopped-connectivity");
    assert!(say(&mut lab, "cure cloud-blocked on old").contains("cured"), "however it came about");
    say(&mut lab, "network old winrm blocked");
    assert!(!server(&lab).answers());
}

#[test]
fn a_database_grows_with_objects_and_history_and_shrinks_when_that_is_purged() {
    let used = |lab: &Lab| old(lab).database_mb(&lab.world().directory);
    let mut lab = lab("");
    let before = used(&lab);
    pass(&mut lab, 5 * 86_400);
    let later = used(&lab);
    assert!(later > before, "{before} {later}");
    pass(&mut lab, 30 * 86_400);
    assert!(used(&lab) < later + 20, "the history is purged after seven days: {later} {}", used(&lab));
    say(&mut lab, "fault database-full on old");
    assert_eq!(used(&lab), LOCAL_DB_LIMIT_MB);
    cycle(&mut lab);
    assert_eq!(import(&lab), "stopped-database-disk-full");
    assert!(!told(&lab, 6_073).is_empty());
    say(&mut lab, "cure database-full on old");
    assert!(used(&lab) < later + 20);
    cycle(&mut lab);
    assert_eq!(import(&lab), "success");
}

#[test]
fn a_tenant_too_large_for_local_db_has_a_sql_server() {
    let text = "title: L\ndescription: L\nhistory: 01:00:00\nforests: { contoso.com: { Staff: 120000 } }\nservers: { old: { host: EC01, starts: active } }";
    let start = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment");
    let mut lab = Lab::new(&Scenario::parse("large", text).expect("readable"), 1, start);
    assert!(!old(&lab).local_db);
    assert!(refused(&mut lab, "fault database-full on old").contains("SQL Server"));
}
