//! Makes the objects that cmdlets return: their .NET types, enums with their numbers, counts.

use crate::lab::shell::{Item, Object};
use crate::lab::world::rules::Direction;
use crate::lab::world::settings::{AutoUpgrade, Policy};

/// The namespace of ADSync's objects.
pub(super) const MODEL: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel";

/// The .NET name of the policy's enum.
pub(super) const POLICY_TYPE: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel.SynchronizationPolicyType";
/// Its members.
pub(super) const POLICIES: &[(&str, i64)] = &[("Unspecified", 0), ("Delta", 1), ("Initial", 2)];

/// An empty object of ADSync's model.
pub(super) fn model(name: &str) -> Object {
    Object::new(format!("{MODEL}.{name}"))
}

/// A policy.
pub(super) fn policy(policy: Policy) -> Item {
    let number = if policy == Policy::Delta { 1 } else { 2 };
    Item::member(POLICY_TYPE, policy.name(), number)
}

/// A direction.
pub(super) fn direction(direction: Direction) -> Item {
    let number = i64::from(direction == Direction::Outbound);
    Item::member("Microsoft.IdentityManagement.PowerShell.ObjectModel.SyncRuleDirection", direction.name(), number)
}

/// A link type.
pub(super) fn link(name: &str) -> Item {
    let number = ["Provision", "StickyJoin", "Join", "JoinNoFlow"].iter().position(|known| *known == name).unwrap_or(2);
    Item::member("Microsoft.IdentityManagement.PowerShell.ObjectModel.LinkType", name, i64::try_from(number).unwrap_or(2))
}

/// The state of automatic upgrade.
pub(super) fn auto_upgrade(state: &AutoUpgrade) -> Item {
    let number = match state {
        AutoUpgrade::Suspended(_) => 0,
        AutoUpgrade::Enabled => 1,
        AutoUpgrade::Disabled => 2,
    };
    Item::member("Microsoft.IdentityManagement.PowerShell.ObjectModel.AutoUpgradeConfigurationState", state.name(), number)
}

/// A count.
pub(super) fn count(value: u64) -> Item {
    Item::from(i64::try_from(value).unwrap_or(i64::MAX))
}

/// A text.
pub(super) fn text(value: impl Into<String>) -> Item {
    Item::from(value.into())
}

/// An array of texts.
pub(super) fn texts<'a>(values: impl IntoIterator<Item = &'a String>) -> Item {
    Item::array(values.into_iter().map(|value| text(value.as_str())).collect())
}
