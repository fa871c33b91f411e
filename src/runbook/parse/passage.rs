//! A piece of text taken out of the document (front matter, a fence's body), with the way back to where each byte stood.
//! Fences in lists and quotes lose their indentation, so the way back is not one constant.

use crate::runbook::model::Span;

/// Text and the places its lines came from.
#[derive(Debug, Clone, Default)]
pub struct Passage {
    /// The text, with `\n` at line ends
    pub text: String,
    /// `(offset in text, offset in the document)` of each piece, rising
    pieces: Vec<(usize, usize)>,
}

impl Passage {
    /// Appends what stood at an offset of the document. `\r\n` becomes `\n`.
    pub fn push(&mut self, part: &str, mut at: usize) {
        for line in part.split_inclusive('\n') {
            self.pieces.push((self.text.len(), at));
            match line.strip_suffix("\r\n") {
                Some(kept) => {
                    self.text.push_str(kept);
                    self.text.push('\n');
                }
                None => self.text.push_str(line),
            }
            at += line.len();
        }
    }

    /// The place in the document of an offset in the text.
    pub fn offset(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|(start, _)| *start <= at);
        self.pieces.get(after.wrapping_sub(1)).map_or(0, |(start, source)| source + (at - start))
    }

    /// The place in the document of a range of the text.
    pub fn span(&self, range: Span) -> Span {
        let start = self.offset(range.start);
        // The end is looked up from its last byte: the next piece may begin elsewhere.
        let end = if range.end > range.start { self.offset(range.end - 1) + 1 } else { start };
        start..end.max(start)
    }

    /// The place of the whole text without its last line end.
    pub fn whole(&self) -> Span {
        self.span(0..self.text.trim_end_matches('\n').len())
    }

    /// Lines with their range in the text, line ends left out.
    pub fn lines(&self) -> impl Iterator<Item = (Span, &str)> {
        let mut at = 0;
        self.text.split_inclusive('\n').map(move |line| {
            let start = at;
            at += line.len();
            let line = line.trim_end_matches('\n');
            (start..start + line.len(), line)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_holds_across_indentation_and_carriage_returns() {
        let document = "> one\r\n> two\r\n";
        let mut passage = Passage::default();
        passage.push("one\r\n", 2);
        passage.push("two\r\n", 9);
        assert_eq!(passage.text, "one\ntwo\n");
        assert_eq!(&document[passage.span(4..7)], "two");
        assert_eq!(&document[passage.whole()], "one\r\n> two");
        assert_eq!(
            passage.lines().map(|(range, line)| (passage.span(range), line)).collect::<Vec<_>>(),
            vec![(2..5, "one"), (9..12, "two")]
        );
        assert_eq!(Passage::default().whole(), 0..0);
    }
}
