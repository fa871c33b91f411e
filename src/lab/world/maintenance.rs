//! What the scheduler maintains at the end of each cycle: the run history, and the application's certificate.

use chrono::TimeDelta;

use super::Around;
use super::connector::Kind;
use super::eventlog::{Level, Source};
use super::server::Server;
use crate::Time;
use crate::lab::fault::Fault;

/// From here on a certificate is rotated, and its end is warned of.
const ROTATED: TimeDelta = TimeDelta::days(150);
/// How long a new certificate holds.
const VALID: TimeDelta = TimeDelta::days(180);

impl Server {
    /// Maintenance, where it is enabled (scheduler.md 1.1, cmdlets.md 2.4).
    pub(super) fn maintain(&mut self, around: &Around) {
        let now = around.now;
        let rotates = !self.has(Fault::CertificateExpiring);
        let without_tpm = self.has(Fault::CertificateWithoutTpm);
        let Some(product) = self.product.as_mut().filter(|product| product.scheduler.maintenance) else { return };
        product.history.purge(now, product.scheduler.purge);
        let identity = &mut product.identity;
        let Some(expires) = identity.expires.filter(|_| identity.application) else { return };
        if identity.checked.is_some_and(|checked| now - checked < TimeDelta::days(1)) {
            return;
        }
        identity.checked = Some(now);
        let log = &mut self.host.log;
        let mut warn = |id, level, text: String| log.write(now, Source::DirectorySynchronization, id, level, text);
        let (name, day) = (&identity.name, expires.format("%Y-%m-%d"));
        if without_tpm {
            warn(1_014, Level::Warning, format!("The key of the certificate of {name} is not protected by a TPM."));
        }
        if expires <= now {
            warn(1_012, Level::Error, format!("The certificate of {name} expired on {day}."));
        } else if expires - now <= ROTATED && rotates {
            identity.expires = Some(now + VALID);
        } else if expires - now <= ROTATED {
            let days = (expires - now).num_days();
            warn(
                1_011,
                Level::Warning,
                format!("The certificate of {name} expires on {day}, in {days} days. Its rotation failed."),
            );
        }
    }

    /// Whether the application's certificate is no longer valid.
    pub(super) fn certificate_expired(&self, now: Time) -> bool {
        let identity = self.product.as_ref().map(|product| &product.identity);
        identity.is_some_and(|identity| identity.application && identity.expires.is_some_and(|expires| expires <= now))
    }

    /// What the event log says at each start where a connector's assembly is older than the one on the disk; whether there is such a
    /// connector.
    pub(in crate::lab) fn warn_of_assemblies(&mut self, now: Time) -> bool {
        let has_ldap = |connector: &super::connector::Connector| connector.kind == Kind::GenericLdap;
        let found = self.product.as_ref().is_some_and(|product| product.connectors.iter().any(has_ldap));
        if found {
            self.host.log.write(now, Source::AdSync, 6_947, Level::Warning, super::run::OLD_ASSEMBLY);
        }
        found
    }
}
