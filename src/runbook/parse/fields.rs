//! Fields of forms and inputs: a mapping of names to what is asked.

use super::notes::Notes;
use super::yaml::{Key, Node, Yaml};
use crate::powershell::operator::Case;
use crate::powershell::pattern::is_small;
use crate::runbook::diagnostic::suggest;
use crate::runbook::fields as entered;
use crate::runbook::model::{Field, FieldKind, Span};
use crate::runbook::rules;
use crate::runbook::vocabulary::{FIELD, FIELD_TYPES, RESERVED, Word};

/// The entries of a mapping whose keys are known words; unknown ones are reported.
pub fn entries<'y>(yaml: &'y Yaml, known: &[Word], of: &str, notes: &mut Notes) -> Vec<(&'y Key, &'y Yaml)> {
    match &yaml.node {
        Node::Null => Vec::new(),
        Node::Map(map) => map
            .iter()
            .filter(|(key, _)| {
                let found = known.iter().any(|word| word.name == key.text);
                if !found {
                    let help = suggest(&key.text, known.iter().map(|word| word.name));
                    let message = format!("{of} has no key '{}'", key.text);
                    notes.report(rules::UNKNOWN_KEY.at(key.span.clone(), message).maybe_help(help));
                }
                found
            })
            .map(|(key, value)| (key, value))
            .collect(),
        _ => {
            let words = known.iter().map(|word| word.name).collect::<Vec<_>>().join(", ");
            notes.report(rules::BAD_VALUE.at(yaml.span.clone(), format!("{of} is a mapping")).help(format!("keys: {words}")));
            Vec::new()
        }
    }
}

/// The text of a scalar; anything else is reported.
pub fn text(key: &Key, value: &Yaml, notes: &mut Notes) -> Option<String> {
    match &value.node {
        Node::Text(text) => Some(text.clone()),
        Node::Null => None,
        _ => {
            notes.report(rules::BAD_VALUE.at(value.span.clone(), format!("'{}' takes a text", key.text)));
            None
        }
    }
}

/// The texts of a list, with their places; a lone text is a list of one.
pub fn texts(key: &Key, value: &Yaml, notes: &mut Notes) -> Vec<(String, Span)> {
    match &value.node {
        Node::Null => Vec::new(),
        Node::Text(text) => vec![(text.clone(), value.span.clone())],
        Node::List(items) => items.iter().filter_map(|item| Some((self::text(key, item, notes)?, item.span.clone()))).collect(),
        Node::Map(_) => {
            notes.report(rules::BAD_VALUE.at(value.span.clone(), format!("'{}' takes a list of texts", key.text)));
            Vec::new()
        }
    }
}

/// Whether a name can be a variable's: reported where it cannot.
pub fn check_name(name: &str, span: &Span, of: &str, notes: &mut Notes) -> bool {
    let mut chars = name.chars();
    let good =
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !good {
        let better: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let better = if better.starts_with(|c: char| c.is_ascii_digit()) { format!("_{better}") } else { better };
        let message = if name.is_empty() { format!("{of} needs a name") } else { format!("'{name}' cannot be the name of {of}") };
        let help = match better.as_str() {
            "" => "letters, digits and underscores".to_owned(),
            _ if name.contains('-') => {
                format!("letters, digits and underscores, such as '{better}': a hyphen would be an operator")
            }
            _ => format!("letters, digits and underscores, such as '{better}'"),
        };
        notes.report(rules::BAD_NAME.at(span.clone(), message).help(help));
        return false;
    }
    if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name)) {
        let message = format!("'{name}' cannot be the name of {of}: facts use it");
        notes.report(rules::RESERVED_NAME.at(span.clone(), message));
        return false;
    }
    true
}

/// The fields of a form or the inputs of a runbook.
pub fn read(yaml: &Yaml, of: &str, notes: &mut Notes) -> Vec<Field> {
    match &yaml.node {
        Node::Null => Vec::new(),
        Node::Map(map) => map.iter().map(|(key, value)| field(key, value, notes)).collect(),
        _ => {
            notes.report(
                rules::BAD_VALUE
                    .at(yaml.span.clone(), format!("{of} is a mapping of field names"))
                    .help("such as `ticket: { label: Change ticket, required: true }`"),
            );
            Vec::new()
        }
    }
}

fn field(name: &Key, yaml: &Yaml, notes: &mut Notes) -> Field {
    check_name(&name.text, &name.span, "a field", notes);
    let (mut label, mut choices) = (None, None);
    let mut kind: Option<(String, Span)> = None;
    let (mut required, mut matches) = (false, None);
    let mut example: Option<(String, Span)> = None;
    for (key, value) in entries(yaml, FIELD, &format!("the field '{}'", name.text), notes) {
        match key.text.as_str() {
            "label" => label = text(key, value, notes),
            "type" => kind = text(key, value, notes).map(|word| (word, value.span.clone())),
            "choices" => choices = Some((texts(key, value, notes), value.span.clone())),
            "required" => required = truth(key, value, notes),
            "match" => matches = pattern(key, value, notes),
            _ => example = text(key, value, notes).map(|example| (example, value.span.clone())),
        }
    }
    let field = Field {
        name: name.text.clone(),
        label: label.unwrap_or_else(|| name.text.replace('_', " ")),
        kind: field_kind(name, kind.as_ref(), choices, notes),
        required,
        matches,
        example: None,
        span: name.span.clone(),
    };
    let Some((example, span)) = example else { return field };
    let to_choose = !matches!(&field.kind, FieldKind::Choice(choices) if choices.is_empty());
    if let Err(why) = entered::read(&field, &example)
        && to_choose
    {
        let message = format!("the example of '{}' does not fit: {why}", name.text);
        notes.report(rules::BAD_VALUE.at(span, message).help("a rehearsal fills it in, and the operator reads it"));
    }
    Field { example: Some(example), ..field }
}

type Choices = (Vec<(String, Span)>, Span);

fn field_kind(name: &Key, kind: Option<&(String, Span)>, choices: Option<Choices>, notes: &mut Notes) -> FieldKind {
    let word = kind.map_or(if choices.is_some() { "choice" } else { "text" }, |(word, _)| word.as_str());
    if word != "choice"
        && let Some((_, span)) = &choices
    {
        notes.report(rules::BAD_VALUE.at(span.clone(), format!("a field of type '{word}' has no choices")).help("type: choice"));
    }
    match word {
        "text" => FieldKind::Text,
        "bool" => FieldKind::Bool,
        "number" => FieldKind::Number,
        "datetime" => FieldKind::DateTime,
        "secret" => FieldKind::Secret,
        "choice" => {
            let list: Vec<String> = choices.map(|(list, _)| list.into_iter().map(|(text, _)| text).collect()).unwrap_or_default();
            if list.is_empty() {
                let message = format!("the choice '{}' has nothing to choose from", name.text);
                notes.report(rules::MISSING_KEY.at(name.span.clone(), message).help("choices: [one, other]"));
            }
            FieldKind::Choice(list)
        }
        other => {
            let span = kind.map_or_else(|| name.span.clone(), |(_, span)| span.clone());
            let help = suggest(other, FIELD_TYPES.iter().copied());
            notes.report(rules::BAD_VALUE.at(span, format!("'{other}' is no type of a field")).maybe_help(help));
            FieldKind::Text
        }
    }
}

/// Yes or no; anything else is reported.
pub fn truth(key: &Key, value: &Yaml, notes: &mut Notes) -> bool {
    match text(key, value, notes).as_deref() {
        Some("true" | "True" | "TRUE") => true,
        Some("false" | "False" | "FALSE") | None => false,
        Some(other) => {
            let message = format!("'{}' takes true or false, not '{other}'", key.text);
            // YAML of old took more words for these.
            let help = match other.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" => "write true",
                "no" | "off" | "n" => "write false",
                _ => "write true or false",
            };
            notes.report(rules::BAD_VALUE.at(value.span.clone(), message).help(help));
            false
        }
    }
}

fn pattern(key: &Key, value: &Yaml, notes: &mut Notes) -> Option<String> {
    let pattern = text(key, value, notes)?;
    let compiled = || regex::RegexBuilder::new(&pattern).size_limit(1 << 20).build().err();
    // Compiling is left to whoever fills the field in, unless only that tells whether it can be done.
    let wrong = match is_small(&pattern, Case::Sensitive) {
        Ok(true) => None,
        Ok(false) => compiled().map(|error| error.to_string()),
        Err(words) => Some(words),
    };
    match wrong {
        None => Some(pattern),
        Some(words) => {
            let words = words.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            notes.report(rules::BAD_VALUE.at(value.span.clone(), format!("'match' is no regular expression: {words}")));
            None
        }
    }
}
