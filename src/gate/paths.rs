//! What a gate line reads: the property paths in it, for choosing the groups to ask and for checking the names.

use std::fmt;

use super::ast::{Expr, Kind, Node, Span, Step, StepKind};

/// A property path as a line reads it: `$new.Connectors.Name`. Indexes, and a `.Count` at its end, are left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FactPath {
    /// The variable, without its `$`
    pub root: String,
    /// The names after it
    pub names: Vec<String>,
    /// Where it stands in the line, from the `$` to the last of the names
    pub span: Span,
}

impl fmt::Display for FactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.root)?;
        self.names.iter().try_for_each(|name| write!(f, ".{name}"))
    }
}

impl Expr {
    /// Every property path that the line reads, in its order, with repetitions.
    pub fn paths(&self) -> Vec<FactPath> {
        let mut found = Vec::new();
        collect(&self.root, &mut found);
        found
    }
}

fn collect(node: &Node, found: &mut Vec<FactPath>) {
    match &node.kind {
        Kind::Literal(_) | Kind::Array(None) => {}
        Kind::Variable(name) => found.push(FactPath { root: name.clone(), names: Vec::new(), span: node.span.clone() }),
        Kind::Steps(base, steps) => {
            collect(base, found);
            // A step upon a path goes on with it; upon what a comparison let through it is counted at most.
            if let Some(path) = found.last_mut().filter(|_| is_path(base)) {
                extend(path, steps);
            }
        }
        Kind::Group(inner) | Kind::Array(Some(inner)) | Kind::Cast(_, inner) | Kind::Not(_, inner) => collect(inner, found),
        Kind::List(items) => items.iter().for_each(|item| collect(item, found)),
        Kind::Compare(left, _, right) => {
            collect(left, found);
            collect(right, found);
        }
        Kind::Logic(first, rest) => {
            collect(first, found);
            for (_, node) in rest {
                collect(node, found);
            }
        }
    }
}

fn is_path(node: &Node) -> bool {
    match &node.kind {
        Kind::Variable(_) => true,
        Kind::Steps(inner, _) | Kind::Group(inner) | Kind::Array(Some(inner)) => is_path(inner),
        _ => false,
    }
}

fn extend(path: &mut FactPath, steps: &[Step]) {
    for (at, step) in steps.iter().enumerate() {
        if let StepKind::Member(name) = &step.kind {
            if at + 1 == steps.len() && is_count(name) {
                break;
            }
            path.names.push(name.clone());
            path.span.end = step.span.end;
        }
    }
}

/// `.Count` and `.Length` answer for every value in PowerShell.
pub(super) fn is_count(name: &str) -> bool {
    name.eq_ignore_ascii_case("Count") || name.eq_ignore_ascii_case("Length")
}

#[cfg(test)]
mod tests {
    use crate::gate::parse;

    fn paths(line: &str) -> Vec<String> {
        parse(line).unwrap().paths().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_path_is_found() {
        for (line, expected) in [
            ("$new.Idle", vec!["$new.Idle"]),
            ("$findings -notcontains 'x' -and -not $old.Wizard.Open", vec!["$findings", "$old.Wizard.Open"]),
            ("($servers.Scheduler.StagingModeEnabled -eq $false).Count -le 1", vec!["$servers.Scheduler.StagingModeEnabled"]),
            ("$old.RunHistory[0].Result -eq $new.LastExport.Result", vec!["$old.RunHistory.Result", "$new.LastExport.Result"]),
            ("@($old.RunHistory)[-1].Result.Count -gt [int]$forms.a.b", vec!["$old.RunHistory.Result", "$forms.a.b"]),
            ("$old.Connectors.Count -in 1,$new.Connectors.Count", vec!["$old.Connectors", "$new.Connectors"]),
            ("1 -eq 1", vec![]),
        ] {
            assert_eq!(paths(line), expected, "{line}");
        }
    }

    #[test]
    fn a_path_says_where_it_stands() {
        let line = "1 -lt $old.Connectors[0].Name.Count";
        assert_eq!(&line[parse(line).unwrap().paths()[0].span.clone()], "$old.Connectors[0].Name");
    }
}
