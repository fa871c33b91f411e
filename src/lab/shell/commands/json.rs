//! ConvertTo-Json as 5.1 writes it: two blanks after a colon, what is inside stands under its bracket, dates as
//! `\/Date(…)\/`, enums as numbers.

use std::fmt::Write as _;

use super::super::display::text_of;
use super::super::evaluate::convert::many;
use super::super::evaluate::{Boxed, Call, Evaluator, Sink, property};
use super::super::host::{Command, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::{Builtin, Filter, command, gather};
use crate::powershell::Value;

pub const COMMANDS: &[Builtin] = &[Builtin { command: &JSON, make: |call| Box::new(ToJson { call, items: Vec::new() }) }];

static JSON: Command = command(
    "ConvertTo-Json",
    "Microsoft.PowerShell.Commands.ConvertToJsonCommand",
    &[
        Parameter::new("InputObject", Kind::Any).at(0).from_pipeline(Pipeline::Value),
        Parameter::new("Depth", Kind::Int),
        Parameter::new("Compress", Kind::Switch),
    ],
);

struct ToJson {
    call: Call,
    items: Vec<Item>,
}

/// A value on its way to text.
enum Json {
    Scalar(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Filter for ToJson {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        gather(&mut self.items, input)
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let given = self.call.arguments.get("InputObject").cloned();
            let item = match (self.call.has_input, given, self.items.len()) {
                (false, Some(item), _) => item,
                (_, _, 0) => return Ok(()),
                // A pipeline of one object is that object.
                (_, _, 1) => self.items.remove(0),
                _ => Item::array(std::mem::take(&mut self.items)),
            };
            let depth = self.call.arguments.value("Depth").and_then(|value| value.as_int()).unwrap_or(2).clamp(1, 100);
            let json = tree(&item, depth);
            let mut text = String::new();
            layout(&json, 0, self.call.arguments.switch("Compress"), &mut text);
            shell.emit(Item::from(text), out).await
        })
    }
}

const SPAN: [&str; 11] = [
    "Ticks",
    "Days",
    "Hours",
    "Milliseconds",
    "Minutes",
    "Seconds",
    "TotalDays",
    "TotalHours",
    "TotalMilliseconds",
    "TotalMinutes",
    "TotalSeconds",
];

/// `depth` levels are opened; what is deeper is its text.
fn tree(item: &Item, depth: i64) -> Json {
    match item {
        Item::Nothing | Item::Value(Value::Null) => Json::Scalar("null".to_owned()),
        Item::Value(Value::Bool(value)) => Json::Scalar(value.to_string()),
        Item::Value(Value::Int(value)) => Json::Scalar(value.to_string()),
        Item::Value(value @ Value::Double(_)) => Json::Scalar(crate::powershell::format::to_text(value)),
        Item::Value(Value::DateTime(time)) => Json::Scalar(format!("\"\\/Date({})\\/\"", time.timestamp_millis())),
        Item::Enum(member) => Json::Scalar(member.number.to_string()),
        Item::Value(Value::TimeSpan(_)) if depth >= 0 => members(item, &SPAN, depth),
        Item::Value(Value::Version(_)) if depth >= 0 => {
            let Json::Object(mut properties) = members(item, &["Major", "Minor", "Build", "Revision"], depth) else {
                return Json::Scalar("null".to_owned());
            };
            properties.push(("MajorRevision".to_owned(), Json::Scalar("0".to_owned())));
            properties.push(("MinorRevision".to_owned(), Json::Scalar("0".to_owned())));
            Json::Object(properties)
        }
        Item::Array(items) if depth >= 0 => {
            Json::Array(many(Item::Array(items.clone())).iter().map(|item| tree(item, depth - 1)).collect())
        }
        Item::Object(object) if depth >= 0 && !(object.is_empty() && object.text.is_some()) => {
            Json::Object(object.iter().map(|(name, value)| (name.to_string(), tree(value, depth - 1))).collect())
        }
        Item::Object(object) if object.is(Object::HASHTABLE) => Json::Scalar(quoted(Object::HASHTABLE)),
        other => Json::Scalar(quoted(&text_of(other))),
    }
}

fn members(item: &Item, names: &[&str], depth: i64) -> Json {
    Json::Object(
        names
            .iter()
            .map(|name| {
                (
                    (*name).to_owned(),
                    property(item, name).map_or(Json::Scalar("null".to_owned()), |value| tree(&value, depth - 1)),
                )
            })
            .collect(),
    )
}

fn layout(json: &Json, column: usize, compress: bool, out: &mut String) {
    let (open, close, length) = match json {
        Json::Scalar(text) => return out.push_str(text),
        Json::Array(items) => ('[', ']', items.len()),
        Json::Object(properties) => ('{', '}', properties.len()),
    };
    let inner = column + 4;
    out.push(open);
    for nth in 0..length {
        if nth > 0 {
            out.push(',');
        }
        if !compress {
            out.push_str("\r\n");
            out.push_str(&" ".repeat(inner));
        }
        match json {
            Json::Array(items) => {
                if let Some(item) = items.get(nth) {
                    layout(item, inner, compress, out);
                }
            }
            Json::Object(properties) => {
                if let Some((name, value)) = properties.get(nth) {
                    let name = quoted(name);
                    let colon = if compress { ":" } else { ":  " };
                    out.push_str(&name);
                    out.push_str(colon);
                    layout(value, inner + name.chars().count() + colon.len(), compress, out);
                }
            }
            Json::Scalar(_) => {}
        }
    }
    if !compress {
        out.push_str("\r\n");
        if length == 0 {
            out.push_str("\r\n");
        }
        out.push_str(&" ".repeat(column));
    }
    out.push(close);
}

/// A text as JavaScriptSerializer quotes it: `<`, `>`, `&` and `'` as escapes too.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_control() || matches!(c, '<' | '>' | '&' | '\'') => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
