//! Reads a verb from its text. What is wrong is said with what was expected.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::{AgentVerb, Churn, HELP, InstallerVerb, PolicyVerb, ServiceVerb, Verb, VmVerb, WizardVerb};
use crate::lab::fault::Fault;
use crate::lab::world::access::{PolicyState, Stops};
use crate::lab::world::network::{OPEN, Path, Way};
use crate::lab::world::settings::{Feature, SignIn};
use crate::runbook::diagnostic::nearest;

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

    /// A person's name: the words up to one that ends it, or all that are left. It needs no quotes.
    fn name(&mut self, ends: impl Fn(&str) -> bool) -> Result<String, String> {
        let first = self.next("a name")?;
        let more = self.words.iter().take_while(|word| !ends(word)).count();
        let (name, rest) = self.words.split_at(more);
        self.words = rest;
        Ok(std::iter::once(first).chain(name.iter().map(String::as_str)).collect::<Vec<_>>().join(" "))
    }

    /// A name that nothing follows.
    fn last_name(&mut self) -> Result<String, String> {
        self.name(|_| false)
    }

    fn one_of<T: Copy>(&mut self, choices: &[(&str, T)]) -> Result<T, String> {
        let expected = match choices {
            [(word, _)] => format!("'{word}'"),
            _ => format!("one of {}", choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")),
        };
        let found = self.next(&expected)?;
        let choice = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(found));
        choice.map(|(_, value)| *value).ok_or_else(|| format!("'{found}' in '{}': expected {expected}", self.text))
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
        let fault = Fault::named(word)?;
        self.word("on")?;
        Ok((fault, self.next("a role")?.to_owned()))
    }

    fn policy(&mut self) -> Result<PolicyVerb, String> {
        const FORMS: [(&str, u8); 6] =
            [("list", 0), ("add", 1), ("exclude", 2), ("enable", 3), ("disable", 4), ("report-only", 5)];
        Ok(match self.one_of(&FORMS)? {
            0 => PolicyVerb::List,
            1 => {
                let name = self.next("a name")?.to_owned();
                let stops = match self.one_of(&[("location", 0), ("mfa", 1), ("everybody", 2)])? {
                    0 => Stops::Location(self.next("a role")?.to_owned()),
                    1 => Stops::WithoutMfa,
                    _ => Stops::Everybody,
                };
                let state = if self.flag("report-only") { PolicyState::ReportOnly } else { PolicyState::Enabled };
                PolicyVerb::Add { name, stops, state }
            }
            2 => {
                let identity = self.next("a role or an identity")?.to_owned();
                self.word("from")?;
                PolicyVerb::Exclude { identity, policy: self.next("a policy")?.to_owned() }
            }
            3 => PolicyVerb::Set(self.next("a policy")?.to_owned(), PolicyState::Enabled),
            4 => PolicyVerb::Set(self.next("a policy")?.to_owned(), PolicyState::Disabled),
            _ => PolicyVerb::Set(self.next("a policy")?.to_owned(), PolicyState::ReportOnly),
        })
    }

    fn verb(&mut self) -> Result<Verb, String> {
        let verb = self.next("a verb")?.to_ascii_lowercase();
        if verb == "fault" || verb == "cure" {
            let (fault, role) = self.fault()?;
            return Ok(if verb == "fault" { Verb::Fault(fault, role) } else { Verb::Cure(fault, role) });
        }
        Ok(match verb.as_str() {
            "create-user" => {
                let name = self.name(|word| word.eq_ignore_ascii_case("in"))?;
                self.word("in")?;
                let container = self.next("an organizational unit")?.to_owned();
                Verb::CreateUser { name, container, illegal: self.flag("illegal") }
            }
            "delete-user" => Verb::DeleteUser(self.last_name()?),
            "change-user" => Verb::ChangeUser(self.last_name()?),
            "set-user" => {
                let name = self.name(|word| word.contains('='))?;
                let word = self.last_name().unwrap_or_default();
                let (attribute, value) = word
                    .split_once('=')
                    .ok_or_else(|| format!("'{}': expected NAME ATTRIBUTE=VALUE, such as department=Sales", self.text))?;
                Verb::SetUser(name, attribute.to_owned(), value.to_owned())
            }
            "change-password" => Verb::ChangePassword(self.last_name()?),
            "enable-user" | "disable-user" => Verb::EnableUser(self.last_name()?, verb == "enable-user"),
            "move-user" => {
                let name = self.name(|word| word.eq_ignore_ascii_case("to"))?;
                self.word("to")?;
                Verb::MoveUser(name, self.next("an organizational unit")?.to_owned())
            }
            "add-member" | "remove-member" => {
                let (group, user) = (self.next("a group")?.to_owned(), self.next("a user")?.to_owned());
                Verb::Member { group, user, add: verb == "add-member" }
            }
            "churn" => Verb::Churn(self.one_of(&[
                ("off", Churn::Off),
                ("low", Churn::Low),
                ("normal", Churn::Normal),
                ("high", Churn::High),
            ])?),
            "portal" => self.portal()?,
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
            "pta" => Verb::AuthenticationAgent(
                self.next("a role")?.to_owned(),
                self.one_of(&[("install", AgentVerb::Install), ("uninstall", AgentVerb::Uninstall)])?,
            ),
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
            "network" => {
                let (role, way) = (self.next("a role")?.to_owned(), self.one_of(&Way::ALL)?);
                Verb::Network(role, way, self.next("open, blocked or a latency")?.parse()?)
            }
            "firewall" => {
                let role = self.next("a role")?.to_owned();
                Verb::Network(role, Way::Cloud, self.one_of(&[("block", Path::Blocked), ("open", OPEN)])?)
            }
            "policy" => Verb::Policy(self.policy()?),
            other => {
                let mut verbs: Vec<&str> = HELP.iter().filter_map(|(form, _)| form.split(' ').next()).collect();
                verbs.dedup();
                let near = nearest(other, verbs.iter().copied());
                let there = near.map_or_else(|| "there".to_owned(), |near| format!("did you mean '{near}'? There"));
                return Err(format!("'{other}' is no verb; {there} are {}", verbs.join(", ")));
            }
        })
    }

    fn portal(&mut self) -> Result<Verb, String> {
        let pages = [("user", 0), ("deleted", 1), ("restore", 2), ("sync", 3), ("identities", 4), ("remove", 5), ("features", 6)];
        Ok(match self.one_of(&pages)? {
            0 => Verb::PortalUser(self.last_name()?),
            1 => Verb::PortalDeleted,
            2 => Verb::PortalRestore(self.last_name()?),
            3 => Verb::PortalSync,
            4 => Verb::PortalIdentities,
            6 => Verb::PortalFeatures,
            _ => Verb::PortalRemove(self.next("an identity")?.to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_no_quotes() {
        for (plain, quoted) in [
            ("create-user Nora Test in Sales illegal", "create-user \"Nora Test\" in Sales illegal"),
            ("create-user \"Man in Black\" in Sales", "create-user \"Man in Black\" in Sales"),
            ("set-user Nora Test department=Human Resources", "set-user \"Nora Test\" \"department=Human Resources\""),
            ("set-user Nora Test title=", "set-user \"Nora Test\" title="),
            ("move-user Nora Test to Staff", "move-user \"Nora Test\" to Staff"),
            ("portal user Nora Test", "portal user \"Nora Test\""),
            ("change-password Nora Test", "change-password \"Nora Test\""),
        ] {
            let verb: Verb = plain.parse().unwrap();
            assert_eq!(Ok(&verb), quoted.parse().as_ref(), "{plain}");
            assert_eq!(verb.to_string().parse(), Ok(verb), "{plain}");
        }
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let told = |text: &str| text.parse::<Verb>().unwrap_err();
        assert!(told("wizzard old open").starts_with("'wizzard' is no verb; did you mean 'wizard'? There are wizard, installer"));
        assert!(told("help").starts_with("'help' is no verb; there are wizard, installer"));
        assert_eq!(told("fault wizard-left-opn on old"), "'wizard-left-opn' is no fault; did you mean 'wizard-left-open'?");
        assert_eq!(told("fault gremlins on old"), "'gremlins' is no fault; `lockstep lab faults` shows all");
    }

    #[test]
    fn what_is_missing_is_said() {
        for (text, said) in [
            ("portal user", "a name should follow"),
            ("create-user Nora Test", "'in' should follow"),
            ("set-user Nora Test", "expected NAME ATTRIBUTE=VALUE"),
            ("move-user Nora to", "an organizational unit should follow"),
        ] {
            let why = text.parse::<Verb>().unwrap_err();
            assert!(why.contains(said), "{text}: {why}");
        }
    }
}
