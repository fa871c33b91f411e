//! `lockstep agent`: prints the PowerShell agent, for reading, and for sites that only run signed scripts.

use std::io::Write;

use clap::Args;
use color_eyre::Result;

use crate::io::agent::AGENT;

/// Print the PowerShell agent that lockstep runs on a server
#[derive(Debug, Args)]
#[command(after_help = "Where only signed scripts run: lockstep agent > lockstep-agent.ps1, sign it, put it on the server,\n\
                        and add ?agent=PATH to the target. What is printed is what is sent otherwise, byte for byte.")]
pub struct AgentArgs {}

/// Runs the verb.
///
/// # Errors
/// Where the output cannot be written.
pub fn run(_: &AgentArgs, out: &mut dyn Write) -> Result<u8> {
    out.write_all(AGENT.as_bytes())?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_printed_byte_for_byte() {
        let mut out = Vec::new();
        assert_eq!(run(&AgentArgs {}, &mut out).unwrap(), 0);
        assert_eq!(out, AGENT.as_bytes());
    }
}
