//! Old values, cmdlets that fail, other people at work.

use super::*;
use crate::facts::Link;

fn live(server: &mut Server) {
    server.link = Link::Live { since: at(0), machine: "EC01".into(), user: "CONTOSO\\anna".into(), limits: Vec::new() };
}

#[test]
fn values_are_late_while_the_server_answers() {
    let mut servers = pair(|_, _| {});
    let late = |servers: &[Server], seconds: i64| -> Vec<String> {
        let policy = Policy::default();
        let context = Context::new(servers, at(NOW + seconds), &policy).intending(&["old".into()]);
        evaluate(&context).into_iter().filter(|finding| finding.id == "values-late").map(|finding| finding.text).collect()
    };
    assert!(late(&servers, 100).is_empty(), "a server that does not answer at all is another rule's matter");
    answered(&mut servers[0], Group::Core, NOW + 100, healthy("EC01", false).core);
    let found = late(&servers, 100);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("EC01: runs last read at 21 Nov 03:16 UTC"), "{found:?}");
    answered(&mut servers[0], Group::Core, NOW + 110, healthy("EC01", false).core);
    assert_eq!(late(&servers, 110), found, "the words do not change with time");
}

#[test]
fn a_cmdlet_that_fails_is_told_by_what_it_means() {
    let failing = |message: &str| {
        let mut servers = pair(|_, _| {});
        let mut values = healthy("EC02", true).core;
        values.as_object_mut().expect("an object").remove("ConnectorRunStatus");
        let frame = frame(Group::Core, NOW, &values, &json!({"ConnectorRunStatus": {"message": message}}));
        servers[1].answered(&frame, at(NOW), at(NOW)).expect("a reading");
        match verdict(&servers, "cmdlet-failed") {
            Verdict::Fires(finding) => finding.text,
            other => format!("{other:?}"),
        }
    };
    assert_eq!(
        failing("Access Denied - verify you are running as an administrator account."),
        "EC02: ConnectorRunStatus: access is denied: not elevated, or not in ADSyncAdmins"
    );
    assert!(failing("Showing a modal dialog box or form when the application is not running").contains("show a window"));
    assert!(failing("Something new.\nat line 1").ends_with("Something new."));
    assert_eq!(failing("Synchronization Service is not running."), "Clear");
}

#[test]
fn another_persons_wizard_is_told_and_ones_own_is_not() {
    let open = |user: &str| {
        let mut servers = pair(|old, _| {
            let since = at(NOW).to_rfc3339();
            old.core["Wizard"] = json!({"Open": true, "User": user, "SessionState": "Active", "Since": since});
        });
        live(&mut servers[0]);
        match verdict(&servers, "other-operator") {
            Verdict::Fires(finding) => Some(finding.text),
            _ => None,
        }
    };
    assert_eq!(open("CONTOSO\\Anna"), None);
    assert_eq!(open("CONTOSO\\bob").as_deref(), Some("EC01: CONTOSO\\bob has the wizard open"));
    let mut servers = pair(|_, new| new.core["SynchronizationServiceManager"] = json!({"Open": true, "User": "CONTOSO\\bob"}));
    live(&mut servers[1]);
    assert!(matches!(verdict(&servers, "other-operator"), Verdict::Fires(_)));
}
