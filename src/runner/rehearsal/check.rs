//! A script held against its runbook before it is played: ids, names and lines that cannot be right, each with its place.

use super::script::{Act, Expect, Script, Visit};
use crate::facts::table::{Names, resolve};
use crate::gate;
use crate::health;
use crate::lab::Verb;
use crate::runbook::diagnostic::suggest;
use crate::runbook::lint::fact_names;
use crate::runbook::model::{Runbook, Step};

/// Something in a script that cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Line of the script, from 1
    pub line: usize,
    /// What was found, what was expected
    pub message: String,
}

/// Findings that no health rule makes.
const OTHER_FINDINGS: [&str; 2] = ["targets-swapped", "roles-differ"];

/// Holds a script against its runbook. `text` is the script as it was read, for the lines.
pub fn check(text: &str, script: &Script, runbook: &Runbook) -> Vec<Complaint> {
    let mut checking = Checking { text, runbook, names: fact_names(runbook), from: 0, to: text.len(), complaints: Vec::new() };
    let inputs: Vec<&str> = runbook.inputs.iter().map(|field| field.name.as_str()).collect();
    for name in script.inputs.keys() {
        checking.known("input", name, &inputs);
    }
    let places = visits(text);
    for (at, visit) in script.steps.iter().enumerate() {
        checking.from = places.get(at).copied().unwrap_or_default();
        checking.to = places.get(at + 1).copied().unwrap_or(text.len());
        checking.visit(visit);
    }
    checking.complaints
}

/// Where the keys `step:` of the visits stand; `reopen` has one of its own, which comes after an opening brace.
fn visits(text: &str) -> Vec<usize> {
    let begins = |at: &usize| {
        let before = text[..*at].trim_end_matches(' ');
        before.ends_with(['-', '\n', '{']) && !before.trim_end_matches(['{', ' ']).ends_with("reopen:")
    };
    text.match_indices("step:").map(|(at, _)| at).filter(begins).collect()
}

struct Checking<'a> {
    text: &'a str,
    runbook: &'a Runbook,
    names: Names,
    /// The part of the text that the visit stands in
    from: usize,
    to: usize,
    complaints: Vec<Complaint>,
}

impl Checking<'_> {
    /// Complains at the place of a word, else at the visit.
    fn complain(&mut self, word: &str, message: String) {
        let part = self.text.get(self.from..self.to).unwrap_or_default();
        let at = self.from + part.find(word).unwrap_or_default();
        let line = self.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        self.complaints.push(Complaint { line, message });
    }

    /// A name that must be among those.
    fn known(&mut self, what: &str, name: &str, all: &[&str]) -> bool {
        if all.contains(&name) {
            return true;
        }
        let help = suggest(name, all.iter().copied()).map_or_else(String::new, |help| format!("; {help}"));
        self.complain(name, format!("the runbook has no {what} '{name}'{help}"));
        false
    }

    fn visit(&mut self, visit: &Visit) {
        let steps: Vec<&str> = self.runbook.steps().map(|(_, step)| step.id.as_str()).collect();
        if !self.known("step", &visit.step, &steps) {
            return;
        }
        let Some((_, step)) = self.runbook.steps().find(|(_, step)| step.id.as_str() == visit.step) else { return };
        for id in visit.run.iter().flatten() {
            self.command(step, id);
        }
        for act in &visit.acts {
            self.act(step, act);
        }
        if visit.waive.is_some() && visit.expect != Expect::Waived {
            self.complain("waive", "'waive' is the reason of a waiver: it goes with 'expect: waived'".into());
        }
        if visit.because.is_some() && matches!(visit.expect, Expect::Passed | Expect::Left) {
            let words = "'because' goes with 'expect: blocked', 'waived', 'skipped' or 'interrupted'";
            self.complain("because", words.into());
        }
    }

    fn act(&mut self, step: &Step, act: &Act) {
        match act {
            Act::Lab(text) => {
                if let Err(why) = text.parse::<Verb>() {
                    self.complain(text, format!("lab: {why}"));
                }
            }
            Act::Until(line) | Act::Check(line) => self.line(line),
            Act::Run(id) | Act::Interrupt(id) | Act::Cancel(id) => self.command(step, id),
            Act::Form(forms) => {
                for (form, values) in forms {
                    let of_step: Vec<&str> = step.forms().map(|form| form.id.as_str()).collect();
                    if !self.known(&format!("form of the step {}", step.id), form, &of_step) {
                        continue;
                    }
                    let fields = step.forms().filter(|known| known.id.as_str() == form).flat_map(|form| &form.fields);
                    let fields: Vec<&str> = fields.map(|field| field.name.as_str()).collect();
                    for name in values.keys() {
                        self.known(&format!("field of the form {form}"), name, &fields);
                    }
                }
            }
            Act::Isolate(isolate) => {
                let roles: Vec<&str> = self.runbook.roles.iter().map(|role| role.name.as_str()).collect();
                self.known("role", &isolate.server, &roles);
            }
            Act::Aside(phase) => {
                let asides = self.runbook.phases.iter().filter(|phase| phase.aside.is_some());
                let asides: Vec<&str> = asides.map(|phase| phase.id.as_str()).collect();
                self.known("aside", phase, &asides);
            }
            Act::Reopen(reopen) => {
                let steps: Vec<&str> = self.runbook.steps().map(|(_, step)| step.id.as_str()).collect();
                self.known("step", &reopen.step, &steps);
            }
            Act::Finding(id) | Act::NoFinding(id) | Act::Acknowledge(id) => self.finding(id),
            Act::Wait(_) | Act::Resolve(_) | Act::Note(_) | Act::Applies(_) | Act::Leave(_) => {}
        }
    }

    fn command(&mut self, step: &Step, id: &str) {
        let commands: Vec<&str> = step.commands().map(|command| command.id.as_str()).collect();
        self.known(&format!("command of the step {}", step.id), id, &commands);
    }

    fn finding(&mut self, id: &str) {
        if id.starts_with("keep-") || id.starts_with("never-") || OTHER_FINDINGS.contains(&id) {
            return;
        }
        let rules: Vec<&str> = health::rules::all().map(|rule| rule.id).collect();
        if !rules.contains(&id) {
            let help = suggest(id, rules.iter().copied()).map_or_else(String::new, |help| format!("; {help}"));
            self.complain(id, format!("there is no finding '{id}'{help}"));
        }
    }

    /// A gate line: it must be one, of facts that there are.
    fn line(&mut self, line: &str) {
        match gate::parse(line) {
            Err(error) => {
                let help = error.help.map_or_else(String::new, |help| format!("; {help}"));
                self.complain(line, format!("{line}: {}{help}", error.message));
            }
            Ok(expr) => {
                for path in expr.paths() {
                    if let Err(error) = resolve(&path.to_string(), &self.names) {
                        self.complain(line, error.to_string());
                    }
                }
            }
        }
    }
}
