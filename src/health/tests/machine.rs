//! Versions, TLS and the clock.

use super::*;

#[test]
fn versions_are_held_against_the_table() {
    let version = |text: &'static str| {
        move |old: &mut Answers, new: &mut Answers| {
            for answers in [old, new] {
                answers.core["Version"] = json!(text);
                answers.host["Tls12"]["Client"] = json!(true);
            }
        }
    };
    let one = |text| {
        let finding = ill(version(text));
        (finding.0, finding.1)
    };
    assert_eq!(one("2.5.76.0"), ("version-below-floor", Severity::Critical));
    assert_eq!(one("2.5.79.0"), ("version-support-ends", Severity::Critical));
    assert_eq!(one("2.6.79.0"), ("bad-build", Severity::Critical));
    assert!(found(&pair(version("2.6.91.0"))).is_empty());
    let with_pta = found(&pair(|old, new| {
        version("2.6.91.0")(old, new);
        for answers in [old, new] {
            answers.configuration["SignIn"]["Method"] = json!("PassthroughAuthentication");
        }
    }));
    assert_eq!(of(&with_pta)[0], ("bad-build", Severity::Warning));
    assert_eq!(ill(|old, _| old.core["Version"] = json!("2.6.84.0")).0, "version-skew");
}

#[test]
fn tls_matters_only_to_versions_that_need_the_registry() {
    let found = found(&pair(|old, _| old.core["Version"] = json!("2.4.129.0")));
    assert!(found.iter().any(|finding| finding.id == "tls-off" && finding.severity == Severity::Critical));
}

#[test]
fn the_clock_is_judged_by_what_the_measurement_leaves_certain() {
    let skewed = |offset: i64, error: i64| {
        let mut servers = pair(|_, _| {});
        servers[1].skew = Some(Skew { offset: TimeDelta::seconds(offset), error: TimeDelta::seconds(error) });
        match verdict(&servers, "clock-skew") {
            Verdict::Fires(finding) => Some(finding.severity),
            Verdict::Clear => None,
            Verdict::Unknown(why) => panic!("{why}"),
        }
    };
    assert_eq!(skewed(60, 0), None);
    assert_eq!(skewed(-61, 0), Some(Severity::Warning));
    assert_eq!(skewed(301, 0), Some(Severity::Critical));
    assert_eq!(skewed(301, 10), Some(Severity::Warning));
    let mut servers = pair(|_, _| {});
    servers[0].skew = Some(Skew { offset: TimeDelta::zero(), error: TimeDelta::minutes(2) });
    assert!(matches!(verdict(&servers, "clock-skew"), Verdict::Unknown(_)));
}

#[test]
fn sign_in_agents_are_counted_over_all_servers() {
    let agents = |old: Json, new: Json| {
        let servers = pair(|a, b| {
            a.configuration["SignIn"]["Method"] = json!("PassthroughAuthentication");
            a.host["PtaAgent"]["Status"] = old;
            b.host["PtaAgent"]["Status"] = new;
        });
        match verdict(&servers, "authentication-agents-low") {
            Verdict::Fires(finding) => Some((finding.text, finding.servers.len())),
            _ => None,
        }
    };
    let running = || json!("Running");
    assert_eq!(agents(running(), running()), None);
    assert!(agents(running(), json!("Stopped")).is_some_and(|(text, servers)| text.contains("only EC01") && servers == 1));
    assert!(agents(Json::Null, Json::Null).is_some_and(|(text, servers)| text.contains("none of these") && servers == 2));
    let hashes = pair(|_, _| {});
    assert_eq!(verdict(&hashes, "authentication-agents-low"), Verdict::Clear);
}
