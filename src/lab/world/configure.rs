//! What *Configure* does: the sign-in before it, the change itself, and the records it leaves.

use super::access::Refusal;
use super::eventlog::{Level, Source};
use super::server::Server;
use super::settings::{Feature, Policy, SignIn};
use super::wizard::{Change, Page, Work};
use super::{Around, policy};
use crate::Time;
use crate::powershell::Version;

/// The first release that writes admin audit events.
const AUDIT: Version = Version { major: 2, minor: 4, build: Some(129), revision: Some(0) };

impl Server {
    /// Signs in to the cloud on a page that needs it.
    pub(super) fn sign_in(&mut self, around: &Around) -> Result<(), String> {
        self.idle_wizard()?;
        let Some(product) = &self.product else {
            return Err(format!("Microsoft Entra Connect is not installed on {}", self.host.name));
        };
        if product.version < around.cloud.wizard_floor {
            return Err(format!(
                "The sign-in was refused: the wizard of {} on {} can no longer sign in (builds before {})",
                product.version, self.host.name, around.cloud.wizard_floor
            ));
        }
        self.person_signs_in(around)?;
        self.audit(around.now, 2513, "An administrator signed in to the wizard.");
        Ok(())
    }

    /// The person at the wizard or at the installer signs in to the cloud; the error is what the page says.
    pub(super) fn person_signs_in(&self, around: &Around) -> Result<(), String> {
        let user = self.wizard.as_ref().map_or("", |wizard| wizard.user.as_str());
        match self.person_refused(user, around.cloud) {
            Some(Refusal::Unreachable) => Err(format!("The sign-in failed: {} does not reach the cloud", self.host.name)),
            Some(refusal) => Err(format!("The sign-in of {user} on {} failed. {}", self.host.name, refusal.message())),
            None => Ok(()),
        }
    }

    fn audit(&mut self, now: Time, id: i64, text: &str) {
        if self.product.as_ref().is_some_and(|product| product.version >= AUDIT) {
            let user = self.wizard.as_ref().map_or("unknown", |wizard| wizard.user.as_str()).to_owned();
            self.host.log.write(now, Source::AdminActions, id, Level::Information, format!("{text} User: {user}"));
        }
    }

    /// Presses *Configure* for a change.
    pub fn configure(&mut self, change: Change, around: &Around) -> Result<String, String> {
        self.sign_in(around)?;
        let wait = self.chance.between(15_000, 40_000);
        let name = self.host.name.clone();
        let wizard = self.idle_wizard()?;
        if !matches!(wizard.page, Page::Tasks | Page::Complete | Page::View | Page::SignIn | Page::Features) {
            return Err(format!("The wizard on {name} shows {}, not its tasks", wizard.page.title()));
        }
        wizard.page = Page::Configuring;
        wizard.work = Some(Work { until: around.now + wait, change });
        Ok(format!("{name} is configuring"))
    }

    /// The work is done.
    pub(super) fn wizard_due(&mut self, around: &mut Around) {
        let Some(work) = self.wizard.as_mut().and_then(|wizard| wizard.work.take()) else { return };
        if work.change == Change::Mutex {
            self.mutex_waited();
            self.leave_if_asked(around.now);
            return;
        }
        let starts = self.apply(work.change, around);
        if let Some(wizard) = self.wizard.as_mut() {
            wizard.page = Page::Complete;
            wizard.starts = starts;
        }
        self.leave_if_asked(around.now);
    }

    fn leave_if_asked(&mut self, now: Time) {
        if self.wizard.as_ref().is_some_and(|wizard| wizard.leaves) {
            self.close_wizard(now);
        }
    }

    /// Applies a change and answers the policy of the cycle that starts with the wizard's end.
    fn apply(&mut self, change: Change, around: &mut Around) -> Option<Policy> {
        let now = around.now;
        match change {
            Change::Mutex => None,
            Change::Staging { enable, start } => {
                self.set_staging(enable, around);
                self.set_start(start, around);
                start.then_some(Policy::Delta)
            }
            Change::SignIn { method, sso } => {
                let product = self.product.as_mut()?;
                product.options.sign_in = method;
                product.options.desktop_sso = sso;
                let hashes = method == SignIn::PasswordHashSynchronization;
                if hashes {
                    product.options.features.insert(Feature::PasswordHashSync);
                    around.cloud.features.insert(Feature::PasswordHashSync);
                }
                if method == SignIn::PassthroughAuthentication {
                    self.host.authentication_agent = Some(true);
                }
                // Any other method chosen in a wizard switches pass-through authentication off for the whole tenant.
                if method != SignIn::ExternallyManaged {
                    around.cloud.pass_through = method == SignIn::PassthroughAuthentication;
                }
                self.applied(around);
                self.settle_passwords(around);
                None
            }
            Change::Features { features } => {
                self.audit(now, 2506, "The optional features were changed.");
                let product = self.product.as_mut()?;
                // What is unticked here is off for the whole tenant; what is ticked here is on.
                around.cloud.features.retain(|on| !product.options.features.contains(on));
                around.cloud.features.extend(&features);
                product.options.features = features;
                self.applied(around);
                self.settle_passwords(around);
                None
            }
            Change::Scope { dn, selected, start } => {
                self.audit(now, 2505, "The organizational units to synchronize were changed.");
                let product = self.product.as_mut()?;
                for connector in &mut product.connectors {
                    if super::directory::is_in(&dn, &connector.name) {
                        if selected {
                            connector.excluded.remove(&dn);
                        } else {
                            connector.excluded.insert(dn.clone());
                        }
                        connector.full_import_required = true;
                        connector.full_sync_required = true;
                    }
                }
                self.set_start(start, around);
                start.then_some(Policy::Initial)
            }
            Change::Install(draft) => {
                let start = draft.start;
                self.install(&draft, around);
                self.applied(around);
                start.then_some(Policy::Initial)
            }
            Change::Upgrade { to, start } => {
                self.upgraded(to, around);
                self.set_start(start, around);
                start.then_some(Policy::Delta)
            }
        }
    }

    fn set_start(&mut self, start: bool, around: &mut Around) {
        self.audit(
            around.now,
            2507,
            if start {
                "Start the synchronization process when configuration completes: selected."
            } else {
                "Start the synchronization process when configuration completes: not selected."
            },
        );
        if let Some(product) = self.product.as_mut() {
            product.scheduler.enabled = start;
            product.blocked = None;
            if start && product.scheduler.next_start < around.now {
                product.scheduler.next_start = around.now + product.scheduler.effective();
            }
        }
        self.applied(around);
        self.settle_passwords(around);
    }

    /// The record that each completed change leaves on the disk.
    fn applied(&mut self, around: &Around) {
        let stamp = self.clock(around.now).format("%Y%m%d-%H%M%S");
        let path = format!("C:\\ProgramData\\AADConnect\\Applied-SynchronizationPolicy-{stamp}.JSON");
        if let Ok(text) = policy::export(self, around.directory, &around.cloud.tenant, around.now) {
            self.write_file(path, text, around.now);
        }
    }
}
