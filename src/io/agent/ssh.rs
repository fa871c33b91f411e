//! `ssh://`: the system's own ssh, so that keys, ssh agent, Kerberos, known hosts and the administrator's configuration are
//! what they are everywhere else. It never asks for anything: what needs an answer is refused and said.

use std::ffi::OsString;
use std::io;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use super::process::Process;
use super::refusal::{self, Refusal};
use super::target::AgentPath;
use super::transport::{Bootstrap, Nonce, Opened, Transport};
use crate::facts::Obstacle;
use crate::rb1::client::STAGE_ZERO;

/// The options every connection has. No terminal (it would wrap and inject), no questions, strict host keys, nothing
/// forwarded, no shared master (the user's own setting of it breaks ssh on Windows), and a dead peer is noticed.
const OPTIONS: [&str; 12] = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ConnectTimeout=10",
    // It gives up after one interval more than it counts: 12 s, before the 14 s that an agent may be silent.
    "ServerAliveInterval=4",
    "ServerAliveCountMax=2",
    "LogLevel=ERROR",
    "ControlMaster=no",
    "ControlPath=none",
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "RequestTTY=no",
];

/// How long the question for a host's key may take.
const KEY_PATIENCE: Duration = Duration::from_secs(8);

/// A host key as ssh tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HostKey {
    /// `ED25519`, `RSA`, …
    kind: String,
    /// `SHA256:…`
    fingerprint: String,
}

impl HostKey {
    /// Out of `debug1: Server host key: ssh-ed25519 SHA256:…`.
    fn of(told: &str) -> Option<Self> {
        let (kind, fingerprint) = told.lines().find_map(|line| line.split_once("Server host key: ")?.1.trim().split_once(' '))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "+/=:-.@".contains(c);
        if !fingerprint.starts_with("SHA256:") || !kind.chars().chain(fingerprint.chars()).all(plain) {
            return None;
        }
        let kind = kind.strip_prefix("ssh-").unwrap_or(kind);
        let kind = if kind.starts_with("ecdsa-") { "ECDSA" } else { kind };
        Some(Self { kind: kind.to_ascii_uppercase(), fingerprint: fingerprint.to_owned() })
    }

    /// The refusal with the fingerprint, and how the server's own is seen.
    fn told(&self, refusal: &Refusal) -> Refusal {
        let Self { kind, fingerprint } = self;
        let file = format!("ssh_host_{}_key.pub", kind.to_ascii_lowercase());
        Refusal {
            why: format!("{}; it shows {kind} {fingerprint}", refusal.why),
            remedy: format!(
                "{}. On the server, `ssh-keygen -lf %ProgramData%\\ssh\\{file}` (elsewhere /etc/ssh/{file}) tells its own",
                refusal.remedy
            ),
            what: refusal.what,
        }
    }
}

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
        arguments.extend(self.place());
        arguments.push(self.command(nonce));
        arguments
    }

    /// Options and destination, in the order in which ssh wants them.
    fn place(&self) -> Vec<String> {
        let mut arguments = self.options.clone();
        for option in OPTIONS {
            arguments.extend(["-o".to_owned(), option.to_owned()]);
        }
        if let Some(port) = self.port {
            arguments.extend(["-p".to_owned(), port.to_string()]);
        }
        arguments.extend(["--".to_owned(), self.destination()]);
        arguments
    }

    /// The key that the host shows. Only ssh's own talk at a higher log level tells it, whatever proxy or alias is on the
    /// way. Nothing is accepted and nobody is signed in: no way of signing in is offered.
    async fn host_key(&self) -> Option<HostKey> {
        let mut arguments = vec!["-T".to_owned(), "-N".to_owned()];
        for option in ["LogLevel=DEBUG1", "ConnectTimeout=5", "PreferredAuthentications=none", "PubkeyAuthentication=no"] {
            arguments.extend(["-o".to_owned(), option.to_owned()]);
        }
        arguments.extend(self.place());
        let Opened { input, errors, process, .. } = Process::spawn(&ssh_program(), &arguments).ok()?;
        drop(input);
        let mut told = Vec::new();
        // Far more than ssh says; a server cannot make it say more than a banner's length.
        errors?.take(256 * 1024).read_to_end(&mut told).await.ok()?;
        drop(process);
        HostKey::of(&String::from_utf8_lossy(&told))
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
                Refusal::new(
                    Obstacle::NoSsh,
                    "there is no ssh on this machine",
                    "install the OpenSSH client (an optional feature of Windows)",
                )
            } else {
                Refusal::new(Obstacle::NoSsh, format!("ssh cannot be started: {error}"), "check that you may run it")
            }
        })
    }

    fn bootstrap(&self) -> Bootstrap {
        if self.agent.is_some() { Bootstrap::Installed } else { Bootstrap::Sent }
    }

    fn look_closer(&self, refusal: Refusal) -> Pin<Box<dyn Future<Output = Refusal> + Send + '_>> {
        Box::pin(async move {
            if !matches!(refusal.what, Obstacle::HostKeyUnknown | Obstacle::HostKeyChanged) {
                return refusal;
            }
            match tokio::time::timeout(KEY_PATIENCE, self.host_key()).await {
                Ok(Some(key)) => key.told(&refusal),
                _ => refusal,
            }
        })
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
        assert!(!ssh.place().join(" ").contains("powershell"));
        assert!(arguments[..end].join(" ").contains("StrictHostKeyChecking=yes"));
        assert_eq!(ssh.by_hand(), "ssh -p 2222 anna@EC01");
    }

    #[test]
    fn a_host_key_is_told_only_as_what_it_can_be() {
        let key = HostKey::of("debug1: x\r\ndebug1: Server host key: ecdsa-sha2-nistp256 SHA256:ab+/c\r\n").expect("a key");
        assert_eq!((key.kind.as_str(), key.fingerprint.as_str()), ("ECDSA", "SHA256:ab+/c"));
        assert_eq!(HostKey::of("debug1: Server host key: ssh-rsa \u{1b}[2J"), None);
        assert_eq!(HostKey::of("Connection refused"), None);
    }

    #[test]
    fn the_command_has_nothing_that_a_shell_would_change() {
        let nonce = Nonce::random().unwrap();
        let sent = Ssh::new(None, "EC01".into(), None, None).command(&nonce);
        assert!(!sent.contains(['$', '%', '!', '\'', '`', '\\']), "{sent}");
        assert_eq!(sent.matches('"').count(), 2);
    }
}
