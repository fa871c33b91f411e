//! The built program in a pseudo-terminal, with real keys, against the lab.
#![cfg(unix)]

mod evidence;
mod failing;
mod interruption;
mod operator;
mod refusals;
mod rehearsal;
mod sizes;
mod terminal;
