//! New-Object for the types that runbooks make, and Get-Member.

use super::super::display::text_of;
use super::super::evaluate::convert::{full_type_name, many};
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::filter::failed;
use super::{Builtin, Filter, command};

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &NEW, make: |call| Box::new(New { call }) },
    Builtin { command: &MEMBER, make: |call| Box::new(Member { call, seen: Vec::new() }) },
];

static NEW: Command = command(
    "New-Object",
    "Microsoft.PowerShell.Commands.NewObjectCommand",
    &[
        Parameter::new("TypeName", Kind::Text).at(0).mandatory(),
        Parameter::new("ArgumentList", Kind::Many).alias(&["Args"]).at(1),
        Parameter::new("Property", Kind::Any),
    ],
);
static MEMBER: Command = command(
    "Get-Member",
    "Microsoft.PowerShell.Commands.GetMemberCommand",
    &[
        Parameter::new("Name", Kind::Texts).at(0),
        Parameter::new("MemberType", Kind::Text),
        Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value),
    ],
);

/// The types of rules that an exported rule makes by New-Object, with what their constructors take.
const MODEL: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel.";
const CONSTRUCTED: &[(&str, &[&str])] = &[
    ("ScopeCondition", &["Attribute", "ComparisonValue", "ComparisonOperator"]),
    ("JoinCondition", &["CSAttribute", "MVAttribute", "CaseSensitive"]),
];

struct New {
    call: Call,
}

impl New {
    fn made(&self, shell: &Evaluator) -> Result<Item, Flow> {
        let name = self.call.arguments.text("TypeName").unwrap_or_default();
        let given = self.call.arguments.get("ArgumentList").cloned().map(many).unwrap_or_default();
        if let Some((type_name, parts)) =
            CONSTRUCTED.iter().find(|(known, _)| name.eq_ignore_ascii_case(&format!("{MODEL}{known}")))
        {
            if given.len() != parts.len() {
                let message = format!("A constructor was not found. Cannot find an appropriate constructor for type {name}.");
                let failure = Failure::new(message, "System.Management.Automation.PSArgumentException", "ObjectNotFound")
                    .id("CannotFindAppropriateCtor");
                return Err(failed(shell, &self.call, failure));
            }
            let mut object = Object::new(format!("{MODEL}{type_name}"));
            for (part, item) in parts.iter().zip(given) {
                object.set(*part, Item::from(text_of(&item)));
            }
            return Ok(object.into());
        }
        let short = name.trim_start_matches("System.Management.Automation.").trim_start_matches("System.");
        match short.to_ascii_lowercase().as_str() {
            "psobject" | "pscustomobject" | "object" => {
                let mut object = Object::custom();
                if let Some(Item::Object(table)) = self.call.arguments.get("Property") {
                    for (key, value) in table.iter() {
                        object.set(std::sync::Arc::clone(key), value.clone());
                    }
                }
                Ok(object.into())
            }
            "guid" => match given.first() {
                Some(text) => shell.constructed(Kind::Guid, text.clone(), &self.call.span),
                None => Ok(Item::guid("00000000-0000-0000-0000-000000000000")),
            },
            "version" => match given.as_slice() {
                [one] => shell.constructed(Kind::Version, one.clone(), &self.call.span),
                parts => {
                    let text = parts.iter().map(text_of).collect::<Vec<_>>().join(".");
                    shell.constructed(Kind::Version, Item::from(text), &self.call.span)
                }
            },
            "datetime" => {
                let numbers: Vec<i64> = given.iter().filter_map(|item| item.to_value().as_int()).collect();
                match moment(&numbers) {
                    Some(moment) => Ok(Item::from(moment)),
                    None => Err(shell.not_played("a date of these numbers", &self.call.span)),
                }
            }
            "timespan" => {
                let numbers: Vec<i64> = given.iter().map(|item| item.to_value().as_int().unwrap_or(0)).collect();
                let text = match numbers.as_slice() {
                    [ticks] => return shell.constructed(Kind::TimeSpan, Item::from(*ticks), &self.call.span),
                    [hours, minutes, seconds] => format!("{hours:02}:{minutes:02}:{seconds:02}"),
                    [days, hours, minutes, seconds, ..] => format!("{days}.{hours:02}:{minutes:02}:{seconds:02}"),
                    _ => "0".to_owned(),
                };
                shell.constructed(Kind::TimeSpan, Item::from(text), &self.call.span)
            }
            _ => Err(shell.not_played(&format!("New-Object {name}"), &self.call.span)),
        }
    }
}

/// A date of year, month, day and maybe hour, minute and second.
fn moment(numbers: &[i64]) -> Option<crate::Time> {
    let part = |at: usize| u32::try_from(numbers.get(at).copied().unwrap_or(0)).ok();
    if ![3, 6].contains(&numbers.len()) {
        return None;
    }
    let date = chrono::NaiveDate::from_ymd_opt(i32::try_from(numbers[0]).ok()?, part(1)?, part(2)?)?;
    Some(date.and_hms_opt(part(3)?, part(4)?, part(5)?)?.and_utc())
}

impl Filter for New {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, _input: Item, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let object = self.made(shell)?;
            shell.emit(object, out).await
        })
    }
}

/// The properties of each type that comes by; methods are not listed, since the lab does not know them all.
struct Member {
    call: Call,
    seen: Vec<String>,
}

impl Filter for Member {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let type_name = full_type_name(&input);
            let Item::Object(object) = &input else {
                return Err(shell.not_played(&format!("Get-Member of {type_name}"), &self.call.span));
            };
            if self.seen.contains(&type_name) {
                return Ok(());
            }
            let kind = if object.is(Object::CUSTOM) || type_name.starts_with("Selected.") { "NoteProperty" } else { "Property" };
            self.seen.push(type_name);
            let names: Vec<String> = match self.call.arguments.get("Name") {
                Some(Item::Array(names)) => names.iter().map(text_of).collect(),
                _ => Vec::new(),
            };
            let mut members: Vec<_> = object
                .iter()
                .filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)))
                .collect();
            members.sort_by_key(|(name, _)| name.to_lowercase());
            for (name, value) in members {
                let of = full_type_name(value);
                let short = match of.as_str() {
                    "System.String" => "string",
                    "System.Int32" => "int",
                    "System.Boolean" => "bool",
                    "System.DateTime" => "datetime",
                    "System.TimeSpan" => "timespan",
                    "System.Guid" => "guid",
                    other => other.trim_start_matches("System."),
                };
                let definition = if kind == "NoteProperty" {
                    format!("{short} {name}={}", text_of(value))
                } else {
                    format!("{short} {name} {{get;set;}}")
                };
                let member = Object::new("Microsoft.PowerShell.Commands.MemberDefinition")
                    .with("Name", name.to_string())
                    .with("MemberType", kind)
                    .with("Definition", definition);
                shell.emit(member.into(), out).await?;
            }
            Ok(())
        })
    }
}
