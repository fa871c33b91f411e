//! PowerShell as data: the values that facts, gates and the lab speak of, and how PowerShell compares and converts them.
//! Gates, the lab's pipelines and lint all stand on this module; it runs nothing.

pub mod cmdlets;
pub mod collate;
pub mod compare;
pub mod convert;
pub mod date;
pub mod error;
pub mod format;
pub mod lexer;
pub mod like;
pub mod members;
pub mod number;
pub mod operator;
pub mod pattern;
pub mod record;
pub mod syntax;
pub mod token;
pub mod tree;
pub mod value;

pub use error::Error;
pub use operator::{Case, Comparison, Operator};
pub use record::Record;
pub use value::{Value, Version};
