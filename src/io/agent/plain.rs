//! A command for an endpoint that takes no script (JEA): the step's text, where it is one command with plain arguments, as
//! the command's name and values. What is more than that is refused in words: nothing is guessed and nothing is left out.

use serde_json::{Map, Value as Json};

use crate::powershell::Value;
use crate::powershell::syntax::{Argument, CommandName, Element, Expression, ExpressionKind, StatementKind, StringPart, parse};
use crate::rb1::request::{Command, CommandArgument};

/// What such an endpoint can be asked, for the end of every refusal.
const RULE: &str = "the endpoint takes no scripts (JEA): only one command with plain arguments can be sent to it";

/// The one command of a text. `vars` is what `$Run` holds.
///
/// # Errors
/// What in the text is more than a command with plain arguments.
pub(super) fn command(text: &str, vars: &Map<String, Json>) -> Result<Command, String> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors.first() {
        return Err(format!("PowerShell would refuse this text: {}", error.message));
    }
    if let Some(beyond) = parsed.beyond.first() {
        return Err(format!("{RULE}; this text has {}", beyond.what));
    }
    let [statement] = parsed.script.statements.as_slice() else {
        return Err(format!("{RULE}; this text has {} statements", parsed.script.statements.len()));
    };
    let StatementKind::Pipeline(elements) = &statement.kind else {
        return Err(format!("{RULE}; this text is another statement"));
    };
    let [Element::Command(written)] = elements.as_slice() else {
        return Err(format!("{RULE}; this text is a pipeline or an expression"));
    };
    let CommandName::Bare(name) = &written.name else {
        return Err(format!("{RULE}; here the command's name is computed"));
    };
    if !written.redirections.is_empty() {
        return Err(format!("{RULE}; this text redirects a stream"));
    }
    let mut arguments: Vec<CommandArgument> = Vec::new();
    let mut open = false;
    for argument in &written.arguments {
        match argument {
            Argument::Parameter { name, value, .. } => {
                let value = value.as_ref().map(|value| plain(value, text, vars)).transpose()?;
                open = value.is_none();
                arguments.push(CommandArgument { name: Some(name.clone()), value });
            }
            Argument::Splat { .. } => return Err(format!("{RULE}; this text splats a variable")),
            Argument::Value(expression) => {
                let value = Some(plain(expression, text, vars)?);
                match arguments.last_mut().filter(|_| open) {
                    Some(last) => last.value = value,
                    None => arguments.push(CommandArgument { name: None, value }),
                }
                open = false;
            }
        }
    }
    Ok(Command { name: name.clone(), arguments })
}

/// A value that needs no evaluation.
fn plain(expression: &Expression, text: &str, vars: &Map<String, Json>) -> Result<Json, String> {
    match &expression.kind {
        ExpressionKind::Literal(value) | ExpressionKind::Number { value, .. } => Ok(value.to_json()),
        ExpressionKind::Expandable(parts) => {
            let texts = parts.iter().map(|part| if let StringPart::Text(text) = part { Some(text.as_str()) } else { None });
            texts.collect::<Option<String>>().map(Json::String).ok_or_else(|| not_plain(expression, text))
        }
        ExpressionKind::Variable(variable) if variable.scope.is_none() => match variable.name.to_ascii_lowercase().as_str() {
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            "null" => Ok(Json::Null),
            _ => Err(not_plain(expression, text)),
        },
        ExpressionKind::List(items) => items.iter().map(|item| plain(item, text, vars)).collect(),
        ExpressionKind::Unary(operator, of) if operator == "-" => match &of.kind {
            ExpressionKind::Literal(Value::Int(n)) | ExpressionKind::Number { value: Value::Int(n), .. } => Ok(Json::from(-n)),
            _ => Err(not_plain(expression, text)),
        },
        ExpressionKind::Member { of, name, of_type: false } => match (&of.kind, &name.kind) {
            (ExpressionKind::Variable(run), ExpressionKind::Literal(Value::Text(name)))
                if run.scope.is_none() && run.name.eq_ignore_ascii_case("Run") =>
            {
                let found = vars.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
                found.ok_or_else(|| format!("there is no $Run.{name}"))
            }
            _ => Err(not_plain(expression, text)),
        },
        _ => Err(not_plain(expression, text)),
    }
}

fn not_plain(expression: &Expression, text: &str) -> String {
    format!("{RULE}; '{}' would have to be evaluated there", text.get(expression.span.clone()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(text: &str) -> Result<Json, String> {
        let vars = Map::from_iter([("User".to_owned(), json!("o'neil"))]);
        command(text, &vars).map(|command| serde_json::to_value(command).expect("plain data"))
    }

    #[test]
    fn one_command_with_plain_arguments_is_sent_apart() {
        assert_eq!(sent("Get-ADSyncScheduler"), Ok(json!({ "name": "Get-ADSyncScheduler" })));
        assert_eq!(
            sent("Set-ADSyncScheduler -SyncCycleEnabled $false -Force"),
            Ok(json!({ "name": "Set-ADSyncScheduler", "arguments": [
                { "name": "SyncCycleEnabled", "value": false }, { "name": "Force" }] }))
        );
        assert_eq!(
            sent("Start-X Delta 'a b' \"c\" -Days:-3 -Names x, 'y' -User $Run.User  # the policy"),
            Ok(json!({ "name": "Start-X", "arguments": [
                { "value": "Delta" }, { "value": "a b" }, { "value": "c" }, { "name": "Days", "value": -3 },
                { "name": "Names", "value": ["x", "y"] }, { "name": "User", "value": "o'neil" }] }))
        );
    }

    #[test]
    fn anything_more_is_refused_with_what_it_is() {
        for (text, words) in [
            ("Get-ADSyncScheduler | Select-Object StagingModeEnabled", "pipeline"),
            ("(Get-ADSyncScheduler).StagingModeEnabled", "pipeline or an expression"),
            ("Get-A; Get-B", "2 statements"),
            ("Get-A -Name $env:USERNAME", "$env:USERNAME"),
            ("Get-A -Name \"x$(Get-B)\"", "x$(Get-B)"),
            ("Get-A -Name $other", "$other"),
            ("Get-A -Name $Run.Missing", "no $Run.Missing"),
            ("Get-A > C:\\x.txt", "JEA"),
            ("& $command", "computed"),
            ("if ($true) { Get-A }", "another statement"),
            ("Get-A 'open", "would refuse"),
            ("", "0 statements"),
        ] {
            let why = sent(text).expect_err(text);
            assert!(why.contains(words), "{text}: {why}");
        }
    }
}
