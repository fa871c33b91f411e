//! How long to wait before the next try: doubling from a second to a minute, with a jitter so that servers that were lost
//! together are not asked together.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// The waits after failures in a row.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure. `jitter` is any number; it moves the wait by up to a fifth.
    pub fn next(&mut self, jitter: u8) -> Duration {
        let wait = FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        wait.mul_f64(0.8 + 0.2 * f64::from(jitter) / 255.0)
    }

    /// The longest wait, for what does not change by itself.
    pub fn longest(jitter: u8) -> Duration {
        LONGEST.mul_f64(0.8 + 0.2 * f64::from(jitter) / 255.0)
    }

    /// It worked.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A random byte; the middle where the system gives none, since a wait needs no secret.
pub fn jitter() -> u8 {
    let mut byte = [127];
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_minute_and_begin_again() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..9).map(|_| backoff.next(255).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        backoff.reset();
        assert_eq!(backoff.next(0), Duration::from_millis(800));
    }
}
