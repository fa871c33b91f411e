//! AzureADConnect.exe: the wizard's pages, the mutex it shares with the scheduler, and what *Configure* changes.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::installer::Draft;
use super::server::{Power, Product, Server};
use super::settings::{Feature, Policy, SignIn};
use super::{Around, policy};
use crate::Time;
use crate::lab::fault::Fault;
use crate::powershell::Version;

/// The process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wizard {
    /// `CONTOSO\anna`
    pub user: String,
    /// Whether the user's session is connected
    pub session: Session,
    /// Since when it is open
    pub since: Time,
    /// Process id
    pub pid: u32,
    /// The page it shows
    pub page: Page,
    /// What it is doing
    pub work: Option<Work>,
    /// Exit was asked for while it works: it leaves when that is done
    pub leaves: bool,
    /// It holds the configuration mutex
    pub mutex: bool,
    /// The cycle that starts when it ends
    pub starts: Option<Policy>,
}

/// The state of a user's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Session {
    /// Active
    Active,
    /// Disc: disconnected
    Disconnected,
}

impl Session {
    /// As `query user` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Disconnected => "Disc",
        }
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Page {
    /// It waits for the configuration mutex, which a cycle holds
    Waiting,
    /// *Cannot change configuration*: the cycle did not let go of the mutex in time
    CannotChange,
    /// Additional tasks
    Tasks,
    /// View or export current configuration
    View,
    /// Change user sign-in
    SignIn,
    /// Optional features
    Features,
    /// Configuring
    Configuring,
    /// Configuration complete
    Complete,
    /// The installer
    Installer(Box<Draft>),
    /// Upgrade
    Upgrade,
}

impl Page {
    /// Its title.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Waiting => "Welcome",
            Self::CannotChange => "Cannot change configuration",
            Self::Tasks => "Additional tasks",
            Self::View => "View or export current configuration",
            Self::SignIn => "User sign-in",
            Self::Features => "Optional features",
            Self::Configuring => "Configuring",
            Self::Complete => "Configuration complete",
            Self::Installer(draft) => draft.title(),
            Self::Upgrade => "Upgrade Microsoft Entra Connect",
        }
    }
}

/// Work under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Until
    pub until: Time,
    /// What it changes
    pub change: Change,
}

/// What *Configure* changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Nothing yet: the wait for the configuration mutex is over
    Mutex,
    /// Configure staging mode
    Staging {
        /// Ticked
        enable: bool,
        /// Start the synchronization process
        start: bool,
    },
    /// Change user sign-in
    SignIn {
        /// Method
        method: SignIn,
        /// Seamless single sign-on
        sso: bool,
    },
    /// Customize synchronization options, page *Optional features*
    Features {
        /// What is ticked afterwards
        features: BTreeSet<Feature>,
    },
    /// Customize synchronization options, page *Domain and OU filtering*
    Scope {
        /// The container
        dn: String,
        /// Ticked
        selected: bool,
        /// Start the synchronization process
        start: bool,
    },
    /// Installation
    Install(Box<Draft>),
    /// Upgrade
    Upgrade {
        /// To which release
        #[serde(with = "super::wire::version")]
        to: Version,
        /// Start the synchronization process
        start: bool,
    },
}

/// How long the wizard waits for the mutex.
const MUTEX_WAIT: TimeDelta = TimeDelta::seconds(5);

impl Server {
    /// Whether the wizard holds the mutex that the scheduler needs.
    pub fn wizard_holds_mutex(&self) -> bool {
        self.wizard.as_ref().is_some_and(|wizard| wizard.mutex)
    }

    /// Opens the wizard.
    pub fn open_wizard(&mut self, user: &str, now: Time) -> Result<String, String> {
        self.must_run()?;
        let name = &self.host.name;
        let product = self.product.as_ref().ok_or_else(|| format!("Microsoft Entra Connect is not installed on {name}"))?;
        if let Some(open) = &self.wizard {
            return Err(format!(
                "Cannot change configuration: {} has the wizard open on {name} ({})",
                open.user,
                open.session.name()
            ));
        }
        if product.in_progress() {
            self.start_process(user, Page::Waiting, false, now);
            if let Some(wizard) = self.wizard.as_mut() {
                wizard.work = Some(Work { until: now + MUTEX_WAIT, change: Change::Mutex });
            }
            return Ok(format!(
                "The wizard on {} waits 5 s for the configuration mutex: synchronization is currently in progress",
                self.host.name
            ));
        }
        self.start_process(user, Page::Tasks, true, now);
        self.hold_mutex();
        Ok(format!("The wizard is open on {}", self.host.name))
    }

    /// The wait for the mutex is over: the cycle has ended meanwhile, or the dialog is there.
    pub(super) fn mutex_waited(&mut self) {
        let held = self.product.as_ref().is_some_and(Product::in_progress);
        let Some(wizard) = self.wizard.as_mut() else { return };
        wizard.page = if held { Page::CannotChange } else { Page::Tasks };
        wizard.mutex = !held;
        if !held {
            self.hold_mutex();
        }
    }

    /// What comes with the mutex: a mutex that a killed process left is no longer abandoned, and some builds suspend the scheduler.
    fn hold_mutex(&mut self) {
        self.abandoned = false;
        if self.wizard_suspends
            && let Some(product) = self.product.as_mut()
        {
            product.scheduler.suspended = true;
        }
    }

    /// What those builds take back when the wizard is left.
    fn release_mutex(&mut self) {
        if self.wizard_suspends
            && !self.has(Fault::SuspendedLeak)
            && let Some(product) = self.product.as_mut()
        {
            product.scheduler.suspended = false;
        }
    }

    pub(super) fn start_process(&mut self, user: &str, page: Page, mutex: bool, now: Time) {
        let pid = 4_000 + u32::try_from(self.chance.draw() % 4_000).unwrap_or(0) * 4;
        self.wizard = Some(Wizard {
            user: user.to_owned(),
            session: Session::Active,
            since: now,
            pid,
            page,
            work: None,
            leaves: false,
            mutex,
            starts: None,
        });
    }

    /// The machine must be on for anything to be done at it.
    pub(super) fn must_run(&self) -> Result<(), String> {
        let (name, role) = (&self.host.name, &self.role);
        match self.host.power {
            Power::On => Ok(()),
            Power::Starting(_) => Err(format!("{name} is starting: wait for it")),
            Power::Paused(_) => Err(format!("{name} is paused: vm {role} resume")),
            Power::Off => Err(format!("{name} does not run: vm {role} on")),
        }
    }

    /// The open wizard, not at work.
    pub(super) fn idle_wizard(&mut self) -> Result<&mut Wizard, String> {
        self.must_run()?;
        let (name, role) = (self.host.name.clone(), self.role.clone());
        let wizard = self.wizard.as_mut().ok_or_else(|| format!("The wizard is not open on {name}: wizard {role} open"))?;
        match (&wizard.page, &wizard.work) {
            (Page::CannotChange, _) => {
                return Err(format!(
                    "Cannot change configuration: synchronization is currently in progress on {name}. Leave the wizard (wizard {role} exit) and open it again after the cycle"
                ));
            }
            (Page::Waiting, _) => return Err(format!("The wizard on {name} waits for the configuration mutex")),
            (_, Some(_)) => return Err(format!("The wizard on {name} is configuring; wait until it is done")),
            (_, None) => {}
        }
        if wizard.session == Session::Disconnected {
            return Err(format!(
                "{} left the wizard open on {name} in a disconnected session: wizard {role} kill, or sign in as that user",
                wizard.user
            ));
        }
        Ok(wizard)
    }

    /// Turns to a page that is only looked at, and says what it shows.
    pub fn look_at(&mut self, page: &Page, around: &Around) -> Result<String, String> {
        if matches!(page, Page::SignIn | Page::Features) {
            self.sign_in(around)?;
        }
        let wizard = self.idle_wizard()?;
        wizard.page = page.clone();
        let Some(product) = &self.product else { return Err("Microsoft Entra Connect is not installed".to_owned()) };
        let options = &product.options;
        Ok(match page {
            Page::SignIn => format!(
                "User sign-in: {}; Enable single sign-on {}",
                options.sign_in.name(),
                if options.desktop_sso { "ticked" } else { "not ticked" }
            ),
            Page::Features => format!(
                "Optional features: {}",
                options.features.iter().map(|feature| feature.name()).collect::<Vec<_>>().join(", ")
            ),
            _ => format!(
                "Synchronized directories: {}. Staging mode {}. {}",
                product.forests().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", "),
                if product.scheduler.staging { "enabled" } else { "disabled" },
                product.version
            ),
        })
    }

    /// *Export Settings*: the policy as text.
    pub fn export_settings(&mut self, around: &Around) -> Result<String, String> {
        self.look_at(&Page::View, around)?;
        policy::export(self, around.directory, &around.cloud.tenant, around.now)
    }

    /// *Exit*: at once, or when the work is done.
    pub fn exit_wizard(&mut self, around: &mut Around) -> Result<String, String> {
        self.must_run()?;
        let name = self.host.name.clone();
        let wizard = self.wizard.as_mut().ok_or_else(|| format!("The wizard is not open on {name}"))?;
        if wizard.work.is_some() {
            wizard.leaves = true;
            return Ok(format!("The wizard on {name} closes when its work is done"));
        }
        self.close_wizard(around.now);
        Ok(format!("The wizard is closed on {name}"))
    }

    pub(super) fn close_wizard(&mut self, now: Time) {
        let wizard = self.wizard.take();
        if wizard.as_ref().is_some_and(|wizard| wizard.mutex) {
            self.release_mutex();
        }
        let starts = wizard.and_then(|wizard| wizard.starts);
        match (starts, self.request_policy()) {
            // The scheduler is free again: what stands against a cycle now is a reason for it to wait for its own time.
            (Some(policy), true) => drop(self.request_cycle(policy, now)),
            _ => self.look_again(now),
        }
    }

    fn request_policy(&self) -> bool {
        self.product.as_ref().is_some_and(|product| product.scheduler.enabled) && self.service_runs()
    }

    /// The process is killed: its mutex is abandoned, and the scheduler recovers it at its next look.
    pub fn kill_wizard(&mut self, around: &mut Around) -> Result<String, String> {
        let name = self.host.name.clone();
        let wizard = self.wizard.take().ok_or_else(|| format!("The wizard is not open on {name}"))?;
        if let Some(Work { change: Change::Upgrade { .. }, .. }) = wizard.work
            && let Some(product) = self.product.as_mut()
        {
            // What an upgrade sets, nobody resets when it dies.
            product.scheduler.suspended = true;
        }
        if wizard.mutex {
            self.abandoned = true;
            self.look_again(around.now + TimeDelta::seconds(55));
        }
        Ok(format!("AzureADConnect.exe was ended on {name}"))
    }
}
