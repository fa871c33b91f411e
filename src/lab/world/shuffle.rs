//! A shuffle of the numbers below a size that can be undone: each place is taken exactly once, and neither order is kept anywhere.

/// `n` goes to `n * step + offset`, modulo the size.
#[derive(Debug, Clone, Copy)]
pub struct Shuffle {
    size: u64,
    step: u64,
    inverse: u64,
    offset: u64,
}

impl Shuffle {
    /// A shuffle of the numbers below `size` (at least one); another seed turns it to another beginning.
    pub fn new(size: u64, seed: u64) -> Self {
        let size = size.max(1);
        // Near the golden section neighbours land far from each other.
        let mut step = (size * 618 / 1_000).max(1);
        loop {
            let (divisor, inverse) = extended_gcd(step, size);
            if divisor == 1 {
                return Self { size, step, inverse, offset: seed % size };
            }
            step += 1;
        }
    }

    /// The place of a number, which is taken modulo the size.
    pub fn place(&self, number: u64) -> u64 {
        ((number % self.size) * self.step + self.offset) % self.size
    }

    /// The number below the size that has this place.
    pub fn number(&self, place: u64) -> u64 {
        ((place % self.size + self.size - self.offset) % self.size) * self.inverse % self.size
    }
}

/// The greatest common divisor of `a` and `m`, and the inverse of `a` modulo `m` where that is one.
fn extended_gcd(a: u64, m: u64) -> (u64, u64) {
    let (mut r, mut next_r) = (i128::from(m), i128::from(a % m));
    let (mut t, mut next_t) = (0_i128, 1_i128);
    while next_r != 0 {
        let quotient = r / next_r;
        (r, next_r) = (next_r, r - quotient * next_r);
        (t, next_t) = (next_t, t - quotient * next_t);
    }
    let inverse = t.rem_euclid(i128::from(m));
    (u64::try_from(r).unwrap_or(0), u64::try_from(inverse).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Shuffle;

    proptest! {
        #[test]
        fn each_place_is_taken_once_and_leads_back(size in 1_u64..700, seed in any::<u64>()) {
            let shuffle = Shuffle::new(size, seed);
            let places: BTreeSet<u64> = (0..size).map(|number| shuffle.place(number)).collect();
            prop_assert_eq!(places.len() as u64, size);
            for number in 0..size {
                prop_assert!(shuffle.place(number) < size);
                prop_assert_eq!(shuffle.number(shuffle.place(number)), number);
            }
        }
    }
}
