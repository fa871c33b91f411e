//! What must hold in the lab's world whatever the operator does: one run at a time on a server, standbys that do not write, the same
//! future for the same past.

use std::collections::BTreeMap;

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::lab::world::history::{Profile, Run};
use lockstep::lab::world::server::Server;
use lockstep::lab::{Lab, Scenario, Verb};
use proptest::prelude::*;

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

/// A small tenant with a short past, so that many futures can be tried.
fn small() -> Scenario {
    Scenario::parse(
        "small",
        "title: Small\ndescription: Small\nhistory: 02:00:00\nforests: { contoso.com: { Staff: 200, Sales: { users: 40, groups: 10 } } }\nservers: { old: { host: EC01, starts: active }, new: { host: EC02, starts: staging } }",
    )
    .expect("readable")
}

fn verbs() -> impl Strategy<Value = String> {
    let role = prop_oneof![Just("old"), Just("new")];
    let form = prop::sample::select(vec![
        "wizard ROLE open",
        "wizard ROLE stage on start on",
        "wizard ROLE stage off start on",
        "wizard ROLE stage off start off",
        "wizard ROLE exit",
        "wizard ROLE kill",
        "wizard ROLE scope Sales off",
        "wizard ROLE scope Sales on",
        "upgrade ROLE start on",
        "service ROLE stop",
        "service ROLE start",
        "service ROLE restart",
        "pta ROLE install",
        "pta ROLE uninstall",
        "vm ROLE pause",
        "vm ROLE resume",
        "vm ROLE reboot",
        "vm ROLE off",
        "vm ROLE on",
        "fault manual-export on ROLE",
        "fault rule-disabled on ROLE",
        "fault overrides-pending on ROLE",
        "fault rule-edited on ROLE",
        "fault conditional-access on ROLE",
        "cure conditional-access on ROLE",
        "fault database-full on ROLE",
        "network ROLE cloud blocked",
        "network ROLE cloud open",
        "network ROLE ad 800ms",
        "policy add Guests everybody report-only",
        "policy enable Guests",
        "policy exclude ROLE from Guests",
        "fault permission-issue on ROLE",
        "cure permission-issue on ROLE",
        "create-user Someone in Staff",
        "create-group Everyone in Sales",
        "add-member Everyone Someone",
        "delete-user Someone",
        "change-user \"Group 00003\"",
        "change-user Someone",
        "set-user Someone title=\"Team lead\"",
        "change-password Someone",
        "disable-user Someone",
        "enable-user Someone",
        "move-user Someone to Sales",
        "add-member \"Group 00003\" Someone",
        "remove-member \"Group 00003\" Someone",
        "portal user Someone",
        "portal deleted",
        "portal restore Someone",
        "churn high",
        "churn off",
    ]);
    (role, form).prop_map(|(role, form)| form.replace("ROLE", role))
}

fn runs(server: &Server) -> Vec<Run> {
    server.product.as_ref().map(|product| product.history.newest_first().cloned().collect()).unwrap_or_default()
}

/// No two runs of a server overlap, and only the newest may be unfinished.
fn one_at_a_time(server: &Server) -> Result<(), TestCaseError> {
    let runs = runs(server);
    for (newer, older) in runs.iter().zip(runs.iter().skip(1)) {
        prop_assert!(older.end.is_some_and(|end| end <= newer.start), "{older:?} overlaps {newer:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_runs_do_not_overlap_and_standbys_do_not_write(
        seed in 0_u64..1_000,
        script in prop::collection::vec((verbs(), 1_i64..2_400), 1..14),
    ) {
        let mut lab = Lab::new(&small(), seed, start());
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for (verb, seconds) in script {
            let verb: Verb = verb.parse().expect("a verb");
            let _ = lab.operate(&verb);
            let to = lab.now() + TimeDelta::seconds(seconds);
            lab.advance(to);
            prop_assert_eq!(lab.now(), to);
            for server in &lab.world().servers {
                one_at_a_time(server)?;
                let by_scheduler = runs(server).iter().filter(|run| run.profile == Profile::Export && run.user == "NT SERVICE\\ADSync").count();
                let always_staged = server.product.as_ref().is_some_and(|product| product.staging_since.is_some_and(|since| since < start()));
                if always_staged {
                    prop_assert_eq!(by_scheduler, 0, "a server that never left staging exported by itself");
                }
                counted.insert(server.role.clone(), by_scheduler);
            }
        }
        prop_assert!(counted.len() == 2);
    }

    #[test]
    fn a_world_saved_in_the_middle_goes_on_the_same(
        seed in 0_u64..1_000,
        script in prop::collection::vec((verbs(), 1_i64..1_800), 2..10),
        cut in 0_usize..10,
    ) {
        let mut whole = Lab::new(&small(), seed, start());
        let mut saved = Lab::new(&small(), seed, start());
        for (at, (verb, seconds)) in script.iter().enumerate() {
            let verb: Verb = verb.parse().expect("a verb");
            prop_assert_eq!(whole.operate(&verb), saved.operate(&verb));
            let to = whole.now() + TimeDelta::seconds(*seconds);
            whole.advance(to);
            saved.advance(to - TimeDelta::seconds(seconds / 2));
            if at == cut {
                saved = Lab::from_json(&saved.to_json()).expect("readable");
            }
            saved.advance(to);
        }
        prop_assert_eq!(whole.to_json(), saved.to_json());
    }

    #[test]
    fn a_verb_says_itself(form in verbs()) {
        let verb: Verb = form.parse().expect("a verb");
        prop_assert_eq!(verb.to_string().parse::<Verb>(), Ok(verb));
    }
}

#[test]
fn a_held_machine_is_stuck_in_the_past_until_its_service_restarts() {
    let mut lab = Lab::new(&small(), 4, start());
    let product = |lab: &Lab| lab.world().servers[0].product.clone().expect("installed");
    while product(&lab).cycle.is_some() {
        let to = lab.now() + TimeDelta::seconds(1);
        lab.advance(to);
    }
    let say = |lab: &mut Lab, verb: &str| lab.operate(&verb.parse().expect("a verb")).expect("done");
    say(&mut lab, "vm old pause");
    let to = lab.now() + TimeDelta::hours(2);
    lab.advance(to);
    say(&mut lab, "vm old resume");
    let to = lab.now() + TimeDelta::hours(2);
    lab.advance(to);
    let stuck = product(&lab);
    assert!(stuck.scheduler.enabled && stuck.scheduler.next_start < lab.now() - TimeDelta::hours(2));
    assert_eq!(stuck.service.status.name(), "Running");
    say(&mut lab, "service old restart");
    let to = lab.now() + TimeDelta::minutes(2);
    lab.advance(to);
    let free = product(&lab);
    assert!(free.cycle.is_some() || free.scheduler.next_start > lab.now());
}

#[test]
fn a_rogue_writes_old_values_and_the_active_server_writes_them_back() {
    let mut lab = Lab::new(&Scenario::bundled("rogue-third").expect("a scenario"), 2, start());
    lab.advance(start() + TimeDelta::hours(4));
    let hosts: Vec<&str> = lab.world().cloud.exports.iter().rev().take(8).map(|export| export.host.as_str()).collect();
    assert!(hosts.contains(&"EC00") && hosts.contains(&"EC01"), "{hosts:?}");
    let written: u64 = lab.world().cloud.exports.iter().rev().take(8).filter(|e| e.host == "EC00").map(|e| e.writes).sum();
    assert!(written > 0, "it reverts what changed since it was switched off");
}

#[test]
fn the_sign_in_agent_outlives_the_product_and_is_removed_by_itself() {
    let mut lab = Lab::new(&small(), 5, start());
    let say = |lab: &mut Lab, verb: &str| lab.operate(&verb.parse().expect("a verb"));
    assert!(say(&mut lab, "pta old uninstall").expect_err("none there").contains("no pass-through authentication agent"));
    assert!(say(&mut lab, "pta old install").is_ok_and(|said| said.contains("one agent runs")));
    assert!(say(&mut lab, "pta new install").is_ok_and(|said| said.contains("2 agents run")));
    assert!(say(&mut lab, "pta new install").expect_err("there already").contains("already"));
    say(&mut lab, "uninstall old").expect("removed");
    assert_eq!(lab.world().servers[0].host.authentication_agent, Some(true));
    say(&mut lab, "pta old uninstall").expect("removed");
    assert_eq!(lab.world().servers[0].host.authentication_agent, None);
}

#[test]
fn an_uninstalled_product_leaves_its_identity_in_the_tenant() {
    let mut lab = Lab::new(&small(), 5, start());
    let say = |lab: &mut Lab, verb: &str| lab.operate(&verb.parse().expect("a verb"));
    let name = lab.world().servers[0].product.as_ref().map(|product| product.identity.name.clone()).expect("installed");
    assert!(say(&mut lab, "portal sync").is_ok_and(|said| said.contains("password hashes")));
    assert!(say(&mut lab, &format!("portal remove {name}")).expect_err("in use").contains("EC01 signs in"));
    say(&mut lab, "uninstall old").expect("removed");
    assert!(say(&mut lab, "portal identities").is_ok_and(|said| said.contains(&format!("{name} left behind by EC01"))));
    say(&mut lab, &format!("portal remove {name}")).expect("removed");
    assert!(!say(&mut lab, "portal identities").is_ok_and(|said| said.contains("left behind")));
}
