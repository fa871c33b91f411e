//! What the rules look at: every server's facts as they count now, and what the runbook intends.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Finding, Severity, Verdict};
use crate::Time;
use crate::facts::{Activity, Policy, Server, ServerName, server_facts};
use crate::powershell::{Record, Value, Version};

/// One server as the rules see it.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// The server
    pub server: &'a Server,
    /// Its facts, Unknown where they do not count
    pub facts: Record,
    /// What it is
    pub activity: Activity,
    /// Whether the runbook wants it active now
    pub intended: bool,
    /// Places in the run history, as the rules about runs sort it out
    pub(super) newest_runs: OnceCell<Vec<usize>>,
}

/// What every rule is given.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The servers
    pub servers: Vec<Seen<'a>>,
    /// The session's clock
    pub now: Time,
    /// What counts as fresh
    pub policy: &'a Policy,
    /// Since when the runbook expects that no server is active
    pub none_active_since: Option<Time>,
    /// Since when each finding has been firing, by id: some grow worse with time
    pub firing: BTreeMap<String, Time>,
}

impl<'a> Context<'a> {
    /// Servers as they are now. Without an intention, the server that was last seen out of staging is taken to be the one
    /// that should be active.
    pub fn new(servers: &'a [Server], now: Time, policy: &'a Policy) -> Self {
        let seen = |server: &'a Server| {
            let activity = server.activity(now, policy);
            let last = server.groups.get(&crate::rb1::Group::Core).and_then(|core| core.last.as_ref());
            let intended = last.is_some_and(|core| core.values.at("Scheduler.StagingModeEnabled") == Some(&Value::Bool(false)));
            Seen::new(server, server_facts(server, now, policy), activity, intended)
        };
        Self { servers: servers.iter().map(seen).collect(), now, policy, none_active_since: None, firing: BTreeMap::new() }
    }

    /// The same, with the servers that the runbook wants active at the present step.
    #[must_use]
    pub fn intending(mut self, active: &[ServerName]) -> Self {
        for seen in &mut self.servers {
            seen.intended = active.contains(&seen.server.name);
        }
        self
    }

    /// The same, with the moment since when the runbook expects that no server is active.
    #[must_use]
    pub fn none_active_since(mut self, since: Option<Time>) -> Self {
        self.none_active_since = since;
        self
    }

    /// The same, with the findings that fire already.
    #[must_use]
    pub fn firing(mut self, firing: BTreeMap<String, Time>) -> Self {
        self.firing = firing;
        self
    }

    /// How long a finding has been firing.
    pub fn firing_for(&self, id: &str) -> TimeDelta {
        self.firing.get(id).map_or_else(TimeDelta::zero, |since| self.now.signed_duration_since(*since))
    }

    /// A rule about each server by itself. It fires where it fires for one of them, with the worst severity; it is
    /// unknown where it fires for none and cannot be told for one. A server without the product has nothing to tell, and
    /// of an isolated one nothing needs to be known.
    pub(super) fn each(
        &self,
        id: &'static str,
        remedy: &str,
        rule: impl Fn(&Seen<'a>) -> Result<Option<(Severity, String)>, String>,
    ) -> Verdict {
        let installed = self.servers.iter().filter(|seen| seen.activity != Activity::Absent);
        Self::told_of(installed, id, remedy, rule)
    }

    /// The same for a rule about the machine, which matters before the product is installed on it too.
    pub(super) fn each_machine(
        &self,
        id: &'static str,
        remedy: &str,
        rule: impl Fn(&Seen<'a>) -> Result<Option<(Severity, String)>, String>,
    ) -> Verdict {
        Self::told_of(self.servers.iter(), id, remedy, rule)
    }

    fn told_of<'s>(
        servers: impl Iterator<Item = &'s Seen<'a>>,
        id: &'static str,
        remedy: &str,
        rule: impl Fn(&Seen<'a>) -> Result<Option<(Severity, String)>, String>,
    ) -> Verdict
    where
        'a: 's,
    {
        let mut fires: Option<Finding> = None;
        let mut unknown = None;
        for seen in servers {
            match rule(seen) {
                Ok(None) => {}
                Ok(Some((severity, text))) => {
                    let text = format!("{}: {text}", seen.title());
                    match &mut fires {
                        None => fires = Some(Finding::new(id, severity, text, remedy).about(seen)),
                        Some(finding) => {
                            finding.severity = finding.severity.max(severity);
                            finding.text = format!("{}; {text}", finding.text);
                            finding.servers.push(seen.server.name.clone());
                        }
                    }
                }
                Err(_) if seen.activity == Activity::Isolated => {}
                Err(why) => unknown = unknown.or(Some(format!("{}: {why}", seen.title()))),
            }
        }
        match (fires, unknown) {
            (Some(finding), _) => Verdict::Fires(finding),
            (None, Some(why)) => Verdict::Unknown(why),
            (None, None) => Verdict::Clear,
        }
    }

    /// A rule about the two servers that `$pair` compares; clear where one of them has no product or is isolated.
    pub(super) fn pair(
        &self,
        id: &'static str,
        remedy: &str,
        rule: impl Fn(&Seen<'a>, &Seen<'a>) -> Result<Option<(Severity, String)>, String>,
    ) -> Verdict {
        let of = |name: &str| self.servers.iter().find(|seen| seen.server.name.as_str().eq_ignore_ascii_case(name));
        let ((Some(a), Some(b), _) | (_, _, [a, b, ..])) = (of("old"), of("new"), self.servers.as_slice()) else {
            return Verdict::Clear;
        };
        if [a, b].iter().any(|seen| matches!(seen.activity, Activity::Absent | Activity::Isolated)) {
            return Verdict::Clear;
        }
        match rule(a, b) {
            Ok(None) => Verdict::Clear,
            Ok(Some((severity, text))) => Verdict::Fires(Finding::new(id, severity, text, remedy).about(a).about(b)),
            Err(why) => Verdict::Unknown(why),
        }
    }
}

impl Finding {
    pub(super) fn new(id: &str, severity: Severity, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { id: id.to_owned(), severity, text: text.into(), remedy: remedy.into(), servers: Vec::new() }
    }

    pub(super) fn about(mut self, seen: &Seen<'_>) -> Self {
        self.servers.push(seen.server.name.clone());
        self
    }
}

impl<'a> Seen<'a> {
    /// A server with its facts, what it is, and whether the runbook wants it active now.
    pub fn new(server: &'a Server, facts: Record, activity: Activity, intended: bool) -> Self {
        Self { server, facts, activity, intended, newest_runs: OnceCell::new() }
    }
}

impl Seen<'_> {
    /// The computer's name, else the role's.
    pub fn title(&self) -> &str {
        self.server.title()
    }

    /// A fact; the error is why it is unknown.
    pub fn fact(&self, path: &str) -> Result<&Value, String> {
        match self.facts.at(path) {
            Some(Value::Unknown(why)) => Err(why.clone()),
            Some(value) => Ok(value),
            // Below an object that is unknown as a whole, or `$null`.
            None => match path.rsplit_once('.').map(|(above, _)| self.fact(above)) {
                Some(Err(why)) => Err(why),
                Some(Ok(Value::Null)) => Ok(&Value::Null),
                _ => Err(format!("{path} was not read")),
            },
        }
    }

    /// A true or false fact.
    pub fn is(&self, path: &str) -> Result<bool, String> {
        self.fact(path)?.as_bool().ok_or_else(|| format!("{path} was not read"))
    }

    /// A whole number; none where it is `$null`.
    pub fn int(&self, path: &str) -> Result<Option<i64>, String> {
        Ok(self.fact(path)?.as_int())
    }

    /// A text; none where it is `$null`.
    pub fn text(&self, path: &str) -> Result<Option<&str>, String> {
        Ok(self.fact(path)?.as_text())
    }

    /// A moment; none where it is `$null`.
    pub fn time(&self, path: &str) -> Result<Option<Time>, String> {
        Ok(self.fact(path)?.as_time())
    }

    /// A span; none where it is `$null`.
    pub fn span(&self, path: &str) -> Result<Option<TimeDelta>, String> {
        Ok(self.fact(path)?.as_span())
    }

    /// The product's version.
    pub fn version(&self) -> Result<Version, String> {
        match self.fact("Version")? {
            Value::Version(version) => Ok(*version),
            _ => Err("Version was not read".to_owned()),
        }
    }

    /// The objects of an array.
    pub fn objects(&self, path: &str) -> Result<impl Iterator<Item = &Record>, String> {
        Ok(self.fact(path)?.as_array().unwrap_or_default().iter().filter_map(Value::as_object))
    }

    /// Whether it is in staging.
    pub fn is_staging(&self) -> Result<bool, String> {
        self.is("Scheduler.StagingModeEnabled")
    }

    /// Whether it matters like the active server: it is, or it should be.
    pub fn is_active(&self) -> bool {
        self.intended || self.activity == Activity::Active
    }
}
