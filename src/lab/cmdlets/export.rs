//! What is written into files for a comparison: `Get-ADSyncServerConfiguration` (structures.md 5.4).

use super::{Call, Entry, entries};
use crate::lab::shell::{Kind, Parameter, Reply};
use crate::lab::world::connector::Connector;
use crate::lab::world::rules::{JoinCondition, Rule, ScopeCondition};
use crate::lab::world::settings::parameters;

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncServerConfiguration" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncServerConfigurationCmdlet" export => [
        Parameter::new("Path", Kind::Text).at(0).mandatory(),
    ];
    Service "Set-ADSyncServerConfiguration" "Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncServerConfigurationCmdlet" refused => [
        Parameter::new("Path", Kind::Text).at(0),
    ];
};

fn refused(call: &mut Call) -> Reply {
    call.fails("Set-ADSyncServerConfiguration is not supported.", "System.NotSupportedException", "NotImplemented")
}

/// Text inside XML.
fn xml(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

fn export(call: &mut Call) -> Reply {
    let folder = call.text("Path").unwrap_or_default().trim_end_matches('\\').to_owned();
    let Some(product) = call.product() else { return Reply::NotFound };
    let mut files: Vec<(String, String)> = product
        .connectors
        .iter()
        .map(|connector| {
            (format!("{folder}\\Connectors\\Connector_{{{}}}.xml", connector.identifier), connector_file(call, connector))
        })
        .collect();
    let name = call.server().host.name.clone();
    let settings = parameters(&product.scheduler, &product.options, call.server().clock(product.scheduler.next_start));
    let line = |(name, value): &(String, String)| {
        format!("    <parameter name=\"{}\" data-type=\"string\">{}</parameter>\r\n", xml(name), xml(value))
    };
    let list = settings.iter().map(line).collect::<Vec<_>>().concat();
    let stamp = call.server().clock(call.world.now).format("%Y-%m-%d %H:%M:%S%.3f");
    files.push((
        format!("{folder}\\GlobalSettings\\MV.xml"),
        format!(
            "<saved-mv-configuration server='{name}' export-date='{stamp}'>\r\n<mv-data>\r\n  <parameter-values>\r\n{list}  </parameter-values>\r\n</mv-data>\r\n</saved-mv-configuration>\r\n"
        ),
    ));
    files.extend(product.rules.iter().map(|rule| {
        (format!("{folder}\\SynchronizationRules\\SynchronizationRule_{{{}}}.xml", rule.identifier), rule_file(rule))
    }));
    let below = format!("{}\\", folder.to_lowercase());
    if super::files::all(call).any(|(known, _)| known.to_lowercase().starts_with(&below) && known.len() > below.len()) {
        let message = format!("The directory '{folder}' is not empty.");
        return call.fails(&message, "System.IO.IOException", "WriteError");
    }
    for (path, text) in files {
        call.world.write_file(call.at, &path, text);
    }
    Call::quiet()
}

fn connector_file(call: &Call, connector: &Connector) -> String {
    let forest = call.world.directory.forests.iter().find(|forest| forest.name == connector.name);
    let dn = forest.map(crate::lab::world::directory::Forest::dn).unwrap_or_default();
    let list = |names: Vec<&String>, tag: &str| -> String {
        names.iter().map(|dn| format!("        <{tag}>{}</{tag}>\r\n", xml(dn))).collect::<Vec<_>>().concat()
    };
    let included: Vec<&String> = forest
        .iter()
        .flat_map(|forest| &forest.containers)
        .map(|container| &container.dn)
        .filter(|dn| !connector.excluded.contains(*dn))
        .collect();
    format!(
        "<saved-ma-configuration>\r\n<ma-data>\r\n  <id>{{{}}}</id>\r\n  <name>{}</name>\r\n  <category>{}</category>\r\n  <subtype>{}</subtype>\r\n  <ma-partition-data>\r\n    <partition>\r\n      <name>{}</name>\r\n      <selected>1</selected>\r\n      <filter>\r\n      <containers>\r\n        <inclusions>\r\n{}        </inclusions>\r\n        <exclusions>\r\n{}        </exclusions>\r\n      </containers>\r\n      </filter>\r\n    </partition>\r\n  </ma-partition-data>\r\n</ma-data>\r\n</saved-ma-configuration>\r\n",
        connector.identifier,
        xml(&connector.name),
        connector.kind.type_name(),
        xml(connector.kind.subtype()),
        xml(&dn),
        list(included, "inclusion"),
        list(connector.excluded.iter().collect(), "exclusion"),
    )
}

fn rule_file(rule: &Rule) -> String {
    let flows = rule
        .flows
        .iter()
        .map(|flow| {
            format!(
                "    <mapping>\r\n      <dest>{}</dest>\r\n      <src><attr>{}</attr></src>\r\n    </mapping>\r\n",
                xml(&flow.destination),
                xml(&flow.source)
            )
        })
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<synchronizationRule>\r\n  <id>{{{}}}</id>\r\n  <name>{}</name>\r\n  <description>{}</description>\r\n  <immutable-tag>{}</immutable-tag>\r\n  <direction>{}</direction>\r\n  <disabled>{}</disabled>\r\n  <connector>{{{}}}</connector>\r\n  <sourceObjectType>{}</sourceObjectType>\r\n  <targetObjectType>{}</targetObjectType>\r\n  <linkType>{}</linkType>\r\n  <precedence>{}</precedence>\r\n  <attribute-mappings>\r\n{flows}  </attribute-mappings>\r\n{}</synchronizationRule>\r\n",
        rule.identifier,
        xml(&rule.name),
        xml(&rule.description),
        xml(&rule.tag),
        rule.direction.name(),
        if rule.disabled { "True" } else { "False" },
        rule.connector,
        xml(&rule.source),
        xml(&rule.target),
        rule.link,
        rule.precedence,
        conditions(rule),
    )
}

/// The scope and the joins of a rule, where it has any.
fn conditions(rule: &Rule) -> String {
    let element = |name: &str, text: &str| format!("<{name}>{}</{name}>", xml(text));
    let scope = |scope: &ScopeCondition| {
        let inner =
            [element("csAttribute", &scope.attribute), element("csOperator", &scope.operator), element("csValue", &scope.value)];
        format!("      <scope>{}</scope>\r\n", inner.concat())
    };
    let join = |join: &JoinCondition| {
        let inner = [element("csAttribute", &join.source), element("mvAttribute", &join.destination)];
        format!("      <condition>{}</condition>\r\n", inner.concat())
    };
    let grouped = |criteria: &str, group: &str, groups: Vec<String>| {
        if groups.is_empty() {
            return String::new();
        }
        let groups =
            groups.iter().map(|inner| format!("    <{group}>\r\n{inner}    </{group}>\r\n")).collect::<Vec<_>>().concat();
        format!("  <{criteria}>\r\n{groups}  </{criteria}>\r\n")
    };
    let scopes = rule.scopes.iter().map(|group| group.iter().map(scope).collect()).collect();
    let joins = rule.joins.iter().map(|group| group.iter().map(join).collect()).collect();
    grouped("synchronizationCriteria", "conditions", scopes) + &grouped("relationshipCriteria", "conditions", joins)
}
