//! What the run history and the event log tell: failed runs, object errors, deletions, the seven days.

use chrono::TimeDelta;

use crate::facts::history::{Kind, Outcome, Run};
use crate::facts::table::ENTRA_CONNECTOR;
use crate::facts::words;
use crate::health::{Context, Rule, Seen, Severity, Verdict};
use crate::powershell::Value;

pub(super) const RULES: &[Rule] = &[
    Rule::new("deletion-stop", "An export was stopped by the deletion limit", deletion_stop).at_once(),
    Rule::new("deletion-stop-predicted", "The first export would meet the deletion limit", deletion_stop_predicted),
    Rule::new("deletion-limit-changed", "The deletion limit is off or not Microsoft's 500", deletion_limit_changed),
    Rule::new("pending-exports-stuck", "Exports stay pending on the active server", pending_exports_stuck),
    Rule::new("never-initialised", "A connector was never filled", never_initialised),
    Rule::new("reboot-in-cycle", "The server restarted inside a cycle", reboot_in_cycle),
    Rule::new("pending-exports", "A standby would change many objects on promotion", pending_exports),
    Rule::new("export-errors", "Objects fail to export", export_errors),
    Rule::new("permission-issue", "An account lacks rights in the directory", permission_issue),
    Rule::new("sync-errors", "Objects fail to import or synchronise", sync_errors),
    Rule::new("run-failed", "A connector's newest run failed", run_failed),
    Rule::new("seven-day-rule", "A delta synchronization must run within seven days", seven_day_rule),
    Rule::new("overrides-pending", "The next cycle does a full import or synchronization", overrides_pending),
    Rule::new("rules-changed-since-full-sync", "Rules changed after the last full synchronization", rules_changed),
    Rule::new("password-sync-stalled", "Password hashes do not move", password_sync_stalled),
    Rule::new("cloud-sign-in-broken", "The server cannot sign in to the tenant", cloud_sign_in_broken),
];

/// Pending exports that ordinary churn explains.
const TOLERATED_EXPORTS: i64 = 10;
/// Microsoft's own deletion limit.
const DEFAULT_DELETION_LIMIT: i64 = 500;

/// Of each connector and kind of run, the newest that is over. Several rules ask: it is sorted out once.
fn newest<'a>(seen: &'a Seen<'_>) -> Result<Vec<Run<'a>>, String> {
    let all: Vec<Run<'a>> = seen.objects("RunHistory")?.map(Run).collect();
    let places = seen.newest_runs.get_or_init(|| newest_of(&all));
    Ok(places.iter().filter_map(|place| all.get(*place).copied()).collect())
}

fn newest_of(all: &[Run<'_>]) -> Vec<usize> {
    let mut newest: Vec<(Kind, usize)> = Vec::new();
    for (place, run) in all.iter().enumerate().filter(|(_, run)| run.outcome() != Outcome::Running) {
        let Some(kind) = Kind::of(run.profile()) else { continue };
        let same =
            |(known, at): &&mut (Kind, usize)| *known == kind && all[*at].connector().eq_ignore_ascii_case(run.connector());
        match newest.iter_mut().find(same) {
            Some((_, at)) if run.start() > all[*at].start() => *at = place,
            Some(_) => {}
            None => newest.push((kind, place)),
        }
    }
    newest.sort_by_cached_key(|(kind, at)| (all[*at].connector().to_ascii_lowercase(), *kind as usize));
    newest.into_iter().map(|(_, at)| at).collect()
}

fn severity(seen: &Seen<'_>) -> Severity {
    if seen.is_active() { Severity::Critical } else { Severity::Warning }
}

/// Events of the log, their number and message.
fn events<'a>(seen: &'a Seen<'_>) -> Result<impl Iterator<Item = (i64, &'a str, Option<crate::Time>)>, String> {
    let part = |event: &'a crate::powershell::Record| {
        Some((event.get("Id")?.as_int()?, event.get("Message")?.as_text()?, event.get("TimeCreated").and_then(Value::as_time)))
    };
    Ok(seen.objects("Events")?.filter_map(part))
}

fn met_deletion_limit(run: Run<'_>) -> bool {
    ["stopped-deletion-threshold-exceeded", "stopped-deletion-limit"].contains(&run.result())
}

fn deletion_stop(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at the deletes one by one before anybody raises the limit", |seen| {
        let stopped =
            newest(seen)?.into_iter().find(|run| Kind::of(run.profile()) == Some(Kind::Export) && met_deletion_limit(*run));
        Ok(stopped.map(|run| {
            let when = run.start().map_or_else(String::new, |start| format!(" at {}", words::moment(start)));
            (Severity::Critical, format!("the export of {}{when} met the deletion limit, nothing was exported", run.connector()))
        }))
    })
}

fn deletion_stop_predicted(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Find out why objects would be deleted (scope, filters, rules) before the promotion", |seen| {
        if !seen.is_staging()? {
            return Ok(None);
        }
        let deletes = seen.int("PendingExports.Deletes")?.unwrap_or(0);
        if deletes == 0 {
            return Ok(None);
        }
        let limit = seen.int("DeletionThreshold")?.unwrap_or(0);
        let severity = match limit {
            0 => return Ok(None),
            limit if deletes > limit => Severity::Critical,
            limit if deletes > limit / 2 => Severity::Warning,
            _ => return Ok(None),
        };
        Ok(Some((
            severity,
            format!("the first export after a promotion holds {}, the limit is {limit}", words::count(deletes, "delete")),
        )))
    })
}

fn deletion_limit_changed(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "The limit holds for the whole tenant: check with whoever changed it", |seen| {
        Ok(match seen.int("DeletionThreshold")? {
            Some(0) => Some((Severity::Warning, "the deletion limit is off".to_owned())),
            Some(limit) if limit != DEFAULT_DELETION_LIMIT => Some((Severity::Warning, format!("the deletion limit is {limit}"))),
            _ => None,
        })
    })
}

fn pending_exports(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Review them (csexport, CSExportAnalyzer): they go out on promotion", |seen| {
        if !seen.is_staging()? {
            return Ok(None);
        }
        let count = |path| Ok::<_, String>(seen.int(path)?.unwrap_or(0));
        let total = count("PendingExports.Total")?;
        let (adds, updates) = (count("PendingExports.Adds")?, count("PendingExports.Updates")?);
        let text = || {
            let deletes = total - adds - updates;
            let parts = [words::count(adds, "add"), words::count(updates, "update"), words::count(deletes, "delete")];
            format!("{} would go out on promotion", parts.join(", "))
        };
        Ok((total > TOLERATED_EXPORTS).then(|| (Severity::Warning, text())))
    })
}

/// How many exports in a row leave what is pending where it is, before somebody should look.
const STUCK_EXPORTS: usize = 3;

fn pending_exports_stuck(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at the export errors and at the events 6105 and 6951", |seen| {
        if seen.is_staging()? {
            return Ok(None);
        }
        let pending = seen.int("PendingExports.Total")?.unwrap_or(0);
        if pending == 0 {
            return Ok(None);
        }
        let entra = seen.text("EntraConnector.Name")?.unwrap_or_default();
        let runs = seen.objects("RunHistory")?.map(Run);
        let exports = runs.filter(|run| {
            run.outcome() != Outcome::Running && Kind::of(run.profile()) == Some(Kind::Export) && run.connector() == entra
        });
        let moved = |run: &Run<'_>| ["Adds", "Updates", "Deletes"].iter().filter_map(|name| run.int(name)).sum::<i64>() > 0;
        let idle = exports.take(STUCK_EXPORTS).filter(|run| !moved(run)).count();
        let text = || format!("{} pending through {STUCK_EXPORTS} exports", words::count(pending, "change"));
        Ok((idle == STUCK_EXPORTS).then(|| (Severity::Warning, text())))
    })
}

fn never_initialised(context: &Context<'_>, id: &'static str) -> Verdict {
    let remedy = "Start-ADSyncSyncCycle -PolicyType Initial, and wait for its end before any promotion";
    context.each(id, remedy, |seen| {
        let empty = |connector: &&crate::powershell::Record| connector.at("Statistics.TotalConnectors") == Some(&Value::Int(0));
        let fills = |connector: &&crate::powershell::Record| {
            let text = |name: &str| connector.get(name).and_then(Value::as_text).unwrap_or_default();
            text("Type") == "AD" || text("Identifier").eq_ignore_ascii_case(ENTRA_CONNECTOR)
        };
        let name = |connector: &crate::powershell::Record| {
            connector.get("Name").and_then(Value::as_text).unwrap_or("a connector").to_owned()
        };
        let empty: Vec<String> = seen.objects("Connectors")?.filter(fills).filter(empty).map(name).collect();
        Ok((!empty.is_empty()).then(|| {
            (Severity::Critical, format!("{} holds no objects: no full import and synchronization yet", words::list(&empty, 3)))
        }))
    })
}

fn reboot_in_cycle(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Run a delta cycle and check its results", |seen| {
        let Some(boot) = seen.time("BootTime")? else { return Ok(None) };
        let before = seen.objects("RunHistory")?.map(Run).filter(|run| run.start().is_some_and(|start| start < boot));
        let cut = |run: &Run<'_>| run.outcome() == Outcome::Running || run.result().starts_with("stopped-server");
        // A cycle that came to its end since then has made up for it.
        let made_up = seen.time("LastCycle.EndDate").unwrap_or_default().is_some_and(|end| end >= boot);
        let cut = before.max_by_key(|run| run.start()).filter(cut).filter(|_| !made_up);
        let text =
            |run: Run<'_>| format!("it restarted at {} while {} ran on {}", words::moment(boot), run.profile(), run.connector());
        Ok(cut.map(|run| (Severity::Warning, text(run))))
    })
}

/// ErrorType of an object on which the connector's account lacks rights (cd-error 8344).
const PERMISSION_ISSUE: &str = "permission-issue";

fn lacks_rights(kind: &str) -> bool {
    kind.eq_ignore_ascii_case(PERMISSION_ISSUE)
}

/// Whether missing rights are all that its objects failed of: that is a finding of its own.
fn only_lacks_rights(run: Run<'_>) -> bool {
    run.error_types().is_ok_and(|types| !types.is_empty() && types.into_iter().all(lacks_rights))
}

/// A finding of the newest runs of one kind with object errors.
fn with_object_errors(seen: &Seen<'_>, kinds: &[Kind]) -> Result<Option<(Severity, String)>, String> {
    let of_kind = |run: &Run<'_>| Kind::of(run.profile()).is_some_and(|kind| kinds.contains(&kind));
    let failed: Vec<String> = newest(seen)?
        .into_iter()
        .filter(|run| of_kind(run) && run.outcome() == Outcome::ObjectErrors && !only_lacks_rights(*run))
        .map(|run| {
            let objects = words::count(run.int("Failures").unwrap_or(0), "object");
            let types: Vec<String> = run.error_types().unwrap_or_default().into_iter().map(str::to_owned).collect();
            let why = if types.is_empty() { String::new() } else { format!(" ({})", words::list(&types, 3)) };
            format!("{} on {}, {objects}{why}", run.profile(), run.connector())
        })
        .collect();
    Ok((!failed.is_empty()).then(|| (Severity::Warning, format!("errors in {}", words::list(&failed, 3)))))
}

fn export_errors(context: &Context<'_>, id: &'static str) -> Verdict {
    let remedy = "Right after a swap suspect the hard-match hardening; compare with before the swap";
    context.each(id, remedy, |seen| with_object_errors(seen, &[Kind::Export]))
}

fn sync_errors(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at the errors in the Synchronization Service Manager", |seen| {
        with_object_errors(seen, &[Kind::Import, Kind::Sync])
    })
}

fn permission_issue(context: &Context<'_>, id: &'static str) -> Verdict {
    let remedy = "Give the AD account its rights (a new server has a new account), or switch inheritance on at the object";
    context.each(id, remedy, |seen| {
        let mut unknown = None;
        for run in newest(seen)?.into_iter().filter(|run| run.outcome() == Outcome::ObjectErrors) {
            match run.error_types() {
                Ok(types) if types.iter().copied().any(lacks_rights) => {
                    let objects = words::count(run.int("Failures").unwrap_or(0), "object");
                    let also = if only_lacks_rights(run) { "" } else { ", for this and other reasons" };
                    let text = format!("{} on {}: {objects} failed{also} ({PERMISSION_ISSUE})", run.profile(), run.connector());
                    return Ok(Some((Severity::Warning, text)));
                }
                Ok(_) => {}
                Err(why) => unknown = Some(why),
            }
        }
        // The log may tell what a server does not that was asked in an older way.
        let told = events(seen)?.any(|(_, message, _)| message.contains(PERMISSION_ISSUE) || message.contains("8344"));
        match unknown {
            Some(why) if !told => Err(why),
            Some(_) => Ok(Some((Severity::Warning, "the event log tells of missing rights (8344)".to_owned()))),
            None => Ok(None),
        }
    })
}

fn run_failed(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at the run in the Synchronization Service Manager and at the event log", |seen| {
        let failed: Vec<String> = newest(seen)?
            .into_iter()
            .filter(|run| run.outcome() == Outcome::Failed && !met_deletion_limit(*run))
            .map(|run| format!("{} on {}: {}", run.profile(), run.connector(), run.result()))
            .collect();
        Ok((!failed.is_empty()).then(|| (severity(seen), words::list(&failed, 3))))
    })
}

fn seven_day_rule(context: &Context<'_>, id: &'static str) -> Verdict {
    let remedy = "Run a delta cycle now, in staging too; after seven days only a full synchronization repairs it";
    context.each(id, remedy, |seen| {
        let (Some(last), Some(since)) = (seen.time("LastDeltaSync")?, seen.span("SinceDeltaSync")?) else { return Ok(None) };
        let severity = match since {
            days if days > TimeDelta::days(7) => Severity::Critical,
            days if days > TimeDelta::days(5) => Severity::Warning,
            _ => return Ok(None),
        };
        Ok(Some((severity, format!("the last delta synchronization was at {}", words::moment(last)))))
    })
}

fn overrides_pending(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Let the full run happen before the swap, or leave time for it", |seen| {
        let flag = |connector: &crate::powershell::Record, name: &str| match connector.at(name) {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::Unknown(why)) => Err(why.clone()),
            _ => Err(format!("{name} was not read")),
        };
        let mut full = Vec::new();
        for connector in seen.objects("Connectors")? {
            if flag(connector, "Override.FullImportRequired")? || flag(connector, "Override.FullSyncRequired")? {
                full.push(connector.get("Name").and_then(Value::as_text).unwrap_or("a connector").to_owned());
            }
        }
        Ok((!full.is_empty())
            .then(|| (Severity::Information, format!("the next cycle does a full run of {}", words::list(&full, 3)))))
    })
}

fn rules_changed(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Start-ADSyncSyncCycle -PolicyType Initial before the swap", |seen| {
        let newest = events(seen)?.filter(|(number, ..)| [6126, 6127].contains(number)).filter_map(|(.., time)| time).max();
        let Some(changed) = newest else { return Ok(None) };
        let synced = seen.time("LastFullSync").unwrap_or_default();
        Ok(synced.is_none_or(|synced| changed > synced).then(|| {
            (Severity::Warning, format!("rules changed at {}, later than the last full synchronization", words::moment(changed)))
        }))
    })
}

fn password_sync_stalled(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at the events 609, 611, 612 and 652, and at the domain controller's reach", |seen| {
        if seen.is_staging()? || !seen.is("PasswordHashSync.Enabled")? {
            return Ok(None);
        }
        let Some(success) = seen.time("PasswordHashSync.LastSuccess")? else { return Ok(None) };
        let ago = context.now.signed_duration_since(success);
        let severity = match ago.num_minutes() {
            ..=60 => return Ok(None),
            61..=120 => Severity::Warning,
            _ => Severity::Critical,
        };
        Ok(Some((severity, format!("no password hashes were synchronised since {}", words::moment(success)))))
    })
}

fn cloud_sign_in_broken(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Look at Conditional Access and at the server's credential", |seen| {
        let recent =
            |time: Option<crate::Time>| time.is_none_or(|t| context.now.signed_duration_since(t) < TimeDelta::minutes(30));
        let broken = events(seen)?.find(|(number, _, time)| [115, 906].contains(number) && recent(*time));
        Ok(broken.map(|(number, ..)| (Severity::Critical, format!("event {number}: the tenant refuses the sign-in"))))
    })
}
