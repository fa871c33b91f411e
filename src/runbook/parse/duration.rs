//! Durations as runbooks write them: `90s`, `30m`, `1h30m`, `2d`.

use std::time::Duration;

/// A century: a moment that far ahead still is one.
const LONGEST: u64 = 36_500 * 86_400;

/// Reads a duration: numbers with the units `d h m s` in that order, each at most once. `None` for anything else: zero and
/// more than a century, too.
pub fn parse(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    let mut units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)].into_iter();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = rest[digits..].chars().next()?;
        let (_, factor) = units.find(|(name, _)| *name == unit)?;
        let number: u64 = rest[..digits].parse().ok()?;
        seconds = seconds.checked_add(number.checked_mul(factor)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    (1..=LONGEST).contains(&seconds).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_format() {
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("1h30m", 5_400), ("2d", 172_800), ("1d2h3m4s", 93_784)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "30", "m", "30 m", "1m1h", "1m1m", "-1m", "0m", "99999999999999999999d", "36501d", "1.5h", "1µ"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
