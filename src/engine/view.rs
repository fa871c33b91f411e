//! What the screen, the rehearsal script and the reports may read of the engine. Nothing here changes anything.

use super::look::{Hold, Look, Question};
use super::{Engine, resume::ResumeReport};
use crate::Time;
use crate::facts::{Server, ServerName};
use crate::gate;
use crate::health::rules;
use crate::powershell::Value;
use crate::runbook::ids::{PartId, PhaseId, StepId};
use crate::runbook::model::{Block, Command, Form, Item, Phase, Runbook, Step};
use crate::session::Session;
use crate::session::event::GateRecord;
use crate::session::state::{FindingState, StepState, StepStatus};

/// How far a phase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are done (confirmed, waived or not applicable)
    pub done: usize,
    /// Steps that the phase has
    pub total: usize,
    /// Whether the open step is in it
    pub current: bool,
    /// Whether every step of it was skipped
    pub skipped: bool,
}

impl Engine {
    /// The runbook the session runs on.
    pub fn runbook(&self) -> &Runbook {
        &self.runbook
    }

    /// What has happened so far, events that are not durable yet among it.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The servers in the runbook's order.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server of that role.
    pub fn server(&self, name: &ServerName) -> Option<&Server> {
        self.servers.iter().find(|server| &server.name == name)
    }

    /// The open step, or the one that is about to open.
    pub fn current_step(&self) -> Option<&Step> {
        let id = self.session.current.as_ref().or(self.look.as_ref().map(|look| &look.step));
        self.step_of(id.or(self.question.as_ref().map(|question| &question.step))?).map(|(_, step)| step)
    }

    /// A step with its phase.
    pub fn step_of(&self, id: &StepId) -> Option<(&Phase, &Step)> {
        let (phase, step) = self.index.place(id)?;
        let phase = self.runbook.phases.get(phase)?;
        Some((phase, phase.steps.get(step)?))
    }

    /// A phase.
    pub fn phase_of(&self, id: &PhaseId) -> Option<&Phase> {
        self.runbook.phases.iter().find(|phase| &phase.id == id)
    }

    /// How far a phase is.
    pub fn progress(&self, phase: &Phase) -> Progress {
        let of = |status: fn(StepStatus) -> bool| phase.steps.iter().filter(|s| status(self.session.status(&s.id))).count();
        let total = phase.steps.len();
        Progress {
            done: of(StepStatus::is_done),
            total,
            current: self.current_step().is_some_and(|step| phase.steps.iter().any(|s| s.id == step.id)),
            skipped: total > 0 && of(|status| status == StepStatus::Skipped) == total,
        }
    }

    /// The gates of the open step as they stand on what is known now (not a look: nothing was asked for it).
    pub fn preview(&self) -> &[GateRecord] {
        &self.preview
    }

    /// The look at the gates that is under way or done.
    pub fn look(&self) -> Option<&Look> {
        self.look.as_ref()
    }

    /// A question that only the operator can answer.
    pub fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// What was found on coming back, until it was seen.
    pub fn resume_report(&self) -> Option<&ResumeReport> {
        self.resume.as_ref()
    }

    /// What holds the confirmation of the open step back, before any gate is asked.
    pub fn holds(&self) -> Vec<Hold> {
        self.session.current.as_ref().and_then(|id| self.step_of(id)).map_or_else(Vec::new, |(_, step)| self.holds_of(step))
    }

    fn holds_of(&self, step: &Step) -> Vec<Hold> {
        let nothing = StepState::default();
        let state = self.session.steps.get(&step.id).unwrap_or(&nothing);
        let mut holds = Vec::new();
        for item in required_items(&step.blocks) {
            if !state.ticked.contains_key(&item.id) {
                holds.push(Hold::Item(item.id.clone()));
            }
        }
        for block in parts(&step.blocks) {
            match block {
                Block::Alert(alert)
                    if alert.kind == crate::runbook::model::AlertKind::Caution && !state.acknowledged.contains_key(&alert.id) =>
                {
                    holds.push(Hold::Caution(alert.id.clone()));
                }
                Block::Form(form) if !self.is_filled(form) => holds.push(Hold::Form(form.id.clone())),
                Block::Wanted(wanted)
                    if !wanted.optional
                        && !self
                            .session
                            .attachments_of(&step.id)
                            .any(|kept| kept.attachment.wanted.as_ref() == Some(&wanted.id)) =>
                {
                    holds.push(Hold::Evidence(wanted.id.clone()));
                }
                _ => {}
            }
        }
        for run in self.session.runs.iter().filter(|run| run.approved.step == step.id) {
            if run.is_open() {
                holds.push(Hold::Running(run.approved.run.clone()));
            } else if run.status() == crate::session::state::RunStatus::Interrupted {
                holds.push(Hold::Interrupted(run.approved.run.clone()));
            }
        }
        holds
    }

    fn is_filled(&self, form: &Form) -> bool {
        let Some(saved) = self.session.forms.get(&form.id) else { return false };
        form.fields.iter().filter(|field| field.required).all(|field| saved.values.contains_key(&field.name))
    }

    /// Events that are shown and not yet on disk.
    pub fn pending_events(&self) -> u64 {
        self.session.events.saturating_sub(self.durable)
    }

    /// Whether an event is on disk.
    pub fn is_durable(&self, seq: u64) -> bool {
        seq < self.durable
    }

    /// Why nothing can be recorded any more, where that is so.
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    /// Findings that fire, the worst first; of equally bad ones those first that are about who is active.
    pub fn findings(&self) -> Vec<(&str, &FindingState)> {
        let mut findings: Vec<_> = self.session.findings.iter().map(|(id, state)| (id.as_str(), state)).collect();
        findings.sort_by_key(|(id, state)| (severity_rank(&state.severity), state.expected, rules::place(id), *id));
        findings
    }

    /// The worst critical finding that is not expected here: what the alarm says. Acknowledged ones come last.
    pub fn alarm(&self) -> Option<(&str, &FindingState)> {
        self.findings()
            .into_iter()
            .filter(|(_, state)| state.severity == "critical" && !state.expected)
            .min_by_key(|(_, state)| state.acknowledged.is_some())
    }

    /// Asides that a finding offers.
    pub fn asides_for<'a>(&'a self, finding: &'a str) -> impl Iterator<Item = &'a Phase> {
        self.runbook
            .phases
            .iter()
            .filter(|phase| self.why_phase_absent(phase).is_none())
            .filter(move |phase| phase.aside.as_ref().is_some_and(|aside| aside.for_findings.iter().any(|f| f == finding)))
    }

    /// Whether every step of the main path is done.
    pub fn is_at_end(&self) -> bool {
        self.session.aside.is_none() && self.next_step().is_none() && self.current_step().is_none()
    }

    /// The value of a placeholder's path (`new.Host`, `inputs.share`, `old.Connectors.Account`) as it is known now; the members
    /// of an array as a gate takes them.
    pub fn value(&self, path: &str) -> Value {
        if let Some(value) = self.tree.at(path) {
            return value.clone();
        }
        if let Some(absent) = self.no_server_named(path.split('.').next().unwrap_or_default()) {
            return Value::Unknown(absent);
        }
        let looked = gate::parse(&format!("${path}")).ok().map(|expr| expr.evaluate(&self.tree, &|_| None));
        let seen = looked.into_iter().flat_map(|outcome| outcome.clauses).flat_map(|clause| clause.seen).next();
        seen.map_or_else(|| Value::Unknown("not known yet".into()), |seen| seen.value)
    }

    /// The value tree on what is known now, as the screen shows it (late values among it).
    pub fn tree(&self) -> &Value {
        &self.tree
    }

    /// A command of the open step.
    pub fn command(&self, id: &PartId) -> Option<&Command> {
        let step = self.current_step()?;
        parts(&step.blocks).find_map(|block| match block {
            Block::Command(command) if &command.id == id => Some(command),
            _ => None,
        })
    }

    /// Whether a command runs, or one that runs by itself still waits for its server.
    pub fn has_commands_under_way(&self) -> bool {
        !self.automatic.is_empty() || self.session.runs.iter().any(crate::session::state::RunState::is_open)
    }

    /// Commands of a step in order.
    pub fn commands_of(step: &Step) -> impl Iterator<Item = &Command> {
        parts(&step.blocks).filter_map(|block| if let Block::Command(command) = block { Some(command) } else { None })
    }

    /// The server that exports by what the runbook says up to now; none between the halves of a swap.
    pub fn intended_active(&self) -> Vec<&ServerName> {
        self.servers.iter().map(|server| &server.name).filter(|name| self.intends_active(name)).collect()
    }

    /// When the session (or this part of it) began, on the session's clock.
    pub fn started(&self) -> Time {
        self.session.started
    }
}

/// Rank for sorting: critical first.
fn severity_rank(severity: &str) -> u8 {
    match severity {
        "critical" => 0,
        "warning" => 1,
        _ => 2,
    }
}

/// Every block that can hold a part of its own, those inside lists and quotes among them, in document order.
pub fn parts(blocks: &[Block]) -> Box<dyn Iterator<Item = &Block> + '_> {
    Box::new(blocks.iter().flat_map(|block| {
        let inner: Box<dyn Iterator<Item = &Block>> = match block {
            Block::List { items, .. } => Box::new(items.iter().flat_map(|item| parts(item))),
            Block::Quote(inner) => parts(inner),
            Block::Alert(alert) => parts(&alert.blocks),
            _ => Box::new(std::iter::empty()),
        };
        std::iter::once(block).chain(inner)
    }))
}

/// Items of a step that must be ticked, nested ones among them; what hangs below an optional item is optional too.
fn required_items(blocks: &[Block]) -> Vec<&Item> {
    fn walk<'a>(items: &'a [Item], found: &mut Vec<&'a Item>) {
        for item in items.iter().filter(|item| !item.optional) {
            found.push(item);
            walk(&item.items, found);
        }
    }
    let mut found = Vec::new();
    for block in parts(blocks) {
        if let Block::Checklist(items) = block {
            walk(items, &mut found);
        }
    }
    found
}
