//! The fold: one event after the other changes the state, and nothing else does.

use super::event::{Body, Event, Rehearsal, ServerTarget};
use super::state::{
    AsideState, AttachmentState, Captured, Closed, Confirmed, FailedLook, FindingState, FormState, IsolationState, Mark, Note,
    ObservedValue, Resumed, RunState, Session, StepState, StepStatus,
};
use crate::runbook::ids::StepId;

/// Why a journal cannot be folded: its first event does not open a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotASession;

impl std::fmt::Display for NotASession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the journal does not begin with session_opened")
    }
}

impl std::error::Error for NotASession {}

/// A session with a simulated server is a rehearsal, whatever its first event says of it: none becomes evidence.
fn simulated(servers: &[ServerTarget]) -> Option<Rehearsal> {
    let lab = servers.iter().find_map(|server| server.target.strip_prefix("lab:"))?;
    let scenario = lab.rsplit_once('/').map_or(lab, |(scenario, _)| scenario).to_owned();
    Some(Rehearsal { scenario, seed: 0 })
}

impl Session {
    /// Folds a whole journal.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Self, NotASession> {
        let mut events = events.into_iter();
        let mut session = Self::begin(events.next().ok_or(NotASession)?)?;
        for event in events {
            session.apply(event);
        }
        Ok(session)
    }

    /// The state after the first event.
    pub fn begin(event: &Event) -> Result<Self, NotASession> {
        let Body::SessionOpened(opened) = &event.body else { return Err(NotASession) };
        let mut opened = opened.clone();
        opened.rehearsal = opened.rehearsal.or_else(|| simulated(&opened.servers));
        Ok(Self {
            opened,
            started: event.at,
            by: event.by.clone(),
            events: event.seq + 1,
            last_at: event.at,
            resumed: None,
            steps: std::collections::BTreeMap::default(),
            current: None,
            aside: None,
            asides_entered: std::collections::BTreeMap::default(),
            notes: Vec::new(),
            attachments: Vec::new(),
            forms: std::collections::BTreeMap::default(),
            results: std::collections::BTreeMap::default(),
            runs: Vec::new(),
            findings: std::collections::BTreeMap::default(),
            isolated: std::collections::BTreeMap::default(),
            observed: std::collections::BTreeMap::default(),
            closed: None,
            unknown: Vec::new(),
        })
    }

    /// The state after one more event.
    pub fn apply(&mut self, event: &Event) {
        let mark = Mark { at: event.at, by: event.by.user.clone() };
        match &event.body {
            Body::SessionOpened(_) | Body::JournalRecovered { .. } => {}
            Body::SessionResumed { .. } => {
                self.resumed = Some(Resumed { at: event.at, last_before: self.last_at });
                for run in self.runs.iter_mut().filter(|run| run.is_open()) {
                    run.interrupted = Some(event.at);
                }
            }
            Body::SessionClosed { outcome, summary } => {
                self.current = None;
                self.closed = Some(Closed { outcome: *outcome, summary: summary.clone(), mark });
            }
            Body::FindingRaised { .. } | Body::FindingCleared { .. } | Body::FindingAcknowledged { .. } => {
                self.apply_finding(&event.body, mark);
            }
            Body::ServerObserved { .. } | Body::ServerIsolated { .. } | Body::IsolationEnded { .. } => {
                self.apply_server(&event.body, mark);
            }
            Body::CommandApproved(_) | Body::CommandStarted { .. } | Body::CommandEnded(_) | Body::CommandResolved { .. } => {
                self.apply_run(&event.body, mark);
            }
            Body::NoteWritten { .. }
            | Body::NoteWithdrawn { .. }
            | Body::AttachmentAdded(_)
            | Body::AttachmentWithdrawn { .. }
            | Body::FormSaved { .. } => self.apply_record(&event.body, mark),
            Body::Unknown { kind, .. } => self.unknown.push((event.seq, kind.clone())),
            step => self.apply_step(step, mark),
        }
        self.events = event.seq + 1;
        self.last_at = event.at;
    }

    fn step_mut(&mut self, step: &StepId) -> &mut StepState {
        self.steps.entry(step.clone()).or_default()
    }

    fn done(&mut self, step: &StepId, status: StepStatus) {
        self.step_mut(step).status = status;
        if self.current.as_ref() == Some(step) {
            self.current = None;
        }
    }

    fn apply_step(&mut self, body: &Body, mark: Mark) {
        match body {
            Body::StepOpened { step, .. } => {
                let state = self.step_mut(step);
                state.status = StepStatus::Open;
                state.opened = Some(mark.at);
                state.failed_looks.clear();
                self.current = Some(step.clone());
            }
            Body::StepConfirmed(confirmation) => {
                self.step_mut(&confirmation.step).confirmed =
                    Some(Confirmed { mark, confirmation: confirmation.clone(), waiver: None });
                self.done(&confirmation.step, StepStatus::Confirmed);
            }
            Body::StepWaived { confirmation, reason } => {
                self.step_mut(&confirmation.step).confirmed =
                    Some(Confirmed { mark, confirmation: confirmation.clone(), waiver: Some(reason.clone()) });
                self.done(&confirmation.step, StepStatus::Waived);
            }
            Body::StepReopened { step, reason } => {
                let state = self.step_mut(step);
                state.reopened.push((mark.at, reason.clone()));
                state.ticked.clear();
                state.acknowledged.clear();
                state.status = StepStatus::Reopened;
                // The way goes back to it: the step that was open stays open and waits.
                self.current = None;
            }
            Body::StepSkipped { step, reason, .. } => {
                self.step_mut(step).skipped = Some(reason.clone());
                self.done(step, StepStatus::Skipped);
            }
            Body::ItemTicked { step, item } => {
                self.step_mut(step).ticked.insert(item.clone(), mark);
            }
            Body::ItemUnticked { step, item } => {
                self.step_mut(step).ticked.remove(item);
            }
            Body::CautionAcknowledged { step, caution } => {
                self.step_mut(step).acknowledged.insert(caution.clone(), mark);
            }
            Body::GateNotPassed { step, gates } => {
                self.step_mut(step).failed_looks.push(FailedLook { at: mark.at, gates: gates.clone() });
            }
            Body::AsideEntered { phase, from, .. } => {
                self.asides_entered.insert(phase.clone(), mark.at);
                self.aside = Some(AsideState { phase: phase.clone(), from: from.clone(), since: mark.at });
                self.current = None;
            }
            Body::AsideLeft { .. } => {
                self.aside = None;
                self.current = None;
            }
            _ => {}
        }
    }

    fn apply_record(&mut self, body: &Body, mark: Mark) {
        match body {
            Body::NoteWritten { note, step, text } => {
                self.notes.push(Note { id: note.clone(), step: step.clone(), text: text.clone(), mark, withdrawn: None });
            }
            Body::NoteWithdrawn { note } => {
                if let Some(kept) = self.notes.iter_mut().find(|kept| &kept.id == note) {
                    kept.withdrawn = Some(mark.at);
                }
            }
            Body::AttachmentAdded(attachment) => {
                self.attachments.push(AttachmentState { attachment: attachment.clone(), mark, withdrawn: None });
            }
            Body::AttachmentWithdrawn { attachment } => {
                if let Some(kept) = self.attachments.iter_mut().find(|kept| &kept.attachment.attachment == attachment) {
                    kept.withdrawn = Some(mark.at);
                }
            }
            Body::FormSaved { step, form, values } => {
                self.forms.insert(form.clone(), FormState { step: step.clone(), values: values.clone(), mark });
            }
            _ => {}
        }
    }

    fn apply_run(&mut self, body: &Body, mark: Mark) {
        let find = |runs: &mut Vec<RunState>, id: &str| runs.iter().rposition(|run| run.approved.run == id);
        match body {
            Body::CommandApproved(approved) => self.runs.push(RunState {
                approved: approved.clone(),
                mark,
                started: None,
                ended: None,
                interrupted: None,
                resolved: None,
            }),
            Body::CommandStarted { run, .. } => {
                if let Some(at) = find(&mut self.runs, run) {
                    self.runs[at].started = Some(mark.at);
                }
            }
            Body::CommandEnded(end) => {
                let Some(at) = find(&mut self.runs, &end.run) else { return };
                if let Some(results) = &end.results {
                    let server = self.runs[at].approved.server.clone();
                    self.results.insert(
                        results.name.clone(),
                        Captured { records: results.records.clone(), server, run: end.run.clone(), at: mark.at },
                    );
                }
                self.runs[at].ended = Some((mark.at, end.clone()));
            }
            Body::CommandResolved { run, how, reason } => {
                if let Some(at) = find(&mut self.runs, run) {
                    self.runs[at].resolved = Some((mark, *how, reason.clone()));
                }
            }
            _ => {}
        }
    }

    fn apply_finding(&mut self, body: &Body, mark: Mark) {
        match body {
            Body::FindingRaised { finding, severity, text, servers, expected } => {
                // One that grew worse, or is no longer expected, asks to be acknowledged again.
                let known = self.findings.get(finding);
                let same = known.filter(|known| &known.severity == severity && known.expected == *expected);
                let state = FindingState {
                    severity: severity.clone(),
                    text: text.clone(),
                    servers: servers.clone(),
                    since: known.map_or(mark.at, |known| known.since),
                    expected: *expected,
                    acknowledged: same.and_then(|known| known.acknowledged.clone()),
                };
                self.findings.insert(finding.clone(), state);
            }
            Body::FindingCleared { finding } => {
                self.findings.remove(finding);
            }
            Body::FindingAcknowledged { finding } => {
                if let Some(state) = self.findings.get_mut(finding) {
                    state.acknowledged = Some(mark);
                }
            }
            _ => {}
        }
    }

    fn apply_server(&mut self, body: &Body, mark: Mark) {
        match body {
            Body::ServerObserved { server, changes } => {
                let known = self.observed.entry(server.clone()).or_default();
                for change in changes {
                    known.insert(change.path.clone(), ObservedValue { value: change.to.clone(), since: mark.at });
                }
            }
            Body::ServerIsolated { server, how, checked } => {
                self.isolated.insert(server.clone(), IsolationState { how: how.clone(), checked: checked.clone(), mark });
            }
            Body::IsolationEnded { server, .. } => {
                self.isolated.remove(server);
            }
            _ => {}
        }
    }
}
