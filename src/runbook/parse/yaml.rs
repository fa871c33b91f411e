//! YAML with the place of every key and value. Front matter and forms are read into this tree first, so that an unknown key can be
//! underlined where it stands; typed reading is in `front` and `fields`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{NonFiniteFloatPolicy, Spanned};

use super::passage::Passage;
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::Span;
use crate::runbook::rules;

/// A node with its place in the document.
#[derive(Debug, Clone, PartialEq)]
pub struct Yaml {
    /// What it is
    pub node: Node,
    /// Where it stands
    pub span: Span,
}

/// What a YAML node is. Scalars stay text as written: `version: 1.10` is not 1.1.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Nothing, `~` or `null`
    Null,
    /// A scalar
    Text(String),
    /// A sequence
    List(Vec<Yaml>),
    /// A mapping in its order
    Map(Vec<(Key, Yaml)>),
}

/// A mapping's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text
    pub text: String,
    /// Its place
    pub span: Span,
}

/// Reads one document. The limits are far above any front matter and far below what an alias bomb needs.
pub fn parse(passage: &Passage) -> Result<Yaml, Diagnostic> {
    if passage.text.trim().is_empty() {
        return Ok(Yaml { node: Node::Null, span: passage.whole() });
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 100_000,
            max_nodes: 50_000,
            max_depth: 16,
            flow_nesting_limit: 16,
            max_aliases: 64,
            max_anchors: 64,
            max_documents: 1,
            max_recorded_anchor_events: 10_000,
            max_recorded_anchor_bytes: 1 << 20,
        },
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(&passage.text, options) {
        Ok(raw) => Ok(raw_to_yaml(raw, passage)),
        Err(error) => {
            let at = error.location().map_or(0, |place| offset(&passage.text, place.line(), place.column()));
            let words = error.to_string();
            // Its line and column count from the beginning of the YAML; the place says it better.
            let words = words.lines().next().unwrap_or_default();
            let words = words.rsplit_once(" at line ").map_or(words, |(words, _)| words);
            let place = passage.span(at..at + one(&passage.text, at));
            if words.starts_with("budget breached") {
                let message =
                    "this YAML is larger than is read: at most 50,000 values, 16 levels deep, 64 anchors and 64 aliases";
                return Err(rules::YAML.at(place, message).help("write the values out, and keep long lists out of the runbook"));
            }
            Err(rules::YAML.at(place, format!("this is not YAML: {words}")))
        }
    }
}

/// The offset of a line and column, both counted from 1, the column in characters.
fn offset(text: &str, line: u64, column: u64) -> usize {
    let skip = |n: u64| usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = text.split_inclusive('\n').take(skip(line)).map(str::len).sum();
    let rest = text[start..].split('\n').next().unwrap_or_default();
    start + rest.char_indices().nth(skip(column)).map_or(rest.len(), |(at, _)| at)
}

/// What serde sees; scalars that YAML types are taken from the text again.
enum Raw {
    Null,
    Typed,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a mapping")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

fn raw_to_yaml(raw: Spanned<Raw>, passage: &Passage) -> Yaml {
    let span = place(&raw.referenced, passage);
    let node = match raw.value {
        Raw::Null => Node::Null,
        Raw::Typed => {
            let defined = bytes(&raw.defined, passage);
            Node::Text(passage.text.get(defined).unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned())
        }
        Raw::Text(text) => Node::Text(text),
        Raw::List(items) => Node::List(items.into_iter().map(|item| raw_to_yaml(item, passage)).collect()),
        Raw::Map(entries) => Node::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let span = place(&key.referenced, passage);
                    (Key { text: key.value, span }, raw_to_yaml(value, passage))
                })
                .collect(),
        ),
    };
    Yaml { node, span }
}

/// A location's bytes in the passage.
fn bytes(location: &serde_saphyr::Location, passage: &Passage) -> Span {
    let span = location.span();
    let number = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let start = number(span.byte_offset()).min(passage.text.len());
    let end = (start + number(span.byte_len())).min(passage.text.len());
    start..end
}

/// A location's place in the document, without the white space that block nodes end with.
fn place(location: &serde_saphyr::Location, passage: &Passage) -> Span {
    let range = bytes(location, passage);
    let kept = passage.text.get(range.clone()).map_or(0, |text| text.trim_end().len());
    passage.span(range.start..range.start + if kept > 0 { kept } else { one(&passage.text, range.start) })
}

/// The length of the character that stands there: what is underlined where nothing else is known.
fn one(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Yaml, Diagnostic> {
        let mut passage = Passage::default();
        passage.push(text, 0);
        parse(&passage)
    }

    #[test]
    fn scalars_stay_as_written_and_know_their_place() {
        let text = "version: 1.10\nyes: no\nlist: [a, 'b c', 0x10]\nnothing:\n";
        let Node::Map(entries) = read(text).expect("yaml").node else { panic!("a mapping") };
        let shown: Vec<_> = entries.iter().map(|(key, value)| (&text[key.span.clone()], value.node.clone())).collect();
        assert_eq!(shown[0], ("version", Node::Text("1.10".into())));
        assert_eq!(shown[1], ("yes", Node::Text("no".into())));
        let Node::List(items) = &shown[2].1 else { panic!("a list") };
        assert_eq!(items.iter().map(|item| &text[item.span.clone()]).collect::<Vec<_>>(), ["a", "'b c'", "0x10"]);
        assert_eq!(items[2].node, Node::Text("0x10".into()));
        assert_eq!(shown[3].1, Node::Null);
    }

    #[test]
    fn an_alias_bomb_is_an_error_and_no_hang() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            let aliases = vec![format!("*a{before}"); 9].join(", ");
            text = format!("{text}a{level}: &a{level} [{aliases}]\n");
        }
        assert_eq!(read(&text).expect_err("a bomb").rule, "yaml");
        assert_eq!(read(&"[".repeat(100_000)).expect_err("too deep").rule, "yaml");
    }

    #[test]
    fn an_error_is_where_it_is() {
        let error = read("title: x\nroles: [a\nid: y\n").expect_err("not closed");
        assert!(error.span.start >= 9, "{error:?}");
    }

    #[test]
    fn an_error_at_a_long_character_underlines_all_of_it() {
        let text = "title: x\n\u{feff}roles: [a]\n";
        let error = read(text).expect_err("a mark in the middle");
        assert_eq!(text.get(error.span), Some("\u{feff}"));
    }
}
