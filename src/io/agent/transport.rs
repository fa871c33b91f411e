//! What a way to a server has to offer: an agent process's three streams, how it is given the agent, and what its words of
//! refusal mean. A new way is one file that implements [`Transport`].

use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use super::process::Process;
use super::refusal::Refusal;

/// The nonce of one agent process: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// A new one.
    ///
    /// # Errors
    /// Where the system gives no randomness.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(format!("no randomness: {error}")))?;
        Ok(Self(crate::text::hex(&bytes)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How the agent gets its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bootstrap {
    /// Over its input.
    Sent,
    /// It is a file on the server.
    Installed,
}

/// A remote runspace that a local agent opens (the line after its hello).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "t", rename = "connect")]
pub struct Connect {
    /// The server
    pub host: String,
    /// Where it is not the usual one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Session configuration
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// HTTPS
    pub ssl: bool,
}

/// An agent's streams, whatever is behind them.
pub struct Opened {
    /// The agent reads this.
    pub input: Box<dyn AsyncWrite + Send + Unpin>,
    /// The agent writes this.
    pub output: Box<dyn AsyncRead + Send + Unpin>,
    /// Its standard error, where it has one: for the connection log.
    pub errors: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// The process to end, where there is one.
    pub process: Option<Process>,
}

/// A way to a server. Cheap to keep; [`Transport::open`] is called for each of the server's agents, and again after a loss.
pub trait Transport: Send + Sync {
    /// Starts an agent. Called on the thread (and in the runtime) that will own the streams.
    ///
    /// # Errors
    /// Why it cannot be tried at all: an ssh that is not installed, say.
    fn open(&self, nonce: &Nonce) -> Result<Opened, Refusal>;

    /// How the agent gets its text.
    fn bootstrap(&self) -> Bootstrap {
        Bootstrap::Sent
    }

    /// A remote runspace that the agent is to open first.
    fn connect(&self) -> Option<Connect> {
        None
    }

    /// What standard error of an agent that did not come up means, where it is known.
    fn refusal(&self, errors: &str) -> Option<Refusal> {
        super::refusal::of_powershell(errors)
    }

    /// Finds out more about an obstacle where that takes asking again: which key an unknown host has. Never longer than a
    /// few seconds, and never a way in.
    fn look_closer(&self, refusal: Refusal) -> Pin<Box<dyn Future<Output = Refusal> + Send + '_>> {
        Box::pin(std::future::ready(refusal))
    }

    /// Whether only 64-bit Windows PowerShell 5.1 in full language will do, as on every real server.
    fn demands_windows_powershell(&self) -> bool {
        true
    }
}
