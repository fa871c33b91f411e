//! The order of text: PowerShell compares by the invariant culture, not by bytes. White space, then punctuation, then
//! digits, then letters, a small letter before its capital; control characters do not count.
//!
//! The table is the Unicode root collation for ASCII. Beyond ASCII the order is by code point, after all of ASCII.

use std::cmp::Ordering;

use super::operator::Case;

/// Printable ASCII that is neither digit nor letter, in its order.
const PUNCTUATION: &[u8] = b"\t\n\x0b\x0c\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// Compares two texts.
pub fn compare(left: &str, right: &str, case: Case) -> Ordering {
    let by_letter = weights(left).cmp(weights(right));
    if by_letter.is_eq() && case.matters() { capitals(left).cmp(capitals(right)) } else { by_letter }
}

/// One weight a character that counts, the same for a small letter and its capital.
fn weights(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.chars().flat_map(char::to_lowercase).filter_map(weight)
}

fn weight(c: char) -> Option<u32> {
    let Ok(byte) = u8::try_from(c) else { return Some(0x1000 + u32::from(c)) };
    match byte {
        b'0'..=b'9' | b'a'..=b'z' => Some(0x100 + u32::from(byte)),
        0x80.. => Some(0x1000 + u32::from(c)),
        _ => PUNCTUATION.iter().zip(1..).find(|(known, _)| **known == byte).map(|(_, place)| place),
    }
}

fn capitals(text: &str) -> impl Iterator<Item = bool> + '_ {
    text.chars().filter(|c| !c.is_ascii_control()).map(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_matters_only_when_asked() {
        assert_eq!(compare("Delta", "dELTA", Case::Default), Ordering::Equal);
        assert_eq!(compare("delta", "Delta", Case::Sensitive), Ordering::Less);
        assert_eq!(compare("Delta", "initial", Case::Sensitive), Ordering::Less);
        assert_eq!(compare("B", "a", Case::Sensitive), Ordering::Greater);
    }

    #[test]
    fn punctuation_comes_before_digits_and_digits_before_letters() {
        for pair in ["", " ", "_", "-", ".", "'", "*", "$", "0", "2.6", "9", "a", "a b", "ab", "it's", "its"].windows(2) {
            assert_eq!(compare(pair[0], pair[1], Case::Default), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn control_characters_do_not_count() {
        assert_eq!(compare("a\u{1}b", "ab", Case::Sensitive), Ordering::Equal);
    }
}
