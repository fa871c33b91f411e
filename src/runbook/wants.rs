//! The values that a command names below `$Run`, as far as lockstep fills them: `Inputs.share`, `Forms.signin.method`.

use super::model::Span;
use crate::powershell::members::{Reads, of_variable};

/// A value that a command names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Below `$Run`, as written
    pub path: String,
    /// Its place in the command's text
    pub span: Span,
    /// Whether PowerShell reads it
    pub reads: Reads,
}

/// Every value that a command's text names.
pub fn of_command(text: &str) -> Vec<Want> {
    let want = |members: crate::powershell::members::Members| {
        let first = members.names.first().map(|first| first.to_ascii_lowercase());
        let depth = if matches!(first.as_deref(), Some("forms" | "servers")) { 3 } else { 2 };
        let path = members.names[..members.names.len().min(depth)].join(".");
        Want { path, span: members.span, reads: members.reads }
    };
    of_variable(text, "Run").into_iter().map(want).collect()
}

/// The paths that must be known before it can run, each once. `$Run.Inputs` alone is all of them, known or not.
pub fn needed(text: &str) -> Vec<String> {
    let mut needed: Vec<String> = Vec::new();
    for want in of_command(text).into_iter().filter(|want| want.reads == Reads::Members && want.path.contains('.')) {
        if !needed.contains(&want.path) {
            needed.push(want.path);
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::needed;

    #[test]
    fn values_a_command_waits_for() {
        let text = "Copy-Item $Run.Inputs.share \"$($run.servers.old.Host)\\x\"; $Run.Results.overrides[0].Name; $Run.Inputs.share.Length";
        assert_eq!(needed(text), ["Inputs.share", "servers.old.Host", "Results.overrides"]);
        assert!(needed("Get-ADSyncScheduler; $Runtime.x; $run; $Run.Inputs | Format-List # $Run.Inputs.a").is_empty());
        assert!(needed("\"$Run.Inputs.share\"; '$Run.Inputs.share'").is_empty());
    }
}
