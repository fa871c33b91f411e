//! The comparison operators by their names: `-eq`, `-notlike`, `-ccontains` …

use std::fmt;

/// What a comparison operator asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `-eq`
    Eq,
    /// `-ne`
    Ne,
    /// `-lt`
    Lt,
    /// `-le`
    Le,
    /// `-gt`
    Gt,
    /// `-ge`
    Ge,
    /// `-like`
    Like,
    /// `-notlike`
    NotLike,
    /// `-match`
    Match,
    /// `-notmatch`
    NotMatch,
    /// `-in`
    In,
    /// `-notin`
    NotIn,
    /// `-contains`
    Contains,
    /// `-notcontains`
    NotContains,
}

/// Whether text is compared with regard to case, as written: `-eq`, `-ieq`, `-ceq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Case {
    /// Nothing is said: case does not matter.
    #[default]
    Default,
    /// `i`: case does not matter, said.
    Insensitive,
    /// `c`: case matters.
    Sensitive,
}

impl Case {
    /// Whether case matters.
    pub fn matters(self) -> bool {
        self == Self::Sensitive
    }
}

/// A comparison operator: what it asks, and how it takes case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    /// What it asks
    pub asks: Comparison,
    /// How it takes case
    pub case: Case,
}

impl Comparison {
    /// All of them with their names, in the order of PowerShell's documentation.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::Eq, "eq"),
        (Self::Ne, "ne"),
        (Self::Lt, "lt"),
        (Self::Le, "le"),
        (Self::Gt, "gt"),
        (Self::Ge, "ge"),
        (Self::Like, "like"),
        (Self::NotLike, "notlike"),
        (Self::Match, "match"),
        (Self::NotMatch, "notmatch"),
        (Self::In, "in"),
        (Self::NotIn, "notin"),
        (Self::Contains, "contains"),
        (Self::NotContains, "notcontains"),
    ];

    /// The name without dash and case letter.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(asks, _)| *asks == self).map_or("", |(_, name)| name)
    }

    /// `-notlike` is `-like` the other way round, and so on; an operator that is not such a negation is itself.
    pub(super) fn positive(self) -> (Self, bool) {
        match self {
            Self::Ne => (Self::Eq, true),
            Self::NotLike => (Self::Like, true),
            Self::NotMatch => (Self::Match, true),
            Self::NotIn => (Self::In, true),
            Self::NotContains => (Self::Contains, true),
            other => (other, false),
        }
    }
}

impl Operator {
    /// Reads a name, with or without its dash, in any case: `-eq`, `CNotLike`. `None` for what is no comparison operator.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_prefix('-').unwrap_or(name).to_ascii_lowercase();
        let find = |name: &str| Comparison::ALL.iter().find(|(_, known)| *known == name).map(|(asks, _)| *asks);
        let with = |asks, case| Self { asks, case };
        find(&name)
            .map(|asks| with(asks, Case::Default))
            .or_else(|| find(name.strip_prefix('c')?).map(|asks| with(asks, Case::Sensitive)))
            .or_else(|| find(name.strip_prefix('i')?).map(|asks| with(asks, Case::Insensitive)))
    }
}

impl From<Comparison> for Operator {
    fn from(asks: Comparison) -> Self {
        Self { asks, case: Case::Default }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.case {
            Case::Default => "",
            Case::Insensitive => "i",
            Case::Sensitive => "c",
        };
        write!(f, "-{letter}{}", self.asks.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_back_in_its_three_forms() {
        for (asks, _) in Comparison::ALL {
            for case in [Case::Default, Case::Insensitive, Case::Sensitive] {
                let operator = Operator { asks, case };
                assert_eq!(Operator::parse(&operator.to_string().to_uppercase()), Some(operator));
            }
        }
        assert_eq!(Operator::parse("-and"), None);
        assert_eq!(Operator::parse("-contain"), None);
    }
}
