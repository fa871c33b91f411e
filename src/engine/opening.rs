//! Opening a session for the first time, and opening it again.

use std::sync::Arc;

use super::{Effect, Engine, Moment, ResumeReport};
use crate::facts::fresh::Intervals;
use crate::facts::table::Names;
use crate::facts::{Baselines, Server};
use crate::powershell::Value;
use crate::runbook::model::Runbook;
use crate::session::Session;
use crate::session::event::{Body, By, Event, ServerTarget, SessionOpened};
use crate::session::fold::NotASession;

/// What a session runs on besides its journal.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The pinned runbook
    pub runbook: Arc<Runbook>,
    /// Who is there
    pub by: By,
    /// How often each group is asked
    pub intervals: Intervals,
    /// What standard rules are held against
    pub baselines: Baselines,
}

impl Engine {
    /// Opens a new session. The first effect appends its first event.
    pub fn open_session(opening: Opening, opened: SessionOpened, moment: Moment) -> (Self, Vec<Effect>) {
        let event = Event {
            seq: 0,
            at: moment.now,
            wall: moment.wall,
            mono: moment.mono,
            by: opening.by.clone(),
            body: Body::SessionOpened(opened),
        };
        let Ok(session) = Session::begin(&event) else { unreachable!("the first event opens the session") };
        (Self::with(opening, session, 0), vec![Effect::Append(event)])
    }

    /// Opens a session again from its journal. What the journal's own recovery has to tell is recorded first.
    pub fn resume_session(
        opening: Opening,
        events: &[Event],
        recovered: Vec<Body>,
        moment: Moment,
    ) -> Result<(Self, Vec<Effect>), NotASession> {
        Ok(Self::resume_folded(opening, Session::fold(events)?, recovered, moment))
    }

    /// The same, of a journal that was folded already.
    pub fn resume_folded(opening: Opening, session: Session, recovered: Vec<Body>, moment: Moment) -> (Self, Vec<Effect>) {
        let report = ResumeReport {
            since: session.last_at,
            at: moment.now,
            events: session.events,
            step: session.current.clone(),
            asking: session.opened.servers.iter().map(|server| server.role.clone()).collect(),
            changes: Vec::new(),
            kept: Vec::new(),
            interrupted: Vec::new(),
            runbook: Vec::new(),
        };
        let durable = session.events;
        let mut engine = Self::with(opening, session, durable);
        let mut out = Vec::new();
        if engine.session.closed.is_some() {
            return (engine, out);
        }
        for body in recovered {
            engine.append(moment, body, &mut out);
        }
        let resumed = Body::SessionResumed { events: report.events };
        engine.append(moment, resumed, &mut out);
        let interrupted = engine.session.interrupted().map(|run| run.approved.run.clone()).collect();
        engine.resume = Some(ResumeReport { interrupted, ..report });
        engine.inherit_findings();
        engine.refresh(moment, &mut out);
        engine.run_automatic(moment, &mut out);
        (engine, out)
    }

    /// What differs between the runbook's file and the pinned copy that the session stays on.
    pub fn set_runbook_changes(&mut self, lines: Vec<String>) {
        if let Some(report) = &mut self.resume {
            report.runbook = lines;
        }
    }

    /// Opens a session for reading only.
    pub fn read_session(opening: Opening, session: Session, why: String) -> Self {
        let durable = session.events;
        Self { read_only: Some(why), ..Self::with(opening, session, durable) }
    }

    fn with(opening: Opening, session: Session, durable: u64) -> Self {
        let of_role = |server: &ServerTarget| {
            Server::new(server.role.clone(), server.target.clone()).with_baselines(opening.baselines.clone())
        };
        let servers: Vec<Server> = session.opened.servers.iter().map(of_role).collect();
        let runbook = super::absent::runbook_for(opening.runbook, &servers);
        let names = Names { roles: servers.iter().map(|server| server.name.to_string()).collect(), ..Names::default() };
        Self {
            index: super::index::Index::of(&runbook),
            runbook,
            session,
            servers,
            names,
            by: opening.by,
            durable,
            held: std::collections::VecDeque::default(),
            read_only: None,
            asking: super::asking::Asking::new(opening.intervals),
            syntax: super::syntax::Syntax::default(),
            look: None,
            question: None,
            answered_when: None,
            preview: Vec::new(),
            resume: None,
            automatic: std::collections::VecDeque::default(),
            cancelled_early: Vec::new(),
            news: std::collections::BTreeSet::default(),
            steady: crate::health::Steady::default(),
            inherited: std::collections::BTreeSet::default(),
            told_since_resume: Vec::new(),
            findings: Value::unknown("the servers were not read yet"),
            tree: Value::Object(crate::powershell::Record::new()),
            stale: true,
            refreshed: None,
        }
    }

    /// Completes the report of a resumption as servers answer.
    pub(super) fn progress_resume(&mut self) {
        let Some(mut report) = self.resume.take() else { return };
        let before: Vec<_> = std::mem::take(&mut report.asking);
        report.asking = before
            .into_iter()
            .filter(|name| {
                self.server(name).is_some_and(|server| {
                    let core = server.groups.get(&crate::rb1::Group::Core);
                    core.is_none_or(|core| core.last.is_none() && core.failed.is_none())
                })
            })
            .collect();
        report.changes.clone_from(&self.told_since_resume);
        report.kept = self.kept_now();
        self.resume = Some(report);
    }
}
