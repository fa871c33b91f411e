//! What a server is configured to do: the scheduler's own values, the options of the wizard, and the global settings they are kept in.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::wire;
use crate::Time;
use crate::powershell::tree::format_timespan;

/// SynchronizationPolicyType
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// Delta
    Delta,
    /// Initial: full imports and full synchronizations
    Initial,
}

impl Policy {
    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delta => "Delta",
            Self::Initial => "Initial",
        }
    }
}

/// The scheduler's values of one server (scheduler.md 1.1).
#[allow(clippy::struct_excessive_bools, reason = "they are the product's own settings, each on its own")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulerSettings {
    /// AllowedSyncCycleInterval as last heard from the tenant
    #[serde(with = "wire::span")]
    pub allowed: TimeDelta,
    /// CustomizedSyncCycleInterval
    #[serde(with = "wire::span_option")]
    pub customized: Option<TimeDelta>,
    /// NextSyncCyclePolicyType
    pub next_policy: Policy,
    /// NextSyncCycleStartTimeInUTC
    pub next_start: Time,
    /// PurgeRunHistoryInterval
    #[serde(with = "wire::span")]
    pub purge: TimeDelta,
    /// SyncCycleEnabled
    pub enabled: bool,
    /// MaintenanceEnabled
    pub maintenance: bool,
    /// StagingModeEnabled
    pub staging: bool,
    /// SchedulerSuspended
    pub suspended: bool,
}

impl SchedulerSettings {
    /// CurrentlyEffectiveSyncCycleInterval
    pub fn effective(&self) -> TimeDelta {
        self.customized.filter(|custom| *custom >= self.allowed).unwrap_or(self.allowed)
    }
}

/// The scheduler's settings that some descriptions call the tenant's own (scheduler.md 1.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedScheduler {
    /// CustomizedSyncCycleInterval
    #[serde(with = "wire::span_option")]
    pub customized: Option<TimeDelta>,
    /// PurgeRunHistoryInterval
    #[serde(with = "wire::span")]
    pub purge: TimeDelta,
    /// SyncCycleEnabled
    pub enabled: bool,
    /// MaintenanceEnabled
    pub maintenance: bool,
}

impl SchedulerSettings {
    /// What a shared scheduler configuration holds: everything but staging mode and what follows from the cycles.
    pub fn shared(&self) -> SharedScheduler {
        SharedScheduler { customized: self.customized, purge: self.purge, enabled: self.enabled, maintenance: self.maintenance }
    }

    /// Takes over what another server was set to.
    pub fn share(&mut self, shared: &SharedScheduler) {
        self.customized = shared.customized;
        self.purge = shared.purge;
        self.enabled = shared.enabled;
        self.maintenance = shared.maintenance;
    }
}

/// How users sign in, in an exported policy's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignIn {
    /// Password hash synchronization
    PasswordHashSynchronization,
    /// Pass-through authentication
    PassthroughAuthentication,
    /// Federation with AD FS
    ADFSFederation,
    /// Federation with PingFederate
    PingFederation,
    /// Do not configure
    ExternallyManaged,
}

impl SignIn {
    /// All methods.
    pub const ALL: [Self; 5] = [
        Self::PasswordHashSynchronization,
        Self::PassthroughAuthentication,
        Self::ADFSFederation,
        Self::PingFederation,
        Self::ExternallyManaged,
    ];

    /// The policy's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordHashSynchronization => "PasswordHashSynchronization",
            Self::PassthroughAuthentication => "PassthroughAuthentication",
            Self::ADFSFederation => "ADFSFederation",
            Self::PingFederation => "PingFederation",
            Self::ExternallyManaged => "ExternallyManaged",
        }
    }

    /// By the policy's word or its usual abbreviation (`PHS`, `PTA`), without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "PHS" => Some(Self::PasswordHashSynchronization),
            "PTA" => Some(Self::PassthroughAuthentication),
            "ADFS" => Some(Self::ADFSFederation),
            "NONE" => Some(Self::ExternallyManaged),
            _ => Self::ALL.into_iter().find(|method| method.name().eq_ignore_ascii_case(text)),
        }
    }
}

/// A feature of the page *Optional features*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Feature {
    /// Password hash synchronization
    PasswordHashSync,
    /// Password writeback
    PasswordWriteback,
    /// Group writeback
    GroupWriteback,
    /// Device writeback
    DeviceWriteback,
    /// User writeback
    UserWriteback,
    /// Directory extension attribute sync
    DirectoryExtension,
    /// Exchange hybrid deployment
    HybridExchange,
}

impl Feature {
    /// All features, in the order of facts.md.
    pub const ALL: [Self; 7] = [
        Self::PasswordHashSync,
        Self::PasswordWriteback,
        Self::GroupWriteback,
        Self::DeviceWriteback,
        Self::UserWriteback,
        Self::DirectoryExtension,
        Self::HybridExchange,
    ];

    /// The name in facts.md.
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordHashSync => "PasswordHashSync",
            Self::PasswordWriteback => "PasswordWriteback",
            Self::GroupWriteback => "GroupWriteback",
            Self::DeviceWriteback => "DeviceWriteback",
            Self::UserWriteback => "UserWriteback",
            Self::DirectoryExtension => "DirectoryExtension",
            Self::HybridExchange => "HybridExchange",
        }
    }

    /// The name in the global settings (structures.md 5.5).
    pub fn setting(self) -> &'static str {
        match self {
            Self::GroupWriteback => "GroupWriteBack",
            Self::DeviceWriteback => "DeviceWriteBack",
            Self::UserWriteback => "UserWriteBack",
            other => other.name(),
        }
    }

    /// By name, without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name().eq_ignore_ascii_case(text))
    }
}

/// The wizard's options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// How users sign in
    pub sign_in: SignIn,
    /// Seamless single sign-on
    pub desktop_sso: bool,
    /// Features that are ticked
    pub features: std::collections::BTreeSet<Feature>,
    /// `mS-DS-ConsistencyGuid` or `objectGUID`
    pub source_anchor: String,
    /// `userPrincipalName`
    pub user_principal_name: String,
    /// The server's own copy of the deletion threshold, 0 is off
    pub deletion_threshold: u64,
    /// Automatic upgrade
    pub auto_upgrade: AutoUpgrade,
}

/// AutoUpgradeState
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AutoUpgrade {
    /// Enabled
    Enabled,
    /// Disabled
    Disabled,
    /// Suspended by the product, with its reason
    Suspended(String),
}

impl AutoUpgrade {
    /// As printed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::Suspended(_) => "Suspended",
        }
    }

    /// SuspensionReason; empty where it is not suspended
    pub fn reason(&self) -> &str {
        if let Self::Suspended(reason) = self { reason } else { "" }
    }
}

impl Options {
    /// What Express settings choose.
    pub fn express() -> Self {
        Self {
            sign_in: SignIn::PasswordHashSynchronization,
            desktop_sso: false,
            features: [Feature::PasswordHashSync].into(),
            source_anchor: "mS-DS-ConsistencyGuid".to_owned(),
            user_principal_name: "userPrincipalName".to_owned(),
            deletion_threshold: 500,
            auto_upgrade: AutoUpgrade::Enabled,
        }
    }
}

/// The global settings' parameters (structures.md 5.5): names and values, all text. `next_start` is of the server's clock.
pub fn parameters(scheduler: &SchedulerSettings, options: &Options, next_start: Time) -> Vec<(String, String)> {
    let word = |value: bool| if value { "True" } else { "False" }.to_owned();
    let mut list = vec![
        ("Microsoft.Synchronize.SynchronizationSchedule".to_owned(), word(scheduler.enabled)),
        ("Microsoft.Synchronize.MaintenanceEnabled".to_owned(), word(scheduler.maintenance)),
        ("Microsoft.Synchronize.SchedulerSuspended".to_owned(), word(scheduler.suspended)),
        ("Microsoft.Synchronize.SynchronizationPolicy".to_owned(), scheduler.next_policy.name().to_owned()),
        ("Microsoft.Synchronize.TimeInterval".to_owned(), format_timespan(scheduler.effective())),
        ("Microsoft.Synchronize.NextStartTime".to_owned(), next_start.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        ("Microsoft.Synchronize.RunHistoryPurgeInterval".to_owned(), format_timespan(scheduler.purge)),
        ("Microsoft.Synchronize.StagingMode".to_owned(), word(scheduler.staging)),
        ("Microsoft.Synchronize.ServerConfigurationVersion".to_owned(), "1.0".to_owned()),
    ];
    for feature in Feature::ALL {
        list.push((format!("Microsoft.OptionalFeature.{}", feature.setting()), word(options.features.contains(&feature))));
    }
    list.extend([
        ("Microsoft.OptionalFeature.ExportDeletionThreshold".to_owned(), word(options.deletion_threshold > 0)),
        ("Microsoft.OptionalFeature.ExportDeletionThresholdValue".to_owned(), options.deletion_threshold.to_string()),
        ("Microsoft.OptionalFeature.AutoUpgradeState".to_owned(), options.auto_upgrade.name().to_owned()),
        ("Microsoft.OptionalFeature.AutoUpgradeSuspensionReason".to_owned(), options.auto_upgrade.reason().to_owned()),
        ("Microsoft.SynchronizationOption.JoinCriteria".to_owned(), "AlwaysProvision".to_owned()),
        ("Microsoft.SynchronizationOption.AnchorAttribute".to_owned(), options.source_anchor.clone()),
        ("Microsoft.SynchronizationOption.UPNAttribute".to_owned(), options.user_principal_name.clone()),
        ("Microsoft.UserSignIn.SignOnMethod".to_owned(), options.sign_in.name().to_owned()),
        ("Microsoft.UserSignIn.DesktopSsoEnabled".to_owned(), word(options.desktop_sso)),
        ("Microsoft.SystemInformation.MachineRole".to_owned(), "RoleMemberServer".to_owned()),
        ("Microsoft.Version.SynchronizationRuleImmutableTag".to_owned(), "V1".to_owned()),
    ]);
    list
}
