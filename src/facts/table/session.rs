//! What is true of all servers together, and what the session captured.

use super::fact::Kind::{Any, DateTime, Double, Int, Text};
use super::fact::{Fact, Kind, Scope};
use crate::rb1::Group;

const fn pair(needs: &'static [Group], path: &'static str, kind: Kind, text: &'static str) -> Fact {
    Fact::session(Scope::Pair, needs, path, kind, "the two servers compared", text)
}

const fn captured(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    Fact::session(Scope::Captured, &[], path, kind, "the session", text)
}

const CONFIGURATION: &[Group] = &[Group::Configuration];

pub(super) static ROWS: &[&[Fact]] = &[
    &[
        pair(
            &[Group::Statistics],
            "$pair.ObjectCountDifferencePercent",
            Double,
            "Largest difference of TotalConnectors over the connectors that both have, in percent",
        ),
        pair(CONFIGURATION, "$pair.RuleDifferences[]", Text, "Names of rules that differ or that only one has"),
        pair(CONFIGURATION, "$pair.CustomRuleDifferences[]", Text, "The custom rules among them"),
        pair(CONFIGURATION, "$pair.ScopeDifferences[]", Text, "Partitions and containers that differ"),
        pair(CONFIGURATION, "$pair.SettingDifferences[]", Text, "Settings that differ"),
        pair(&[Group::Statistics], "$pair.MissingConnectors[]", Text, "Forests that only one of the two has"),
    ],
    &[
        Fact::session(
            Scope::Tenant,
            &[Group::Statistics],
            "$tenant.Name",
            Text,
            "the Entra connector's name",
            "The tenant's name",
        ),
        Fact::session(
            Scope::Tenant,
            CONFIGURATION,
            "$tenant.DeletionThreshold",
            Int,
            "the servers' local copies",
            "Deletion limit where all servers' copies agree, 0 is off; an isolated server that does not answer has no say",
        ),
    ],
    &[Fact::session(
        Scope::Findings,
        &Group::ALL,
        "$findings[]",
        Text,
        "the health rules",
        "Ids of the health rules that fire now",
    )],
    &[
        captured("$inputs.*", Any, "What was asked when the session began, as declared"),
        captured("$forms.*.*", Any, "A form's field, as declared; unknown until saved"),
        captured("$results.*", Any, "What a command returned under this name; unknown until it ran"),
        captured("$step.StartedAt", DateTime, "When the step was last opened, on the session's clock"),
    ],
];
