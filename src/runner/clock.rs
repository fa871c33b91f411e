//! The session's one clock. In a real session it is the console's UTC; in a rehearsal it is the lab's, with its speed
//! and its pauses. Every time in the journal, on the screen and in the reports is of this clock.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};

use crate::Time;
use crate::engine::Moment;

/// The fastest that a world runs on the screen.
pub const FASTEST: f64 = 600.0;

/// What the operator of a rehearsal tells the clock, with what it does.
pub const CLOCK_VERBS: [(&str, &str); 4] = [
    ("speed N", "how fast the world runs, 1 to 600"),
    ("pause", "stop the world's clock"),
    ("go", "let it go on"),
    ("ahead SPAN", "jump ahead, such as ahead 30m"),
];

/// A clock and the time since the program began.
#[derive(Debug, Clone)]
pub struct Clock {
    began: Instant,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Console,
    Lab { base: Time, since: Instant, speed: f64, paused: bool },
}

impl Clock {
    /// The console's clock.
    pub fn console() -> Self {
        Self { began: Instant::now(), kind: Kind::Console }
    }

    /// A world's clock that stands at `at` now.
    pub fn lab(at: Time, speed: f64) -> Self {
        let now = Instant::now();
        Self { began: now, kind: Kind::Lab { base: at, since: now, speed: speed.clamp(1.0, FASTEST), paused: false } }
    }

    /// The session's time.
    pub fn now(&self) -> Time {
        match &self.kind {
            Kind::Console => Utc::now(),
            Kind::Lab { base, paused: true, .. } => *base,
            Kind::Lab { base, since, speed, .. } => {
                let elapsed = since.elapsed().mul_f64(*speed);
                *base + TimeDelta::from_std(elapsed).unwrap_or(TimeDelta::MAX)
            }
        }
    }

    /// Now, on every clock that an event records.
    pub fn moment(&self) -> Moment {
        let mono = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Moment { now: self.now(), wall: Utc::now(), mono }
    }

    /// How long until a moment of the session, in real time; none: a paused world never gets there.
    pub fn until(&self, at: Time) -> Option<Duration> {
        let span = (at - self.now()).to_std().unwrap_or(Duration::ZERO);
        match &self.kind {
            Kind::Console => Some(span),
            Kind::Lab { paused: true, .. } if !span.is_zero() => None,
            Kind::Lab { speed, .. } => Some(span.div_f64(*speed)),
        }
    }

    /// When something was that began so long ago in real time.
    pub fn ago(&self, real: Duration) -> Time {
        let span = real.mul_f64(self.speed());
        self.now() - TimeDelta::from_std(span).unwrap_or(TimeDelta::zero())
    }

    /// How fast the session's clock runs.
    pub fn speed(&self) -> f64 {
        match &self.kind {
            Kind::Console => 1.0,
            Kind::Lab { speed, .. } => *speed,
        }
    }

    /// Whether the world stands still.
    pub fn is_paused(&self) -> bool {
        matches!(self.kind, Kind::Lab { paused: true, .. })
    }

    /// Lets a world run at another speed from now on. The console's clock has only one.
    pub fn set_speed(&mut self, new: f64) {
        let now = self.now();
        if let Kind::Lab { base, since, speed, .. } = &mut self.kind {
            (*base, *since, *speed) = (now, Instant::now(), new.clamp(1.0, FASTEST));
        }
    }

    /// Stops a world's clock, or lets it go on.
    pub fn set_paused(&mut self, pause: bool) {
        let now = self.now();
        if let Kind::Lab { base, since, paused, .. } = &mut self.kind {
            (*base, *since, *paused) = (now, Instant::now(), pause);
        }
    }

    /// Sets a world's clock ahead by so much.
    pub fn leap(&mut self, span: TimeDelta) {
        let now = self.now();
        if let Kind::Lab { base, since, .. } = &mut self.kind {
            (*base, *since) = (now + span, Instant::now());
        }
    }
}
