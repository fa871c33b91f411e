//! Moments and spans by .NET's formats, in en-US.

use std::fmt::Write as _;

use chrono::{TimeDelta, Timelike};

use crate::Time;
use crate::powershell::tree::format_timespan;

/// `11/21/2026 3:00:00 AM`, as cells show a moment.
pub fn general(time: Time) -> String {
    time.format("%-m/%-d/%Y %-I:%M:%S %p").to_string()
}

/// `Saturday, November 21, 2026 3:00:00 AM`, as a moment by itself is shown.
pub fn long(time: Time) -> String {
    time.format("%A, %B %-d, %Y %-I:%M:%S %p").to_string()
}

/// `.ToString(format)` of a moment; `None` where .NET refuses the format.
pub fn format(time: Time, format: &str) -> Option<String> {
    let standard = match format {
        "" | "G" => return Some(general(time)),
        "g" => "%-m/%-d/%Y %-I:%M %p",
        "d" => "%-m/%-d/%Y",
        "D" => "%A, %B %-d, %Y",
        "t" => "%-I:%M %p",
        "T" => "%-I:%M:%S %p",
        "f" => "%A, %B %-d, %Y %-I:%M %p",
        "F" | "U" => return Some(long(time)),
        "s" => "%Y-%m-%dT%H:%M:%S",
        "u" => "%Y-%m-%d %H:%M:%SZ",
        "r" | "R" => "%a, %d %b %Y %H:%M:%S GMT",
        "o" | "O" => return Some(format!("{}.{:07}Z", time.format("%Y-%m-%dT%H:%M:%S"), time.nanosecond() / 100)),
        "m" | "M" => "%B %-d",
        "y" | "Y" => "%B %Y",
        single if single.chars().count() == 1 => return None,
        custom => return Some(self::custom(time, custom)),
    };
    Some(time.format(standard).to_string())
}

fn custom(time: Time, format: &str) -> String {
    let mut text = String::new();
    let chars: Vec<char> = format.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let run = chars[at..].iter().take_while(|other| **other == c).count();
        let mut taken = run;
        let pattern = match (c, run) {
            ('y', 1) => "%-y",
            ('y', 2) => "%y",
            ('y', _) => "%Y",
            ('M', 1) => "%-m",
            ('M', 2) => "%m",
            ('M', 3) => "%b",
            ('M', _) => "%B",
            ('d', 1) => "%-d",
            ('d', 2) => "%d",
            ('d', 3) => "%a",
            ('d', _) => "%A",
            ('H', 1) => "%-H",
            ('H', _) => "%H",
            ('h', 1) => "%-I",
            ('h', _) => "%I",
            ('m', 1) => "%-M",
            ('m', _) => "%M",
            ('s', 1) => "%-S",
            ('s', _) => "%S",
            ('t', _) => "%p",
            ('z', 1) => "+0",
            ('z', 2) => "+00",
            ('z', _) => "+00:00",
            ('K', _) => "Z",
            ('f' | 'F', _) => {
                let digits = format!("{:09}", time.nanosecond());
                text.push_str(&digits[..run.min(7)]);
                at += run;
                continue;
            }
            ('\'' | '"', _) => {
                at += 1;
                while let Some(&inner) = chars.get(at) {
                    at += 1;
                    if inner == c {
                        break;
                    }
                    text.push(inner);
                }
                continue;
            }
            ('\\', _) => {
                text.extend(chars.get(at + 1));
                at += 2;
                continue;
            }
            (other, _) => {
                taken = 1;
                text.push(other);
                ""
            }
        };
        text.push_str(&time.format(pattern).to_string());
        at += taken;
    }
    text
}

/// `.ToString(format)` of a span; `None` where .NET refuses the format.
pub fn format_span(span: TimeDelta, format: &str) -> Option<String> {
    match format {
        "" | "c" | "t" | "T" => return Some(format_timespan(span)),
        "g" => {
            let days = span.num_days().abs();
            let rest = span.abs() - TimeDelta::try_days(days)?;
            let sign = if span < TimeDelta::zero() { "-" } else { "" };
            let days = if days == 0 { String::new() } else { format!("{days}:") };
            return Some(format!(
                "{sign}{days}{}:{:02}:{:02}",
                rest.num_hours(),
                rest.num_minutes() % 60,
                rest.num_seconds() % 60
            ));
        }
        _ => {}
    }
    let span = span.abs();
    let mut text = String::new();
    let chars: Vec<char> = format.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let run = chars[at..].iter().take_while(|other| **other == c).count();
        let value = match c {
            'd' => span.num_days(),
            'h' => span.num_hours() % 24,
            'm' => span.num_minutes() % 60,
            's' => span.num_seconds() % 60,
            '\\' => {
                text.extend(chars.get(at + 1));
                at += 2;
                continue;
            }
            '\'' => {
                let close = chars[at + 1..].iter().position(|c| *c == '\'')?;
                text.extend(&chars[at + 1..at + 1 + close]);
                at += close + 2;
                continue;
            }
            'f' => {
                let digits = format!("{:09}", span.subsec_nanos());
                text.push_str(digits.get(..run.min(7))?);
                at += run;
                continue;
            }
            _ => return None,
        };
        _ = write!(text, "{value:0run$}");
        at += run;
    }
    Some(text)
}
