//! Global settings, features, automatic upgrade, the database, the deletion threshold, the cloud identity.

use super::object::{auto_upgrade, count, model, text};
use super::{Call, Entry, entries};
use crate::lab::shell::{Emission, Item, Kind, Parameter, Reply};
use crate::lab::world::settings::{AutoUpgrade, Feature, parameters};

const STATES: &[(&str, i64)] = &[("Suspended", 0), ("Enabled", 1), ("Disabled", 2)];
const STATE_TYPE: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel.AutoUpgradeConfigurationState";

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncGlobalSettings" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncGlobalSettingsCmdlet" global => [];
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
            .with("UsedSpaceInMb", product.database_mb)
            .with("IsLocalDBInstalled", product.local_db)
            .with("SqlServerName", text("(localdb)"))
            .with("SqlServerInstanceName", text(".\\ADSync2022"))
            .with("SqlServerDBName", text("ADSync"))
            .with("SqlProductVersion", text("16.0.1000.6"))
            .with("SqlEdition", text("Express Edition (64-bit)"))
            .into(),
    ])
}

fn company(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let has = |feature: Feature| product.options.features.contains(&feature);
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
