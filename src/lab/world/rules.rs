//! Synchronization rules: the standard ones of a release, custom ones, and what a difference between two servers means for the values in the cloud.

mod fingerprint;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::generator::Generator;
use super::object::Object;
use crate::powershell::Version;

/// Which way values flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// From a connector space into the metaverse
    Inbound,
    /// From the metaverse into a connector space
    Outbound,
}

impl Direction {
    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbound => "Inbound",
            Self::Outbound => "Outbound",
        }
    }
}

/// A rule of one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its Guid on this server
    pub identifier: String,
    /// Its name
    pub name: String,
    /// `Microsoft.InfromADUserJoin.003`; empty for a custom rule
    pub tag: String,
    /// Which way
    pub direction: Direction,
    /// Lower wins
    pub precedence: i64,
    /// Whether it is off
    pub disabled: bool,
    /// The connector's Guid on this server
    pub connector: String,
    /// `user`
    pub source: String,
    /// `person`
    pub target: String,
    /// Provision, Join, …
    pub link: String,
    /// Description
    pub description: String,
    /// The destination attributes it writes with their sources: its meaning, with the joins and scopes
    pub flows: Vec<Flow>,
    /// When it applies: groups of which one must hold, each with conditions that must all hold
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Vec<ScopeCondition>>,
    /// What joins an object to one of the metaverse, in the same groups
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Vec<JoinCondition>>,
    /// Users whose values it decides, in percent of each container
    pub affects: u64,
}

/// One condition of a scope, such as `department EQUAL Sales`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeCondition {
    /// The attribute that is looked at
    pub attribute: String,
    /// What it is compared with
    pub value: String,
    /// EQUAL, NOTEQUAL, ISNULL, …
    pub operator: String,
}

/// One condition of a join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinCondition {
    /// The attribute in the connector space
    pub source: String,
    /// The attribute in the metaverse
    pub destination: String,
    /// Whether case matters: True, False
    pub case_sensitive: String,
}

/// One attribute flow mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Attribute that is written
    pub destination: String,
    /// Attribute, constant or expression it comes from
    pub source: String,
    /// Direct, Constant, Expression
    pub kind: String,
}

impl Rule {
    /// Whether it was delivered with the product.
    pub fn is_standard(&self) -> bool {
        !self.tag.is_empty()
    }

    /// Its tag without the release's suffix.
    pub fn tag_without_version(&self) -> &str {
        self.tag.rsplit_once('.').map_or("", |(stem, _)| stem)
    }

    /// Whether it brings users' password hashes.
    pub fn syncs_passwords(&self) -> bool {
        self.name.ends_with("User AccountEnabled")
    }

    /// Whether it is a standard rule that is not as it was delivered; being disabled is no edit.
    pub fn is_edited(&self) -> bool {
        self.delivered().is_some_and(|standard| !standard.is_as_delivered(self))
    }

    /// A standard rule gets back what it was delivered with; any other stays.
    pub fn reset(&mut self) {
        if let Some(standard) = self.delivered() {
            (self.flows, self.scopes, self.joins) = (standard.flows(), Vec::new(), Vec::new());
            [self.source, self.target, self.link] = standard.shape.words().map(str::to_owned);
        }
    }

    fn delivered(&self) -> Option<&'static Standard> {
        let stem = self.tag_without_version().strip_prefix("Microsoft.")?;
        STANDARD.iter().find(|standard| standard.tag == stem)
    }

    /// What it does to values beyond the rules as delivered; none where it does nothing of the kind.
    fn flavour(&self) -> Option<String> {
        let print = || self.fingerprint()[..8].to_owned();
        let flows = || {
            let all: Vec<String> = self.flows.iter().map(|flow| format!("{}={}", flow.destination, flow.source)).collect();
            all.join(NEXT)
        };
        match (self.is_standard(), self.disabled) {
            (true, true) => Some(format!("without {}", self.name)),
            (true, false) if self.is_edited() => Some(format!("{}{EDITED}{}{FLOWS}{}", self.name, print(), flows())),
            (false, false) => Some(format!("{} {}{FLOWS}{}", self.name, print(), flows())),
            (true, false) | (false, true) => None,
        }
    }
}

/// What a set of rules does to values beyond the standard rules, and the share of users it touches in percent.
pub fn flavour(rules: &[Rule]) -> BTreeSet<String> {
    let missing = STANDARD
        .iter()
        .filter(|standard| standard.affects() && !rules.iter().any(|rule| rule.name == standard.name))
        .map(|standard| format!("without {}", standard.name));
    rules.iter().filter(|rule| rule.affects > 0).filter_map(Rule::flavour).chain(missing).collect()
}

/// What stands between a custom rule's name and its flows, and between two flows, in a flavour.
const FLOWS: &str = " :: ";
const EDITED: &str = " edited ";
const NEXT: &str = " ;; ";

/// What a rule beyond the standard ones does to one attribute of a user in the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A standard rule that would write it is missing, disabled, or no longer does so.
    Missing(String),
    /// A custom or an edited rule writes it: a constant in quotes, another attribute's value, or an expression, which the lab does not evaluate.
    Written(String, String),
}

impl Effect {
    /// Does it to an object's values in the cloud.
    pub fn apply(&self, object: &Object, values: &mut BTreeMap<String, String>) {
        match self {
            Self::Missing(attribute) => drop(values.remove(attribute)),
            Self::Written(attribute, source) => {
                let constant = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                let value = constant.or_else(|| object.value(source)).unwrap_or(source);
                values.insert(attribute.clone(), value.to_owned());
            }
        }
    }
}

/// What a flavour does to the values of users in the cloud.
pub fn effects(flavour: &BTreeSet<String>) -> Vec<Effect> {
    let flows_of = |name: &str| STANDARD.iter().find(|standard| standard.name == name).map_or(&[][..], |standard| standard.flows);
    let effects_of = |word: &String| -> Vec<Effect> {
        if let Some(name) = word.strip_prefix("without ") {
            return flows_of(name).iter().map(|(to, _)| Effect::Missing((*to).to_owned())).collect();
        }
        let Some((rule, flows)) = word.split_once(FLOWS) else { return Vec::new() };
        let delivered = rule.split_once(EDITED).map_or(&[][..], |(name, _)| flows_of(name));
        let flows: Vec<(&str, &str)> = flows.split(NEXT).filter_map(|flow| flow.split_once('=')).collect();
        let missing = delivered.iter().filter(|(to, _)| !flows.iter().any(|(known, _)| known == to));
        let missing = missing.map(|(to, _)| Effect::Missing((*to).to_owned()));
        let written = flows.iter().filter(|flow| !delivered.contains(flow));
        missing.chain(written.map(|(to, from)| Effect::Written((*to).to_owned(), (*from).to_owned()))).collect()
    };
    // What a missing rule leaves empty another may still write.
    let mut all: Vec<Effect> = flavour.iter().flat_map(effects_of).collect();
    all.sort_by_key(|effect| !matches!(effect, Effect::Missing(_)));
    all
}

/// The share of users, in percent, whose values differ between two flavours.
pub fn share(rules: &[Rule], ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> u64 {
    let differing =
        |word: &String| rules.iter().filter(|rule| word.contains(&rule.name)).map(|rule| rule.affects).max().unwrap_or(100);
    ours.symmetric_difference(theirs).map(differing).max().unwrap_or(0)
}

/// A rule as delivered.
struct Standard {
    name: &'static str,
    tag: &'static str,
    precedence: i64,
    shape: Shape,
    flows: &'static [(&'static str, &'static str)],
}

/// The connector and the types of a standard rule.
#[derive(Clone, Copy)]
enum Shape {
    /// In from AD: source, target, link
    FromAd(&'static str, &'static str, &'static str),
    /// In from the Entra connector
    FromEntra(&'static str, &'static str, &'static str),
    /// Out to the Entra connector
    ToEntra(&'static str, &'static str, &'static str),
    /// Out to AD
    ToAd(&'static str, &'static str, &'static str),
}

impl Shape {
    /// Source, target and link.
    fn words(self) -> [&'static str; 3] {
        let (Self::FromAd(source, target, link)
        | Self::FromEntra(source, target, link)
        | Self::ToEntra(source, target, link)
        | Self::ToAd(source, target, link)) = self;
        [source, target, link]
    }
}

impl Standard {
    fn affects(&self) -> bool {
        matches!(self.shape, Shape::FromAd("user", "person", _) | Shape::ToEntra("person", "user", _))
    }

    fn flows(&self) -> Vec<Flow> {
        let flow = |(destination, source): &(&str, &str)| Flow {
            destination: (*destination).to_owned(),
            source: (*source).to_owned(),
            kind: "Direct".to_owned(),
        };
        self.flows.iter().map(flow).collect()
    }

    fn is_as_delivered(&self, rule: &Rule) -> bool {
        let same = |flow: &Flow, (destination, source): &(&str, &str)| {
            flow.destination == *destination && flow.source == *source && flow.kind == "Direct"
        };
        [&rule.source, &rule.target, &rule.link] == self.shape.words()
            && rule.flows.len() == self.flows.len()
            && rule.flows.iter().zip(self.flows).all(|(flow, delivered)| same(flow, delivered))
            && rule.scopes.is_empty()
            && rule.joins.is_empty()
    }
}

macro_rules! standard {
    ($($precedence:literal $name:literal $tag:literal $shape:ident($source:literal $target:literal $link:literal) [$($dest:literal = $from:literal),*];)*) => {
        &[$(Standard {
            name: $name, tag: $tag, precedence: $precedence, shape: Shape::$shape($source, $target, $link),
            flows: &[$(($dest, $from)),*],
        }),*]
    };
}

const STANDARD: &[Standard] = standard! {
    100 "In from AD - User Join" "InfromADUserJoin" FromAd("user" "person" "Provision") ["sourceAnchor" = "mS-DS-ConsistencyGuid", "cloudFiltered" = "isCriticalSystemObject"];
    101 "In from AD - InetOrgPerson Join" "InfromADInetOrgPersonJoin" FromAd("inetOrgPerson" "person" "Provision") ["sourceAnchor" = "mS-DS-ConsistencyGuid"];
    102 "In from AD - User AccountEnabled" "InfromADUserAccountEnabled" FromAd("user" "person" "Join") ["accountEnabled" = "userAccountControl", "userPrincipalName" = "userPrincipalName", "pwdLastSet" = "pwdLastSet"];
    103 "In from AD - InetOrgPerson AccountEnabled" "InfromADInetOrgPersonAccountEnabled" FromAd("inetOrgPerson" "person" "Join") ["accountEnabled" = "userAccountControl"];
    104 "In from AD - User Common from Exchange" "InfromADUserCommonfromExchange" FromAd("user" "person" "Join") ["mail" = "mail", "mailNickname" = "mailNickname", "proxyAddresses" = "proxyAddresses"];
    105 "In from AD - InetOrgPerson Common from Exchange" "InfromADInetOrgPersonCommonfromExchange" FromAd("inetOrgPerson" "person" "Join") ["mail" = "mail"];
    106 "In from AD - User Common" "InfromADUserCommon" FromAd("user" "person" "Join") ["displayName" = "displayName", "department" = "department", "title" = "title", "telephoneNumber" = "telephoneNumber"];
    107 "In from AD - InetOrgPerson Common" "InfromADInetOrgPersonCommon" FromAd("inetOrgPerson" "person" "Join") ["displayName" = "displayName"];
    108 "In from AD - User Exchange" "InfromADUserExchange" FromAd("user" "person" "Join") ["msExchHideFromAddressLists" = "msExchHideFromAddressLists", "msExchRecipientTypeDetails" = "msExchRecipientTypeDetails"];
    110 "In from AD - User Lync" "InfromADUserLync" FromAd("user" "person" "Join") ["msRTCSIP-PrimaryUserAddress" = "msRTCSIP-PrimaryUserAddress"];
    112 "In from AD - Group Join" "InfromADGroupJoin" FromAd("group" "group" "Provision") ["sourceAnchor" = "objectGUID"];
    113 "In from AD - Group Exchange" "InfromADGroupExchange" FromAd("group" "group" "Join") ["mail" = "mail"];
    114 "In from AD - Group Common" "InfromADGroupCommon" FromAd("group" "group" "Join") ["displayName" = "displayName", "member" = "member"];
    115 "In from AD - Contact Join" "InfromADContactJoin" FromAd("contact" "person" "Provision") ["sourceAnchor" = "objectGUID"];
    116 "In from AD - Contact Common" "InfromADContactCommon" FromAd("contact" "person" "Join") ["displayName" = "displayName", "mail" = "mail"];
    117 "In from AD - ForeignSecurityPrincipal Join User" "InfromADFSPJoinUser" FromAd("foreignSecurityPrincipal" "person" "Join") [];
    119 "In from AAD - User Join" "InfromAADUserJoin" FromEntra("user" "person" "Join") ["cloudSourceAnchor" = "sourceAnchor"];
    120 "In from AAD - Contact Join" "InfromAADContactJoin" FromEntra("contact" "person" "Join") [];
    121 "In from AAD - Group Join" "InfromAADGroupJoin" FromEntra("group" "group" "Join") [];
    122 "In from AAD - Device Join" "InfromAADDeviceJoin" FromEntra("device" "device" "Join") [];
    123 "Out to AAD - User Join" "OuttoAADUserJoin" ToEntra("person" "user" "Provision") ["sourceAnchor" = "sourceAnchor", "cloudMastered" = "cloudMastered"];
    124 "Out to AAD - User Identity" "OuttoAADUserIdentity" ToEntra("person" "user" "JoinNoFlow") ["displayName" = "displayName", "userPrincipalName" = "userPrincipalName", "department" = "department", "title" = "title"];
    125 "Out to AAD - User ExchangeOnline" "OuttoAADUserExchangeOnline" ToEntra("person" "user" "JoinNoFlow") ["proxyAddresses" = "proxyAddresses", "mailNickname" = "mailNickname"];
    126 "Out to AAD - User DynamicsCRM" "OuttoAADUserDynamicsCRM" ToEntra("person" "user" "JoinNoFlow") ["telephoneNumber" = "telephoneNumber"];
    127 "Out to AAD - User Lync Online" "OuttoAADUserLyncOnline" ToEntra("person" "user" "JoinNoFlow") ["msRTCSIP-PrimaryUserAddress" = "msRTCSIP-PrimaryUserAddress"];
    131 "Out to AAD - User Azure RMS" "OuttoAADUserAzureRMS" ToEntra("person" "user" "JoinNoFlow") ["proxyAddresses" = "proxyAddresses"];
    132 "Out to AAD - Contact Join" "OuttoAADContactJoin" ToEntra("person" "contact" "Provision") ["displayName" = "displayName"];
    139 "Out to AAD - Group Join" "OuttoAADGroupJoin" ToEntra("group" "group" "Provision") ["displayName" = "displayName", "member" = "member"];
    140 "Out to AAD - Group ExchangeOnline" "OuttoAADGroupExchangeOnline" ToEntra("group" "group" "JoinNoFlow") ["mail" = "mail"];
    145 "Out to AAD - Device Join" "OuttoAADDeviceJoin" ToEntra("device" "device" "Provision") [];
    151 "Out to AD - Contact Join" "OuttoADContactJoin" ToAd("person" "contact" "Join") [];
    152 "Out to AD - User ImmutableId" "OuttoADUserImmutableId" ToAd("person" "user" "JoinNoFlow") ["mS-DS-ConsistencyGuid" = "sourceAnchorBinary"];
    158 "Out to AD - User Exchange Hybrid" "OuttoADUserExchangeHybrid" ToAd("person" "user" "JoinNoFlow") ["msExchSafeSendersHash" = "msExchSafeSendersHash"];
    159 "In from AD - Computer Join" "InfromADComputerJoin" FromAd("computer" "device" "Provision") ["deviceId" = "objectGUID"];
    160 "In from AD - User Filtering" "InfromADUserFiltering" FromAd("user" "person" "JoinNoFlow") ["cloudFiltered" = "adminDescription"];
};

/// Rules whose tag rises with the release that brings this fourth suffix: a version of the release from which on it counts.
const RAISED: &[(&str, u32)] =
    &[("InfromADUserCommon", 92), ("OuttoAADUserIdentity", 92), ("OuttoAADGroupJoin", 92), ("InfromADGroupCommon", 84)];

fn suffix(tag: &str, version: Version) -> u32 {
    let build = if (version.major, version.minor) >= (2, 6) { version.build.unwrap_or(0) } else { 0 };
    3 + u32::try_from(RAISED.iter().filter(|(stem, from)| *stem == tag && build >= *from).count()).unwrap_or(0)
}

/// The standard rules of a release for these connectors (Guids of the forests' connectors, and of the Entra connector).
pub fn standard(version: Version, forests: &[(String, String)], entra: &str, chance: &mut Generator) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (at, (_, connector)) in forests.iter().enumerate() {
        let offset = i64::try_from(at).unwrap_or(0) * 80;
        for standard in STANDARD {
            let (direction, connector, source, target, link) = match standard.shape {
                Shape::FromAd(s, t, l) => (Direction::Inbound, connector.as_str(), s, t, l),
                Shape::ToAd(s, t, l) => (Direction::Outbound, connector.as_str(), s, t, l),
                Shape::FromEntra(s, t, l) if at == 0 => (Direction::Inbound, entra, s, t, l),
                Shape::ToEntra(s, t, l) if at == 0 => (Direction::Outbound, entra, s, t, l),
                Shape::FromEntra(..) | Shape::ToEntra(..) => continue,
            };
            rules.push(Rule {
                identifier: chance.guid(),
                name: standard.name.to_owned(),
                tag: format!("Microsoft.{}.{:03}", standard.tag, suffix(standard.tag, version)),
                direction,
                precedence: standard.precedence + offset,
                disabled: false,
                connector: connector.to_owned(),
                source: source.to_owned(),
                target: target.to_owned(),
                link: link.to_owned(),
                description: String::new(),
                flows: standard.flows(),
                scopes: Vec::new(),
                joins: Vec::new(),
                affects: if standard.affects() { 100 } else { 0 },
            });
        }
    }
    rules.sort_by_key(|rule| rule.precedence);
    rules
}

/// Whether an upgrade from one release to another brings changed standard rules (then a full synchronization follows).
pub fn changed_between(from: Version, to: Version) -> bool {
    RAISED.iter().any(|(tag, _)| suffix(tag, from) != suffix(tag, to))
}

/// A custom rule that writes one attribute of users.
pub fn custom(name: &str, precedence: i64, connector: &str, affects: u64, chance: &mut Generator) -> Rule {
    Rule {
        identifier: chance.guid(),
        name: name.to_owned(),
        tag: String::new(),
        direction: Direction::Inbound,
        precedence,
        disabled: false,
        connector: connector.to_owned(),
        source: "user".to_owned(),
        target: "person".to_owned(),
        link: "Join".to_owned(),
        description: String::new(),
        flows: vec![Flow {
            destination: "extensionAttribute15".to_owned(),
            source: "\"Staff\"".to_owned(),
            kind: "Constant".to_owned(),
        }],
        scopes: Vec::new(),
        joins: Vec::new(),
        affects,
    }
}
