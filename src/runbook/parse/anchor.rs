//! Names for what has none: a heading's anchor by GitHub's rule, and ids of parts from their kind, text and occurrence.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::runbook::ids::PartId;

/// GitHub's anchor of a heading: lower case, spaces to hyphens, punctuation left out.
pub fn anchor(title: &str) -> String {
    let mut anchor = String::with_capacity(title.len());
    for c in title.trim().chars() {
        match c {
            ' ' => anchor.push('-'),
            '-' | '_' | 'a'..='z' | '0'..='9' => anchor.push(c),
            'A'..='Z' => anchor.push(c.to_ascii_lowercase()),
            c if c.is_ascii() => {}
            c => anchor.extend(c.to_lowercase().filter(|c| c.is_alphanumeric())),
        }
    }
    anchor
}

/// Longest text that an id spells out, in characters.
const SPELLED: usize = 48;

/// Counts equal parts of one step, so that moving or inserting one disturbs no other.
#[derive(Debug, Default)]
pub struct Parts {
    seen: HashMap<String, u32>,
}

impl Parts {
    /// `kind:text:occurrence`; a long text is shortened and told apart by its hash.
    pub fn name(&mut self, kind: &str, text: &str) -> PartId {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut key = format!("{kind}:{}", anchor(words.get(..words.len().min(400)).unwrap_or(&words)));
        if key.chars().count() > SPELLED {
            let hash = Sha256::digest(words.as_bytes());
            key = key.chars().take(SPELLED).collect();
            key = format!("{key}~{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3]);
        }
        let occurrence = self.seen.entry(key.clone()).or_insert(0);
        *occurrence += 1;
        PartId(format!("{key}:{occurrence}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_githubs() {
        assert_eq!(anchor("The standby becomes active"), "the-standby-becomes-active");
        assert_eq!(anchor("Phase 1 — prepare (TLS 1.2)"), "phase-1--prepare-tls-12");
        assert_eq!(anchor("Über_uns"), "über_uns");
    }

    #[test]
    fn parts_are_known_by_text_and_occurrence() {
        let mut parts = Parts::default();
        assert_eq!(parts.name("item", "Close the wizard").0, "item:close-the-wizard:1");
        assert_eq!(parts.name("item", "Close  the wizard").0, "item:close-the-wizard:2");
        let long = "a ".repeat(500);
        let one = parts.name("command", &long);
        let two = parts.name("command", &format!("{long}b"));
        assert_ne!(one, two);
        assert!(one.0.ends_with(":1") && two.0.ends_with(":1") && one.0.len() < 80, "{one}");
    }
}
