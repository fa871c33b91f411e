//! The table of cmdlets that runbooks of this trade use: parameters, and whether they change something.
//! Lint and the lab stand on it.

mod adsync;
mod aliases;
mod verbs;

pub use adsync::{BY_NAME, TABLE};
pub use aliases::unalias;
use verbs::{CHANGING_VERBS, EXCEPTIONS, READING_VERBS};

/// What running a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It writes files or its own session, nothing of the server's role.
    Writes,
    /// It changes the server, its synchronization or the tenant.
    Changes,
    /// Its name says nothing.
    Unknown,
}

/// A cmdlet of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Cmdlet {
    /// As Microsoft writes it
    pub name: &'static str,
    /// Without hyphen; common parameters left out
    pub parameters: &'static [&'static str],
    /// What it does
    pub effect: Effect,
    /// Whether it opens a sign-in window, so that it cannot run without a desktop.
    pub signs_in: bool,
}

/// Parameters that every cmdlet has, with their short forms.
const COMMON: &[&str] = &[
    "Verbose",
    "Debug",
    "ErrorAction",
    "WarningAction",
    "InformationAction",
    "ErrorVariable",
    "WarningVariable",
    "InformationVariable",
    "OutVariable",
    "OutBuffer",
    "PipelineVariable",
    "ProgressAction",
    "WhatIf",
    "Confirm",
    "vb",
    "db",
    "ea",
    "wa",
    "infa",
    "ev",
    "wv",
    "iv",
    "ov",
    "ob",
    "pv",
    "wi",
    "cf",
];

/// The cmdlet of that name (or alias), where its parameters are known.
pub fn find(name: &str) -> Option<&'static Cmdlet> {
    let name = unalias(name);
    TABLE.iter().find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name))
}

/// Names of all known cmdlets of the ADSync modules.
pub fn adsync_names() -> impl Iterator<Item = &'static str> + Clone {
    TABLE.iter().map(|cmdlet| cmdlet.name).chain(BY_NAME.iter().copied())
}

/// What a command does, by the table, else by its verb.
pub fn effect(name: &str) -> Effect {
    let name = unalias(name);
    if let Some(cmdlet) = find(name) {
        return cmdlet.effect;
    }
    if let Some((_, effect)) = EXCEPTIONS.iter().find(|(exception, _)| exception.eq_ignore_ascii_case(name)) {
        return *effect;
    }
    let Some((verb, _)) = name.split_once('-') else { return Effect::Unknown };
    let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(verb));
    if is(READING_VERBS) {
        Effect::Reads
    } else if verb.eq_ignore_ascii_case("Export") || verb.eq_ignore_ascii_case("Save") {
        Effect::Writes
    } else if is(CHANGING_VERBS) {
        Effect::Changes
    } else {
        Effect::Unknown
    }
}

/// How PowerShell reads a parameter's name, which may be shortened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// It is this one.
    Known(&'static str),
    /// The short form fits several.
    Ambiguous(Vec<&'static str>),
    /// There is none.
    Unknown,
}

impl Cmdlet {
    /// Looks a parameter up as PowerShell does: the whole name, else the only one that begins so.
    pub fn parameter(&self, written: &str) -> Parameter {
        let all = || self.parameters.iter().chain(COMMON).copied();
        if let Some(exact) = all().find(|name| name.eq_ignore_ascii_case(written)) {
            return Parameter::Known(exact);
        }
        let begins = |name: &&str| name.get(..written.len()).is_some_and(|start| start.eq_ignore_ascii_case(written));
        let fitting: Vec<&'static str> = all().filter(begins).collect();
        match fitting.as_slice() {
            [] => Parameter::Unknown,
            [one] => Parameter::Known(one),
            _ => Parameter::Ambiguous(fitting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_verb_noun_and_unique() {
        let mut seen = std::collections::HashSet::new();
        for name in adsync_names() {
            assert!(
                name.split_once('-').is_some_and(|(verb, _)| READING_VERBS.contains(&verb) || CHANGING_VERBS.contains(&verb)),
                "{name}"
            );
            assert!(seen.insert(name.to_ascii_lowercase()), "{name} twice");
        }
    }

    #[test]
    fn effects() {
        for (name, expected) in [
            ("get-adsyncscheduler", Effect::Reads),
            ("Set-ADSyncScheduler", Effect::Changes),
            ("Stop-Service", Effect::Changes),
            ("Get-ADSyncServerConfiguration", Effect::Writes),
            ("Out-File", Effect::Writes),
            ("Where-Object", Effect::Reads),
            ("?", Effect::Reads),
            ("rm", Effect::Changes),
            ("msiexec", Effect::Unknown),
            ("Frobnicate-Thing", Effect::Unknown),
        ] {
            assert_eq!(effect(name), expected, "{name}");
        }
    }

    #[test]
    fn parameters_may_be_shortened_but_not_ambiguous() {
        let set = find("Set-ADSyncSchedulerConnectorOverride").expect("in the table");
        assert_eq!(set.parameter("FullI"), Parameter::Known("FullImportRequired"));
        assert_eq!(set.parameter("Connector"), Parameter::Ambiguous(vec!["ConnectorIdentifier", "ConnectorName"]));
        assert_eq!(set.parameter("Nonsense"), Parameter::Unknown);
        assert_eq!(set.parameter("erroraction"), Parameter::Known("ErrorAction"));
    }
}
