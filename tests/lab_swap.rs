//! A clean swap lived through in the lab: what a standby predicts is what its first export after promotion writes.

use std::collections::BTreeMap;

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::lab::world::history::{Profile, Run};
use lockstep::lab::world::pending::pending_count;
use lockstep::lab::{Fault, Lab, Scenario, Verb};
use proptest::prelude::*;

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

fn lab(name: &str) -> Lab {
    Lab::new(&Scenario::bundled(name).expect("a scenario"), 7, start())
}

fn say(lab: &mut Lab, verb: &str) -> String {
    let verb: Verb = verb.parse().expect("a verb");
    lab.operate(&verb).unwrap_or_else(|why| panic!("{verb}: {why}"))
}

fn pass(lab: &mut Lab, minutes: i64) {
    let to = lab.now() + TimeDelta::minutes(minutes);
    lab.advance(to);
}

/// Waits until no cycle runs on a server.
fn idle(lab: &mut Lab, at: usize) {
    while lab.world().servers[at]
        .product
        .as_ref()
        .is_some_and(|p| p.cycle.is_some() || p.active.is_some() || p.requested.is_some())
    {
        let to = lab.now() + TimeDelta::seconds(1);
        lab.advance(to);
    }
}

#[test]
fn the_world_has_lived_before_it_is_handed_out() {
    let lab = lab("clean-swap");
    let world = lab.world();
    let old = world.servers[0].product.as_ref().expect("installed");
    let new = world.servers[1].product.as_ref().expect("installed");
    assert!(!old.scheduler.staging && new.scheduler.staging);
    assert!(old.history.newest_first().any(|run| run.profile == Profile::Export && run.result == "success"));
    assert!(new.history.newest_first().all(|run| run.profile != Profile::Export));
    assert_eq!(world.cloud.client.as_ref().map(|client| client.machine.as_str()), Some("EC01"));
    let pending = pending_count(new, &world.directory);
    assert!(pending.total() <= 3, "a standby that has caught up has next to nothing pending: {pending:?}");
    assert!(old.last_cycle.is_some() && new.last_cycle.is_some());
}

#[test]
fn a_swap_exports_what_the_standby_predicted() {
    let mut lab = lab("clean-swap");
    say(&mut lab, "churn off");
    pass(&mut lab, 60);
    idle(&mut lab, 0);
    say(&mut lab, "wizard old open");
    say(&mut lab, "wizard old stage on start on");
    say(&mut lab, "wizard old exit");
    pass(&mut lab, 5);
    let staged = |lab: &Lab, at: usize| lab.world().servers[at].product.as_ref().expect("installed").scheduler.staging;
    assert!(staged(&lab, 0) && staged(&lab, 1));

    say(&mut lab, "create-user \"Test Swap\" in Staff");
    idle(&mut lab, 1);
    while pending_count(lab.world().servers[1].product.as_ref().expect("installed"), &lab.world().directory).adds == 0 {
        pass(&mut lab, 1);
    }
    idle(&mut lab, 1);
    let predicted = pending_count(lab.world().servers[1].product.as_ref().expect("installed"), &lab.world().directory);
    say(&mut lab, "wizard new open");
    say(&mut lab, "wizard new stage off start on");
    say(&mut lab, "wizard new exit");
    pass(&mut lab, 5);
    assert!(!staged(&lab, 1));
    let world = lab.world();
    let new = world.servers[1].product.as_ref().expect("installed");
    let export = new
        .history
        .newest_first()
        .find(|run| run.profile == Profile::Export && run.connector.ends_with(" - AAD"))
        .expect("an export");
    assert_eq!(export.result, "success");
    assert_eq!(
        (export.counters.adds, export.counters.updates, export.counters.deletes),
        (predicted.adds, predicted.updates, predicted.deletes)
    );
    assert_eq!(world.cloud.client.as_ref().map(|client| client.machine.as_str()), Some("EC02"));
    assert!(say(&mut lab, "portal user \"Test Swap\"").contains("written by EC02"));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_a_saved_world_goes_on_the_same() {
    let (mut a, mut b) = (lab("clean-swap"), lab("clean-swap"));
    assert_eq!(a.to_json(), b.to_json());
    let to = start() + TimeDelta::hours(3);
    a.advance(to);
    let mut minute = start();
    while minute < to {
        minute += TimeDelta::seconds(97);
        b.advance(minute.min(to));
    }
    assert_eq!(a.to_json(), b.to_json(), "how time is cut into pieces does not matter");
    let mut c = Lab::from_json(&a.to_json()).expect("readable");
    a.advance(to + TimeDelta::hours(9));
    c.advance(to + TimeDelta::hours(9));
    assert_eq!(a.to_json(), c.to_json());
}

#[test]
fn two_months_pass_in_a_moment() {
    let mut lab = lab("clean-swap");
    lab.advance(start() + TimeDelta::days(60));
    let old = lab.world().servers[0].product.as_ref().expect("installed");
    assert!(old.history.newest_first().count() > 1_000);
    assert!(old.last_cycle.as_ref().is_some_and(|cycle| lab.now() - cycle.end < TimeDelta::minutes(31)));
}

#[test]
fn an_upgrade_computes_overrides_and_the_next_cycle_executes_them() {
    let mut lab = lab("clean-swap");
    idle(&mut lab, 1);
    say(&mut lab, "upgrade new start off");
    pass(&mut lab, 1);
    assert!(lab.world().servers[1].product.as_ref().is_some_and(|product| product.scheduler.suspended));
    pass(&mut lab, 25);
    say(&mut lab, "wizard new exit");
    let product = lab.world().servers[1].product.clone().expect("installed");
    assert_eq!(product.version.to_string(), "2.6.92.0");
    assert!(!product.scheduler.suspended && !product.scheduler.enabled && product.scheduler.staging);
    assert!(product.connectors.iter().any(|connector| connector.full_sync_required));
    lab.operate(&"cure scheduler-disabled on new".parse().expect("a verb")).expect("enabled");
    pass(&mut lab, 45);
    let product = lab.world().servers[1].product.as_ref().expect("installed");
    assert!(product.connectors.iter().all(|connector| !connector.is_overridden()));
    assert!(product.history.newest_first().any(|run| run.profile == Profile::FullSynchronization));
}

#[test]
fn an_upgrade_resets_an_edited_standard_rule() {
    let mut lab = lab("clean-swap");
    let prints = |lab: &Lab, at: usize| -> BTreeMap<String, String> {
        let product = lab.world().servers[at].product.as_ref().expect("installed");
        product.rules.iter().map(|rule| (rule.name.clone(), rule.fingerprint())).collect()
    };
    let delivered = prints(&lab, 0);
    assert_eq!(prints(&lab, 1), delivered, "two servers of one release have the same fingerprints");
    idle(&mut lab, 1);
    say(&mut lab, "fault rule-edited on new");
    let edited = prints(&lab, 1);
    let differ: Vec<&String> = delivered.keys().filter(|name| delivered.get(*name) != edited.get(*name)).collect();
    assert_eq!(differ, ["In from AD - User Common"]);
    pass(&mut lab, 70);
    idle(&mut lab, 1);
    let pending = |lab: &Lab| {
        let world = lab.world();
        pending_count(world.servers[1].product.as_ref().expect("installed"), &world.directory).total()
    };
    assert!(pending(&lab) > 1_000, "the edit is in every user: {}", pending(&lab));
    say(&mut lab, "upgrade new start on");
    pass(&mut lab, 25);
    say(&mut lab, "wizard new exit");
    assert_eq!(prints(&lab, 1), delivered);
    assert!(!lab.world().servers[1].has(Fault::RuleEdited));
    assert!(lab.world().servers[1].product.as_ref().is_some_and(|p| p.connectors.iter().any(|c| c.full_sync_required)));
    pass(&mut lab, 70);
    idle(&mut lab, 1);
    assert!(pending(&lab) < 50, "{}", pending(&lab));
}

#[test]
fn cycles_take_as_long_as_their_tenant_is_large() {
    let minutes = |name: &str| {
        let mut lab = lab(name);
        idle(&mut lab, 0);
        say(&mut lab, "fault overrides-pending on old");
        pass(&mut lab, 180);
        let product = lab.world().servers[0].product.clone().expect("installed");
        let full =
            product.history.newest_first().find(|run| run.profile == Profile::FullSynchronization).expect("a full one").start;
        let first = product.history.newest_first().filter(|run| run.start <= full && run.profile == Profile::FullImport).last();
        (full - first.expect("an import").start).num_seconds() / 60
    };
    assert!((1..=3).contains(&minutes("clean-swap")), "2,000 users: some minutes");
    assert!((25..=70).contains(&minutes("large-tenant")), "50,000 users: the better part of an hour");
    let lab = lab("clean-swap");
    let cycle = lab.world().servers[0].product.as_ref().and_then(|product| product.last_cycle.clone()).expect("a cycle");
    assert!((10..=60).contains(&(cycle.end - cycle.start).num_seconds()), "{cycle:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever drifted: what the standby has pending at the moment of its promotion is what its first export writes, as long as the
    /// directory does not change in between.
    #[test]
    fn a_promotion_with_drift_writes_what_was_predicted(
        seed in 0_u64..1_000,
        drift in prop::sample::subsequence(DRIFTS.to_vec(), 0..=4),
        unseen in 0_i64..90,
    ) {
        let mut lab = Lab::new(&Scenario::parse("drift", DRIFTING).expect("readable"), seed, start());
        idle(&mut lab, 1);
        for verb in &drift {
            say(&mut lab, verb);
        }
        pass(&mut lab, 70 + unseen);
        say(&mut lab, "churn off");
        idle(&mut lab, 0);
        say(&mut lab, "wizard old open");
        say(&mut lab, "wizard old stage on start on");
        say(&mut lab, "wizard old exit");
        pass(&mut lab, 90);
        idle(&mut lab, 1);
        let new = |lab: &Lab| lab.world().servers[1].product.clone().expect("installed");
        let predicted = pending_count(&new(&lab), &lab.world().directory);
        say(&mut lab, "wizard new open");
        say(&mut lab, "wizard new stage off start on");
        say(&mut lab, "wizard new exit");
        let promoted = lab.now();
        pass(&mut lab, 8);
        let product = new(&lab);
        let is_export = |run: &&Run| run.profile == Profile::Export && run.connector.ends_with(" - AAD") && run.start > promoted;
        let first = product.history.newest_first().filter(is_export).last().expect("an export");
        prop_assert_eq!(
            (first.counters.adds, first.counters.updates, first.counters.deletes),
            (predicted.adds, predicted.updates, predicted.deletes)
        );
        prop_assert!(pending_count(&product, &lab.world().directory).none());
    }
}

const DRIFTS: [&str; 5] = [
    "fault ou-missing on new",
    "fault rule-missing on new",
    "fault rule-disabled on new",
    "create-user \"Ada Drift\" in Staff",
    "create-user \"Ida Late\" in Sales",
];

const DRIFTING: &str = "title: D
description: D
history: 12:00:00
tenant: { deletion_threshold: 0 }
forests: { contoso.com: { Sales: { users: 90, groups: 12, devices: 30 }, Staff: 300 } }
servers: { old: { host: EC01, starts: active }, new: { host: EC02, starts: staging } }";

#[test]
fn the_writeback_listener_moves_with_the_role_and_a_second_one_disturbs_the_first() {
    let text = "title: W
description: W
history: 04:00:00
forests: { contoso.com: { Staff: 100 } }
servers:
  old: { host: EC01, starts: active, features: [PasswordHashSync, PasswordWriteback] }
  new: { host: EC02, starts: staging, features: [PasswordHashSync, PasswordWriteback] }";
    let mut lab = Lab::new(&Scenario::parse("writeback", text).expect("readable"), 3, start());
    let count = |lab: &Lab, at: usize, id: i64| {
        lab.world().servers[at].host.log.newest_first().filter(|event| event.id == id && event.at > start()).count()
    };
    pass(&mut lab, 3);
    say(&mut lab, "fault dual-active on new");
    assert_eq!((count(&lab, 1, 31_015), count(&lab, 0, 32_002)), (1, 1), "the new one opens, the old one is disturbed");
    pass(&mut lab, 60);
    let (lost, taken) = (count(&lab, 0, 32_002), count(&lab, 1, 32_002));
    assert!(lost >= 3 && taken >= 2, "each takes the connection from the other, again and again: {lost}, {taken}");
    say(&mut lab, "cure dual-active on new");
    pass(&mut lab, 20);
    assert_eq!((count(&lab, 1, 31_016), count(&lab, 0, 31_016)), (1, 0));
    let (lost, taken, opened) = (count(&lab, 0, 32_002), count(&lab, 1, 32_002), count(&lab, 0, 31_015));
    pass(&mut lab, 120);
    assert_eq!(
        (count(&lab, 0, 32_002), count(&lab, 1, 32_002), count(&lab, 0, 31_015)),
        (lost, taken, opened),
        "in staging it disturbs nobody"
    );
    say(&mut lab, "service old restart");
    pass(&mut lab, 1);
    assert_eq!((count(&lab, 0, 31_016), count(&lab, 0, 31_015), count(&lab, 1, 32_002)), (1, opened + 1, taken));
}

#[test]
fn a_tenant_of_two_hundred_thousand_objects_is_counts_and_not_objects() {
    let text = "title: L
description: L
history: 1.00:00:00
forests:
  contoso.com: { Staff: { users: 150000, groups: 10000, contacts: 5000, devices: 35000, largest_group: 50000 } }
servers: { old: { host: EC01, starts: active }, new: { host: EC02, starts: staging } }";
    let mut lab = Lab::new(&Scenario::parse("large", text).expect("readable"), 3, start());
    lab.advance(start() + TimeDelta::days(10));
    let size = lab.to_json().to_string().len();
    assert!(size < 6_000_000, "{size} bytes");
    let directory = &lab.world().directory;
    let (dn, now) = (&directory.container_names()[0], lab.now());
    assert!((190_000..210_000).contains(&directory.population(dn, now)));
    assert!((140_000..160_000).contains(&directory.users(dn, now)));
    let population = directory.population_of(dn).expect("a container");
    let numbers = population.numbers(now).take(400);
    let classes: std::collections::BTreeSet<&str> = numbers.map(|number| population.class(number).name()).collect();
    assert_eq!(classes.into_iter().collect::<Vec<_>>(), ["contact", "device", "group", "user"]);
}
