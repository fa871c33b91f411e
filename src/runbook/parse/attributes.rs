//! Attributes in braces after a heading or a fence's language: `{#id .class word key=value key="two words"}`.

use crate::runbook::model::Span;

/// A word of the document with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The word
    pub text: String,
    /// Its place
    pub span: Span,
}

/// One attribute beside the id. A class is a key that begins with a dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name
    pub key: Placed,
    /// What follows `=`
    pub value: Option<Placed>,
}

/// What stood between the braces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `#id`; the last one counts
    pub id: Option<Placed>,
    /// The others in order
    pub list: Vec<Attribute>,
    /// Place of the whole, braces included
    pub span: Span,
}

impl Attributes {
    /// Reads what stands between the braces; `at` is the place of the first byte after the opening one.
    pub fn parse(inner: &str, at: usize) -> Self {
        let mut found = Self { span: at - 1..at + inner.len() + 1, ..Self::default() };
        let mut rest = inner;
        loop {
            rest = rest.trim_start();
            let Some(first) = rest.chars().next() else { return found };
            let start = at + inner.len() - rest.len();
            if first == '#' {
                let id = until_space(&rest[1..]);
                found.id = Some(Placed { text: id.to_owned(), span: start..start + 1 + id.len() });
                rest = &rest[1 + id.len()..];
                continue;
            }
            let key = rest.split(|c: char| c.is_whitespace() || c == '=').next().unwrap_or(rest);
            let placed = Placed { text: key.to_owned(), span: start..start + key.len() };
            rest = &rest[key.len()..];
            let value = rest.strip_prefix('=').map(|after| {
                let start = start + key.len() + 1;
                let quoted = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                let closed = quoted.and_then(|quote| Some((&after[1..], after[1..].find(quote)?)));
                let (text, taken, skip) = match closed {
                    Some((inside, end)) => (&inside[..end], end + 2, 1),
                    None => (until_space(after), until_space(after).len(), 0),
                };
                rest = &after[taken..];
                Placed { text: text.to_owned(), span: start + skip..start + skip + text.len() }
            });
            found.list.push(Attribute { key: placed, value });
        }
    }

    /// The attribute of that name; where it is written twice, the last one.
    pub fn get(&self, key: &str) -> Option<&Attribute> {
        self.list.iter().rev().find(|attribute| attribute.key.text == key)
    }

    /// The value of an attribute.
    pub fn value(&self, key: &str) -> Option<&Placed> {
        self.get(key)?.value.as_ref()
    }

    /// Whether the word is there, with or without a value.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

impl Placed {
    /// The parts of a comma-separated value, each with its place; empty parts are left out.
    pub fn parts(&self) -> Vec<Placed> {
        let mut at = self.span.start;
        let mut parts = Vec::new();
        for part in self.text.split(',') {
            let trimmed = part.trim();
            let start = at + (part.len() - part.trim_start().len());
            if !trimmed.is_empty() {
                parts.push(Placed { text: trimmed.to_owned(), span: start..start + trimmed.len() });
            }
            at += part.len() + 1;
        }
        parts
    }
}

fn until_space(text: &str) -> &str {
    text.split(char::is_whitespace).next().unwrap_or(text)
}

/// The attributes at the end of a heading's or an item's line: their place with braces, and what is between them.
/// `{{ … }}` at the end is a placeholder, not attributes.
pub fn trailing(line: &str) -> Option<(Span, &str)> {
    let trimmed = line.trim_end();
    let inner_end = trimmed.strip_suffix('}')?.len();
    let open = trimmed[..inner_end].rfind('{')?;
    let inner = &trimmed[open + 1..inner_end];
    let looks_right = inner.trim_start().starts_with(['#', '.']) || inner.contains('=');
    (looks_right && !inner.contains('}') && !trimmed[..open].ends_with('{')).then_some((open..trimmed.len(), inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_its_place() {
        let text = r#"{#id .aside for=a,b word title="two words" x='' y=}"#;
        let found = Attributes::parse(&text[1..text.len() - 1], 1);
        assert_eq!(found.span, 0..text.len());
        assert_eq!(&text[found.id.clone().expect("id").span], "#id");
        for attribute in &found.list {
            assert_eq!(&text[attribute.key.span.clone()], attribute.key.text);
            let value = attribute.value.iter().all(|value| text[value.span.clone()] == value.text);
            assert!(value, "{attribute:?}");
        }
        assert_eq!(found.value("title").map(|v| v.text.as_str()), Some("two words"));
        assert_eq!(found.value("y").map(|v| v.text.as_str()), Some(""));
        assert!(found.has(".aside") && found.has("word") && found.value("word").is_none());
        let parts = found.value("for").expect("for").parts();
        assert_eq!(parts.iter().map(|part| &text[part.span.clone()]).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_placeholder_at_the_end_is_no_attribute() {
        assert_eq!(trailing("Prepare {{ new.Host }}"), None);
        assert_eq!(trailing("A set {a, b}"), None);
        assert_eq!(trailing("Title {#id on=old} "), Some((6..18, "#id on=old")));
        assert_eq!(trailing("{{ new.Host }} {#id}").map(|(_, inner)| inner), Some("#id"));
    }
}
