//! `Format-List`: names padded to the longest, values wrapped beside them.

use super::super::item::Item;
use super::text::shown;

/// A list that is being printed, object by object.
#[derive(Debug, Default)]
pub struct List {
    begun: bool,
}

impl List {
    /// One object; what comes before the first one, too.
    pub fn push(&mut self, properties: &[(impl AsRef<str>, Item)], width: usize, out: &mut String) {
        out.push_str(if self.begun { "\n" } else { "\n\n" });
        self.begun = true;
        let names = properties.iter().map(|(name, _)| name.as_ref().chars().count()).max().unwrap_or(0);
        // A name may take no more than half of the width.
        let names = names.min(width / 2);
        let room = width.saturating_sub(names + 3).max(1);
        for (name, value) in properties {
            let name: String = name.as_ref().chars().take(names).collect();
            let text = shown(value);
            let mut rows = text.lines().flat_map(|line| rows(line, room)).collect::<Vec<_>>();
            if rows.is_empty() {
                rows.push(String::new());
            }
            for (nth, row) in rows.iter().enumerate() {
                let head = if nth == 0 { format!("{name:names$} : ") } else { " ".repeat(names + 3) };
                out.push_str(&head);
                out.push_str(row);
                out.push('\n');
            }
        }
    }

    /// What comes after the last object.
    pub fn finish(self, out: &mut String) {
        if self.begun {
            out.push_str("\n\n\n");
        }
    }
}

/// Pieces of exactly the room, as 5.1 cuts the values of a list.
fn rows(line: &str, room: usize) -> Vec<String> {
    if line.is_empty() {
        return vec![String::new()];
    }
    let chars: Vec<char> = line.chars().collect();
    chars.chunks(room).map(|piece| piece.iter().collect()).collect()
}
