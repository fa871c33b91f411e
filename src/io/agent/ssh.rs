//! `ssh://`: the system's own ssh, so that keys, ssh agent, Kerberos, known hosts and the administrator's configuration are
//! what they are everywhere else. It never asks for anything: what needs an answer is refused and said.

use std::ffi::OsString;
use std::io;
use std::num::NonZeroU16;
use std::path::PathBuf;

use super::process::Process;
use super::refusal::{self, Refusal};
use super::target::AgentPath;
use super::transport::{Bootstrap, Nonce, Opened, Transport};
use crate::rb1::client::STAGE_ZERO;

/// The options every connection has. No terminal (it would wrap and inject), no questions, strict host keys, nothing
/// forwarded, no shared master (the user's own setting of it breaks ssh on Windows), and a dead peer is noticed.
const OPTIONS: [&str; 12] = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "LogLevel=ERROR",
    "ControlMaster=no",
    "ControlPath=none",
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "RequestTTY=no",
];

/// A server behind ssh.
#[derive(Debug, Clone)]
pub struct Ssh {
    user: Option<String>,
    host: String,
    port: Option<NonZeroU16>,
    agent: Option<AgentPath>,
    options: Vec<String>,
}

impl Ssh {
    /// The parts come from a checked target.
    pub fn new(user: Option<String>, host: String, port: Option<NonZeroU16>, agent: Option<AgentPath>) -> Self {
        Self { user, host, port, agent, options: Vec::new() }
    }

    /// More options of ssh (`-o` and its value, `-F` and a file), before lockstep's own; of two, ssh takes the first.
    #[must_use]
    pub fn with_options(mut self, options: impl IntoIterator<Item = String>) -> Self {
        self.options.extend(options);
        self
    }

    /// What the operator would type to see the same server by hand.
    pub fn by_hand(&self) -> String {
        let port = self.port.map_or(String::new(), |port| format!("-p {port} "));
        format!("ssh {port}{}", self.destination())
    }

    fn destination(&self) -> String {
        self.user.as_ref().map_or(self.host.clone(), |user| format!("{user}@{}", self.host))
    }

    fn arguments(&self, nonce: &Nonce) -> Vec<String> {
        let mut arguments = vec!["-T".to_owned()];
        arguments.extend(self.options.iter().cloned());
        for option in OPTIONS {
            arguments.extend(["-o".to_owned(), option.to_owned()]);
        }
        if let Some(port) = self.port {
            arguments.extend(["-p".to_owned(), port.to_string()]);
        }
        arguments.extend(["--".to_owned(), self.destination(), self.command(nonce)]);
        arguments
    }

    /// One command line that cmd, PowerShell and sh all read alike. 8191 characters is cmd's limit; this is far below.
    fn command(&self, nonce: &Nonce) -> String {
        let [logo, profile, interactive, command, stage] = STAGE_ZERO;
        match &self.agent {
            None => format!("powershell.exe {logo} {profile} {interactive} {command} \"{stage}\""),
            Some(path) => {
                format!("powershell.exe {logo} {profile} {interactive} -File \"{}\" -Nonce {}", path.as_str(), nonce.as_str())
            }
        }
    }
}

/// Windows brings its own; elsewhere it is found on the path.
fn ssh_program() -> OsString {
    match std::env::var_os("SystemRoot").filter(|_| cfg!(windows)) {
        Some(root) => {
            let own = PathBuf::from(root).join("System32").join("OpenSSH").join("ssh.exe");
            if own.exists() { own.into() } else { "ssh.exe".into() }
        }
        None => "ssh".into(),
    }
}

impl Transport for Ssh {
    fn open(&self, nonce: &Nonce) -> Result<Opened, Refusal> {
        let program = ssh_program();
        Process::spawn(&program, &self.arguments(nonce)).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                Refusal::new("there is no ssh on this machine", "install the OpenSSH client (an optional feature of Windows)")
            } else {
                Refusal::new(format!("ssh cannot be started: {error}"), "check that you may run it")
            }
        })
    }

    fn bootstrap(&self) -> Bootstrap {
        if self.agent.is_some() { Bootstrap::Installed } else { Bootstrap::Sent }
    }

    fn refusal(&self, errors: &str) -> Option<Refusal> {
        refusal::of_ssh(errors, &self.by_hand()).or_else(|| refusal::of_powershell(errors))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_comes_after_the_options_and_can_be_none() {
        let ssh = Ssh::new(Some("anna".into()), "EC01".into(), NonZeroU16::new(2222), None);
        let nonce = Nonce::random().unwrap();
        let arguments = ssh.arguments(&nonce);
        let end = arguments.iter().position(|argument| argument == "--").unwrap();
        assert_eq!(arguments[end + 1], "anna@EC01");
        assert_eq!(arguments.len(), end + 3);
        assert!(arguments[..end].join(" ").contains("StrictHostKeyChecking=yes"));
        assert_eq!(ssh.by_hand(), "ssh -p 2222 anna@EC01");
    }

    #[test]
    fn the_command_has_nothing_that_a_shell_would_change() {
        let nonce = Nonce::random().unwrap();
        let sent = Ssh::new(None, "EC01".into(), None, None).command(&nonce);
        assert!(!sent.contains(['$', '%', '!', '\'', '`', '\\']), "{sent}");
        assert_eq!(sent.matches('"').count(), 2);
    }
}
