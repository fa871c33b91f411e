//! Run profiles and their results (cmdlets.md 2.1 and 2.3).

use chrono::TimeDelta;

use super::object::{count, model, text};
use super::space::space_of;
use super::{Call, Entry, entries};
use crate::lab::fault::Fault;
use crate::lab::shell::{Item, Kind, Parameter, Pipeline, Reply};
use crate::lab::world::connector::Connector;
use crate::lab::world::generator::Generator;
use crate::lab::world::history::{Counters, ObjectError, Profile, Run};
use crate::powershell::Value;

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncRunProfileResult" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncRunProfileResultCmdlet" results => [
        Parameter::new("RunHistoryId", Kind::Guid),
        Parameter::new("ConnectorId", Kind::Guid),
        Parameter::new("RunProfileId", Kind::Guid),
        Parameter::new("RunNumber", Kind::Int),
        Parameter::new("NumberRequested", Kind::Int),
        Parameter::new("RunStepDetails", Kind::Switch),
        Parameter::new("StepNumber", Kind::Int),
    ];
    Service "Get-ADSyncRunStepResult" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncRunStepResultCmdlet" step_results => [
        Parameter::new("RunHistoryId", Kind::Guid).from_pipeline(Pipeline::Property),
        Parameter::new("StepHistoryId", Kind::Guid),
        Parameter::new("First", Kind::Switch),
        Parameter::new("StepNumber", Kind::Int),
    ];
    Service "Invoke-ADSyncRunProfile" "Microsoft.IdentityManagement.PowerShell.Cmdlet.InvokeADSyncRunProfileCmdlet" invoke => [
        Parameter::new("ConnectorName", Kind::Text),
        Parameter::new("ConnectorIdentifier", Kind::Guid),
        Parameter::new("RunProfileName", Kind::Text).mandatory(),
        Parameter::new("Resume", Kind::Switch),
    ];
    Service "Stop-ADSyncRunProfile" "Microsoft.IdentityManagement.PowerShell.Cmdlet.StopADSyncRunProfileCmdlet" stop => [
        Parameter::new("ConnectorName", Kind::Text).at(0),
    ];
    Product "Start-ADSyncPurgeRunHistory" "Microsoft.IdentityManagement.PowerShell.Cmdlet.StartADSyncPurgeRunHistoryCmdlet" purge => [
        Parameter::new("PurgeRunHistoryInterval", Kind::TimeSpan),
        Parameter::new("Offline", Kind::Switch),
    ];
};

/// A run profile's identifier on this server.
pub(super) fn profile_id(connector: &Connector, profile: Profile) -> Item {
    Item::guid(&Generator::new(1, &format!("{}/{}", connector.identifier, profile.name())).guid())
}

fn step_id(run: &Run) -> Item {
    Item::guid(&Generator::new(2, &run.id).guid())
}

fn results(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let int = |name: &str| call.invocation.arguments.value(name).and_then(|value| value.as_int());
    let (id, number, requested) = (call.text("RunHistoryId"), int("RunNumber"), int("NumberRequested"));
    let connector = call.text("ConnectorId").map(|id| product.connectors.iter().find(|c| c.identifier.eq_ignore_ascii_case(id)));
    if connector == Some(None) {
        return super::connectors::not_found(call);
    }
    let connector = connector.flatten().map(|connector| connector.name.as_str());
    let profile = call.text("RunProfileId").map(str::to_owned);
    let details = call.invocation.arguments.switch("RunStepDetails");
    let limit = requested.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(usize::MAX);
    let runs = product
        .history
        .newest_first()
        .filter(|run| id.is_none_or(|id| run.id.eq_ignore_ascii_case(id)))
        .filter(|run| connector.is_none_or(|name| name == run.connector))
        .filter(|run| number.is_none_or(|number| u64::try_from(number) == Ok(run.number)))
        .filter(|run| {
            profile.as_deref().is_none_or(|id| {
                product.connector(&run.connector).is_some_and(|c| profile_id(c, run.profile).as_text() == Some(id))
            })
        })
        .take(limit);
    Reply::Done(runs.map(|run| run_object(call, run, details)).collect())
}

fn run_object(call: &Call, run: &Run, details: bool) -> Item {
    let connector = call.product().and_then(|product| product.connector(&run.connector));
    let steps = if details { vec![step_object(call, run)] } else { Vec::new() };
    model("RunProfileResult")
        .with("RunHistoryId", Item::guid(&run.id))
        .with("ConnectorId", connector.map_or(Item::NULL, |c| Item::guid(&c.identifier)))
        .with("ConnectorName", text(run.connector.as_str()))
        .with("RunProfileId", connector.map_or(Item::NULL, |c| profile_id(c, run.profile)))
        .with("RunProfileName", text(run.profile.name()))
        .with("RunNumber", count(run.number))
        .with("Username", text(run.user.as_str()))
        .with("IsRunComplete", run.is_complete())
        .with("Result", text(run.result.as_str()))
        .with("CurrentStepNumber", 1)
        .with("TotalSteps", 1)
        .with("StartDate", call.clock(run.start))
        .with("EndDate", call.maybe_clock(run.end))
        .with("RunStepResults", Item::array(steps))
        .shown_as(format!("{} {}", run.connector, run.profile.name()))
        .into()
}

fn step_results(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let (run, step) = (call.text("RunHistoryId"), call.text("StepHistoryId"));
    let limit = if call.invocation.arguments.switch("First") { 1 } else { usize::MAX };
    let runs = product
        .history
        .newest_first()
        .filter(|known| run.is_none_or(|id| known.id.eq_ignore_ascii_case(id)))
        .filter(|known| step.is_none_or(|id| step_id(known).as_text() == Some(id)))
        .take(limit);
    Reply::Done(runs.map(|run| step_object(call, run)).collect())
}

fn step_object(call: &Call, run: &Run) -> Item {
    let none = Counters::default();
    let (staged, flowed, exported) = match run.profile {
        profile if profile.is_import() => (run.counters, none, none),
        Profile::Export => (none, none, run.counters),
        _ => (none, run.counters, none),
    };
    let errors: Vec<Item> = run.errors.iter().map(|error| error_object(call, run, error)).collect();
    let sync_errors = model("SyncErrors")
        .with("SyncErrorsXml", Item::NULL)
        .with("SyncErrorsList", Item::array(errors))
        .with("SyncErrorsSummaryXml", Item::NULL)
        .shown_as("");
    model("RunStepResult")
        .with("RunHistoryId", Item::guid(&run.id))
        .with("StepHistoryId", step_id(run))
        .with("StepNumber", 1)
        .with("StepResult", text(run.result.as_str()))
        .with("StartDate", call.clock(run.start))
        .with("EndDate", call.maybe_clock(run.end))
        .with("StageNoChange", count(staged.unchanged))
        .with("StageAdd", count(staged.adds))
        .with("StageUpdate", count(staged.updates))
        .with("StageRename", count(staged.renames))
        .with("StageDelete", count(staged.deletes))
        .with("StageDeleteAdd", 0)
        .with("StageFailure", count(staged.failures))
        .with("DisconnectorFiltered", 0)
        .with("DisconnectorJoinedNoFlow", 0)
        .with("DisconnectorJoinedFlow", 0)
        .with("DisconnectorJoinedRemoveMv", 0)
        .with("DisconnectorProjectedNoFlow", 0)
        .with("DisconnectorProjectedFlow", count(flowed.adds))
        .with("DisconnectorProjectedRemoveMv", 0)
        .with("DisconnectorRemains", 0)
        .with("ConnectorFilteredRemoveMv", 0)
        .with("ConnectorFilteredLeaveMv", 0)
        .with("ConnectorFlow", count(flowed.updates))
        .with("ConnectorFlowRemoveMv", 0)
        .with("ConnectorNoFlow", count(flowed.unchanged))
        .with("ConnectorDeleteRemoveMv", count(flowed.deletes))
        .with("ConnectorDeleteLeaveMv", 0)
        .with("ConnectorDeleteAddProcessed", 0)
        .with("FlowFailure", count(flowed.failures))
        .with("ExportAdd", count(exported.adds))
        .with("ExportUpdate", count(exported.updates))
        .with("ExportRename", count(exported.renames))
        .with("ExportDelete", count(exported.deletes))
        .with("ExportDeleteAdd", 0)
        .with("ExportFailure", count(exported.failures))
        .with("CurrentExportBatchNumber", 0)
        .with("LastSuccessfulExportBatchNumber", 0)
        // What the lab does not count it leaves empty: the same in XML, and retries in the metaverse.
        .with("StepFileName", Item::NULL)
        .with("ConnectorConnectionInformationXml", Item::NULL)
        .with("ConnectorDiscoveryErrors", Item::NULL)
        .with("ConnectorCountersXml", Item::NULL)
        .with("SyncErrors", sync_errors)
        .with("StepXml", Item::NULL)
        .with("MvRetryErrors", Item::NULL)
        .with("FlowCountersXml", Item::NULL)
        .shown_as(run.profile.name())
        .into()
}

/// The Guids of an object in its connector space and in the metaverse, where it is still there.
fn guids(call: &Call, connector: &str, dn: &str) -> (Item, Item) {
    let found = call.product().and_then(|product| product.connector(connector)).and_then(|connector| {
        let entry = space_of(call, connector)?.by_dn(dn)?;
        let joined = entry.connected.then(|| Item::guid(&entry.anchor.within("metaverse").guid()));
        Some((Item::guid(&entry.anchor.within(&connector.identifier).guid()), joined.unwrap_or(Item::NULL)))
    });
    found.unwrap_or((Item::NULL, Item::NULL))
}

fn error_object(call: &Call, run: &Run, error: &ObjectError) -> Item {
    let (cs_guid, mv_guid) = guids(call, &run.connector, &error.dn);
    let detail = error.code.map_or(Item::NULL, |code| {
        model("CdError")
            .with("ErrorCode", code)
            .with("ErrorLiteral", text(error.message.as_str()))
            .shown_as(code.to_string())
            .into()
    });
    model("SyncError")
        .with("ObjectDisplayName", text(error.name.as_str()))
        .with("ObjectDn", text(error.dn.as_str()))
        .with("CsGuid", cs_guid)
        .with("MvGuid", mv_guid)
        .with("FirstOccurred", call.clock(error.first))
        .with("RetryCount", count(error.retries))
        .with("DateOccurred", call.clock(call.world.now))
        .with("ErrorType", text(error.kind.as_str()))
        .with("AlgorithmStep", text("export"))
        .with("ErrorMessage", text(error.message.as_str()))
        .with("CdError", detail)
        .shown_as(error.dn.clone())
        .into()
}

fn invoke(call: &mut Call) -> Reply {
    let wait = TimeDelta::seconds(5);
    let number = if let Some(Value::Int(number)) = call.invocation.resumed {
        u64::try_from(number).unwrap_or(0)
    } else {
        match begin(call) {
            Ok(number) => number,
            Err(reply) => return *reply,
        }
    };
    let now = call.world.now;
    let Some(product) = call.product() else { return Reply::NotFound };
    match product.history.run(number) {
        Some(run) if run.is_complete() => Reply::Done(vec![text(run.result.as_str())]),
        _ => {
            let ends = product.active.as_ref().filter(|active| active.number == number).map_or(now, |active| active.ends);
            let until = call.server().clock(ends.clamp(now, now + wait));
            let memo = Value::Int(i64::try_from(number).unwrap_or(0));
            Reply::Pending { until, emitted: Vec::new(), memo }
        }
    }
}

/// Starts the run that the arguments name.
fn begin(call: &mut Call) -> Result<u64, Box<Reply>> {
    let user = call.world.user.clone();
    let Some(product) = call.product() else { return Err(Box::new(Reply::NotFound)) };
    let connector = match (call.text("ConnectorName"), call.text("ConnectorIdentifier")) {
        (Some(name), _) => product.connector(name),
        (None, Some(id)) => product.connectors.iter().find(|c| c.identifier.eq_ignore_ascii_case(id)),
        (None, None) => None,
    };
    let connector = connector.map(|c| c.name.clone()).ok_or_else(|| Box::new(super::connectors::not_found(call)))?;
    let wanted = call.text("RunProfileName").unwrap_or_default();
    let Some(profile) = Profile::parse(wanted) else {
        let message = format!("Run profile '{wanted}' not found for Connector({connector}).");
        return Err(Box::new(call.fails(&message, "System.InvalidOperationException", "ReadError")));
    };
    let at = call.at;
    let (server, around) = call.world.split(at);
    server
        .start_run(&connector, profile, &user, &around)
        .map_err(|message| Box::new(call.fails(&message, "System.InvalidOperationException", "WriteError")))
}

fn stop(call: &mut Call) -> Reply {
    let now = call.world.now;
    let wanted = call.text("ConnectorName").map(str::to_owned);
    let wait = call.server_mut().chance.between(2_000, 10_000);
    if let Some(active) = call.product_mut().and_then(|product| product.active.as_mut())
        && wanted.is_none_or(|name| name.eq_ignore_ascii_case(&active.connector))
    {
        active.ends = active.ends.min(now + wait);
        active.cut = Some("stopped-user-termination-from-wmi-or-ui".to_owned());
    }
    Call::quiet()
}

fn purge(call: &mut Call) -> Reply {
    let now = call.world.now;
    let interval = call.invocation.arguments.value("PurgeRunHistoryInterval").and_then(|value| value.as_span());
    let offline = call.invocation.arguments.switch("Offline");
    let Some(product) = call.product_mut() else { return Reply::NotFound };
    let runs = product.service.status == crate::lab::world::server::ServiceStatus::Running;
    if offline == runs {
        let message = if offline {
            "The Synchronization Service must be stopped before the run history can be purged offline."
        } else {
            "Synchronization Service is not running."
        };
        return call.fails(message, "System.InvalidOperationException", "ConnectionError");
    }
    let keep = if offline { TimeDelta::zero() } else { interval.unwrap_or(product.scheduler.purge) };
    product.history.purge(now, keep);
    product.unpurged_mb = 0;
    call.server_mut().faults.remove(&Fault::DatabaseFull);
    Call::quiet()
}
