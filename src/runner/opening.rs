//! Opening a session on the screen: everything that can fail fails here, with one clear message, before the terminal is
//! taken.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use color_eyre::eyre::{WrapErr, bail, eyre};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::clock::Clock;
use super::lab::host::Entrance;
use super::lab::saved;
use super::lab::thread::LabThread;
use super::live::Live;
use super::news::News;
use super::servers;
use crate::app::state::SMALLEST;
use crate::app::{App, Outputs};
use crate::engine::{Effect, Engine, Opening};
use crate::facts::ServerName;
use crate::io::agent::{AgentEvent, Agents, Options, Target, Transport};
use crate::io::config::{Config, Look};
use crate::io::journal::JournalFile;
use crate::io::journal::JournalWriter;
use crate::io::lock::Lock;
use crate::io::session_dir::{Access, OpenSession, Sessions, WhyReadOnly, new_id};
use crate::lab::{Lab, Scenario};
use crate::powershell::Value;
use crate::runbook::model::Runbook;
use crate::session::event::{By, PinnedRunbook, Rehearsal, ServerTarget, SessionOpened};
use crate::text::hex;
use crate::ui::{Painter, Theme, too_small_words};

/// The lab of a new rehearsal.
#[derive(Debug, Clone)]
pub struct LabStart {
    /// Its scenario
    pub scenario: Scenario,
    /// The world's seed
    pub seed: u64,
    /// How fast its clock runs
    pub speed: f64,
}

/// What a new session is made of.
#[derive(Debug)]
pub struct Start {
    /// The runbook
    pub runbook: Runbook,
    /// Its bytes, as they are pinned
    pub bytes: Vec<u8>,
    /// Where it was read
    pub path: PathBuf,
    /// Targets by role; in a rehearsal servers of its world, or none for those of the roles' own names
    pub servers: Vec<(ServerName, String)>,
    /// The lab, in a rehearsal
    pub lab: Option<LabStart>,
    /// Checked inputs
    pub inputs: BTreeMap<String, Value>,
}

/// The terminal's size, where it is one that a session can run in.
///
/// # Errors
/// Where input or output is no terminal, or it is too small.
pub fn terminal_size() -> color_eyre::Result<(u16, u16)> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        bail!("this is no terminal: a session needs one to draw on; `lockstep test` rehearses without a screen");
    }
    let size = crossterm::terminal::size().wrap_err("the terminal does not tell its size")?;
    if size.0 < SMALLEST.0 || size.1 < SMALLEST.1 {
        bail!("{}", too_small_words(size));
    }
    Ok(size)
}

/// Opens a new session.
///
/// # Errors
/// In words: a target that cannot be read, a directory that cannot be written.
pub fn start(start: Start, config: &Config, sessions: &Sessions, size: (u16, u16)) -> color_eyre::Result<Live> {
    let baselines = config.baselines()?;
    let id = new_id(Utc::now()).wrap_err("the session cannot be given an id")?;
    let owner = who();
    let pinned = PinnedRunbook {
        title: start.runbook.title.clone(),
        id: start.runbook.id.clone(),
        version: start.runbook.version.clone(),
        path: std::path::absolute(&start.path).unwrap_or(start.path.clone()).display().to_string(),
        sha256: sha256(&start.bytes),
    };
    let (clock, world, servers) = match &start.lab {
        Some(lab) => {
            let servers = servers::in_lab(&start.runbook, &lab.scenario, &start.servers)?;
            let (scenario, seed, now) = (lab.scenario.clone(), lab.seed, Utc::now());
            let make: MakeLab = Box::new(move || Lab::new(&scenario, seed, now));
            (Clock::lab(now, lab.speed), Some((make, Entrance::new())), servers)
        }
        None => (Clock::console(), None, servers::targets(&start.runbook, &start.servers)?),
    };
    let transports = transports(&servers, world.as_ref().map(|(_, entrance)| entrance))?;
    let opened = sessions.create(&id, &start.bytes, &owner_text(&owner))?;
    let Access::Write { journal, lock, .. } = opened.access else { bail!("the new session {id} cannot be written") };
    let event = SessionOpened {
        session: id,
        runbook: pinned,
        servers,
        inputs: start.inputs,
        rehearsal: start.lab.as_ref().map(|lab| Rehearsal { scenario: lab.scenario.name.clone(), seed: lab.seed }),
    };
    let opening = Opening { runbook: Arc::new(start.runbook), by: owner, intervals: config.intervals(), baselines };
    let (engine, effects) = Engine::open_session(opening, event, clock.moment());
    let parts = Parts { engine, effects, clock, world, transports, journal: Some((journal, lock)) };
    assemble(parts, opened.dir, config, sessions, size)
}

/// Opens a session again, to go on with it or to look at it.
///
/// # Errors
/// In words: a damaged journal with its line, a pinned runbook that cannot be read.
pub fn resume(opened: OpenSession, config: &Config, sessions: &Sessions, size: (u16, u16)) -> color_eyre::Result<Live> {
    let baselines = config.baselines()?;
    let OpenSession { dir, runbook: text, events, access, .. } = opened;
    let loaded = crate::runbook::load("runbook.md", &text);
    let runbook = loaded.runbook.ok_or_else(|| eyre!("the pinned runbook {} cannot be read", dir.runbook().display()))?;
    let runbook = Arc::new(runbook);
    let owner = who();
    let opening = Opening { runbook: Arc::clone(&runbook), by: owner, intervals: config.intervals(), baselines };
    let session = crate::session::Session::fold(&events)?;
    drop(events);
    let closed = session.closed.is_some();
    let (journal, lock, recovered) = match access {
        Access::Write { journal, lock, recovered } => (journal, lock, recovered),
        Access::ReadOnly(why) => {
            let clock = if session.opened.rehearsal.is_some() { Clock::lab(session.last_at, 1.0) } else { Clock::console() };
            let engine = Engine::read_session(opening, session, read_only_words(&why));
            let parts = Parts { engine, effects: Vec::new(), clock, world: None, transports: Vec::new(), journal: None };
            return assemble(parts, dir, config, sessions, size);
        }
    };
    let (clock, world) = match (&session.opened.rehearsal, closed) {
        (Some(rehearsal), false) => {
            let (lab, speed) = saved_world(&dir, rehearsal, session.started)?;
            let clock = Clock::lab(lab.now().max(session.last_at), speed);
            let make: MakeLab = Box::new(move || lab);
            (clock, Some((make, Entrance::new())))
        }
        (Some(_), true) => (Clock::lab(session.last_at, 1.0), None),
        (None, _) => (Clock::console(), None),
    };
    let transports =
        if closed { Vec::new() } else { transports(&session.opened.servers, world.as_ref().map(|(_, entrance)| entrance))? };
    let recovered = recovered.iter().map(crate::io::journal::Recovered::body).collect();
    let pinned = session.opened.runbook.clone();
    let (mut engine, effects) = Engine::resume_folded(opening, session, recovered, clock.moment());
    engine.set_runbook_changes(runbook_changes(&pinned, &text));
    let parts = Parts { engine, effects, clock, world, transports, journal: Some((journal, lock)) };
    assemble(parts, dir, config, sessions, size)
}

/// The world of a rehearsal as its program left it. One that ended before it could save anything left none: then it is
/// made anew, as the journal says it was.
fn saved_world(dir: &crate::io::session_dir::SessionDir, made: &Rehearsal, began: crate::Time) -> color_eyre::Result<(Lab, f64)> {
    let scenario = if dir.lab().exists() { None } else { Scenario::bundled(&made.scenario).ok() };
    match scenario {
        Some(scenario) => {
            let mut lab = Lab::new(&scenario, made.seed, began);
            lab.advance(Utc::now());
            Ok((lab, 1.0))
        }
        None => saved::load(&dir.lab()),
    }
}

/// Makes a world, on its own thread.
type MakeLab = Box<dyn FnOnce() -> Lab + Send>;

/// What a session on the screen is put together from.
struct Parts {
    engine: Engine,
    effects: Vec<Effect>,
    clock: Clock,
    world: Option<(MakeLab, Entrance)>,
    transports: Vec<(ServerName, Arc<dyn Transport>)>,
    journal: Option<(JournalFile, Lock)>,
}

fn assemble(
    parts: Parts,
    dir: crate::io::session_dir::SessionDir,
    config: &Config,
    sessions: &Sessions,
    size: (u16, u16),
) -> color_eyre::Result<Live> {
    let (tell, news) = unbounded_channel();
    let options = Options { transcript_cap: config.transcript_cap.value, ..Options::default() };
    let agents = Agents::prepare(parts.transports, options, forward(tell.clone()));
    let lab = match parts.world {
        Some((make, entrance)) => {
            let tell = tell.clone();
            let tell_lab = move |news| {
                // As with the journal's.
                let _ = tell.send(News::Lab(news));
            };
            Some(LabThread::prepare(make, parts.clock.clone(), entrance, dir.lab(), tell_lab))
        }
        None => None,
    };
    let (journal, lock) = match parts.journal {
        Some((journal, lock)) => {
            let tell = tell.clone();
            let tell_journal = move |told| {
                // The loop is gone only when the program ends.
                let _ = tell.send(News::Journal(told));
            };
            (Some(JournalWriter::start(journal, tell_journal).wrap_err("the journal's thread cannot be started")?), Some(lock))
        }
        None => (None, None),
    };
    let app = App::new(size);
    let mut live = Live {
        engine: parts.engine,
        app,
        outputs: Outputs::default(),
        tails: BTreeMap::new(),
        changed: std::collections::BTreeSet::new(),
        agents,
        journal,
        lab,
        lab_looked_at: false,
        clock: parts.clock,
        dir,
        storage: Arc::clone(sessions.storage()),
        news,
        tell,
        painter: Painter::new(theme(config.theme.value)),
        lock,
        until: None,
        dirty: true,
        editing: None,
        head: None,
        to_terminal: None,
        redraw: false,
        quit: false,
    };
    live.set_pace();
    for effect in parts.effects {
        live.carry_engine(effect);
    }
    Ok(live)
}

/// Agents tell in their own words; the loop has one channel for all news.
fn forward(tell: UnboundedSender<News>) -> UnboundedSender<AgentEvent> {
    let (events, mut received) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(event) = received.recv().await {
            if tell.send(News::Agent(event)).is_err() {
                return;
            }
        }
    });
    events
}

fn transports(servers: &[ServerTarget], lab: Option<&Entrance>) -> color_eyre::Result<Vec<(ServerName, Arc<dyn Transport>)>> {
    servers
        .iter()
        .map(|server| {
            let target = Target::parse(&server.target).map_err(|why| eyre!("the target of '{}': {why}", server.role))?;
            let transport: Arc<dyn Transport> = match (target.transport(), lab) {
                (Some(transport), _) => transport,
                (None, Some(lab)) => Arc::new(lab.transport(ServerName(servers::lab_role(&server.target)?))),
                (None, None) => bail!("'{}' is a server of the lab: start a rehearsal with --lab", server.target),
            };
            Ok((server.role.clone(), transport))
        })
        .collect()
}

/// Lines that the runbook's file has and the pinned copy has not (`+`), and the other way round (`-`).
fn runbook_changes(pinned: &PinnedRunbook, text: &[u8]) -> Vec<String> {
    let Ok(now) = std::fs::read(Path::new(&pinned.path)) else { return Vec::new() };
    if now == text {
        return Vec::new();
    }
    let (old, new) = (String::from_utf8_lossy(text).into_owned(), String::from_utf8_lossy(&now).into_owned());
    let diff = similar::TextDiff::from_lines(&old, &new);
    diff.iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| crate::text::Safe::line(&format!("{}{}", change.tag(), change.value().trim_end())).into_string())
        .collect()
}

fn read_only_words(why: &WhyReadOnly) -> String {
    match why {
        WhyReadOnly::Asked => "it was opened to be looked at".into(),
        WhyReadOnly::Held(Some(by)) => format!("another lockstep has it open ({by})"),
        WhyReadOnly::Held(None) => "another lockstep has it open".into(),
        WhyReadOnly::Newer { line, v } => format!("a later lockstep wrote it (line {line}, format {v})"),
    }
}

/// Who is there, for events and for the lock: the signed-in user as the system knows it, whatever the environment says.
pub fn who() -> By {
    let unknown = || "unknown".to_owned();
    By {
        user: whoami::username().unwrap_or_else(|_| unknown()),
        host: whoami::hostname().unwrap_or_else(|_| unknown()),
        program: concat!("lockstep ", env!("CARGO_PKG_VERSION")).into(),
    }
}

/// What stands in the lock file, for a second opener.
pub fn owner_text(by: &By) -> String {
    format!("{} on {}, process {}", by.user, by.host, std::process::id())
}

fn theme(look: Look) -> Theme {
    let variable = |name: &str| std::env::var(name).ok();
    match look {
        Look::Auto => Theme::from_environment(variable),
        Look::Mono => Theme::from_environment(|name| if name == "NO_COLOR" { Some("1".into()) } else { variable(name) }),
        Look::Ascii => Theme::from_environment(|name| if name == "LOCKSTEP_ASCII" { Some("1".into()) } else { variable(name) }),
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
