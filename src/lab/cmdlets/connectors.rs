//! Connectors and their statistics (cmdlets.md 2.3).

use super::object::{count, model, text, texts};
use super::{Call, Entry, entries};
use crate::lab::shell::{Item, Kind, Parameter, Pipeline, Reply};
use crate::lab::world::connector::{Connector, Kind as ConnectorKind};
use crate::lab::world::generator::Generator;
use crate::lab::world::pending::{has_rights, statistics};

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncConnector" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncConnectorCmdlet" get => [
        Parameter::new("Identifier", Kind::Guid).at(0).from_pipeline(Pipeline::Property),
        Parameter::new("Name", Kind::Text),
        Parameter::new("Summary", Kind::Switch),
    ];
    Service "Get-ADSyncConnectorStatistics" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncConnectorStatisticsCmdlet" get_statistics => [
        Parameter::new("ConnectorName", Kind::Text).at(0).mandatory().from_pipeline(Pipeline::Property),
    ];
    Service "Get-ADSyncDomainReachabilityStatus" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncDomainReachabilityStatusCmdlet" reachability => [
        Parameter::new("ConnectorName", Kind::Text).at(0).mandatory(),
    ];
};

/// `Operation failed because the specified MA could not be found.`
pub(super) fn not_found(call: &Call) -> Reply {
    call.fails(
        "Operation failed because the specified MA could not be found.",
        "Microsoft.IdentityManagement.PowerShell.ObjectModel.ConnectorNotFoundException",
        "ReadError",
    )
}

fn get(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let (id, name) = (call.text("Identifier"), call.text("Name"));
    let found: Vec<&Connector> = product
        .connectors
        .iter()
        .filter(|c| id.is_none_or(|id| c.identifier.eq_ignore_ascii_case(id)))
        .filter(|c| name.is_none_or(|name| c.name.eq_ignore_ascii_case(name)))
        .collect();
    if found.is_empty() && (id.is_some() || name.is_some()) {
        return not_found(call);
    }
    Reply::Done(found.into_iter().map(|connector| connector_object(call, connector)).collect())
}

fn connector_object(call: &Call, connector: &Connector) -> Item {
    let profiles = super::configuration::run_profiles(connector);
    let classes = ["user", "group", "contact", "device"].map(str::to_owned);
    let parameters: Vec<Item> = match connector.kind {
        ConnectorKind::Forest => {
            let (domain, user) = connector.account.split_once('\\').unwrap_or(("", &connector.account));
            vec![
                parameter("forest-name", &connector.name),
                parameter("forest-login-domain", domain),
                parameter("forest-login-user", user),
            ]
        }
        ConnectorKind::Entra | ConnectorKind::GenericLdap => vec![parameter("UserName", &connector.account)],
    };
    model("Connector")
        .with("ConnectorTypeName", text(connector.kind.type_name()))
        .with("Identifier", Item::guid(&connector.identifier))
        .with("Version", 1)
        .with("InternalVersion", 0)
        .with("FormatVersion", 1)
        .with("Name", text(connector.name.as_str()))
        .with("Description", text(""))
        .with("CreationTime", call.clock(connector.created))
        .with("LastModificationTime", call.clock(connector.created))
        .with("Partitions", Item::array(partitions(call, connector)))
        .with("RunProfiles", Item::array(profiles))
        .with("ConnectivityParameters", Item::array(parameters))
        .with("GlobalParameters", Item::array(Vec::new()))
        .with("ObjectInclusionList", texts(&classes))
        .with("AttributeInclusionList", Item::NULL)
        .with("ListName", text(""))
        .with("CompanyName", text(""))
        .with("Type", text(connector.kind.type_name()))
        .with("Subtype", text(connector.kind.subtype()))
        .with("ExtensionConfiguration", Item::NULL)
        .with("PasswordHashConfiguration", Item::NULL)
        .with("AADPasswordResetConfiguration", Item::NULL)
        .shown_as(connector.name.clone())
        .into()
}

fn parameter(name: &str, value: &str) -> Item {
    model("ParameterValue").with("Name", text(name)).with("Value", text(value)).shown_as(name.to_owned()).into()
}

/// The partitions of a connector: a forest's domain, and of any other the one that is called `default`.
pub(super) fn partitions(call: &Call, connector: &Connector) -> Vec<Item> {
    let directory = &call.world.directory;
    let identifier = Generator::new(4, &format!("{}/partition", connector.identifier)).guid();
    let partition = |dn: String, name: &str, scope: Item, is_domain: bool| {
        model("Partition")
            .with("Identifier", Item::guid(&identifier))
            .with("DN", text(dn.as_str()))
            .with("Version", 1)
            .with("CreationTime", call.clock(connector.created))
            .with("Selected", true)
            .with("ConnectorPartitionScope", scope)
            .with("Name", text(name))
            .with("PreferredDCs", Item::array(Vec::new()))
            .with("IsDomain", is_domain)
            .with("Type", text(connector.kind.type_name()))
            .shown_as(dn)
            .into()
    };
    let Some(forest) = directory.forests.iter().find(|forest| forest.name == connector.name) else {
        return vec![partition("default".to_owned(), "default", Item::NULL, false)];
    };
    let included: Vec<String> =
        forest.containers.iter().map(|container| container.dn.clone()).filter(|dn| !connector.excluded.contains(dn)).collect();
    let scope = model("ConnectorPartitionScope")
        .with("ObjectClasses", texts(&["user", "group", "contact", "device"].map(str::to_owned)))
        .with("ContainerInclusionList", texts(&included))
        .with("ContainerExclusionList", texts(&connector.excluded));
    vec![partition(forest.dn(), &forest.name, scope.into(), true)]
}

fn get_statistics(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let Some(connector) = call.text("ConnectorName").and_then(|name| product.connector(name)) else { return not_found(call) };
    let counted = statistics(product, connector, &call.world.directory, has_rights(call.server()));
    Reply::Done(vec![
        model("ConnectorStatistics")
            .with("ExportAdds", count(counted.export.adds))
            .with("ExportUpdates", count(counted.export.updates))
            .with("ExportDeletes", count(counted.export.deletes))
            .with("ImportAdds", count(counted.import.adds))
            .with("ImportUpdates", count(counted.import.updates))
            .with("ImportDeletes", count(counted.import.deletes))
            .with("ImportNoChange", count(counted.unchanged))
            .with("TotalConnectors", count(counted.total))
            .into(),
    ])
}

fn reachability(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let Some(connector) = call.text("ConnectorName").and_then(|name| product.connector(name)) else { return not_found(call) };
    let reachable = call.server().reaches_directory();
    let forest = call.world.directory.forests.iter().find(|forest| forest.name == connector.name);
    Reply::Done(vec![
        model("DomainReachabilityStatus")
            .with("FullName", text(forest.map_or(connector.name.as_str(), |forest| &forest.name)))
            .with("IsReachable", reachable)
            .with("ExceptionMessage", text(if reachable { "" } else { "The server is not operational." }))
            .into(),
    ])
}
