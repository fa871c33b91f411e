//! ConvertFrom-Json as 5.1 reads it: an array stays one object in the pipeline, `\/Date(…)\/` is a date.

use chrono::DateTime;
use serde_json::Value as Json;

use super::super::display::text_of;
use super::super::evaluate::{Boxed, Call, Evaluator, Sink};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::filter::failed;
use super::{Builtin, Filter, command};
use crate::powershell::Value;

pub const COMMANDS: &[Builtin] = &[Builtin { command: &FROM_JSON, make: |call| Box::new(FromJson { call, lines: Vec::new() }) }];

static FROM_JSON: Command = command(
    "ConvertFrom-Json",
    "Microsoft.PowerShell.Commands.ConvertFromJsonCommand",
    &[Parameter::new("InputObject", Kind::Text).at(0).mandatory().from_pipeline(Pipeline::Value)],
);

struct FromJson {
    call: Call,
    lines: Vec<String>,
}

impl Filter for FromJson {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.lines.push(text_of(&input));
            Ok(())
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            if !self.call.has_input {
                self.lines.extend(self.call.arguments.text("InputObject").map(str::to_owned));
            }
            let text = self.lines.join("\n");
            let Ok(json) = serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}')) else {
                let primitive: String = text.trim_start().chars().take_while(|c| !c.is_whitespace() && *c != ',').collect();
                let message = format!("Invalid JSON primitive: {primitive}.");
                let failure = Failure::new(message, "System.ArgumentException", "NotSpecified")
                    .id("System.ArgumentException")
                    .terminating();
                return Err(failed(shell, &self.call, failure));
            };
            shell.emit(item_of(&json), out).await
        })
    }
}

fn item_of(json: &Json) -> Item {
    match json {
        Json::Null => Item::NULL,
        Json::Bool(value) => Item::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Item::from(whole),
            (None, Some(value)) => Item::from(value),
            (None, None) => Item::from(number.to_string()),
        },
        Json::String(text) => date(text).unwrap_or_else(|| Item::from(text.as_str())),
        Json::Array(items) => Item::array(items.iter().map(item_of).collect()),
        Json::Object(members) => {
            let mut object = Object::custom();
            for (name, value) in members {
                object.set(name.as_str(), item_of(value));
            }
            object.into()
        }
    }
}

/// `/Date(1795230720000)/`
fn date(text: &str) -> Option<Item> {
    let ms = text.strip_prefix("/Date(")?.strip_suffix(")/")?.parse().ok()?;
    DateTime::from_timestamp_millis(ms).map(|moment| Item::Value(Value::DateTime(moment)))
}
