//! The lab's shell against a small server with fake cmdlets: what a 5.1 console would print.

mod console;
mod errors;
mod language;
mod running;
mod server;
