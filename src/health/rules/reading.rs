//! What the readings themselves tell: values that grow old, cmdlets that fail although the server answers, other people at work.

use crate::facts::{Activity, Freshness, Link, words};
use crate::health::{Context, Rule, Seen, Severity, Verdict};
use crate::rb1::Group;

pub(super) const RULES: &[Rule] = &[
    Rule::new("values-late", "A group of values was not read for long although the server answers", values_late),
    Rule::new("cmdlet-failed", "A cmdlet fails although the server answers", cmdlet_failed),
    Rule::new("other-operator", "Another user has the wizard or the Synchronization Service Manager open", other_operator),
];

/// What is fresh enough for the other groups to be judged: a server that does not answer at all is another rule's matter.
fn answers(context: &Context<'_>, seen: &Seen<'_>) -> bool {
    let core = seen.server.freshness(Group::Core, context.now, context.policy);
    matches!(core, Freshness::Fresh(_)) && seen.activity != Activity::Isolated
}

fn values_late(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Values on the screen are older than they look: wait, or look at the connection", |seen| {
        if !answers(context, seen) {
            return Ok(None);
        }
        let late = |group: Group| {
            let state = seen.server.groups.get(&group)?;
            let fresh = matches!(state.freshness(group, context.now, context.policy), Freshness::Fresh(_));
            // A group that was never read is said to be unknown wherever it is asked for.
            let last = state.last.as_ref().filter(|_| !fresh)?;
            Some(format!("{} last read at {}", group.name(), words::moment(last.answered)))
        };
        let late: Vec<String> = Group::ALL.into_iter().filter_map(late).collect();
        Ok((!late.is_empty()).then(|| (Severity::Warning, words::list(&late, 3))))
    })
}

/// What a refusal means, by a fragment of its text (cmdlets.md 2.2); none where there is nothing to do about it: the service does not
/// run, which is said elsewhere, or this build has no such cmdlet.
fn meaning<'a>(path: &str, message: &'a str) -> Option<&'a str> {
    const KNOWN: [(&str, Option<&str>); 7] = [
        ("service is not running", None),
        ("could not connect to the miis server", None),
        ("access denied", Some("access is denied: not elevated, or not in ADSyncAdmins")),
        ("insufficient privileges", Some("access is denied: not elevated, or not in ADSyncAdmins")),
        ("is not recognized as the name", Some("the module ADSync cannot be loaded")),
        ("modal dialog", Some("it wants to show a window, and nobody is there to see it")),
        ("noninteractive mode", Some("it asks a question, and nobody is there to answer")),
    ];
    let lower = message.to_ascii_lowercase();
    if lower.contains("is not recognized as the name") && path != "Scheduler" {
        return None;
    }
    let known = KNOWN.iter().find(|(fragment, _)| lower.contains(fragment));
    known.map_or_else(|| message.lines().next(), |(_, meaning)| *meaning)
}

fn cmdlet_failed(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(
        id,
        "Look at the account that lockstep uses on that server, and at the cmdlet in an elevated console there",
        |seen| {
            if !answers(context, seen) {
                return Ok(None);
            }
            let readings = seen.server.groups.values().filter_map(|state| state.last.as_ref());
            let failed: Vec<String> = readings
                .flat_map(|reading| &reading.errors)
                .filter_map(|(path, error)| Some(format!("{path}: {}", meaning(path, &error.message)?)))
                .collect();
            Ok((!failed.is_empty()).then(|| (Severity::Warning, words::list(&failed, 3))))
        },
    )
}

/// The account without its domain: what two ways of naming a user have in common.
fn account(user: &str) -> String {
    let name = user.rsplit_once('\\').map_or(user, |(_, name)| name);
    name.split('@').next().unwrap_or(name).to_ascii_lowercase()
}

fn other_operator(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Agree with that person who does what before you go on", |seen| {
        let Link::Live { user: own, .. } = &seen.server.link else { return Ok(None) };
        let mut others = Vec::new();
        for (what, open) in [("the wizard", "Wizard"), ("the Synchronization Service Manager", "SynchronizationServiceManager")] {
            if !seen.is(&format!("{open}.Open"))? {
                continue;
            }
            let user = seen.text(&format!("{open}.User"))?.filter(|user| account(user) != account(own));
            others.extend(user.map(|user| format!("{user} has {what} open")));
        }
        Ok((!others.is_empty()).then(|| (Severity::Warning, words::list(&others, 2))))
    })
}
