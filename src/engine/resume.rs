//! What is said first on coming back: what changed on the servers meanwhile, which gates still hold, what was interrupted.

use crate::Time;
use crate::facts::ServerName;
use crate::runbook::ids::StepId;
use crate::session::event::{Change, LineRecord};

/// The report of a resumption. It is complete once every server has answered or failed to.
#[derive(Debug, Clone, PartialEq)]
pub struct ResumeReport {
    /// The newest event before the interruption
    pub since: Time,
    /// When the session was opened again
    pub at: Time,
    /// Events there were then
    pub events: u64,
    /// Where it stood
    pub step: Option<StepId>,
    /// Servers that have not answered yet
    pub asking: Vec<ServerName>,
    /// What changed on the servers meanwhile
    pub changes: Vec<(ServerName, Vec<Change>)>,
    /// Gates that must keep holding, looked at again: the step, the line as it is now
    pub kept: Vec<(StepId, LineRecord)>,
    /// Runs whose end was never seen
    pub interrupted: Vec<String>,
    /// Lines that the runbook's file has by now and the pinned copy has not (`+`), and the other way round (`-`)
    pub runbook: Vec<String>,
}
