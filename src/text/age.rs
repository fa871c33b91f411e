//! Words for durations, ages and countdowns, each with the moment from which other words will be right.
//! Calm: they move by the minute, by the second only in the last two minutes of a countdown or while somebody waits.

use chrono::TimeDelta;

use crate::Time;

/// Words that hold until a moment; without one they hold for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What to show
    pub text: String,
    /// From then on it is wrong
    pub until: Option<Time>,
}

/// How fast shown time moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// By the minute.
    Calm,
    /// By the second: the operator waits for it.
    Waiting,
}

/// A duration in at most two units: `0.4 s`, `40 s`, `12 min`, `2 h 10 min`, `3 d 4 h`. A negative one counts as none.
pub fn duration(span: TimeDelta) -> String {
    let ms = span.num_milliseconds().max(0);
    let (seconds, minutes, hours) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    match seconds {
        0..=9 if ms % 1_000 >= 100 => format!("{seconds}.{} s", ms % 1_000 / 100),
        0..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{minutes} min"),
        3_600..=86_399 => two(hours, "h", minutes % 60, "min"),
        _ => two(hours / 24, "d", hours % 24, "h"),
    }
}

/// How long something took, of which nobody waits to see more: tenths of a second below ten, `under 0.1 s` at the least.
pub fn took(ms: u64) -> String {
    match ms {
        0..=99 => "under 0.1 s".to_owned(),
        100..=9_999 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => duration(TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX / 1_000))),
    }
}

fn two(big: i64, big_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 { format!("{big} {big_unit}") } else { format!("{big} {big_unit} {small} {small_unit}") }
}

/// How long ago: `just now` in the first minute, then `18 min ago`.
pub fn ago(then: Time, now: Time) -> Words {
    let span = now - then;
    if span < TimeDelta::minutes(1) {
        return Words { text: "just now".to_owned(), until: Some(then + TimeDelta::minutes(1)) };
    }
    Words { text: format!("{} ago", duration(span)), until: Some(next_change(then, span)) }
}

/// How long something has taken: whole minutes (`0 min` at first), or seconds while the operator waits for it.
pub fn elapsed(since: Time, now: Time, pace: Pace) -> Words {
    let span = (now - since).max(TimeDelta::zero());
    match pace {
        Pace::Waiting if span < TimeDelta::hours(1) => {
            Words { text: clock(span), until: Some(since + TimeDelta::seconds(span.num_seconds() + 1)) }
        }
        Pace::Calm if span < TimeDelta::minutes(1) => {
            Words { text: "0 min".to_owned(), until: Some(since + TimeDelta::minutes(1)) }
        }
        Pace::Calm | Pace::Waiting => Words { text: duration(span), until: Some(next_change(since, span)) },
    }
}

/// How much is left: `12 min` calmly, `09:12` while waiting or in the last two minutes; `None` once it is over.
pub fn left(end: Time, now: Time, pace: Pace) -> Option<Words> {
    let span = end - now;
    if span <= TimeDelta::zero() {
        return None;
    }
    let by_second = span < TimeDelta::minutes(2) || pace == Pace::Waiting && span < TimeDelta::hours(1);
    if by_second {
        // Rounded up, so that 10 minutes begin as 10:00 and the last second shows as 00:01.
        let seconds = (span.num_milliseconds() + 999) / 1_000;
        let until = end - TimeDelta::seconds(seconds - 1);
        return Some(Words { text: clock(TimeDelta::seconds(seconds)), until: Some(until) });
    }
    let unit = if span < TimeDelta::days(1) { TimeDelta::minutes(1) } else { TimeDelta::hours(1) };
    let whole = span.num_seconds() / unit.num_seconds();
    let step = end - TimeDelta::seconds(whole * unit.num_seconds());
    // The words change just after the whole unit is passed, and at the latest where seconds begin to show.
    let until = step + TimeDelta::milliseconds(1);
    let seconds_begin = end - TimeDelta::minutes(2) + TimeDelta::milliseconds(1);
    let until = if now < seconds_begin { until.min(seconds_begin) } else { until };
    Some(Words { text: duration(TimeDelta::seconds(whole * unit.num_seconds())), until: Some(until) })
}

/// `mm:ss`
fn clock(span: TimeDelta) -> String {
    format!("{:02}:{:02}", span.num_minutes(), span.num_seconds() % 60)
}

/// When the words of [`duration`] for the time since `then` change next.
fn next_change(then: Time, span: TimeDelta) -> Time {
    let unit = match span.num_seconds() {
        ..60 => 1,
        60..86_400 => 60,
        _ => 3_600,
    };
    then + TimeDelta::seconds((span.num_seconds() / unit + 1) * unit)
}

/// A moment as `22:41 UTC`.
pub fn minute_utc(time: Time) -> String {
    time.format("%H:%M UTC").to_string()
}

/// A moment as `22:43:10 UTC`.
pub fn second_utc(time: Time) -> String {
    time.format("%H:%M:%S UTC").to_string()
}

/// A moment as `14 Nov 22:41 UTC`, the date left out where it is the day of `now`.
pub fn day_and_minute_utc(time: Time, now: Time) -> String {
    if time.date_naive() == now.date_naive() { minute_utc(time) } else { time.format("%-d %b %H:%M UTC").to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn durations_have_at_most_two_units() {
        let words = |ms| duration(TimeDelta::milliseconds(ms));
        assert_eq!(words(400), "0.4 s");
        assert_eq!(words(40_000), "40 s");
        assert_eq!(words(12 * 60_000 + 59_000), "12 min");
        assert_eq!(words(130 * 60_000), "2 h 10 min");
        assert_eq!(words(76 * 3_600_000), "3 d 4 h");
        assert_eq!(words(-5), "0 s");
    }

    #[test]
    fn what_took_no_time_to_speak_of_does_not_read_as_nothing() {
        assert_eq!(
            [0, 99, 100, 812, 5_000, 9_999, 10_400].map(took).join("; "),
            "under 0.1 s; under 0.1 s; 0.1 s; 0.8 s; 5.0 s; 9.9 s; 10 s"
        );
    }

    #[test]
    fn a_countdown_shows_seconds_only_at_the_end_or_while_waiting() {
        assert_eq!(left(at(552), at(0), Pace::Calm).unwrap().text, "9 min");
        assert_eq!(left(at(552), at(0), Pace::Waiting).unwrap().text, "09:12");
        assert_eq!(left(at(119), at(0), Pace::Calm).unwrap().text, "01:59");
        assert_eq!(left(at(0), at(0), Pace::Calm), None);
    }

    proptest::proptest! {
        /// Words hold until the moment they name, and are others from that moment on.
        #[test]
        fn words_name_the_moment_they_change(span in 0_i64..400_000_000, waiting: bool) {
            let pace = if waiting { Pace::Waiting } else { Pace::Calm };
            let (start, now) = (at(0), at(0) + TimeDelta::milliseconds(span));
            let check = |words: &dyn Fn(Time) -> Option<Words>| {
                let first = words(now).unwrap();
                let until = first.until.unwrap();
                proptest::prop_assert!(until > now);
                let before = words(until - TimeDelta::milliseconds(1)).unwrap();
                proptest::prop_assert_eq!(&before.text, &first.text);
                proptest::prop_assert_ne!(words(until).map(|words| words.text), Some(first.text));
                Ok(())
            };
            check(&|now| Some(ago(start, now)))?;
            check(&|now| Some(elapsed(start, now, pace)))?;
            if span > 0 {
                let end = now + TimeDelta::milliseconds(span);
                check(&|now| left(end, now, pace))?;
            }
        }
    }
}
