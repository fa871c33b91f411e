//! The parts of a connector by themselves: its partitions and its run profiles.

use super::object::{model, text};
use super::runs::profile_id;
use super::{Call, Entry, connectors, entries};
use crate::lab::shell::{Item, Kind, Parameter, Pipeline, Reply};
use crate::lab::world::connector::Connector;
use crate::lab::world::history::Profile;

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncConnectorPartition" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncConnectorPartitionCmdlet" partition => [
        Parameter::new("Connector", Kind::Any).at(0).mandatory().from_pipeline(Pipeline::Value),
        Parameter::new("Identifier", Kind::Guid),
    ];
    Service "Get-ADSyncRunProfile" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncRunProfileCmdlet" run_profile => [
        Parameter::new("ConnectorName", Kind::Text).at(0),
        Parameter::new("ConnectorIdentifier", Kind::Guid),
    ];
};

/// The run profiles of a connector, by the identifiers that the run history names.
pub(super) fn run_profiles(connector: &Connector) -> Vec<Item> {
    let object = |profile: Profile| {
        model("RunProfile")
            .with("Identifier", profile_id(connector, profile))
            .with("Name", text(profile.name()))
            .shown_as(profile.name())
            .into()
    };
    Profile::ALL.map(object).into()
}

/// The connectors that are handed on, alone or as an array, by their identifiers.
fn handed(call: &Call) -> Vec<String> {
    let identifier = |item: &Item| item.as_object()?.get("Identifier")?.as_text().map(str::to_owned);
    match call.invocation.arguments.get("Connector") {
        Some(Item::Array(items)) => items.iter().filter_map(identifier).collect(),
        Some(item) => identifier(item).into_iter().collect(),
        None => Vec::new(),
    }
}

fn partition(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let identifiers = handed(call);
    let wanted = call.text("Identifier");
    let found: Vec<&Connector> =
        product.connectors.iter().filter(|connector| identifiers.contains(&connector.identifier)).collect();
    if found.is_empty() {
        return connectors::not_found(call);
    }
    let partitions = found.into_iter().flat_map(|connector| connectors::partitions(call, connector));
    let is_it = |item: &Item| {
        let own = item.as_object().and_then(|object| object.get("Identifier")).and_then(Item::as_text);
        wanted.is_none_or(|wanted| own.is_some_and(|own| own.eq_ignore_ascii_case(wanted)))
    };
    Reply::Done(partitions.filter(is_it).collect())
}

fn run_profile(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let (name, id) = (call.text("ConnectorName"), call.text("ConnectorIdentifier"));
    let found: Vec<&Connector> = product
        .connectors
        .iter()
        .filter(|connector| name.is_none_or(|name| connector.name.eq_ignore_ascii_case(name)))
        .filter(|connector| id.is_none_or(|id| connector.identifier.eq_ignore_ascii_case(id)))
        .collect();
    if found.is_empty() {
        return connectors::not_found(call);
    }
    Reply::Done(found.into_iter().flat_map(run_profiles).collect())
}
