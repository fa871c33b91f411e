//! A session without a world: the journal is durable at once, servers answer what the test says, keys are keys.

#![allow(dead_code, clippy::unwrap_used, reason = "every test file takes what it needs; this is test code")]

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lockstep::Time;
use lockstep::app::{self, App, Msg, Outputs};
use lockstep::engine::{Act, Effect, Engine, Input, Moment, Observed, Opening};
use lockstep::facts::Baselines;
use lockstep::facts::fresh::Intervals;
use lockstep::facts::{Link, ServerName};
use lockstep::rb1::{Frame, Group};
use lockstep::runbook::load::load;
use lockstep::runbook::model::{Role, Starts};
use lockstep::session::event::{By, EndState, Event, Output, PinnedRunbook, Rehearsal, ServerTarget, SessionOpened, Transcript};
use lockstep::ui::{Painter, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value as Json, json};

/// What a server answers.
#[allow(clippy::struct_excessive_bools, reason = "each is said or not, independently of the others")]
#[derive(Debug, Clone)]
pub struct Answers {
    pub staging: bool,
    pub version: &'static str,
    pub in_progress: bool,
    pub silent: bool,
    pub installed: bool,
}

/// A screen with a session below it.
pub struct Bench {
    pub engine: Engine,
    pub app: App,
    pub outputs: Outputs,
    pub servers: BTreeMap<String, Answers>,
    pub moment: Moment,
    /// What the screen asked for besides acts
    pub asked: Vec<app::Effect>,
    /// What the screen told the engine
    pub acts: Vec<Act>,
    /// What the engine asked for besides reading and writing
    pub wanted: Vec<Effect>,
    pub theme: Theme,
    painter: (Theme, Painter),
    /// When the last frame will be wrong
    pub until: Option<Time>,
    opening: Opening,
    events: Vec<Event>,
}

fn start() -> Time {
    "2026-11-20T22:00:30Z".parse().unwrap()
}

impl Bench {
    /// A rehearsal of the runbook on EC01 and EC02, both connected and read.
    pub fn open(size: (u16, u16)) -> Self {
        Self::open_with(size, include_str!("../fixtures/screens/swap.md"))
    }

    pub fn open_with(size: (u16, u16), text: &str) -> Self {
        let loaded = load("swap.md", text.as_bytes());
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let moment = Moment { now: start(), wall: start(), mono: 0 };
        let runbook = loaded.runbook.unwrap();
        let servers = runbook.roles.iter().map(|role| role.name.clone());
        let opened = SessionOpened {
            session: "test".into(),
            runbook: PinnedRunbook {
                title: "Upgrade by staging swap".into(),
                id: None,
                version: None,
                path: "swap.md".into(),
                sha256: String::new(),
            },
            servers: servers.map(|role| ServerTarget { target: format!("lab:clean-swap/{role}"), role }).collect(),
            inputs: [("ticket".to_owned(), "CHG0045871".into())].into(),
            rehearsal: Some(Rehearsal { scenario: "clean-swap".into(), seed: 1 }),
        };
        let by = By { user: "anna".into(), host: "PAW7".into(), program: "lockstep".into() };
        let opening =
            Opening { runbook: Arc::new(runbook), by, intervals: Intervals::default(), baselines: Baselines::default() };
        let (engine, effects) = Engine::open_session(opening.clone(), opened, moment);
        let answers = |role: &Role| {
            let staging = role.starts != Starts::Active;
            Answers {
                staging,
                version: if staging { "2.6.92.0" } else { "2.6.84.0" },
                in_progress: false,
                silent: false,
                installed: true,
            }
        };
        let mut bench = Self {
            engine,
            app: App::new(size),
            outputs: Outputs::default(),
            servers: opening.runbook.roles.iter().map(|role| (role.name.to_string(), answers(role))).collect(),
            moment,
            asked: Vec::new(),
            acts: Vec::new(),
            wanted: Vec::new(),
            theme: Theme::new(true, false),
            painter: (Theme::new(true, false), Painter::new(Theme::new(true, false))),
            until: None,
            opening,
            events: Vec::new(),
        };
        bench.carry_out(effects);
        bench.connect();
        bench
    }

    /// `EC01`, `EC02` and so on, in the order of the runbook's roles.
    fn machines(&self) -> Vec<(String, String)> {
        let roles = self.engine.runbook().roles.iter();
        roles.enumerate().map(|(at, role)| (role.name.to_string(), format!("EC{:02}", at + 1))).collect()
    }

    /// What a server will answer.
    pub fn answers(&mut self, name: &str) -> &mut Answers {
        self.servers.get_mut(name).unwrap()
    }

    /// The program was killed; it is started again after so long.
    pub fn come_back(self, after: TimeDelta) -> Self {
        let now = self.moment.now + after;
        let moment = Moment { now, wall: now, mono: 0 };
        let (engine, effects) = Engine::resume_session(self.opening.clone(), &self.events, Vec::new(), moment).unwrap();
        let app = App::new(self.app.size);
        let mut bench = Self { engine, app, moment, outputs: Outputs::default(), ..self };
        bench.carry_out(effects);
        bench.connect();
        bench
    }

    fn connect(&mut self) {
        for (name, machine) in self.machines() {
            let link = Link::Live { since: self.moment.now, machine, user: "CONTOSO\\anna".into(), limits: Vec::new() };
            self.observe(Observed::Link { server: name.as_str().into(), link });
        }
        self.message(Msg::Changed);
    }

    /// Lets time pass, with the engine woken as it asked.
    pub fn pass(&mut self, span: TimeDelta) {
        let end = self.moment.now + span;
        while let Some(next) = self.engine.next_wake().filter(|next| *next <= end) {
            self.go_to(next.max(self.moment.now + TimeDelta::milliseconds(1)));
            let effects = self.engine.step(self.moment, Input::Woke);
            self.carry_out(effects);
        }
        self.go_to(end);
        self.message(Msg::Changed);
    }

    /// Lets time pass in one leap: the engine is woken once, at its end.
    pub fn leap(&mut self, span: TimeDelta) {
        self.go_to(self.moment.now + span);
        let effects = self.engine.step(self.moment, Input::Woke);
        self.carry_out(effects);
        self.message(Msg::Changed);
    }

    fn go_to(&mut self, now: Time) {
        let passed = u64::try_from((now - self.moment.now).num_milliseconds()).unwrap_or_default();
        self.moment = Moment { now, wall: now, mono: self.moment.mono + passed };
    }

    /// Tells the engine something, and carries out what it asks for.
    pub fn observe(&mut self, observed: Observed) {
        let effects = self.engine.step(self.moment, Input::Observed(observed));
        self.carry_out(effects);
    }

    pub fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Append(event) => {
                    let seq = event.seq;
                    self.events.push(event);
                    self.observe(Observed::Durable(seq));
                }
                Effect::Read { server, groups, .. } => self.answer(&server, &groups),
                Effect::Refuse(text) => self.message(Msg::Refused(text)),
                Effect::Say(text) => self.message(Msg::Said(text)),
                other => self.wanted.push(other),
            }
        }
    }

    fn answer(&mut self, server: &ServerName, groups: &[Group]) {
        let answers = self.servers[server.as_str()].clone();
        let host = self.machines().into_iter().find(|(name, _)| name == server.as_str()).unwrap().1;
        let (asked, now) = (self.moment.now, self.moment.now);
        for group in groups {
            if answers.silent {
                let why = format!("{host} did not answer");
                self.observe(Observed::ReadFailed { server: server.clone(), groups: vec![*group], why });
                continue;
            }
            let Json::Object(values) = values(*group, &host, &answers, now) else { unreachable!() };
            let frame = Frame::Reading {
                id: "1".into(),
                group: *group,
                server_utc: now.to_rfc3339(),
                ms: 3,
                values,
                errors: BTreeMap::new(),
            };
            self.observe(Observed::Reading { server: server.clone(), asked, frame });
        }
    }

    /// Tells the screen something, and carries out what it asks for.
    pub fn message(&mut self, msg: Msg) {
        let effects = app::update(&mut self.app, &self.engine, msg, self.moment);
        for effect in effects {
            match effect {
                app::Effect::Act(act) => self.act(act),
                other => self.asked.push(other),
            }
        }
    }

    /// Lets the operator do something, whatever the key.
    pub fn act(&mut self, act: Act) {
        self.acts.push(act.clone());
        let effects = self.engine.step(self.moment, Input::Act(act));
        self.carry_out(effects);
        self.message(Msg::Changed);
    }

    /// Presses keys as a person would: `jjx`, `<Enter>`, `<Esc>`, `<Tab>`, `<C-s>`.
    pub fn keys(&mut self, script: &str) {
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            let (key, length) = match (c, rest.find('>')) {
                ('<', Some(end)) => (named(&rest[1..end]), end + 1),
                _ => (KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), c.len_utf8()),
            };
            rest = &rest[length..];
            self.moment.mono += 100;
            self.message(Msg::Key(key));
        }
    }

    /// Keys as a console without bracketed paste sends a paste.
    pub fn paste_as_keys(&mut self, text: &str) {
        for c in text.chars() {
            let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
            self.moment.mono += 1;
            self.message(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    /// Confirms the steps before 3.1.
    pub fn go_to_the_swap(&mut self) {
        self.keys(" <Enter><Enter>");
        self.keys("e <Tab>2019<Tab>x1<Enter><Enter><Enter>");
        self.keys("<Enter><Enter>");
        let frame = self.frame();
        assert_eq!(self.engine.current_step().unwrap().id.as_str(), "stage-old", "{frame}");
        self.app.message = None;
    }

    /// The frame as text, one line a row.
    pub fn frame(&mut self) -> String {
        let buffer = self.buffer();
        let rows = buffer.content.chunks(usize::from(self.app.size.0).max(1));
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned() + "\n").collect()
    }

    /// The frame.
    pub fn buffer(&mut self) -> ratatui::buffer::Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.app.size.0, self.app.size.1)).unwrap();
        let mut measured = None;
        if self.painter.0 != self.theme {
            self.painter = (self.theme, Painter::new(self.theme));
        }
        let painter = &self.painter.1;
        terminal
            .draw(|frame| measured = Some(painter.draw(frame, &self.app, &self.engine, &self.outputs, self.moment.now)))
            .unwrap();
        let drawn = measured.unwrap();
        self.app.measured(drawn.extent);
        self.until = drawn.until;
        terminal.backend().buffer().clone()
    }
}

/// A file attached for the wanted evidence of that name.
pub fn attached(wanted: &str, name: &str) -> Act {
    let (sha256, kind) = ("5f".repeat(32), "png".to_owned());
    Act::Attach { wanted: Some(format!("evidence:{wanted}").into()), sha256, bytes: 12_345, kind, name: name.to_owned() }
}

/// The good end of a run.
pub fn ended(run: &str) -> Observed {
    Observed::Ended {
        run: run.to_owned(),
        state: EndState::Completed,
        errors: 0,
        exit: Some(0),
        why: None,
        transcript: Transcript::default(),
        output: Output { head: vec!["StagingModeEnabled : False".into()], tail: Vec::new(), omitted: 0 },
        results: None,
    }
}

fn named(name: &str) -> KeyEvent {
    let (code, modifiers) = match name {
        "Enter" => (KeyCode::Enter, KeyModifiers::NONE),
        "Esc" => (KeyCode::Esc, KeyModifiers::NONE),
        "Tab" => (KeyCode::Tab, KeyModifiers::NONE),
        "Down" => (KeyCode::Down, KeyModifiers::NONE),
        "PgDn" => (KeyCode::PageDown, KeyModifiers::NONE),
        "PgUp" => (KeyCode::PageUp, KeyModifiers::NONE),
        "F5" => (KeyCode::F(5), KeyModifiers::NONE),
        other => (KeyCode::Char(other.strip_prefix("C-").unwrap().chars().next().unwrap()), KeyModifiers::CONTROL),
    };
    KeyEvent::new(code, modifiers)
}

fn values(group: Group, host: &str, answers: &Answers, now: Time) -> Json {
    let runs = |done: bool| if done { json!([]) } else { json!([{"ConnectorName": "contoso.com", "RunState": "Import"}]) };
    match group {
        Group::Core if !answers.installed => json!({
            "Host": host, "Domain": "contoso.com", "Now": now.to_rfc3339(), "BootTime": "2026-11-01T03:00:00Z",
            "Installed": false,
            "Wizard": {"Open": false, "User": null, "SessionState": null, "Since": null},
            "SynchronizationServiceManager": {"Open": false, "User": null},
        }),
        Group::Core => json!({
            "Host": host, "Domain": "contoso.com", "Now": now.to_rfc3339(), "BootTime": "2026-11-01T03:00:00Z",
            "Installed": true, "Version": answers.version,
            "Service": {"Status": "Running", "StartType": "Automatic"},
            "Scheduler": {
                "AllowedSyncCycleInterval": "00:30:00", "CurrentlyEffectiveSyncCycleInterval": "00:30:00",
                "CustomizedSyncCycleInterval": null, "NextSyncCyclePolicyType": "Delta",
                "NextSyncCycleStartTimeInUTC": "2026-11-20T22:53:00Z", "PurgeRunHistoryInterval": "7.00:00:00",
                "SyncCycleEnabled": true, "MaintenanceEnabled": true, "StagingModeEnabled": answers.staging,
                "SchedulerSuspended": false, "SyncCycleInProgress": answers.in_progress,
            },
            "ConnectorRunStatus": runs(!answers.in_progress),
            "Wizard": {"Open": false, "User": null, "SessionState": null, "Since": null},
            "SynchronizationServiceManager": {"Open": false, "User": null},
        }),
        Group::Statistics => json!({
            "Connectors": [{
                "Name": "contoso.onmicrosoft.com - AAD", "Identifier": "b891884f-051e-4a83-95af-2544101c9083",
                "Type": "Extensible2", "Subtype": "Windows Azure Active Directory (Microsoft)",
                "Statistics": {
                    "ExportAdds": 0, "ExportUpdates": if answers.staging { 2 } else { 0 }, "ExportDeletes": 0,
                    "ImportAdds": 0, "ImportUpdates": 0, "ImportDeletes": 0, "ImportNoChange": 0, "TotalConnectors": 5012,
                },
                "Override": {"FullImportRequired": false, "FullSyncRequired": false},
            }],
        }),
        Group::Runs => json!({
            "RunHistoryBegins": "2026-11-14T03:00:00Z",
            "RunHistory": if answers.staging { json!([]) } else { json!([{
                "RunNumber": 812, "ConnectorName": "contoso.onmicrosoft.com - AAD", "RunProfileName": "Export", "Result": "success",
                "StartDate": "2026-11-20T22:22:30Z", "EndDate": "2026-11-20T22:23:00Z", "Username": "CONTOSO\\sync", "IsRunComplete": true,
                "Adds": 0, "Updates": 3, "Renames": 0, "Deletes": 0, "Failures": 0,
            }]) },
        }),
        _ => json!({}),
    }
}
