//! The verbs. Each is a file with its arguments and one `run`; what it has to say goes to the writer that it is given.

pub mod agent;
pub mod check;
pub mod config;
pub mod data_dir;
pub mod gate;
pub mod lab;
pub mod new;
pub mod outline;
pub mod report;
pub mod resume;
pub mod run;
pub mod runbook_file;
pub mod self_test;
pub mod sessions;
pub mod status;
pub mod test;

use std::io::Write;

use clap::{Parser, Subcommand};

/// The full-screen assistant for moving the active role between Microsoft Entra Connect servers.
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::RunArgs),
    Resume(resume::ResumeArgs),
    Sessions(sessions::SessionsArgs),
    Report(report::ReportArgs),
    Check(check::CheckArgs),
    Outline(outline::OutlineArgs),
    New(new::NewArgs),
    Gate(gate::GateArgs),
    Test(test::TestArgs),
    Config(config::ConfigArgs),
    Status(status::StatusArgs),
    Lab(lab::LabArgs),
    Agent(agent::AgentArgs),
    SelfTest(self_test::SelfTestArgs),
}

/// What was given cannot be used, and nothing was done with it. The program ends with 2, as for a wrong argument.
#[derive(Debug)]
pub struct Unusable(pub String);

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

impl Cli {
    /// Runs the verb; the number is the exit code.
    ///
    /// # Errors
    /// In words, for the operator.
    pub fn run(self, out: &mut dyn Write) -> color_eyre::Result<u8> {
        match self.verb {
            Verb::Run(args) => run::run(&args, out),
            Verb::Resume(args) => resume::run(&args, out),
            Verb::Sessions(args) => sessions::run(&args, out),
            Verb::Report(args) => report::run(&args, out),
            Verb::Check(args) => check::run(&args, out),
            Verb::Outline(args) => outline::run(&args, out),
            Verb::New(args) => new::run(&args, out),
            Verb::Gate(args) => Ok(gate::run(&args, out, &mut std::io::stdin())?),
            Verb::Test(args) => test::run(&args, out),
            Verb::Config(args) => config::run(&args, out),
            Verb::Status(args) => status::run(&args, out),
            Verb::Lab(args) => lab::run(&args, out),
            Verb::Agent(args) => agent::run(&args, out),
            Verb::SelfTest(args) => self_test::run(&args, out),
        }
    }
}
