//! The session's time as a frame shows it. Whoever writes words that age says so here, and the frame knows when it will
//! be wrong: nothing ticks, the next frame is drawn when a shown word changes.

use std::cell::Cell;

use chrono::TimeDelta;

use crate::Time;
use crate::text::age::{self, Pace, Words};

/// The moment of a frame.
#[derive(Debug)]
pub struct Clock {
    /// The session's clock
    pub now: Time,
    until: Cell<Option<Time>>,
}

impl Clock {
    /// At that moment.
    pub fn new(now: Time) -> Self {
        Self { now, until: Cell::new(None) }
    }

    /// When the first of the shown words changes.
    pub fn until(&self) -> Option<Time> {
        self.until.get()
    }

    /// `18 min ago`
    pub fn ago(&self, then: Time) -> String {
        self.show(age::ago(then, self.now))
    }

    /// `41 min`, or `00:41` while the operator waits for it.
    pub fn elapsed(&self, since: Time, pace: Pace) -> String {
        self.show(age::elapsed(since, self.now, pace))
    }

    /// `12 min`, or `09:12`; none once it is over.
    pub fn left(&self, end: Time, pace: Pace) -> Option<String> {
        age::left(end, self.now, pace).map(|words| self.show(words))
    }

    /// `22:41 UTC`, which changes with the minute.
    pub fn minute(&self) -> String {
        let next = (self.now.timestamp().div_euclid(60) + 1) * 60;
        self.wrong_from(Time::from_timestamp(next, 0).unwrap_or(self.now + TimeDelta::minutes(1)));
        age::minute_utc(self.now)
    }

    /// Something on the screen will be wrong from that moment.
    pub fn wrong_from(&self, moment: Time) {
        if moment > self.now {
            self.until.set(Some(self.until.get().map_or(moment, |until| until.min(moment))));
        }
    }

    fn show(&self, words: Words) -> String {
        if let Some(until) = words.until {
            self.wrong_from(until);
        }
        words.text
    }
}
