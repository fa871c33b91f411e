//! The scheduler: when a cycle starts, what holds it back, what a start or a stop is answered with.

use chrono::TimeDelta;

use super::Around;
use super::cycle::Cycle;
use super::server::{Blocked, Blocker, Product, Requested, Server, ServiceStatus};
use super::settings::Policy;
use crate::Time;

/// Why a cycle cannot be started, in the order in which the product looks (cmdlets.md 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotStart {
    /// SchedulerSuspended
    Suspended,
    /// A connector runs
    Busy(String),
    /// A start is under way
    Requested,
    /// A cycle runs, between two steps
    Running,
    /// The service is going down
    ShuttingDown,
    /// The wizard is open
    WizardOpen,
}

impl CannotStart {
    /// The product's words.
    pub fn message(&self) -> String {
        match self {
            Self::Suspended => "Scheduler is already suspended via global parameters.".to_owned(),
            Self::Busy(connector) => format!("Connector: {connector} is busy."),
            Self::Requested => {
                "A sync cycle has already being requested. Cannot start a new run till this one completes.".to_owned()
            }
            Self::Running => "Sync is already running. Cannot start a new run till this one completes.".to_owned(),
            Self::ShuttingDown => "Scheduler is shutting down. Please start the sync service again.".to_owned(),
            Self::WizardOpen => "Azure AD Connect scheduler is unable to start a new sync cycle because Azure AD Connect wizard is open. Please close the wizard if it is not in use.".to_owned(),
        }
    }
}

/// How long the scheduler waits between its tries to hear the tenant's interval, in seconds.
const CLOUD_RETRIES: [i64; 3] = [5, 10, 20];

impl Product {
    /// When the scheduler does something next.
    pub(super) fn scheduler_due(&self) -> Option<Time> {
        if self.service.status != ServiceStatus::Running {
            return None;
        }
        if let Some(requested) = &self.requested {
            return Some(requested.at);
        }
        match (&self.cycle, &self.blocked) {
            (Some(_), _) => None,
            (None, _) if self.frozen => None,
            (None, Some(blocked)) => Some(blocked.retry),
            (None, None) => Some(self.scheduler.next_start),
        }
    }
}

impl Server {
    /// What stands against a cycle now.
    pub fn cannot_start(&self) -> Option<CannotStart> {
        let product = self.product.as_ref()?;
        if product.scheduler.suspended {
            Some(CannotStart::Suspended)
        } else if let Some(active) = &product.active {
            Some(CannotStart::Busy(active.connector.clone()))
        } else if product.requested.is_some() {
            Some(CannotStart::Requested)
        } else if product.cycle.is_some() {
            Some(CannotStart::Running)
        } else if product.service.status == ServiceStatus::StopPending {
            Some(CannotStart::ShuttingDown)
        } else if self.wizard_holds_mutex() {
            Some(CannotStart::WizardOpen)
        } else {
            None
        }
    }

    /// Asks for a cycle: it begins one to three seconds later.
    pub fn request_cycle(&mut self, policy: Policy, now: Time) -> Result<(), CannotStart> {
        if let Some(why) = self.cannot_start() {
            return Err(why);
        }
        let wait = self.chance.between(1_000, 3_000);
        if let Some(product) = self.product.as_mut() {
            product.requested = Some(Requested { at: now + wait, policy });
        }
        Ok(())
    }

    /// Stops the cycle: the step under way ends in 2 to 10 s, the later ones are left out.
    pub fn stop_cycle(&mut self, now: Time) {
        let wait = self.chance.between(2_000, 10_000);
        let Some(product) = self.product.as_mut() else { return };
        product.requested = None;
        let Some(cycle) = product.cycle.as_mut() else { return };
        cycle.stopping = true;
        if let Some(active) = product.active.as_mut() {
            active.ends = active.ends.min(now + wait);
            active.cut = Some("stopped-user-termination-from-wmi-or-ui".to_owned());
        }
    }

    /// The scheduler's moment has come.
    pub(super) fn scheduler_tick(&mut self, around: &mut Around) {
        let now = around.now;
        let wizard = self.wizard_holds_mutex();
        let cloud = self.refusal(around.cloud, now).is_none();
        let Some(product) = self.product.as_mut() else { return };
        if let Some(requested) = product.requested.take() {
            if wizard {
                self.host.log.narrate(now, CannotStart::WizardOpen.message());
                return;
            }
            if std::mem::take(&mut self.abandoned) {
                self.host.log.narrate(now, "Obtained an abandoned wizardSchedulerMutex.");
            }
            Cycle::begin(self, requested.policy, around);
            return;
        }
        if !product.scheduler.enabled {
            product.blocked = None;
            product.scheduler.next_start = now + product.scheduler.effective();
            self.maintain(around);
            return;
        }
        let since = product.scheduler.next_start;
        let blocker = if product.scheduler.suspended {
            Some(Blocker::Suspended)
        } else if wizard {
            Some(Blocker::Wizard)
        } else {
            None
        };
        if let Some(by) = blocker {
            let retry = now + product.scheduler.effective();
            product.blocked = Some(Blocked { since, by, retry, tries: 0 });
            let message = if by == Blocker::Wizard {
                format!(
                    "Azure AD Connect scheduler is unable to start a new sync cycle since {} because Azure AD Connect wizard is open. Please close the wizard if it is not in use.",
                    since.format("%m/%d/%Y %H:%M:%S")
                )
            } else {
                "Scheduler is already suspended via global parameters.".to_owned()
            };
            self.host.log.narrate(now, message);
            return;
        }
        if product.active.is_some() {
            // A single run profile is under way: the cycle waits for it.
            product.blocked = None;
            product.scheduler.next_start = now + TimeDelta::seconds(30);
            return;
        }
        if cloud {
            product.scheduler.allowed = around.cloud.allowed_interval;
        } else {
            let tries =
                product.blocked.as_ref().filter(|blocked| blocked.by == Blocker::Cloud).map_or(0, |blocked| blocked.tries);
            if let Some(wait) = CLOUD_RETRIES.get(usize::try_from(tries).unwrap_or(usize::MAX)) {
                let retry = now + TimeDelta::seconds(*wait);
                product.blocked = Some(Blocked { since, by: Blocker::Cloud, retry, tries: tries + 1 });
                self.host
                    .log
                    .narrate(now, format!("There was an issue obtaining cloud sync intervals. It is tried again in {wait} s."));
                return;
            }
            self.host.log.narrate(now, "There was an issue obtaining cloud sync intervals. The last known interval is used.");
        }
        if std::mem::take(&mut self.abandoned) {
            self.host.log.narrate(now, "Obtained an abandoned wizardSchedulerMutex.");
        }
        let Some(product) = self.product.as_mut() else { return };
        product.blocked = None;
        let policy = product.scheduler.next_policy;
        Cycle::begin(self, policy, around);
    }

    /// Something that held a cycle back may be gone: look again shortly.
    pub(super) fn look_again(&mut self, now: Time) {
        if let Some(blocked) = self.product.as_mut().and_then(|product| product.blocked.as_mut()) {
            blocked.retry = blocked.retry.min(now + TimeDelta::seconds(5));
        }
    }
}
