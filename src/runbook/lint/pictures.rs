//! Reference pictures: paths that stay below the runbook's folder, and whether the files are there.

use super::Document;
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Block, Runbook, Span};
use crate::runbook::rules;

/// Why a path is none that a runbook may have.
fn refused(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    if path.is_empty() {
        Some("there is no path")
    } else if path.contains("://") || path.starts_with("data:") {
        Some("nothing is fetched from elsewhere")
    } else if path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':') {
        Some("the path is absolute")
    } else if parts.contains(&"..") {
        Some("the path leaves the runbook's folder")
    } else if path.chars().any(|c| c.is_control() || matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|')) {
        Some("no Windows file is named so")
    } else {
        None
    }
}

pub(super) fn check_paths(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    each(document.runbook, &mut |path, span| {
        if let Some(why) = refused(path) {
            let message = format!("'{path}' cannot be shown: {why}");
            found.push(
                rules::PICTURE_PATH
                    .at(span.clone(), message)
                    .help("a relative path below the runbook's folder, such as pictures/wizard.png"),
            );
        }
    });
}

/// Pictures that are not there. `exists` is asked with the path as written, relative to the runbook's folder; paths that
/// lead elsewhere are never asked for.
pub fn missing(runbook: &Runbook, exists: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !runbook.strict {
        return found;
    }
    each(runbook, &mut |path, span| {
        if refused(path).is_none() && !exists(path) {
            found.push(rules::MISSING_PICTURE.at(span.clone(), format!("there is no '{path}' beside the runbook")));
        }
    });
    found
}

fn each(runbook: &Runbook, visit: &mut dyn FnMut(&str, &Span)) {
    fn within(blocks: &[Block], visit: &mut dyn FnMut(&str, &Span)) {
        for block in blocks {
            match block {
                Block::Picture { path, span, .. } => visit(path, span),
                Block::Quote(inner) => within(inner, visit),
                Block::Alert(alert) => within(&alert.blocks, visit),
                Block::List { items, .. } => items.iter().for_each(|inner| within(inner, visit)),
                _ => {}
            }
        }
    }
    within(&runbook.preface, visit);
    for phase in &runbook.phases {
        within(&phase.intro, visit);
        phase.steps.iter().for_each(|step| within(&step.blocks, visit));
    }
}
