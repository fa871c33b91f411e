//! A command that runs in a rehearsal: what it has printed so far, and its end.

use std::collections::VecDeque;

use serde_json::{Map, Value as Json};

use crate::engine::Observed;
use crate::powershell::{Record, Value};
use crate::rb1::{Out, Stream};
use crate::session::event::{EndState, Output, Results, Transcript};
use crate::text::Safe;

/// Lines of output kept at the head and at the tail.
const KEPT_LINES: usize = 20;
/// Objects that `into` keeps.
const KEPT_RECORDS: usize = 1_000;

#[derive(Debug)]
pub(super) struct Running {
    pub(super) run: String,
    into: Option<String>,
    records: Vec<Value>,
    errors: u64,
    head: Vec<String>,
    tail: VecDeque<String>,
    lines: u64,
    bytes: u64,
}

impl Running {
    pub(super) fn new(run: String, into: Option<String>) -> Self {
        Self { run, into, records: Vec::new(), errors: 0, head: Vec::new(), tail: VecDeque::new(), lines: 0, bytes: 0 }
    }

    pub(super) fn print(&mut self, out: &Out) {
        let text = match (&out.err, out.s) {
            (Some(err), Stream::Error) => {
                self.errors += 1;
                if out.d.is_empty() { err.message.clone() } else { out.d.clone() }
            }
            (_, Stream::Progress) => return,
            _ => out.d.clone(),
        };
        self.bytes += text.len() as u64;
        for line in Safe::lines(&text) {
            self.lines += 1;
            let line = line.into_string();
            if self.head.len() < KEPT_LINES {
                self.head.push(line);
            } else {
                self.tail.push_back(line);
                if self.tail.len() > KEPT_LINES {
                    self.tail.pop_front();
                }
            }
        }
    }

    pub(super) fn record(&mut self, fields: Map<String, Json>) {
        if self.records.len() < KEPT_RECORDS {
            let record: Record =
                fields.into_iter().map(|(name, json)| (name, Value::from_json(&json).unwrap_or_else(Value::Unknown))).collect();
            self.records.push(Value::Object(record));
        }
    }

    pub(super) fn end(self, state: EndState, exit: Option<i64>, why: Option<String>, dropped: u64) -> Observed {
        let omitted = self.lines.saturating_sub((self.head.len() + self.tail.len()) as u64);
        let seen = state == EndState::Completed;
        Observed::Ended {
            run: self.run,
            state,
            errors: self.errors,
            exit,
            why,
            transcript: Transcript { bytes: self.bytes, sha256: String::new(), lines: self.lines, dropped_bytes: 0 },
            output: Output { head: self.head, tail: self.tail.into(), omitted },
            results: self.into.filter(|_| seen).map(|name| Results { name, records: self.records, dropped }),
        }
    }
}
