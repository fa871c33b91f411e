//! Conditional Access in the tenant, and what stands against a server's sign-in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cloud::Cloud;
use super::server::Server;
use crate::Time;
use crate::lab::fault::Fault;

/// A Conditional Access policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPolicy {
    /// Its name
    pub name: String,
    /// Whether it is enforced
    pub state: PolicyState,
    /// Whom it stops
    pub stops: Stops,
    /// Identities that are excluded
    pub excluded: BTreeSet<String>,
}

/// Enable policy
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyState {
    /// On
    Enabled,
    /// Report-only: it is written down whom it would have stopped
    ReportOnly,
    /// Off
    Disabled,
}

impl PolicyState {
    /// As the portal shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::ReportOnly => "report-only",
            Self::Disabled => "disabled",
        }
    }
}

/// Whom a policy stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stops {
    /// Who signs in from where that host is
    Location(String),
    /// Synchronization accounts that do not prove a second factor. An application has none to prove: it is not asked.
    WithoutMfa,
    /// Everybody who is not excluded
    Everybody,
}

/// Why the tenant, or the way to it, does not let a server sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Outbound 443 is blocked
    Unreachable,
    /// The application's certificate has expired
    CertificateExpired,
    /// The application has another server's certificate
    CertificateUnknown,
    /// A policy blocks it
    Blocked,
    /// A policy demands a second factor
    WithoutMfa,
}

impl Refusal {
    /// The words of the tenant.
    pub fn message(self) -> &'static str {
        match self {
            Self::Unreachable => "Unable to connect to the remote server.",
            Self::CertificateExpired => {
                "AADSTS700027: The certificate with identifier used to sign the client assertion is expired on application."
            }
            Self::CertificateUnknown => {
                "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application."
            }
            Self::Blocked => {
                "AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
            }
            Self::WithoutMfa => {
                "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication to access the tenant."
            }
        }
    }

    /// The result of a run that needs the tenant.
    pub fn result(self) -> &'static str {
        if self == Self::Unreachable { "stopped-connectivity" } else { "stopped-extension-dll-exception" }
    }

    /// Whether it is a policy's.
    pub fn is_of_a_policy(self) -> bool {
        matches!(self, Self::Blocked | Self::WithoutMfa)
    }
}

impl AccessPolicy {
    /// What it has against a sign-in from a host, whether or not it is enforced.
    fn against(&self, host: &str, identity: &str, proves: SecondFactor) -> Option<Refusal> {
        if self.excluded.iter().any(|known| known.eq_ignore_ascii_case(identity)) {
            return None;
        }
        match &self.stops {
            Stops::Location(place) => place.eq_ignore_ascii_case(host).then_some(Refusal::Blocked),
            Stops::WithoutMfa => (proves == SecondFactor::CannotProve).then_some(Refusal::WithoutMfa),
            Stops::Everybody => Some(Refusal::Blocked),
        }
    }
}

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SecondFactor {
    /// A person at the screen proves it; an application is not asked
    NoMatter,
    /// A service account cannot
    CannotProve,
}

impl Cloud {
    /// A policy by its name.
    pub fn policy_mut(&mut self, name: &str) -> Option<&mut AccessPolicy> {
        self.policies.iter_mut().find(|policy| policy.name.eq_ignore_ascii_case(name))
    }

    fn refuses(&self, host: &str, identity: &str, proves: SecondFactor) -> Option<Refusal> {
        let mut enforced = self.policies.iter().filter(|policy| policy.state == PolicyState::Enabled);
        enforced.find_map(|policy| policy.against(host, identity, proves))
    }
}

impl Server {
    /// What stands against its service's sign-in to the tenant now.
    pub fn refusal(&self, cloud: &Cloud, now: Time) -> Option<Refusal> {
        let identity = &self.product.as_ref()?.identity;
        if !self.reaches_cloud() {
            return Some(Refusal::Unreachable);
        }
        if self.certificate_expired(now) {
            return Some(Refusal::CertificateExpired);
        }
        if self.has(Fault::SharedApplication) {
            return Some(Refusal::CertificateUnknown);
        }
        let proves = if identity.application { SecondFactor::NoMatter } else { SecondFactor::CannotProve };
        cloud.refuses(&self.host.name, &identity.name, proves)
    }

    /// What stands against a person's sign-in in its wizard: the second factor is proved at the screen.
    pub(super) fn person_refused(&self, user: &str, cloud: &Cloud) -> Option<Refusal> {
        if self.reaches_cloud() {
            cloud.refuses(&self.host.name, user, SecondFactor::NoMatter)
        } else {
            Some(Refusal::Unreachable)
        }
    }

    /// Whether a policy stops its service.
    pub(in crate::lab) fn stopped_by_policy(&self, cloud: &Cloud) -> bool {
        let identity = self.product.as_ref().map(|product| &product.identity);
        identity.is_some_and(|identity| {
            let proves = if identity.application { SecondFactor::NoMatter } else { SecondFactor::CannotProve };
            cloud.refuses(&self.host.name, &identity.name, proves).is_some()
        })
    }
}
