//! The built program in a pseudo-terminal, with real keys, against the lab.
#![cfg(unix)]

mod interruption;
mod operator;
mod refusals;
mod rehearsal;
mod terminal;
