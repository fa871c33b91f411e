//! Spans and days in the few words that reasons, findings and `status` use.

use chrono::TimeDelta;

use crate::Time;

/// A span to the size a person needs: `45 s`, `18 min`, `3 h 5 min`, `2 d 4 h`. A negative one is said as its size.
pub fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().unsigned_abs();
    let two = |big: u64, big_unit: &str, small: u64, small_unit: &str| {
        if small == 0 { format!("{big} {big_unit}") } else { format!("{big} {big_unit} {small} {small_unit}") }
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// A day as `14 Nov`.
pub fn day(time: Time) -> String {
    time.format("%-d %b").to_string()
}

/// A time of day as `22:41 UTC`.
pub fn clock(time: Time) -> String {
    time.format("%H:%M UTC").to_string()
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
    fn spans_have_one_or_two_units() {
        for (seconds, words) in [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (11_100, "3 h 5 min")] {
            assert_eq!(span(TimeDelta::seconds(seconds)), words);
        }
        assert_eq!(span(TimeDelta::days(7)), "7 d");
        assert_eq!(span(TimeDelta::hours(-52)), "2 d 4 h");
    }

    #[test]
    fn long_lists_say_how_many_more() {
        let names: Vec<String> = ["a", "b", "c"].map(String::from).into();
        assert_eq!(list(&names, 3), "a, b and c");
        assert_eq!(list(&names, 2), "a, b and 1 more");
        assert_eq!(list(&names[..1], 2), "a");
    }
}
