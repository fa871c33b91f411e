//! Days, lists and counts in the few words that reasons, findings and `status` use.

use crate::Time;

/// A day as `14 Nov`.
pub fn day(time: Time) -> String {
    time.format("%-d %b").to_string()
}

/// A moment as `21 Nov 22:41 UTC`.
pub fn moment(time: Time) -> String {
    time.format("%-d %b %H:%M UTC").to_string()
}

/// A date as `30 Sep 2026`.
pub fn date(time: Time) -> String {
    time.format("%-d %b %Y").to_string()
}

/// Names in a row: `a`, `a and b`, `a, b and 3 more`; at most `most` of them by name.
pub fn list(names: &[String], most: usize) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => one.clone(),
        many if many.len() > most => format!("{} and {} more", many[..most].join(", "), many.len() - most),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 object`, `2 objects`.
pub fn count(number: i64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_say_how_many_more() {
        let names: Vec<String> = ["a", "b", "c"].map(String::from).into();
        assert_eq!(list(&names, 3), "a, b and c");
        assert_eq!(list(&names, 2), "a, b and 1 more");
        assert_eq!(list(&names[..1], 2), "a");
    }
}
