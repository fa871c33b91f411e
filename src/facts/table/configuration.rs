//! The group `configuration`: settings, rules, scope, credentials. Read seldom: it changes only through the wizard.

use super::fact::Kind::{Bool, DateTime, Int, Text};
use super::fact::{Fact, Kind};
use crate::rb1::Group;

const fn row(path: &'static str, kind: Kind, source: &'static str, text: &'static str) -> Fact {
    Fact::read(Group::Configuration, &[Group::Configuration], path, kind, source, text)
}

const fn setting(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    row(path, kind, "Get-ADSyncGlobalSettings", text)
}

const fn rule(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    row(path, kind, "Get-ADSyncRule", text)
}

const fn scope(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    row(path, kind, "Get-ADSyncConnector, Partitions", text)
}

const fn credential(path: &'static str, kind: Kind, text: &'static str) -> Fact {
    row(path, kind, "Get-ADSyncEntraConnectorCredential", text)
}

pub(super) static ROWS: &[&[Fact]] = &[
    &[
        setting("SignIn.Method", Text, "How users sign in, in the exported policy's words"),
        setting("SignIn.DesktopSsoEnabled", Bool, "Seamless single sign-on"),
        setting("Features.PasswordHashSync", Bool, "Password hash synchronisation is chosen"),
        setting("Features.PasswordWriteback", Bool, "Password writeback is chosen"),
        setting("Features.GroupWriteback", Bool, "Group writeback is chosen"),
        setting("Features.DeviceWriteback", Bool, "Device writeback is chosen"),
        setting("Features.UserWriteback", Bool, "User writeback is chosen"),
        setting("Features.DirectoryExtension", Bool, "Directory extensions are chosen"),
        setting("Features.HybridExchange", Bool, "Exchange hybrid deployment is chosen"),
        setting("SourceAnchor", Text, "The attribute that ties a user to the cloud for ever").or_null(),
        setting("UserPrincipalNameAttribute", Text, "The attribute that users sign in with").or_null(),
        setting("DeletionThreshold", Int, "The server's copy of the deletion limit, 0 is off; not seen on a real server"),
    ],
    &[
        row("AutoUpgrade.State", Text, "Get-ADSyncAutoUpgrade", "Enabled, Disabled or Suspended"),
        row("AutoUpgrade.SuspensionReason", Text, "Get-ADSyncAutoUpgrade -Detail", "Why it is suspended").or_null(),
        row("MachineId", Text, "registry SyncMachineIdentifier", "The installation's identity: two servers with one are clones")
            .or_null(),
    ],
    &[
        rule("Rules[].Name", Text, "The rule's name"),
        rule("Rules[].ImmutableTag", Text, "A standard rule's tag with its version; null for a custom rule").or_null(),
        rule("Rules[].Direction", Text, "Inbound or Outbound"),
        rule("Rules[].Precedence", Int, "Its precedence: the lower wins"),
        rule("Rules[].Disabled", Bool, "Whether it is switched off"),
        rule("Rules[].IsStandardRule", Bool, "Whether Microsoft ships it"),
        rule("Rules[].ConnectorName", Text, "The connector it belongs to; null where that is gone").or_null(),
        rule("Rules[].Fingerprint", Text, "Hash of what the rule means, without identifiers"),
        Fact::derived(
            Group::Configuration,
            &[Group::Configuration],
            "Rules[].Changed",
            Bool,
            "Get-ADSyncRule",
            "A standard rule that differs from a baseline of its version; unknown without one (`baselines` in `lockstep.toml`), \
             null for a custom rule",
        )
        .or_null(),
    ],
    &[
        scope("Scope[].ConnectorName", Text, "The connector"),
        scope("Scope[].DN", Text, "The partition's distinguished name"),
        scope("Scope[].Selected", Bool, "Whether the partition is synchronised"),
        scope("Scope[].Inclusions[]", Text, "Containers that are in"),
        scope("Scope[].Exclusions[]", Text, "Containers below them that are out"),
    ],
    &[
        credential("EntraCredential.Type", Text, "How the server signs in to the tenant: an account or an application"),
        credential("EntraCredential.Application", Text, "The application's name or id").or_null(),
        credential("EntraCredential.Expires", DateTime, "When its certificate expires").or_null().unmoved(),
    ],
];
