//! Text from outside made safe and measured: nothing that a server, a runbook or a file says reaches the screen, the
//! window title, the clipboard or a report before it went through [`sanitize`]. Also widths, wrapping and words for time.

pub mod age;
mod escape;
pub mod hex;
pub mod sanitize;
mod suspect;
pub mod width;
pub mod wrap;

pub use hex::hex;
pub use sanitize::{LineSanitizer, Safe};

#[cfg(test)]
mod tests;
