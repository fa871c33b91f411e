//! `lockstep status` as text: the servers side by side, what is unknown and why, and the findings.
//!
//! ```text
//!  22:41 UTC                           old EC01  ACTIVE      new EC02  STAGING
//!  StagingModeEnabled                  False              ≠  True
//!  …
//!  Findings
//!  critical  dual-active  …
//! ```

use chrono::TimeDelta;
use serde_json::Value as Json;

use crate::Time;
use crate::facts::{Activity, Freshness, Link, Policy, Server, View, differ, tree};
use crate::health::{self, Context, Examined, Finding, Seen, Severity, Verdict};
use crate::powershell::format::to_text;
use crate::powershell::{Record, Value};
use crate::rb1::Group;
use crate::text::Safe;
use crate::text::age::{duration, minute_utc};
use crate::text::width::{pad, truncate};
use crate::text::wrap::wrap;

#[cfg(test)]
mod tests;

/// The servers as they are, with what the rules say.
#[derive(Debug)]
pub struct Status<'a> {
    context: Context<'a>,
    servers: &'a [Server],
    examined: Vec<Examined>,
}

/// The signs that have an ASCII form.
struct Signs {
    differs: &'static str,
    ascii: bool,
}

/// The eleven properties of the scheduler, as `Get-ADSyncScheduler` prints them.
const SCHEDULER: [&str; 11] = [
    "AllowedSyncCycleInterval",
    "CurrentlyEffectiveSyncCycleInterval",
    "CustomizedSyncCycleInterval",
    "NextSyncCyclePolicyType",
    "NextSyncCycleStartTimeInUTC",
    "PurgeRunHistoryInterval",
    "SyncCycleEnabled",
    "MaintenanceEnabled",
    "StagingModeEnabled",
    "SchedulerSuspended",
    "SyncCycleInProgress",
];

/// Columns of the names, the longest of which is `CurrentlyEffectiveSyncCycleInterval`.
const NAMES: usize = 36;
/// The least columns of a server; servers that find no room come in a table below.
const SERVER: usize = 19;
/// Columns of the mark before a server's values.
const MARK: usize = 3;

impl<'a> Status<'a> {
    /// What is known of the servers now.
    pub fn of(servers: &'a [Server], now: Time, policy: &'a Policy) -> Self {
        let context = Context::new(servers, now, policy);
        let examined = health::examine(&context);
        Self { context, servers, examined }
    }

    /// The findings, the worst first.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self
            .examined
            .iter()
            .filter_map(|one| if let Verdict::Fires(finding) = &one.verdict { Some(finding) } else { None })
            .collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    /// The exit code: 3 where a server could not be read, else by the worst finding: 2 critical, 1 warning, 0 less.
    pub fn exit_code(&self) -> u8 {
        if self.context.servers.iter().any(|seen| !seen.server.reachable(self.context.policy)) {
            return 3;
        }
        match self.findings().first().map(|finding| finding.severity) {
            Some(Severity::Critical) => 2,
            Some(Severity::Warning) => 1,
            Some(Severity::Information) | None => 0,
        }
    }

    /// The value tree, with the findings in it.
    pub fn to_json(&self) -> Json {
        let view = View {
            findings: health::tree_value(&self.examined),
            ..View::of(self.servers, self.context.now, self.context.policy)
        };
        tree(&view).to_json()
    }

    /// The text, no line wider than `width` columns.
    pub fn render(&self, width: usize, ascii: bool) -> String {
        let signs = Signs { differs: if ascii { "!=" } else { "≠" }, ascii };
        let names = NAMES.min(width / 2);
        let at_once = (width.saturating_sub(names) / (SERVER + MARK)).max(1);
        let mut lines = Vec::new();
        for servers in self.context.servers.chunks(at_once) {
            self.table(servers, width, names, &signs, &mut lines);
            lines.push(String::new());
        }
        self.unknown(width, &mut lines);
        self.told(width, &mut lines);
        lines.iter().flat_map(|line| [truncate(line.trim_end(), width), "\n".to_owned()]).collect()
    }

    fn table(&self, servers: &[Seen<'_>], width: usize, names: usize, signs: &Signs, lines: &mut Vec<String>) {
        let column = width.saturating_sub(names) / servers.len().max(1);
        let cell = |mark: &str, text: &str| {
            let room = column.saturating_sub(MARK);
            let text = Safe::line(text).into_string();
            let text = if signs.ascii { text.replace('…', "...") } else { text };
            pad(mark, MARK) + &pad(&truncate(&text, room), room)
        };
        let head = servers.iter().map(|seen| cell("", &heading(seen, column.saturating_sub(MARK)))).collect::<String>();
        lines.push(pad(&minute_utc(self.context.now), names) + &head);
        for (name, text, raw) in rows() {
            let all: Vec<Option<Value>> =
                self.context.servers.iter().map(|seen| raw.and_then(|path| seen.facts.at(path).cloned())).collect();
            let differ = differ::differs(all.iter().map(Option::as_ref));
            let values = servers.iter().map(|seen| {
                let first = self.context.servers.first().is_some_and(|first| first.server.name == seen.server.name);
                cell(if differ && !first { signs.differs } else { "" }, &text(seen, &self.context))
            });
            lines.push(pad(&truncate(name, names), names) + &values.collect::<String>());
        }
    }

    /// Why values are unknown, each reason once a server.
    fn unknown(&self, width: usize, lines: &mut Vec<String>) {
        let before = lines.len();
        for seen in &self.context.servers {
            let mut reasons = reasons(&seen.facts);
            if matches!(seen.server.link, Link::Lost { .. } | Link::Refused { .. }) {
                // One reason is behind all of them.
                reasons.truncate(1);
            }
            for why in reasons {
                let line = Safe::line(&format!("{}: {why}", seen.title())).into_string();
                lines.extend(wrap(&line, width.saturating_sub(2)).into_iter().map(|line| format!("  {line}")));
            }
        }
        if lines.len() > before {
            lines.insert(before, "Unknown".to_owned());
            lines.push(String::new());
        }
    }

    fn told(&self, width: usize, lines: &mut Vec<String>) {
        let findings = self.findings();
        lines.push(if findings.is_empty() { "No findings".to_owned() } else { "Findings".to_owned() });
        let indent = " ".repeat(15);
        for finding in findings {
            let text = format!("{} ({})", finding.words(), finding.id);
            for (number, line) in wrap(Safe::line(&text).as_str(), width.saturating_sub(indent.len())).into_iter().enumerate() {
                let head = if number == 0 { pad(&format!("  {}", finding.severity), indent.len()) } else { indent.clone() };
                lines.push(head + &line);
            }
        }
        let unsure: Vec<String> = self
            .examined
            .iter()
            .filter(|one| matches!(one.verdict, Verdict::Unknown(_)))
            .map(|one| one.rule.id.to_owned())
            .collect();
        if !unsure.is_empty() {
            let silent = self.context.servers.iter().any(|seen| !seen.server.reachable(self.context.policy));
            let text = if silent {
                format!("Not known while a server does not answer: {} other rules", unsure.len())
            } else {
                format!("Not known: {}", unsure.join(", "))
            };
            lines.extend(wrap(&text, width));
        }
    }
}

/// The rows: name, text of a server, and the path whose values are compared.
fn rows() -> Vec<(&'static str, Text, Option<&'static str>)> {
    let scheduler = SCHEDULER.into_iter().map(|name| (name, scheduler_text(name), scheduler_path(name)));
    let own: [(&'static str, Text, Option<&'static str>); 9] = [
        ("next cycle", Box::new(next_cycle), None),
        ("last export", Box::new(last_export), None),
        ("pending exports", Box::new(pending_exports), None),
        ("wizard", Box::new(wizard), Some("Wizard.Open")),
        ("service", Box::new(|seen, _| known(seen, "Service.Status", to_text)), Some("Service.Status")),
        ("Version", Box::new(|seen, _| known(seen, "Version", to_text)), Some("Version")),
        ("clock", Box::new(clock), None),
        ("connection", Box::new(connection), None),
        ("read", Box::new(read), None),
    ];
    scheduler.chain(own).collect()
}

/// A cell's text.
type Text = Box<dyn Fn(&Seen<'_>, &Context<'_>) -> String>;

/// Role, name and what the server is: of these the name gives way where there is no room.
fn heading(seen: &Seen<'_>, room: usize) -> String {
    let (role, title) = (seen.server.name.as_str(), seen.title());
    let name = if title == role { role.to_owned() } else { format!("{role} {title}") };
    let word = seen.activity.word();
    format!("{}  {word}", truncate(Safe::line(&name).as_str(), room.saturating_sub(word.len() + 2)))
}

/// A fact's text, or the word for what is not known; the reasons are told below the table.
fn known(seen: &Seen<'_>, path: &str, text: impl Fn(&Value) -> String) -> String {
    match seen.fact(path) {
        Ok(Value::Null) => "none".to_owned(),
        Ok(value) => text(value),
        Err(_) if seen.activity == Activity::Absent => "-".to_owned(),
        Err(_) => "unknown".to_owned(),
    }
}

fn scheduler_path(name: &str) -> Option<&'static str> {
    crate::facts::table::find(&format!("Scheduler.{name}")).map(|fact| fact.path)
}

fn scheduler_text(name: &'static str) -> Text {
    let path = format!("Scheduler.{name}");
    Box::new(move |seen, context| {
        known(seen, &path, |value| match value {
            Value::DateTime(time) => crate::text::age::day_and_minute_utc(*time, context.now),
            Value::Bool(true) if name == "SyncCycleInProgress" => format!("True{}", running(seen)),
            value => to_text(value),
        })
    })
}

/// What runs at the moment: `, contoso.com Busy`.
fn running(seen: &Seen<'_>) -> String {
    let text = |status: &Record, name: &str| status.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
    let first = seen.objects("ConnectorRunStatus").ok().and_then(|mut all| all.next());
    first.map_or_else(String::new, |status| format!(", {}", text(status, "ConnectorName")))
}

fn next_cycle(seen: &Seen<'_>, context: &Context<'_>) -> String {
    if seen.is("Scheduler.SyncCycleInProgress") == Ok(true) {
        return "running".to_owned();
    }
    if seen.is("Scheduler.SyncCycleEnabled") == Ok(false) {
        return "off".to_owned();
    }
    let policy = known(seen, "Scheduler.NextSyncCyclePolicyType", to_text);
    known(seen, "Scheduler.NextSyncCycleStartTimeInUTC", |value| match value.as_time() {
        Some(due) if due >= context.now => format!("{policy} in {}", duration(due.signed_duration_since(context.now))),
        Some(due) => format!("{policy} due {} ago", duration(context.now.signed_duration_since(due))),
        None => to_text(value),
    })
}

fn last_export(seen: &Seen<'_>, context: &Context<'_>) -> String {
    match seen.fact("LastExport") {
        Ok(Value::Null) => "never".to_owned(),
        Ok(_) => {
            let result = known(seen, "LastExport.Result", to_text);
            let end = seen.time("LastExport.EndDate").ok().flatten();
            end.map_or(result.clone(), |end| format!("{result}, {} ago", duration(context.now.signed_duration_since(end))))
        }
        Err(_) if seen.is_staging() == Ok(true) => "none in staging".to_owned(),
        Err(_) => known(seen, "LastExport", to_text),
    }
}

fn pending_exports(seen: &Seen<'_>, _: &Context<'_>) -> String {
    known(seen, "PendingExports.Total", |total| {
        let count = |name: &str| seen.int(&format!("PendingExports.{name}")).ok().flatten().unwrap_or(0);
        let parts = [("add", "Adds"), ("update", "Updates"), ("delete", "Deletes")]
            .map(|(word, name)| (count(name), word))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| crate::facts::words::count(count, word))
            .collect::<Vec<_>>();
        if parts.is_empty() { to_text(total) } else { parts.join(", ") }
    })
}

fn wizard(seen: &Seen<'_>, _: &Context<'_>) -> String {
    known(seen, "Wizard.Open", |open| match open {
        Value::Bool(true) => format!("open, {}", seen.text("Wizard.User").ok().flatten().unwrap_or("user unknown")),
        _ => "closed".to_owned(),
    })
}

/// The server's clock against this machine's, by which all times here are.
fn clock(seen: &Seen<'_>, _: &Context<'_>) -> String {
    match seen.server.skew.map(|skew| skew.offset) {
        None => "not measured".to_owned(),
        Some(offset) if offset.num_seconds() == 0 => "as here".to_owned(),
        Some(offset) if offset > TimeDelta::zero() => format!("{} ahead", duration(offset)),
        Some(offset) => format!("{} behind", duration(-offset)),
    }
}

fn connection(seen: &Seen<'_>, context: &Context<'_>) -> String {
    let reachable = seen.server.reachable(context.policy);
    match &seen.server.link {
        Link::Lost { .. } => "lost".to_owned(),
        Link::Refused { .. } => "refused".to_owned(),
        Link::Live { limits, .. } if reachable => {
            limits.iter().fold("live".to_owned(), |all, limit| format!("{all}, {}", limit.words()))
        }
        _ if reachable => "live".to_owned(),
        _ => "no answer".to_owned(),
    }
}

fn read(seen: &Seen<'_>, context: &Context<'_>) -> String {
    match seen.server.freshness(Group::Core, context.now, context.policy) {
        Freshness::Fresh(core) => {
            let age = context.now.signed_duration_since(core.answered).max(TimeDelta::zero());
            if age < TimeDelta::seconds(1) { "just now".to_owned() } else { format!("{} ago", duration(age)) }
        }
        Freshness::Late(_, age) => format!("late, {} ago", duration(age)),
        Freshness::Unknown(_) => "not read".to_owned(),
    }
}

/// Why facts are unknown: each reason once, in the order of the table, those of whole groups first.
fn reasons(facts: &Record) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Unknown(why) if !found.contains(why) => found.push(why.clone()),
            Value::Object(record) => record.iter().for_each(|(_, value)| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Some(read) = facts.get("$read") {
        collect(read, &mut found);
    }
    for path in ["Version", "Service", "Scheduler", "ConnectorRunStatus", "Wizard", "LastExport", "PendingExports"] {
        facts.get(path).into_iter().for_each(|value| collect(value, &mut found));
    }
    found
}
