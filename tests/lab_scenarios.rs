//! Every scenario that comes with the program is readable, lives, and shows what it promises.

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::lab::world::pending::pending_count;
use lockstep::lab::world::server::{Product, Server};
use lockstep::lab::{Lab, Scenario};

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

fn lab(name: &str) -> Lab {
    Lab::new(&Scenario::bundled(name).expect("a scenario"), 11, start())
}

fn server<'a>(lab: &'a Lab, role: &str) -> &'a Server {
    lab.world().servers.iter().find(|server| server.role == role).expect("a role")
}

fn product<'a>(lab: &'a Lab, role: &str) -> &'a Product {
    server(lab, role).product.as_ref().expect("installed")
}

fn say(lab: &mut Lab, verb: &str) -> String {
    lab.operate(&verb.parse().expect("a verb")).unwrap_or_else(|why| panic!("{verb}: {why}"))
}

fn pass(lab: &mut Lab, minutes: i64) {
    let to = lab.now() + TimeDelta::minutes(minutes);
    lab.advance(to);
}

#[test]
fn every_bundled_scenario_is_readable_and_lives_for_a_day() {
    for name in Scenario::names() {
        let scenario = Scenario::bundled(name).unwrap_or_else(|why| panic!("{why}"));
        assert!(!scenario.title.is_empty() && !scenario.description.is_empty(), "{name}");
        if name == "large-tenant" {
            continue;
        }
        let mut lab = Lab::new(&scenario, 3, start());
        let saved = Lab::from_json(&lab.to_json()).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(saved.to_json(), lab.to_json(), "{name}");
        lab.advance(start() + TimeDelta::days(1));
        assert_eq!(lab.now(), start() + TimeDelta::days(1), "{name}");
    }
}

#[test]
fn ou_drift_is_pending_deletes_on_the_standby() {
    let lab = lab("ou-drift");
    let pending = pending_count(product(&lab, "new"), &lab.world().directory);
    assert!(pending.deletes >= 100, "{pending:?}");
    assert_eq!(pending_count(product(&lab, "old"), &lab.world().directory).deletes, 0);
}

#[test]
fn too_many_deletes_stop_the_first_export_and_nothing_is_written() {
    let mut lab = lab("deletion-threshold");
    say(&mut lab, "churn off");
    let before = lab.world().cloud.populations.len();
    say(&mut lab, "vm old off");
    while product(&lab, "new").cycle.is_some() {
        pass(&mut lab, 1);
    }
    say(&mut lab, "wizard new open");
    say(&mut lab, "wizard new stage off start on");
    say(&mut lab, "wizard new exit");
    pass(&mut lab, 6);
    let results: Vec<&str> = product(&lab, "new").history.newest_first().map(|run| run.result.as_str()).collect();
    assert!(results.contains(&"stopped-deletion-threshold-exceeded"), "{results:?}");
    assert_eq!(lab.world().cloud.populations.len(), before);
    assert!(server(&lab, "new").host.log.newest_first().any(|event| event.id == 116));
}

#[test]
fn a_forgotten_wizard_holds_every_cycle_back_until_it_is_gone() {
    let mut lab = lab("forgotten-wizard");
    let old = server(&lab, "old");
    assert_eq!(old.wizard.as_ref().map(|wizard| wizard.session.name()), Some("Disc"));
    let next = product(&lab, "old").scheduler.next_start;
    assert!(lab.now() - next > TimeDelta::hours(10), "the next start stays in the past");
    assert!(old.host.log.newest_first().any(|event| event.message.contains("wizard is open")));
    say(&mut lab, "wizard old kill");
    pass(&mut lab, 5);
    assert!(product(&lab, "old").scheduler.next_start > lab.now() || product(&lab, "old").cycle.is_some());
}

#[test]
fn a_server_is_migrated_by_exported_settings() {
    let mut lab = lab("migrate-to-new-server");
    assert!(server(&lab, "new").product.is_none());
    while product(&lab, "old").cycle.is_some() {
        pass(&mut lab, 1);
    }
    say(&mut lab, "wizard old open");
    say(&mut lab, r"wizard old export \\fs\share\ec01.json");
    say(&mut lab, "wizard old exit");
    for verb in [
        "installer new open",
        r"installer new customize import \\fs\share\ec01.json",
        "installer new sign-in PHS sso",
        "installer new accounts",
        "installer new features PasswordHashSync,PasswordWriteback",
        "installer new ready start on",
        "wizard new exit",
    ] {
        say(&mut lab, verb);
    }
    pass(&mut lab, 120);
    let (old, new) = (product(&lab, "old"), product(&lab, "new"));
    assert!(new.scheduler.staging, "the import ticks staging mode");
    assert_eq!(new.version.to_string(), "2.6.92.0");
    assert_eq!(old.options.features, new.options.features);
    assert!(new.rules.iter().any(|rule| rule.name == "In from AD - User Department"));
    assert_ne!(old.machine_id, new.machine_id);
    assert_ne!(old.connectors[0].identifier, new.connectors[0].identifier);
    let pending = pending_count(new, &lab.world().directory);
    assert!(pending.total() <= 5, "equal configurations leave nothing to write: {pending:?}");
}

#[test]
fn without_the_import_the_missing_rule_is_pending_updates() {
    let lab = lab("installed-without-import");
    let new = product(&lab, "new");
    assert!(new.scheduler.staging);
    assert!(pending_count(new, &lab.world().directory).updates > 1_000);
}

#[test]
fn a_build_whose_wizard_cannot_sign_in_cannot_be_staged() {
    let mut lab = lab("upgrade-below-floor");
    while product(&lab, "old").cycle.is_some() {
        pass(&mut lab, 1);
    }
    say(&mut lab, "wizard old open");
    let refused = lab.operate(&"wizard old stage on start on".parse().expect("a verb")).expect_err("refused");
    assert!(refused.contains("sign-in was refused"), "{refused}");
}

#[test]
fn the_upgrade_refuses_without_the_entra_connector() {
    let mut lab = lab("connector-missing");
    let refused = lab.operate(&"upgrade new".parse().expect("a verb")).expect_err("refused");
    assert!(refused.contains("the specified MA could not be found"), "{refused}");
}

#[test]
fn two_active_servers_take_turns_in_the_tenant() {
    let mut lab = lab("staging-unticked");
    pass(&mut lab, 120);
    let recent: Vec<&str> = lab.world().cloud.exports.iter().rev().take(6).map(|export| export.host.as_str()).collect();
    assert!(recent.contains(&"EC01") && recent.contains(&"EC02"), "{recent:?}");
}

#[test]
fn a_missing_rule_makes_two_active_servers_flip_the_same_values() {
    let mut lab = lab("foreign-rules");
    say(&mut lab, "fault dual-active on new");
    pass(&mut lab, 180);
    let writes: Vec<u64> = lab.world().cloud.exports.iter().rev().take(4).map(|export| export.writes).collect();
    assert!(writes.iter().all(|writes| *writes > 1_000), "every export writes everything again: {writes:?}");
}

#[test]
fn permission_errors_show_after_promotion_and_go_with_their_cure() {
    let mut lab = lab("permission-errors");
    while product(&lab, "old").cycle.is_some() || product(&lab, "new").cycle.is_some() {
        pass(&mut lab, 1);
    }
    for role_and_tick in [("old", "on"), ("new", "off")] {
        let (role, tick) = role_and_tick;
        say(&mut lab, &format!("wizard {role} open"));
        say(&mut lab, &format!("wizard {role} stage {tick} start on"));
        say(&mut lab, &format!("wizard {role} exit"));
        pass(&mut lab, 1);
    }
    pass(&mut lab, 5);
    let failed = product(&lab, "new").history.newest_first().find(|run| run.result == "completed-export-errors").cloned();
    let failed = failed.expect("export errors");
    assert!(failed.errors.iter().all(|error| error.code == Some(8344)));
    say(&mut lab, "cure permission-issue on new");
    pass(&mut lab, 40);
    let newest = product(&lab, "new")
        .history
        .newest_first()
        .find(|run| run.connector == failed.connector && run.profile == failed.profile && run.is_complete());
    assert_eq!(newest.map(|run| run.result.as_str()), Some("success"));
}

#[test]
fn what_is_wrong_with_a_scenario_is_said() {
    let wrong = |text: &str| Scenario::parse("mine", text).expect_err("refused");
    assert!(wrong("title: A\ndescription: B\nservers: {}").contains("at least one role"));
    assert!(wrong("title: A\ndescription: B\nservers: { old: { host: E, starts: asleep } }").contains("asleep"));
    let verb = wrong(
        "title: A\ndescription: B\nservers: { old: { host: E, starts: active } }\nscript: [{ at: -1d, do: wizard old dance }]",
    );
    assert!(verb.contains("dance") && verb.contains("-1d"), "{verb}");
    let fault = wrong("title: A\ndescription: B\nservers: { old: { host: E, starts: active, faults: [gremlins] } }");
    assert!(fault.contains("servers.old.faults") && fault.contains("gremlins"), "{fault}");
    assert!(Scenario::bundled("clean-swop").expect_err("refused").contains("clean-swap"));
}

#[test]
fn a_scenario_is_what_it_says_whatever_the_seed() {
    for seed in 0..12 {
        let lab = |name: &str| Lab::new(&Scenario::bundled(name).expect("a scenario"), seed, start());
        let forgotten = lab("forgotten-wizard");
        let wizard = server(&forgotten, "old").wizard.as_ref().map(|wizard| (wizard.session.name(), wizard.mutex));
        assert_eq!(wizard, Some(("Disc", true)), "seed {seed}");
        let overrides = lab("swing-overrides");
        let new = product(&overrides, "new");
        assert_eq!(new.version.to_string(), "2.6.92.0", "seed {seed}");
        assert!(!new.scheduler.enabled && new.connectors.iter().any(|connector| connector.full_sync_required), "seed {seed}");
        assert!(server(&overrides, "new").wizard.is_none(), "seed {seed}");
    }
}

#[test]
fn a_mistake_in_a_scenario_is_said_with_its_line() {
    let begin = "title: A\ndescription: B\n";
    let wrong = |rest: &str| Scenario::parse("mine", &format!("{begin}{rest}")).expect_err("refused");
    for (rest, line, words) in [
        ("servers:\n  old: { host: E, starts: active, version: two }", 4, "no version such as"),
        ("servers:\n  old: { host: E, starts: active, sign_in: SAML }", 4, "no sign-in method (PHS"),
        ("servers:\n  old: { host: E, starts: active, features: [Passwords] }", 4, "no feature (PasswordHashSync"),
        ("servers:\n  old: { host: E, starts: active, faults: [rule-mising] }", 4, "did you mean 'rule-missing'?"),
        (
            "servers:\n  old: { host: E, starts: active }\n  new: { host: e, starts: staging }",
            5,
            "two servers have the host name",
        ),
        ("order: [old, older]\nservers: { old: { host: E, starts: active } }", 3, "no server 'older'"),
        ("history: soon\nservers: { old: { host: E, starts: active } }", 3, "no span such as"),
        ("colour: red\nservers: { old: { host: E, starts: active } }", 3, "colour"),
        ("forests: { contoso.com: { Staff: many } }\nservers: { old: { host: E, starts: active } }", 3, "a number of users, or"),
        ("servers: { old: { host: E, starts: active } }\nscript:\n  - { at: -9d, do: churn off }", 5, "before the world begins"),
        ("servers: { old: { host: E, starts: active } }\nscript:\n  - { at: never, do: churn off }", 5, "no moment such as"),
        (
            "servers: { old: { host: E, starts: active } }\nscript:\n  - { at: -99999999999999d, do: churn off }",
            5,
            "no moment such as",
        ),
        ("servers: { old: { host: E, starts: active } }\nscript:\n  - { at: 1h, do: vm third off }", 5, "there are old"),
        (
            "servers: { old: { host: E, starts: active } }\nscript:\n  - { at: 1h, do: policy add P location third }",
            5,
            "there is no server 'third'",
        ),
        ("servers:\n  a b: { host: E, starts: active }", 4, "'a b' cannot be the name of a role"),
        ("servers:\n  \"\": { host: E, starts: active }", 4, "'' cannot be the name of a role"),
        ("servers:\n  old: { host: E, starts: active }\n  OLD: { host: F, starts: staging }", 5, "two servers are called 'old'"),
        ("servers:\n  old: { host: E, starts: active }\n  new: { host: old, starts: staging }", 5, "is a role"),
        ("servers: { old: { host: \"\", starts: active } }", 3, "'' is no host name"),
        ("servers: { old: { host: \"E\\e[2J\", starts: active } }", 3, "is no host name"),
        (
            "forests: { contoso com: { Staff: 5 } }\nservers: { old: { host: E, starts: active } }",
            3,
            "'contoso com' is no domain",
        ),
        ("forests: { contoso.com: { \"A,B\": 5 } }\nservers: { old: { host: E, starts: active } }", 3, "'A,B'"),
        ("tenant: { name: \"\" }\nservers: { old: { host: E, starts: active } }", 3, "'' is no domain"),
        ("tenant: { deletion_threshold: -1 }\nservers: { old: { host: E, starts: active } }", 3, "from 0 (off) to 4294967295"),
        (
            "tenant: { deletion_threshold: 18446744073709551615 }\nservers: { old: { host: E, starts: active } }",
            3,
            "from 0 (off) to 4294967295",
        ),
        ("servers:\n  old: { host: E, starts: active, custom_rules: [A, a] }", 4, "two custom rules are called 'a'"),
        ("servers:\n  old: { host: E, starts: active, custom_rules: [\"\"] }", 4, "a custom rule needs a name"),
        ("servers:\n  old: { host: E, starts: absent, faults: [rule-missing] }", 4, "nothing is installed on it"),
    ] {
        let why = wrong(rest);
        assert!(why.starts_with(&format!("line {line}: ")) && why.contains(words), "{rest}\n{why}");
    }
}

#[test]
fn a_title_is_one_line() {
    let why = Scenario::parse("mine", "title: \"A\\nB\"\ndescription: B\nservers: { old: { host: E, starts: active } }");
    assert_eq!(why.unwrap_err(), "line 1: title: expected one line of text");
}

#[test]
fn more_custom_rules_than_precedences_are_refused() {
    let rules: Vec<String> = (0..51).map(|n| format!("Rule {n}")).collect();
    let rules = rules.join(", ");
    let text = format!("title: A\ndescription: B\nservers:\n  old: {{ host: E, starts: active, custom_rules: [{rules}] }}");
    let why = Scenario::parse("mine", &text).unwrap_err();
    assert_eq!(why, "line 4: servers.old.custom_rules: 51 are more than the precedences 50 to 99 hold");
}

#[test]
fn what_a_scenario_cannot_do_is_not_kept_quiet() {
    let text = "title: A\ndescription: B\nhistory: 04:00:00\nservers: { old: { host: EC01, starts: active } }\nscript:\n  - { at: -1h, do: wizard old exit }\n  - { at: +5m, do: move-user Nobody to Staff }";
    let mut lab = Lab::new(&Scenario::parse("mine", text).expect("readable"), 1, start());
    let told = |lab: &Lab| lab.left_out().iter().map(ToString::to_string).collect::<Vec<_>>();
    let first = "'wizard old exit' at 2026-11-21 21:00:00 UTC: The wizard is not open on EC01";
    assert_eq!(told(&lab), [first]);
    pass(&mut lab, 10);
    let lab = Lab::from_json(&lab.to_json()).expect("readable");
    let told = told(&lab);
    assert!(told.len() == 2 && told[1].contains("Nobody"), "{told:?}");
    assert!(lab.panel().alarms.iter().any(|alarm| alarm.contains(first)), "{:?}", lab.panel().alarms);
}

#[test]
fn no_bundled_scenario_leaves_anything_out() {
    for name in Scenario::names() {
        let mut lab = lab(name);
        pass(&mut lab, 60);
        let left_out: Vec<String> = lab.left_out().iter().map(ToString::to_string).collect();
        assert!(left_out.is_empty(), "{name}: {left_out:?}");
    }
}

#[test]
fn an_unknown_scenario_is_told_what_there_is() {
    let told = |name| Scenario::bundled(name).map(|scenario| scenario.name).unwrap_err();
    assert_eq!(told("clean-swop"), "there is no scenario 'clean-swop'; did you mean 'clean-swap'?");
    assert_eq!(told("nope"), "there is no scenario 'nope'; `lockstep lab list` shows all");
}
