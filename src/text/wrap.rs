//! Word wrap by display width, for plain text and for text in styled runs.

use unicode_segmentation::UnicodeSegmentation;

use super::width::{split_at_width, width};

/// Wraps a text of one or more lines; no line is wider than `columns` (a single wide character in one column is).
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    text.split('\n')
        .flat_map(|line| wrap_runs(&[(line, ())], columns))
        .map(|line| line.into_iter().map(|(text, ())| text).collect())
        .collect()
}

/// Wraps one line of styled runs at spaces; a word longer than a line is cut. Spaces at a wrap are left out, spaces that
/// begin the text are kept. An empty text is one empty line.
pub fn wrap_runs<S: Clone + PartialEq>(runs: &[(&str, S)], columns: usize) -> Vec<Vec<(String, S)>> {
    let columns = columns.max(1);
    let mut lines = Lines { done: vec![Vec::new()], used: 0, columns };
    let mut word: Vec<(&str, &S)> = Vec::new();
    let mut spaces: Vec<(&str, &S)> = Vec::new();
    for (text, style) in runs {
        for piece in text.split_word_bounds() {
            if piece.chars().all(|c| c == ' ') {
                lines.flush(&mut spaces, &mut word);
                spaces.push((piece, style));
            } else {
                word.push((piece, style));
            }
        }
    }
    lines.flush(&mut spaces, &mut word);
    lines.done
}

/// Lines being filled.
struct Lines<S> {
    done: Vec<Vec<(String, S)>>,
    used: usize,
    columns: usize,
}

impl<S: Clone + PartialEq> Lines<S> {
    /// Puts the spaces and the word that follows them; nothing while there is no word.
    fn flush(&mut self, spaces: &mut Vec<(&str, &S)>, word: &mut Vec<(&str, &S)>) {
        if word.is_empty() {
            return;
        }
        let room: usize = word.iter().map(|(text, _)| width(text)).sum();
        let gap: usize = spaces.iter().map(|(text, _)| width(text)).sum();
        let leading = self.done.len() == 1 && self.used == 0;
        if self.used + gap + room <= self.columns || leading && gap < self.columns {
            for (text, style) in spaces.iter() {
                self.put(text, style);
            }
        } else if self.used > 0 {
            self.done.push(Vec::new());
            self.used = 0;
        }
        spaces.clear();
        for (text, style) in word.drain(..) {
            self.put(text, style);
        }
    }

    fn put(&mut self, mut text: &str, style: &S) {
        while !text.is_empty() {
            let (mut fits, mut rest) = split_at_width(text, self.columns.saturating_sub(self.used));
            if fits.is_empty() && self.used == 0 {
                // One character wider than the whole line: it goes where it can.
                (fits, rest) = text.split_at(text.graphemes(true).next().map_or(text.len(), str::len));
            }
            if !fits.is_empty() {
                self.used += width(fits);
                if let Some(line) = self.done.last_mut() {
                    match line.last_mut() {
                        Some((last, kind)) if kind == style => last.push_str(fits),
                        _ => line.push((fits.to_owned(), style.clone())),
                    }
                }
            }
            if !rest.is_empty() {
                self.done.push(Vec::new());
                self.used = 0;
            }
            text = rest;
        }
    }
}
