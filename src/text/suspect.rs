//! Characters that a reader cannot see or that reorder what he sees: they are shown by name instead of being obeyed.

/// Marks a base character may carry; more is an attack on the renderer (CVE-2021-27135), not writing.
pub(super) const MARKS_PER_BASE: usize = 4;

/// Whether a character is shown as `⟨U+XXXX⟩`: C1, format characters (bidirectional, zero-width, tags), line and paragraph
/// separators, invisible fillers, variation selectors beyond the common sixteen, private use and noncharacters.
pub(super) fn is_suspect(c: char) -> bool {
    matches!(u32::from(c),
        0x80..=0x9f | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
        | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
        | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
        | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0x0010_ffff)
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The visible form of a C0 control or DEL: its picture from the block Control Pictures.
pub(super) fn picture(c: char) -> Option<char> {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code),
        0x7f => Some('\u{2421}'),
        _ => None,
    }
}

/// Whether a character stands on the one before it and takes no room of its own.
pub(super) fn is_mark(c: char) -> bool {
    !c.is_control() && unicode_width::UnicodeWidthChar::width(c) == Some(0)
}
