//! What a variable path of a gate stands for: its kind, whether it is many, and the groups it needs; or that there is no
//! such fact, with what may have been meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use super::fact::Kind;
use super::shape::{self, Shape};
use crate::rb1::Group;

/// The names that a runbook adds to the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// Roles
    pub roles: Vec<String>,
    /// Inputs with their kinds
    pub inputs: BTreeMap<String, Kind>,
    /// Forms, their fields with kinds
    pub forms: BTreeMap<String, BTreeMap<String, Kind>>,
    /// Names of `into=`
    pub results: BTreeSet<String>,
}

/// Whose facts a path reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// One server's, by its role as the runbook spells it
    Server(String),
    /// Every server's (`$servers`, `$pair`, `$tenant`, `$findings`)
    Servers,
    /// Nobody's: the session has captured it
    Session,
}

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// What it holds; of many, each
    pub kind: Kind,
    /// Whether it is an array, by itself or by member enumeration
    pub many: bool,
    /// Whether it may be `$null`
    pub nullable: bool,
    /// Whose facts it reads
    pub whose: Whose,
    /// The groups that must be fresh there
    pub groups: BTreeSet<Group>,
}

/// A path that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchFact {
    /// The path as written
    pub path: String,
    /// The bytes of the path that are wrong
    pub span: Range<usize>,
    /// Whole paths that may have been meant, the nearest first, three at most
    pub candidates: Vec<String>,
}

impl fmt::Display for NoSuchFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = self.path.get(self.span.clone()).unwrap_or(&self.path);
        write!(f, "no such fact: '{wrong}' in {}", self.path)?;
        match self.candidates.as_slice() {
            [] => Ok(()),
            [one] => write!(f, "; did you mean {one}?"),
            [first @ .., last] => write!(f, "; did you mean {} or {last}?", first.join(", ")),
        }
    }
}

impl std::error::Error for NoSuchFact {}

/// Resolves `$new.Scheduler.StagingModeEnabled`, `$servers.Host`, `$old.RunHistory[0].Result`, `$findings.Count`. The
/// leading `$` may be left out; names are found without regard to case.
pub fn resolve(path: &str, names: &Names) -> Result<Resolved, NoSuchFact> {
    let segments = segments(path);
    let Some((root, rest)) = segments.split_first() else {
        return Err(NoSuchFact { path: path.to_owned(), span: 0..path.len(), candidates: roots(names) });
    };
    let follow = |shape, whose, many| Follow { path, whose, shown: &path[..root.span.end] }.walk(shape, many, rest);
    if let Some(role) = names.roles.iter().find(|role| role.eq_ignore_ascii_case(root.name)) {
        return follow(shape::server(), Whose::Server(role.clone()), false);
    }
    match root.name.to_ascii_lowercase().as_str() {
        "servers" => follow(shape::server(), Whose::Servers, !root.indexed),
        "inputs" => captured(path, root, rest, &names.inputs),
        "results" => {
            let kinds = names.results.iter().map(|name| (name.clone(), Kind::Any)).collect();
            captured(path, root, rest, &kinds)
        }
        "forms" => form(path, root, rest, names),
        name => match shape::session().member(name) {
            Some(shape) => follow(shape, if name == "step" { Whose::Session } else { Whose::Servers }, false),
            None => Err(NoSuchFact {
                path: path.to_owned(),
                span: root.span.clone(),
                candidates: nearest(root.name, roots(names).into_iter().map(|root| (root.clone(), root))),
            }),
        },
    }
}

fn roots(names: &Names) -> Vec<String> {
    let fixed = ["servers", "pair", "tenant", "findings", "inputs", "forms", "results", "step"];
    names.roles.iter().map(String::as_str).chain(fixed).map(|root| format!("${root}")).collect()
}

/// One name of a path.
struct Segment<'a> {
    name: &'a str,
    span: Range<usize>,
    /// Whether `[0]` follows it
    indexed: bool,
}

fn segments(path: &str) -> Vec<Segment<'_>> {
    let start = usize::from(path.starts_with('$'));
    let mut at = start;
    let mut found = Vec::new();
    for part in path[start..].split('.') {
        let name = part.split('[').next().unwrap_or(part);
        if !name.is_empty() {
            found.push(Segment { name, span: at..at + name.len(), indexed: part.len() > name.len() });
        }
        at += part.len() + 1;
    }
    found
}

/// `.Count` and `.Length` answer for every value in PowerShell.
fn is_count(name: &str) -> bool {
    name.eq_ignore_ascii_case("Count") || name.eq_ignore_ascii_case("Length")
}

struct Follow<'a> {
    path: &'a str,
    whose: Whose,
    /// The root as written, for candidates
    shown: &'a str,
}

impl Follow<'_> {
    fn walk(self, root: &Shape, many: bool, rest: &[Segment<'_>]) -> Result<Resolved, NoSuchFact> {
        let mut at = root;
        let mut many = many || root.array;
        let mut nullable = false;
        for (place, segment) in rest.iter().enumerate() {
            if let Some(next) = at.member(segment.name) {
                at = next;
                many |= next.array && !segment.indexed;
                nullable |= next.fact.is_some_and(|fact| fact.nullable);
            } else if is_count(segment.name) && place + 1 == rest.len() {
                return Ok(self.found(Kind::Int, false, false, at));
            } else {
                return Err(self.missing(root, at, rest, place));
            }
        }
        let kind = at.fact.filter(|_| at.members.is_empty()).map_or(Kind::Object, |fact| fact.kind);
        Ok(self.found(kind, many, nullable, at))
    }

    fn found(self, kind: Kind, many: bool, nullable: bool, shape: &Shape) -> Resolved {
        Resolved { kind, many, nullable, whose: self.whose, groups: shape.needs().collect() }
    }

    fn missing(self, root: &Shape, at: &Shape, rest: &[Segment<'_>], place: usize) -> NoSuchFact {
        let wrong = &rest[place];
        let written: Vec<&str> = rest.iter().map(|segment| segment.name).collect();
        let prefix = written[..place].iter().fold(self.shown.to_owned(), |path, name| format!("{path}.{name}"));
        let siblings = at.members.iter().map(|shape| (shape.name.to_owned(), format!("{prefix}.{}", shape.name)));
        let everywhere = root.paths().into_iter().flat_map(|(path, shape)| {
            let whole = format!("{}.{path}", self.shown);
            // A name written without its object (`$new.StagingModeEnabled`) is found by its last segment.
            [(path, whole.clone()), (shape.name.to_owned(), whole)]
        });
        let mut candidates = nearest(wrong.name, siblings);
        candidates.extend(nearest(&written[place..].join("."), everywhere));
        let mut seen = BTreeSet::new();
        candidates.retain(|path| seen.insert(path.clone()));
        candidates.truncate(3);
        NoSuchFact { path: self.path.to_owned(), span: wrong.span.clone(), candidates }
    }
}

fn captured(
    path: &str,
    root: &Segment<'_>,
    rest: &[Segment<'_>],
    kinds: &BTreeMap<String, Kind>,
) -> Result<Resolved, NoSuchFact> {
    let resolved = |kind| Resolved { kind, many: false, nullable: true, whose: Whose::Session, groups: BTreeSet::new() };
    let Some((name, below)) = rest.split_first() else { return Ok(resolved(Kind::Object)) };
    match kinds.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.name)) {
        // What a command returned is untyped, all the way down.
        Some((_, Kind::Any)) => Ok(resolved(Kind::Any)),
        Some((_, kind)) if below.is_empty() => Ok(resolved(*kind)),
        Some(_) if below.len() == 1 && is_count(below[0].name) => Ok(resolved(Kind::Int)),
        Some(_) => Err(NoSuchFact { path: path.to_owned(), span: below[0].span.clone(), candidates: Vec::new() }),
        None => {
            let shown = &path[..root.span.end];
            let known = kinds.keys().map(|known| (known.clone(), format!("{shown}.{known}")));
            Err(NoSuchFact { path: path.to_owned(), span: name.span.clone(), candidates: nearest(name.name, known) })
        }
    }
}

fn form(path: &str, root: &Segment<'_>, rest: &[Segment<'_>], names: &Names) -> Result<Resolved, NoSuchFact> {
    let Some((name, below)) = rest.split_first() else { return captured(path, root, rest, &BTreeMap::new()) };
    let Some((_, fields)) = names.forms.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.name)) else {
        let known = names.forms.keys().map(|known| (known.clone(), format!("{}.{known}", &path[..root.span.end])));
        return Err(NoSuchFact { path: path.to_owned(), span: name.span.clone(), candidates: nearest(name.name, known) });
    };
    captured(path, name, below, fields)
}

/// The candidates whose key is near to what was written, the nearest first, three at most.
fn nearest(written: &str, candidates: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let written = written.trim_start_matches('$').to_ascii_lowercase();
    let mut scored: Vec<(f64, String)> = candidates
        .filter_map(|(key, path)| {
            let key = key.trim_start_matches('$').to_ascii_lowercase();
            let alike = strsim::jaro_winkler(&written, &key);
            let swapped = written.len() > 1 && strsim::damerau_levenshtein(&written, &key) == 1;
            (alike > 0.85 || swapped).then_some((alike, path))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.len().cmp(&b.1.len())));
    let mut seen = BTreeSet::new();
    scored.into_iter().map(|(_, path)| path).filter(|path| seen.insert(path.clone())).take(3).collect()
}
