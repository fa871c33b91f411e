//! Regular expressions of `-match`. Only what .NET and the engine used here read alike is taken; the rest is refused with
//! words, so that a pattern never means one thing in PowerShell and another here.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use super::Error;
use super::operator::Case;

thread_local! {
    /// Patterns compiled so far: a gate's lines are evaluated every few seconds, and compiling costs more than all else.
    static COMPILED: RefCell<HashMap<(String, bool), Result<Regex, Error>>> = RefCell::default();
}

/// More patterns than any runbook has; past it they are forgotten, since a pattern may be made of values.
const KEPT: usize = 200;

/// Compiles a pattern, or says what in it is not taken.
pub fn compile(pattern: &str, case: Case) -> Result<Regex, Error> {
    COMPILED.with_borrow_mut(|compiled| {
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.entry((pattern.to_owned(), case.matters())).or_insert_with(|| compile_anew(pattern, case)).clone()
    })
}

/// Whether a pattern would compile. Compiling takes a large part of a millisecond, and a runbook has many patterns that are
/// not asked for long: one that is plainly small is only read.
pub fn check(pattern: &str, case: Case) -> Result<(), Error> {
    let translated = translate(pattern)?;
    match is_small(&translated, case) {
        Ok(true) => Ok(()),
        Ok(false) => compile(pattern, case).map(drop),
        Err(words) => Err(refused(pattern, &words)),
    }
}

/// Whether what a regular expression of this engine compiles to cannot come near any limit of its size; the error is the
/// reader's own words for what is wrong with it.
pub fn is_small(regex: &str, case: Case) -> Result<bool, String> {
    let read = ParserBuilder::new().case_insensitive(!case.matters()).build().parse(regex);
    Ok(weight(&read.map_err(|error| last_line(&error.to_string()))?) <= SMALL)
}

/// Bytes and ranges of characters: of each come a few states, and a compiled pattern may take a megabyte of them.
const SMALL: usize = 4_000;

/// What has to be looked for, each as often as it stands there when repetitions are written out.
fn weight(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => class.ranges().len(),
        HirKind::Class(regex_syntax::hir::Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1));
            weight(&repetition.sub).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => weight(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum: usize, part| sum.saturating_add(weight(part)))
        }
    }
}

fn compile_anew(pattern: &str, case: Case) -> Result<Regex, Error> {
    let built = RegexBuilder::new(&translate(pattern)?).case_insensitive(!case.matters()).build();
    built.map_err(|error| refused(pattern, &last_line(&error.to_string())))
}

fn translate(pattern: &str) -> Result<String, Error> {
    Reader { rest: pattern.chars().collect(), at: 0, out: String::new() }.read().map_err(|why| refused(pattern, &why))
}

fn refused(pattern: &str, why: &str) -> Error {
    Error::new("RegularExpression", format!("-match '{pattern}': {why}"))
}

/// The line of an engine's error that says what is wrong, without the drawing of where.
fn last_line(words: &str) -> String {
    words.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// Walks a pattern once, copying it and turning `$` into .NET's: the end, or before a newline at the end.
struct Reader {
    rest: Vec<char>,
    at: usize,
    out: String,
}

impl Reader {
    fn read(mut self) -> Result<String, String> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                '$' => self.out.push_str(r"(?:\z|\n\z)"),
                '*' | '+' | '?' => self.quantifier(c.encode_utf8(&mut [0; 4]))?,
                '{' => self.braces()?,
                other => self.out.push(other),
            }
        }
        Ok(self.out)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let c = self.next().ok_or(r"it ends in a single \")?;
        let hex = |reader: &Self, digits: usize| {
            (0..digits).all(|ahead| reader.rest.get(reader.at + ahead).is_some_and(char::is_ascii_hexdigit))
        };
        let taken = match c {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'a' | 'f' | 't' | 'n' | 'r' | 'v' => true,
            'b' | 'B' => !in_class && self.peek() != Some('{'),
            'A' | 'z' => !in_class,
            'x' => hex(self, 2),
            'u' => hex(self, 4),
            'p' | 'P' => self.category(),
            '<' | '>' | '_' => false,
            other => other.is_ascii_punctuation(),
        };
        if !taken {
            return Err(format!(r"\{c} is not taken here: .NET and this engine read it differently"));
        }
        self.out.extend(['\\', c]);
        Ok(())
    }

    /// `{L}`, `{Lu}`: general categories have the same names in both.
    fn category(&self) -> bool {
        let name: String = self.rest[self.at..].iter().take_while(|c| **c != '}').skip(1).collect();
        self.peek() == Some('{') && name.len() <= 2 && name.starts_with(['L', 'M', 'N', 'P', 'S', 'Z', 'C'])
    }

    /// `[…]`: literals, ranges and escapes; nothing that one of the two reads as an operation on sets.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.peek() == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let start = self.at;
        loop {
            match self.next().ok_or("a [ is not closed")? {
                ']' if self.at > start + 1 => break self.out.push(']'),
                ']' => self.out.push_str(r"\]"),
                '[' => return Err(r"[ within [ ] is not taken here: write \[".to_owned()),
                '\\' => self.escape(true)?,
                c @ ('&' | '~' | '-') if self.peek() == Some(c) => {
                    return Err(format!("{c}{c} within [ ] is not taken here: write it once"));
                }
                c => self.out.push(c),
            }
        }
        Ok(())
    }

    /// `(`, `(?:`, `(?<name>`, and the flags `i` and `s`.
    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.peek() != Some('?') {
            return Ok(());
        }
        let mut head: String = "?".to_owned();
        self.at += 1;
        while let Some(c) = self.peek().filter(|c| !matches!(c, ')' | ':' | '>')) {
            head.push(c);
            self.at += 1;
            if head == "?<=" || head == "?<!" || matches!(c, '=' | '!' | '#' | '\'' | '(') {
                return Err(format!("({head} is not taken here: no look-around, comments or conditions"));
            }
        }
        let flags = head[1..].bytes().all(|b| b"is-".contains(&b)) && !head.ends_with('-');
        let end = self.next();
        let name = head.strip_prefix("?<").filter(|_| end == Some('>'));
        let named = name
            .is_some_and(|n| n.starts_with(|c: char| c.is_ascii_alphabetic()) && n.bytes().all(|b| b.is_ascii_alphanumeric()));
        let plain = end == Some(':') && flags || end == Some(')') && flags && head.len() > 1;
        if !named && !plain {
            return Err(format!("({head} is not taken here: groups are ( ), (?: ), (?<name> ) and the flags i and s"));
        }
        self.out.push_str(&head);
        self.out.extend(end);
        Ok(())
    }

    /// A quantifier with its lazy `?`; one upon another is .NET's error.
    fn quantifier(&mut self, text: &str) -> Result<(), String> {
        self.out.push_str(text);
        if self.peek() == Some('?') {
            self.at += 1;
            self.out.push('?');
        }
        match self.peek() {
            Some(c @ ('*' | '+' | '?')) => Err(format!("{c} upon {text} is a nested quantifier")),
            Some('{') => Err(format!("{{ upon {text} is a nested quantifier")),
            _ => Ok(()),
        }
    }

    /// `{2}`, `{2,}`, `{2,5}`; other braces are literal in .NET.
    fn braces(&mut self) -> Result<(), String> {
        let inside: String = self.rest[self.at..].iter().take_while(|c| **c != '}').collect();
        let (from, to) = inside.split_once(',').unwrap_or((&inside, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let closed = self.rest.get(self.at + inside.chars().count()) == Some(&'}');
        if !closed || from.is_empty() || !digits(from) || !digits(to) {
            return Err(r"a { that is no quantifier is not taken here: write \{".to_owned());
        }
        self.at += inside.len() + 1;
        self.quantifier(&format!("{{{inside}}}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_patterns_match() {
        for (pattern, text, fits) in [
            ("^ec\\d+$", "EC01", true),
            ("errors$", "completed-export-errors", true),
            ("errors$", "errors\n", true),
            ("errors$", "errors\n\n", false),
            ("(?-i)DELTA", "Delta", false),
            ("contoso\\.(com|onmicrosoft)", "contoso.com", true),
            ("", "anything", true),
            ("^(?<host>[A-Z]{2})[0-9]{1,3}?$", "EC01", true),
            ("[]x]", "]", true),
            ("[\\w.-]+@", "a.b-c@", true),
            ("a|b$", "b\n", true),
            ("\\$", "5$", true),
        ] {
            assert_eq!(compile(pattern, Case::Default).unwrap().is_match(text), fits, "{text} -match {pattern}");
        }
        assert!(!compile("delta", Case::Sensitive).unwrap().is_match("Delta"));
    }

    #[test]
    fn what_the_engines_read_differently_is_refused() {
        for pattern in [
            "(?=a)",
            "(?<!a)b",
            "(a)\\1",
            "\\Z",
            "\\<a",
            "\\b{start}",
            "[a-z-[aeiou]]",
            "[[:alpha:]]",
            "[a&&b]",
            "a++",
            "a**",
            "a{,3}",
            "a{x}",
            "(?m)a$",
            "(?x)a",
            "(?P<n>a)",
            "(?'n'a)",
            "(?#c)a",
            "\\p{Greek}",
            "\\x{41}",
            "[a",
            "(a",
            "a)",
            "\\",
            "*a",
            "(?>a)",
        ] {
            assert!(compile(pattern, Case::Default).is_err(), "{pattern}");
            assert_eq!(check(pattern, Case::Default).err(), compile(pattern, Case::Default).err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_too_large_to_compile_is_refused_when_it_is_checked() {
        let large = r"(\w{100}){100}";
        assert!(check(large, Case::Default).is_err());
        assert_eq!(check(large, Case::Default).err(), compile(large, Case::Default).err());
        assert!(check(r"^CHG[0-9]{7}$", Case::Default).is_ok());
        assert_eq!(is_small(r"^CHG[0-9]{7}$", Case::Default), Ok(true));
        assert_eq!(is_small(r"[0-9]{7000}", Case::Default), Ok(false), "whether it is too large is for the compiler to say");
    }
}
