//! Global settings, features, automatic upgrade, the database, the deletion threshold, the cloud identity.

use super::object::{auto_upgrade, count, model, text};
use super::{Call, Entry, entries};
use crate::lab::shell::{Emission, Item, Kind, Parameter, Pipeline, Reply};
use crate::lab::world::settings::{AutoUpgrade, Feature, Policy, parameters};
use crate::powershell::tree::parse_timespan;

const STATES: &[(&str, i64)] = &[("Suspended", 0), ("Enabled", 1), ("Disabled", 2)];
const STATE_TYPE: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel.AutoUpgradeConfigurationState";

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncGlobalSettings" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncGlobalSettingsCmdlet" global => [];
    Service "Set-ADSyncGlobalSettings" "Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncGlobalSettingsCmdlet" set_global => [
        Parameter::new("GlobalSettings", Kind::Any).at(0).mandatory().from_pipeline(Pipeline::Value),
    ];
    Service "Get-ADSyncGlobalSettingsParameter" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncGlobalSettingsParameterCmdlet" global_parameters => [];
    Service "Get-ADSyncAutoUpgrade" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncAutoUpgradeCmdlet" upgrade => [
        Parameter::new("Detail", Kind::Switch),
    ];
    Service "Set-ADSyncAutoUpgrade" "Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncAutoUpgradeCmdlet" set_upgrade => [
        Parameter::new("AutoUpgradeState", Kind::Enum(STATE_TYPE, STATES)).at(0).mandatory(),
        Parameter::new("SuspensionReason", Kind::Text),
    ];
    Service "Get-ADSyncDatabaseConfiguration" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncDatabaseConfigurationCmdlet" database => [];
    Service "Get-ADSyncAADCompanyFeature" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncAADCompanyFeatureCmdlet" company => [];
    Service "Get-ADSyncEntraConnectorCredential" "Microsoft.Azure.ActiveDirectory.Synchronization.GetADSyncEntraConnectorCredential" credential => [];
    Service "Get-ADSyncConnectorParameter" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncConnectorParameterCmdlet" refused_parameter => [];
};

fn refused_parameter(_: &mut Call) -> Reply {
    Reply::NotPlayed("Get-ADSyncConnectorParameter: the lab shows a connector's parameters with Get-ADSyncConnector".to_owned())
}

fn all(call: &Call) -> Vec<(String, String)> {
    call.product().map_or_else(Vec::new, |product| {
        parameters(&product.scheduler, &product.options, call.server().clock(product.scheduler.next_start))
    })
}

fn parameter_objects(call: &Call) -> Vec<Item> {
    all(call)
        .into_iter()
        .map(|(name, value)| {
            model("ParameterValue").with("Name", text(name.as_str())).with("Value", text(value)).shown_as(name.clone()).into()
        })
        .collect()
}

fn global(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    Reply::Done(vec![
        model("GlobalSettings")
            .with("Version", 22_102)
            .with("SqlSchemaVersion", 616)
            .with("InstanceId", Item::guid(&product.machine_id))
            .with("Schema", text("Microsoft.IdentityManagement.PowerShell.ObjectModel.Schema"))
            .with("Parameters", Item::array(parameter_objects(call)))
            .into(),
    ])
}

/// Writes parameters back. Unsupported for most of them, the staging mode above all; the product takes them all the same.
fn set_global(call: &mut Call) -> Reply {
    let before = all(call);
    let Some(Item::Array(given)) =
        call.invocation.arguments.get("GlobalSettings").and_then(Item::as_object).and_then(|object| object.get("Parameters"))
    else {
        return call.fails("The global settings are not valid.", "System.ArgumentException", "InvalidArgument");
    };
    let text = |item: &Item, name: &str| {
        let value = item.as_object().and_then(|object| object.get(name)).map(Item::to_value);
        value.map(|value| crate::powershell::format::to_text(&value)).unwrap_or_default()
    };
    let changed: Vec<(String, String)> = given
        .iter()
        .map(|parameter| (text(parameter, "Name"), text(parameter, "Value")))
        .filter(|(name, value)| before.iter().any(|(known, was)| known == name && was != value))
        .collect();
    for (name, value) in changed {
        if let Err(why) = set_parameter(call, &name, &value) {
            return Reply::NotPlayed(why);
        }
    }
    global(call)
}

fn set_parameter(call: &mut Call, name: &str, value: &str) -> Result<(), String> {
    let at = call.at;
    let unset = || format!("setting {name} to '{value}' by Set-ADSyncGlobalSettings: the lab does not play that");
    let flag = match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    if name == "Microsoft.Synchronize.StagingMode" {
        let enable = flag.ok_or_else(unset)?;
        let (server, around) = call.world.split(at);
        server.set_staging(enable, &around);
        return Ok(());
    }
    let product = call.product_mut().ok_or_else(unset)?;
    let scheduler = &mut product.scheduler;
    match name.strip_prefix("Microsoft.Synchronize.") {
        Some("SynchronizationSchedule") => scheduler.enabled = flag.ok_or_else(unset)?,
        Some("MaintenanceEnabled") => scheduler.maintenance = flag.ok_or_else(unset)?,
        Some("SchedulerSuspended") => scheduler.suspended = flag.ok_or_else(unset)?,
        Some("SynchronizationPolicy") => {
            let policies = [Policy::Delta, Policy::Initial];
            let policy = policies.into_iter().find(|policy| policy.name().eq_ignore_ascii_case(value));
            scheduler.next_policy = policy.ok_or_else(unset)?;
        }
        Some("RunHistoryPurgeInterval") => scheduler.purge = parse_timespan(value).ok_or_else(unset)?,
        _ => return Err(unset()),
    }
    Ok(())
}

fn global_parameters(call: &mut Call) -> Reply {
    Reply::Done(parameter_objects(call))
}

fn upgrade(call: &mut Call) -> Reply {
    let detail = call.invocation.arguments.switch("Detail");
    let Some(product) = call.product() else { return Reply::NotFound };
    let state = auto_upgrade(&product.options.auto_upgrade);
    Reply::Done(vec![if detail {
        model("AutoUpgradeStatus")
            .with("State", state)
            .with("SuspensionReason", text(product.options.auto_upgrade.reason()))
            .into()
    } else {
        state
    }])
}

fn set_upgrade(call: &mut Call) -> Reply {
    let reason = call.text("SuspensionReason").map(str::to_owned);
    let state = match (call.text("AutoUpgradeState"), reason) {
        (Some("Enabled"), _) => AutoUpgrade::Enabled,
        (Some("Disabled"), _) => AutoUpgrade::Disabled,
        (_, Some(reason)) => AutoUpgrade::Suspended(reason),
        (_, None) => {
            return call.fails(
                "SuspensionReason must be specified when AutoUpgradeState is Suspended.",
                "System.ArgumentException",
                "InvalidArgument",
            );
        }
    };
    if let Some(product) = call.product_mut() {
        product.options.auto_upgrade = state;
    }
    Call::quiet()
}

fn database(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    Reply::Done(vec![
        model("DatabaseConfiguration")
            .with("UsedSpaceInMb", product.database_mb(&call.world.directory))
            .with("IsLocalDBInstalled", product.local_db)
            .with("SqlServerName", text(if product.local_db { "(localdb)" } else { "SQL01" }))
            .with("SqlServerInstanceName", text(".\\ADSync2022"))
            .with("SqlServerDBName", text("ADSync"))
            .with("SqlFullVersion", text("Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (X64)"))
            .with("SqlProductVersion", text("16.0.1000.6"))
            .with("SqlEdition", text(if product.local_db { "Express Edition (64-bit)" } else { "Standard Edition (64-bit)" }))
            .into(),
    ])
}

fn company(call: &mut Call) -> Reply {
    let has = |feature: Feature| call.world.cloud.features.contains(&feature);
    Reply::Done(vec![
        model("AADCompanyFeature")
            .with("PasswordHashSync", has(Feature::PasswordHashSync))
            .with("ForcePasswordChangeOnLogOn", false)
            .with("UserWriteback", has(Feature::UserWriteback))
            .with("DeviceWriteback", has(Feature::DeviceWriteback))
            .with("UnifiedGroupWriteback", has(Feature::GroupWriteback))
            .with("GroupWritebackV2", false)
            .into(),
    ])
}

fn credential(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let identity = &product.identity;
    let object = model("EntraConnectorCredential")
        .with("ConnectorIdentityType", text(if identity.application { "Application" } else { "ServiceAccount" }))
        .with("ApplicationName", if identity.application { text(identity.name.as_str()) } else { Item::NULL })
        .with("UserName", if identity.application { Item::NULL } else { text(identity.name.as_str()) })
        .with("CertificateExpiry", call.maybe_clock(identity.expires));
    let days = identity.expires.map(|expires| (expires - call.world.now).num_days());
    match days {
        Some(days) if days <= 150 => Reply::Emitted(vec![
            Emission::Warning(format!("The certificate of the application expires in {days} days.")),
            Emission::Object(object.with("DaysLeft", count(u64::try_from(days).unwrap_or(0))).into()),
        ]),
        _ => Reply::Done(vec![object.into()]),
    }
}
