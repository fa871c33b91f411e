//! `local`: Windows PowerShell on this machine.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::process::Process;
use super::refusal::Refusal;
use super::target::AgentPath;
use super::transport::{Bootstrap, Connect, Nonce, Opened, Transport};
use crate::facts::Obstacle;
use crate::rb1::client::STAGE_ZERO;

/// A PowerShell of this machine, and what it is to connect to from here.
#[derive(Debug, Clone, Default)]
pub struct Local {
    program: Option<PathBuf>,
    agent: Option<AgentPath>,
    connect: Option<Connect>,
}

impl Local {
    /// The system's own Windows PowerShell, with the agent as a file where one is named.
    pub fn new(agent: Option<AgentPath>) -> Self {
        Self { agent, ..Self::default() }
    }

    /// `winrm://`: the agent runs here and opens a runspace on the server.
    pub fn remote_runspace(connect: Connect) -> Self {
        Self { connect: Some(connect), ..Self::default() }
    }

    /// Another PowerShell, such as `pwsh`: what it answers is taken as it is. For tests of the agent itself.
    pub fn with_program(program: impl Into<PathBuf>) -> Self {
        Self { program: Some(program.into()), ..Self::default() }
    }
}

/// The absolute path: a program of that name in the current folder must not be taken for it.
fn windows_powershell() -> Option<PathBuf> {
    let root = std::env::var_os("SystemRoot").filter(|_| cfg!(windows))?;
    // A 32-bit program sees the 32-bit System32; the ADSync module is 64-bit only.
    let system = if cfg!(target_pointer_width = "32") { "Sysnative" } else { "System32" };
    Some(PathBuf::from(root).join(system).join("WindowsPowerShell").join("v1.0").join("powershell.exe"))
}

impl Transport for Local {
    fn open(&self, nonce: &Nonce) -> Result<Opened, Refusal> {
        let program = self.program.clone().or_else(windows_powershell).ok_or_else(|| {
            Refusal::new(
                Obstacle::NoPowerShell,
                "this machine has no Windows PowerShell",
                "run lockstep on Windows, or reach the server by ssh://user@host",
            )
        })?;
        let arguments: Vec<OsString> = match &self.agent {
            None => STAGE_ZERO.iter().map(OsString::from).collect(),
            Some(path) => ["-NoLogo", "-NoProfile", "-NonInteractive", "-File", path.as_str(), "-Nonce", nonce.as_str()]
                .iter()
                .map(OsString::from)
                .collect(),
        };
        Process::spawn::<OsString>(OsStr::new(&program), &arguments).map_err(|error| {
            Refusal::new(
                Obstacle::NoPowerShell,
                format!("'{}' cannot be started: {error}", program.display()),
                "check that Windows PowerShell is installed and that you may run it",
            )
        })
    }

    fn bootstrap(&self) -> Bootstrap {
        if self.agent.is_some() { Bootstrap::Installed } else { Bootstrap::Sent }
    }

    fn connect(&self) -> Option<Connect> {
        self.connect.clone()
    }

    fn demands_windows_powershell(&self) -> bool {
        self.program.is_none()
    }
}
