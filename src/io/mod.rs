//! Everything that touches the machine: files, processes, the terminal.

pub mod terminal;
