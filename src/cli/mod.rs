//! The verbs. Each is a file with its arguments and one `run`; what it has to say goes to the writer that it is given.

pub mod agent;
pub mod check;
pub mod new;
pub mod outline;
pub mod runbook_file;
pub mod self_test;
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
    Check(check::CheckArgs),
    Outline(outline::OutlineArgs),
    New(new::NewArgs),
    Test(test::TestArgs),
}

impl Cli {
    /// Runs the verb; the number is the exit code.
    pub fn run(self, out: &mut dyn Write) -> color_eyre::Result<u8> {
        match self.verb {
            Verb::Check(args) => check::run(&args, out),
            Verb::Outline(args) => outline::run(&args, out),
            Verb::New(args) => new::run(&args, out),
            Verb::Test(args) => test::run(&args, out),
        }
    }
}
