//! `lockstep status`: the servers side by side, once or again and again, without a session.

mod news;
mod shown;

use std::io::{IsTerminal, Write};
use std::time::Duration;

use clap::Args;
use color_eyre::eyre::eyre;
use tokio::time::Instant;

use crate::facts::ServerName;
use crate::io::agent::Target;
use crate::io::config::Config;
use crate::report::status::Status;
use crate::runner::watching::Watching;
use crate::text::Safe;
use shown::Shown;

/// How long servers may take to answer everything. What was not answered then is shown as unknown.
const PATIENCE: Duration = Duration::from_secs(90);
/// The exit code where a server could not be read.
const UNREADABLE: u8 = 3;

/// Show the servers side by side, with the findings
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing or information, 1 a warning, 2 something critical, 3 a server could not be read.")]
pub struct StatusArgs {
    /// A server by its role, such as old=winrm://ec01; once for each server
    #[arg(long = "server", value_name = "NAME=TARGET", value_parser = server, required_unless_present = "pair")]
    pub servers: Vec<(ServerName, String)>,
    /// The servers of a pair of lockstep.toml
    #[arg(long, value_name = "PAIR", conflicts_with = "servers")]
    pub pair: Option<String>,
    /// Go on until Ctrl+C: in place on a terminal, else a block for every change
    #[arg(long)]
    pub watch: bool,
    /// The value tree as JSON instead of text; with --watch one a line
    #[arg(long)]
    pub json: bool,
    /// Also how the connections went, and what the servers said besides
    #[arg(long, short)]
    pub verbose: bool,
}

impl StatusArgs {
    /// The servers that are meant: role and target.
    ///
    /// # Errors
    /// Where the pair is not in the file, or a role was given twice.
    pub fn targets(&self, config: &Config) -> Result<Vec<(ServerName, String)>, String> {
        let servers = match &self.pair {
            Some(pair) => config.pair(pair)?,
            None => self.servers.clone(),
        };
        for (place, (role, _)) in servers.iter().enumerate() {
            if servers[..place].iter().any(|(other, _)| other.as_str().eq_ignore_ascii_case(role.as_str())) {
                return Err(format!("the role '{role}' was given twice"));
            }
        }
        Ok(servers)
    }
}

/// Runs the verb; the exit code tells the worst finding.
///
/// # Errors
/// Where the output cannot be written.
pub fn run(args: &StatusArgs, out: &mut dyn Write) -> color_eyre::Result<u8> {
    let looked = Config::load().map_err(Into::into).and_then(|config| {
        let targets = args.targets(&config).map_err(|why| eyre!(why))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(look(args, &targets, &config, out))
    });
    // Codes 1 and 2 tell of findings: what could not even be begun has the code of what could not be read.
    looked.or_else(|error| {
        writeln!(std::io::stderr(), "error: {error:#}")?;
        Ok(UNREADABLE)
    })
}

async fn look(
    args: &StatusArgs,
    targets: &[(ServerName, String)],
    config: &Config,
    out: &mut dyn Write,
) -> color_eyre::Result<u8> {
    let mut shown = Shown::of(args, config);
    let mut watching = Watching::start(targets, config.intervals(), &config.baselines()?)?;
    let mut leave = std::pin::pin!(tokio::signal::ctrl_c());
    let deadline = Instant::now() + PATIENCE;
    let mut left = false;
    while !left && !watching.is_complete() && Instant::now() < deadline {
        progress(&watching)?;
        tokio::select! {
            () = watching.turn() => {}
            () = tokio::time::sleep_until(deadline) => {}
            _ = &mut leave => left = true,
        }
    }
    no_progress()?;
    shown.show(&watching, out)?;
    while args.watch && !left {
        tokio::select! {
            () = watching.turn() => shown.show(&watching, out)?,
            _ = &mut leave => left = true,
        }
    }
    let code = Status::of(watching.servers(), watching.now(), watching.policy()).exit_code();
    watching.stop().await;
    Ok(code)
}

/// Who is still waited for, on a terminal only: it is no part of the answer.
fn progress(watching: &Watching) -> std::io::Result<()> {
    let mut terminal = std::io::stderr();
    if !terminal.is_terminal() {
        return Ok(());
    }
    let servers = watching.servers().iter().map(|server| {
        let (done, of) = Watching::progress(server);
        format!("{} {done} of {of}", server.name)
    });
    write!(terminal, "\r\x1b[Kreading: {}", Safe::line(&servers.collect::<Vec<_>>().join(", ")))?;
    terminal.flush()
}

fn no_progress() -> std::io::Result<()> {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() { write!(terminal, "\r\x1b[K") } else { Ok(()) }
}

/// Reads `old=winrm://ec01`.
pub(super) fn server(text: &str) -> Result<(ServerName, String), String> {
    let (role, target) =
        text.split_once('=').ok_or_else(|| format!("'{text}' names no role: write NAME=TARGET, such as old=winrm://ec01"))?;
    let is_name = role.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && role.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!("'{role}' is no role's name: letters, digits and _, not beginning with a digit"));
    }
    Target::parse(target)?;
    Ok((ServerName::from(role), target.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Verb {
        #[command(flatten)]
        status: StatusArgs,
    }

    fn parse(args: &[&str]) -> Result<StatusArgs, String> {
        Verb::try_parse_from([&["status"], args].concat()).map(|verb| verb.status).map_err(|error| error.to_string())
    }

    #[test]
    fn servers_are_roles_with_targets() {
        let args = parse(&["--server", "old=winrm://ec01?configuration=lockstep", "--server", "new=local", "--json"])
            .expect("arguments");
        assert_eq!(args.servers[0], ("old".into(), "winrm://ec01?configuration=lockstep".into()));
        assert!(args.json && !args.watch);
        for (wrong, words) in
            [("winrm://ec01", "names no role"), ("1=local", "no role's name"), ("old=ftp://x", "knows no 'ftp://'")]
        {
            let error = parse(&["--server", wrong]).expect_err(wrong);
            assert!(error.contains(words), "{error}");
        }
        assert!(parse(&[]).is_err());
    }

    #[test]
    fn a_role_is_given_once() {
        let config = Config::load_in(&crate::io::config::Environment::default()).expect("defaults");
        let args = parse(&["--server", "old=local", "--server", "OLD=local"]).expect("arguments");
        assert_eq!(args.targets(&config), Err("the role 'OLD' was given twice".into()));
        assert!(parse(&["--pair", "contoso"]).expect("arguments").targets(&config).is_err());
    }
}
