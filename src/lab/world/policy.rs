//! The exported settings file (structures.md 5.1): what *Export Settings* writes and *Import synchronization settings* reads.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::directory::Directory;
use super::rules::{Direction, Flow, JoinCondition, Rule, ScopeCondition};
use super::server::{Product, Server};
use super::settings::{AutoUpgrade, Feature, Options, SignIn};
use crate::Time;

/// What an import takes from the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Forests, by name
    pub forests: Vec<String>,
    /// Containers that are left out
    pub excluded: BTreeSet<String>,
    /// Custom rules, each with the name of its forest
    pub custom: Vec<(String, Rule)>,
    /// Options
    pub options: Options,
}

/// The settings of a server as a file.
pub fn export(server: &Server, directory: &Directory, tenant: &str, now: Time) -> Result<String, String> {
    let product =
        server.product.as_ref().ok_or_else(|| format!("Microsoft Entra Connect is not installed on {}", server.host.name))?;
    let options = &product.options;
    let has = |feature: Feature| options.features.contains(&feature);
    let mut sign_in = vec![options.sign_in.name()];
    if has(Feature::PasswordHashSync) && options.sign_in != SignIn::PasswordHashSynchronization {
        sign_in.push(SignIn::PasswordHashSynchronization.name());
    }
    if options.desktop_sso {
        sign_in.push("DesktopSingleSignOn");
    }
    let forests: Vec<Json> = product
        .forests()
        .map(|connector| {
            let containers = directory.forests.iter().find(|f| f.name == connector.name).map(|f| (f.dn(), &f.containers));
            let (dn, all) = containers.map_or((String::new(), Vec::new()), |(dn, list)| (dn, list.clone()));
            let included: Vec<&String> = all.iter().map(|c| &c.dn).filter(|dn| !connector.excluded.contains(*dn)).collect();
            json!({
                "friendlyName": connector.name,
                "uniqueIdentifier": connector.identifier,
                "fullyQualifiedDomainName": connector.name,
                "onPremisesDirectoryAccount": connector.account,
                "partitionFilters": [{
                    "fullyQualifiedDomainName": connector.name,
                    "distinguishedName": dn,
                    "selected": true,
                    "containerInclusions": included,
                    "containerExclusions": connector.excluded,
                }],
                "standardSynchronizationRules": rules_of(product, &connector.identifier, true),
                "customSynchronizationRules": rules_of(product, &connector.identifier, false),
            })
        })
        .collect();
    let document = json!({
        "policyMetadata": {
            "type": "ExportedPolicy",
            "author": server.wizard.as_ref().map_or("NT SERVICE\\ADSync", |wizard| wizard.user.as_str()),
            "timeCreated": server.clock(now).format("%Y-%m-%d %H:%M:%SZ").to_string(),
            "azureADConnectVersion": product.version.to_string(),
            "policySchemaVersion": "1.0.0.0",
        },
        "deploymentMetadata": {
            "hostName": server.host.name,
            "serviceAccount": "NT SERVICE\\ADSync",
            "serviceAccountType": "VirtualServiceAccount",
            "databaseType": if product.local_db { "LocalDb" } else { "SqlServer" },
            "autoUpgradeState": options.auto_upgrade.name(),
            "connectorIds": product.connectors.iter().map(|c| c.identifier.clone()).collect::<Vec<_>>(),
        },
        "authenticationPolicy": sign_in,
        "selfServicePasswordReset": has(Feature::PasswordWriteback),
        "identityMappingPolicy": {
            "azureSourceAnchorAttribute": options.source_anchor,
            "userPrincipalNameAttribute": options.user_principal_name,
            "userMatchingPolicy": "AlwaysProvision",
        },
        "exchangeOnlineFeaturePolicy": { "hybridDeployment": has(Feature::HybridExchange) },
        "optionalFeatures": options.features.iter().map(|feature| feature.name()).collect::<Vec<_>>(),
        "azureDirectoryPolicy": {
            "tenantId": tenant,
            "exportDeletionLimit": options.deletion_threshold,
            "standardSynchronizationRules": rules_of(product, super::connector::ENTRA, true),
            "customSynchronizationRules": rules_of(product, super::connector::ENTRA, false),
        },
        "onpremisesDirectoryPolicy": forests,
    });
    serde_json::to_string_pretty(&document).map_err(|error| error.to_string())
}

fn rules_of(product: &Product, connector: &str, standard: bool) -> Vec<Json> {
    product
        .rules
        .iter()
        .filter(|rule| rule.connector == connector && rule.is_standard() == standard)
        .map(|rule| {
            json!({
                "Name": rule.name,
                "uniqueIdentifier": rule.identifier,
                "description": rule.description,
                "source": rule.source,
                "target": rule.target,
                "linkType": rule.link,
                "immutableTag": rule.tag,
                "disabled": rule.disabled,
                "direction": rule.direction.name(),
                "precedence": rule.precedence,
                "joinConditions": rule.joins.iter().map(|group| group.iter().map(|join| json!({
                    "source": join.source, "destination": join.destination, "caseSensitive": join.case_sensitive,
                })).collect::<Vec<_>>()).collect::<Vec<_>>(),
                "scopeFilters": rule.scopes.iter().map(|group| group.iter().map(|scope| json!({
                    "attribute": scope.attribute, "condition": scope.operator, "value": scope.value,
                })).collect::<Vec<_>>()).collect::<Vec<_>>(),
                "attributeMappings": rule.flows.iter().map(|flow| json!({
                    "flowType": flow.kind, "destination": flow.destination, "source": flow.source,
                })).collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// Reads a settings file; the error says what is wrong with it.
pub fn import(text: &str) -> Result<Imported, String> {
    let document: Json = serde_json::from_str(text).map_err(|error| format!("The settings file is no JSON: {error}"))?;
    let directories = document["onpremisesDirectoryPolicy"]
        .as_array()
        .ok_or("The settings file has no onpremisesDirectoryPolicy; it was not written by Export Settings")?;
    let mut imported = Imported {
        forests: Vec::new(),
        excluded: BTreeSet::new(),
        custom: Vec::new(),
        options: Options { auto_upgrade: AutoUpgrade::Enabled, ..Options::express() },
    };
    for directory in directories {
        let name = directory["fullyQualifiedDomainName"].as_str().unwrap_or_default().to_owned();
        for filter in directory["partitionFilters"].as_array().into_iter().flatten() {
            let excluded = filter["containerExclusions"].as_array().into_iter().flatten();
            imported.excluded.extend(excluded.filter_map(Json::as_str).map(str::to_owned));
        }
        for rule in directory["customSynchronizationRules"].as_array().into_iter().flatten() {
            imported.custom.push((name.clone(), read_rule(rule)?));
        }
        imported.forests.push(name);
    }
    let words: Vec<&str> = document["authenticationPolicy"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let options = &mut imported.options;
    if let Some(method) = words.iter().find_map(|word| SignIn::parse(word)) {
        options.sign_in = method;
    }
    options.desktop_sso = words.contains(&"DesktopSingleSignOn");
    options.features = document["optionalFeatures"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .filter_map(Feature::parse)
        .collect();
    let mapping = &document["identityMappingPolicy"];
    if let Some(anchor) = mapping["azureSourceAnchorAttribute"].as_str() {
        anchor.clone_into(&mut options.source_anchor);
    }
    if let Some(name) = mapping["userPrincipalNameAttribute"].as_str() {
        name.clone_into(&mut options.user_principal_name);
    }
    if let Some(limit) = document["azureDirectoryPolicy"]["exportDeletionLimit"].as_u64() {
        options.deletion_threshold = limit;
    }
    Ok(imported)
}

fn read_rule(rule: &Json) -> Result<Rule, String> {
    let text = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
    let name = text("Name");
    let precedence = rule["precedence"].as_i64().unwrap_or(0);
    if !(0..=99).contains(&precedence) {
        return Err(format!(
            "The import was refused: the custom rule '{name}' has the precedence {precedence}; custom rules take 0 to 99"
        ));
    }
    Ok(Rule {
        identifier: text("uniqueIdentifier"),
        name,
        tag: String::new(),
        direction: if text("direction") == "Outbound" { Direction::Outbound } else { Direction::Inbound },
        precedence,
        disabled: rule["disabled"].as_bool().unwrap_or(false),
        connector: String::new(),
        source: text("source"),
        target: text("target"),
        link: text("linkType"),
        description: text("description"),
        flows: rule["attributeMappings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|flow| Flow {
                destination: flow["destination"].as_str().unwrap_or_default().to_owned(),
                source: flow["source"].as_str().unwrap_or_default().to_owned(),
                kind: flow["flowType"].as_str().unwrap_or_default().to_owned(),
            })
            .collect(),
        scopes: groups(&rule["scopeFilters"], |condition| ScopeCondition {
            attribute: word(condition, "attribute"),
            value: word(condition, "value"),
            operator: word(condition, "condition"),
        }),
        joins: groups(&rule["joinConditions"], |condition| JoinCondition {
            source: word(condition, "source"),
            destination: word(condition, "destination"),
            case_sensitive: word(condition, "caseSensitive"),
        }),
        affects: 100,
    })
}

fn word(json: &Json, name: &str) -> String {
    json[name].as_str().unwrap_or_default().to_owned()
}

/// Groups of conditions.
fn groups<T>(json: &Json, read: impl Fn(&Json) -> T) -> Vec<Vec<T>> {
    let groups = json.as_array().into_iter().flatten();
    groups.map(|group| group.as_array().into_iter().flatten().map(&read).collect()).collect()
}
