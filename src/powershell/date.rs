//! Text to DateTime as .NET's invariant culture reads it, with one difference that is said in the docs: a time without a
//! zone is UTC.
//!
//! .NET reads many more forms than anybody writes in a gate (`May`, `2.10`, a time alone means today). What is not surely
//! a date and not surely something else is [`DateText::Unsure`], so that nothing is ever decided on a guess.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use crate::Time;

/// What a text is as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateText {
    /// This moment.
    Is(Time),
    /// Surely no date: .NET refuses it too.
    Not,
    /// A form that .NET may read, but this does not.
    Unsure,
}

/// Words that .NET knows inside a date.
const WORDS: &[&str] = &[
    "t",
    "z",
    "a",
    "p",
    "am",
    "pm",
    "gmt",
    "utc",
    "jan",
    "january",
    "feb",
    "february",
    "mar",
    "march",
    "apr",
    "april",
    "may",
    "jun",
    "june",
    "jul",
    "july",
    "aug",
    "august",
    "sep",
    "september",
    "oct",
    "october",
    "nov",
    "november",
    "dec",
    "december",
    "mon",
    "monday",
    "tue",
    "tuesday",
    "wed",
    "wednesday",
    "thu",
    "thursday",
    "fri",
    "friday",
    "sat",
    "saturday",
    "sun",
    "sunday",
];

/// Reads `2026-11-20`, `2026-11-20T03:00:12.5Z`, `2026-11-20 03:00 +01:00`, `11/20/2026 3:00:12 PM` and the like.
pub fn read(text: &str) -> DateText {
    let text = text.trim();
    let mut rest = Cursor(text);
    if let Some(time) = rest.date_time().filter(|_| rest.0.is_empty()) {
        return DateText::Is(time);
    }
    let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let foreign = words.any(|word| !WORDS.contains(&word.to_ascii_lowercase().as_str()));
    let bare = text.bytes().all(|b| b.is_ascii_digit()); // the empty text too
    if foreign || bare { DateText::Not } else { DateText::Unsure }
}

/// What is still to be read.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn date_time(&mut self) -> Option<Time> {
        let date = self.date()?;
        let before_time = self.0;
        self.skip(' ');
        if self.0 == before_time {
            self.eat(['T', 't']);
        }
        if self.0.is_empty() || self.0 == before_time {
            return date.and_time(NaiveTime::MIN).and_utc().checked_sub_signed(self.zone()?);
        }
        let time = self.time()?;
        self.skip(' ');
        date.and_time(time).and_utc().checked_sub_signed(self.zone()?)
    }

    /// `yyyy-MM-dd`, `yyyy/MM/dd`, `MM/dd/yyyy`
    fn date(&mut self) -> Option<NaiveDate> {
        let (first, width) = self.number(4)?;
        let separator = self.eat(['-', '/'])?;
        let (second, _) = self.number(2)?;
        self.eat([separator; 2])?;
        let (third, third_width) = self.number(4)?;
        match (width, third_width) {
            (4, 1..=2) => NaiveDate::from_ymd_opt(first.cast_signed(), second, third),
            (1..=2, 4) => NaiveDate::from_ymd_opt(third.cast_signed(), first, second),
            _ => None,
        }
    }

    /// `HH:mm`, `HH:mm:ss`, `HH:mm:ss.fffffff`, with `AM` or `PM`
    fn time(&mut self) -> Option<NaiveTime> {
        let (mut hour, _) = self.number(2)?;
        self.eat([':'; 2])?;
        let (minute, _) = self.number(2)?;
        let (mut second, mut nanos) = (0, 0);
        if self.eat([':'; 2]).is_some() {
            second = self.number(2)?.0;
            if self.eat(['.'; 2]).is_some() {
                let (fraction, width) = self.number(7)?;
                nanos = fraction * 10_u32.pow(9 - width);
            }
        }
        let before_half = self.0;
        self.skip(' ');
        match self.eat(['a', 'A']).map(|_| 0).or_else(|| self.eat(['p', 'P']).map(|_| 12)) {
            Some(half) if (1..=12).contains(&hour) => {
                self.eat(['m', 'M'])?;
                hour = hour % 12 + half;
            }
            Some(_) => return None,
            None => self.0 = before_half,
        }
        NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)
    }

    /// `Z`, `+01:00`, `-0530`, or nothing, which is UTC
    fn zone(&mut self) -> Option<TimeDelta> {
        if self.0.is_empty() || self.eat(['z', 'Z']).is_some() {
            return Some(TimeDelta::zero());
        }
        let sign = if self.eat(['+', '-'])? == '-' { -1 } else { 1 };
        let (hours, _) = self.number(2)?;
        self.eat([':'; 2]);
        let minutes = if self.0.is_empty() { 0 } else { self.number(2)?.0 };
        (hours <= 14 && minutes < 60).then(|| TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
    }

    /// One to `most` digits: the number and how many they were.
    fn number(&mut self, most: usize) -> Option<(u32, u32)> {
        let width = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number = self.0[..width].parse().ok()?;
        self.0 = &self.0[width..];
        Some((number, u32::try_from(width).ok()?))
    }

    fn eat(&mut self, either: [char; 2]) -> Option<char> {
        let found = self.0.chars().next().filter(|c| either.contains(c))?;
        self.0 = &self.0[found.len_utf8()..];
        Some(found)
    }

    fn skip(&mut self, c: char) {
        self.0 = self.0.trim_start_matches(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::powershell::tree::parse_datetime;

    #[test]
    fn usual_forms_read() {
        for (text, utc) in [
            ("2026-11-20T03:30:00Z", "2026-11-20T03:30:00Z"),
            (" 2026-11-20 ", "2026-11-20T00:00:00Z"),
            ("2026/11/20 03:30", "2026-11-20T03:30:00Z"),
            ("2026-11-20 03:30:00Z", "2026-11-20T03:30:00Z"),
            ("2026-11-20T03:30:00.25+01:00", "2026-11-20T02:30:00.25Z"),
            ("11/20/2026 03:00:12", "2026-11-20T03:00:12Z"),
            ("11/20/2026 3:00:12 PM", "2026-11-20T15:00:12Z"),
            ("1/2/2026", "2026-01-02T00:00:00Z"),
            ("2026-11-20T12:30:00 AM", "2026-11-20T00:30:00Z"),
        ] {
            assert_eq!(read(text), DateText::Is(parse_datetime(utc).unwrap()), "{text}");
        }
    }

    #[test]
    fn the_rest_is_not_or_unsure() {
        for text in ["delta", "EC01", "501", "2.6.92.0-beta", "contoso.com"] {
            assert_eq!(read(text), DateText::Not, "{text}");
        }
        for text in ["May", "2.10", "00:30:00", "20 November 2026", "2026-13-40"] {
            assert_eq!(read(text), DateText::Unsure, "{text}");
        }
    }
}
