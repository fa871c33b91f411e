//! How 5.1 shows objects: a line for a text or a number, a table for up to four properties, a list for more, or the view
//! that a type brings. All in the culture en-US.

mod list;
mod number;
mod printer;
mod table;
mod text;
mod time;
mod view;

pub use list::List;
pub use printer::{MATCH, PRINTED, Printer, READY};
pub use table::{Column, Table};
pub use text::{format_value, format_with, shown, text_of, wrap};
pub use view::properties_shown;
