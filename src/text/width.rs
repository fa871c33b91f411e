//! Display width: how many columns a text takes, and making it take a given number.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of one character.
pub fn char_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Columns of a text, counted by grapheme as the screen's cells are.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// The longest beginning that fits, and the rest. A wide character that does not fit whole goes to the rest.
pub fn split_at_width(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// The text in at most that many columns; what is cut is shown by `…`.
pub fn truncate(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    match columns {
        0 => String::new(),
        _ => format!("{}…", split_at_width(text, columns - 1).0.trim_end()),
    }
}

/// The text in at most that many columns, its end kept: for paths, whose end tells most.
pub fn truncate_start(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut used = 1;
    for grapheme in text.graphemes(true).rev() {
        used += grapheme.width();
        if used > columns {
            break;
        }
        kept.push(grapheme);
    }
    if columns == 0 { String::new() } else { std::iter::once("…").chain(kept.into_iter().rev()).collect() }
}

/// The text in exactly that many columns: cut with `…`, or filled with spaces.
pub fn pad(text: &str, columns: usize) -> String {
    let mut text = truncate(text, columns);
    let missing = columns.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}
