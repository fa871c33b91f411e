//! The program: reads its arguments, runs the verb, and answers with its exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use lockstep::cli::{Cli, NOT_DONE};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A terminal that cannot be written to leaves nobody to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { NOT_DONE } else { 0 });
        }
    };
    let mut out = std::io::stdout().lock();
    let code = cli.run(&mut out).and_then(|code| out.flush().map(|()| code).map_err(Into::into));
    match code {
        Ok(code) => ExitCode::from(code),
        // Whoever read the output has had enough of it, as `head` has.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(NOT_DONE)
        }
    }
}

fn is_broken_pipe(error: &color_eyre::Report) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
