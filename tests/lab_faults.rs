//! Every fault of the lab brings about the finding that it names, seen through the facts as an agent reads them, and its cure takes it away.

use std::collections::BTreeSet;

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::facts::fresh::{Intervals, Policy};
use lockstep::facts::{Link, Server, ServerName};
use lockstep::health::{Context, evaluate};
use lockstep::lab::facts::answer;
use lockstep::lab::{Fault, Lab, Scenario};
use lockstep::powershell::tree::format_datetime;
use lockstep::rb1::{Frame, Group};

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

const PAIR: &str = "title: Small\ndescription: Small\nhistory: 1.00:00:00\nforests: { contoso.com: { Staff: 200, Sales: 40 } }";

fn lab(sign_in: &str) -> Lab {
    let server = |host: &str, starts: &str| {
        format!("{{ host: {host}, starts: {starts}, sign_in: {sign_in}, authentication_agent: {} }}", sign_in == "PTA")
    };
    let text = format!("{PAIR}\nservers: {{ old: {}, new: {} }}", server("EC01", "active"), server("EC02", "staging"));
    let mut lab = Lab::new(&Scenario::parse("small", &text).expect("readable"), 1, start());
    idle(&mut lab);
    lab
}

fn pass(lab: &mut Lab, seconds: i64) {
    let to = lab.now() + TimeDelta::seconds(seconds);
    lab.advance(to);
}

fn busy(lab: &Lab) -> bool {
    lab.world().servers.iter().filter_map(|server| server.product.as_ref()).any(|p| p.cycle.is_some() || p.requested.is_some())
}

fn idle(lab: &mut Lab) {
    while busy(lab) {
        pass(lab, 1);
    }
}

fn say(lab: &mut Lab, verb: &str) -> String {
    lab.operate(&verb.parse().expect("a verb")).unwrap_or_else(|why| panic!("{verb}: {why}"))
}

/// What fires now: both servers are read twice, five seconds apart, as a session would.
fn findings(lab: &mut Lab) -> BTreeSet<String> {
    let mut servers = ["old", "new"].map(|role| Server::new(ServerName::from(role), format!("lab:small/{role}")));
    for _ in 0..2 {
        for (at, server) in servers.iter_mut().enumerate() {
            server.link = Link::Live { since: start(), machine: String::new(), user: "CONTOSO\\anna".into(), limits: Vec::new() };
            read(lab, at, server);
        }
        pass(lab, 5);
    }
    let policy = Policy::watching(Intervals::default());
    let context = Context::new(&servers, lab.now(), &policy).intending(&[ServerName::from("old")]);
    evaluate(&context).into_iter().map(|finding| finding.id).collect()
}

fn read(lab: &Lab, at: usize, server: &mut Server) {
    let simulated = &lab.world().servers[at];
    for group in Group::ALL {
        let asked = lab.now();
        if !simulated.answers() {
            server.not_answered(group, asked, "the connection was refused");
            continue;
        }
        if group == Group::Core && simulated.has(Fault::CmdletHangs) {
            server.not_answered(group, asked, "no answer within the deadline");
            continue;
        }
        let answered = answer(lab.world(), at, group, Some(start() - TimeDelta::days(1)));
        let frame = Frame::Reading {
            id: "1".to_owned(),
            group,
            server_utc: format_datetime(simulated.clock(asked)),
            ms: 1,
            values: answered.values,
            errors: answered.errors,
        };
        server.asked(group, asked);
        server.answered(&frame, asked, asked).expect("by the table");
    }
}

/// The role that shows a fault: some only an exporting server does.
fn role(fault: Fault) -> &'static str {
    match fault {
        Fault::ExportErrors | Fault::PermissionIssue | Fault::NoneActive => "old",
        _ => "new",
    }
}

/// What must be done besides for a fault to show.
fn provoke(lab: &mut Lab, fault: Fault) {
    match fault {
        Fault::TlsOff => drop(say(lab, "fault wizard-too-old on new")),
        Fault::Reboot => {
            while lab.world().servers[1].product.as_ref().is_none_or(|product| product.active.is_none()) {
                pass(lab, 1);
            }
        }
        _ => {}
    }
}

#[test]
fn a_healthy_pair_has_nothing_but_two_accounts() {
    let mut lab = lab("PHS");
    assert_eq!(findings(&mut lab), BTreeSet::from(["account-differs".to_owned()]));
}

#[test]
fn every_fault_fires_its_finding_and_its_cure_takes_it_away() {
    let mut wrong = Vec::new();
    for fault in Fault::ALL.iter().copied() {
        let mut lab = lab(if fault == Fault::PassThroughDisabled { "PTA" } else { "PHS" });
        provoke(&mut lab, fault);
        say(&mut lab, &format!("fault {} on {}", fault.name(), role(fault)));
        if fault == Fault::ServiceWillNotStart {
            say(&mut lab, "service new restart");
        }
        // A machine that restarts makes up for its cut cycle as soon as it is back.
        let wait = match fault {
            Fault::Reboot => 130,
            Fault::NeverEndingCycle => 6_000,
            // The next cycle executes them.
            Fault::OverridesPending => 10,
            _ => 2_100,
        };
        pass(&mut lab, wait);
        let found = findings(&mut lab);
        if !fault.finding().is_empty() && !found.contains(fault.finding()) {
            wrong.push(format!("{}: {} is not among {found:?}", fault.name(), fault.finding()));
        }
        match fault {
            // It stays in the run history until that is purged.
            Fault::ManualExport => continue,
            Fault::Reboot => {}
            _ => drop(say(&mut lab, &format!("cure {} on {}", fault.name(), role(fault)))),
        }
        // The daily look at the certificate has told of its key: the log holds that for a day.
        pass(&mut lab, if fault == Fault::CertificateWithoutTpm { 100_000 } else { 4_000 });
        idle(&mut lab);
        let left = findings(&mut lab);
        if left.contains(fault.finding()) {
            wrong.push(format!("{}: {} is still there after the cure: {left:?}", fault.name(), fault.finding()));
        }
        let saved = Lab::from_json(&lab.to_json()).unwrap_or_else(|why| panic!("{}: {why}", fault.name()));
        assert_eq!(saved.to_json(), lab.to_json(), "{}", fault.name());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn findings_that_faults_name_are_rules() {
    for fault in Fault::ALL {
        let known = lockstep::health::rules::find(fault.finding()).is_some();
        assert!(known || fault.finding().is_empty(), "{}: {}", fault.name(), fault.finding());
        assert_eq!(Fault::parse(fault.name()), Some(*fault));
    }
}

#[test]
fn a_fault_that_cannot_be_is_refused_in_words() {
    let mut lab = lab("PHS");
    let mut refused = |verb: &str| lab.operate(&verb.parse().expect("a verb")).expect_err(verb);
    assert!(refused("fault dual-active on old").contains("out of staging already"));
    assert!(refused("fault none-active on new").contains("in staging already"));
    assert!(refused("fault pass-through-disabled on new").contains("does not sign users in"));
    assert!(refused("cure cloud-blocked on new").contains("does not have the fault"));
    assert!(refused("cure wizard-left-open on new").contains("not open"));
}

#[test]
fn events_tell_what_maintenance_finds_of_a_certificate() {
    for (fault, id) in [
        (Fault::CertificateExpiring, 1_011),
        (Fault::CertificateExpired, 1_012),
        (Fault::CertificateWithoutTpm, 1_014),
        (Fault::LdapAssemblyOld, 6_947),
        (Fault::DirectoryConnection, 6_001),
    ] {
        let mut lab = lab("PHS");
        say(&mut lab, &format!("fault {} on new", fault.name()));
        pass(&mut lab, 2_400);
        let told = lab.world().servers[1].host.log.newest_first().filter(|event| event.id == id).count();
        assert!(told >= 1, "{}: no event {id}", fault.name());
    }
}

#[test]
fn a_certificate_near_its_end_is_rotated_while_maintenance_runs() {
    let mut lab = lab("PHS");
    let expires = |lab: &Lab| lab.world().servers[1].product.as_ref().and_then(|p| p.identity.expires).expect("a certificate");
    let before = expires(&lab);
    lab.advance(start() + TimeDelta::days(220));
    assert!(expires(&lab) > before, "{}", expires(&lab));
}
