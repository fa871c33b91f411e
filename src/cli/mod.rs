//! The verbs of the command line: each reads its arguments, drives the layers below and writes to the output it is given.

pub mod gate;
