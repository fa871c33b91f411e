//! Agents as what they are: processes. A scripted fake agent that misbehaves as it is told, a real sshd on loopback, and the
//! real agent where there is a PowerShell.

mod fake;
mod process;
mod real;
mod self_test;
#[cfg(target_os = "linux")]
mod ssh;
mod states;
#[cfg(unix)]
mod status;
mod syntax;
