//! A server's clock against the session's: measured with every `core` reading, so that a server's times can be moved.

use chrono::TimeDelta;

use super::server::Skew;
use crate::Time;

impl Skew {
    /// Measured over one request: the server's clock is taken to be of the middle of it, wrong by at most half the round
    /// trip. `None` where the answer came before the request (a session clock that was set back meanwhile).
    pub fn measure(asked: Time, answered: Time, server_utc: Time) -> Option<Self> {
        let trip = answered.signed_duration_since(asked);
        let error = (trip >= TimeDelta::zero()).then_some(trip / 2)?;
        Some(Self { offset: server_utc.signed_duration_since(asked + error), error })
    }

    /// Whether both measurements can be of one and the same difference.
    pub fn agrees_with(self, other: Self) -> bool {
        (self.offset - other.offset).abs() <= self.error + other.error
    }

    /// The better of a known measurement and a newer one. The known one stands while the newer agrees with it and is no
    /// sharper, so that moved times do not tremble with the network; a clock that was set is followed at once.
    #[must_use]
    pub fn refined(self, newer: Self) -> Self {
        if self.agrees_with(newer) && self.error <= newer.error { self } else { newer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn at(ms: i64) -> Time {
        DateTime::from_timestamp_millis(1_795_000_000_000 + ms).expect("a time")
    }

    #[test]
    fn the_error_is_half_the_round_trip() {
        let skew = Skew::measure(at(0), at(400), at(300_200)).expect("a skew");
        assert_eq!(skew, Skew { offset: TimeDelta::minutes(5), error: TimeDelta::milliseconds(200) });
        assert_eq!(Skew::measure(at(1), at(0), at(0)), None);
    }

    #[test]
    fn a_clock_that_was_set_is_followed() {
        let known = Skew { offset: TimeDelta::zero(), error: TimeDelta::milliseconds(5) };
        let newer = Skew { offset: TimeDelta::minutes(6), error: TimeDelta::milliseconds(300) };
        assert_eq!(known.refined(newer), newer);
    }

    proptest! {
        #[test]
        fn the_true_difference_is_within_the_error(offset in -86_400_000_i64..86_400_000, out in 0_i64..60_000, back in 0_i64..60_000) {
            let skew = Skew::measure(at(0), at(out + back), at(out + offset)).expect("a skew");
            let off = (skew.offset - TimeDelta::milliseconds(offset)).abs();
            prop_assert!(off <= skew.error + TimeDelta::microseconds(1), "{off} {}", skew.error);
        }

        #[test]
        fn an_agreeing_coarser_measurement_changes_nothing(offset in -1_000_i64..1_000, fine in 0_i64..100, more in 0_i64..1_000, shift in -50_i64..50) {
            let known = Skew { offset: TimeDelta::milliseconds(offset), error: TimeDelta::milliseconds(fine) };
            let newer = Skew { offset: TimeDelta::milliseconds(offset + shift), error: TimeDelta::milliseconds(fine + more) };
            prop_assert_eq!(known.refined(newer) == known, known.agrees_with(newer));
        }
    }
}
