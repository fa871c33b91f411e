//! The event log: the part of Get-WinEvent and Get-EventLog that runbooks use.

use super::object::text;
use super::service::{given, like};
use super::{Call, Entry, entries};
use crate::Time;
use crate::lab::shell::{Failure, Item, Kind, Object, Parameter, Reply};
use crate::lab::world::eventlog::{Event, Level};

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Get-WinEvent" "Microsoft.PowerShell.Commands.GetWinEventCommand" win_event => [
        Parameter::new("LogName", Kind::Texts).at(0),
        Parameter::new("ProviderName", Kind::Texts),
        Parameter::new("FilterHashtable", Kind::Any),
        Parameter::new("FilterXPath", Kind::Text),
        Parameter::new("FilterXml", Kind::Any),
        Parameter::new("MaxEvents", Kind::Int),
        Parameter::new("Oldest", Kind::Switch),
    ];
    Windows "Get-EventLog" "Microsoft.PowerShell.Commands.GetEventLogCommand" event_log => [
        Parameter::new("LogName", Kind::Text).at(0).mandatory(),
        Parameter::new("Source", Kind::Texts),
        Parameter::new("InstanceId", Kind::Many).at(1),
        Parameter::new("EntryType", Kind::Texts),
        Parameter::new("Newest", Kind::Int),
        Parameter::new("After", Kind::DateTime),
        Parameter::new("Before", Kind::DateTime),
    ];
};

/// What is looked for.
#[derive(Default)]
struct Filter {
    logs: Vec<String>,
    sources: Vec<String>,
    ids: Vec<i64>,
    levels: Vec<i64>,
    from: Option<Time>,
    to: Option<Time>,
}

impl Filter {
    fn takes(&self, call: &Call, event: &Event) -> bool {
        let at = call.server().clock(event.at);
        let any = |patterns: &[String], name: &str| patterns.is_empty() || patterns.iter().any(|pattern| like(name, pattern));
        any(&self.logs, event.source.log())
            && any(&self.sources, event.source.name())
            && (self.ids.is_empty() || self.ids.contains(&event.id))
            && (self.levels.is_empty() || self.levels.contains(&event.level.number()))
            && self.from.is_none_or(|from| at >= from)
            && self.to.is_none_or(|to| at <= to)
    }
}

fn words(item: &Item) -> Vec<String> {
    match item {
        Item::Array(items) => items.iter().flat_map(words).collect(),
        item => item.as_text().map(str::to_owned).into_iter().collect(),
    }
}

fn numbers(item: &Item) -> Vec<i64> {
    match item {
        Item::Array(items) => items.iter().flat_map(numbers).collect(),
        item => item.to_value().as_int().into_iter().collect(),
    }
}

fn win_event(call: &mut Call) -> Reply {
    if call.has("FilterXPath") || call.has("FilterXml") {
        return Reply::NotPlayed(
            "Get-WinEvent with XPath or XML: the lab takes -FilterHashtable, -LogName and -ProviderName".to_owned(),
        );
    }
    let mut filter = Filter { logs: given(call, "LogName"), sources: given(call, "ProviderName"), ..Filter::default() };
    if let Some(table) = call.invocation.arguments.get("FilterHashtable").and_then(Item::as_object) {
        for (key, value) in table.iter() {
            match key.to_ascii_lowercase().as_str() {
                "logname" => filter.logs = words(value),
                "providername" => filter.sources = words(value),
                "id" => filter.ids = numbers(value),
                "level" => filter.levels = numbers(value),
                "starttime" => filter.from = value.to_value().as_time(),
                "endtime" => filter.to = value.to_value().as_time(),
                other => {
                    return Reply::NotPlayed(format!(
                        "Get-WinEvent -FilterHashtable with the key '{other}': the lab takes LogName, ProviderName, Id, Level, StartTime and EndTime"
                    ));
                }
            }
        }
    }
    let mut events: Vec<Item> = newest(call, &filter, "MaxEvents").map(|event| record(call, event)).collect();
    if events.is_empty() {
        return Reply::Failed(
            Failure::new(
                "No events were found that match the specified selection criteria.",
                "System.Exception",
                "ObjectNotFound",
            )
            .id("NoMatchingEventsFound"),
        );
    }
    if call.invocation.arguments.switch("Oldest") {
        events.reverse();
    }
    Reply::Done(events)
}

fn record(call: &Call, event: &Event) -> Item {
    Object::new("System.Diagnostics.Eventing.Reader.EventLogRecord")
        .with("Message", text(event.message.as_str()))
        .with("Id", event.id)
        .with("Level", event.level.number())
        .with("RecordId", event.at.timestamp_millis() % 1_000_000)
        .with("ProviderName", text(event.source.name()))
        .with("LogName", text(event.source.log()))
        .with("MachineName", text(format!("{}.{}", call.server().host.name, call.server().host.domain)))
        .with("TimeCreated", call.clock(event.at))
        .with("LevelDisplayName", text(event.level.name()))
        .into()
}

/// The newest events that fit, as many as a parameter asks for.
fn newest<'a>(call: &'a Call, filter: &'a Filter, limit: &str) -> impl Iterator<Item = &'a Event> {
    let limit = call.invocation.arguments.value(limit).and_then(|value| value.as_int());
    let limit = limit.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    call.server().host.log.newest_first().filter(|event| filter.takes(call, event)).take(limit)
}

fn event_log(call: &mut Call) -> Reply {
    let time = |name: &str| call.invocation.arguments.value(name).and_then(|value| value.as_time());
    let types = given(call, "EntryType");
    let levels = types
        .iter()
        .filter_map(|word| {
            [Level::Information, Level::Warning, Level::Error].into_iter().find(|l| l.name().eq_ignore_ascii_case(word))
        })
        .map(Level::number)
        .collect();
    let filter = Filter {
        logs: given(call, "LogName"),
        sources: given(call, "Source"),
        ids: call.invocation.arguments.get("InstanceId").map(numbers).unwrap_or_default(),
        levels,
        from: time("After"),
        to: time("Before"),
    };
    let events: Vec<Item> = newest(call, &filter, "Newest")
        .map(|event| {
            Object::new("System.Diagnostics.EventLogEntry")
                .with("Index", event.at.timestamp_millis() % 1_000_000)
                .with("TimeGenerated", call.clock(event.at))
                .with("EntryType", text(event.level.name()))
                .with("Source", text(event.source.name()))
                .with("InstanceId", event.id)
                .with("EventID", event.id)
                .with("Message", text(event.message.as_str()))
                .into()
        })
        .collect();
    if events.is_empty() {
        return Reply::Failed(
            Failure::new("No matches found", "System.ArgumentException", "ObjectNotFound").id("GetEventLogNoEntriesFound"),
        );
    }
    Reply::Done(events)
}
