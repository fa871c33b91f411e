//! Role changes: whether the plan, walked from the roles' `starts` along the main path, ever has two active servers, or ends with none.

use std::collections::BTreeMap;

use super::Document;
use crate::facts::ServerName;
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Makes, Starts, Step};
use crate::runbook::rules;

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for (_, step) in document.runbook.steps() {
        let Some(makes) = step.makes else { continue };
        if step.on.is_none() {
            let message = format!("the step makes a server {}, and no on= says which", makes.word());
            found.push(rules::MAKES_WITHOUT_SERVER.at(step.span.clone(), message).help("add on=ROLE"));
        }
        if step.gates().all(|gate| gate.before) {
            let message = format!("nothing checks that the server is {} in the end", makes.word());
            let on = step.on.as_ref().map_or("old", ServerName::as_str);
            let help = format!("add a gate, such as `{}`", sample(makes, on));
            found.push(rules::MAKES_WITHOUT_GATE.at(step.span.clone(), message).help(help));
        }
    }
    let before = found.len();
    walk(document, Optional::There, found);
    if found.len() == before && document.runbook.roles.iter().any(|role| role.optional) {
        walk(document, Optional::Missing, found);
    }
}

/// The line of a gate that says that the change has happened.
fn sample(makes: Makes, on: &str) -> String {
    match makes {
        Makes::Staging => format!("${on}.Scheduler.StagingModeEnabled"),
        Makes::Active => format!("-not ${on}.Scheduler.StagingModeEnabled"),
        Makes::Stopped => format!("${on}.Service.Status -eq 'Stopped'"),
        Makes::Installed => format!("${on}.Installed -and ${on}.Scheduler.StagingModeEnabled"),
        Makes::Removed => format!("-not ${on}.Installed"),
    }
}

/// Whether the plan is walked with the servers in optional roles or without them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Optional {
    There,
    Missing,
}

/// What the plan says of a server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Planned {
    Active,
    Out,
    NotSaid,
}

fn walk(document: &Document<'_>, optional: Optional, found: &mut Vec<Diagnostic>) {
    let is_missing =
        |on: &Option<ServerName>| optional == Optional::Missing && on.as_ref().is_some_and(|on| document.runbook.is_optional(on));
    let without = if optional == Optional::Missing { ", where the session has no server in an optional role" } else { "" };
    let mut plan: BTreeMap<&ServerName, Planned> = BTreeMap::new();
    for role in document.runbook.roles.iter().filter(|role| optional == Optional::There || !role.optional) {
        let planned = match role.starts {
            Starts::Active => Planned::Active,
            Starts::Staging | Starts::Absent => Planned::Out,
            Starts::Any => Planned::NotSaid,
        };
        plan.insert(&role.name, planned);
    }
    let mut last: Option<&Step> = None;
    for (phase, step) in document.runbook.main_path() {
        if is_missing(&phase.on) || is_missing(&step.on) {
            continue;
        }
        let (Some(makes), Some(on)) = (step.makes, &step.on) else { continue };
        last = Some(step);
        if makes != Makes::Active {
            plan.insert(on, Planned::Out);
            continue;
        }
        let other = plan.iter().find(|(name, planned)| **planned == Planned::Active && *name != &on).map(|(name, _)| *name);
        if let Some(other) = other {
            let message = format!("'{on}' is made active while '{other}' still is{without}");
            let help = format!("a step on={other} makes=staging must come first");
            found.push(rules::PROMOTES_TOO_EARLY.at(step.span.clone(), message).label("two would be active").help(help));
        }
        plan.insert(on, Planned::Active);
    }
    if let Some(step) = last
        && plan.values().all(|planned| *planned == Planned::Out)
    {
        let message = format!("at the end of the main path no server is active{without}");
        let help = "add a step with makes=active, or say why not in an aside";
        found.push(rules::ENDS_WITHOUT_ACTIVE.at(step.span.clone(), message).label("the last change of a role").help(help));
    }
}
