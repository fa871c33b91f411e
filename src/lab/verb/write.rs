//! Writes a verb as its text.

use std::collections::BTreeSet;
use std::fmt;

use super::{AgentVerb, Churn, InstallerVerb, PolicyVerb, ServiceVerb, Verb, VmVerb, WizardVerb};
use crate::lab::world::access::{PolicyState, Stops};
use crate::lab::world::settings::{Feature, SignIn};

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
            Self::AuthenticationAgent(role, verb) => {
                let word = match verb {
                    AgentVerb::Install => "install",
                    AgentVerb::Uninstall => "uninstall",
                };
                write!(f, "pta {} {word}", quoted(role))
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
            Self::Network(role, way, path) => write!(f, "network {} {} {path}", quoted(role), way.name()),
            Self::Policy(verb) => write!(f, "policy {verb}"),
            Self::CreateUser { name, container, illegal } => {
                write!(f, "create-user {} in {}{}", quoted(name), quoted(container), if *illegal { " illegal" } else { "" })
            }
            Self::CreateGroup { name, container } => write!(f, "create-group {} in {}", quoted(name), quoted(container)),
            Self::DeleteUser(name) => write!(f, "delete-user {}", quoted(name)),
            Self::ChangeUser(name) => write!(f, "change-user {}", quoted(name)),
            Self::SetUser(name, attribute, value) => {
                write!(f, "set-user {} {}", quoted(name), quoted(&format!("{attribute}={value}")))
            }
            Self::ChangePassword(name) => write!(f, "change-password {}", quoted(name)),
            Self::EnableUser(name, enabled) => {
                write!(f, "{} {}", if *enabled { "enable-user" } else { "disable-user" }, quoted(name))
            }
            Self::MoveUser(name, container) => write!(f, "move-user {} to {}", quoted(name), quoted(container)),
            Self::Member { group, user, add } => {
                write!(f, "{} {} {}", if *add { "add-member" } else { "remove-member" }, quoted(group), quoted(user))
            }
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
            Self::PortalDeleted => f.write_str("portal deleted"),
            Self::PortalRestore(name) => write!(f, "portal restore {}", quoted(name)),
            Self::PortalSync => f.write_str("portal sync"),
            Self::PortalFeatures => f.write_str("portal features"),
            Self::PortalIdentities => f.write_str("portal identities"),
            Self::PortalRemove(name) => write!(f, "portal remove {}", quoted(name)),
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

impl fmt::Display for PolicyVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list"),
            Self::Add { name, stops, state } => {
                write!(f, "add {} ", quoted(name))?;
                match stops {
                    Stops::Location(role) => write!(f, "location {}", quoted(role))?,
                    Stops::WithoutMfa => f.write_str("mfa")?,
                    Stops::Everybody => f.write_str("everybody")?,
                }
                if *state == PolicyState::ReportOnly { f.write_str(" report-only") } else { Ok(()) }
            }
            Self::Set(name, state) => {
                let word = match state {
                    PolicyState::Enabled => "enable",
                    PolicyState::ReportOnly => "report-only",
                    PolicyState::Disabled => "disable",
                };
                write!(f, "{word} {}", quoted(name))
            }
            Self::Exclude { identity, policy } => write!(f, "exclude {} from {}", quoted(identity), quoted(policy)),
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
