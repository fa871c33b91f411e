//! Arguments to parameters: names, abbreviations, places, conversion, and what every cmdlet takes besides.

use super::super::display::text_of;
use super::super::error::binding;
use super::super::host::{Arguments, Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::Item;
use super::convert::{argument, kind_name};
use super::truthy;
use crate::powershell::token::Span;

/// An argument as it stands in the script, its value known.
#[derive(Debug, Clone)]
pub enum Given {
    /// `-Name`, `-Name:value`
    Parameter { name: String, value: Option<Written>, span: Span },
    /// A value.
    Value(Written),
}

/// A value and the text it was written as, where that is another (`007`).
#[derive(Debug, Clone)]
pub struct Written {
    pub item: Item,
    pub text: Option<String>,
    pub span: Span,
}

/// Arguments by parameter.
#[derive(Debug, Clone, Default)]
pub struct Bound {
    pub arguments: Arguments,
    pub common: Common,
}

/// The parameters that every cmdlet has.
#[derive(Debug, Clone, Default)]
pub struct Common {
    pub error_action: Option<String>,
    pub out_variable: Option<String>,
    pub error_variable: Option<String>,
    pub verbose: Option<bool>,
    pub what_if: bool,
    pub confirm: bool,
}

const COMMON: &[(&str, &[&str])] = &[
    ("ErrorAction", &["ea"]),
    ("OutVariable", &["ov"]),
    ("Verbose", &["vb"]),
    ("WarningAction", &["wa"]),
    ("InformationAction", &["infa"]),
    ("ErrorVariable", &["ev"]),
    ("WarningVariable", &["wv"]),
    ("Debug", &["db"]),
    ("OutBuffer", &["ob"]),
    ("PipelineVariable", &["pv"]),
    ("WhatIf", &["wi"]),
    ("Confirm", &["cf"]),
];

enum Found {
    Own(&'static Parameter),
    Common(&'static str),
}

/// Binds what was given. The error names its place.
pub fn bind(command: &'static Command, given: Vec<Given>, has_input: bool, at: &Span) -> Result<Bound, (Failure, Span)> {
    let mut bound = Bound::default();
    if command.parameters == [Parameter::UNBOUND] {
        return Ok(bound);
    }
    let mut places = Vec::new();
    let mut given = given.into_iter().peekable();
    while let Some(next) = given.next() {
        match next {
            Given::Value(value) => places.push(value),
            Given::Parameter { name, value, span } => {
                let found = find(command, &name).map_err(|failure| (failure, span.clone()))?;
                let takes_value = match &found {
                    Found::Own(parameter) => parameter.kind != Kind::Switch,
                    Found::Common(name) => !matches!(*name, "Verbose" | "Debug" | "WhatIf" | "Confirm"),
                };
                let value = match value {
                    Some(value) => Some(value),
                    None if !takes_value => None,
                    None => match given.next_if(|next| matches!(next, Given::Value(_))) {
                        Some(Given::Value(value)) => Some(value),
                        _ => return Err((missing_argument(&found), span)),
                    },
                };
                match found {
                    Found::Own(parameter) => set(&mut bound.arguments, parameter, value, &span)?,
                    Found::Common(name) => set_common(&mut bound.common, name, value.as_ref().map(|value| &value.item), &span)?,
                }
            }
        }
    }
    by_place(command, &mut bound.arguments, places)?;
    let missing: Vec<&str> = command
        .parameters
        .iter()
        .filter(|parameter| parameter.mandatory && !bound.arguments.named.contains_key(parameter.name))
        .filter(|parameter| !(has_input && parameter.pipeline != Pipeline::No))
        .map(|parameter| parameter.name)
        .collect();
    if !missing.is_empty() {
        let message =
            format!("Cannot process command because of one or more missing mandatory parameters: {}.", missing.join(" "));
        return Err((binding("MissingMandatoryParameter", message), at.clone()));
    }
    Ok(bound)
}

fn by_place(command: &'static Command, arguments: &mut Arguments, places: Vec<Written>) -> Result<(), (Failure, Span)> {
    let mut free: Vec<&'static Parameter> = command
        .parameters
        .iter()
        .filter(|parameter| parameter.position.is_some() && !arguments.named.contains_key(parameter.name))
        .collect();
    free.sort_by_key(|parameter| parameter.position);
    let mut free = free.into_iter();
    let mut rest: Option<(&'static Parameter, Vec<Item>)> = None;
    for value in places {
        if let Some(parameter) = free.next() {
            let span = value.span.clone();
            // The last place of a list takes all that follows (`Write-Host a b`).
            if free.len() == 0 && parameter.kind == Kind::Many {
                rest = Some((parameter, super::convert::many(value.item)));
            } else {
                set(arguments, parameter, Some(value), &span)?;
            }
        } else if let Some((_, items)) = &mut rest {
            items.push(value.item);
        } else {
            let text = value.text.unwrap_or_else(|| text_of(&value.item));
            let message = format!("A positional parameter cannot be found that accepts argument '{text}'.");
            return Err((binding("PositionalParameterNotFound", message), value.span));
        }
    }
    if let Some((parameter, items)) = rest {
        arguments.named.insert(parameter.name, Item::array(items));
    }
    Ok(())
}

fn find(command: &'static Command, name: &str) -> Result<Found, Failure> {
    let own = |parameter: &&'static Parameter| {
        parameter.name.eq_ignore_ascii_case(name) || parameter.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    };
    if let Some(parameter) = command.parameters.iter().find(own) {
        return Ok(Found::Own(parameter));
    }
    let exact = |(common, aliases): &&(&'static str, &[&str])| {
        common.eq_ignore_ascii_case(name) || aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    };
    if let Some((common, _)) = COMMON.iter().find(exact) {
        return Ok(Found::Common(common));
    }
    let begins = |full: &str| !name.is_empty() && full.to_lowercase().starts_with(&name.to_lowercase());
    let own: Vec<&'static Parameter> = command.parameters.iter().filter(|parameter| begins(parameter.name)).collect();
    let common: Vec<&'static str> = COMMON.iter().map(|(common, _)| *common).filter(|common| begins(common)).collect();
    match (own.as_slice(), common.as_slice()) {
        ([parameter], []) => Ok(Found::Own(parameter)),
        ([], [common]) => Ok(Found::Common(common)),
        ([], []) => {
            Err(binding("NamedParameterNotFound", format!("A parameter cannot be found that matches parameter name '{name}'.")))
        }
        _ => {
            let matches: Vec<String> =
                own.iter().map(|parameter| parameter.name).chain(common).map(|name| format!("-{name}")).collect();
            let message = format!(
                "Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches include: {}.",
                matches.join(" ")
            );
            Err(binding("AmbiguousParameter", message))
        }
    }
}

fn missing_argument(found: &Found) -> Failure {
    let (name, kind) = match found {
        Found::Own(parameter) => (parameter.name, kind_name(parameter.kind)),
        Found::Common("ErrorAction") => ("ErrorAction", "System.Management.Automation.ActionPreference"),
        Found::Common(name) => (*name, "System.String"),
    };
    binding(
        "MissingArgument",
        format!("Missing an argument for parameter '{name}'. Specify a parameter of type '{kind}' and try again."),
    )
}

/// Binds one value to one parameter.
fn set(
    arguments: &mut Arguments,
    parameter: &'static Parameter,
    value: Option<Written>,
    span: &Span,
) -> Result<(), (Failure, Span)> {
    if arguments.named.contains_key(parameter.name) {
        let message = format!(
            "Cannot bind parameter because parameter '{}' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, \"-parameter value1,value2,value3\".",
            parameter.name
        );
        return Err((binding("ParameterAlreadyBound", message), span.clone()));
    }
    let at = value.as_ref().map_or_else(|| span.clone(), |value| value.span.clone());
    let item = match value {
        // A text parameter takes a number as it is written.
        Some(Written { text: Some(text), .. }) if matches!(parameter.kind, Kind::Text | Kind::Enum(..)) => Item::from(text),
        Some(value) => value.item,
        None => Item::from(true),
    };
    let converted = bind_item(parameter, item).map_err(|failure| (failure, at))?;
    arguments.named.insert(parameter.name, converted);
    Ok(())
}

/// Converts an item for a parameter, in the binder's words.
pub fn bind_item(parameter: &Parameter, item: Item) -> Result<Item, Failure> {
    let takes_null =
        matches!(parameter.kind, Kind::NullableBool | Kind::NullableTimeSpan | Kind::Any | Kind::Many | Kind::Switch);
    if item.is_null() && parameter.mandatory && !takes_null {
        let message = format!("Cannot bind argument to parameter '{}' because it is null.", parameter.name);
        return Err(Failure::new(message, "System.Management.Automation.ParameterBindingValidationException", "InvalidData")
            .id("ParameterArgumentValidationErrorNullNotAllowed"));
    }
    let type_null = item.is_null() && !takes_null && !matches!(parameter.kind, Kind::Text | Kind::Texts);
    if type_null && matches!(parameter.kind, Kind::Bool | Kind::TimeSpan | Kind::Guid | Kind::DateTime | Kind::Enum(..)) {
        let message = format!(
            "Cannot bind argument to parameter '{}'. Cannot convert null to type \"{}\".",
            parameter.name,
            kind_name(parameter.kind)
        );
        return Err(binding("CannotConvertArgumentNoMessage", message));
    }
    if let (Kind::Text, Item::Array(_)) = (parameter.kind, &item) {
        let message = format!(
            "Cannot convert 'System.Object[]' to the type 'System.String' required by parameter '{}'. Specified method is not supported.",
            parameter.name
        );
        return Err(binding("CannotConvertArgument", message));
    }
    argument(item, parameter.kind).map_err(|error| {
        let message = format!("Cannot bind parameter '{}'. {}", parameter.name, error.message);
        binding("CannotConvertArgumentNoMessage", message)
    })
}

fn set_common(common: &mut Common, name: &str, value: Option<&Item>, span: &Span) -> Result<(), (Failure, Span)> {
    let text = value.map(text_of).unwrap_or_default();
    let on = value.is_none_or(truthy);
    match name {
        "ErrorAction" => {
            const ACTIONS: [&str; 6] = ["SilentlyContinue", "Stop", "Continue", "Inquire", "Ignore", "Suspend"];
            let numbered = text.parse::<usize>().ok().and_then(|number| ACTIONS.get(number));
            let begins = |action: &&&str| !text.is_empty() && action.to_lowercase().starts_with(&text.to_lowercase());
            let known = numbered.or_else(|| ACTIONS.iter().find(begins));
            let Some(action) = known else {
                let message = format!(
                    "Cannot bind parameter 'ErrorAction'. Cannot convert value \"{text}\" to type \"System.Management.Automation.ActionPreference\". Error: \"Unable to match the identifier name {text} to a valid enumerator name. Specify one of the following enumerator names and try again:\n{}\"",
                    ACTIONS.join(", ")
                );
                return Err((binding("CannotConvertArgumentNoMessage", message), span.clone()));
            };
            common.error_action = Some((*action).to_owned());
        }
        "OutVariable" => common.out_variable = Some(text),
        "ErrorVariable" => common.error_variable = Some(text),
        "Verbose" => common.verbose = Some(on),
        "WhatIf" => common.what_if = on,
        "Confirm" => common.confirm = on,
        _ => {}
    }
    Ok(())
}
