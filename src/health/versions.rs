//! The product's versions, as data. It ages: the date says as of when it is right, and a version it does not know is no
//! finding.

use chrono::NaiveDate;

use crate::powershell::Version;

/// A day, as the table writes it.
pub type Day = (i32, u32, u32);

/// One build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// Its version
    pub version: &'static str,
    /// The last day of its support, where one is announced
    pub supported_until: Option<Day>,
    /// Why it should not be used, where that is so
    pub bad: Option<Bad>,
}

/// Why a build should not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// Withdrawn: uninstall it, install the newest
    Recalled,
    /// Pass-through authentication cannot be enabled with it
    PassthroughAuthentication,
}

/// As of when the table is right.
pub const AS_OF: Day = (2026, 11, 1);

/// The lowest version that Entra still lets synchronise, and since when.
pub const FLOOR: (&str, Day) = ("2.5.79.0", (2026, 9, 30));

/// From this version on the registry need not enforce TLS 1.2.
pub const TLS_BUILT_IN: &str = "2.4.131.0";

/// The newest version known.
pub const NEWEST: &str = "2.6.92.0";

const fn until(version: &'static str, day: Day) -> Build {
    Build { version, supported_until: Some(day), bad: None }
}

/// Builds with their end of support, oldest first (Microsoft's version history and its announcements).
pub const BUILDS: [Build; 14] = [
    until("2.4.18.0", (2025, 10, 9)),
    until("2.4.21.0", (2025, 11, 15)),
    until("2.4.27.0", (2026, 1, 15)),
    until("2.4.129.0", (2026, 3, 27)),
    until("2.4.131.0", (2026, 5, 26)),
    until("2.5.3.0", (2026, 7, 31)),
    until("2.5.76.0", (2026, 9, 1)),
    until("2.5.79.0", (2026, 10, 23)),
    until("2.5.190.0", (2027, 2, 2)),
    until("2.6.1.0", (2027, 3, 10)),
    until("2.6.3.0", (2027, 7, 7)),
    Build { version: "2.6.79.0", supported_until: None, bad: Some(Bad::Recalled) },
    until("2.6.84.0", (2027, 9, 16)),
    Build { version: "2.6.91.0", supported_until: Some((2027, 9, 23)), bad: Some(Bad::PassthroughAuthentication) },
];

/// The row of a version.
pub fn build(version: Version) -> Option<&'static Build> {
    BUILDS.iter().find(|build| Version::parse(build.version) == Some(version))
}

/// Whether a version is lower than another that the table names.
pub fn is_below(version: Version, limit: &str) -> bool {
    Version::parse(limit).is_some_and(|limit| version < limit)
}

/// A day of the table as a date.
pub fn date((year, month, day): Day) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_readable() {
        let versions: Vec<_> = BUILDS.iter().map(|build| Version::parse(build.version).expect(build.version)).collect();
        assert!(versions.is_sorted());
        assert!(BUILDS.iter().filter_map(|build| build.supported_until).chain([AS_OF, FLOOR.1]).all(|day| date(day).is_some()));
        assert!(Version::parse(NEWEST) > versions.last().copied());
        assert!(Version::parse(FLOOR.0).is_some_and(|floor| versions.contains(&floor)));
    }

    #[test]
    fn versions_are_found_and_compared() {
        let version = |text| Version::parse(text).expect(text);
        assert_eq!(build(version("2.6.79.0")).and_then(|build| build.bad), Some(Bad::Recalled));
        assert_eq!(build(version("2.6.92.0")), None);
        assert!(is_below(version("2.5.76.0"), FLOOR.0) && !is_below(version("2.5.79.0"), FLOOR.0));
    }
}
