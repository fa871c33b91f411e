//! The front matter: what the file is, its roles, its inputs, what must never be.

use super::condition;
use super::fields::{self, check_name, entries, text, texts, truth};
use super::notes::Notes;
use super::passage::Passage;
use super::yaml::{self, Key, Node, Yaml};
use crate::facts::ServerName;
use crate::runbook::diagnostic::suggest;
use crate::runbook::model::{Condition, Role, Runbook, Span, Starts};
use crate::runbook::rules;
use crate::runbook::vocabulary::{self, FRONT_MATTER, ROLE, STARTS};

/// The format's number that this program reads.
pub const FORMAT: &str = "1";

/// Where the front matter ends and the document begins: the YAML's range (if there is one) and the first byte after it.
pub fn split(document: &str) -> (Option<Span>, usize) {
    let mut lines = document.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else { return (None, 0) };
    let mut at = first.len();
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return (Some(first.len()..at), at + line.len());
        }
        at += line.len();
    }
    (None, 0)
}

/// Reads the front matter of a document: a runbook without its body. Its title is empty where none is given.
pub fn read(document: &str, span: &Span, notes: &mut Notes) -> Runbook {
    let mut passage = Passage::default();
    passage.push(&document[span.clone()], span.start);
    let yaml = match yaml::parse(&passage) {
        Ok(yaml) => yaml,
        Err(error) => {
            // A how-to's broken front matter is not our business; a runbook's is.
            let strict = passage.text.lines().any(|line| line.starts_with("lockstep:"));
            notes.report(error);
            return Runbook { strict, ..Runbook::default() };
        }
    };
    let Node::Map(map) = &yaml.node else { return Runbook::default() };
    let Some((_, format)) = map.iter().find(|(key, _)| key.text == "lockstep") else { return how_to(map) };
    let mut front = Runbook { strict: true, ..Runbook::default() };
    if format.node != Node::Text(FORMAT.to_owned()) {
        notes.report(
            rules::FORMAT_VERSION
                .at(format.span.clone(), format!("this program reads runbooks of format {FORMAT}"))
                .help("write `lockstep: 1`, or use a newer lockstep"),
        );
    }
    for (key, value) in entries(&yaml, FRONT_MATTER, "the front matter", notes) {
        match key.text.as_str() {
            "title" => front.title = text(key, value, notes).unwrap_or_default(),
            "id" => front.id = text(key, value, notes),
            "version" => front.version = text(key, value, notes),
            "roles" => front.roles = roles(value, notes),
            "inputs" => front.inputs = fields::read(value, "inputs", notes),
            "never" => front.never = never(key, value, document, notes),
            "sources" => front.sources = texts(key, value, notes).into_iter().map(|(text, _)| text).collect(),
            _ => {}
        }
    }
    front
}

/// Of a plain how-to only the title is read.
fn how_to(map: &[(Key, Yaml)]) -> Runbook {
    let title = map.iter().find_map(|(key, value)| match &value.node {
        Node::Text(text) if key.text.eq_ignore_ascii_case("title") => Some(text.clone()),
        _ => None,
    });
    Runbook { title: title.unwrap_or_default(), ..Runbook::default() }
}

fn roles(yaml: &Yaml, notes: &mut Notes) -> Vec<Role> {
    let Node::Map(map) = &yaml.node else {
        notes.report(
            rules::BAD_VALUE
                .at(yaml.span.clone(), "'roles' is a mapping of role names")
                .help("such as `old: { title: \"Active today\", starts: active }`"),
        );
        return Vec::new();
    };
    map.iter().map(|(name, value)| role(name, value, notes)).collect()
}

fn role(name: &Key, yaml: &Yaml, notes: &mut Notes) -> Role {
    check_name(&name.text, &name.span, "a role", notes);
    let mut role = Role {
        name: ServerName(name.text.clone()),
        title: name.text.clone(),
        starts: Starts::Any,
        optional: false,
        span: name.span.clone(),
    };
    for (key, value) in entries(yaml, ROLE, &format!("the role '{}'", name.text), notes) {
        match key.text.as_str() {
            "title" => role.title = text(key, value, notes).unwrap_or(role.title),
            "optional" => role.optional = truth(key, value, notes),
            _ => role.starts = starts(key, value, notes),
        }
    }
    role
}

fn starts(key: &Key, value: &Yaml, notes: &mut Notes) -> Starts {
    let Some(word) = text(key, value, notes) else { return Starts::Any };
    vocabulary::starts(&word).unwrap_or_else(|| {
        let help = suggest(&word, STARTS.iter().copied());
        let message = format!("'{word}' is no value of 'starts'");
        notes.report(rules::BAD_VALUE.at(value.span.clone(), message).maybe_help(help));
        Starts::Any
    })
}

/// Conditions, or the bare names of findings. `dual-active` is always watched and adds nothing.
fn never(key: &Key, yaml: &Yaml, document: &str, notes: &mut Notes) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (text, span) in texts(key, yaml, notes) {
        let is_finding = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if is_finding {
            if text != "dual-active" {
                let line = format!("$findings -contains '{text}'");
                conditions.extend(condition::compile(&line, |_| span.clone(), notes));
            }
            continue;
        }
        // Within quotes and without escapes, a place in the text is a place in the document.
        let inner = document.get(span.clone()).and_then(|raw| raw.find(&text)).map(|at| span.start + at);
        let place = |part: Span| inner.map_or_else(|| span.clone(), |at| at + part.start..at + part.end);
        conditions.extend(condition::compile(&text, place, notes));
    }
    conditions
}
