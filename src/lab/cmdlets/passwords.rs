//! Password hash synchronization and writeback as cmdlets show them.

use super::object::{model, text};
use super::{Call, Entry, entries};
use crate::lab::shell::{Item, Kind, Parameter, Reply};
use crate::lab::world::connector::{Connector, Kind as ConnectorKind};
use crate::lab::world::settings::Feature;

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncAADPasswordSyncConfiguration" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncAADPasswordSyncConfigurationCmdlet" configuration => [
        Parameter::new("SourceConnector", Kind::Text).at(0).mandatory(),
    ];
    Service "Get-ADSyncAADPasswordResetConfiguration" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncAADPasswordResetConfigurationCmdlet" reset => [
        Parameter::new("Connector", Kind::Text).at(0).mandatory(),
    ];
    Service "Get-ADSyncPartitionPasswordSyncState" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncPartitionPasswordSyncStateCmdlet" state => [
        Parameter::new("ConnectorIdentifier", Kind::Guid).at(0),
    ];
    Service "Invoke-ADSyncDiagnostics" "Microsoft.IdentityManagement.PowerShell.Cmdlet.InvokeADSyncDiagnostics" diagnostics => [
        Parameter::new("PasswordSync", Kind::Switch),
        Parameter::new("ADConnectorName", Kind::Text),
        Parameter::new("DistinguishedName", Kind::Text),
    ];
};

fn configuration(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let Some(source) = call.text("SourceConnector").and_then(|name| product.connector(name)) else {
        return super::connectors::not_found(call);
    };
    Reply::Done(vec![
        model("AADPasswordSyncConfiguration")
            .with("SourceConnector", text(source.name.as_str()))
            .with("TargetConnector", text(product.entra().map_or("", |entra| entra.name.as_str())))
            .with("Enabled", product.options.features.contains(&Feature::PasswordHashSync))
            .into(),
    ])
}

fn reset(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let Some(connector) = call.text("Connector").and_then(|name| product.connector(name)) else {
        return super::connectors::not_found(call);
    };
    Reply::Done(vec![
        model("AADPasswordResetConfiguration")
            .with("Connector", text(connector.name.as_str()))
            .with("Enabled", product.options.features.contains(&Feature::PasswordWriteback))
            .into(),
    ])
}

fn state(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let now = call.world.now;
    let last = product.passwords.last_success(now);
    let outcome = product.passwords.status(now);
    let number = ["None", "Successful", "Failed", "InProgress", "Interrupted"].iter().position(|known| *known == outcome);
    let wanted = call.text("ConnectorIdentifier");
    let is_meant = |connector: &&Connector| {
        connector.kind == ConnectorKind::Forest && wanted.is_none_or(|id| connector.identifier.eq_ignore_ascii_case(id))
    };
    let partitions = product.connectors.iter().filter(is_meant).map(|connector| {
        let forest = call.world.directory.forests.iter().find(|forest| forest.name == connector.name);
        model("PartitionPasswordSyncState")
            .with("ConnectorId", Item::guid(&connector.identifier))
            .with("DN", text(forest.map(crate::lab::world::directory::Forest::dn).unwrap_or_default()))
            .with("PasswordSyncLastSuccessfulCycleStartTimestamp", call.maybe_clock(last))
            .with("PasswordSyncLastSuccessfulCycleEndTimestamp", call.maybe_clock(last))
            .with("PasswordSyncLastCycleStartTimestamp", call.maybe_clock(last))
            .with("PasswordSyncLastCycleEndTimestamp", call.maybe_clock(last))
            .with(
                "PasswordSyncLastCycleStatus",
                Item::member(
                    "Microsoft.IdentityManagement.PowerShell.ObjectModel.PasswordSyncCycleStatus",
                    outcome,
                    i64::try_from(number.unwrap_or(0)).unwrap_or(0),
                ),
            )
            .into()
    });
    Reply::Done(partitions.collect())
}

fn diagnostics(call: &mut Call) -> Reply {
    if call.product().is_some_and(|product| product.scheduler.staging) {
        return Reply::Done(vec![text(
            "Staging mode is enabled. Password hash synchronization does not work when staging mode is enabled.",
        )]);
    }
    Reply::NotPlayed("Invoke-ADSyncDiagnostics on an active server: the lab does not play its report".to_owned())
}
