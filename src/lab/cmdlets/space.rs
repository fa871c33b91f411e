//! The objects of connector spaces and of the metaverse: `Get-ADSyncCSObject`, `Get-ADSyncMVObject` (cmdlets.md 2.3).

use super::connectors::not_found;
use super::object::{model, text};
use super::{Call, Entry, entries};
use crate::lab::shell::{Item, Kind, Parameter, Reply};
use crate::lab::world::connector::{Connector, Kind as ConnectorKind};
use crate::lab::world::history::ObjectError;
use crate::lab::world::object::Values;
use crate::lab::world::space::{self, Delta, Space};

pub(super) static ENTRIES: &[Entry] = entries! {
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
};

/// Objects that are listed where nothing is said of how many.
const LISTED: i64 = 100;

/// A connector's space.
pub(super) fn space_of<'a>(call: &'a Call, connector: &'a Connector) -> Option<Space<'a>> {
    Some(Space { product: call.product()?, connector, directory: &call.world.directory, now: call.world.now })
}

fn cs_object(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let guid = call.text("Identifier");
    let connector = match (call.text("ConnectorName"), call.text("ConnectorIdentifier")) {
        (Some(name), _) => product.connector(name),
        (None, Some(id)) => product.connectors.iter().find(|c| c.identifier.eq_ignore_ascii_case(id)),
        (None, None) => None,
    };
    let spaces: Vec<Space> = match (connector, guid) {
        (Some(connector), _) => space_of(call, connector).into_iter().collect(),
        (None, Some(_)) => product.connectors.iter().filter_map(|connector| space_of(call, connector)).collect(),
        (None, None) => return not_found(call),
    };
    let found = match (guid, call.text("DistinguishedName")) {
        (Some(guid), _) => spaces.iter().find_map(|space| Some((space.by_guid(guid)?, *space))),
        (None, Some(dn)) => spaces.iter().find_map(|space| Some((space.by_dn(dn)?, *space))),
        (None, None) => return listed(call, &spaces),
    };
    let Some((entry, space)) = found else {
        return call.fails(
            "Unable to find the specified object in the connector space.",
            "Microsoft.IdentityManagement.PowerShell.ObjectModel.CsObjectNotFoundException",
            "ReadError",
        );
    };
    Reply::Done(vec![item(call, space.connector, &entry)])
}

/// The objects of a connector space from a place on: as many as were asked for, a hundred where nothing was said.
fn listed(call: &Call, spaces: &[Space]) -> Reply {
    let number = |name: &str| call.invocation.arguments.value(name).and_then(|value| value.as_int());
    let Some(space) = spaces.first() else { return Reply::NotFound };
    if space.connector.kind == ConnectorKind::GenericLdap {
        return Reply::NotPlayed(format!("the objects of {}: the lab plays those of forests and of Entra", space.connector.name));
    }
    let count = |value: i64| usize::try_from(value.max(0)).unwrap_or(0);
    let (skip, take) = (count(number("StartIndex").unwrap_or(0)), count(number("MaxResultCount").unwrap_or(LISTED)));
    let entries = space.all().filter_map(|link| space.entry(&link)).skip(skip).take(take);
    Reply::Done(entries.map(|entry| item(call, space.connector, &entry)).collect())
}

fn item(call: &Call, connector: &Connector, entry: &space::Entry) -> Item {
    let pending = |delta: Option<&Delta>| delta.map_or(Item::NULL, |delta| text(delta.operation));
    model("CsObject")
        .with("ObjectId", Item::guid(&entry.anchor.within(&connector.identifier).guid()))
        .with("ConnectorId", Item::guid(&connector.identifier))
        .with("ConnectorName", text(connector.name.as_str()))
        .with("ConnectorType", text(connector.kind.type_name()))
        .with("DistinguishedName", text(entry.dn.as_str()))
        .with("ObjectType", text(entry.class.name()))
        .with("IsTransient", false)
        .with("IsPlaceHolder", false)
        .with("IsConnector", entry.connected)
        .with("HasSyncError", false)
        .with("HasExportError", entry.error.is_some())
        .with("ExportError", entry.error.as_ref().map_or(Item::NULL, |found| error(call, found)))
        .with("PendingExport", pending(entry.export.as_ref()))
        .with("PendingImport", pending(entry.import.as_ref()))
        .with(
            "ConnectedMVObjectId",
            if entry.connected { Item::guid(&entry.anchor.within("metaverse").guid()) } else { Item::NULL },
        )
        .with("Container", text(entry.container.as_str()))
        .with("Attributes", attributes(&entry.values))
        .shown_as(entry.dn.clone())
        .into()
}

fn error(call: &Call, error: &ObjectError) -> Item {
    model("ExportError")
        .with("ErrorType", text(error.kind.as_str()))
        .with("ErrorName", text(error.kind.as_str()))
        .with("ErrorCode", error.code.map_or(Item::NULL, Item::from))
        .with("ErrorLiteral", text(error.message.as_str()))
        .with("FirstOccurred", call.clock(error.first))
        .with("RetryCount", Item::from(i64::try_from(error.retries).unwrap_or(i64::MAX)))
        .shown_as(error.kind.clone())
        .into()
}

fn attributes(values: &Values) -> Item {
    let one = |name: &str, values: Vec<Item>| -> Item {
        model("CsAttribute").with("Name", text(name)).with("Values", Item::array(values)).shown_as(name.to_owned()).into()
    };
    let texts = values.texts.iter().map(|(name, value)| one(name, vec![text(value.as_str())]));
    let members =
        (!values.members.is_empty()).then(|| one("member", values.members.iter().map(|dn| text(dn.as_str())).collect()));
    Item::array(texts.chain(members).collect())
}

/// An object of the metaverse, with the object that it is joined to in each connector space.
fn mv_object(call: &mut Call) -> Reply {
    let Some((product, identifier)) = call.product().zip(call.text("Identifier")) else { return Reply::NotFound };
    let spaces: Vec<Space> = product.connectors.iter().filter_map(|connector| space_of(call, connector)).collect();
    let is_it = |entry: &space::Entry| entry.connected && entry.anchor.within("metaverse").is_guid(identifier);
    let found = spaces.iter().find_map(|space| space.by_metaverse(identifier).filter(is_it));
    let Some(found) = found else {
        return call.fails(
            "Unable to find the specified object in the metaverse.",
            "Microsoft.IdentityManagement.PowerShell.ObjectModel.MvObjectNotFoundException",
            "ReadError",
        );
    };
    let joined: Vec<(&Connector, space::Entry)> =
        spaces.iter().filter_map(|space| Some((space.connector, space.by_metaverse(identifier).filter(is_it)?))).collect();
    let lineage = joined.iter().map(|(connector, entry)| {
        model("MvObjectLineage")
            .with("ConnectorId", Item::guid(&connector.identifier))
            .with("ConnectorName", text(connector.name.as_str()))
            .with("ConnectedCsObjectId", Item::guid(&entry.anchor.within(&connector.identifier).guid()))
            .with("ConnectedCsObjectDN", text(entry.dn.as_str()))
            .into()
    });
    let lineage = Item::array(lineage.collect());
    // The metaverse's values are those that go out.
    let values =
        joined.iter().find(|(connector, _)| connector.kind == ConnectorKind::Entra).map_or(&found.values, |(_, e)| &e.values);
    let object = model("MvObject")
        .with("ObjectId", Item::guid(identifier))
        .with(
            "ObjectType",
            text(if found.class.name() == "user" || found.class.name() == "contact" { "person" } else { found.class.name() }),
        )
        .with("Lineage", lineage)
        .with("Attributes", attributes(values))
        .shown_as(found.name.clone());
    Reply::Done(vec![object.into()])
}
