//! PowerShell as data: the values that facts, gates and the lab speak of, and how PowerShell compares and converts them.
//! Gates, the lab's pipelines and lint all stand on this module; it runs nothing.

pub mod lexer;
pub mod record;
pub mod syntax;
pub mod token;
pub mod tree;
pub mod value;

pub use record::Record;
pub use value::{Value, Version};
