//! The runbook: what to do. A Markdown file becomes a [`model::Runbook`] with the place of everything in the text;
//! what is wrong with it is a list of [`diagnostic::Diagnostic`]s.

pub mod fields;
pub mod ids;
pub mod model;
