//! `lockstep test`: a runbook taken through the lab without a screen and without real time, on the engine that the screen
//! uses. The clock jumps to the next moment at which anything is due.

pub mod acts;
pub mod agents;
pub mod check;
pub mod drive;
pub mod junit;
pub mod operator;
pub mod outcome;
pub mod planned;
pub mod script;

pub use outcome::{Outcome, StepOutcome};
pub use planned::{Planned, rehearse};
pub use script::Script;
