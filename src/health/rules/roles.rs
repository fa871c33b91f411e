//! Who is active: the rules a swap lives by.

use chrono::TimeDelta;

use crate::facts::history::{Kind, Run};
use crate::facts::{Activity, Freshness, words};
use crate::health::{Context, DUAL_ACTIVE, Finding, Rule, Seen, Severity, Verdict};
use crate::powershell::Value;
use crate::rb1::Group;

pub(super) const RULES: &[Rule] = &[
    Rule::new(DUAL_ACTIVE, "Two servers are out of staging", dual_active).at_once(),
    Rule::new("none-active", "No server is active", none_active),
    Rule::new("active-unreachable", "The active server does not answer", active_unreachable),
    Rule::new("standby-unreachable", "Another server does not answer", standby_unreachable),
    Rule::new("manual-export-in-staging", "Somebody exported from a staging server", manual_export_in_staging).at_once(),
    Rule::new("staging-too-long", "A server has been in staging for long", staging_too_long),
];

/// How long no server may be active in a swap.
const NONE_ACTIVE: TimeDelta = TimeDelta::minutes(60);

fn unknown_activity(context: &Context<'_>) -> Option<String> {
    context.servers.iter().find_map(|seen| match &seen.activity {
        Activity::Unknown(why) => Some(format!("{}: {why}", seen.title())),
        _ => None,
    })
}

fn titles<'a>(servers: impl IntoIterator<Item = &'a Seen<'a>>) -> String {
    words::list(&servers.into_iter().map(|seen| seen.title().to_owned()).collect::<Vec<_>>(), 4)
}

fn dual_active(context: &Context<'_>, id: &'static str) -> Verdict {
    let active: Vec<&Seen<'_>> = context.servers.iter().filter(|seen| seen.activity == Activity::Active).collect();
    let unknown = context.servers.iter().filter(|seen| matches!(seen.activity, Activity::Unknown(_))).count();
    if active.len() < 2 {
        let possible = active.len() + unknown >= 2;
        return unknown_activity(context).filter(|_| possible).map_or(Verdict::Clear, Verdict::Unknown);
    }
    let exporting = active.iter().filter(|seen| seen.is("Scheduler.SyncCycleEnabled") != Ok(false)).count();
    let (severity, how) = if exporting >= 2 {
        (Severity::Critical, "both export")
    } else {
        (Severity::Warning, "one scheduler is off: one command away from a double export")
    };
    let wrong: Vec<&Seen<'_>> = active.iter().copied().filter(|seen| !seen.intended).collect();
    let which = if wrong.is_empty() || wrong.len() == active.len() { "one of them".to_owned() } else { titles(wrong) };
    let remedy = format!("Put {which} into staging now with its wizard, or stop its ADSync service");
    let text = format!("{} are out of staging; {how}", titles(active.iter().copied()));
    let finding = active.iter().fold(Finding::new(id, severity, text, remedy), |finding, seen| finding.about(seen));
    Verdict::Fires(finding)
}

fn none_active(context: &Context<'_>, id: &'static str) -> Verdict {
    if context.servers.iter().any(|seen| seen.activity == Activity::Active) {
        return Verdict::Clear;
    }
    if let Some(why) = unknown_activity(context) {
        return Verdict::Unknown(why);
    }
    // A session about one standby alone says nothing of the server that is active elsewhere.
    if context.servers.is_empty() || (context.servers.len() == 1 && !context.servers[0].intended) {
        return Verdict::Clear;
    }
    // A step may be open for long before its wizard is: what counts is how long nobody exports.
    let lasting = context.firing.get(id).map_or_else(TimeDelta::zero, |since| context.now.signed_duration_since(*since));
    let expected = context.none_active_since.is_some() && lasting <= NONE_ACTIVE;
    let severity = if expected { Severity::Warning } else { Severity::Critical };
    let text = "No server is active: nothing is exported to the cloud";
    let remedy = "Promote the server that is meant to be active; normal only between the two halves of a swap";
    Verdict::Fires(context.servers.iter().fold(Finding::new(id, severity, text, remedy), |finding, seen| finding.about(seen)))
}

/// Three polls without an answer: what was read last is late, or there never was an answer.
fn unseen(context: &Context<'_>, seen: &Seen<'_>) -> Result<Option<String>, String> {
    let words = || {
        let core = seen.server.groups.get(&Group::Core)?;
        let answered = core
            .last
            .as_ref()
            .map_or_else(|| "it never answered".to_owned(), |last| format!("no answer since {}", words::moment(last.answered)));
        let failed = core.failed.as_ref().map_or_else(String::new, |failure| format!(": {}", failure.why));
        (core.last.is_some() || core.failed.is_some()).then(|| answered + &failed)
    };
    match seen.server.freshness(Group::Core, context.now, context.policy) {
        Freshness::Fresh(_) => Ok(None),
        Freshness::Late(..) => Ok(words()),
        Freshness::Unknown(why) => words().map(Some).ok_or(why),
    }
}

fn active_unreachable(context: &Context<'_>, id: &'static str) -> Verdict {
    let remedy = "Do not promote another server before you have proof that this one is off";
    context.each(id, remedy, |seen| {
        let matters = seen.intended && seen.activity != Activity::Isolated;
        let unseen = if matters { unseen(context, seen)? } else { None };
        Ok(unseen.map(|why| (Severity::Critical, format!("the active server cannot be seen, {why}"))))
    })
}

fn standby_unreachable(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Its role is not known until it answers: look at the server and the connection", |seen| {
        let matters = !seen.intended && seen.activity != Activity::Isolated;
        let unseen = if matters { unseen(context, seen)? } else { None };
        Ok(unseen.map(|why| (Severity::Warning, format!("it cannot be seen, {why}"))))
    })
}

fn manual_export_in_staging(context: &Context<'_>, id: &'static str) -> Verdict {
    let remedy = "Find out who ran it; compare the tenant with what the active server exports";
    context.each(id, remedy, |seen| {
        if !seen.is_staging()? {
            return Ok(None);
        }
        let mut exports =
            seen.objects("RunHistory")?.map(Run).filter(|run| Kind::of(run.profile()) == Some(Kind::Export)).peekable();
        if exports.peek().is_none() {
            return Ok(None);
        }
        let since = seen.time("StagingSince")?.ok_or_else(|| "when it went into staging is not known".to_owned())?;
        let manual = exports.find(|run| run.start().is_some_and(|start| start > since));
        Ok(manual.map(|run| {
            let who = run.0.get("Username").and_then(Value::as_text).unwrap_or("somebody");
            let when = run.start().map_or_else(String::new, |start| format!(" at {}", words::moment(start)));
            (Severity::Critical, format!("{who} ran {} on {} in staging{when}", run.profile(), run.connector()))
        }))
    })
}

fn staging_too_long(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Plan its decommission, or swap to it", |seen| {
        let staging = if seen.is_staging()? { seen.span("StagingFor") } else { Ok(None) };
        let since =
            seen.time("StagingSince").ok().flatten().map_or_else(String::new, |since| format!(" since {}", words::date(since)));
        // A server whose switch left no trace is not worth an unknown rule.
        let lasting = staging.ok().flatten().unwrap_or_else(TimeDelta::zero);
        let severity = match lasting.num_days() {
            0..=30 => return Ok(None),
            31..=60 => Severity::Information,
            _ => Severity::Warning,
        };
        Ok(Some((severity, format!("in staging{since}"))))
    })
}
