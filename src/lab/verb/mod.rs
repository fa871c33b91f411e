//! What the human does in a rehearsal: at a wizard, an installer, a hypervisor, in the directory, in the portal. The lab panel, rehearsal
//! scripts and scenarios all speak these verbs; their one text form is parsed and written here.

mod read;
mod write;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::world::access::{PolicyState, Stops};
use super::world::network::{Path, Way};
use super::world::settings::{Feature, SignIn};

/// A verb with its object. Servers are named by role or by host name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Verb {
    /// Something at the wizard of a server
    Wizard(String, WizardVerb),
    /// Something at the installer of a server
    Installer(String, InstallerVerb),
    /// Run the installer of the newer release over the product; the start tick
    Upgrade(String, bool),
    /// Remove the product
    Uninstall(String),
    /// The ADSync service
    Service(String, ServiceVerb),
    /// The Synchronization Service Manager is opened (with a user) or closed
    ServiceManager(String, bool),
    /// The pass-through authentication agent, a program of its own
    AuthenticationAgent(String, AgentVerb),
    /// The machine
    Vm(String, VmVerb),
    /// `w32tm /resync`
    Resync(String),
    /// A way of the machine: open with a latency, or blocked
    Network(String, Way, Path),
    /// Conditional Access, in the portal of the tenant
    Policy(PolicyVerb),
    /// A new user in the directory
    CreateUser {
        /// Its name
        name: String,
        /// The container, by distinguished name or by its first part
        container: String,
        /// With a value that Entra ID refuses
        illegal: bool,
    },
    /// A user is deleted in the directory
    DeleteUser(String),
    /// A user is changed in the directory
    ChangeUser(String),
    /// An attribute of a user gets a value; an empty one takes it away
    SetUser(String, String, String),
    /// A user gets a new password
    ChangePassword(String),
    /// A user is enabled, or disabled
    EnableUser(String, bool),
    /// A user is moved into another container
    MoveUser(String, String),
    /// A member is added to a group, or removed
    Member {
        /// The group
        group: String,
        /// The user
        user: String,
        /// Whether it is added
        add: bool,
    },
    /// How fast the directory changes
    Churn(Churn),
    /// Look a user up in the cloud's portal
    PortalUser(String),
    /// What is in the tenant's recycle bin
    PortalDeleted,
    /// Restore a user from there
    PortalRestore(String),
    /// What the tenant says of its synchronization
    PortalSync,
    /// The applications and accounts that servers sign in with, and those that were left behind
    PortalIdentities,
    /// Remove one that was left behind
    PortalRemove(String),
    /// The features that are on in the tenant
    PortalFeatures,
    /// Inject a fault
    Fault(Fault, String),
    /// Cure a fault
    Cure(Fault, String),
}

impl Verb {
    /// The server it is done to, by role or by host name; none where it is done to the directory or in the cloud.
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::Wizard(server, _)
            | Self::Installer(server, _)
            | Self::Upgrade(server, _)
            | Self::Uninstall(server)
            | Self::Service(server, _)
            | Self::ServiceManager(server, _)
            | Self::AuthenticationAgent(server, _)
            | Self::Vm(server, _)
            | Self::Resync(server)
            | Self::Network(server, ..)
            | Self::Fault(_, server)
            | Self::Cure(_, server) => Some(server),
            Self::CreateUser { .. }
            | Self::Policy(_)
            | Self::DeleteUser(_)
            | Self::ChangeUser(_)
            | Self::SetUser(..)
            | Self::ChangePassword(_)
            | Self::EnableUser(..)
            | Self::MoveUser(..)
            | Self::Member { .. }
            | Self::Churn(_)
            | Self::PortalUser(_)
            | Self::PortalDeleted
            | Self::PortalRestore(_)
            | Self::PortalSync
            | Self::PortalIdentities
            | Self::PortalFeatures
            | Self::PortalRemove(_) => None,
        }
    }

    /// The server whose place a policy is about.
    pub fn location(&self) -> Option<&str> {
        match self {
            Self::Policy(PolicyVerb::Add { stops: Stops::Location(server), .. }) => Some(server),
            _ => None,
        }
    }
}

/// At the wizard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WizardVerb {
    /// Start it, as the operator or as somebody else
    Open(Option<String>),
    /// Configure staging mode: the tick, and the start tick
    Stage(bool, bool),
    /// Look at *Change user sign-in*
    ViewSignIn,
    /// Change user sign-in
    SignIn(SignIn, bool),
    /// Look at *Optional features*
    ViewFeatures,
    /// Tick exactly these optional features
    Features(BTreeSet<Feature>),
    /// Tick or untick a container, and the start tick
    Scope(String, bool, bool),
    /// View current configuration
    View,
    /// Export Settings into a file
    Export(String),
    /// Exit
    Exit,
    /// The process is killed
    Kill,
    /// The user's session is disconnected with the wizard open
    Disconnect,
}

/// At the installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstallerVerb {
    /// Start it
    Open,
    /// Use express settings
    Express,
    /// Customize, importing a settings file where one is named
    Customize(Option<String>),
    /// User sign-in
    SignIn(SignIn, bool),
    /// Both accounts are given
    Accounts,
    /// Optional features
    Features(BTreeSet<Feature>),
    /// Install, with the staging tick and the start tick; what is not said stays as the page shows it
    Ready(Option<bool>, Option<bool>),
}

/// At the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceVerb {
    /// Start
    Start,
    /// Stop
    Stop,
    /// Restart
    Restart,
}

/// At *Apps & features*, for the pass-through authentication agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentVerb {
    /// Install it and register it with the tenant
    Install,
    /// Remove it
    Uninstall,
}

/// At the page *Conditional Access* of the tenant's portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyVerb {
    /// All policies
    List,
    /// A new one
    Add {
        /// Its name
        name: String,
        /// Whom it stops; a location is a server's
        stops: Stops,
        /// Enforced at once, or report-only
        state: PolicyState,
    },
    /// Enforce it or not
    Set(String, PolicyState),
    /// Exclude an identity: a user, an application, a server's own by its role
    Exclude {
        /// Who
        identity: String,
        /// From which policy
        policy: String,
    },
}

/// At the hypervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VmVerb {
    /// Pause
    Pause,
    /// Resume
    Resume,
    /// Power off
    Off,
    /// Power on
    On,
    /// Restart
    Reboot,
}

/// Rates of change of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Churn {
    /// Nothing changes
    Off,
    /// A tenth of the usual
    Low,
    /// 1 % created, 1 % deleted and 5 % modified a day
    Normal,
    /// Five times the usual
    High,
}

/// Forms of all verbs with what they do, for help.
pub const HELP: &[(&str, &str)] = &[
    ("wizard ROLE open [as USER]", "start the wizard"),
    ("wizard ROLE stage on|off start on|off", "Configure staging mode: the tick and the start tick, then Configure"),
    ("wizard ROLE sign-in", "look at the page Change user sign-in"),
    ("wizard ROLE sign-in METHOD [sso]", "change it: PHS, PTA, ADFS, PingFederation or none"),
    ("wizard ROLE features", "look at the page Optional features"),
    ("wizard ROLE features FEATURE,…|none", "tick exactly these"),
    ("wizard ROLE scope OU on|off start on|off", "tick or untick an organizational unit"),
    ("wizard ROLE view", "View current configuration"),
    ("wizard ROLE export PATH", "Export Settings into a file (a path of the server or of a share)"),
    ("wizard ROLE exit", "Exit; while it configures it leaves when that is done"),
    ("wizard ROLE kill", "end AzureADConnect.exe"),
    ("wizard ROLE disconnect", "disconnect the session and leave the wizard open"),
    ("installer ROLE open", "start the installer where nothing is installed"),
    ("installer ROLE express", "Use express settings"),
    ("installer ROLE customize [import PATH]", "Customize, with or without Import synchronization settings"),
    ("installer ROLE sign-in METHOD [sso]", "the page User sign-in"),
    ("installer ROLE accounts", "give the cloud's and the directory's account"),
    ("installer ROLE features FEATURE,…|none", "the page Optional features"),
    ("installer ROLE ready [staging on|off] [start on|off]", "Install with these ticks"),
    ("upgrade ROLE [start on|off]", "run the newer release's installer over the product"),
    ("uninstall ROLE", "remove the product"),
    ("service ROLE start|stop|restart", "the ADSync service"),
    ("service-manager ROLE open|close", "the Synchronization Service Manager"),
    ("pta ROLE install|uninstall", "the pass-through authentication agent, which an uninstallation of the product leaves"),
    ("vm ROLE pause|resume|off|on|reboot", "the machine, at its hypervisor"),
    ("resync ROLE", "set the machine's clock right (w32tm /resync)"),
    ("network ROLE ad|cloud|winrm open|blocked|LATENCY", "a way of the machine, with a latency such as 300ms or 6s"),
    ("firewall ROLE block|open", "outbound 443: network ROLE cloud"),
    ("create-user NAME in OU [illegal]", "a new user in the directory"),
    ("change-user NAME", "change a user in the directory: the department is another one"),
    ("set-user NAME ATTRIBUTE=VALUE", "change an attribute of a user; without a value it is taken away"),
    ("change-password NAME", "give a user a new password in the directory"),
    ("disable-user NAME", "disable a user's account in the directory"),
    ("enable-user NAME", "enable it"),
    ("move-user NAME to OU", "move a user into another organizational unit, in or out of scope"),
    ("delete-user NAME", "delete a user in the directory"),
    ("add-member GROUP USER", "make a user a member of a group"),
    ("remove-member GROUP USER", "take a user out of a group"),
    ("churn off|low|normal|high", "how fast the directory changes"),
    ("portal user NAME", "look a user up in the cloud: its values, who wrote them, and which password works"),
    ("portal deleted", "the recycle bin: what was deleted within thirty days"),
    ("portal restore NAME", "restore a deleted user, who is managed in the cloud until he is in scope again"),
    ("portal sync", "which server synchronized last, and when"),
    ("portal features", "the features that are on in the tenant"),
    ("portal identities", "the applications and accounts of the servers, and what an uninstallation left behind"),
    ("portal remove NAME", "remove an identity that was left behind"),
    ("policy list", "the tenant's Conditional Access policies"),
    ("policy add NAME location ROLE|mfa|everybody [report-only]", "block where a server is, demand a second factor, block all"),
    ("policy enable|disable|report-only NAME", "enforce it or not"),
    ("policy exclude ROLE|IDENTITY from NAME", "it stops that server's identity, or that user, no longer"),
    ("fault NAME on ROLE", "inject a fault"),
    ("cure NAME on ROLE", "cure a fault"),
];

impl TryFrom<String> for Verb {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Verb> for String {
    fn from(verb: Verb) -> Self {
        verb.to_string()
    }
}
