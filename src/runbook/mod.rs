//! The runbook: what to do. A Markdown file becomes a [`model::Runbook`] with the place of everything in the text;
//! what is wrong with it is a list of [`diagnostic::Diagnostic`]s, each named by a rule of [`rules`].

pub mod diagnostic;
pub mod fields;
pub mod ids;
pub mod lint;
pub mod load;
pub mod model;
mod parse;
pub mod rules;
pub mod source;
pub mod vocabulary;
pub mod walk;
pub mod wants;

pub use diagnostic::{Diagnostic, Severity};
pub use load::{Loaded, load};
pub use parse::duration::parse as parse_duration;
