//! `lockstep self-test TARGET`: whether the agent works on a server, as a report to paste. It changes nothing there. Much
//! of the agent could not be run on a real Entra Connect server while it was written: the report says which of that this
//! run has now seen.

mod checks;
mod probe;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::eyre;
use sha2::{Digest as _, Sha256};

use super::NOT_DONE;
use crate::io::agent::{AGENT, LinkState, Target, Transport};
use crate::powershell::Value;
use crate::rb1::{Group, Hello};
use crate::runner::lab::alone::LabAlone;
use crate::session::event::EndState;
use crate::text::{Safe, hex};

use checks::{CHECKS, Verdict};
use probe::{Probe, Read};

/// Check that the agent works on a server; changes nothing there
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 everything passed, 1 something failed, 2 the server could not be reached.")]
pub struct SelfTestArgs {
    /// local, ssh://user@host or winrm://host; also lab:SCENARIO/ROLE, to see what such a report looks like
    pub target: String,
}

/// Runs the verb.
///
/// # Errors
/// For a target that is none, and where this machine itself fails (no threads, no temporary folder).
pub fn run(args: &SelfTestArgs, out: &mut dyn Write) -> Result<u8> {
    let target = Target::parse(&args.target).map_err(|why| eyre!(why))?;
    match (target.transport(), target) {
        (Some(transport), _) => examine(&args.target, transport, out),
        (None, Target::Lab { scenario, role }) => {
            let (_world, transport) = LabAlone::start(&scenario, &role)?;
            examine(&args.target, Arc::new(transport), out)
        }
        (None, other) => Err(eyre!("there is no way to '{other}'")),
    }
}

/// The same for any way to a server. `name` is what the report calls it.
///
/// # Errors
/// As [`run`].
pub fn examine(name: &str, transport: Arc<dyn Transport>, out: &mut dyn Write) -> Result<u8> {
    writeln!(out, "lockstep {} self-test of {}", env!("CARGO_PKG_VERSION"), Safe::line(name).as_str())?;
    let mut probe = Probe::start(transport)?;
    let code = report(&mut probe, name, out);
    probe.stop();
    code
}

fn report(probe: &mut Probe, name: &str, out: &mut dyn Write) -> Result<u8> {
    let (hello, limits) = match probe.link()? {
        LinkState::Live { hello, limits } => (hello, limits),
        LinkState::Refused { what, why, remedy, .. } => {
            writeln!(out, "\n  REFUSED  {why}\n           {remedy}\n           ({})", what.name())?;
            probe.told(out)?;
            return Ok(NOT_DONE);
        }
        LinkState::Lost { what, why, .. } => {
            writeln!(out, "\n  LOST     {why}\n           {}\n           ({})", what.remedy(), what.name())?;
            probe.told(out)?;
            return Ok(NOT_DONE);
        }
        LinkState::Idle | LinkState::Starting => return Err(eyre!("the agent was neither reached nor given up")),
    };
    writeln!(out, "{}\n", about(&hello))?;
    let mut report = Report { out, passed: 0, failed: 0, noted: 0 };
    for limit in limits {
        report.tell("server", &Verdict::Noted(limit.sentence().to_owned()))?;
    }
    report.tell("the agent arrived unchanged", &unchanged(&hello))?;
    for check in CHECKS {
        let verdict = match probe.run(check.script, check.vars)? {
            // What the lab has no words for says nothing of an agent.
            Some(outcome) if outcome.ended.why.as_deref().is_some_and(|why| why.starts_with("The lab does not play")) => {
                Verdict::Noted("the lab does not play this".to_owned())
            }
            Some(outcome) => (check.judge)(&outcome),
            None => Verdict::Failed("no end within 60 s".to_owned()),
        };
        report.tell(check.name, &verdict)?;
    }
    report.tell("a command stops when it is cancelled", &stop_latency(probe)?)?;
    for group in Group::ALL {
        let read = probe.read(group)?;
        let (verdict, failed) = group_verdict(&read);
        report.tell(&format!("facts: {}", group.name()), &verdict)?;
        for (path, words) in failed {
            writeln!(report.out, "             {path}: {words}")?;
        }
    }
    let Report { out, passed, failed, noted } = report;
    writeln!(out, "\n{passed} passed, {failed} failed, {noted} to be noted.")?;
    if name.starts_with("lab:") {
        writeln!(out, "This is a simulated server: nothing of it tells anything of a real one.")?;
    } else {
        writeln!(out, "{}", seen(&hello, name))?;
    }
    probe.told(out)?;
    Ok(u8::from(failed > 0))
}

struct Report<'a> {
    out: &'a mut dyn Write,
    passed: u32,
    failed: u32,
    noted: u32,
}

impl Report<'_> {
    fn tell(&mut self, name: &str, verdict: &Verdict) -> Result<()> {
        let (word, words) = match verdict {
            Verdict::Passed(words) => {
                self.passed += 1;
                ("passed", words)
            }
            Verdict::Failed(words) => {
                self.failed += 1;
                ("FAILED", words)
            }
            Verdict::Noted(words) => {
                self.noted += 1;
                ("noted ", words)
            }
        };
        writeln!(self.out, "  {word}  {name:<40} {words}")?;
        self.out.flush()?;
        Ok(())
    }
}

fn about(hello: &Hello) -> String {
    let Hello { machine, user, ps, edition, bits, lang, .. } = hello;
    let told = |what: Option<bool>, yes: &'static str, no: &'static str| match what {
        Some(true) => yes,
        Some(false) => no,
        None => "unknown",
    };
    let elevated = told(hello.elevated, "yes", "no");
    let adsync = told(hello.adsync, "found", "not found");
    format!(
        "{machine} as {user}\nPowerShell {ps} {edition}, {bits} bit, {lang}; elevated: {elevated}; ADSync module: {adsync}; \
         input of native programs apart: {}",
        if hello.stdin_isolated { "yes" } else { "no" }
    )
}

fn unchanged(hello: &Hello) -> Verdict {
    let own = hex(&Sha256::digest(AGENT.as_bytes()));
    if hello.agent_sha == own {
        Verdict::Passed(format!("SHA-256 {}", &own[..16]))
    } else {
        Verdict::Noted(format!("the server's agent is {}, this program's {own}: a signed file differs", hello.agent_sha))
    }
}

fn stop_latency(probe: &mut Probe) -> Result<Verdict> {
    let Some((outcome, latency)) = probe.cancelled("Start-Sleep -Seconds 50")? else {
        return Ok(Verdict::Failed("no end within 60 s".to_owned()));
    };
    let words = format!("{} ms", latency.as_millis());
    Ok(if outcome.ended.state == EndState::Stopped && latency < Duration::from_secs(5) {
        Verdict::Passed(words)
    } else {
        Verdict::Failed(format!("{:?} after {words}", outcome.ended.state))
    })
}

/// What came of a group, and the parts that failed.
fn group_verdict(read: &Read) -> (Verdict, Vec<(String, String)>) {
    match read {
        Read::Answered { ms, values, errors } => {
            let failed = errors.iter().map(|(path, error)| {
                let words = Safe::line(error.message.lines().next().unwrap_or_default()).into_string();
                (Safe::line(path).into_string(), words)
            });
            let words = format!("{values} values in {ms} ms, {} parts failed", errors.len());
            (if errors.is_empty() { Verdict::Passed(words) } else { Verdict::Noted(words) }, failed.collect())
        }
        Read::Failed(why) => (Verdict::Failed(why.clone()), Vec::new()),
    }
}

/// What nobody had seen on a real server when this was released, and whether this run did.
fn seen(hello: &Hello, target: &str) -> String {
    let windows = hello.edition == "Desktop";
    let winrm = target.starts_with("winrm:");
    let subjects = [
        ("Windows PowerShell 5.1", windows),
        ("ADSync objects of a current build", windows && hello.adsync == Some(true)),
        ("a remote runspace over WinRM", winrm),
        ("a JEA endpoint", winrm && hello.lang == "NoLanguage"),
        ("constrained language mode", hello.lang == "ConstrainedLanguage"),
    ];
    let list = |wanted: bool| {
        let names: Vec<&str> = subjects.iter().filter(|(_, seen)| *seen == wanted).map(|(name, _)| *name).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    format!(
        "Not seen on a real server when lockstep {} was released, seen by this run: {}.\nNot seen by this run either: {}.",
        env!("CARGO_PKG_VERSION"),
        list(true),
        list(false)
    )
}

/// A value's text for a report.
fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| Safe::line(&value.to_json().to_string()).into_string())
}
