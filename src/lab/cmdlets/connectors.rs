//! Connectors, their statistics and their objects (cmdlets.md 2.3).

use super::object::{count, model, text, texts};
use super::{Call, Entry, entries};
use crate::lab::shell::{Item, Kind, Object, Parameter, Pipeline, Reply};
use crate::lab::world::connector::{Connector, Kind as ConnectorKind, entra_dn, source_anchor};
use crate::lab::world::history::Profile;
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
    Service "Get-ADSyncCSObject" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncCSObjectCmdlet" cs_object => [
        Parameter::new("ConnectorName", Kind::Text),
        Parameter::new("ConnectorIdentifier", Kind::Guid),
        Parameter::new("DistinguishedName", Kind::Text),
        Parameter::new("Identifier", Kind::Guid),
        Parameter::new("StartIndex", Kind::Int),
        Parameter::new("MaxResultCount", Kind::Int),
    ];
    Service "Get-ADSyncMVObject" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncMVObjectCmdlet" mv_object => [
        Parameter::new("Identifier", Kind::Guid).at(0).mandatory(),
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
    let profiles =
        Profile::ALL.map(|profile| model("RunProfile").with("Name", text(profile.name())).shown_as(profile.name()).into());
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
        .with("RunProfiles", Item::array(profiles.into()))
        .with("ConnectivityParameters", Item::array(parameters))
        .with("Type", text(connector.kind.type_name()))
        .with("Subtype", text(connector.kind.subtype()))
        .shown_as(connector.name.clone())
        .into()
}

fn parameter(name: &str, value: &str) -> Item {
    model("ParameterValue").with("Name", text(name)).with("Value", text(value)).shown_as(name.to_owned()).into()
}

fn partitions(call: &Call, connector: &Connector) -> Vec<Item> {
    let directory = &call.world.directory;
    let Some(forest) = directory.forests.iter().find(|forest| forest.name == connector.name) else {
        return vec![model("Partition").with("DN", text("default")).with("Selected", true).with("Name", text("default")).into()];
    };
    let included: Vec<String> =
        forest.containers.iter().map(|container| container.dn.clone()).filter(|dn| !connector.excluded.contains(dn)).collect();
    let scope = model("ConnectorPartitionScope")
        .with("ObjectClasses", texts(&["user", "group", "contact", "device"].map(str::to_owned)))
        .with("ContainerInclusionList", texts(&included))
        .with("ContainerExclusionList", texts(&connector.excluded));
    vec![
        model("Partition")
            .with("DN", text(forest.dn()))
            .with("Selected", true)
            .with("ConnectorPartitionScope", scope)
            .with("Name", text(forest.name.as_str()))
            .with("PreferredDCs", Item::array(Vec::new()))
            .with("IsDomain", true)
            .shown_as(forest.dn())
            .into(),
    ]
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

/// One object of a connector space.
struct Found {
    name: String,
    container: String,
    pending: Option<&'static str>,
    error: Option<String>,
}

/// Looks for an object by its distinguished name; the population's objects have names that can be worked out.
fn look_up(call: &Call, connector: &Connector, dn: &str) -> Option<Found> {
    let product = call.product()?;
    let directory = &call.world.directory;
    let matches = |name: &str, container: &str| match connector.kind {
        ConnectorKind::Entra => entra_dn(name).eq_ignore_ascii_case(dn),
        _ => format!("CN={name},{container}").eq_ignore_ascii_case(dn),
    };
    for (id, copy) in &product.people {
        let person = directory.people.iter().find(|person| person.id == *id)?;
        let here = if connector.kind == ConnectorKind::Entra { copy.synced.or(copy.known) } else { copy.imported };
        if here.is_some() && matches(&person.name, &person.container) {
            let pending = (copy.synced != copy.known).then_some(if copy.known.is_none() { "add" } else { "update" });
            let pending = pending.filter(|_| connector.kind == ConnectorKind::Entra);
            let error = copy.error.as_ref().map(|error| error.kind.clone()).filter(|_| connector.kind == ConnectorKind::Entra);
            return Some(Found { name: person.name.clone(), container: person.container.clone(), pending, error });
        }
    }
    product.synced.iter().find_map(|(container, synced)| {
        let names = directory.names(container, synced.as_of, u64::MAX);
        let name = names.into_iter().find(|name| matches(name, container))?;
        Some(Found { name, container: container.clone(), pending: None, error: None })
    })
}

fn cs_object(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let connector = match (call.text("ConnectorName"), call.text("ConnectorIdentifier")) {
        (Some(name), _) => product.connector(name),
        (None, Some(id)) => product.connectors.iter().find(|c| c.identifier.eq_ignore_ascii_case(id)),
        (None, None) => None,
    };
    let Some(connector) = connector else { return not_found(call) };
    let Some(dn) = call.text("DistinguishedName") else { return cs_objects(call, connector) };
    let Some(found) = look_up(call, connector, dn) else {
        return call.fails(
            "Unable to find the specified object in the connector space.",
            "Microsoft.IdentityManagement.PowerShell.ObjectModel.CsObjectNotFoundException",
            "ReadError",
        );
    };
    Reply::Done(vec![cs_item(call, connector, found, dn)])
}

/// The objects of a connector space from a place on: as many as were asked for, a hundred where nothing was said.
fn cs_objects(call: &Call, connector: &Connector) -> Reply {
    let number = |name: &str| call.invocation.arguments.value(name).and_then(|value| value.as_int());
    let (Some(start), Some(product)) = (number("StartIndex").or(Some(0)), call.product()) else { return Reply::NotFound };
    if connector.kind == ConnectorKind::GenericLdap {
        return Reply::NotPlayed(format!("the objects of {}: the lab plays those of forests and of Entra", connector.name));
    }
    let most = number("MaxResultCount").unwrap_or(LISTED).max(0);
    let directory = &call.world.directory;
    let forest = directory.forests.iter().find(|forest| forest.name == connector.name);
    let is_here = |container: &str| {
        connector.kind == ConnectorKind::Entra
            || forest.is_some_and(|forest| forest.containers.iter().any(|known| known.dn == container))
    };
    let limit = u64::try_from(start.saturating_add(most)).unwrap_or(0);
    let by_hand = product.people.keys().filter_map(|id| directory.people.iter().find(|person| person.id == *id));
    let by_hand = by_hand.map(|person| (person.name.clone(), person.container.clone()));
    let synced = product.synced.iter().flat_map(|(container, synced)| {
        directory.names(container, synced.as_of, limit).into_iter().map(move |name| (name, container.clone()))
    });
    let dn_of = |(name, container): (String, String)| match connector.kind {
        ConnectorKind::Entra => entra_dn(&name),
        _ => format!("CN={name},{container}"),
    };
    let all = by_hand.chain(synced).filter(|(_, container)| is_here(container)).map(dn_of);
    let found = all.filter_map(|dn| look_up(call, connector, &dn).map(|found| cs_item(call, connector, found, &dn)));
    let (skip, take) = (usize::try_from(start).unwrap_or(0), usize::try_from(most).unwrap_or(0));
    Reply::Done(found.skip(skip).take(take).collect())
}

/// Objects that are listed where nothing is said of how many.
const LISTED: i64 = 100;

fn cs_item(call: &Call, connector: &Connector, found: Found, dn: &str) -> Item {
    let attributes = vec![attribute("displayName", &found.name), attribute("sourceAnchor", &source_anchor(&found.name))];
    let object: Object = model("CsObject")
        .with("ObjectId", Item::guid(&guid_of(&connector.identifier, &found.name)))
        .with("ConnectorId", Item::guid(&connector.identifier))
        .with("ConnectorName", text(connector.name.as_str()))
        .with("ConnectorType", text(connector.kind.type_name()))
        .with("DistinguishedName", text(dn))
        .with("ObjectType", text(call.world.directory.class_of(&found.container, &found.name).name()))
        .with("IsTransient", false)
        .with("IsPlaceHolder", false)
        .with("IsConnector", true)
        .with("HasSyncError", false)
        .with("HasExportError", found.error.is_some())
        .with("ExportError", found.error.map_or(Item::NULL, |kind| model("ExportError").with("ErrorType", text(kind)).into()))
        .with("PendingExport", found.pending.map_or(Item::NULL, text))
        .with("ConnectedMVObjectId", Item::guid(&guid_of("metaverse", &found.name)))
        .with("Container", text(found.container))
        .with("Attributes", Item::array(attributes))
        .shown_as(dn.to_owned());
    object.into()
}

/// An object of the metaverse, with the object that it is joined to in each connector space.
fn mv_object(call: &mut Call) -> Reply {
    let Some((product, identifier)) = call.product().zip(call.text("Identifier")) else { return Reply::NotFound };
    let directory = &call.world.directory;
    let is_it = |name: &str| guid_of("metaverse", name).eq_ignore_ascii_case(identifier);
    let by_hand = product.people.iter().filter(|(_, copy)| copy.synced.is_some()).find_map(|(id, _)| {
        let person = directory.people.iter().find(|person| person.id == *id && is_it(&person.name))?;
        Some((person.name.clone(), person.container.clone()))
    });
    let found = by_hand.or_else(|| {
        product.synced.iter().find_map(|(container, synced)| {
            let names = directory.names(container, synced.as_of, u64::MAX);
            Some((names.into_iter().find(|name| is_it(name))?, container.clone()))
        })
    });
    let Some((name, container)) = found else {
        return call.fails(
            "Unable to find the specified object in the metaverse.",
            "Microsoft.IdentityManagement.PowerShell.ObjectModel.MvObjectNotFoundException",
            "ReadError",
        );
    };
    let lineage = product.connectors.iter().filter_map(|connector| {
        let dn = match connector.kind {
            ConnectorKind::Entra => entra_dn(&name),
            ConnectorKind::Forest => {
                let forest = directory.forests.iter().find(|forest| forest.name == connector.name)?;
                forest.containers.iter().any(|known| known.dn == container).then(|| format!("CN={name},{container}"))?
            }
            ConnectorKind::GenericLdap => return None,
        };
        let entry = model("MvObjectLineage")
            .with("ConnectorId", Item::guid(&connector.identifier))
            .with("ConnectorName", text(connector.name.as_str()))
            .with("ConnectedCsObjectId", Item::guid(&guid_of(&connector.identifier, &name)))
            .with("ConnectedCsObjectDN", text(dn));
        Some(entry.into())
    });
    let object = model("MvObject")
        .with("ObjectId", Item::guid(identifier))
        .with("ObjectType", text("person"))
        .with("Lineage", Item::array(lineage.collect()))
        .with("Attributes", Item::array(vec![attribute("displayName", &name), attribute("sourceAnchor", &source_anchor(&name))]))
        .shown_as(name);
    Reply::Done(vec![object.into()])
}

fn attribute(name: &str, value: &str) -> Item {
    model("CsAttribute").with("Name", text(name)).with("Values", Item::array(vec![text(value)])).shown_as(name.to_owned()).into()
}

/// A Guid that an object always has.
fn guid_of(space: &str, name: &str) -> String {
    crate::lab::world::generator::Generator::new(0, &format!("{space}/{name}")).guid()
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
