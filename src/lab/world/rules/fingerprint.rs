//! A rule's fingerprint: the hash of the very text that the agent makes of what `Get-ADSyncRule` returns (`Get-RbFingerprint` in
//! `assets/agent.ps1`), so that a baseline made in the lab and one made on a server are of one kind.

use sha2::{Digest, Sha256};

use super::{Flow, JoinCondition, Rule, ScopeCondition};

/// `SoftDeleteExpiryInterval` of every rule of the lab, no time at all, as the agent spells a TimeSpan of PowerShell 5.1.
const NO_TIME: &str = "{Days=0;Hours=0;Milliseconds=0;Minutes=0;Seconds=0;Ticks=0;TotalDays=0;TotalHours=0;TotalMilliseconds=0;TotalMinutes=0;TotalSeconds=0}";

/// An object: its properties by name.
fn object<const N: usize>(mut properties: [(&str, &str); N]) -> String {
    properties.sort_unstable();
    format!("{{{}}}", properties.map(|(name, value)| format!("{name}={value}")).join(";"))
}

/// An array: its elements in the order of their text.
fn array(elements: impl Iterator<Item = String>) -> String {
    let mut elements: Vec<String> = elements.collect();
    elements.sort_unstable();
    format!("[{}]", elements.join("|"))
}

fn flow(flow: &Flow) -> String {
    object([("Destination", &flow.destination), ("FlowType", &flow.kind), ("Source", &flow.source)])
}

fn scope(scope: &ScopeCondition) -> String {
    object([("Attribute", &scope.attribute), ("ComparisonOperator", &scope.operator), ("ComparisonValue", &scope.value)])
}

fn join(join: &JoinCondition) -> String {
    object([("CSAttribute", &join.source), ("CaseSensitive", &join.case_sensitive), ("MVAttribute", &join.destination)])
}

/// Groups of conditions, each an object with one list.
fn groups<T>(list: &str, groups: &[Vec<T>], condition: fn(&T) -> String) -> String {
    array(groups.iter().map(|group| object([(list, &array(group.iter().map(condition)))])))
}

impl Rule {
    /// What the rule does, without what differs between two servers by itself: no name, no tag, no precedence, no identifiers.
    fn meaning(&self) -> String {
        [
            ("Direction", self.direction.name().to_owned()),
            ("SourceObjectType", self.source.clone()),
            ("TargetObjectType", self.target.clone()),
            ("LinkType", self.link.clone()),
            ("EnablePasswordSync", if self.syncs_passwords() { "True" } else { "False" }.to_owned()),
            ("SoftDeleteExpiryInterval", NO_TIME.to_owned()),
            ("JoinFilter", groups("JoinConditionList", &self.joins, join)),
            ("ScopeFilter", groups("ScopeConditionList", &self.scopes, scope)),
            ("AttributeFlowMappings", array(self.flows.iter().map(flow))),
        ]
        .map(|(name, text)| format!("{name}={text}"))
        .join("\n")
    }

    /// SHA-256 of its meaning, in lower case.
    pub fn fingerprint(&self) -> String {
        crate::text::hex(&Sha256::digest(self.meaning().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::world::generator::Generator;
    use crate::lab::world::rules::custom;

    const AGENT: &str = include_str!("../../../../assets/agent.ps1");

    #[test]
    fn it_is_of_the_properties_that_the_agent_reads() {
        let rule = custom("Staff", 50, "", 100, &mut Generator::new(1, "EC01"));
        let names: Vec<String> =
            rule.meaning().lines().map(|line| format!("'{}'", line.split('=').next().unwrap_or_default())).collect();
        assert!(AGENT.contains(&format!("foreach ($n in {}) {{", names.join(", "))), "{names:?}");
        assert!(
            rule.meaning()
                .ends_with("AttributeFlowMappings=[{Destination=extensionAttribute15;FlowType=Constant;Source=\"Staff\"}]")
        );
    }

    #[test]
    fn name_and_precedence_do_not_count_and_conditions_do() {
        let chance = &mut Generator::new(1, "EC01");
        let rule = custom("Staff", 50, "a", 100, chance);
        assert_eq!(custom("Other", 60, "b", 100, chance).fingerprint(), rule.fingerprint());
        let condition = ScopeCondition { attribute: "department".into(), value: "Sales".into(), operator: "EQUAL".into() };
        let scoped = Rule { scopes: vec![vec![condition]], ..rule.clone() };
        assert!(scoped.meaning().contains(
            "ScopeFilter=[{ScopeConditionList=[{Attribute=department;ComparisonOperator=EQUAL;ComparisonValue=Sales}]}]"
        ));
        assert_ne!(scoped.fingerprint(), rule.fingerprint());
        assert_eq!(rule.fingerprint().len(), 64);
    }
}
