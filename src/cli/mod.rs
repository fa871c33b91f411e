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
#[command(
    name = "lockstep",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done and nothing wrong; 1 done, and something is wrong or stands in the way; 2 it could not be done as asked, \
                  the reason is on standard error. `status` tells the worst finding instead: see its help."
)]
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

/// The exit code where a verb could not do what was asked of it: wrong arguments, input that cannot be read, a session or a
/// server that is not there. 0 is a verb that did it and found nothing wrong; 1 one that did it and tells of something:
/// errors, a line that is not True, a step that did not come as expected, a record that could not be kept. Only `status` has
/// codes of its own.
pub const NOT_DONE: u8 = 2;

impl Cli {
    /// Runs the verb; the number is the exit code.
    ///
    /// # Errors
    /// In words, for the operator: it could not be done, and the exit code is [`NOT_DONE`].
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
