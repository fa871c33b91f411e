//! The words of an answer: short, with the value that was seen, where and how long ago.

use chrono::TimeDelta;

use super::outcome::{Clause, Seen};
use super::truth::Truth;
use crate::Time;
use crate::powershell::Value;
use crate::powershell::convert::unknown_in;
use crate::powershell::format::to_text;
use crate::powershell::tree::format_datetime;
use crate::text::age::duration;

/// How many elements of an array are written out.
const ELEMENTS: usize = 3;
/// How many characters of a text are written out.
const CHARACTERS: usize = 60;

impl Clause {
    /// Why, with the age and the server of every fact: "$old.Idle is False, read 2 s ago on EC01".
    pub fn explain(&self, now: Time) -> String {
        self.seen.iter().fold(self.why.clone(), |why, seen| match seen.provenance(now) {
            Some(provenance) => why.replacen(&seen.sentence(), &format!("{}, {provenance}", seen.sentence()), 1),
            None => why,
        })
    }
}

impl Seen {
    /// "$old.Idle is False"
    pub fn sentence(&self) -> String {
        format!("{} is {}", self.path, shown(&self.value))
    }

    /// "read 2 s ago on EC01", as far as it is known.
    pub fn provenance(&self, now: Time) -> Option<String> {
        let on = self.server.as_ref().map(|server| format!("on {server}"));
        let read = self.read.map(|read| format!("read {}", ago(now - read)));
        match (read, on) {
            (Some(read), Some(on)) => Some(format!("{read} {on}")),
            (read, on) => read.or(on),
        }
    }
}

/// "2 s ago", "12 min ago"; "just now" below a second.
fn ago(age: TimeDelta) -> String {
    match age.num_seconds() {
        ..1 => "just now".to_owned(),
        seconds => format!("{} ago", duration(TimeDelta::seconds(seconds))),
    }
}

/// A value in a sentence: text in quotes, long things cut, what is not there said.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "$null".to_owned(),
        Value::Text(text) => format!("'{}'", cut(text)),
        Value::DateTime(time) => format_datetime(*time),
        Value::Array(items) => match items.as_slice() {
            [] => "empty".to_owned(),
            [one] => format!("one element, {}", shown_element(one)),
            _ => {
                let first = items.iter().take(ELEMENTS).map(shown_element).collect::<Vec<_>>().join(", ");
                match items.len().saturating_sub(ELEMENTS) {
                    0 => first,
                    more => format!("{first} and {more} more"),
                }
            }
        },
        Value::Unknown(why) if why.is_empty() => "unknown".to_owned(),
        Value::Unknown(why) => format!("unknown: {why}"),
        other => cut(&to_text(other)),
    }
}

fn shown_element(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Unknown(_) => "unknown".to_owned(),
        other => shown(other),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Why a condition is what it is: the facts it read; of an Unknown, those that are unknown.
pub(super) fn clause(truth: Truth, value: &Value, seen: &[Seen]) -> String {
    let unknown = |seen: &&Seen| unknown_in(&seen.value).is_some();
    let sentences = |seen: Vec<&Seen>| seen.iter().map(|seen| seen.sentence()).collect::<Vec<_>>();
    let mut words = match truth {
        Truth::Unknown => sentences(seen.iter().filter(unknown).collect()),
        _ => sentences(seen.iter().collect()),
    };
    words.dedup();
    match (words.is_empty(), value) {
        (false, _) => words.join(" and "),
        (true, Value::Unknown(why)) if truth == Truth::Unknown => why.clone(),
        (true, _) => "it reads no fact".to_owned(),
    }
}

/// Why a line is what it is: the conditions that made it so.
pub(super) fn line(truth: Truth, clauses: &[Clause]) -> String {
    if let [single] = clauses {
        return single.why.clone();
    }
    let alike: Vec<_> = clauses.iter().filter(|clause| clause.truth == truth).collect();
    // Under a negation no condition may have the truth of the line: then all of them are told.
    let told = if alike.is_empty() { clauses.iter().collect() } else { alike };
    let mut words: Vec<_> = told.into_iter().map(among_others).collect();
    words.dedup();
    words.join("; ")
}

/// A condition's part in a line of several. A bare fact, and what is unknown, need no more than their own sentence.
fn among_others(clause: &Clause) -> String {
    if clause.truth == Truth::Unknown || clause.why.starts_with(&format!("{} is ", clause.text)) {
        clause.why.clone()
    } else {
        format!("{} is {} ({})", clause.text, clause.truth, clause.why)
    }
}

#[cfg(test)]
mod tests;
