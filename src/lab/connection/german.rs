//! A server with German regional settings: the same objects, dates printed as `21.11.2026 22:00:00`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A date and time as the culture en-US prints it.
static ENGLISH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) (AM|PM)\b").ok());

/// The text with its dates as de-DE prints them.
pub(super) fn dates(text: &str) -> String {
    let Some(english) = ENGLISH.as_ref() else { return text.to_owned() };
    let german = |found: &Captures<'_>| {
        let number = |at: usize| found.get(at).and_then(|part| part.as_str().parse::<u32>().ok()).unwrap_or(0);
        let afternoon = found.get(7).is_some_and(|part| part.as_str() == "PM");
        let hour = number(4) % 12 + if afternoon { 12 } else { 0 };
        format!("{:02}.{:02}.{} {hour:02}:{:02}:{:02}", number(2), number(1), number(3), number(5), number(6))
    };
    english.replace_all(text, german).into_owned()
}

#[cfg(test)]
mod tests {
    use super::dates;

    #[test]
    fn printed_dates_are_turned_and_nothing_else() {
        assert_eq!(dates("Start : 9/29/2025 12:51:47 PM\n"), "Start : 29.09.2025 12:51:47\n");
        assert_eq!(dates("5/3/2019 9:09:31 AM"), "03.05.2019 09:09:31");
        assert_eq!(dates("12/31/2026 12:00:00 AM and 1/2 3"), "31.12.2026 00:00:00 and 1/2 3");
    }
}
