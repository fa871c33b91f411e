//! lockstep: a full-screen terminal assistant for engineers who move the active role between two
//! Microsoft Entra Connect servers.
//!
//! The folders are layers; a module imports only from lower layers, never from its own
//! (`tests/layers.rs` enforces the arrows).
//!
//! | layer | modules | it is |
//! | --- | --- | --- |
//! | 0 | [`text`], [`powershell`], [`rb1`] | bytes from outside to safe lines; PowerShell as data; the agent protocol's frames |
//! | 1 | [`facts`] | what is true of a server |
//! | 2 | [`gate`], [`health`] | conditions over facts; rules over all servers |
//! | 3 | [`runbook`] | what to do |
//! | 4 | [`session`] | what happened |
//! | 5 | [`engine`], [`report`] | what may happen next; what is handed over afterwards |
//! | 6 | [`app`] | the screen as data |
//! | 7 | [`ui`], [`io`], [`lab`] | drawing; files and processes; the simulated servers |
//! | 8 | [`runner`] | the loop |
//! | 9 | [`cli`] | the verbs |
//!
//! Layers 0 to 6 know no tokio, no ratatui, no file system, no clock and no randomness: time and ids come in as data.
//! (One exception: `app` holds the text editor's state.)

pub mod app;
pub mod cli;
pub mod engine;
pub mod facts;
pub mod gate;
pub mod health;
pub mod io;
pub mod lab;
pub mod powershell;
pub mod rb1;
pub mod report;
pub mod runbook;
pub mod runner;
pub mod session;
pub mod text;
pub mod ui;

/// A moment on some clock, always in UTC. Which clock it is of (the session's, a server's, the wall's) the field says.
pub type Time = chrono::DateTime<chrono::Utc>;
