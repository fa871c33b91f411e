//! The objects of the lab's directory: what a population's members are like, what is done to them by hand, and how their values, their
//! passwords and their deletion travel into the cloud.

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::lab::world::container::Class;
use lockstep::lab::world::directory::Changes;
use lockstep::lab::world::object::Link;
use lockstep::lab::world::pending::{anchors_to_write, pending_count};
use lockstep::lab::world::server::Product;
use lockstep::lab::world::space::{Entry, Space};
use lockstep::lab::{Lab, Scenario, Verb};
use proptest::prelude::*;

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

const MIXED: &str = "title: M
description: M
history: 06:00:00
tenant: { deletion_threshold: 0 }
forests: { contoso.com: { Staff: { users: 120, groups: 20, contacts: 8, devices: 30 }, Sales: 60, Leavers: 20 } }
servers: { old: { host: EC01, starts: active }, new: { host: EC02, starts: staging } }";

fn lab_of(text: &str, seed: u64) -> Lab {
    Lab::new(&Scenario::parse("objects", text).expect("readable"), seed, start())
}

fn lab() -> Lab {
    lab_of(MIXED, 7)
}

fn say(lab: &mut Lab, verb: &str) -> String {
    let verb: Verb = verb.parse().expect("a verb");
    lab.operate(&verb).unwrap_or_else(|why| panic!("{verb}: {why}"))
}

fn refused(lab: &mut Lab, verb: &str) -> String {
    lab.operate(&verb.parse().expect("a verb")).expect_err("it is not possible")
}

fn pass(lab: &mut Lab, minutes: i64) {
    let to = lab.now() + TimeDelta::minutes(minutes);
    lab.advance(to);
}

fn product(lab: &Lab, at: usize) -> &Product {
    lab.world().servers[at].product.as_ref().expect("installed")
}

fn exports(lab: &Lab, at: usize, forest: bool) -> Vec<Entry> {
    let product = product(lab, at);
    let connector = if forest { product.forests().next() } else { product.entra() }.expect("a connector");
    Space { product, connector, directory: &lab.world().directory, now: lab.now() }.exports(usize::MAX)
}

/// Waits until no cycle runs on a server.
fn idle(lab: &mut Lab, at: usize) {
    while product(lab, at).cycle.is_some() || product(lab, at).active.is_some() || product(lab, at).requested.is_some() {
        let to = lab.now() + TimeDelta::seconds(1);
        lab.advance(to);
    }
}

/// The name of an object of a container's population: its first user, group …
fn someone(lab: &Lab, container: &str, class: Class) -> String {
    let directory = &lab.world().directory;
    let dn = directory.find_container(container).expect("a container").dn.clone();
    let population = directory.population_of(&dn).expect("a population");
    let numbers: Vec<u64> = population.numbers(lab.now()).collect();
    // One from the middle, which does not go while the test looks at it.
    let number =
        numbers.iter().skip(numbers.len() / 2).find(|number| population.class(**number) == class).expect("one of that class");
    population.object(*number, lab.now()).expect("there").name
}

fn swap_to_none(lab: &mut Lab) {
    idle(lab, 0);
    say(lab, "wizard old open");
    say(lab, "wizard old stage on start on");
    say(lab, "wizard old exit");
    pass(lab, 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// What is counted is what can be listed, and whatever was changed has another value than before.
    #[test]
    fn a_population_counts_what_it_lists(
        users in 0_u64..300, groups in 0_u64..40, contacts in 0_u64..10, devices in 0_u64..40,
        churn in prop::sample::select(vec!["low", "normal", "high"]),
        from in 0_i64..2_000, minutes in 0_i64..3_000,
    ) {
        let text = format!("title: P\ndescription: P\nhistory: 01:00:00\nchurn: {churn}\nforests: {{ contoso.com: {{ Staff: {{ users: {users}, groups: {groups}, contacts: {contacts}, devices: {devices} }} }} }}\nservers: {{ old: {{ host: EC01, starts: absent }} }}");
        let lab = lab_of(&text, 1);
        let directory = &lab.world().directory;
        let dn = directory.container_names()[0].clone();
        let population = directory.population_of(&dn).expect("a population");
        let a = start() + TimeDelta::minutes(from);
        let b = a + TimeDelta::minutes(minutes);
        let counted = population.between(a, b);
        let listed = Changes {
            adds: population.created(a, b).count() as u64,
            updates: population.modified(a, b).count() as u64,
            deletes: population.deleted(a, b).count() as u64,
        };
        prop_assert_eq!(counted, listed);
        prop_assert_eq!(population.numbers(b).count() as u64, population.count(b));
        let is_user = |number: &u64| population.class(*number) == Class::User;
        prop_assert_eq!(population.numbers(b).filter(is_user).count() as u64, population.users(b));
        prop_assert_eq!(population.users(b), users);
        for number in population.modified(a, b) {
            let (before, after) = (population.object(number, a), population.object(number, b));
            let values = |object: Option<lockstep::lab::world::object::Object>| {
                object.map(|object| object.in_cloud(&[], |member| directory.entra_dn(member)))
            };
            prop_assert_ne!(values(before), values(after), "{} was changed", number);
        }
    }
}

#[test]
fn an_object_says_all_that_a_directory_knows_of_it() {
    let lab = lab();
    let directory = &lab.world().directory;
    let named = |class| directory.find(&someone(&lab, "Staff", class), lab.now()).expect("found");
    let user = directory.object(&named(Class::User), lab.now()).expect("there");
    assert!(user.upn().ends_with("@contoso.com") && user.dn().ends_with("OU=Staff,DC=contoso,DC=com"));
    assert!(user.value("department").is_some() && user.password.is_some() && user.anchor.source_anchor().ends_with("=="));
    assert_eq!(user.anchor.guid().len(), 36);
    assert_eq!(directory.find(user.upn(), lab.now()), directory.find(&user.dn(), lab.now()), "by every name");
    let group = directory.object(&named(Class::Group), lab.now()).expect("there");
    assert!(group.members.len() >= 3 && group.password.is_none());
    let is_user = |member: &Link| directory.object(member, lab.now()).is_some_and(|member| member.class == Class::User);
    assert!(group.members.iter().all(is_user));
}

#[test]
fn a_member_of_a_population_that_is_touched_changes_in_the_cloud() {
    let mut lab = lab();
    say(&mut lab, "churn off");
    pass(&mut lab, 40);
    let name = someone(&lab, "Staff", Class::User);
    let before = say(&mut lab, &format!("portal user \"{name}\""));
    let (count, pending) = (
        lab.world().directory.population("OU=Staff,DC=contoso,DC=com", lab.now()),
        pending_count(product(&lab, 1), &lab.world().directory),
    );
    assert!(pending.none());
    say(&mut lab, &format!("set-user \"{name}\" title=Director"));
    assert_eq!(lab.world().directory.population("OU=Staff,DC=contoso,DC=com", lab.now()), count - 1, "it is kept by itself");
    let unchanged = say(&mut lab, &format!("portal user \"{name}\""));
    assert_eq!(before, unchanged, "the cloud has what it had");
    assert!(refused(&mut lab, &format!("set-user \"{name}\" title=Director")).contains("already"));
    assert!(
        refused(&mut lab, &format!("set-user \"{name}\" shoeSize=44")).contains("the lab does not play the attribute shoeSize")
    );
    say(&mut lab, &format!("disable-user \"{name}\""));
    pass(&mut lab, 40);
    let after = say(&mut lab, &format!("portal user \"{name}\""));
    assert!(
        after.contains("title Director") && after.contains("sign-in blocked") && after.contains("written by EC01"),
        "{after}"
    );
    pass(&mut lab, 40);
    assert!(pending_count(product(&lab, 0), &lab.world().directory).none());
    assert!(pending_count(product(&lab, 1), &lab.world().directory).none(), "confirmed by the standby's import");
}

#[test]
fn what_is_pending_says_old_and_new_values() {
    let mut lab = lab();
    say(&mut lab, "churn off");
    pass(&mut lab, 70);
    swap_to_none(&mut lab);
    let (user, group) = (someone(&lab, "Staff", Class::User), someone(&lab, "Staff", Class::Group));
    say(&mut lab, "create-user \"Ada New\" in Sales");
    say(&mut lab, &format!("set-user \"{user}\" department=Moon"));
    say(&mut lab, &format!("add-member \"{group}\" \"Ada New\""));
    pass(&mut lab, 70);
    idle(&mut lab, 1);
    let pending = exports(&lab, 1, false);
    let of =
        |name: &str| pending.iter().find(|entry| entry.name == name).and_then(|entry| entry.export.clone()).expect("pending");
    assert_eq!(pending.len(), 3);
    assert_eq!(of("Ada New").operation, "add");
    let changed = of(&user);
    assert_eq!((changed.operation, changed.attributes.len()), ("update", 1));
    assert_eq!((changed.attributes[0].name.as_str(), &changed.attributes[0].added), ("department", &vec!["Moon".to_owned()]));
    assert_eq!(changed.attributes[0].removed.len(), 1);
    let members = of(&group);
    assert!(members.attributes[0].is_reference() && members.attributes[0].removed.is_empty());
    assert_eq!(members.attributes[0].added, [pending.iter().find(|entry| entry.name == "Ada New").expect("pending").dn.clone()]);
    assert!(refused(&mut lab, &format!("add-member \"{group}\" \"Ada New\"")).contains("already"));
    say(&mut lab, &format!("remove-member \"{group}\" \"Ada New\""));
    pass(&mut lab, 70);
    idle(&mut lab, 1);
    assert_eq!(exports(&lab, 1, false).len(), 2, "what was taken back is not pending any more");
}

#[test]
fn a_group_is_made_and_filled_by_hand() {
    let mut lab = lab();
    say(&mut lab, "churn off");
    assert_eq!(say(&mut lab, "create-group Night shift in Staff"), "Night shift is in OU=Staff,DC=contoso,DC=com");
    assert!(refused(&mut lab, "create-group Night shift in Sales").contains("already"));
    let user = someone(&lab, "Sales", Class::User);
    say(&mut lab, &format!("add-member \"Night shift\" \"{user}\""));
    pass(&mut lab, 70);
    let seen = say(&mut lab, "portal user Night shift");
    assert!(seen.contains("1 member, ") && seen.contains("written by EC01"), "{seen}");
    say(&mut lab, &format!("remove-member \"Night shift\" \"{user}\""));
    pass(&mut lab, 70);
    let seen = say(&mut lab, "portal user Night shift");
    assert!(seen.contains("0 members"), "{seen}");
}

#[test]
fn with_no_active_server_a_new_password_stays_at_home() {
    let mut lab = lab();
    let name = someone(&lab, "Staff", Class::User);
    let portal = format!("portal user \"{name}\"");
    assert!(say(&mut lab, &portal).contains("works: EC01 synchronized its hash"), "{}", say(&mut lab, &portal));
    say(&mut lab, &format!("change-password \"{name}\""));
    assert!(say(&mut lab, &portal).contains("EC01 carries it within two minutes"));
    pass(&mut lab, 3);
    assert!(say(&mut lab, &portal).contains("works: EC01 synchronized its hash"));
    assert!(pending_count(product(&lab, 1), &lab.world().directory).updates <= 1, "no export carries a password");

    swap_to_none(&mut lab);
    say(&mut lab, &format!("change-password \"{name}\""));
    pass(&mut lab, 120);
    let told = say(&mut lab, &portal);
    assert!(told.contains("the former password still works in the cloud") && told.contains("no server is active"), "{told}");

    say(&mut lab, "wizard new open");
    say(&mut lab, "wizard new stage off start on");
    pass(&mut lab, 2);
    say(&mut lab, "wizard new exit");
    pass(&mut lab, 5);
    assert!(say(&mut lab, &portal).contains("works: EC02 synchronized its hash"), "{}", say(&mut lab, &portal));
}

#[test]
fn a_backlog_of_passwords_is_worked_off_at_fifty_a_second_in_its_order() {
    let text = "title: B\ndescription: B\nhistory: 04:00:00\nforests: { contoso.com: { Staff: 40000 } }\nservers: { old: { host: EC01, starts: active }, new: { host: EC02, starts: staging } }";
    let mut lab = lab_of(text, 3);
    idle(&mut lab, 0);
    swap_to_none(&mut lab);
    let name = someone(&lab, "Staff", Class::User);
    pass(&mut lab, 20 * 24 * 60);
    say(&mut lab, &format!("change-password \"{name}\""));
    pass(&mut lab, 1);
    say(&mut lab, "fault dual-active on new");
    // 40,000 users, one in a hundred a day, thirty days: 12,000 hashes take four minutes.
    pass(&mut lab, 3);
    let told = say(&mut lab, &format!("portal user \"{name}\""));
    assert!(told.contains("EC02 works off its backlog until"), "{told}");
    pass(&mut lab, 4);
    let told = say(&mut lab, &format!("portal user \"{name}\""));
    assert!(told.contains("works: EC02 synchronized its hash"), "{told}");
}

#[test]
fn a_user_that_leaves_the_scope_is_deleted_and_can_be_restored() {
    let mut lab = lab();
    say(&mut lab, "churn off");
    for server in ["old", "new"] {
        idle(&mut lab, usize::from(server == "new"));
        say(&mut lab, &format!("wizard {server} open"));
        say(&mut lab, &format!("wizard {server} scope Leavers off start on"));
        say(&mut lab, &format!("wizard {server} exit"));
    }
    pass(&mut lab, 120);
    let name = someone(&lab, "Sales", Class::User);
    let portal = format!("portal user \"{name}\"");
    say(&mut lab, &format!("move-user \"{name}\" to Leavers"));
    assert!(refused(&mut lab, &format!("move-user \"{name}\" to Leavers")).contains("already"));
    assert!(refused(&mut lab, &format!("move-user \"{name}\" to Nowhere")).contains("there is no container Nowhere"));
    pass(&mut lab, 40);
    assert!(say(&mut lab, &portal).contains("is not among the users"));
    let bin = say(&mut lab, "portal deleted");
    assert!(bin.contains("20 objects of OU=Leavers") && bin.contains("@contoso.com deleted at"), "{bin}");
    assert!(refused(&mut lab, "portal restore Leavers").contains("comes back when it is in scope again"));
    say(&mut lab, &format!("portal restore \"{name}\""));
    pass(&mut lab, 100);
    let restored = say(&mut lab, &portal);
    assert!(restored.contains("managed in the cloud"), "no server deletes it again: {restored}");
    say(&mut lab, &format!("move-user \"{name}\" to Staff"));
    pass(&mut lab, 100);
    let back = say(&mut lab, &portal);
    assert!(back.contains("on-premises sync enabled") && back.contains("written by EC01"), "{back}");
    assert!(!say(&mut lab, "portal deleted").contains("@contoso.com"));
}

#[test]
fn two_active_servers_with_other_rules_flip_a_value_and_equal_ones_do_not() {
    let mut flips = Vec::new();
    for (custom, churn) in [(", custom_rules: [In from AD - User Custom]", "churn: off\n"), ("", "churn: off\n")] {
        let text = format!(
            "title: D\ndescription: D\nhistory: 06:00:00\n{churn}forests: {{ contoso.com: {{ Staff: 100 }} }}\nservers: {{ old: {{ host: EC01, starts: active }}, new: {{ host: EC02, starts: active{custom} }} }}"
        );
        let mut lab = lab_of(&text, 5);
        let name = someone(&lab, "Staff", Class::User);
        say(&mut lab, "create-user \"Ida Hand\" in Staff");
        pass(&mut lab, 70);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..240 {
            pass(&mut lab, 1);
            for who in [name.as_str(), "Ida Hand"] {
                let told = say(&mut lab, &format!("portal user \"{who}\""));
                let writer = if told.contains("written by EC02") { "EC02" } else { "EC01" };
                seen.insert((who.to_owned(), writer, told.contains("extensionAttribute15 Staff")));
            }
        }
        flips.push(seen);
    }
    let of = |seen: &std::collections::BTreeSet<(String, &'static str, bool)>, who: &str| {
        seen.iter()
            .filter(|(name, ..)| name.as_str() == who || (who.is_empty() && name != "Ida Hand"))
            .map(|(_, writer, value)| (*writer, *value))
            .collect::<Vec<_>>()
    };
    for who in ["", "Ida Hand"] {
        assert_eq!(of(&flips[0], who), [("EC01", false), ("EC02", true)], "value and writer flip: {who}");
        assert_eq!(of(&flips[1], who).len(), 1, "nothing flips: {:?}", flips[1]);
    }
}

#[test]
fn source_anchors_are_written_back_for_users_only() {
    let text = "title: A\ndescription: A\nhistory: 06:00:00\nchurn: high\nforests: { contoso.com: { Staff: { users: 400, groups: 200, devices: 400 } } }\nservers: { old: { host: EC01, starts: active }, new: { host: EC02, starts: staging } }";
    let mut lab = lab_of(text, 3);
    swap_to_none(&mut lab);
    say(&mut lab, "create-user \"Ada New\" in Staff");
    pass(&mut lab, 12 * 60);
    idle(&mut lab, 1);
    let new = product(&lab, 1);
    let forest = new.forests().next().expect("a forest");
    let waiting = anchors_to_write(new, forest, &lab.world().directory);
    let created = pending_count(new, &lab.world().directory).adds;
    assert!(waiting.count() > 3 && waiting.count() < created, "{} of {created}", waiting.count());
    let listed = exports(&lab, 1, true);
    assert_eq!(listed.len() as u64, waiting.count());
    assert!(listed.iter().all(|entry| entry.class == Class::User
        && entry.export.as_ref().is_some_and(|e| e.attributes[0].name == "mS-DS-ConsistencyGuid")));
    assert!(listed.iter().any(|entry| entry.name == "Ada New"));
}

#[test]
fn a_name_that_entra_does_not_take_is_an_export_error_until_it_is_mended() {
    let mut lab = lab();
    say(&mut lab, "churn off");
    say(&mut lab, "create-user \"Bad Name\" in Staff illegal");
    pass(&mut lab, 70);
    let space = |lab: &Lab| {
        let product = product(lab, 0);
        let connector = product.entra().expect("a connector");
        Space { product, connector, directory: &lab.world().directory, now: lab.now() }.errors().len()
    };
    assert_eq!(space(&lab), 1);
    say(&mut lab, "set-user \"Bad Name\" userPrincipalName=good.name@contoso.com");
    pass(&mut lab, 70);
    assert_eq!(space(&lab), 0);
    assert!(say(&mut lab, "portal user good.name@contoso.com").contains("written by EC01"));
}

#[test]
fn a_world_that_another_version_saved_is_refused_in_words() {
    let why = Lab::from_json(&serde_json::json!({ "now": "2026-11-21T22:00:00Z" })).expect_err("not readable");
    assert!(why.contains("begin a new rehearsal"), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Whatever drifted and whatever was done by hand: what a standby lists one by one is what it counts.
    #[test]
    fn pending_exports_are_listed_as_they_are_counted(
        seed in 0_u64..1_000,
        verbs in prop::sample::subsequence(vec![
            "fault rule-missing on new", "fault rule-disabled on new", "fault ou-missing on new", "create-user Ada in Staff",
            "change-user \"SOMEONE\"", "delete-user \"SOMEONE\"", "move-user \"SOMEONE\" to Sales", "add-member \"GROUP\" \"SOMEONE\"",
            "disable-user \"SOMEONE\"", "change-password \"SOMEONE\"",
        ], 0..=6),
        minutes in 0_i64..600,
    ) {
        let mut lab = lab_of(MIXED, seed);
        swap_to_none(&mut lab);
        let (user, group) = (someone(&lab, "Staff", Class::User), someone(&lab, "Staff", Class::Group));
        for verb in &verbs {
            let verb: Verb = verb.replace("SOMEONE", &user).replace("GROUP", &group).parse().expect("a verb");
            let _ = lab.operate(&verb);
        }
        pass(&mut lab, 70 + minutes);
        let counted = pending_count(product(&lab, 1), &lab.world().directory);
        let mut listed = Changes::default();
        for entry in exports(&lab, 1, false) {
            match entry.export.map(|delta| delta.operation) {
                Some("add") => listed.adds += 1,
                Some("update") => listed.updates += 1,
                _ => listed.deletes += 1,
            }
        }
        prop_assert_eq!(counted, listed);
    }
}

#[test]
fn a_rule_that_only_one_of_two_servers_has_shows_in_the_values_that_wait() {
    let text = "title: R\ndescription: R\nhistory: 06:00:00\nchurn: off\nforests: { contoso.com: { Staff: 30 } }\nservers: { old: { host: EC01, starts: active }, new: { host: EC02, starts: staging, custom_rules: [In from AD - User Custom] } }";
    let mut lab = lab_of(text, 5);
    idle(&mut lab, 1);
    let pending = exports(&lab, 1, false);
    assert_eq!(pending.len(), 30, "every user is written anew");
    for entry in pending {
        let delta = entry.export.expect("pending");
        assert_eq!((delta.operation, delta.attributes.len()), ("update", 1));
        assert_eq!(
            (delta.attributes[0].name.as_str(), &delta.attributes[0].added),
            ("extensionAttribute15", &vec!["Staff".to_owned()])
        );
    }
}

#[test]
fn a_server_that_cannot_reach_the_tenant_carries_no_password_until_it_can() {
    let mut lab = lab();
    say(&mut lab, "create-user \"Ada Pass\" in Staff");
    pass(&mut lab, 70);
    let portal = "portal user \"Ada Pass\"";
    assert!(say(&mut lab, portal).contains("works: EC01"), "{}", say(&mut lab, portal));
    say(&mut lab, "firewall old block");
    say(&mut lab, "change-password \"Ada Pass\"");
    pass(&mut lab, 30);
    let told = say(&mut lab, portal);
    assert!(told.contains("the former password still works") && told.contains("fails on EC01"), "{told}");
    say(&mut lab, "firewall old open");
    pass(&mut lab, 4);
    assert!(say(&mut lab, portal).contains("works: EC01"), "{}", say(&mut lab, portal));
    say(&mut lab, "wizard old open");
    say(&mut lab, "wizard old features none");
    say(&mut lab, "wizard old exit");
    pass(&mut lab, 3);
    say(&mut lab, "change-password \"Ada Pass\"");
    pass(&mut lab, 30);
    assert!(say(&mut lab, portal).contains("is not ticked on EC01"), "{}", say(&mut lab, portal));
}
