//! What the human does in a rehearsal: at a wizard, an installer, a hypervisor, in the directory, in the portal. The lab panel, rehearsal
//! scripts and scenarios all speak these verbs; their one text form is parsed and written here.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
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
    /// The machine
    Vm(String, VmVerb),
    /// `w32tm /resync`
    Resync(String),
    /// The operator's proof of isolation made true: outbound 443 blocked, or not
    Firewall(String, bool),
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
    /// How fast the directory changes
    Churn(Churn),
    /// Look a user up in the cloud's portal
    PortalUser(String),
    /// What the tenant says of its synchronization
    PortalSync,
    /// Inject a fault
    Fault(Fault, String),
    /// Cure a fault
    Cure(Fault, String),
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
    ("vm ROLE pause|resume|off|on|reboot", "the machine, at its hypervisor"),
    ("resync ROLE", "set the machine's clock right (w32tm /resync)"),
    ("firewall ROLE block|open", "outbound 443"),
    ("create-user NAME in OU [illegal]", "a new user in the directory"),
    ("change-user NAME", "change a user in the directory"),
    ("delete-user NAME", "delete a user in the directory"),
    ("churn off|low|normal|high", "how fast the directory changes"),
    ("portal user NAME", "look a user up in the cloud"),
    ("portal sync", "which server synchronized last, and when"),
    ("fault NAME on ROLE", "inject a fault"),
    ("cure NAME on ROLE", "cure a fault"),
];

impl FromStr for Verb {
    type Err = String;

    /// Reads a verb. The error names what was expected.
    fn from_str(text: &str) -> Result<Self, String> {
        let words = split(text)?;
        let mut words = Words { words: &words, text };
        let verb = words.verb()?;
        words.end()?;
        Ok(verb)
    }
}

/// Words of a text; quotes hold blanks together.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                any = true;
            }
            c if c.is_whitespace() && !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if quoted {
        return Err(format!("a quote is not closed in: {text}"));
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

struct Words<'a> {
    words: &'a [String],
    text: &'a str,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.first().map(String::as_str)
    }

    fn next(&mut self, expected: &str) -> Result<&'a str, String> {
        let (first, rest) =
            self.words.split_first().ok_or_else(|| format!("'{}' ends where {expected} should follow", self.text))?;
        self.words = rest;
        Ok(first)
    }

    fn one_of<T: Copy>(&mut self, choices: &[(&str, T)]) -> Result<T, String> {
        let expected = choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        let found = self.next(&format!("one of {expected}"))?;
        let choice = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(found));
        choice.map(|(_, value)| *value).ok_or_else(|| format!("'{found}' in '{}': expected one of {expected}", self.text))
    }

    fn on_off(&mut self) -> Result<bool, String> {
        self.one_of(&[("on", true), ("off", false)])
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        self.one_of(&[(word, ())])
    }

    /// `start on|off`, where it is there.
    fn tick(&mut self, name: &str) -> Result<Option<bool>, String> {
        if !self.peek().is_some_and(|word| word.eq_ignore_ascii_case(name)) {
            return Ok(None);
        }
        self.next(name)?;
        self.on_off().map(Some)
    }

    fn flag(&mut self, name: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.eq_ignore_ascii_case(name));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn end(&self) -> Result<(), String> {
        self.peek().map_or(Ok(()), |word| Err(format!("'{word}' is one word too many in '{}'", self.text)))
    }

    fn method(&mut self) -> Result<SignIn, String> {
        let word = self.next("a sign-in method")?;
        SignIn::parse(word).ok_or_else(|| format!("'{word}' is no sign-in method: PHS, PTA, ADFS, PingFederation or none"))
    }

    fn features(&mut self) -> Result<BTreeSet<Feature>, String> {
        let word = self.next("features or none")?;
        if word.eq_ignore_ascii_case("none") {
            return Ok(BTreeSet::new());
        }
        let known = Feature::ALL.map(Feature::name).join(", ");
        word.split(',').map(|name| Feature::parse(name).ok_or_else(|| format!("'{name}' is no feature: {known}"))).collect()
    }

    fn fault(&mut self) -> Result<(Fault, String), String> {
        let word = self.next("a fault")?;
        let fault = Fault::parse(word).ok_or_else(|| {
            let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
            format!("'{word}' is no fault; there are {}", names.join(", "))
        })?;
        self.word("on")?;
        Ok((fault, self.next("a role")?.to_owned()))
    }

    fn verb(&mut self) -> Result<Verb, String> {
        let verb = self.next("a verb")?.to_ascii_lowercase();
        if verb == "fault" || verb == "cure" {
            let (fault, role) = self.fault()?;
            return Ok(if verb == "fault" { Verb::Fault(fault, role) } else { Verb::Cure(fault, role) });
        }
        Ok(match verb.as_str() {
            "create-user" => {
                let name = self.next("a name")?.to_owned();
                self.word("in")?;
                let container = self.next("an organizational unit")?.to_owned();
                Verb::CreateUser { name, container, illegal: self.flag("illegal") }
            }
            "delete-user" => Verb::DeleteUser(self.next("a name")?.to_owned()),
            "change-user" => Verb::ChangeUser(self.next("a name")?.to_owned()),
            "churn" => Verb::Churn(self.one_of(&[
                ("off", Churn::Off),
                ("low", Churn::Low),
                ("normal", Churn::Normal),
                ("high", Churn::High),
            ])?),
            "portal" if self.one_of(&[("user", true), ("sync", false)])? => Verb::PortalUser(self.next("a name")?.to_owned()),
            "portal" => Verb::PortalSync,
            "wizard" => Verb::Wizard(self.next("a role")?.to_owned(), self.wizard()?),
            "installer" => Verb::Installer(self.next("a role")?.to_owned(), self.installer()?),
            "upgrade" => Verb::Upgrade(self.next("a role")?.to_owned(), self.tick("start")?.unwrap_or(true)),
            "uninstall" => Verb::Uninstall(self.next("a role")?.to_owned()),
            "service" => Verb::Service(
                self.next("a role")?.to_owned(),
                self.one_of(&[("start", ServiceVerb::Start), ("stop", ServiceVerb::Stop), ("restart", ServiceVerb::Restart)])?,
            ),
            "service-manager" => {
                Verb::ServiceManager(self.next("a role")?.to_owned(), self.one_of(&[("open", true), ("close", false)])?)
            }
            "vm" => Verb::Vm(
                self.next("a role")?.to_owned(),
                self.one_of(&[
                    ("pause", VmVerb::Pause),
                    ("resume", VmVerb::Resume),
                    ("off", VmVerb::Off),
                    ("on", VmVerb::On),
                    ("reboot", VmVerb::Reboot),
                ])?,
            ),
            "resync" => Verb::Resync(self.next("a role")?.to_owned()),
            "firewall" => Verb::Firewall(self.next("a role")?.to_owned(), self.one_of(&[("block", true), ("open", false)])?),
            other => {
                let mut verbs: Vec<&str> = HELP.iter().filter_map(|(form, _)| form.split(' ').next()).collect();
                verbs.dedup();
                return Err(format!("'{other}' is no verb of the lab; there are {}", verbs.join(", ")));
            }
        })
    }

    fn wizard(&mut self) -> Result<WizardVerb, String> {
        let what = self.next("what to do at the wizard")?.to_ascii_lowercase();
        Ok(match what.as_str() {
            "open" if self.flag("as") => WizardVerb::Open(Some(self.next("a user")?.to_owned())),
            "open" => WizardVerb::Open(None),
            "stage" => WizardVerb::Stage(self.on_off()?, self.tick("start")?.unwrap_or(true)),
            "sign-in" if self.peek().is_none() => WizardVerb::ViewSignIn,
            "sign-in" => WizardVerb::SignIn(self.method()?, self.flag("sso")),
            "features" if self.peek().is_none() => WizardVerb::ViewFeatures,
            "features" => WizardVerb::Features(self.features()?),
            "scope" => {
                let container = self.next("an organizational unit")?.to_owned();
                WizardVerb::Scope(container, self.on_off()?, self.tick("start")?.unwrap_or(true))
            }
            "view" => WizardVerb::View,
            "export" => WizardVerb::Export(self.next("a path")?.to_owned()),
            "exit" => WizardVerb::Exit,
            "kill" => WizardVerb::Kill,
            "disconnect" => WizardVerb::Disconnect,
            other => {
                return Err(format!(
                    "'{other}': the wizard takes open, stage, sign-in, features, scope, view, export, exit, kill, disconnect"
                ));
            }
        })
    }

    fn installer(&mut self) -> Result<InstallerVerb, String> {
        let what = self.next("what to do at the installer")?.to_ascii_lowercase();
        Ok(match what.as_str() {
            "open" => InstallerVerb::Open,
            "express" => InstallerVerb::Express,
            "customize" if self.flag("import") => InstallerVerb::Customize(Some(self.next("a path")?.to_owned())),
            "customize" => InstallerVerb::Customize(None),
            "sign-in" => InstallerVerb::SignIn(self.method()?, self.flag("sso")),
            "accounts" => InstallerVerb::Accounts,
            "features" => InstallerVerb::Features(self.features()?),
            "ready" => InstallerVerb::Ready(self.tick("staging")?, self.tick("start")?),
            other => {
                return Err(format!(
                    "'{other}': the installer takes open, express, customize, sign-in, accounts, features, ready"
                ));
            }
        })
    }
}

fn on_off(value: bool) -> &'static str {
    if value { "on" } else { "off" }
}

fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text.to_owned() }
}

fn listed(features: &BTreeSet<Feature>) -> String {
    let names: Vec<&str> = features.iter().map(|feature| feature.name()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(",") }
}

fn method(sign_in: SignIn, sso: bool) -> String {
    format!("{}{}", sign_in.name(), if sso { " sso" } else { "" })
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wizard(role, verb) => write!(f, "wizard {} {verb}", quoted(role)),
            Self::Installer(role, verb) => write!(f, "installer {} {verb}", quoted(role)),
            Self::Upgrade(role, start) => write!(f, "upgrade {} start {}", quoted(role), on_off(*start)),
            Self::Uninstall(role) => write!(f, "uninstall {}", quoted(role)),
            Self::Service(role, verb) => {
                let word = match verb {
                    ServiceVerb::Start => "start",
                    ServiceVerb::Stop => "stop",
                    ServiceVerb::Restart => "restart",
                };
                write!(f, "service {} {word}", quoted(role))
            }
            Self::ServiceManager(role, open) => {
                write!(f, "service-manager {} {}", quoted(role), if *open { "open" } else { "close" })
            }
            Self::Vm(role, verb) => {
                let word = match verb {
                    VmVerb::Pause => "pause",
                    VmVerb::Resume => "resume",
                    VmVerb::Off => "off",
                    VmVerb::On => "on",
                    VmVerb::Reboot => "reboot",
                };
                write!(f, "vm {} {word}", quoted(role))
            }
            Self::Resync(role) => write!(f, "resync {}", quoted(role)),
            Self::Firewall(role, block) => write!(f, "firewall {} {}", quoted(role), if *block { "block" } else { "open" }),
            Self::CreateUser { name, container, illegal } => {
                write!(f, "create-user {} in {}{}", quoted(name), quoted(container), if *illegal { " illegal" } else { "" })
            }
            Self::DeleteUser(name) => write!(f, "delete-user {}", quoted(name)),
            Self::ChangeUser(name) => write!(f, "change-user {}", quoted(name)),
            Self::Churn(churn) => {
                let word = match churn {
                    Churn::Off => "off",
                    Churn::Low => "low",
                    Churn::Normal => "normal",
                    Churn::High => "high",
                };
                write!(f, "churn {word}")
            }
            Self::PortalUser(name) => write!(f, "portal user {}", quoted(name)),
            Self::PortalSync => f.write_str("portal sync"),
            Self::Fault(fault, role) => write!(f, "fault {} on {}", fault.name(), quoted(role)),
            Self::Cure(fault, role) => write!(f, "cure {} on {}", fault.name(), quoted(role)),
        }
    }
}

impl fmt::Display for WizardVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(None) => f.write_str("open"),
            Self::Open(Some(user)) => write!(f, "open as {}", quoted(user)),
            Self::Stage(enable, start) => write!(f, "stage {} start {}", on_off(*enable), on_off(*start)),
            Self::ViewSignIn => f.write_str("sign-in"),
            Self::SignIn(sign_in, sso) => write!(f, "sign-in {}", method(*sign_in, *sso)),
            Self::ViewFeatures => f.write_str("features"),
            Self::Features(features) => write!(f, "features {}", listed(features)),
            Self::Scope(container, selected, start) => {
                write!(f, "scope {} {} start {}", quoted(container), on_off(*selected), on_off(*start))
            }
            Self::View => f.write_str("view"),
            Self::Export(path) => write!(f, "export {}", quoted(path)),
            Self::Exit => f.write_str("exit"),
            Self::Kill => f.write_str("kill"),
            Self::Disconnect => f.write_str("disconnect"),
        }
    }
}

impl fmt::Display for InstallerVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Express => f.write_str("express"),
            Self::Customize(None) => f.write_str("customize"),
            Self::Customize(Some(path)) => write!(f, "customize import {}", quoted(path)),
            Self::SignIn(sign_in, sso) => write!(f, "sign-in {}", method(*sign_in, *sso)),
            Self::Accounts => f.write_str("accounts"),
            Self::Features(features) => write!(f, "features {}", listed(features)),
            Self::Ready(staging, start) => {
                f.write_str("ready")?;
                if let Some(staging) = staging {
                    write!(f, " staging {}", on_off(*staging))?;
                }
                if let Some(start) = start {
                    write!(f, " start {}", on_off(*start))?;
                }
                Ok(())
            }
        }
    }
}

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
