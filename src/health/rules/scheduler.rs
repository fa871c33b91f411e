//! The scheduler, the service below it, and the wizard that holds it up.

use chrono::TimeDelta;

use crate::Time;
use crate::facts::history::{Outcome, Run};
use crate::facts::words;
use crate::health::{Context, Rule, Seen, Severity, Verdict};
use crate::powershell::Value;
use crate::text::age::duration;

pub(super) const RULES: &[Rule] = &[
    Rule::new("scheduler-disabled", "The active server's scheduler is off", scheduler_disabled),
    Rule::new("scheduler-disabled-on-staging", "A staging server's scheduler is off", scheduler_disabled_on_staging),
    Rule::new("scheduler-suspended", "The scheduler is suspended by set-up or an upgrade", scheduler_suspended),
    Rule::new("scheduler-frozen", "A cycle was due and did not start", scheduler_frozen),
    Rule::new("wizard-open", "The wizard has been open for long, or its session is disconnected", wizard_open),
    Rule::new("service-not-running", "The ADSync service does not run", service_not_running),
    Rule::new("service-start-type", "The service does not start by itself", service_start_type),
    Rule::new("cycle-overdue", "No cycle was completed for long", cycle_overdue),
    Rule::new("cycle-too-long", "A cycle runs for much longer than it should", cycle_too_long),
    Rule::new("next-cycle-initial", "The next cycle is a full one", next_cycle_initial),
    Rule::new("custom-interval-ineffective", "The customised interval is below what is allowed", custom_interval_ineffective),
    Rule::new("interval-too-long", "Cycles are far apart", interval_too_long),
    Rule::new("maintenance-off", "Maintenance is switched off", maintenance_off),
];

/// How late a cycle may start.
const START_GRACE: TimeDelta = TimeDelta::seconds(120);
/// How long a wizard may be open.
const WIZARD_OPEN: TimeDelta = TimeDelta::minutes(10);
/// How long an upgrade may suspend the scheduler.
const SUSPENDED: TimeDelta = TimeDelta::minutes(30);

fn scheduler_disabled(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set-ADSyncScheduler -SyncCycleEnabled $true, when the work that needs it off is done", |seen| {
        let fires = !seen.is_staging()? && !seen.is("Scheduler.SyncCycleEnabled")?;
        Ok(fires.then(|| (Severity::Critical, "no cycles run, SyncCycleEnabled is False".to_owned())))
    })
}

fn scheduler_disabled_on_staging(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set-ADSyncScheduler -SyncCycleEnabled $true: a standby must keep up to be promoted", |seen| {
        let fires = seen.is_staging()? && !seen.is("Scheduler.SyncCycleEnabled")?;
        Ok(fires.then(|| (Severity::Warning, "it goes stale in staging, SyncCycleEnabled is False".to_owned())))
    })
}

fn scheduler_suspended(context: &Context<'_>, id: &'static str) -> Verdict {
    let severity = if context.firing_for(id) > SUSPENDED { Severity::Critical } else { Severity::Warning };
    context.each(id, "Find the installer or upgrade that runs; clearing the flag by PowerShell is not supported", |seen| {
        Ok(seen.is("Scheduler.SchedulerSuspended")?.then(|| (severity, "the scheduler is suspended".to_owned())))
    })
}

/// When the next cycle was due, where it is late and nothing explains that it does not run.
fn overdue_start(context: &Context<'_>, seen: &Seen<'_>) -> Result<Option<Time>, String> {
    if seen.is("Scheduler.SyncCycleInProgress")? || !seen.is("Scheduler.SyncCycleEnabled")? {
        return Ok(None);
    }
    if seen.is("Scheduler.SchedulerSuspended")? || seen.is("Wizard.Open")? || seen.objects("ConnectorRunStatus")?.next().is_some()
    {
        return Ok(None);
    }
    let due = seen.time("Scheduler.NextSyncCycleStartTimeInUTC")?;
    Ok(due.filter(|due| context.now.signed_duration_since(*due) > START_GRACE))
}

fn scheduler_frozen(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Restart-Service ADSync, then Start-ADSyncSyncCycle -PolicyType Delta", |seen| {
        let Some(due) = overdue_start(context, seen)? else { return Ok(None) };
        let late = context.now.signed_duration_since(due);
        let interval = seen.span("Scheduler.CurrentlyEffectiveSyncCycleInterval")?;
        let severity = if interval.is_some_and(|interval| late > interval * 2) { Severity::Critical } else { Severity::Warning };
        Ok(Some((severity, format!("a cycle was due at {} and did not start", words::moment(due)))))
    })
}

fn wizard_open(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Close the wizard on that server: no cycle starts while it is open", |seen| {
        if !seen.is("Wizard.Open")? {
            return Ok(None);
        }
        let disconnected = seen.text("Wizard.SessionState")?.is_some_and(|state| state.eq_ignore_ascii_case("Disc"));
        let since = seen.time("Wizard.Since")?;
        // A wizard whose age nobody knows is taken for an old one.
        if !disconnected && since.is_some_and(|since| context.now.signed_duration_since(since) < WIZARD_OPEN) {
            return Ok(None);
        }
        let user = seen.text("Wizard.User")?.unwrap_or("somebody");
        let session = if disconnected { " in a disconnected session" } else { "" };
        let since = since.map_or_else(String::new, |since| format!(" since {}", words::moment(since)));
        Ok(Some((Severity::Warning, format!("{user} has the wizard open{session}{since}, no cycle will start"))))
    })
}

fn service_not_running(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Start the service ADSync; look at the events 2005 and 6209 to 6226", |seen| {
        let status = seen.text("Service.Status")?.unwrap_or("not there");
        let severity = if seen.is_active() { Severity::Critical } else { Severity::Warning };
        Ok((!status.eq_ignore_ascii_case("Running")).then(|| (severity, format!("the service ADSync is {status}"))))
    })
}

fn service_start_type(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set-Service ADSync -StartupType Automatic", |seen| {
        let start = seen.text("Service.StartType")?.unwrap_or("unknown");
        let by_itself = start.to_ascii_lowercase().starts_with("auto");
        Ok((!by_itself).then(|| (Severity::Warning, format!("ADSync starts {start}: it does not return after a restart"))))
    })
}

fn cycle_overdue(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at what holds the scheduler up: wizard, run history, events", |seen| {
        if !seen.is("Scheduler.SyncCycleEnabled")? || seen.is("Scheduler.SyncCycleInProgress")? {
            return Ok(None);
        }
        let interval = seen.span("Scheduler.CurrentlyEffectiveSyncCycleInterval")?.unwrap_or_else(TimeDelta::zero);
        let Some(ended) = seen.time("LastCycle.EndDate")? else { return Ok(None) };
        let ago = context.now.signed_duration_since(ended);
        Ok((ago > interval * 2 + TimeDelta::minutes(15))
            .then(|| (Severity::Warning, format!("the last complete cycle ended at {}", words::moment(ended)))))
    })
}

/// How long an Initial cycle of so many objects takes about (lab.md 8.4).
fn initial_estimate(objects: i64) -> TimeDelta {
    TimeDelta::seconds(40 + objects / 30 + objects / 40)
}

fn cycle_too_long(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at what runs in the Synchronization Service Manager before anybody stops it", |seen| {
        if !seen.is("Scheduler.SyncCycleInProgress")? {
            return Ok(None);
        }
        // Where the last cycle is not known, only the run under way is certainly of this one.
        let ended = seen.time("LastCycle.EndDate").unwrap_or_default();
        let of_this = |run: &Run<'_>| match ended {
            Some(ended) => run.start().is_some_and(|start| start >= ended),
            None => run.outcome() == Outcome::Running,
        };
        let runs: Vec<Run<'_>> = seen.objects("RunHistory")?.map(Run).filter(of_this).collect();
        let Some(start) = runs.iter().filter_map(|run| run.start()).min() else { return Ok(None) };
        let full = runs.iter().any(|run| run.profile().to_ascii_lowercase().starts_with("full"));
        let limit = if full {
            let totals = seen.objects("Connectors")?.filter_map(|c| c.at("Statistics.TotalConnectors").and_then(Value::as_int));
            initial_estimate(totals.max().unwrap_or(0)) * 3
        } else {
            let last = seen.time("LastCycle.StartDate").unwrap_or_default().zip(ended);
            last.map_or_else(TimeDelta::zero, |(start, end)| end.signed_duration_since(start) * 4)
        };
        let limit = limit.max(TimeDelta::minutes(60));
        let at = runs.iter().max_by_key(|run| run.start()).filter(|run| run.outcome() == Outcome::Running);
        let at = at.map_or_else(String::new, |run| format!(", now {} on {}", run.profile(), run.connector()));
        Ok((context.now.signed_duration_since(start) > limit)
            .then(|| (Severity::Warning, format!("a cycle runs since {}{at}", words::moment(start)))))
    })
}

fn next_cycle_initial(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Leave time for it, or let it run before the swap", |seen| {
        let next = seen.text("Scheduler.NextSyncCyclePolicyType")?.unwrap_or_default();
        Ok(next.eq_ignore_ascii_case("Initial").then(|| (Severity::Information, "the next cycle is an Initial one".to_owned())))
    })
}

fn custom_interval_ineffective(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set-ADSyncScheduler -CustomizedSyncCycleInterval to at least the allowed interval", |seen| {
        let custom = seen.span("Scheduler.CustomizedSyncCycleInterval")?;
        let allowed = seen.span("Scheduler.AllowedSyncCycleInterval")?;
        let (Some(custom), Some(allowed)) = (custom, allowed) else { return Ok(None) };
        let text = || format!("{} was asked for, {} is in effect", duration(custom), duration(allowed));
        Ok((custom < allowed).then(|| (Severity::Warning, text())))
    })
}

fn interval_too_long(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set-ADSyncScheduler -CustomizedSyncCycleInterval to less than a day", |seen| {
        let Some(interval) = seen.span("Scheduler.CurrentlyEffectiveSyncCycleInterval")? else { return Ok(None) };
        let severity = match interval {
            days if days > TimeDelta::days(7) => Severity::Critical,
            hours if hours > TimeDelta::hours(24) => Severity::Warning,
            _ => return Ok(None),
        };
        Ok(Some((severity, format!("cycles are {} apart", duration(interval)))))
    })
}

fn maintenance_off(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set-ADSyncScheduler -MaintenanceEnabled $true", |seen| {
        let text = "keys and certificates are not renewed, history is not purged";
        Ok((!seen.is("Scheduler.MaintenanceEnabled")?).then(|| (Severity::Warning, text.to_owned())))
    })
}
