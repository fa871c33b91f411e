//! What can be wrong with a server: each fault is injected by its name and cured again.

mod cure;
mod inject;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use self::cure::cure;
pub use self::inject::inject;

use super::world::World;
use super::world::connector::Kind;
use super::world::directory::Flaw;
use super::world::rules::Rule;
use super::world::server::Product;
use crate::runbook::diagnostic::nearest;

macro_rules! faults {
    ($($variant:ident $name:literal $finding:literal $doc:literal;)*) => {
        /// A fault (lab.md 8.6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Fault {
            $(#[doc = $doc] #[serde(rename = $name)] $variant,)*
        }

        impl Fault {
            /// All faults.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name it is injected by.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it is, in words.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }

            /// The finding that it brings about, by its id; empty where it shows otherwise.
            pub fn finding(self) -> &'static str {
                match self { $(Self::$variant => $finding),* }
            }
        }
    };
}

faults! {
    WizardLeftOpen "wizard-left-open" "wizard-open" "Another administrator left the wizard open in a disconnected session.";
    SuspendedLeak "suspended-leak" "scheduler-suspended" "SchedulerSuspended stays set after an upgrade.";
    SchedulerFrozen "scheduler-frozen" "scheduler-frozen" "The scheduler is stuck in the past until the service is restarted.";
    ServiceStopped "service-stopped" "service-not-running" "The ADSync service crashed.";
    ServiceManual "service-manual" "service-start-type" "The ADSync service starts by hand only.";
    ServiceWillNotStart "service-will-not-start" "service-not-running" "An edited miiserver.exe.config keeps the service from starting.";
    SchedulerDisabled "scheduler-disabled" "scheduler-disabled-on-staging" "SyncCycleEnabled was set to False and forgotten.";
    Reboot "reboot" "reboot-in-cycle" "The machine restarts now, inside a cycle if one runs.";
    ClockSkew "clock-skew" "clock-skew" "The machine's clock is six minutes ahead.";
    DirectoryConnection "directory-connection" "run-failed" "The domain controller refuses connections (no-start-connection).";
    DomainControllerDown "domain-controller-down" "run-failed" "No domain controller can be reached.";
    CloudBlocked "cloud-blocked" "cloud-sign-in-broken" "Outbound 443 is blocked.";
    ConditionalAccess "conditional-access" "cloud-sign-in-broken" "A Conditional Access policy blocks this server's sign-in to the tenant.";
    CertificateExpiring "certificate-expiring" "certificate-expiry" "The application's certificate ends in twenty days and is not rotated (event 1011).";
    CertificateExpired "certificate-expired" "certificate-expiry" "The application's certificate has expired (event 1012).";
    CertificateWithoutTpm "certificate-without-tpm" "certificate-expiry" "The certificate's key is not held by a TPM (event 1014).";
    ExportErrors "export-errors" "export-errors" "Three users that Entra ID refuses; the active server shows it.";
    PermissionIssue "permission-issue" "permission-issue" "The account of the AD connector has no rights on some users (8344).";
    OuMissing "ou-missing" "scope-drift" "An organizational unit is not ticked on this server.";
    RuleMissing "rule-missing" "rule-drift" "A custom rule that the other server has is missing here.";
    RuleDisabled "rule-disabled" "rule-drift" "A standard rule is disabled here.";
    RuleEdited "rule-edited" "rule-drift" "A standard rule was edited in place here: the next upgrade resets it.";
    VersionBelowFloor "version-below-floor" "version-below-floor" "A build that Entra ID no longer lets synchronize.";
    WizardTooOld "wizard-too-old" "version-below-floor" "A build whose wizard can no longer sign in.";
    VersionSkew "version-skew" "version-skew" "An older build than the other server's.";
    AutoUpgradeFires "auto-upgrade" "auto-upgrade-on" "The product upgrades itself now.";
    OverridesPending "overrides-pending" "overrides-pending" "Full import and full synchronization are required.";
    PasswordsOff "passwords-off" "setting-drift" "Password hash synchronization is not ticked here.";
    PassThroughDisabled "pass-through-disabled" "setting-drift" "The sign-in page of this server switched pass-through authentication off for the tenant.";
    SharedApplication "shared-application" "shared-cloud-identity" "Two servers share one application: its certificates fight (AADSTS700027).";
    Clone "clone" "clone" "The machine is a clone of the first server.";
    OtherOperator "other-operator" "other-operator" "Another administrator has the Synchronization Service Manager open.";
    NoneActive "none-active" "none-active" "Staging mode was switched on here by mistake.";
    DualActive "dual-active" "dual-active" "Staging mode was switched off here by mistake.";
    Rogue "rogue" "dual-active" "Out of staging, without a domain controller: it writes old values again and again.";
    ManualExport "manual-export" "manual-export-in-staging" "Somebody runs the Export profile by hand.";
    ThresholdLowered "threshold-lowered" "deletion-limit-changed" "The tenant's deletion threshold is 10.";
    DatabaseFull "database-full" "database-nearly-full" "LocalDB has reached its 10 GB with a run history that nothing purged: every run stops (6073) until Start-ADSyncPurgeRunHistory.";
    NeverEndingCycle "never-ending-cycle" "cycle-too-long" "A synchronization run does not end.";
    ConnectorMissing "connector-missing" "connector-missing" "The Entra connector does not exist.";
    LdapAssemblyOld "ldap-assembly-old" "run-failed" "A Generic LDAP connector whose assembly is older (event 6947): its runs fail until it is refreshed.";
    RulePrecedence "rule-precedence" "rule-drift" "A custom rule has a precedence over 99: the settings file cannot be imported.";
    TlsOff "tls-off" "tls-off" "TLS 1.2 is switched off in the registry.";
    ConnectionSlow "connection-slow" "" "Every answer takes six seconds: what the screen shows is that much older.";
    ConnectionFlapping "connection-flapping" "" "Connections break after forty seconds: lost and made anew in the log of connections, and a command under way is interrupted.";
    Unreachable "unreachable" "standby-unreachable" "The machine cannot be reached.";
    CmdletHangs "cmdlet-hangs" "standby-unreachable" "The scheduler's cmdlet does not answer: the server's core facts grow old.";
    ModalDialog "modal-dialog" "cmdlet-failed" "A cmdlet wants to show a dialog.";
    GermanDates "german-dates" "" "The server prints dates as German ones do: in the output of commands, never in facts.";
    NineProperties "nine-properties" "" "Get-ADSyncScheduler shows nine properties, as early builds did: the other two are unknown.";
}

impl Fault {
    /// Whether it is of the machine and its connections, not of the product.
    pub fn is_of_the_machine(self) -> bool {
        matches!(
            self,
            Self::ClockSkew
                | Self::CloudBlocked
                | Self::ConnectionFlapping
                | Self::ConnectionSlow
                | Self::DirectoryConnection
                | Self::DomainControllerDown
                | Self::GermanDates
                | Self::Reboot
                | Self::TlsOff
                | Self::Unreachable
        )
    }

    /// Whether a cure also puts right what came about by other means (an administrator, a runbook, an upgrade).
    pub fn cures_what_is_found(self) -> bool {
        matches!(
            self,
            Self::SuspendedLeak
                | Self::SchedulerFrozen
                | Self::ServiceStopped
                | Self::ServiceManual
                | Self::SchedulerDisabled
                | Self::ClockSkew
                | Self::OuMissing
                | Self::RuleMissing
                | Self::RuleDisabled
                | Self::RuleEdited
                | Self::VersionSkew
                | Self::PasswordsOff
                | Self::AutoUpgradeFires
                | Self::DualActive
                | Self::OverridesPending
        )
    }

    /// By its name; the error says which was probably meant.
    pub fn named(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| {
            let near = nearest(text, Self::ALL.iter().map(|fault| fault.name()));
            let hint =
                near.map_or_else(|| "`lockstep lab faults` shows all".to_owned(), |near| format!("did you mean '{near}'?"));
            format!("'{text}' is no fault; {hint}")
        })
    }

    /// By its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name().eq_ignore_ascii_case(text))
    }
}

/// The latency of a slow connection.
const SLOW: TimeDelta = TimeDelta::seconds(6);
/// The users that Entra ID refuses, in the fault `export-errors`.
const REFUSED: [(&str, Flaw); 3] =
    [("Rita Duplicate", Flaw::Duplicate), ("Sven Softmatch", Flaw::SoftMatch), ("Hanna Hardmatch", Flaw::HardMatch)];
/// The custom rule that the other servers get where no server has one.
const CUSTOM_RULE: &str = "In from AD - User Custom Staff";
/// The custom rule with a precedence that no settings file takes.
const LATE_RULE: &str = "In from AD - User Late Rule";

/// Somebody else in the domain.
fn colleague(domain: &str) -> String {
    format!("{}\\bob", super::world::netbios(domain))
}

/// Editing a rule sets its connectors to a full synchronization.
fn require_full_sync(product: &mut Product) {
    for connector in product.connectors.iter_mut().filter(|connector| connector.kind == Kind::Forest) {
        connector.full_sync_required = true;
    }
}

/// Custom rules that other servers have and this one has not, each once.
fn missing_rules(world: &World, at: usize) -> Vec<Rule> {
    let own = |name: &str| world.servers[at].product.as_ref().is_some_and(|p| p.rules.iter().any(|rule| rule.name == name));
    let others = world.servers.iter().enumerate().filter(|(other, _)| *other != at);
    let rules = others.filter_map(|(_, server)| server.product.as_ref()).flat_map(|product| &product.rules);
    let mut missing: Vec<Rule> = Vec::new();
    for rule in rules.filter(|rule| !rule.is_standard() && !own(&rule.name)) {
        if !missing.iter().any(|known| known.name == rule.name) {
            missing.push(rule.clone());
        }
    }
    missing
}
