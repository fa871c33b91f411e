//! The scheduler's state machine, row by row: what starts a cycle, what holds it back, what is said of it.

mod lab_support;

use chrono::TimeDelta;
use lockstep::Time;
use lockstep::lab::Lab;
use lockstep::lab::world::scheduler::CannotStart;
use lockstep::lab::world::server::{Product, ServiceStatus};
use lockstep::lab::world::settings::Policy;

use lab_support::{old, pass, server, until, world};

fn lab() -> Lab {
    world("", "")
}

fn say(lab: &mut Lab, verb: &str) -> String {
    lab.operate(&verb.parse().expect("a verb")).unwrap_or_else(|why| panic!("{verb}: {why}"))
}

/// Events 904 from a moment on, oldest first.
fn told(lab: &Lab, since: Time) -> Vec<String> {
    let events = server(lab).host.log.newest_first().take_while(|event| event.at >= since).filter(|event| event.id == 904);
    let mut told: Vec<String> = events.map(|event| event.message.clone()).collect();
    told.reverse();
    told
}

#[test]
fn a_timer_runs_a_cycle_in_its_order_and_sets_the_next_by_its_start() {
    let mut lab = lab();
    let due = old(&lab).scheduler.next_start;
    until(&mut lab, |lab| old(lab).cycle.is_some());
    let begun = old(&lab).cycle.as_ref().expect("a cycle").started;
    assert_eq!(begun, due);
    assert_eq!(old(&lab).scheduler.next_start, due, "it is not moved until the cycle completes");
    until(&mut lab, |lab| old(lab).cycle.is_none());
    assert_eq!(old(&lab).scheduler.next_start, begun + TimeDelta::minutes(30));
    assert_eq!(
        told(&lab, begun),
        [
            "Import/Sync/Export cycle started (Delta).",
            "Initializing",
            "Importing",
            "Synchronizing from all Sources",
            "Synchronizing from Target",
            "Exporting to Target",
            "Exporting to all Sources",
            "Finished",
            "Import/Sync/Export cycle completed (Delta)."
        ]
    );
}

#[test]
fn between_two_steps_nothing_is_busy_for_up_to_three_seconds() {
    let mut lab = lab();
    until(&mut lab, |lab| old(lab).active.is_some());
    let (mut gaps, mut gap) = (0, None::<Time>);
    while old(&lab).cycle.is_some() {
        let to = lab.now() + TimeDelta::milliseconds(50);
        lab.advance(to);
        match (old(&lab).active.is_some(), gap) {
            (false, None) => gap = Some(lab.now()),
            (true, Some(since)) => {
                let length = (lab.now() - since).num_milliseconds();
                assert!((400..=3_100).contains(&length), "{length} ms");
                gaps += 1;
                gap = None;
            }
            _ => {}
        }
    }
    assert!(gaps >= 4, "{gaps}");
}

#[test]
fn a_disabled_scheduler_lets_its_moments_pass_and_still_maintains() {
    let mut lab = lab();
    say(&mut lab, "fault scheduler-disabled on old");
    let cycle = old(&lab).last_cycle.clone();
    pass(&mut lab, 8 * 86_400);
    assert_eq!(old(&lab).last_cycle, cycle);
    assert!(old(&lab).scheduler.next_start > lab.now());
    assert_eq!(old(&lab).history.newest_first().count(), 0, "maintenance has purged the history");
}

#[test]
fn a_suspended_scheduler_stays_at_its_moment() {
    let mut lab = lab();
    say(&mut lab, "fault suspended-leak on old");
    let due = old(&lab).scheduler.next_start;
    pass(&mut lab, 3 * 3_600);
    assert_eq!(old(&lab).scheduler.next_start, due);
    assert_eq!(server(&lab).cannot_start(), Some(CannotStart::Suspended));
    say(&mut lab, "cure suspended-leak on old");
    until(&mut lab, |lab| old(lab).cycle.is_some());
}

#[test]
fn an_open_wizard_is_a_mutex_and_not_the_suspended_flag() {
    let mut lab = lab();
    say(&mut lab, "wizard old open");
    let due = old(&lab).scheduler.next_start;
    pass(&mut lab, 3_600);
    assert!(!old(&lab).scheduler.suspended);
    assert_eq!(old(&lab).scheduler.next_start, due, "the next start stays in the past");
    assert_eq!(server(&lab).cannot_start(), Some(CannotStart::WizardOpen));
    let said = format!("unable to start a new sync cycle since {}", due.format("%m/%d/%Y %H:%M:%S"));
    assert!(told(&lab, due).iter().any(|text| text.contains(&said)), "{:?}", told(&lab, due));
    say(&mut lab, "wizard old exit");
    until(&mut lab, |lab| old(lab).cycle.is_some());
}

#[test]
fn a_build_that_suspends_while_its_wizard_is_open_is_a_switch_of_the_scenario() {
    let mut lab = world(", wizard_suspends: true", "");
    say(&mut lab, "wizard old open");
    assert!(old(&lab).scheduler.suspended);
    assert_eq!(server(&lab).cannot_start(), Some(CannotStart::Suspended));
    say(&mut lab, "wizard old exit");
    assert!(!old(&lab).scheduler.suspended);
    say(&mut lab, "wizard old open");
    say(&mut lab, "wizard old kill");
    assert!(old(&lab).scheduler.suspended, "what a wizard sets, nobody resets when it dies");
}

#[test]
fn shared_scheduler_settings_are_a_switch_of_the_scenario() {
    for shared in [true, false] {
        let mut lab = world("", &format!("shared_scheduler: {shared}"));
        say(&mut lab, "wizard old open");
        say(&mut lab, "wizard old stage off start off");
        say(&mut lab, "wizard old exit");
        pass(&mut lab, 60);
        let new = lab.world().servers[1].product.as_ref().expect("installed");
        assert!(!old(&lab).scheduler.enabled);
        assert_eq!(new.scheduler.enabled, !shared);
        assert!(new.scheduler.staging && !old(&lab).scheduler.staging, "staging mode is never shared");
    }
}

#[test]
fn a_tenant_that_cannot_be_asked_is_asked_again_with_more_and_more_patience() {
    let mut lab = lab();
    let due = old(&lab).scheduler.next_start;
    say(&mut lab, "firewall old block");
    lab.advance(due + TimeDelta::seconds(34));
    assert!(old(&lab).cycle.is_none());
    lab.advance(due + TimeDelta::seconds(36));
    let cycle = old(&lab).cycle.as_ref().expect("the last known interval is used");
    assert_eq!(cycle.started, due + TimeDelta::seconds(35));
    let told = told(&lab, due);
    assert_eq!(told.iter().filter(|text| text.starts_with("There was an issue obtaining cloud sync intervals")).count(), 4);
}

#[test]
fn a_start_is_answered_at_once_and_shows_one_to_three_seconds_later() {
    let mut world = lab().world().clone();
    world.servers[0].product.as_mut().expect("installed").scheduler.enabled = false;
    let asked = world.now;
    world.servers[0].request_cycle(Policy::Delta, asked).expect("it starts without SyncCycleEnabled too");
    let in_progress = |world: &lockstep::lab::world::World| world.servers[0].product.as_ref().is_some_and(Product::in_progress);
    assert!(!in_progress(&world));
    assert_eq!(world.servers[0].cannot_start(), Some(CannotStart::Requested));
    while !in_progress(&world) {
        let to = world.now + TimeDelta::milliseconds(50);
        world.advance(to);
    }
    let late = (world.now - asked).num_milliseconds();
    assert!((1_000..=3_050).contains(&late), "{late} ms");
}

#[test]
fn inside_a_step_the_connector_is_busy_and_between_two_the_sync_is_running() {
    let mut lab = lab();
    until(&mut lab, |lab| old(lab).active.is_some());
    assert!(matches!(server(&lab).cannot_start(), Some(CannotStart::Busy(_))));
    while old(&lab).active.is_some() {
        let to = lab.now() + TimeDelta::milliseconds(100);
        lab.advance(to);
    }
    assert_eq!(server(&lab).cannot_start(), Some(CannotStart::Running));
}

#[test]
fn a_stop_ends_the_step_in_two_to_ten_seconds_and_leaves_the_others_out() {
    let mut lab = lab();
    say(&mut lab, "fault never-ending-cycle on old");
    until(&mut lab, |lab| old(lab).active.as_ref().is_some_and(|active| active.profile.is_synchronization()));
    pass(&mut lab, 600);
    let mut world = lab.world().clone();
    let asked = world.now;
    world.servers[0].stop_cycle(asked);
    while world.servers[0].product.as_ref().is_some_and(Product::in_progress) {
        let to = world.now + TimeDelta::milliseconds(100);
        world.advance(to);
    }
    let product = world.servers[0].product.as_ref().expect("installed");
    let newest = product.history.newest_first().next().expect("a run");
    assert_eq!(newest.result, "stopped-user-termination-from-wmi-or-ui");
    let took = (newest.end.expect("over") - asked).num_milliseconds();
    assert!((2_000..=10_000).contains(&took), "{took} ms");
    assert!(product.last_cycle.as_ref().is_some_and(|cycle| !cycle.succeeded));
}

#[test]
fn the_wizard_waits_five_seconds_for_a_cycle_and_then_cannot_change_anything() {
    let mut lab = lab();
    say(&mut lab, "fault never-ending-cycle on old");
    until(&mut lab, |lab| old(lab).cycle.is_some());
    assert!(say(&mut lab, "wizard old open").contains("waits 5 s"));
    pass(&mut lab, 4);
    assert_eq!(server(&lab).wizard.as_ref().map(|wizard| wizard.page.title()), Some("Welcome"));
    pass(&mut lab, 2);
    assert_eq!(server(&lab).wizard.as_ref().map(|wizard| wizard.page.title()), Some("Cannot change configuration"));
    let refused = lab.operate(&"wizard old stage on start on".parse().expect("a verb")).expect_err("refused");
    assert!(refused.contains("in progress"), "{refused}");
    assert!(!server(&lab).wizard_holds_mutex());
    say(&mut lab, "wizard old exit");
    assert!(server(&lab).wizard.is_none());
}

#[test]
fn a_cycle_that_ends_within_the_wait_lets_the_wizard_in() {
    let mut lab = lab();
    until(&mut lab, |lab| old(lab).cycle.is_some());
    while !(old(&lab).cycle.as_ref().is_some_and(|cycle| cycle.plan.is_empty()) && old(&lab).active.is_none()) {
        let to = lab.now() + TimeDelta::milliseconds(100);
        lab.advance(to);
    }
    say(&mut lab, "wizard old open");
    pass(&mut lab, 6);
    assert_eq!(server(&lab).wizard.as_ref().map(|wizard| wizard.page.title()), Some("Additional tasks"));
    assert!(server(&lab).wizard_holds_mutex());
}

#[test]
fn a_killed_wizard_leaves_an_abandoned_mutex_that_the_scheduler_recovers() {
    let mut lab = lab();
    say(&mut lab, "wizard old open");
    pass(&mut lab, 3_600);
    let killed = lab.now();
    say(&mut lab, "wizard old kill");
    assert!(!told(&lab, killed).iter().any(|text| text.contains("abandoned")), "the scheduler finds it when it looks");
    pass(&mut lab, 61);
    let told = told(&lab, killed);
    assert_eq!(told[0], "Obtained an abandoned wizardSchedulerMutex.");
    assert!(told[1].contains("cycle started"));
}

#[test]
fn a_service_that_starts_late_runs_what_it_missed() {
    let mut lab = lab();
    say(&mut lab, "service old stop");
    pass(&mut lab, 7_200);
    assert_eq!(old(&lab).service.status, ServiceStatus::Stopped);
    say(&mut lab, "service old start");
    until(&mut lab, |lab| old(lab).service.status == ServiceStatus::Running);
    let running = lab.now();
    pass(&mut lab, 6);
    assert!(old(&lab).cycle.as_ref().is_some_and(|cycle| cycle.started - running <= TimeDelta::seconds(6)));
    let log = &server(&lab).host.log;
    assert!(log.newest_first().any(|event| event.id == 2_001) && log.newest_first().any(|event| event.id == 2_002));
}
