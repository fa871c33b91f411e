//! The verbs. Each is a file with its arguments and one `run`; what it has to say goes to the writer that it is given.

pub mod runbook_file;
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
    Test(test::TestArgs),
}

impl Cli {
    /// Runs the verb; the number is the exit code.
    pub fn run(self, out: &mut dyn Write) -> color_eyre::Result<u8> {
        match self.verb {
            Verb::Test(args) => test::run(&args, out),
        }
    }
}
