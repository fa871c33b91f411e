//! Wildcard patterns of `-like`: `*` any text, `?` one character, `[a-d]` one of a set, the backtick takes the next
//! character as it is.

use super::Error;
use super::operator::Case;

/// A compiled wildcard pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard {
    parts: Vec<Part>,
    case: Case,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Is(char),
    Among(Vec<(char, char)>),
}

impl Wildcard {
    /// Compiles a pattern; an unclosed `[` or a range that runs backwards is PowerShell's error.
    pub fn new(pattern: &str, case: Case) -> Result<Self, Error> {
        let invalid =
            || Error::new("WildcardPattern_Invalid", format!("The specified wildcard character pattern is not valid: {pattern}"));
        let mut parts = Vec::new();
        let mut rest = pattern.chars();
        while let Some(c) = rest.next() {
            parts.push(match c {
                '*' => Part::Any,
                '?' => Part::One,
                '[' => Part::Among(set(&mut rest).ok_or_else(invalid)?),
                // A lone backtick at the end is itself, except where it is the whole pattern.
                '`' => match rest.next() {
                    Some(escaped) => Part::Is(escaped),
                    None if pattern == "`" => continue,
                    None => Part::Is('`'),
                },
                other => Part::Is(other),
            });
        }
        Ok(Self { parts, case })
    }

    /// Whether the whole text fits. Takes time in proportion to text times pattern, whatever the pattern.
    pub fn matches(&self, text: &str) -> bool {
        // `reached[i]`: the text so far fits the first `i` parts.
        let mut reached = vec![false; self.parts.len() + 1];
        reached[0] = true;
        self.pass_any(&mut reached);
        for c in text.chars() {
            let mut next = vec![false; reached.len()];
            for (at, part) in self.parts.iter().enumerate().filter(|(at, _)| reached[*at]) {
                match part {
                    Part::Any => next[at] = true,
                    other if self.fits(other, c) => next[at + 1] = true,
                    _ => {}
                }
            }
            self.pass_any(&mut next);
            reached = next;
        }
        reached.last().copied().unwrap_or_default()
    }

    /// `*` fits nothing as well.
    fn pass_any(&self, reached: &mut [bool]) {
        for (at, part) in self.parts.iter().enumerate() {
            if reached[at] && *part == Part::Any {
                reached[at + 1] = true;
            }
        }
    }

    fn fits(&self, part: &Part, c: char) -> bool {
        let same = |a: char, b: char| a == b || !self.case.matters() && a.to_lowercase().eq(b.to_lowercase());
        match part {
            Part::Any | Part::One => true,
            Part::Is(literal) => same(*literal, c),
            Part::Among(ranges) => {
                let mut faces = vec![c];
                if !self.case.matters() {
                    faces.extend(c.to_lowercase().chain(c.to_uppercase()));
                }
                ranges.iter().any(|(from, to)| faces.iter().any(|c| (from..=to).contains(&c)))
            }
        }
    }
}

/// The ranges up to the closing bracket; a bracket right after the opening one is itself.
fn set(rest: &mut std::str::Chars<'_>) -> Option<Vec<(char, char)>> {
    let mut contents: Vec<(char, bool)> = Vec::new();
    let mut first = true;
    loop {
        match rest.next()? {
            ']' if !first => break,
            '`' => contents.push((rest.next()?, false)),
            c => contents.push((c, c == '-')),
        }
        first = false;
    }
    let mut ranges = Vec::new();
    let mut left = contents.as_slice();
    while let [(from, _), after @ ..] = left {
        if let [(_, true), (to, _), tail @ ..] = after {
            if from > to {
                return None;
            }
            ranges.push((*from, *to));
            left = tail;
        } else {
            ranges.push((*from, *from));
            left = after;
        }
    }
    Some(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Wildcard::new(pattern, Case::Default).unwrap().matches(text)
    }

    #[test]
    fn wildcards_fit_the_whole_text() {
        for (text, pattern, fits) in [
            ("EC01", "ec*", true),
            ("EC01", "EC0?", true),
            ("EC01", "C0", false),
            ("", "", true),
            ("", "*", true),
            ("", "?", false),
            ("delta", "[a-d]elta", true),
            ("Delta", "[a-d]elta", true),
            ("contoso.com - AAD", "*- aad", true),
            ("a*b", "a`*b", true),
            ("axb", "a`*b", false),
            ("a]b", "a[]]b", true),
            ("-", "[a-]", true),
            ("aXbXc", "a*b*c", true),
        ] {
            assert_eq!(like(text, pattern), fits, "{text} -like {pattern}");
        }
    }

    #[test]
    fn case_matters_when_asked() {
        assert!(!Wildcard::new("ec*", Case::Sensitive).unwrap().matches("EC01"));
        assert!(!Wildcard::new("[a-d]*", Case::Sensitive).unwrap().matches("Delta"));
    }

    #[test]
    fn a_broken_pattern_is_an_error() {
        for pattern in ["[a", "[d-a]", "[", "[]"] {
            assert!(Wildcard::new(pattern, Case::Default).is_err(), "{pattern}");
        }
    }

    #[test]
    fn many_stars_are_no_trap() {
        assert!(!like(&"a".repeat(2_000), &format!("{}b", "a*".repeat(200))));
    }
}
