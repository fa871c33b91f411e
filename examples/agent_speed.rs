//! What a server costs the client: the time of a poll, and throughput and memory under a flood of output.
//!
//!     cargo build --release --examples && target/release/examples/agent_speed
//!
//! Polls go to a server of the lab in process, floods come from `fake_agent` as a child process, through a real pipe, with
//! the transcript written. Memory is this process's own (`VmRSS` and its peak, on Linux).

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lockstep::facts::{Intervals, Policy, Server, ServerName, View, tree};
use lockstep::io::agent::process::Process;
use lockstep::io::agent::refusal::Refusal;
use lockstep::io::agent::{AgentEvent, Agents, Ended, LinkState, Nonce, Opened, Options, Purpose, RunOrder, Transport};
use lockstep::rb1::Group;
use lockstep::runner::lab::alone::LabAlone;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The fake agent beside this program.
struct Fake;

impl Transport for Fake {
    fn open(&self, _: &Nonce) -> Result<Opened, Refusal> {
        let cannot = |error: std::io::Error| {
            Refusal::new(lockstep::facts::Obstacle::Machine, error.to_string(), "cargo build --release --examples")
        };
        let own = std::env::current_exe().map_err(cannot)?;
        let fake = own.with_file_name(format!("fake_agent{}", std::env::consts::EXE_SUFFIX));
        Process::spawn::<&str>(fake.as_os_str(), &[]).map_err(cannot)
    }
}

struct Bench {
    agents: Agents,
    events: UnboundedReceiver<AgentEvent>,
}

impl Bench {
    fn start(transport: Arc<dyn Transport>, options: Options) -> Outcome<Self> {
        let (sender, events) = unbounded_channel();
        let agents = Agents::start(vec![(ServerName::from("old"), transport)], options, sender)?;
        let mut bench = Self { agents, events };
        bench.until(|event| match event {
            AgentEvent::Link { purpose: Purpose::Watch, link: LinkState::Live { .. }, .. } => Some(()),
            _ => None,
        })?;
        Ok(bench)
    }

    fn until<T>(&mut self, mut pick: impl FnMut(AgentEvent) -> Option<T>) -> Outcome<T> {
        loop {
            let event = self.events.blocking_recv().ok_or("the agents' threads are gone")?;
            if let Some(found) = pick(event) {
                return Ok(found);
            }
        }
    }

    fn run(&mut self, script: &str, transcript: &Path) -> Outcome<Ended> {
        self.agents.run(RunOrder {
            run: script.to_owned(),
            server: "old".into(),
            script: script.to_owned(),
            vars: serde_json::Map::new(),
            timeout_ms: None,
            into: None,
            transcript: transcript.to_owned(),
        });
        self.until(|event| if let AgentEvent::Ended(ended) = event { Some(*ended) } else { None })
    }
}

/// Resident memory of this process and its peak, in MiB.
fn memory() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

/// Asks a lab server for a group again and again: milliseconds from the answer to the value tree that gates read.
fn polls(group: Group, count: usize) -> Outcome<Vec<f64>> {
    let (_world, transport) = LabAlone::start("clean-swap", "old").map_err(|error| error.to_string())?;
    let mut bench = Bench::start(Arc::new(transport), Options::default())?;
    let mut server = Server::new("old".into(), "lab:clean-swap/old".to_owned());
    let policy = Policy::watching(Intervals::default());
    let mut took = Vec::new();
    for _ in 0..count {
        let asked = chrono::Utc::now();
        bench.agents.read(&"old".into(), &[group], None, Duration::from_secs(30));
        let (frame, begun) = bench.until(|event| match event {
            AgentEvent::Reading { frame, .. } => Some((frame, Instant::now())),
            _ => None,
        })?;
        let now = chrono::Utc::now();
        server.answered(&frame, asked, now)?;
        let servers = std::slice::from_ref(&server);
        let facts = tree(&View::of(servers, now, &policy));
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
        drop(facts);
    }
    bench.agents.stop();
    took.sort_by(f64::total_cmp);
    Ok(took)
}

/// Processor time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<i64> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // After the state, which is no number: utime and stime are the 11th and 12th, in hundredths of a second.
    let hundredths = fields.get(10..12).map_or(0, |times| times.iter().sum::<i64>());
    Duration::from_millis(10 * u64::try_from(hundredths).unwrap_or_default())
}

fn main() -> Outcome<()> {
    let mut out = std::io::stdout();
    // The lab takes as long as a server would: few polls of a slow group.
    for (group, count) in [(Group::Core, 200), (Group::Configuration, 20)] {
        let used = cpu();
        let took = polls(group, count)?;
        let whole = cpu().saturating_sub(used).as_secs_f64() * 1000.0 / f64::from(u32::try_from(count)?);
        writeln!(
            out,
            "poll of {:<14} from answer to value tree: median {:.2} ms, 95 of 100 below {:.2} ms, longest {:.2} ms; \
             processor time of everything, the lab's too: {whole:.1} ms",
            group.name(),
            took[count / 2],
            took[count * 95 / 100],
            took[count - 1]
        )?;
    }
    let dir = std::env::temp_dir().join(format!("lockstep-speed-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let mut bench = Bench::start(Arc::new(Fake), Options::default())?;
    for (name, script) in [("100,000 lines, a frame each", "lines 100000"), ("3 GiB of output", "pour 3072")] {
        let (before, _) = memory();
        let (begun, used) = (Instant::now(), cpu());
        let ended = bench.run(script, &dir.join(script.replace(' ', "-")))?;
        let (took, used) = (begun.elapsed(), cpu().saturating_sub(used));
        let (after, peak) = memory();
        let transcript = &ended.transcript;
        let bytes = u128::from(transcript.bytes + transcript.dropped_bytes);
        writeln!(
            out,
            "{name}: {} lines, {} MiB in {:.2} s ({} MiB/s; {:.2} s of processor time), transcript {} bytes, {} left out, \
             resident {before:.1} -> {after:.1} MiB, peak {peak:.1} MiB",
            transcript.lines,
            bytes >> 20,
            took.as_secs_f64(),
            (bytes * 1_000_000 / took.as_micros().max(1)) >> 20,
            used.as_secs_f64(),
            transcript.bytes,
            transcript.dropped_bytes,
        )?;
    }
    bench.agents.stop();
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
