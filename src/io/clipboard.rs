//! The clipboard by OSC 52: the terminal puts the text there, over ssh too. Nothing is ever read from it.

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

/// The longest text that is copied, in bytes: terminals pass over longer ones without a word.
pub const MAX_TEXT: usize = 48 << 10;

/// What the terminal is sent to put a text on the clipboard, byte for byte. The text travels as base64, so nothing in it
/// reaches the terminal as a sequence.
///
/// # Errors
/// In words, where the text is too long.
pub fn copy(text: &str) -> Result<String, String> {
    if text.len() > MAX_TEXT {
        return Err(format!(
            "The text has {} bytes; terminals take at most {MAX_TEXT} (48 KiB): nothing was copied.",
            text.len()
        ));
    }
    let mut sequence = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).map_err(|error| error.to_string())?;
    Ok(sequence)
}

#[cfg(test)]
mod tests {
    use super::{MAX_TEXT, copy};

    #[test]
    fn a_text_travels_as_base64() {
        assert_eq!(copy("Get-ADSyncScheduler").unwrap(), "\u{1b}]52;c;R2V0LUFEU3luY1NjaGVkdWxlcg==\u{1b}\\");
        let hostile = copy("\u{7}\u{1b}\\; \u{1b}[31m\n").unwrap();
        assert_eq!(hostile.matches(char::is_control).count(), 2);
    }

    #[test]
    fn a_text_that_terminals_would_pass_over_is_said() {
        assert!(copy(&"x".repeat(MAX_TEXT)).is_ok());
        assert!(copy(&"x".repeat(MAX_TEXT + 1)).unwrap_err().contains("at most 49152"));
    }
}
