//! The ADSync service and the machine's power: starting, stopping, crashing, holding.

use chrono::TimeDelta;

use super::Around;
use super::eventlog::{Level, Source};
use super::server::{Power, Server, ServiceStatus, StartType};
use crate::Time;
use crate::lab::fault::Fault;

/// What an edited `miiserver.exe.config` does to the service after an upgrade.
pub(super) const WILL_NOT_START: &str = "The service could not be started. System.IO.FileLoadException: Could not load file or assembly 'System.Diagnostics.DiagnosticSource, Version=6.0.0.1'.";

/// Result of a run that the service's end cut.
const SHUT_DOWN: &str = "stopped-service-shutdown";

impl Server {
    /// Asks the service to start.
    pub fn start_service(&mut self, now: Time) -> Result<(), String> {
        let wait = self.chance.between(4_000, 9_000);
        let product = self.product.as_mut().ok_or("Cannot find any service with service name 'ADSync'.")?;
        if product.service.start_type == StartType::Disabled {
            return Err("Service 'Microsoft Azure AD Sync (ADSync)' cannot be started: it is disabled.".to_owned());
        }
        if product.service.status == ServiceStatus::Stopped {
            product.service.status = ServiceStatus::StartPending;
            product.service.due = Some(now + wait);
        }
        Ok(())
    }

    /// Asks the service to stop; `again` to start it afterwards.
    pub fn stop_service(&mut self, now: Time, again: bool) -> Result<(), String> {
        let wait = self.chance.between(2_000, 6_000);
        let product = self.product.as_mut().ok_or("Cannot find any service with service name 'ADSync'.")?;
        match product.service.status {
            ServiceStatus::Running | ServiceStatus::StartPending => {
                product.service.status = ServiceStatus::StopPending;
                product.service.due = Some(now + wait);
                product.service.again = again;
            }
            ServiceStatus::StopPending => product.service.again |= again,
            ServiceStatus::Stopped if again => self.start_service(now)?,
            ServiceStatus::Stopped => {}
        }
        Ok(())
    }

    /// The service dies at once, without a word.
    pub fn crash_service(&mut self, around: &mut Around) {
        self.drop_runs(around, "stopped-server");
        if let Some(product) = self.product.as_mut() {
            product.service.status = ServiceStatus::Stopped;
            product.service.due = None;
        }
        self.settle_passwords(around);
    }

    /// A pending state of the service is over.
    pub(super) fn service_due(&mut self, around: &mut Around) {
        let now = around.now;
        let will_not_start = self.has(Fault::ServiceWillNotStart);
        let Some(product) = self.product.as_mut() else { return };
        product.service.due = None;
        match product.service.status {
            ServiceStatus::StopPending => {
                self.drop_runs(around, SHUT_DOWN);
                self.host.log.write(now, Source::AdSync, 2002, Level::Information, "The service was stopped successfully.");
                let Some(product) = self.product.as_mut() else { return };
                product.service.status = ServiceStatus::Stopped;
                product.requested = None;
                product.blocked = None;
                if std::mem::take(&mut product.service.again) {
                    // A disabled service that was asked to restart stays stopped: nobody is left to answer.
                    let _ = self.start_service(now);
                }
            }
            ServiceStatus::StartPending if will_not_start => {
                product.service.status = ServiceStatus::Stopped;
                self.host.log.write(now, Source::AdSync, 2005, Level::Error, WILL_NOT_START);
            }
            ServiceStatus::StartPending => {
                product.service.status = ServiceStatus::Running;
                product.frozen = false;
                product.blocked = None;
                if product.scheduler.next_start < now {
                    product.scheduler.next_start = now + TimeDelta::seconds(5);
                }
                self.host.log.write(now, Source::AdSync, 2001, Level::Information, "The service was started successfully.");
                if self.has(Fault::LdapAssemblyOld) {
                    self.warn_of_assemblies(now);
                }
            }
            ServiceStatus::Running | ServiceStatus::Stopped => {}
        }
        self.settle_passwords(around);
    }

    /// Ends whatever runs with that result; a cycle ends with it, and what was pending stays.
    pub(super) fn drop_runs(&mut self, around: &mut Around, result: &str) {
        let Some(product) = self.product.as_mut() else { return };
        if let Some(active) = product.active.take() {
            product.history.close(active.number, around.now, result, super::history::Counters::default(), Vec::new());
            if result == SHUT_DOWN {
                let (name, profile) = (&active.connector, active.profile.name());
                let text =
                    format!("The management agent \"{name}\" run profile \"{profile}\" was stopped: the service was shut down.");
                self.host.log.write(around.now, Source::AdSync, 6_052, Level::Warning, text);
            }
        }
        product.cycle = None;
    }

    /// Turns the machine off: everything on it ends.
    pub fn power_off(&mut self, around: &mut Around) {
        self.leave_unfinished(around);
        self.wizard = None;
        self.abandoned = false;
        self.service_manager = None;
        self.host.power = Power::Off;
        self.settle_passwords(around);
    }

    /// Starts the machine, or starts it anew.
    pub fn power_on(&mut self, around: &mut Around) {
        if self.host.power != Power::Off {
            self.power_off(around);
        }
        self.host.power = Power::Starting(around.now + self.chance.between(60_000, 120_000));
    }

    /// The machine has started.
    pub(super) fn booted(&mut self, around: &mut Around) {
        self.host.power = Power::On;
        self.host.booted = around.now;
        self.host.log.write(around.now, Source::Kernel, 12, Level::Information, "The operating system started.");
        if self.product.as_ref().is_some_and(|product| product.service.start_type == StartType::Automatic) {
            // It exists and is not disabled, so it can be asked to start.
            let _ = self.start_service(around.now);
        }
    }

    /// The power is gone: what ran is found unfinished, and no cycle is known to have completed.
    fn leave_unfinished(&mut self, around: &mut Around) {
        self.drop_runs(around, "stopped-server-down");
        if let Some(product) = self.product.as_mut() {
            product.service.status = ServiceStatus::Stopped;
            product.service.due = None;
            product.service.again = false;
            product.requested = None;
            product.blocked = None;
        }
    }

    /// The hypervisor holds the machine.
    pub fn pause(&mut self, around: &mut Around) {
        if self.host.power == Power::On {
            self.host.power = Power::Paused(around.now);
            self.settle_passwords(around);
        }
    }

    /// The hypervisor lets the machine go on: what ran goes on, and the scheduler stays stuck in the past.
    pub fn resume(&mut self, around: &mut Around) {
        let Power::Paused(since) = self.host.power else { return };
        self.host.power = Power::On;
        let held = around.now - since;
        let Some(product) = self.product.as_mut() else { return };
        product.frozen = true;
        if let Some(active) = product.active.as_mut() {
            active.ends += held;
        }
        if let Some(cycle) = product.cycle.as_mut() {
            cycle.resume_at = cycle.resume_at.map(|at| at + held);
        }
        product.service.due = product.service.due.map(|due| due + held);
        if let Some(work) = self.wizard.as_mut().and_then(|wizard| wizard.work.as_mut()) {
            work.until += held;
        }
        self.settle_passwords(around);
    }
}
