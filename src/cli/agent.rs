//! `lockstep agent`: prints the PowerShell agent, for reading, and for sites that only run signed scripts.

use std::io::Write;

use clap::Args;
use color_eyre::Result;

use crate::io::agent::AGENT;

/// Print the PowerShell agent that lockstep runs on a server
#[derive(Debug, Args)]
#[command(after_help = "Where only signed scripts run: lockstep agent > lockstep-agent.ps1, sign it, put it on the server,\n\
                        and add ?agent=PATH to the target. What is printed is what is sent otherwise, byte for byte.")]
pub struct AgentArgs {
    /// Print a module with the function that a JEA endpoint has to offer, instead of the agent
    #[arg(long)]
    pub module: bool,
}

/// Runs the verb.
///
/// # Errors
/// Where the output cannot be written.
pub fn run(args: &AgentArgs, out: &mut dyn Write) -> Result<u8> {
    if args.module {
        out.write_all(MODULE_HEAD.as_bytes())?;
        for line in projections() {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "\nExport-ModuleMember -Function Read-LockstepGroup")?;
    } else {
        out.write_all(AGENT.as_bytes())?;
    }
    Ok(0)
}

/// What stands above the functions.
const MODULE_HEAD: &str = "\
# Lockstep: the facts that lockstep reads over a JEA endpoint. Not yet seen on a real server.
#
# Save it as Lockstep.psm1 in a folder Lockstep on the module path of the server, and offer it in a role capability:
#
#   ModulesToImport  = 'Lockstep', 'ADSync'
#   VisibleFunctions = 'Read-LockstepGroup'
#   VisibleCmdlets   = 'Get-ADSync*'          # and each command that the runbook runs there

";

/// The functions of the agent's own text, between the braces of their block.
fn projections() -> impl Iterator<Item = &'static str> {
    let block = AGENT.lines().skip_while(|line| !line.starts_with("$RbProjections = {")).skip(1);
    block.take_while(|line| *line != "}").map(|line| line.strip_prefix("    ").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_printed_byte_for_byte() {
        let mut out = Vec::new();
        assert_eq!(run(&AgentArgs { module: false }, &mut out).unwrap(), 0);
        assert_eq!(out, AGENT.as_bytes());
    }

    #[test]
    fn the_module_has_every_function_that_reading_needs() {
        let mut out = Vec::new();
        run(&AgentArgs { module: true }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\nfunction Read-LockstepGroup {\n") && text.contains("\nfunction Read-RbHost($r) {\n"));
        assert!(text.ends_with("}\n\nExport-ModuleMember -Function Read-LockstepGroup\n"), "{text}");
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
