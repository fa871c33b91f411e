//! `lockstep test`: takes a runbook through the lab without a screen and without real time.

pub mod plan;

use std::io::Write;
use std::path::PathBuf;

use chrono::{TimeDelta, TimeZone, Utc};
use clap::Args;
use color_eyre::eyre::{WrapErr, eyre};
use plan::Rehearsed;

use crate::Time;
use crate::lab::{Scenario, Verb};
use crate::runner::rehearsal::acts::inputs_of;
use crate::runner::rehearsal::script::Act;
use crate::runner::rehearsal::{Outcome, Planned, Script, junit, rehearse};
use crate::runner::servers;
use crate::text::Safe;
use crate::text::age::duration;

/// Take a runbook through the lab without a screen
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything came as expected, 1 something did not, 2 the runbook, a script or the scenario cannot be used."
)]
pub struct TestArgs {
    /// The runbook
    pub runbook: PathBuf,
    /// The lab's scenario, a bundled one by name or a file, in place of the script's. Without --script: `clean.yaml` beside the
    /// runbook, else the usual operator
    #[arg(long, value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// A rehearsal script; may be given more than once. Without one: every script in `rehearsals/NAME/` beside the runbook,
    /// else the usual operator
    #[arg(long, value_name = "FILE")]
    pub script: Vec<PathBuf>,
    /// Only what did not come as expected, and the summaries
    #[arg(short, long)]
    pub quiet: bool,
    /// Write the outcome as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// Runs the verb; gives the exit code.
///
/// # Errors
/// In words, where nothing could be played.
pub fn run(args: &TestArgs, out: &mut dyn Write) -> color_eyre::Result<u8> {
    // Everything is read before anything is played: a mistake in the last script is told at once.
    let sessions = sessions(args)?;
    let mut outcomes = Vec::new();
    for (planned, scenario) in &sessions {
        let mut session = Some((TimeDelta::zero(), planned));
        for outcome in rehearse(planned, scenario, begin()) {
            let pause = session.map(|(pause, _)| pause).unwrap_or_default();
            tell(&outcome, pause, args.quiet, out)?;
            session = session.and_then(|(_, now)| now.then.as_ref().map(|(pause, then)| (*pause, then.as_ref())));
            outcomes.push(outcome);
        }
    }
    let wrong = outcomes.iter().filter(|outcome| !outcome.is_ok()).count();
    if outcomes.len() > 1 {
        writeln!(out, "{} rehearsals: {} as expected, {wrong} not", outcomes.len(), outcomes.len() - wrong)?;
    }
    if let Some(path) = &args.junit {
        std::fs::write(path, junit::xml(&outcomes)).wrap_err_with(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(u8::from(wrong > 0))
}

/// Every rehearsal begins on the same evening, so that the same script gives the same journal.
fn begin() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().unwrap_or_default()
}

/// What is to be played: the scripts asked for; else those beside the runbook; else the usual operator.
fn sessions(args: &TestArgs) -> color_eyre::Result<Vec<(Planned, Scenario)>> {
    let rehearsed = Rehearsed::read(&args.runbook)?;
    let mut files = if args.script.is_empty() { plan::beside(&args.runbook) } else { args.script.clone() };
    if args.scenario.is_some() && args.script.is_empty() {
        // The other scripts are about what their own scenario holds.
        files.retain(|file| file.file_stem().is_some_and(|stem| stem == "clean"));
    }
    let planned = if files.is_empty() {
        vec![rehearsed.with(Script { title: "the usual operator".into(), ..Script::default() })]
    } else {
        files.iter().map(|file| rehearsed.with_file(file)).collect::<Result<_, _>>()?
    };
    planned.into_iter().map(|planned| in_its_world(planned, args.scenario.as_deref())).collect()
}

/// A session with its scenario, which must have the servers that it is about.
fn in_its_world(planned: Planned, asked: Option<&str>) -> color_eyre::Result<(Planned, Scenario)> {
    let name = asked.or(planned.script.scenario.as_deref()).unwrap_or(crate::lab::scenario::DEFAULT);
    let of = || format!("{} / {}", planned.pinned.title, planned.script.title);
    let scenario = crate::runner::lab::scenario::load(name).wrap_err_with(of)?;
    let mut session = Some(&planned);
    while let Some(now) = session {
        servers::cast(&now.runbook, &scenario, &now.script.servers).wrap_err_with(of)?;
        inputs_of(&now.runbook.inputs, &now.script.inputs).map_err(|why| eyre!(why)).wrap_err_with(of)?;
        verbs_have_servers(&now.script, &scenario).wrap_err_with(of)?;
        session = now.then.as_ref().map(|(_, then)| then.as_ref());
    }
    Ok((planned, scenario))
}

/// The lab's verbs take the scenario's names of servers.
fn verbs_have_servers(script: &Script, scenario: &Scenario) -> color_eyre::Result<()> {
    let known = |name: &str| {
        scenario.servers.iter().any(|server| server.role.eq_ignore_ascii_case(name) || server.host.eq_ignore_ascii_case(name))
    };
    for visit in &script.steps {
        let verbs = visit.acts.iter().filter_map(|act| if let Act::Lab(text) = act { text.parse::<Verb>().ok() } else { None });
        for verb in verbs {
            if let Some(role) = verb.server().or_else(|| verb.location()).filter(|role| !known(role)) {
                let roles: Vec<&str> = scenario.servers.iter().map(|server| server.role.as_str()).collect();
                let (step, name, roles) = (&visit.step, &scenario.name, roles.join(", "));
                return Err(eyre!(
                    "step {step}: lab: {verb}: there is no server '{role}' in the scenario '{name}'; it has {roles}"
                ));
            }
        }
    }
    Ok(())
}

fn tell(outcome: &Outcome, pause: TimeDelta, quiet: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let later = if pause.is_zero() { String::new() } else { format!(", {} later", duration(pause)) };
    let name = format!("{} / {} on {}{later}", outcome.runbook, outcome.script, outcome.scenario);
    writeln!(out, "{}", Safe::line(&name))?;
    for step in outcome.steps.iter().filter(|step| !quiet || !step.is_ok()) {
        for (number, line) in step.line().lines().enumerate() {
            writeln!(out, "{}{}", if number == 0 { "  " } else { "" }, Safe::line(line))?;
        }
    }
    for problem in &outcome.problems {
        writeln!(out, "  NOT {}", Safe::line(problem))?;
    }
    for left in &outcome.left_out {
        writeln!(out, "  left out of the scenario: {}", Safe::line(left))?;
    }
    writeln!(out, "  {}", outcome.summary())
}
