//! Roles that a session may have no server in: whether the runbook can do without them, and what names them where they may be missing.

use super::Document;
use super::conditions::{each_placeholder, each_prose};
use crate::facts::ServerName;
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Block, Condition, Phase, Role, Span, Starts, Step};
use crate::runbook::{rules, wants};

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let roles: Vec<&Role> = document.runbook.roles.iter().filter(|role| role.optional).collect();
    let Some(first) = roles.first() else { return };
    if roles.len() == document.runbook.roles.len() {
        let message = "every role is optional, and a session needs a server";
        found.push(
            rules::NEEDED_ROLE.at(first.span.clone(), message).help("leave `optional` out of the role that is always there"),
        );
    }
    for role in roles.iter().filter(|role| role.starts == Starts::Active) {
        let message = format!("'{}' starts active and cannot be optional", role.name);
        let help = "somebody exports today: the whole runbook is about that server";
        found.push(rules::NEEDED_ROLE.at(role.span.clone(), message).help(help));
    }
    Check { document, roles, found }.run();
}

struct Check<'c, 'd> {
    document: &'c Document<'d>,
    roles: Vec<&'d Role>,
    found: &'c mut Vec<Diagnostic>,
}

/// The roles that are certainly there: those of the phase and of the step.
type Here<'a> = [Option<&'a ServerName>; 2];

impl<'d> Check<'_, 'd> {
    fn run(&mut self) {
        let runbook = self.document.runbook;
        for never in &runbook.never {
            self.condition(
                never,
                [None, None],
                "an Unknown `never` holds every promotion back: ask first, `$servers.Role -contains 'ROLE' -and …`",
            );
        }
        self.prose(&runbook.preface, [None, None]);
        for phase in &runbook.phases {
            self.phase(phase);
        }
    }

    fn phase(&mut self, phase: &Phase) {
        let here = [phase.on.as_ref(), None];
        if let Some(when) = &phase.when {
            self.condition(when, here, ASK_FIRST);
        }
        self.prose(&phase.intro, here);
        for step in &phase.steps {
            self.step(step, [phase.on.as_ref(), step.on.as_ref()]);
        }
    }

    fn step(&mut self, step: &Step, here: Here<'_>) {
        if let Some(when) = &step.when {
            self.condition(when, here, ASK_FIRST);
        }
        for line in step.gates().flat_map(|gate| &gate.lines) {
            self.condition(line, here, "ask `$servers` instead, or put the line into a step on= that role");
        }
        for command in step.commands() {
            if let Some(role) = command.on.as_ref().and_then(|on| self.missing(on.as_str(), here)) {
                self.report(role, command.span.clone(), "the command runs on", "put it into a step on= that role");
            }
            for want in wants::of_command(&command.text) {
                let named = want.path.split('.').nth(1).filter(|_| want.path.to_ascii_lowercase().starts_with("servers."));
                if let Some(role) = named.and_then(|name| self.missing(name, here)) {
                    let help = "put the command into a step on= that role: without its server it cannot run";
                    let place = self.document.place(&command.text, &command.span, &want.span);
                    self.report(role, place, "the command names", help);
                }
            }
        }
        self.prose(&step.blocks, here);
    }

    fn condition(&mut self, condition: &Condition, here: Here<'_>, help: &str) {
        let paths = condition.expr.paths();
        let asks = paths.iter().any(|path| path.to_string().eq_ignore_ascii_case("$servers.Role"));
        let text = condition.text.to_ascii_lowercase();
        for path in &paths {
            let Some(role) = self.missing(&path.root, here) else { continue };
            // `$servers.Role -notcontains 'third' -or $third.Idle` asks first.
            if !(asks && text.contains(&format!("'{}'", role.name.as_str().to_ascii_lowercase()))) {
                self.report(role, self.document.part_of(condition, &path.span), "the line reads", help);
                return;
            }
        }
    }

    fn prose(&mut self, blocks: &[Block], here: Here<'_>) {
        let mut named: Vec<(&Role, Span)> = Vec::new();
        for block in blocks {
            each_prose(block, &mut |prose| {
                each_placeholder(prose, &mut |path, span| {
                    let root = path.trim_start_matches('$').split(['.', '[']).next().unwrap_or_default();
                    named.extend(self.missing(root, here).map(|role| (role, span.clone())));
                });
            });
        }
        for (role, span) in named {
            self.report(role, span, "the text shows", "put it into a step on= that role, or say the name in words");
        }
    }

    /// The optional role of that name, where its server may be missing.
    fn missing(&self, name: &str, here: Here<'_>) -> Option<&'d Role> {
        let there = here.into_iter().flatten().any(|on| on.as_str().eq_ignore_ascii_case(name));
        self.roles.iter().copied().find(|role| !there && role.name.as_str().eq_ignore_ascii_case(name))
    }

    fn report(&mut self, role: &Role, span: Span, what: &str, help: &str) {
        let message = format!("{what} '{}', and a session may have no server in that role", role.name);
        self.found.push(rules::OPTIONAL_ROLE.at(span, message).help(help));
    }
}

/// What a `when` can do.
const ASK_FIRST: &str = "ask first: `$servers.Role -contains 'ROLE' -and …`, or put the step on= that role";
