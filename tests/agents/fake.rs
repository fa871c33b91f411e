//! What the tests of agents share: the fake agent's program, a transport to it, and a runner's side of the events.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use lockstep::facts::{Obstacle, ServerName};
use lockstep::io::agent::refusal::Refusal;
use lockstep::io::agent::transport::Bootstrap;
use lockstep::io::agent::{
    AgentEvent, Agents, Ended, LinkState, Nonce, Opened, Options, Purpose, RunOrder, SharedTail, Transport, process::Process,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The fake agent, built if need be (`cargo test --test NAME` alone does not build examples).
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--example", "fake_agent"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo");
        assert!(built.success());
        let tests = std::env::current_exe().expect("own path");
        let debug = tests.parent().and_then(Path::parent).expect("target folder");
        debug.join("examples").join(format!("fake_agent{}", std::env::consts::EXE_SUFFIX))
    })
}

/// The fake agent as a child process.
pub struct Fake(pub Vec<String>);

/// A transport to a fake agent with these words.
pub fn fake(words: &[&str]) -> Arc<dyn Transport> {
    Arc::new(Fake(words.iter().map(ToString::to_string).collect()))
}

/// Says why a test did nothing.
pub fn skipped(why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

impl Transport for Fake {
    fn open(&self, nonce: &Nonce) -> Result<Opened, Refusal> {
        let words: Vec<String> = self.0.iter().map(|word| word.replace("NONCE", nonce.as_str())).collect();
        Process::spawn(program().as_os_str(), &words)
            .map_err(|error| Refusal::new(Obstacle::Machine, error.to_string(), "build it"))
    }

    fn bootstrap(&self) -> Bootstrap {
        if self.0.iter().any(|word| word.starts_with("installed")) { Bootstrap::Installed } else { Bootstrap::Sent }
    }
}

/// The longest that any test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Agents with somebody who listens.
pub struct Watched {
    pub agents: Agents,
    pub events: UnboundedReceiver<AgentEvent>,
    pub dir: tempfile::TempDir,
}

/// Options with the agent's own text and short waits where a test needs them.
pub fn options() -> Options {
    Options { stop_grace: Duration::from_secs(3), ..Options::default() }
}

impl Watched {
    /// One server, `old`.
    pub fn start(transport: Arc<dyn Transport>, options: Options) -> Self {
        let (sender, events) = unbounded_channel();
        let agents = Agents::start(vec![(ServerName::from("old"), transport)], options, sender).expect("threads");
        Self { agents, events, dir: tempfile::tempdir().expect("folder") }
    }

    /// Waits for the first event that `pick` takes.
    pub fn until<T>(&mut self, mut pick: impl FnMut(&AgentEvent) -> Option<T>) -> T {
        let begun = Instant::now();
        let mut seen = Vec::new();
        while begun.elapsed() < PATIENCE {
            match self.events.try_recv() {
                Ok(event) => {
                    if let Some(found) = pick(&event) {
                        return found;
                    }
                    seen.push(format!("{event:?}"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        panic!("nothing of the kind came; what came: {seen:#?}");
    }

    /// Waits for a state of one agent's connection.
    pub fn link(&mut self, of: Purpose, mut wanted: impl FnMut(&LinkState) -> bool) -> LinkState {
        self.until(|event| match event {
            AgentEvent::Link { purpose, link, .. } if *purpose == of && wanted(link) => Some(link.clone()),
            _ => None,
        })
    }

    pub fn run(&self, run: &str, script: &str) -> SharedTail {
        self.agents.run(RunOrder {
            run: run.into(),
            server: "old".into(),
            script: script.into(),
            vars: serde_json::Map::new(),
            timeout_ms: None,
            into: Some("found".into()),
            transcript: self.dir.path().join(format!("{run}.log")),
        })
    }

    pub fn ended(&mut self, wanted: &str) -> Ended {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.events.try_recv() {
                Ok(AgentEvent::Ended(ended)) if ended.run == wanted => return *ended,
                Ok(_) => {}
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        panic!("the run '{wanted}' did not end");
    }

    pub fn transcript(&self, run: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(format!("{run}.log"))).expect("transcript")
    }
}

/// The processes of so many agents (`pids=FILE`), with their children; each agent adds its line when it starts.
#[cfg(target_os = "linux")]
pub fn processes(file: &Path, agents: usize) -> Vec<String> {
    let mut text = String::new();
    eventually("the agents have said their process ids", || {
        text = std::fs::read_to_string(file).unwrap_or_default();
        text.lines().count() >= agents && text.ends_with('\n')
    });
    text.split_whitespace().map(str::to_owned).collect()
}

/// Whether a process of the tests is there. (By its name too: a loaded machine soon gives its number to another.)
#[cfg(target_os = "linux")]
pub fn alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    (stat.contains("(fake_agent) ") || stat.contains("(sleep) ")) && !stat.contains(") Z ")
}

/// Waits until something is so.
#[cfg(unix)]
pub fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
