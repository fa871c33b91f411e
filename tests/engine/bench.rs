//! A session without a world: servers answer what the test says, and the journal is durable when the test says so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::TimeDelta;
use lockstep::Time;
use lockstep::engine::{Act, Effect, Engine, Hold, Input, LookState, Moment, Observed, Opening};
use lockstep::facts::Baselines;
use lockstep::facts::fresh::Intervals;
use lockstep::facts::{Link, ServerName};
use lockstep::rb1::{Frame, Group};
use lockstep::runbook::diagnostic::{Diagnostic, Severity};
use lockstep::runbook::load::load;
use lockstep::runbook::model::Runbook;
use lockstep::session::Session;
use lockstep::session::event::{
    Body, By, EndState, Event, Outcome, Output, PinnedRunbook, Results, ServerTarget, SessionOpened, Transcript,
};
use lockstep::session::line::{Digest, decode, encode};
use lockstep::session::state::StepStatus;
use serde_json::{Value as Json, json};

/// A runbook for an active and a standby server, with these lines more in its front matter.
pub fn runbook(front: &str, body: &str) -> Runbook {
    let roles = "roles:\n  old: { title: Active today, starts: active }\n  new: { title: To be promoted, starts: staging }";
    let text = format!("---\nlockstep: 1\ntitle: Swap\n{roles}\n{front}---\n# Swap\n\n{body}");
    let loaded = load("swap.md", text.as_bytes());
    // The engine guards a swap whatever the document's plan is: lint's rules of that plan do not matter here.
    let plan = ["makes-without-gate", "promotes-too-early"];
    let broken = |one: &&Diagnostic| one.severity == Severity::Error && !plan.contains(&one.rule);
    let broken: Vec<_> = loaded.diagnostics.iter().filter(broken).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    loaded.runbook.unwrap()
}

/// What a server answers to `core`; none: it does not answer.
pub type Core = Option<Json>;

/// A healthy server.
#[allow(clippy::unnecessary_wraps, reason = "a server that does not answer is the other case")]
pub fn core(staging: bool) -> Core {
    Some(json!({
        "Host": "EC", "Domain": "contoso.com", "Now": "2026-11-21T03:00:00Z", "BootTime": "2026-11-01T03:00:00Z",
        "Installed": true, "Version": "2.6.92.0",
        "Service": {"Status": "Running", "StartType": "Automatic"},
        "Scheduler": {
            "AllowedSyncCycleInterval": "00:30:00", "CurrentlyEffectiveSyncCycleInterval": "00:30:00",
            "CustomizedSyncCycleInterval": null, "NextSyncCyclePolicyType": "Delta",
            "NextSyncCycleStartTimeInUTC": "2026-11-21T04:00:00Z", "PurgeRunHistoryInterval": "7.00:00:00",
            "SyncCycleEnabled": true, "MaintenanceEnabled": true, "StagingModeEnabled": staging,
            "SchedulerSuspended": false, "SyncCycleInProgress": false,
        },
        "ConnectorRunStatus": [],
        "Wizard": {"Open": false, "User": null, "SessionState": null, "Since": null},
        "SynchronizationServiceManager": {"Open": false, "User": null},
    }))
}

/// A session with its servers.
#[derive(Clone)]
pub struct Bench {
    pub engine: Engine,
    pub moment: Moment,
    /// What each server answers to `core`
    pub cores: BTreeMap<String, Core>,
    /// Whether events are on disk at once
    pub disk: bool,
    /// Whether requests are answered at once
    pub answering: bool,
    /// Requests that were not answered yet: when, whom, what
    pub asks: VecDeque<(Time, ServerName, Vec<Group>)>,
    pub events: Vec<Event>,
    /// Effects other than writing and reading
    pub effects: Vec<Effect>,
    opening: Opening,
}

impl Bench {
    /// Both servers connected and read, `old` active and `new` in staging.
    pub fn open(body: &str) -> Self {
        Self::open_with("", body)
    }

    pub fn open_with(front: &str, body: &str) -> Self {
        Self::start(front, body, [core(false), core(true)])
    }

    pub fn start(front: &str, body: &str, [old, new]: [Core; 2]) -> Self {
        let now: Time = "2026-11-21T03:00:00Z".parse().unwrap();
        let moment = Moment { now, wall: now, mono: 0 };
        let servers = ["old", "new"].map(|role| ServerTarget { role: role.into(), target: format!("lab:test/{role}") });
        let opened = SessionOpened {
            session: "test".into(),
            runbook: PinnedRunbook {
                title: "Swap".into(),
                id: None,
                version: None,
                path: "swap.md".into(),
                sha256: String::new(),
            },
            servers: servers.to_vec(),
            inputs: BTreeMap::new(),
            rehearsal: None,
        };
        let by = By { user: "anna".into(), host: "PAW7".into(), program: "lockstep".into() };
        let opening = Opening {
            runbook: Arc::new(runbook(front, body)),
            by,
            intervals: Intervals::default(),
            baselines: Baselines::default(),
        };
        let (engine, effects) = Engine::open_session(opening.clone(), opened, moment);
        let mut bench = Self {
            engine,
            moment,
            cores: [("old".to_owned(), old), ("new".to_owned(), new)].into(),
            disk: true,
            answering: true,
            asks: VecDeque::new(),
            events: Vec::new(),
            effects: Vec::new(),
            opening,
        };
        bench.carry_out(effects);
        bench.connect();
        bench
    }

    /// The program was killed, and is started again after so long.
    pub fn come_back(mut self, after: TimeDelta) -> Self {
        self = self.killed(after);
        self.connect();
        self
    }

    /// The same with no server connected yet.
    pub fn killed(mut self, after: TimeDelta) -> Self {
        let now = self.moment.now + after;
        self.moment = Moment { now, wall: now, mono: 0 };
        let (engine, effects) = Engine::resume_session(self.opening.clone(), &self.events, Vec::new(), self.moment).unwrap();
        self.engine = engine;
        self.effects.clear();
        self.asks.clear();
        self.carry_out(effects);
        self
    }

    pub fn connect(&mut self) {
        for name in ["old", "new"] {
            self.link(name, true);
        }
    }

    /// A server's connection comes up or breaks.
    pub fn link(&mut self, name: &str, up: bool) {
        let since = self.moment.now;
        let link = if up {
            Link::Live { since, machine: name.to_uppercase(), user: "CONTOSO\\anna".into(), limits: Vec::new() }
        } else {
            self.asks.retain(|(_, server, _)| server.as_str() != name);
            Link::Lost { since, what: lockstep::facts::Loss::Ended, why: "cut".into(), retry_at: since + TimeDelta::seconds(5) }
        };
        self.observe(Observed::Link { server: name.into(), link });
    }

    /// Changes what a server answers.
    pub fn set(&mut self, name: &str, pointer: &str, value: Json) {
        let core = self.cores.get_mut(name).unwrap().as_mut().unwrap();
        *core.pointer_mut(pointer).unwrap() = value;
    }

    pub fn set_staging(&mut self, name: &str, staging: bool) {
        self.set(name, "/Scheduler/StagingModeEnabled", staging.into());
    }

    /// A second passes, then the operator acts. The error is the refusal.
    pub fn act(&mut self, act: Act) -> Result<(), String> {
        self.pass(1);
        let before = self.effects.len();
        let effects = self.engine.step(self.moment, Input::Act(act));
        self.carry_out(effects);
        let refused = |effect: &Effect| if let Effect::Refuse(why) = effect { Some(why.clone()) } else { None };
        self.effects[before..].iter().find_map(refused).map_or(Ok(()), Err)
    }

    pub fn observe(&mut self, observed: Observed) {
        let effects = self.engine.step(self.moment, Input::Observed(observed));
        self.carry_out(effects);
    }

    pub fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Append(event) => {
                    let seq = event.seq;
                    assert_eq!(seq, self.events.len() as u64, "events come in order");
                    self.events.push(event);
                    if self.disk {
                        queue.extend(self.engine.step(self.moment, Input::Observed(Observed::Durable(seq))));
                    }
                }
                Effect::Read { server, groups, .. } => {
                    self.asks.push_back((self.moment.now, server, groups));
                    if self.answering {
                        let seen = self.answers();
                        queue.extend(seen.into_iter().flat_map(|one| self.engine.step(self.moment, Input::Observed(one))));
                    }
                }
                other => self.effects.push(other),
            }
        }
    }

    /// Everything written so far is on disk.
    pub fn sync(&mut self) {
        self.observe(Observed::Durable(self.events.len() as u64 - 1));
    }

    /// The servers answer what they were asked.
    pub fn answer(&mut self) {
        for observed in self.answers() {
            self.observe(observed);
        }
    }

    fn answers(&mut self) -> Vec<Observed> {
        let mut seen = Vec::new();
        for (asked, server, groups) in std::mem::take(&mut self.asks) {
            let Some(core) = self.cores[server.as_str()].clone() else {
                seen.push(Observed::ReadFailed { server, groups, why: "no answer".into() });
                continue;
            };
            for group in groups {
                let values = if group == Group::Core { core.clone() } else { json!({}) };
                let frame = json!({"t": "reading", "id": "1", "group": group.name(), "ms": 5,
                    "server_utc": self.moment.now.to_rfc3339(), "values": values});
                let frame: Frame = serde_json::from_value(frame).unwrap();
                seen.push(Observed::Reading { server: server.clone(), asked, frame });
            }
        }
        seen
    }

    /// So many seconds pass, with the engine woken as it asks. It may not ask for the same moment for ever.
    pub fn pass(&mut self, seconds: i64) {
        let end = self.moment.now + TimeDelta::seconds(seconds);
        let mut at_once = 0;
        while let Some(due) = self.engine.next_wake().filter(|due| *due <= end) {
            at_once = if due <= self.moment.now { at_once + 1 } else { 0 };
            assert!(at_once < 20, "the engine asks to be woken at {due} for ever; it is {}", self.moment.now);
            self.go_to(due.max(self.moment.now));
            let effects = self.engine.step(self.moment, Input::Woke);
            self.carry_out(effects);
        }
        self.go_to(end);
    }

    fn go_to(&mut self, now: Time) {
        let mono = self.moment.mono + u64::try_from((now - self.moment.now).num_milliseconds()).unwrap();
        self.moment = Moment { now, wall: now, mono };
    }

    /// Does everything by hand that holds the open step back.
    pub fn do_handiwork(&mut self) {
        for hold in self.engine.holds() {
            match hold {
                Hold::Item(item) => self.act(Act::Toggle(item)).unwrap(),
                Hold::Caution(caution) => self.act(Act::Acknowledge(caution)).unwrap(),
                Hold::Evidence(wanted) => self.act(attach(Some(wanted.as_str()))).unwrap(),
                other => panic!("{other:?} is not for the hand"),
            }
        }
    }

    /// Looks and confirms the open step, which must pass.
    pub fn confirm(&mut self) {
        self.do_handiwork();
        self.act(Act::Look).unwrap();
        self.act(Act::Confirm).unwrap();
    }

    pub fn close(&mut self, outcome: Outcome) -> Result<(), String> {
        self.act(Act::Close { outcome, summary: "done".into() })
    }

    pub fn session(&self) -> &Session {
        self.engine.session()
    }

    pub fn current(&self) -> Option<&str> {
        self.session().current.as_ref().map(lockstep::runbook::ids::StepId::as_str)
    }

    pub fn status(&self, step: &str) -> StepStatus {
        self.session().status(&step.into())
    }

    /// Whether the look is done, and passed.
    pub fn passed(&self) -> Option<bool> {
        let look = self.engine.look()?;
        matches!(look.state, LookState::Done { .. }).then(|| look.passed())
    }

    pub fn fires(&self, finding: &str) -> bool {
        self.session().findings.contains_key(finding)
    }

    /// How many events are of that kind.
    pub fn count(&self, is: impl Fn(&Body) -> bool) -> usize {
        self.events.iter().filter(|event| is(&event.body)).count()
    }

    pub fn last(&self) -> &Body {
        &self.events.last().unwrap().body
    }

    pub fn said(&self, words: &str) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Say(said) if said.contains(words)))
    }

    /// Runs that were sent to a server.
    pub fn sent(&self) -> Vec<String> {
        let run = |effect: &Effect| if let Effect::Run { run, .. } = effect { Some(run.clone()) } else { None };
        self.effects.iter().filter_map(run).collect()
    }

    /// What the journal holds, written and read again, adds up to the live session.
    pub fn assert_folds(&self) {
        let read: Vec<Event> =
            self.events.iter().map(|event| decode(&encode(event, Digest::of(b"before")).unwrap()).unwrap().event).collect();
        assert_eq!(read, self.events);
        assert_eq!(&Session::fold(&read).unwrap(), self.session());
    }
}

/// Attaches a picture.
pub fn attach(wanted: Option<&str>) -> Act {
    let (sha256, kind, name) = ("5f".repeat(32), "png".into(), "shot.png".into());
    Act::Attach { wanted: wanted.map(Into::into), sha256, bytes: 12, kind, name }
}

/// The end of a run.
pub fn ended(run: &str, state: EndState) -> Observed {
    Observed::Ended {
        run: run.into(),
        state,
        errors: 0,
        exit: None,
        why: None,
        transcript: Transcript::default(),
        output: Output::default(),
        results: None,
    }
}

/// The good end of a run that captured these records.
pub fn captured(run: &str, name: &str, records: Vec<lockstep::powershell::Value>) -> Observed {
    match ended(run, EndState::Completed) {
        Observed::Ended { run, state, errors, exit, why, transcript, output, .. } => {
            let results = Some(Results { name: name.into(), records, dropped: 0 });
            Observed::Ended { run, state, errors, exit, why, transcript, output, results }
        }
        other => other,
    }
}

/// A reason.
pub fn reason() -> String {
    "because".into()
}
