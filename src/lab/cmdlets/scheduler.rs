//! The scheduler's cmdlets (scheduler.md, cmdlets.md 2.1 and 2.2).

use chrono::{Datelike, TimeDelta};

use super::object::{POLICIES, POLICY_TYPE, model, policy, text};
use super::{Call, Entry, entries};
use crate::lab::fault::Fault;
use crate::lab::shell::{Emission, Item, Kind, Parameter, Pipeline, Reply};
use crate::lab::world::scheduler::CannotStart;
use crate::lab::world::settings::Policy;
use crate::powershell::Value;

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncScheduler" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncScheduler" get => [];
    Service "Set-ADSyncScheduler" "Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncScheduler" set => [
        Parameter::new("CustomizedSyncCycleInterval", Kind::NullableTimeSpan),
        Parameter::new("SyncCycleEnabled", Kind::NullableBool),
        Parameter::new("NextSyncCyclePolicyType", Kind::Enum(POLICY_TYPE, POLICIES)),
        Parameter::new("PurgeRunHistoryInterval", Kind::NullableTimeSpan),
        Parameter::new("MaintenanceEnabled", Kind::NullableBool),
        Parameter::new("SchedulerSuspended", Kind::NullableBool),
        Parameter::new("Force", Kind::Switch),
    ];
    Service "Start-ADSyncSyncCycle" "Microsoft.IdentityManagement.PowerShell.Cmdlet.StartADSyncSyncCycle" start => [
        Parameter::new("PolicyType", Kind::Enum(POLICY_TYPE, POLICIES)).at(0),
        Parameter::new("InteractiveMode", Kind::Bool),
    ];
    Service "Stop-ADSyncSyncCycle" "Microsoft.IdentityManagement.PowerShell.Cmdlet.StopADSyncSyncCycle" stop => [];
    Service "Get-ADSyncConnectorRunStatus" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncConnectorRunStatus" run_status => [
        Parameter::new("ConnectorName", Kind::Text).at(0),
    ];
    Service "Get-ADSyncSchedulerConnectorOverride" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncSchedulerConnectorOverride" overrides => [
        Parameter::new("ConnectorIdentifier", Kind::Guid),
        Parameter::new("ConnectorName", Kind::Text),
    ];
    Service "Set-ADSyncSchedulerConnectorOverride" "Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncSchedulerConnectorOverride" set_override => [
        Parameter::new("ConnectorIdentifier", Kind::Guid).from_pipeline(Pipeline::Property),
        Parameter::new("ConnectorName", Kind::Text).from_pipeline(Pipeline::Property),
        Parameter::new("FullImportRequired", Kind::NullableBool),
        Parameter::new("FullSyncRequired", Kind::NullableBool),
    ];
};

fn get(call: &mut Call) -> Reply {
    if call.server().has(Fault::CmdletHangs) {
        let until = call.server().clock(call.world.now + TimeDelta::days(1));
        return Reply::Pending { until, emitted: Vec::new(), memo: Value::Null };
    }
    let Some(product) = call.product() else { return Reply::NotFound };
    let settings = &product.scheduler;
    let mut object = model("SchedulerSettings")
        .with("AllowedSyncCycleInterval", settings.allowed)
        .with("CurrentlyEffectiveSyncCycleInterval", settings.effective())
        .with("CustomizedSyncCycleInterval", settings.customized.map_or(Item::NULL, Item::from))
        .with("NextSyncCyclePolicyType", policy(settings.next_policy))
        .with("NextSyncCycleStartTimeInUTC", call.clock(settings.next_start))
        .with("PurgeRunHistoryInterval", settings.purge)
        .with("SyncCycleEnabled", settings.enabled)
        .with("MaintenanceEnabled", settings.maintenance)
        .with("StagingModeEnabled", settings.staging);
    if !call.server().has(Fault::NineProperties) {
        object = object.with("SchedulerSuspended", settings.suspended).with("SyncCycleInProgress", product.in_progress());
    }
    Reply::Done(vec![object.into()])
}

fn span(call: &Call, name: &str) -> Option<TimeDelta> {
    call.invocation.arguments.value(name).and_then(|value| value.as_span())
}

fn set(call: &mut Call) -> Reply {
    let now = call.world.now;
    let force = call.invocation.arguments.switch("Force");
    let (customized, unset) = (span(call, "CustomizedSyncCycleInterval"), call.has("CustomizedSyncCycleInterval"));
    let allowed = call.product().map(|product| product.scheduler.allowed);
    let mut emitted = Vec::new();
    if let (Some(wanted), Some(allowed), false) = (customized, allowed, force)
        && wanted < allowed
    {
        // The cmdlet asks, and there is nobody to answer.
        return call.fails(
            "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
            "System.Management.Automation.PSInvalidOperationException",
            "InvalidOperation",
        );
    }
    let (purge, enabled, maintenance, suspended) = (
        span(call, "PurgeRunHistoryInterval"),
        call.boolean("SyncCycleEnabled"),
        call.boolean("MaintenanceEnabled"),
        call.boolean("SchedulerSuspended"),
    );
    let next = match call.text("NextSyncCyclePolicyType") {
        Some("Initial") => Some(Policy::Initial),
        Some(_) => Some(Policy::Delta),
        None => None,
    };
    if let (Some(wanted), Some(allowed)) = (customized, allowed)
        && wanted < allowed
    {
        emitted.push(Emission::Warning(
            "Scheduler will still run at the allowed sync interval even after successful execution of this cmdlet.".to_owned(),
        ));
    }
    if let Some(wanted) = customized
        && now.checked_add_signed(wanted).is_none_or(|next| next.year() > 9_999)
    {
        let why = "The added or subtracted value results in an un-representable DateTime.\r\nParameter name: value";
        return call.fails(why, "System.ArgumentOutOfRangeException", "WriteError");
    }
    let Some(product) = call.product_mut() else { return Reply::NotFound };
    let settings = &mut product.scheduler;
    if unset {
        settings.customized = customized;
        if product.cycle.is_none() && product.blocked.is_none() && settings.next_start > now {
            let begun = product.last_cycle.as_ref().map_or(now, |cycle| cycle.start);
            settings.next_start = (begun + settings.effective()).max(now + TimeDelta::seconds(5));
        }
    }
    settings.purge = purge.unwrap_or(settings.purge);
    settings.enabled = enabled.unwrap_or(settings.enabled);
    settings.maintenance = maintenance.unwrap_or(settings.maintenance);
    settings.suspended = suspended.unwrap_or(settings.suspended);
    settings.next_policy = next.unwrap_or(settings.next_policy);
    if enabled == Some(true) && settings.next_start < now && product.cycle.is_none() {
        settings.next_start = now + TimeDelta::seconds(5);
    }
    call.server_mut().look_again_now(now);
    Reply::Emitted(emitted)
}

/// `SchedulerOperationStatus {Result: Success}`
fn succeeded() -> Reply {
    let status =
        Item::member("Microsoft.IdentityManagement.PowerShell.ObjectModel.SchedulerOperationStatus+Status", "Success", 0);
    Reply::Done(vec![model("SchedulerOperationStatus").with("Result", status).into()])
}

fn start(call: &mut Call) -> Reply {
    let now = call.world.now;
    let policy = match call.text("PolicyType") {
        Some("Initial") => Policy::Initial,
        Some("Delta") => Policy::Delta,
        _ => call.product().map_or(Policy::Delta, |product| product.scheduler.next_policy),
    };
    match call.server_mut().request_cycle(policy, now) {
        Ok(()) => succeeded(),
        Err(why) => cannot_start(call, &why),
    }
}

/// The error as the cmdlet wraps it, with the engine's stack.
fn cannot_start(call: &Call, why: &CannotStart) -> Reply {
    let message = format!(
        "System.InvalidOperationException: {}\r\n   at Microsoft.MetadirectoryServices.Scheduler.Scheduler.StartSyncCycle(String overridePolicy, Boolean interactiveMode)\r\n   at SchedulerUtils.StartSyncCycle(SchedulerUtils* , Char* policyType, Int32 interactiveMode, Char** errorString)",
        why.message()
    );
    call.fails(&message, "System.InvalidOperationException", "WriteError")
}

fn stop(call: &mut Call) -> Reply {
    let now = call.world.now;
    call.server_mut().stop_cycle(now);
    succeeded()
}

fn run_status(call: &mut Call) -> Reply {
    let wanted = call.text("ConnectorName").map(str::to_lowercase);
    let active = call.product().and_then(|product| product.active.as_ref());
    let busy = active.filter(|active| wanted.is_none_or(|name| name == active.connector.to_lowercase()));
    let state = || Item::member("Microsoft.IdentityManagement.PowerShell.ObjectModel.RunState", "Busy", 0);
    let status = busy.map(|active| {
        model("ConnectorRunStatus").with("RunState", state()).with("ConnectorName", text(active.connector.as_str())).into()
    });
    Reply::Done(status.into_iter().collect())
}

/// The place of the connector that the arguments name; `Ok(None)`: none is named.
fn named(call: &Call) -> Result<Option<usize>, Box<Reply>> {
    let Some(product) = call.product() else { return Err(Box::new(Reply::NotFound)) };
    let place = match (call.text("ConnectorIdentifier"), call.text("ConnectorName")) {
        (Some(id), _) => product.connectors.iter().position(|c| c.identifier.eq_ignore_ascii_case(id)),
        (None, Some(name)) => product.connectors.iter().position(|c| c.name.eq_ignore_ascii_case(name)),
        (None, None) => return Ok(None),
    };
    place.map(Some).ok_or_else(|| Box::new(super::connectors::not_found(call)))
}

fn overrides(call: &mut Call) -> Reply {
    let wanted = match named(call) {
        Ok(wanted) => wanted,
        Err(reply) => return *reply,
    };
    let Some(product) = call.product() else { return Reply::NotFound };
    let list = product.connectors.iter().enumerate().filter(|(at, _)| wanted.is_none_or(|place| place == *at));
    Reply::Done(
        list.map(|(_, connector)| {
            model("SchedulerConnectorOverride")
                .with("ConnectorIdentifier", Item::guid(&connector.identifier))
                .with("FullImportRequired", connector.full_import_required)
                .with("FullSyncRequired", connector.full_sync_required)
                .into()
        })
        .collect(),
    )
}

fn set_override(call: &mut Call) -> Reply {
    let wanted = match named(call) {
        Ok(Some(place)) => place,
        Ok(None) => {
            return call.fails(
                "Parameter set cannot be resolved using the specified named parameters.",
                "System.Management.Automation.ParameterBindingException",
                "InvalidArgument",
            );
        }
        Err(reply) => return *reply,
    };
    let (import, sync) = (call.boolean("FullImportRequired"), call.boolean("FullSyncRequired"));
    if let Some(connector) = call.product_mut().and_then(|product| product.connectors.get_mut(wanted)) {
        connector.full_import_required = import.unwrap_or(connector.full_import_required);
        connector.full_sync_required = sync.unwrap_or(connector.full_sync_required);
    }
    Call::quiet()
}
