//! Synchronization rules by cmdlet: what is there, and what the Rules Editor's exported scripts do on another server.

use super::object::{direction, link, model, text};
use super::{Call, Entry, entries};
use crate::lab::shell::{Emission, Item, Kind, Object, Parameter, Pipeline, Reply};
use crate::lab::world::connector::Kind as ConnectorKind;
use crate::lab::world::rules::{Direction, Flow, JoinCondition, Rule, ScopeCondition};

const DIRECTIONS: &[(&str, i64)] = &[("Inbound", 0), ("Outbound", 1)];
const LINKS: &[(&str, i64)] = &[("Provision", 0), ("StickyJoin", 1), ("Join", 2), ("JoinNoFlow", 3)];
const FLOWS: &[(&str, i64)] = &[("Direct", 0), ("Constant", 1), ("Expression", 2)];

pub(super) static ENTRIES: &[Entry] = entries! {
    Service "Get-ADSyncRule" "Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncRuleCmdlet" get => [
        Parameter::new("Identifier", Kind::Guid).at(0),
    ];
    Service "New-ADSyncRule" "Microsoft.IdentityManagement.PowerShell.Cmdlet.NewADSyncRuleCmdlet" new => [
        Parameter::new("Name", Kind::Text).mandatory(),
        Parameter::new("Identifier", Kind::Guid),
        Parameter::new("Description", Kind::Text),
        Parameter::new("Direction", Kind::Enum("Microsoft.IdentityManagement.PowerShell.ObjectModel.SyncRuleDirection", DIRECTIONS)).mandatory(),
        Parameter::new("Precedence", Kind::Int),
        Parameter::new("PrecedenceAfter", Kind::Guid),
        Parameter::new("PrecedenceBefore", Kind::Guid),
        Parameter::new("SourceObjectType", Kind::Text).mandatory(),
        Parameter::new("TargetObjectType", Kind::Text).mandatory(),
        Parameter::new("Connector", Kind::Guid).mandatory(),
        Parameter::new("LinkType", Kind::Enum("Microsoft.IdentityManagement.PowerShell.ObjectModel.LinkType", LINKS)),
        Parameter::new("SoftDeleteExpiryInterval", Kind::Int),
        Parameter::new("ImmutableTag", Kind::Text),
        Parameter::new("EnablePasswordSync", Kind::Switch),
        Parameter::new("Disabled", Kind::Switch),
    ];
    Service "Add-ADSyncAttributeFlowMapping" "Microsoft.IdentityManagement.PowerShell.Cmdlet.AddADSyncAttributeFlowMappingCmdlet" add_flow => [
        Parameter::new("SynchronizationRule", Kind::Any).mandatory().from_pipeline(Pipeline::Value),
        Parameter::new("Source", Kind::Texts),
        Parameter::new("Destination", Kind::Text).mandatory(),
        Parameter::new("FlowType", Kind::Enum("Microsoft.IdentityManagement.PowerShell.ObjectModel.AttributeFlowType", FLOWS)),
        Parameter::new("ValueMergeType", Kind::Text),
        Parameter::new("Expression", Kind::Text),
        Parameter::new("ExecuteOnce", Kind::Switch),
    ];
    Service "Add-ADSyncScopeConditionGroup" "Microsoft.IdentityManagement.PowerShell.Cmdlet.AddADSyncScopeConditionGroupCmdlet" add_scope => [
        Parameter::new("SynchronizationRule", Kind::Any).mandatory().from_pipeline(Pipeline::Value),
        Parameter::new("ScopeConditions", Kind::Many),
    ];
    Service "Add-ADSyncJoinConditionGroup" "Microsoft.IdentityManagement.PowerShell.Cmdlet.AddADSyncJoinConditionGroupCmdlet" add_join => [
        Parameter::new("SynchronizationRule", Kind::Any).mandatory().from_pipeline(Pipeline::Value),
        Parameter::new("JoinConditions", Kind::Many),
    ];
    Service "Add-ADSyncRule" "Microsoft.IdentityManagement.PowerShell.Cmdlet.AddADSyncRuleCmdlet" add => [
        Parameter::new("SynchronizationRule", Kind::Any).mandatory().from_pipeline(Pipeline::Value),
    ];
    Service "Set-ADSyncRule" "Microsoft.IdentityManagement.PowerShell.Cmdlet.SetADSyncRuleCmdlet" set => [
        Parameter::new("SynchronizationRule", Kind::Any).at(0).mandatory().from_pipeline(Pipeline::Value),
    ];
    Service "Remove-ADSyncRule" "Microsoft.IdentityManagement.PowerShell.Cmdlet.RemoveADSyncRuleCmdlet" remove => [
        Parameter::new("Identifier", Kind::Guid).at(0).from_pipeline(Pipeline::Property),
        Parameter::new("SynchronizationRule", Kind::Any),
    ];
};

fn rule_object(rule: &Rule) -> Object {
    let flows = rule.flows.iter().map(flow_object).collect();
    model("SynchronizationRule")
        .with("Identifier", Item::guid(&rule.identifier))
        .with("InternalId", Item::guid(&rule.identifier))
        .with("Name", text(rule.name.as_str()))
        .with("Version", 1)
        .with("Description", text(rule.description.as_str()))
        .with("ImmutableTag", text(rule.tag.as_str()))
        .with("Connector", Item::guid(&rule.connector))
        .with("Direction", direction(rule.direction))
        .with("Disabled", rule.disabled)
        .with("SourceObjectType", text(rule.source.as_str()))
        .with("TargetObjectType", text(rule.target.as_str()))
        .with("Precedence", rule.precedence)
        .with("LinkType", link(&rule.link))
        .with("EnablePasswordSync", rule.syncs_passwords())
        .with("JoinFilter", Item::array(rule.joins.iter().map(|group| join_group(group)).collect()))
        .with("ScopeFilter", Item::array(rule.scopes.iter().map(|group| scope_group(group)).collect()))
        .with("AttributeFlowMappings", Item::array(flows))
        .with("SoftDeleteExpiryInterval", chrono::TimeDelta::zero())
        .with("IsStandardRule", rule.is_standard())
        .with("IsLegacyCustomRule", false)
        .shown_as(rule.name.clone())
}

fn flow_object(flow: &Flow) -> Item {
    model("AttributeFlowMapping")
        .with("Destination", text(flow.destination.as_str()))
        .with("Source", text(flow.source.as_str()))
        .with("FlowType", text(flow.kind.as_str()))
        .shown_as(flow.destination.clone())
        .into()
}

fn get(call: &mut Call) -> Reply {
    let Some(product) = call.product() else { return Reply::NotFound };
    let Some(id) = call.text("Identifier") else {
        return Reply::Done(product.rules.iter().map(|rule| rule_object(rule).into()).collect());
    };
    match product.rules.iter().find(|rule| rule.identifier.eq_ignore_ascii_case(id)) {
        Some(rule) => Reply::Done(vec![rule_object(rule).into()]),
        None => no_such_rule(call),
    }
}

fn new(call: &mut Call) -> Reply {
    let made = call.server_mut().chance.guid();
    let word = |name: &str| call.text(name).unwrap_or_default().to_owned();
    let precedence = call.invocation.arguments.value("Precedence").and_then(|value| value.as_int()).unwrap_or(0);
    let identifier = call.text("Identifier").map(str::to_owned);
    let rule = Rule {
        identifier: identifier.unwrap_or(made),
        name: word("Name"),
        tag: word("ImmutableTag"),
        direction: if call.text("Direction") == Some("Outbound") { Direction::Outbound } else { Direction::Inbound },
        precedence,
        disabled: call.invocation.arguments.switch("Disabled"),
        connector: word("Connector"),
        source: word("SourceObjectType"),
        target: word("TargetObjectType"),
        link: call.text("LinkType").unwrap_or("Join").to_owned(),
        description: word("Description"),
        flows: Vec::new(),
        scopes: Vec::new(),
        joins: Vec::new(),
        affects: 100,
    };
    Reply::Done(vec![rule_object(&rule).into()])
}

/// The rule that a script hands on, alone or as the first of an array.
fn handed(call: &Call) -> Option<Object> {
    match call.invocation.arguments.get("SynchronizationRule")? {
        Item::Object(object) => Some(object.as_ref().clone()),
        Item::Array(items) => items.first()?.as_object().cloned(),
        _ => None,
    }
}

fn no_rule(call: &Call) -> Reply {
    call.fails(
        "Cannot bind argument to parameter 'SynchronizationRule' because it is null.",
        "System.Management.Automation.ParameterBindingValidationException",
        "InvalidData",
    )
}

fn add_flow(call: &mut Call) -> Reply {
    let Some(mut rule) = handed(call) else { return no_rule(call) };
    let source = match call.invocation.arguments.get("Source") {
        Some(Item::Array(items)) => items.iter().filter_map(Item::as_text).collect::<Vec<_>>().join(","),
        Some(item) => item.as_text().unwrap_or_default().to_owned(),
        None => call.text("Expression").unwrap_or_default().to_owned(),
    };
    let flow = Flow {
        destination: call.text("Destination").unwrap_or_default().to_owned(),
        source,
        kind: call.text("FlowType").unwrap_or("Direct").to_owned(),
    };
    let mut flows = match rule.get("AttributeFlowMappings") {
        Some(Item::Array(items)) => items.as_ref().clone(),
        _ => Vec::new(),
    };
    flows.push(flow_object(&flow));
    rule.set("AttributeFlowMappings", Item::array(flows));
    Reply::Done(vec![rule.into()])
}

/// Adds a group of conditions to the rule that is handed on.
fn add_group(call: &Call, parameter: &str, filter: &str, group: fn(Vec<Item>) -> Item) -> Reply {
    let Some(mut rule) = handed(call) else { return no_rule(call) };
    let conditions = match call.invocation.arguments.get(parameter) {
        Some(Item::Array(items)) => items.as_ref().clone(),
        Some(item) => vec![item.clone()],
        None => Vec::new(),
    };
    let mut groups = match rule.get(filter) {
        Some(Item::Array(items)) => items.as_ref().clone(),
        _ => Vec::new(),
    };
    groups.push(group(conditions));
    rule.set(filter, Item::array(groups));
    Reply::Done(vec![rule.into()])
}

fn add_scope(call: &mut Call) -> Reply {
    add_group(call, "ScopeConditions", "ScopeFilter", |conditions| {
        model("ScopeConditionGroup").with("ScopeConditionList", Item::array(conditions)).into()
    })
}

fn add_join(call: &mut Call) -> Reply {
    add_group(call, "JoinConditions", "JoinFilter", |conditions| {
        model("JoinConditionGroup").with("JoinConditionList", Item::array(conditions)).into()
    })
}

fn scope_group(group: &[ScopeCondition]) -> Item {
    let condition = |scope: &ScopeCondition| {
        model("ScopeCondition")
            .with("Attribute", text(scope.attribute.as_str()))
            .with("ComparisonValue", text(scope.value.as_str()))
            .with("ComparisonOperator", text(scope.operator.as_str()))
            .into()
    };
    model("ScopeConditionGroup").with("ScopeConditionList", Item::array(group.iter().map(condition).collect())).into()
}

fn join_group(group: &[JoinCondition]) -> Item {
    let condition = |join: &JoinCondition| {
        model("JoinCondition")
            .with("CSAttribute", text(join.source.as_str()))
            .with("MVAttribute", text(join.destination.as_str()))
            .with("CaseSensitive", text(join.case_sensitive.as_str()))
            .into()
    };
    model("JoinConditionGroup").with("JoinConditionList", Item::array(group.iter().map(condition).collect())).into()
}

/// The groups of conditions that an object of a rule bears.
fn read_groups<T>(rule: &Object, filter: &str, list: &str, read: impl Fn(&dyn Fn(&str) -> String) -> T) -> Vec<Vec<T>> {
    let Some(Item::Array(groups)) = rule.get(filter) else { return Vec::new() };
    let conditions = |group: &Item| match group.as_object().and_then(|group| group.get(list)) {
        Some(Item::Array(items)) => items.as_ref().clone(),
        _ => Vec::new(),
    };
    let word = |condition: &Item, name: &str| {
        condition.as_object().and_then(|object| object.get(name)).and_then(Item::as_text).unwrap_or_default().to_owned()
    };
    groups.iter().map(|group| conditions(group).iter().map(|one| read(&|name| word(one, name))).collect()).collect()
}

fn read_rule(object: &Object) -> Rule {
    let word = |name: &str| object.get(name).and_then(Item::as_text).unwrap_or_default().to_owned();
    let flows = match object.get("AttributeFlowMappings") {
        Some(Item::Array(items)) => items
            .iter()
            .filter_map(Item::as_object)
            .map(|flow| {
                let word = |name: &str| flow.get(name).and_then(Item::as_text).unwrap_or_default().to_owned();
                Flow { destination: word("Destination"), source: word("Source"), kind: word("FlowType") }
            })
            .collect(),
        _ => Vec::new(),
    };
    Rule {
        identifier: word("Identifier"),
        name: word("Name"),
        tag: word("ImmutableTag"),
        direction: if word("Direction") == "Outbound" { Direction::Outbound } else { Direction::Inbound },
        precedence: object.get("Precedence").map(Item::to_value).and_then(|value| value.as_int()).unwrap_or(0),
        disabled: object.get("Disabled").map(Item::to_value).and_then(|value| value.as_bool()).unwrap_or(false),
        connector: word("Connector"),
        source: word("SourceObjectType"),
        target: word("TargetObjectType"),
        link: word("LinkType"),
        description: word("Description"),
        flows,
        scopes: read_groups(object, "ScopeFilter", "ScopeConditionList", |word| ScopeCondition {
            attribute: word("Attribute"),
            value: word("ComparisonValue"),
            operator: word("ComparisonOperator"),
        }),
        joins: read_groups(object, "JoinFilter", "JoinConditionList", |word| JoinCondition {
            source: word("CSAttribute"),
            destination: word("MVAttribute"),
            case_sensitive: word("CaseSensitive"),
        }),
        affects: 100,
    }
}

fn add(call: &mut Call) -> Reply {
    let Some(object) = handed(call) else { return no_rule(call) };
    put(call, read_rule(&object))
}

/// Changes a rule that is there: what it is not given it keeps.
fn set(call: &mut Call) -> Reply {
    let Some(object) = handed(call) else { return no_rule(call) };
    let rule = read_rule(&object);
    if !call.product().is_some_and(|product| product.rules.iter().any(|known| is_same(known, &rule))) {
        return no_such_rule(call);
    }
    put(call, rule)
}

fn is_same(known: &Rule, rule: &Rule) -> bool {
    known.identifier.eq_ignore_ascii_case(&rule.identifier)
}

/// Puts a rule among the others, in the place of the one with its identifier. The connector is to be read anew.
fn put(call: &mut Call, mut rule: Rule) -> Reply {
    let Some(product) = call.product_mut() else { return Reply::NotFound };
    if !product.connectors.iter().any(|c| c.identifier.eq_ignore_ascii_case(&rule.connector)) {
        // The Guid in an exported script is that of the server it was exported on.
        return super::connectors::not_found(call);
    }
    if let Some(other) = product.rules.iter().find(|known| known.precedence == rule.precedence && !is_same(known, &rule)) {
        let message = format!("The precedence {} is used by the synchronization rule '{}' already.", rule.precedence, other.name);
        return call.fails(&message, "System.InvalidOperationException", "WriteError");
    }
    if let Some(known) = product.rules.iter().find(|known| is_same(known, &rule)) {
        rule.affects = known.affects;
    }
    product.rules.retain(|known| !is_same(known, &rule));
    product.rules.push(rule.clone());
    product.rules.sort_by_key(|known| known.precedence);
    let warning = require_full(call, &rule.connector, Required::ImportAndSync);
    Reply::Emitted(warning.into_iter().chain([Emission::Object(rule_object(&rule).into())]).collect())
}

/// What a change of rules asks of the next cycle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Required {
    ImportAndSync,
    Sync,
}

/// Raises a connector's overrides, and the warning that says so.
fn require_full(call: &mut Call, identifier: &str, required: Required) -> Option<Emission> {
    let connectors = call.product_mut().map(|product| &mut product.connectors)?;
    let connector = connectors.iter_mut().find(|connector| connector.identifier.eq_ignore_ascii_case(identifier))?;
    if connector.kind != ConnectorKind::GenericLdap {
        connector.full_sync_required = true;
        connector.full_import_required |= required == Required::ImportAndSync;
    }
    let what = if required == Required::Sync { "full sync" } else { "full import and full sync" };
    Some(Emission::Warning(format!(
        "Performing this operation has set connector '{}' to do a {what} on the next scheduled sync cycle",
        connector.name
    )))
}

fn no_such_rule(call: &Call) -> Reply {
    call.fails(
        "The specified synchronization rule could not be found.",
        "Microsoft.IdentityManagement.PowerShell.ObjectModel.SynchronizationRuleNotFoundException",
        "ReadError",
    )
}

fn remove(call: &mut Call) -> Reply {
    let handed = handed(call).and_then(|rule| rule.get("Identifier").and_then(Item::as_text).map(str::to_owned));
    let Some(id) = handed.or_else(|| call.text("Identifier").map(str::to_owned)) else { return no_rule(call) };
    let Some(product) = call.product_mut() else { return Reply::NotFound };
    let Some(place) = product.rules.iter().position(|rule| rule.identifier.eq_ignore_ascii_case(&id)) else {
        return no_such_rule(call);
    };
    let rule = product.rules.remove(place);
    Reply::Emitted(require_full(call, &rule.connector, Required::Sync).into_iter().collect())
}
