//! `lockstep run`: a new session on the screen.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use clap::Args;
use color_eyre::eyre::{bail, eyre};

use super::data_dir::DataDir;
use super::test::plan;
use crate::io::config::Config;
use crate::io::terminal::Terminal;
use crate::powershell::Value;
use crate::runbook::fields;
use crate::runbook::model::{Field, FieldKind};
use crate::runner::opening::{self, LabStart, Start};
use crate::runner::rehearsal::acts::inputs_of;
use crate::runner::servers;

/// How fast a rehearsal's world runs where nothing is said.
const SPEED: f64 = 10.0;

/// Open a runbook on its servers, or rehearse it in the lab
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The runbook
    pub runbook: PathBuf,
    /// Rehearse on simulated servers: a bundled scenario by name, or a file. Without one that of `rehearsals/NAME/clean.yaml`
    /// beside the runbook
    #[arg(long, value_name = "SCENARIO", num_args = 0..=1, conflicts_with_all = ["servers", "pair"])]
    pub lab: Option<Option<String>>,
    /// A server by its role, such as old=winrm://ec01; once for each role
    #[arg(long = "server", value_name = "NAME=TARGET", value_parser = super::status::server)]
    pub servers: Vec<(crate::facts::ServerName, String)>,
    /// The servers of a pair of lockstep.toml
    #[arg(long, value_name = "PAIR", conflicts_with = "servers")]
    pub pair: Option<String>,
    /// An input of the runbook
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = input)]
    pub inputs: Vec<(String, String)>,
    /// How fast the lab's clock runs, 1 to 600
    #[arg(long, value_name = "FACTOR", requires = "lab")]
    pub speed: Option<f64>,
    /// The lab's seed: the same seed gives the same world
    #[arg(long, value_name = "NUMBER", requires = "lab")]
    pub seed: Option<u64>,
    /// The most that is kept of a command's output, such as 1GiB; 0 for no limit
    #[arg(long, value_name = "SIZE", value_parser = crate::io::config::size)]
    pub transcript_cap: Option<u64>,
    #[command(flatten)]
    data: DataDir,
}

fn input(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or_else(|| format!("'{text}' is no input: write NAME=VALUE"))?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

/// Runs the verb: 0 where everything was recorded, 1 where not.
///
/// # Errors
/// In words: what was found, what was expected, what to do.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> color_eyre::Result<u8> {
    // The runbook takes longest of all: the rest is looked up beside it, and never the other way round, because a thread
    // of a busy machine begins late.
    let (file, around) = std::thread::scope(|scope| {
        let around = scope.spawn(|| surroundings(args));
        let file = super::runbook_file::read(&args.runbook);
        (file, around.join().unwrap_or_else(|_| Err(eyre!("the settings could not be read"))))
    });
    let (file, (config, targets, lab)) = (file?, around?);
    if lab.is_none() && targets.is_empty() && !file.runbook.roles.is_empty() {
        bail!("say on which servers: --lab to rehearse, --pair NAME, or --server ROLE=TARGET for each role");
    }
    let size = opening::terminal_size()?;
    let given: BTreeMap<String, String> = args.inputs.iter().cloned().collect();
    let inputs = if lab.is_some() {
        inputs_of(&file.runbook.inputs, &given).map_err(|why| eyre!(why))?
    } else {
        asked_for(&file.runbook.inputs, &given, out)?
    };
    let sessions = args.data.sessions(&config)?;
    let start = Start { runbook: file.runbook, bytes: file.bytes, path: args.runbook.clone(), servers: targets, lab, inputs };
    on_screen(|| opening::start(start, &config, &sessions, size))
}

/// The settings, the servers that were named, and the lab of a rehearsal.
type Surroundings = (Config, Vec<(crate::facts::ServerName, String)>, Option<LabStart>);

fn surroundings(args: &RunArgs) -> color_eyre::Result<Surroundings> {
    let config = Config::load()?.with_transcript_cap(args.transcript_cap);
    let targets = match &args.pair {
        Some(pair) => config.pair(pair).map_err(|why| eyre!(why))?,
        None => args.servers.clone(),
    };
    let named = args.lab.clone().map(|name| name.unwrap_or_else(|| plan::usual_scenario(&args.runbook)));
    let lab = named.map_or_else(|| servers::simulated_by(&targets), |name| Ok(Some(name)))?;
    let lab = lab
        .map(|name| {
            let scenario = crate::runner::lab::scenario::load(&name)?;
            let seed = args.seed.unwrap_or(1);
            Ok::<_, color_eyre::Report>(LabStart { scenario, seed, speed: args.speed.unwrap_or(SPEED) })
        })
        .transpose()?;
    Ok((config, targets, lab))
}

/// Takes the terminal and runs a session in it.
///
/// # Errors
/// Where the session cannot be opened, or the terminal cannot be used.
pub fn on_screen(open: impl FnOnce() -> color_eyre::Result<crate::runner::Live>) -> color_eyre::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let live = open()?;
        let mut terminal = Terminal::on()?;
        crate::runner::run(live, &mut terminal).await
    })
}

/// Inputs of a real session: what was given, and what the operator answers at the prompt.
fn asked_for(
    known: &[Field],
    given: &BTreeMap<String, String>,
    out: &mut dyn Write,
) -> color_eyre::Result<BTreeMap<String, Value>> {
    if let Some(unknown) = given.keys().find(|name| !known.iter().any(|field| &field.name == *name)) {
        let names: Vec<&str> = known.iter().map(|field| field.name.as_str()).collect();
        bail!("the runbook has no input '{unknown}'; it has {}", names.join(", "));
    }
    let mut inputs = BTreeMap::new();
    let mut lines = std::io::stdin().lock().lines();
    for field in known {
        let mut text = given.get(&field.name).cloned();
        loop {
            let entered = if let Some(text) = text.take() {
                text
            } else {
                write!(out, "{}{}: ", field.label, hint(field))?;
                out.flush()?;
                let missing = || eyre!("the input '{0}' was not given: add --input {0}=VALUE", field.name);
                lines.next().ok_or_else(missing)??
            };
            match fields::read(field, &entered) {
                Ok(value) => {
                    inputs.extend(value.map(|value| (field.name.clone(), value)));
                    break;
                }
                Err(why) if given.contains_key(&field.name) => bail!("the input '{}' {why}", field.name),
                Err(why) => writeln!(out, "  {}: {why}", field.label)?,
            }
        }
    }
    Ok(inputs)
}

fn hint(field: &Field) -> String {
    let form = match &field.kind {
        FieldKind::Choice(choices) => choices.join(", "),
        FieldKind::Bool => "yes or no".into(),
        _ => field.example.as_ref().map(|example| format!("such as {example}")).unwrap_or_default(),
    };
    match (form.is_empty(), field.required) {
        (true, true) => String::new(),
        (true, false) => " (may be empty)".into(),
        (false, true) => format!(" ({form})"),
        (false, false) => format!(" ({form}; may be empty)"),
    }
}
