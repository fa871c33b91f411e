//! The connection log on the screen: how each server's connections went, and what came that was no answer.

#![allow(clippy::unwrap_used, reason = "test code")]

mod screens_support;

use chrono::TimeDelta;
use insta::assert_snapshot;
use lockstep::app::Dialog;
use screens_support::Bench;

#[test]
fn the_connections_are_one_key_away_with_times_and_reasons() {
    let mut bench = Bench::open((100, 24));
    let began = bench.moment.now;
    let log = bench.app.connections.entry("old".into()).or_default();
    log.state(began, "watch", "starting");
    log.text(began, "watch", "*** Authorised use only ***\n\u{1b}[2Jprofile\u{7}");
    log.state(
        began + TimeDelta::seconds(1),
        "watch",
        "live: EC01 as CONTOSO\\anna, PowerShell 5.1 Desktop, 64 bit, FullLanguage",
    );
    log.state(
        began + TimeDelta::minutes(3),
        "watch",
        "lost (silent): no sign of life for 14 s; look at the server by another way: it hangs, or the network lost it; next try in 2 s",
    );
    bench.keys("C");
    assert!(matches!(bench.app.dialog, Some(Dialog::Connections(_))));
    assert_snapshot!("connections", bench.frame());
    bench.keys("<Esc>");
    assert!(bench.app.dialog.is_none());
}
