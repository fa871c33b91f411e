//! The installer's pages, the upgrade, and the uninstallation.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::eventlog::{Level, Source};
use super::product::Installation;
use super::server::{Server, ServiceStatus};
use super::settings::{AutoUpgrade, Feature, Options, SignIn};
use super::wizard::{Change, Page, Work};
use super::{Around, policy, rules};
use crate::lab::fault::Fault;
use crate::powershell::Version;

/// What was chosen in the installer so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The page it has got to
    pub step: Step,
    /// The settings file that is imported, as text
    pub import: Option<String>,
    /// Sign-in method
    pub sign_in: SignIn,
    /// Seamless single sign-on
    pub sso: bool,
    /// Optional features
    pub features: BTreeSet<Feature>,
    /// Enable staging mode
    pub staging: bool,
    /// Start the synchronization process when configuration completes
    pub start: bool,
    /// The release it installs
    #[serde(with = "super::wire::version")]
    pub version: Version,
}

/// Pages of the installer, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    /// Express Settings
    Express,
    /// User sign-in
    SignIn,
    /// Connect to Microsoft Entra ID, Connect your directories
    Accounts,
    /// Optional features
    Features,
    /// Ready to configure
    Ready,
}

impl Draft {
    /// The title of its page.
    pub fn title(&self) -> &'static str {
        match self.step {
            Step::Express => "Express Settings",
            Step::SignIn => "User sign-in",
            Step::Accounts => "Connect to Microsoft Entra ID",
            Step::Features => "Optional features",
            Step::Ready => "Ready to configure",
        }
    }
}

/// What is done on a page of the installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// *Use express settings*
    Express,
    /// *Customize*, with the text of a settings file where one is imported
    Customize(Option<String>),
    /// The sign-in page
    SignIn(SignIn, bool),
    /// Both accounts are given
    Accounts,
    /// The features that are ticked
    Features(BTreeSet<Feature>),
    /// *Install*, with both ticks; a tick that is not said stays as it is
    Ready(Option<bool>, Option<bool>),
}

impl Server {
    /// Starts the installer where nothing is installed.
    pub fn open_installer(&mut self, user: &str, version: Version, around: &Around) -> Result<String, String> {
        self.must_run()?;
        let name = self.host.name.clone();
        if let Some(product) = &self.product {
            return Err(format!("{name} has {} already: upgrade {}", product.version, self.role));
        }
        if self.wizard.is_some() {
            return Err(format!("The installer is open on {name} already"));
        }
        if self.host.dot_net < 461_808 {
            return Err(format!(
                "The installer needs .NET Framework 4.7.2 on {name} (Release 461808, found {})",
                self.host.dot_net
            ));
        }
        let draft = Draft {
            step: Step::Express,
            import: None,
            sign_in: SignIn::PasswordHashSynchronization,
            sso: false,
            features: [Feature::PasswordHashSync].into(),
            staging: false,
            start: true,
            version,
        };
        self.start_process(user, Page::Installer(Box::new(draft)), false, around.now);
        Ok(format!("The installer of {version} is open on {name}: Express Settings"))
    }

    /// Turns a page of the installer.
    pub fn installer_turn(&mut self, turn: Turn, around: &Around) -> Result<String, String> {
        let wait = self.chance.between(300_000, 540_000);
        let name = self.host.name.clone();
        self.idle_wizard()?;
        if matches!(turn, Turn::Express | Turn::Accounts) {
            self.person_signs_in(around)?;
            if !self.reaches_directory() {
                return Err(format!("The directory's account cannot be checked: {name} reaches no domain controller"));
            }
        }
        let wizard = self.idle_wizard()?;
        let Page::Installer(draft) = &mut wizard.page else {
            return Err(format!("The installer is not open on {name}"));
        };
        let expected = match turn {
            Turn::Express | Turn::Customize(_) => Step::Express,
            Turn::SignIn(..) => Step::SignIn,
            Turn::Accounts => Step::Accounts,
            Turn::Features(_) => Step::Features,
            Turn::Ready(..) => Step::Ready,
        };
        if expected > draft.step {
            return Err(format!("The installer on {name} shows {}; that page comes later", draft.title()));
        }
        match turn {
            Turn::Express => draft.step = Step::Ready,
            Turn::Customize(import) => {
                if let Some(text) = &import {
                    let settings = policy::import(text)?;
                    let known =
                        |name: &String| around.directory.forests.iter().any(|forest| forest.name.eq_ignore_ascii_case(name));
                    if let Some(other) = settings.forests.iter().find(|name| !known(name)) {
                        return Err(format!("The settings are of the forest '{other}', which {name} cannot reach"));
                    }
                    draft.sign_in = settings.options.sign_in;
                    draft.features.clone_from(&settings.options.features);
                    draft.staging = true;
                }
                draft.import = import;
                draft.step = Step::SignIn;
            }
            Turn::SignIn(method, sso) => {
                draft.sign_in = method;
                draft.sso = sso;
                draft.step = Step::Accounts;
            }
            Turn::Accounts => draft.step = Step::Features,
            Turn::Features(features) => {
                draft.features = features;
                draft.step = Step::Ready;
            }
            Turn::Ready(staging, start) => {
                draft.staging = staging.unwrap_or(draft.staging);
                draft.start = start.unwrap_or(draft.start);
                let change = Change::Install(draft.clone());
                wizard.page = Page::Configuring;
                wizard.work = Some(Work { until: around.now + wait, change });
                return Ok(format!("{name} is installing"));
            }
        }
        Ok(format!("The installer on {name} shows {}", draft.title()))
    }

    /// The installation is done.
    pub(super) fn install(&mut self, draft: &Draft, around: &mut Around) {
        let mut installation = Installation {
            version: draft.version,
            host: self.host.name.clone(),
            tenant: around.cloud.tenant.clone(),
            forests: around.directory.forests.iter().map(|forest| forest.name.clone()).take(1).collect(),
            excluded: BTreeSet::new(),
            custom: Vec::new(),
            options: Options::express(),
            staging: draft.staging,
            start: draft.start,
        };
        if let Some(settings) = draft.import.as_deref().and_then(|text| policy::import(text).ok()) {
            installation.forests = settings.forests;
            installation.excluded = settings.excluded;
            installation.custom = settings.custom;
            installation.options = settings.options;
        }
        installation.options.sign_in = draft.sign_in;
        installation.options.desktop_sso = draft.sso;
        installation.options.features.clone_from(&draft.features);
        if draft.sign_in == SignIn::PassthroughAuthentication {
            around.cloud.pass_through = true;
            self.host.authentication_agent = Some(true);
        }
        around.cloud.pass_through &= matches!(draft.sign_in, SignIn::PassthroughAuthentication | SignIn::ExternallyManaged);
        around.cloud.features.extend(&draft.features);
        self.product = Some(installation.install(around.directory, around.cloud.allowed_interval, around.now, &mut self.chance));
        if let Some(wizard) = self.wizard.as_mut() {
            wizard.mutex = true;
        }
        self.settle_passwords(around);
    }

    /// Runs the installer of a newer release over the product.
    pub fn upgrade(&mut self, to: Version, start: bool, user: &str, around: &mut Around) -> Result<String, String> {
        self.must_run()?;
        let name = self.host.name.clone();
        let product = self.product.as_ref().ok_or_else(|| format!("Microsoft Entra Connect is not installed on {name}"))?;
        let from = product.version;
        if to <= from {
            return Err(format!("{name} has {from}; {to} is not newer, and there is no downgrade"));
        }
        if product.entra().is_none() {
            return Err("Operation failed because the specified MA could not be found.".to_owned());
        }
        if let Some(open) = &self.wizard {
            return Err(format!("Cannot upgrade: {} has the wizard open on {name}", open.user));
        }
        if product.in_progress() || product.active.is_some() {
            return Err(format!("Cannot upgrade: synchronization is currently in progress on {name}. Wait for it to end"));
        }
        let wait = self.chance.between(6 * 60_000, 20 * 60_000);
        self.start_process(user, Page::Upgrade, true, around.now);
        if let Some(wizard) = self.wizard.as_mut() {
            wizard.work = Some(Work { until: around.now + wait, change: Change::Upgrade { to, start } });
        }
        if let Some(product) = self.product.as_mut() {
            product.scheduler.suspended = true;
        }
        Ok(format!("{name} is being upgraded from {from} to {to}"))
    }

    /// The upgrade is done: rules as delivered, overrides for what changed, the service restarted.
    pub(super) fn upgraded(&mut self, to: Version, around: &mut Around) {
        let Some(product) = self.product.as_mut() else { return };
        let from = product.version;
        let forests: Vec<(String, String)> = product.forests().map(|c| (c.name.clone(), c.identifier.clone())).collect();
        let delivered = rules::standard(to, &forests, super::connector::ENTRA, &mut self.chance);
        let meanings = |rules: &[rules::Rule]| -> BTreeSet<(String, String, String)> {
            rules.iter().map(|rule| (rule.name.clone(), rule.connector.clone(), rule.fingerprint())).collect()
        };
        let before = meanings(&product.rules);
        let mut custom: Vec<rules::Rule> = product.rules.iter().filter(|rule| !rule.is_standard()).cloned().collect();
        let kept =
            |rule: rules::Rule| match product.rules.iter().find(|old| old.name == rule.name && old.connector == rule.connector) {
                Some(old) => rules::Rule { identifier: old.identifier.clone(), disabled: old.disabled, ..rule },
                None => rule,
            };
        custom.extend(delivered.into_iter().map(kept));
        custom.sort_by_key(|rule| rule.precedence);
        product.rules = custom;
        product.version = to;
        let rules_changed = rules::changed_between(from, to) || meanings(&product.rules) != before;
        self.faults.remove(&Fault::RuleEdited);
        let schema_changed = (from.major, from.minor) != (to.major, to.minor);
        for connector in &mut product.connectors {
            connector.full_sync_required |= rules_changed;
            connector.full_import_required |= schema_changed;
        }
        product.scheduler.suspended = self.faults.contains(&Fault::SuspendedLeak);
        let starts = !self.faults.contains(&Fault::ServiceWillNotStart);
        product.service.status = if starts { ServiceStatus::Running } else { ServiceStatus::Stopped };
        product.service.due = None;
        self.host.log.write(around.now, Source::AdSync, 2002, Level::Information, "The service was stopped successfully.");
        if starts {
            self.host.log.write(around.now, Source::AdSync, 2001, Level::Information, "The service was started successfully.");
            // A new release brings new assemblies; what a connector remembers of its own is older.
            if self.warn_of_assemblies(around.now) {
                self.faults.insert(Fault::LdapAssemblyOld);
            }
        } else {
            self.host.log.write(around.now, Source::AdSync, 2005, Level::Error, super::service::WILL_NOT_START);
        }
    }

    /// The product upgrades itself, if its settings let it.
    pub fn auto_upgrade(&mut self, to: Version, around: &mut Around) -> Result<String, String> {
        let state = self.product.as_ref().map(|product| product.options.auto_upgrade.clone());
        if state != Some(AutoUpgrade::Enabled) {
            return Err(format!("Automatic upgrade is not enabled on {}", self.host.name));
        }
        let said = self.upgrade(to, true, "NT AUTHORITY\\SYSTEM", around)?;
        if let Some(wizard) = self.wizard.as_mut() {
            wizard.leaves = true;
        }
        self.host.log.write(around.now, Source::Upgrade, 300, Level::Information, format!("Automatic upgrade to {to} started."));
        Ok(said)
    }

    /// Installs the pass-through authentication agent; it registers itself with the tenant.
    pub fn install_authentication_agent(&mut self) -> Result<(), String> {
        self.must_run()?;
        let name = &self.host.name;
        if self.host.authentication_agent.is_some() {
            return Err(format!("{name} has a pass-through authentication agent already"));
        }
        if !self.reaches_cloud() {
            return Err(format!("The agent could not be registered: {name} does not reach the cloud"));
        }
        self.host.authentication_agent = Some(true);
        Ok(())
    }

    /// Removes the pass-through authentication agent.
    pub fn uninstall_authentication_agent(&mut self) -> Result<(), String> {
        self.must_run()?;
        match self.host.authentication_agent.take() {
            Some(_) => Ok(()),
            None => Err(format!("There is no pass-through authentication agent on {}", self.host.name)),
        }
    }

    /// Removes the product and its components.
    pub fn uninstall(&mut self, around: &mut Around) -> Result<String, String> {
        self.must_run()?;
        let Some(product) = &self.product else {
            return Err(format!("Microsoft Entra Connect is not installed on {}", self.host.name));
        };
        // The cloud's side is cleaned by hand (operations.md 3.10).
        around.cloud.left_behind.insert(product.identity.name.clone(), self.host.name.clone());
        around.cloud.phs_last = around.cloud.phs_last.max(product.passwords.carried(around.now));
        self.drop_runs(around, "stopped-service-shutdown");
        self.product = None;
        self.wizard = None;
        self.service_manager = None;
        self.host.health_agent = None;
        self.faults.retain(|fault| fault.is_of_the_machine());
        Ok(format!("Microsoft Entra Connect was removed from {}", self.host.name))
    }
}
