//! A child process that dies with us, with everything it started: a job object on Windows, a process group elsewhere.

use std::ffi::OsStr;
use std::io;
use std::process::{ExitStatus, Stdio};

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop};
use tokio::process::Command;

use super::transport::Opened;

/// A running child. Dropping it ends it and its children.
#[derive(Debug)]
pub struct Process {
    child: Box<dyn ChildWrapper>,
}

impl Process {
    /// Starts a program with all three streams piped and no console of ours.
    ///
    /// # Errors
    /// Where the system cannot start it.
    pub fn spawn<A: AsRef<OsStr>>(program: &OsStr, arguments: &[A]) -> io::Result<Opened> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Started below PowerShell 7, Windows PowerShell would inherit its module path and load the wrong modules.
            .env_remove("PSModulePath");
        let mut wrap = CommandWrap::from(command);
        wrap.wrap(KillOnDrop);
        #[cfg(windows)]
        {
            use process_wrap::tokio::{CreationFlags, JobObject};
            use windows::Win32::System::Threading::CREATE_NO_WINDOW;
            // A hidden console of its own: no writes to our screen, no shared Ctrl+C.
            wrap.wrap(CreationFlags(CREATE_NO_WINDOW)).wrap(JobObject);
        }
        #[cfg(unix)]
        wrap.wrap(process_wrap::tokio::ProcessGroup::leader());
        let mut child = wrap.spawn()?;
        let missing = || io::Error::other("the child has no pipes");
        let input = child.stdin().take().ok_or_else(missing)?;
        let output = child.stdout().take().ok_or_else(missing)?;
        let errors = child.stderr().take().ok_or_else(missing)?;
        Ok(Opened {
            input: Box::new(input),
            output: Box::new(output),
            errors: Some(Box::new(errors)),
            process: Some(Self { child }),
        })
    }

    /// Its id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Where the system cannot tell.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already; there is nothing else to do about it here.
        let _ = self.child.start_kill();
    }
}
